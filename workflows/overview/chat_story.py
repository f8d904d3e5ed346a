"""The story of a chat, line by line: what was said, what was done without words, and how long the customer waited.

story = of_chat(session, "215473839")              # the newest lines
of_chat(session, "215473839", first="31")          # from a part on: what a link to it leads to
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import messages
from workflows.customer.messages import Said
from workflows.rules import rules
from workflows.tables.customer import Message
from workflows.tables.enquiry import Step, Wait
from workflows.tables.measure import Survey

#: Steps and waits that are looked for on one page: a machine may have assigned a chat to and fro.
MOST = 1_000
ASKED, NOT_ASKED, SAID = "asked", "not_asked", "said"
OPENED, CLOSED, SNOOZED, ASSIGNED = "opened", "closed", "snoozed", "assigned"
#: What was done, by whom, and by nobody in particular.
BY_SOMEBODY = {
    OPENED: "{who} reopened the conversation.",
    CLOSED: "{who} closed the conversation.",
    SNOOZED: "{who} snoozed the conversation.",
    ASSIGNED: "{who} assigned the conversation.",
}
BY_ITSELF = {
    OPENED: "The conversation was reopened.",
    CLOSED: "The conversation was closed.",
    SNOOZED: "The conversation was snoozed.",
    ASSIGNED: "The conversation was assigned.",
}


@dataclass(frozen=True)
class Waited:
    """How long a customer waited for an answer, or has so far, in business minutes; `target` is 0 where none is set."""

    minutes: int
    target: int
    ended: str

    @property
    def is_late(self) -> bool:
        """Was it longer than somebody wanted?"""
        return 0 < self.target < self.minutes


@dataclass
class Line:
    """A message, a step, or that a customer was asked how it went, or said so; and the wait that began with it.

    `what`: asked | not_asked | said, of a survey.
    """

    at: int
    message: Message | None = None
    step: Step | None = None
    survey: Survey | None = None
    what: str = ""
    waited: Waited | None = None


@dataclass(frozen=True)
class Story:
    """Some lines, and the parts that lead to those before them and to those after."""

    lines: Sequence[Line] = field(default_factory=list)
    earlier: Message | None = None
    later: Message | None = None


def of_chat(session: Session, chat: str, now: int, *, first: str | None = None, before: str | None = None) -> Story:
    """The newest lines of a chat; those from the part `first` on, or the last ones before a part."""
    said = messages.of_chat(session, chat, first=first, before=before)
    lines = [Line(part.said_at, message=part) for part in said.parts]
    _add_waits(lines, _waits(session, chat, said), now)
    lines += [Line(step.at, step=step) for step in _steps(session, chat, said)]
    lines += [line for survey in _surveys(session, chat, said) for line in _asked(survey)]
    return Story(sorted(lines, key=lambda line: line.at), said.earlier, said.later)


def sentence(step: Step) -> str:
    """What somebody did; of a machine and of a customer only that it was done."""
    return (BY_SOMEBODY if step.who else BY_ITSELF).get(step.kind, "")


def _steps(session: Session, chat: str, said: Said) -> Sequence[Step]:
    query = select(Step).where(Step.conversation_id == chat, *_between(sa.column("at"), said))
    return session.exec(query.order_by(col(Step.at), col(Step.id)).limit(MOST)).all()


def _surveys(session: Session, chat: str, said: Said) -> Sequence[Survey]:
    query = select(Survey).where(Survey.conversation_id == chat, *_between(sa.column("episode"), said))
    return session.exec(query.order_by(col(Survey.episode)).limit(MOST)).all()


def _asked(survey: Survey) -> list[Line]:
    """That it was asked or not, and what was answered; nothing while that is to come."""
    found = [Line(survey.asked_at, survey=survey, what=ASKED)] if survey.asked_at and survey.part_id else []
    found += [Line(survey.episode, survey=survey, what=NOT_ASKED)] if survey.not_asked else []
    return found + ([Line(survey.scored_at, survey=survey, what=SAID)] if survey.score and survey.scored_at else [])


def _waits(session: Session, chat: str, said: Said) -> Sequence[Wait]:
    query = select(Wait).where(Wait.conversation_id == chat, *_between(sa.column("since"), said))
    return session.exec(query.order_by(col(Wait.since)).limit(MOST)).all()


def _between(at: sa.ColumnElement[int], said: Said) -> Sequence[sa.ColumnElement[bool]]:
    """What belongs to these messages: also what came before the first, and after the last."""
    since = [at >= said.earlier.said_at] if said.earlier else []
    return [*since, at < said.later.said_at] if said.later else since


def _add_waits(lines: Sequence[Line], waits: Sequence[Wait], now: int) -> None:
    """Each wait stands beside the message with which it began."""
    for wait in waits:
        known = wait.minutes if wait.ended else rules.calendar.minutes(wait.since, now)
        began = [line for line in lines if line.at <= wait.since]
        if began:
            began[-1].waited = Waited(known or 0, wait.target, wait.ended)
