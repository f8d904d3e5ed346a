"""Reports: the approved sentence with which a wish is taken, and the report that some of them owe.

context.fill (promise: report) ─► a debt on the list ─► an agent writes to the customer (reopen.told) │ report
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from workflows.engine.actions import Intent, happened
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.tables.telling import Report
from workflows.tables.wish import Feedback
from workflows.telling import promises
from workflows.telling.promises import NOBODY
from workflows.wish.wishes import code

#: How somebody was told outside of a chat that we see.
HOWS = {"phone": "by phone", "mail": "by mail", "meeting": "in a meeting", "nobody": "not at all"}
LONGEST = 500
REPORTED = "{agent} told the customer {kind}. {words}"
EXCUSED = "{agent} noted that this customer is told nothing: {words}"


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a report as somebody typed it, by field."""
    found = {}
    if values.get("how") not in HOWS:
        found["how"] = say(language, "Choose one.")
    if values.get("how") == NOBODY and not values.get("words", "").strip():
        found["words"] = say(language, "Say why the customer is told nothing.")
    if len(values.get("words", "")) > LONGEST:
        found["words"] = say(language, "Shorten this to {n} characters.", n=LONGEST)
    return found


def report(feedback_id: int, *, how: str, words: str, by: Person, origin: str) -> bool:
    """Note that a customer was told outside of a chat, or is told nothing; once for its origin. False if unknown."""
    now = now_ms()

    def work(session: Session) -> bool:
        wish = session.get(Feedback, feedback_id)
        if wish is None:
            return False
        row = {
            "origin": origin,
            "feedback_id": feedback_id,
            "how": how,
            "words": words.strip(),
            "person": by.id,
            "person_name": by.name,
            "reported_at": now,
        }
        if insert_new(session, Report, [row]):
            promises.settle(session, wish, by.name, now, is_told=how != NOBODY)
            happened(session, _reported(wish, how, words.strip(), by, origin))
        return True

    return store.write(work)


def _reported(wish: Feedback, how: str, words: str, by: Person, origin: str) -> Intent:
    return Intent(
        "us",
        "report",
        key=f"reported:{origin}",
        target=code(wish.id),
        sentence=EXCUSED if how == NOBODY else REPORTED,
        facts={"agent": by.name, "kind": HOWS[how], "words": words},
        feedback_id=wish.id,
        conversation_id=wish.conversation_id,
    )
