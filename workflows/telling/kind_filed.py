"""Filed: those who care for one kind of request hear of new ones; those of the same minutes are one message.

upkeep ─► start_due, some minutes after the first ─► tell ─► the kind's channel, and its people    ([kinds.…])
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlmodel import Session, col, select

from workflows.engine import dry_run
from workflows.engine.actions import WOULD, Intent, happened
from workflows.engine.durable import child, start, workflow
from workflows.engine.outcome import Outcome
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.meeting import decisions
from workflows.rules import rules
from workflows.rules.kinds import NEW
from workflows.tables.columns import copy_of
from workflows.tables.runs import Action
from workflows.tables.wish import Feedback
from workflows.telling import hearers, kind_texts
from workflows.wish.wishes import COUNTS

#: What is new is gathered for so long (ms) after the first of it.
GATHERED_MS = 3 * 60_000
FILED = "Told those who hear of {kind} requests of new ones: {n}."
ANNOUNCED = "Named to those who hear of {kind} requests."


def start_due() -> int:
    """Tell of what was filed, once the minutes for gathering are over; returns how many runs were started."""
    heard = [kind for kind, hears in rules.kinds.items() if NEW in hears.hear]
    return sum(store.write(partial(_start, kind, now_ms())) for kind in heard)


def _start(kind: str, now: int, session: Session) -> int:
    found = _unsaid(session, kind, now)
    if not found or found[0].taken_at + GATHERED_MS > now:
        return 0
    for wish in found:
        happened(session, Intent("us", "kind", _mark(wish), "", ANNOUNCED, {"kind": kind}, feedback_id=wish.id))
    ids = [wish.id or 0 for wish in found]
    run = child(f"kind-new:{kind}/{found[0].mark}", "kind_filed.tell", kind=kind, feedback_ids=ids)
    return start(session, [run])


def _unsaid(session: Session, kind: str, now: int) -> list[Feedback]:
    """What was filed since yesterday and is named to nobody, the oldest first; but for what was filed in a dry run."""
    lately = select(Feedback).where(Feedback.kind == kind, Feedback.taken_at >= now - DAY_MS, COUNTS)
    found = list(session.exec(lately.order_by(col(Feedback.taken_at), col(Feedback.id))))
    keys = [key for wish in found for key in (_mark(wish), f"note:{wish.mark}")]
    rows = session.exec(select(Action.key, Action.state).where(col(Action.key).in_(keys))) if keys else ()
    states = {key: state for key, state in rows}
    if not dry_run.begins_dry("kind_filed.tell"):
        found = [wish for wish in found if states.get(f"note:{wish.mark}") != WOULD]
    return [wish for wish in found if _mark(wish) not in states]


def _mark(wish: Feedback) -> str:
    return f"kind-new:{wish.mark}"


@workflow
def tell(kind: str, feedback_ids: Sequence[int]) -> Outcome:
    """What was filed in the last minutes, in one message to each who hears of it."""

    def look(session: Session) -> tuple[list[Feedback], dict[str, str]]:
        found = [copy_of(session.get_one(Feedback, id)) for id in feedback_ids]
        return found, decisions.companies_of(session, found)

    wishes, names = store.read(look)
    intent = Intent("slack", "kind", f"kind-new:{kind}:{wishes[0].mark}", "", FILED, {"kind": kind, "n": len(wishes)})
    return hearers.post(kind, intent, partial(kind_texts.filed, kind, wishes, names), wishes[0].taken_at)
