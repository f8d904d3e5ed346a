"""Answers: what becomes of an escalation when somebody answers it, in Slack or on its page.

    acknowledge(By(user_id, origin), 12)       # the row as it is then; raises TooLate where somebody was quicker

Each is one change of one row, so of two who answer at once one wins; and once for its origin, however often that
comes. Every message that shows the escalation follows, whatever the way in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from workflows.engine.actions import Intent
from workflows.engine.durable import child, start
from workflows.engine.outcome import Refused
from workflows.engine.store import now_ms, store
from workflows.escalation import cases, forms, ladder, messages, texts
from workflows.people import colleagues
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.runs import Action

UNKNOWN = "This escalation does not exist."
TAKEN = "{name} has already acknowledged {code}."
OVER = "{code} is already done."
NOT_OVER = "{code} is not done: it has been reopened already."
FOR_INFORMATION = "{code} is for information only: nobody needs to respond."
LEFT = "{name} cannot be reached in Slack. Choose somebody else."
JUDGED = "Your assessment “{yours}” was not saved: somebody else assessed {code} at the same moment ({said})."
CHANGED = "{code} changed while you were writing. Check how it stands now, then send this again."
#: What is kept of whoever did it, to those who ask who did what.
DEEDS = {
    "acknowledge": "Acknowledged escalation {about}.",
    "start": "Started work on escalation {about}.",
    "judge": "Assessed escalation {about}.",
    "done": "Marked escalation {about} as done.",
    "reopen": "Reopened escalation {about}.",
    "hand-on": "Handed over escalation {about}.",
    "rearm": "Resumed the daily reminders of escalation {about}.",
}
#: What the timeline says of an answer.
SAYING = {
    "acknowledge": "{name} acknowledged it.",
    "start": "{name} started working on it.",
    "close": "{name} marked it as done: {step}",
    "judge": "{name} assessed the churn risk as “{kind}”. Next step: {step}",
    "hand-on": "{name} handed it over to {other}. {note}",
    "rearm": "{name} resumed the daily reminders.",
    "reopen": "{name} reopened it: it is not done after all.",
}


@dataclass(frozen=True)
class By:
    """Who answers, by their Slack id; `origin` makes an answer that comes twice the same one.

    `seen`: how the escalation stood when they began to write (`standing`), "" where nobody looks for that; `judged`:
    only what it was judged to be (`forms.judged`).
    """

    user_id: str
    origin: str
    seen: str = ""
    judged: str = ""


class TooLate(Refused):
    """It does not apply as the escalation stands now; `who` brought it there, "" where that is nobody."""

    def __init__(self, sentence: str, who: str = "", **facts: object) -> None:
        super().__init__(sentence, **facts)
        self.who = who


def standing(row: Escalation) -> str:
    """A mark of how it stands, as far as people change it: with another one, somebody has done something meanwhile."""
    said = "/".join((row.state, row.person, row.churn_risk, row.next_date, row.next_step))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# -- what people do -------------------------------------------------------------------------------


def acknowledge(by: By, id: int) -> Escalation:
    """Somebody takes it: from now on they answer for it."""

    def take(row: Escalation) -> None:
        _only_in(row, ladder.OPEN)
        _take(row, by.user_id)
        row.state = ladder.ACKNOWLEDGED
        ladder.promise(row, now_ms())

    return _answered(by, id, "acknowledge", take)


def begin(by: By, id: int) -> Escalation:
    """Somebody works on it now."""

    def begin_work(row: Escalation) -> None:
        _only_in(row, ladder.OPEN, ladder.ACKNOWLEDGED)
        if row.state == ladder.OPEN:
            _take(row, by.user_id)
        row.state = ladder.WORKING
        ladder.promise(row, now_ms())

    return _answered(by, id, "start", begin_work)


def judge(by: By, id: int, values: Mapping[str, str], phase: str) -> Escalation:
    """What the owner thinks of the risk, and what comes next; on closing (`done`), how it ended."""
    closing = phase == forms.CLOSING

    def assess(row: Escalation) -> None:
        _only_in(row, *ladder.UNFINISHED)
        if by.judged and by.judged != forms.judged(row):
            said = forms.judgement(colleagues.language_of(by.user_id), row)
            raise TooLate(JUDGED, said=said, yours=values.get("next_step", "").strip())
        row.churn_risk, row.next_step = values.get("churn_risk", ""), values.get("next_step", "").strip()
        row.next_date = values.get("next_date", "")
        if closing:
            _take(row, by.user_id)
            row.state, row.done_by, row.done_at = ladder.DONE, by.user_id, now_ms()
        if row.state != ladder.OPEN:
            ladder.promise(row, now_ms())

    facts = {"step": values.get("next_step", "").strip(), "kind": values.get("churn_risk", "")}
    verb, follow = ("close", ["report"]) if closing else ("judge", [])
    return _answered(by, id, verb, assess, *follow, also=partial(_keep_judgement, by, phase), **facts)


def hand_on(by: By, id: int, person: str, note: str, away: str = "") -> Escalation:
    """It is somebody else's: they are asked now, and the clock starts anew. What the customer was promised stays.

    `away`: who is not here to answer, if that is somebody else than who hands it on; they are asked last of all, too.
    """
    last = (by.user_id, away)

    def give(row: Escalation) -> None:
        _only_in(row, *ladder.UNFINISHED)
        row.person, row.role, row.state = person, ladder.role_of(row, person), ladder.OPEN
        row.acknowledged_by, row.acknowledged_at = "", None
        row.chain = sorted(row.chain, key=lambda step: step["person"] in last)  # again after everybody else
        ladder.begin(row, now_ms())

    facts = {"other": name_of(person), "note": note.strip()}
    return _answered(by, id, "hand-on", give, also=partial(_tell_new_owner, by), **facts)


def rearm(by: By, id: int) -> Escalation:
    """Somebody wants to be asked daily again about an old one."""

    def ask_daily(row: Escalation) -> None:
        _only_in(row, *ladder.UNFINISHED)
        ladder.rearm(row, now_ms())

    return _answered(by, id, "rearm", ask_daily)


def reopen(by: By, id: int) -> Escalation:
    """It is not done after all: whoever closed it goes on answering for it, and is asked about it again."""

    def work_on(row: Escalation) -> None:
        if row.state != ladder.DONE:
            raise TooLate(NOT_OVER)
        row.state, row.done_by, row.done_at = ladder.WORKING, "", None
        ladder.promise(row, now_ms())

    return _answered(by, id, "reopen", work_on, "reopened")


def judged_meanwhile(about: forms.About, values: Mapping[str, str]) -> Escalation | None:
    """The escalation, where it was judged otherwise since its form was opened: it says neither the same as then nor
    what is written now."""
    id = cases.id_of(about.id)
    row = store.read(lambda session: session.get(Escalation, id)) if id and about.seen else None
    said = ("churn_risk", "next_step", "next_date")
    if row is None or forms.judged(row) == about.seen:
        return None
    return row if any(values.get(name, "").strip() != getattr(row, name) for name in said) else None


# -- what they share ------------------------------------------------------------------------------


def _answered(
    by: By, id: int, verb: str, how: cases.Change, *follow: str, also: messages.Also | None = None, **facts: str
) -> Escalation:
    """Carry out an answer and write it down, in one commit and once for its origin."""

    def seen_by(row: Escalation) -> bool | None:
        if by.seen and by.seen != standing(row):
            raise Refused(CHANGED, code=cases.code(row.id))
        return how(row)

    told = Intent(
        "slack",
        verb,
        key=key_of(verb, by.origin),
        target=str(id),
        sentence=SAYING[verb],
        facts={"name": name_of(by.user_id), **facts},
        escalation_id=id,
    )
    if store.read(lambda session: session.get(Action, told.key)) is not None:
        return messages.known(id)  # the same once more: nobody has done anything now
    try:
        changed = messages.change(id, seen_by, *follow, told=told, also=also)
    except TooLate as late:  # who that is may have to be asked of Slack, which no transaction waits for
        name = name_of(late.who) if late.who else "?"
        raise TooLate(late.sentence, late.who, **late.facts, code=cases.code(id), name=name) from None
    if changed is None:
        raise Refused(UNKNOWN)
    return changed


def key_of(verb: str, origin: str) -> str:
    """What an answer is called in the timeline."""
    return f"{verb}:{origin}"


def _only_in(row: Escalation, *states: str) -> None:
    """Raise TooLate in any other state, saying who was quicker."""
    if row.state in states:
        return
    if row.state == ladder.DONE:
        raise TooLate(OVER, row.done_by)
    raise TooLate(FOR_INFORMATION if row.state == ladder.SHARED else TAKEN, row.acknowledged_by)


def _take(row: Escalation, user_id: str) -> None:
    row.person, row.role = user_id, ladder.role_of(row, user_id)
    if not row.acknowledged_at:
        row.acknowledged_by, row.acknowledged_at = user_id, now_ms()


def _keep_judgement(by: By, phase: str, session: Session, row: Escalation) -> None:
    """Keep what was thought at that moment: it is measured later against what happened."""
    judgement = Judgement(
        origin=by.origin,
        escalation_id=row.id or 0,
        phase=phase,
        churn_risk=row.churn_risk,
        next_step=row.next_step,
        next_date=row.next_date,
        person=by.user_id,
        judged_at=now_ms(),
    )
    cases.judge(session, judgement)


def _tell_new_owner(by: By, session: Session, row: Escalation) -> None:
    """Whoever answers from now on hears it, and from whom; the word that came along stands in the timeline."""
    key = key_of("hand-on", by.origin)
    run_id = f"escalation:{row.id}/{row.changes}/escalation.handed_on"
    start(session, [child(run_id, "escalation.handed_on", escalation_id=row.id, told=key)])


def name_of(user_id: str) -> str:
    """What somebody in Slack is called."""
    return colleagues.met(user_id).name or texts.name_of(user_id)
