"""Deny: an answer that was booked as telling the customer was about something else, so the debt stands again."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from workflows.engine.actions import Intent, happened
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.people.person import Person
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import answers, ledger

LONGEST = 500
SAID = "{agent} marked the reply from {name} as being about something else: {words}"


def problems(language: str, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what somebody typed, by field."""
    words = values.get("words", "").strip()
    if not words:
        return {"denied": say(language, "Enter what the reply was about.")}
    return {"denied": say(language, "Shorten this to {n} characters.", n=LONGEST)} if len(words) > LONGEST else {}


def denied(feedback_id: int, *, at: int, words: str, by: Person) -> bool:
    """An agent says that the answer of that moment (ms) did not tell a wish's customer; once.

    False where no such answer is booked. What was answered later stays; the next answer in the chat tells the customer.
    """

    def work(session: Session) -> bool:
        wish = session.get(Feedback, feedback_id)
        if wish is None:
            return False
        mistaken = [telling for telling in answers.booked(session, wish) if telling.told_at == at]
        for telling in mistaken:
            happened(session, _denied(session, telling, words.strip(), by))
            ledger.owe_again(session, telling)
        before = {moment for _, moment in answers.denials(session, wish.conversation_id)}
        return bool(mistaken) or at in before

    return store.write(work)


def _denied(session: Session, telling: Telling, words: str, by: Person) -> Intent:
    key = f"denied:{telling.release_id}:{telling.conversation_id}:{telling.told_at}"
    facts = {"agent": by.name, "name": telling.told_by, "words": words}
    return answers.about(
        session, telling, answers.DENY, key, SAID, facts | {"release": telling.release_id, "at": telling.told_at}
    )
