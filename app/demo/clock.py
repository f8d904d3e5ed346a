"""Time passes in the demo: whatever waits for a moment first happens now, whatever the time is.

Nobody's clock is put forward, because everything else would be late at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from app.demo import notices, spike
from app.demo.people import Did
from app.demo.stage import Stage
from integrations.intercom.twin.data import Conversation
from workflows.engine.durable import spawn
from workflows.engine.store import store
from workflows.enquiry import warning
from workflows.escalation import cases, ladder, reminders
from workflows.language.wording import time
from workflows.meeting import acts
from workflows.rules import rules
from workflows.tables.enquiry import Wait
from workflows.tables.escalation import Escalation
from workflows.tables.meeting import Decision
from workflows.wish import wishes

NOTHING = "Nothing is scheduled."


@dataclass(frozen=True)
class Due:
    """What happens at a moment. `happen` lets it happen now; False where it is under way already."""

    at: int
    sentence: str
    facts: dict[str, Any]
    happen: Callable[[], bool | int]


def skip(stage: Stage, language: str) -> Did:
    """What waits for a moment first happens now; returns what it was."""
    due = min(_all(stage), key=lambda each: each.at, default=None)
    if due is None:
        return Did(NOTHING)
    if not due.happen():
        return Did("This is already on its way.")
    return Did(due.sentence, due.facts | {"when": time(language, due.at)})


def _all(stage: Stage) -> Iterator[Due]:
    """The first of every kind: a decision, a reminder, a notice, a warning, the end of a fault, a snooze."""
    if decision := store.read(_first_decision):
        yield Due(
            decision.due_at,
            "Skip to {when}: the decision about {code} takes effect.",
            {"code": wishes.code(decision.feedback_id)},
            partial(acts.send_now, decision.id or 0),
        )
    if escalation := store.read(_first_reminder):
        yield Due(
            escalation.due_at or 0,
            "Skip to {when}: {name} is reminded about {code}.",
            {"code": cases.code(escalation.id), "name": _name(stage, escalation.next_person)},
            lambda: bool(spawn([reminders.run_of(escalation, at_once=True)])),
        )
    if coming := notices.coming():
        notice, days = coming
        yield Due(
            rules.calendar.start_of(date.fromisoformat(notice.takes_effect) - timedelta(days=days)),
            "Skip to {when}: the channel hears who has not been notified of “{name}”.",
            {"name": notice.title},
            partial(notices.remind, notice.id or 0, days),
        )
    if wait := store.read(partial(_first_warning, stage)):
        yield Due(
            wait.warn_at or 0,
            "Skip to {when}: the thread says how long {name} has been waiting.",
            {"name": stage.intercom.books.conversations[wait.conversation_id].contact.name},
            partial(warning.start_early, wait.conversation_id, wait.since),
        )
    if until := store.read(spike.ahead):
        yield Due(
            until, "Skip to {when}: the fault is over, and nobody writes anymore.", {}, partial(spike.look_on, until)
        )
    yield from _asleep(stage)


def _asleep(stage: Stage) -> Iterator[Due]:
    """The conversation whose snooze ends first."""
    with stage.intercom.lock:
        asleep = [each for each in stage.intercom.books.conversations.values() if each.state == "snoozed"]
        for talk in sorted(asleep, key=lambda each: each.snoozed_until or 0)[:1]:
            yield Due(
                (talk.snoozed_until or 0) * 1000,
                "Skip to {when}: the snooze of the conversation with {name} ended.",
                {"name": talk.contact.name},
                partial(_wake, stage, talk),
            )


def _wake(stage: Stage, talk: Conversation) -> bool:
    stage.intercom.end_snooze(talk.id)
    return True


def _name(stage: Stage, id: str) -> str:
    """A person's name, or a channel's."""
    person, channel = stage.slack.people.get(id), stage.slack.channels.get(id)
    return person.name if person else f"#{channel.name}" if channel else id


def _first_decision(session: Session) -> Decision | None:
    waits = (col(Decision.sent_at).is_(None), col(Decision.undone_at).is_(None))
    return session.exec(select(Decision).where(*waits).order_by(col(Decision.due_at)).limit(1)).first()


def _first_reminder(session: Session) -> Escalation | None:
    query = select(Escalation).where(col(Escalation.state).in_(ladder.UNFINISHED), col(Escalation.due_at).is_not(None))
    return session.exec(query.order_by(col(Escalation.due_at), col(Escalation.id)).limit(1)).first()


def _first_warning(stage: Stage, session: Session) -> Wait | None:
    """Of those who write on this stage: an earlier one may have left its own in the database."""
    query = select(Wait).where(col(Wait.warn_at).is_not(None), Wait.ended == "")
    waits = session.exec(query.order_by(col(Wait.warn_at), col(Wait.conversation_id)))
    return next((wait for wait in waits if wait.conversation_id in stage.intercom.books.conversations), None)
