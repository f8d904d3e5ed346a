"""Handings: what goes from whom to whom in one act, a row for each thing of it, and what became of each.

begin(Handing(id, giver, receiver, by), parts) ─► handing.hand_over carries it out
take_back(id, by) ─► the same the other way round, with what was moved and nothing else

All of it is planned in the commit that starts it, so whoever dies on the way leaves a list of what is still to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from workflows.customer.owners import in_parts
from workflows.engine.actions import ACTED, PLANNED, SKIPPED, STARTED, WOULD, Intent, intend
from workflows.engine.durable import child, start
from workflows.engine.failpoints import hit
from workflows.engine.outcome import Refused
from workflows.engine.rows import among
from workflows.engine.store import store
from workflows.overview.handing_over import BACKGROUNDS, CHATS, ESCALATIONS, KINDS, PROMISES, Item, Part, Who
from workflows.people import deeds
from workflows.tables.columns import copy_of
from workflows.tables.people import Deed
from workflows.tables.runs import DEAD, Action, Run

HANDED = "Handed over from {giver} to {receiver}."
ASSIGNED = "Assigned to {receiver}, who takes over from {giver}."
#: What is kept of who did it.
DID = "Handed over what was open for {name} to {other}: {n}."
TOOK_BACK = "Undid the handover from {name} to {other}: {n}."
NOT_OVER = "This is still being handed over. Undo it once it is done."
NOTHING = "Nothing of this can be undone."
#: How a thing stands: not yet, done, not done and why, or at rest until an admin replays it; in a dry run, not at all.
OPEN, MOVED, STAYED, STUCK = "open", "moved", "stayed", "stuck"
#: What of a thing's facts goes along with it when it is taken back.
KEPT = ("what", "code", "address", "moved")
LATEST = 10


@dataclass(frozen=True)
class Handing:
    """Everything goes from `giver` to `receiver`; `by`: who said so; `back`: the handing that it takes back, if any."""

    id: str
    giver: Who
    receiver: Who
    by: str
    by_name: str = ""
    back: str = ""

    @property
    def key(self) -> str:
        """The name of its row and its run."""
        return f"handing:{self.id}"

    @property
    def facts(self) -> dict[str, str]:
        """What its sentences say."""
        return {"giver": self.giver.name, "receiver": self.receiver.name}

    def key_of(self, kind: str, id: str) -> str:
        """The name of the row of one thing of it, and of the run that moves it alone."""
        return f"{self.key}:{kind}:{id}"


@dataclass(frozen=True)
class Thing:
    """One thing of a handing, and how it stands; `reason` with `facts`: why it is not done."""

    kind: str
    key: str
    target: str
    standing: str
    what: Item
    reason: str
    facts: dict[str, Any]


# -- begun ----------------------------------------------------------------------------------------


def begin(handing: Handing, parts: Sequence[Part]) -> None:
    """Plan it and have it carried out, once for its id."""
    things = {part.kind: {item.id: _shown(item) for item in part.items} for part in parts}
    deeds.told(DID, name=handing.giver.name, other=handing.receiver.name, n=_count(things), handing=handing.id)
    store.write(partial(_plan, handing, things))
    hit("handing.planned")


def take_back(id: str, by: str, by_name: str) -> str:
    """Let everything that was moved go back to whom it came from, once. Returns its id. Raises Refused."""
    first = store.read(partial(find, id=id))
    if first is None or first.back:
        raise Refused(NOTHING)
    things, known = store.read(partial(things_of, handing=first, raw=True)), f"{id}-back"
    if any(thing.standing == OPEN for thing in things):
        raise Refused(NOT_OVER)
    moved: dict[str, dict[str, Any]] = {}
    for thing in things:
        if thing.standing == MOVED:
            moved.setdefault(thing.kind, {})[thing.target] = {name: thing.facts.get(name, "") for name in KEPT}
    if not moved:
        raise Refused(NOTHING)
    deeds.told(TOOK_BACK, name=first.giver.name, other=first.receiver.name, n=_count(moved), handing=known)
    store.write(partial(_plan, Handing(known, first.receiver, first.giver, by, by_name, back=id), moved))
    hit("handing.planned")
    return known


def _shown(item: Item) -> dict[str, str]:
    return {"what": item.title[:200], "code": item.code, "address": item.address}


def _count(things: dict[str, dict[str, Any]]) -> int:
    return sum(len(each) for each in things.values())


def _plan(handing: Handing, things: dict[str, dict[str, Any]], session: Session) -> bool:
    """Is it new?"""
    if session.get(Action, handing.key) is not None:
        return False
    ids = {kind: list(each) for kind, each in things.items()}
    who = {"from": asdict(handing.giver), "to": asdict(handing.receiver)}
    said = {"by": handing.by, "by_name": handing.by_name, "back": handing.back}
    facts = handing.facts | who | said | {"things": ids}
    intend(session, Intent("us", "hand-over", handing.key, handing.giver.id, HANDED, facts))
    for kind, each in things.items():
        for id, shown in each.items():
            intend(session, intent_of(handing, kind, id, shown))
    start(session, [child(handing.key, "handing.hand_over", handing_id=handing.id)])
    return True


def intent_of(handing: Handing, kind: str, id: str, shown: dict[str, Any]) -> Intent:
    """What is to become of one thing."""
    vendor, verb, sentence = ("intercom", "assign", ASSIGNED) if kind == CHATS else ("us", "hand-over", HANDED)
    number = int(id) if kind in (PROMISES, BACKGROUNDS, ESCALATIONS) else None
    return Intent(
        vendor,
        verb,
        handing.key_of(kind, id),
        target=id,
        sentence=sentence,
        facts=handing.facts | shown,
        conversation_id=id if kind == CHATS else None,
        feedback_id=number if kind in (PROMISES, BACKGROUNDS) else None,
        escalation_id=number if kind == ESCALATIONS else None,
    )


# -- read -----------------------------------------------------------------------------------------


def find(session: Session, id: str) -> Handing | None:
    """The handing that an address or a run names."""
    row = session.get(Action, f"handing:{id}") if id.isprintable() else None
    if row is None or "things" not in row.facts:
        return None
    giver, receiver = Who(**row.facts["from"]), Who(**row.facts["to"])
    return Handing(id, giver, receiver, row.facts["by"], row.facts["by_name"], row.facts["back"])


def known(session: Session, id: str) -> Handing:
    """The handing that a run is about."""
    found = find(session, id)
    assert found is not None, "it was planned in the commit that started the run"
    return found


def rows_of(session: Session, handing: Handing) -> list[tuple[str, Action]]:
    """The rows of its things, by kind, in their order."""
    things = session.get_one(Action, handing.key).facts["things"]
    keys = [(kind, handing.key_of(kind, id)) for kind in KINDS for id in things.get(kind, ())]
    found: dict[str, Action] = {}
    for some in in_parts([key for _, key in keys]):
        found |= {row.key: copy_of(row) for row in session.exec(select(Action).where(among(col(Action.key), some)))}
    return [(kind, found[key]) for kind, key in keys if key in found]


def things_of(session: Session, handing: Handing, raw: bool = False) -> list[Thing]:
    """Everything of it and how that stands; `raw`: with all that is known of each."""
    rows = rows_of(session, handing)
    stuck = set(_stuck(session, [handing.key, *(row.key for _, row in rows if row.state in (PLANNED, STARTED))]))
    is_dead = handing.key in stuck
    return [_thing(kind, row, is_dead or row.key in stuck, raw) for kind, row in rows]


def _stuck(session: Session, keys: Sequence[str]) -> Iterator[str]:
    for some in in_parts(keys):
        yield from session.exec(select(Run.id).where(among(col(Run.id), some), Run.state == DEAD))


def _thing(kind: str, row: Action, is_stuck: bool, raw: bool) -> Thing:
    standing = {ACTED: MOVED, SKIPPED: STAYED, WOULD: STAYED}.get(row.state, STUCK if is_stuck else OPEN)
    shown = Item(row.target, row.facts.get("code", ""), row.facts.get("what", ""), row.facts.get("address", ""))
    reason = row.sentence if row.state == SKIPPED else ""
    facts = row.facts if raw or reason else {}
    return Thing(kind, row.key, row.target, standing, shown, reason, facts)


def latest(session: Session, deed: str) -> list[tuple[Deed, str]]:
    """What was handed over last, as it is kept of who did it: with the id of each."""
    query = select(Deed).where(Deed.deed == deed).order_by(col(Deed.id).desc()).limit(LATEST)
    return [(row, str(row.facts["handing"])) for row in session.exec(query) if row.facts.get("handing")]
