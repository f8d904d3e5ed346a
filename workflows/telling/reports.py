"""Reports: the approved sentence with which a wish is taken, and the report that some of them owe.

context.fill (promise: report) ─► a debt on the list ─► an agent writes to the customer (reopen.told) │ report
report ─► (time to take it back) ─► the debt is paid; undo ─► it stands again
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from workflows.engine.actions import Intent, happened
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.runs import Action
from workflows.tables.telling import Report, Telling
from workflows.tables.wish import Feedback
from workflows.telling import gathering, ledger, promises
from workflows.telling.promises import NOBODY
from workflows.wish.wishes import code

#: How somebody was told outside of a chat that we see.
HOWS = {"phone": "by phone", "mail": "by email", "meeting": "in a meeting", "nobody": "not at all"}
LONGEST = 500
REPORTED = "{agent} notified the customer {kind}. {words}"
EXCUSED = "{agent} marked this customer as not to be notified: {words}"
TAKEN_BACK = "{agent} undid a record that the customer was notified {kind}."
EXCUSE_TAKEN_BACK = "{agent} undid a record that this customer is not to be notified."


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a report as somebody typed it, by field."""
    found = {}
    if values.get("how") not in HOWS:
        found["how"] = say(language, "Choose one.")
    if values.get("how") == NOBODY and not values.get("words", "").strip():
        found["words"] = say(language, "Explain why the customer is not notified.")
    if len(values.get("words", "")) > LONGEST:
        found["words"] = say(language, "Shorten this to {n} characters.", n=LONGEST)
    return found


def report(feedback_id: int, *, how: str, words: str, by: Person, origin: str) -> int | None:
    """Note that a customer was told outside of a chat, or is told nothing; once for its origin.

    Returns the report's id; None where there is no such wish.
    """
    now = now_ms()

    def work(session: Session) -> int | None:
        wish = session.get(Feedback, feedback_id)
        if wish is None:
            return None
        row = {
            "origin": origin,
            "feedback_id": feedback_id,
            "how": how,
            "words": words.strip(),
            "person": by.id,
            "person_name": by.name,
            "reported_at": now,
            "undone_by": "",
        }
        if insert_new(session, Report, [row]):
            _settle(session, wish, by.name, now, how, words.strip())
            happened(session, _reported(wish, how, words.strip(), by, origin))
        return session.exec(select(Report.id).where(Report.origin == origin)).one()

    return store.write(work)


def undo(report_id: int, by: Person) -> bool:
    """Take back what was noted by mistake: the customer is still to be told. False where it is too late for that."""

    def work(session: Session) -> bool:
        noted = session.get(Report, report_id, with_for_update=True)
        if noted is None or not can_be_undone(noted):
            return False
        wish = session.get_one(Feedback, noted.feedback_id)
        noted.undone_at, noted.undone_by = now_ms(), by.name
        _owe_again(session, wish, noted)
        happened(session, _undone(wish, noted, by))
        return True

    return store.write(work)


def can_be_undone(noted: Report) -> bool:
    """Does it stand, and is there still time to take it back?"""
    return noted.undone_at is None and now_ms() <= until(noted)


def until(noted: Report) -> int:
    """Until when a report can be taken back: for as long as a conclusion of the meeting."""
    return noted.reported_at + rules.triage.undo_seconds * 1000


def latest(session: Session, feedback_id: int) -> Report | None:
    """What was noted last about a wish's customer, whether or not it was taken back."""
    query = select(Report).where(Report.feedback_id == feedback_id)
    return session.exec(query.order_by(col(Report.reported_at).desc(), col(Report.id).desc()).limit(1)).first()


# -- what its chat is owed ------------------------------------------------------------------------


def _settle(session: Session, wish: Feedback, by: str, at: int, how: str, words: str) -> None:
    """Somebody noted what became of a wish: what its chat is owed because of just this wish is paid, or excused.

    Who was told after all was told, also where that had been excused; the reason is kept in case this is undone.
    """
    for telling in _owed(session, wish, ledger.OWING if how == NOBODY else (*ledger.OWING, "excused")):
        if how == NOBODY:
            telling.state, telling.told_by, telling.told_at, telling.why = "excused", "", None, words
        else:
            telling.why = telling.why if telling.state == "excused" else ""
            telling.state, telling.told_by, telling.told_at, telling.channel = "told", by, at, how
            telling.sent = words
        gathering.leave(session, telling)
        ledger.show(session, telling)


def _owe_again(session: Session, wish: Feedback, noted: Report) -> None:
    """What a report settled is as it was; what was excused for another reason than that, and paid since, stays."""
    for telling in _owed(session, wish, ("excused",) if noted.how == NOBODY else ("told",)):
        is_ours = telling.why == noted.words if noted.how == NOBODY else telling.told_at == noted.reported_at
        if not is_ours or (noted.how == NOBODY and _has_reason(session, telling)):
            continue
        excused = noted.how != NOBODY and (telling.why or _has_reason(session, telling))
        ledger.owe_again(session, telling)
        telling.state = "excused" if excused else telling.state
        if excused:
            gathering.leave(session, telling)
        ledger.show(session, telling)


def _owed(session: Session, wish: Feedback, states: tuple[str, ...]) -> list[Telling]:
    causes = promises.causes_of(session, wish)
    here = select(Telling).where(Telling.conversation_id == wish.conversation_id, col(Telling.state).in_(states))
    return [telling for telling in session.exec(here) if telling.release_id in causes]


def _has_reason(session: Session, telling: Telling) -> bool:
    """Was it excused because nothing was owed any more? See `bring_back.excuse`."""
    reason = session.get(Action, f"excuse:{telling.release_id}:{telling.conversation_id}")
    return reason is not None and not telling.dead_end


# -- the timeline ---------------------------------------------------------------------------------


def _reported(wish: Feedback, how: str, words: str, by: Person, origin: str) -> Intent:
    facts = {"agent": by.name, "kind": HOWS[how], "words": words}
    return _noted(wish, f"reported:{origin}", EXCUSED if how == NOBODY else REPORTED, facts)


def _undone(wish: Feedback, noted: Report, by: Person) -> Intent:
    facts = {"agent": by.name, "kind": HOWS[noted.how]}
    return _noted(wish, f"unreported:{noted.origin}", EXCUSE_TAKEN_BACK if noted.how == NOBODY else TAKEN_BACK, facts)


def _noted(wish: Feedback, key: str, sentence: str, facts: dict[str, str]) -> Intent:
    return Intent(
        "us",
        "report",
        key=key,
        target=code(wish.id),
        sentence=sentence,
        facts=facts,
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )
