"""Course: how an enquiry went, in figures, worked out of what was said and done in it, anew at every change.

    of("215", "chat", said, done)        # a row: began, answered, closed, waited, came back
    keep(session, [row, …])              # what was made out of fewer messages and steps changes nothing

What happens between our reopening a conversation to tell news and its next closing is no part of it: who was helped
once does not count as helped twice because we kept our word. A customer who writes waits all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import Values, among, insert_new, table_of
from workflows.engine.store import DAY_MS
from workflows.enquiry import clock
from workflows.enquiry.clock import ANSWERED, CLOSED, Done, Said, Waiting
from workflows.rules import rules
from workflows.tables.enquiry import Course, CourseChange

#: Whoever writes so soon after a closing has come back with it.
BACK_MS = 7 * DAY_MS
OPENED = "opened"


def of(conversation_id: str, medium: str, said: Sequence[Said], done: Sequence[Done]) -> Values:
    """A row of `Course`. Without a message of a customer there is nothing in it."""
    seen = _Seen()
    for each in clock.in_order([*said, *done]):
        seen.take(each)
    row = Course(conversation_id=conversation_id, medium=medium, made_of=len(said) + len(done))
    if seen.began_at is not None:
        waits = clock.waits(said, done)
        _answers(row, seen, waits)
        _closings(row, seen)
        _waits(row, waits)
    return row.model_dump()


@dataclass
class _Seen:
    """What has happened so far. `left`: closed so, and neither the customer nor a teammate has opened it since."""

    began_at: int | None = None
    answered_at: int | None = None
    answers: int = 0
    helpers: set[str] = field(default_factory=set)
    closings: list[int] = field(default_factory=list)
    is_closed: bool = False
    left: int | None = None
    is_back: bool = False
    news: int = 0
    is_news: bool = False

    def take(self, each: Said | Done) -> None:
        """The next thing that happened."""
        if isinstance(each, Said) and each.is_customer:
            self._heard(each.at)
        elif self.began_at is None:
            return
        elif isinstance(each, Said):
            self._answered(each)
        elif each.kind == CLOSED:
            self._closed(each)
        elif each.kind == OPENED and self.is_closed:
            self._opened(each)

    def _heard(self, at: int) -> None:
        if self.began_at is None:
            self.began_at = at
        if self.left is not None and not self.is_news:
            self.is_back = self.is_back or at - self.left <= BACK_MS
            self.is_closed, self.left = False, None

    def _answered(self, said: Said) -> None:
        if not said.is_answer:
            return
        if not self.is_news:
            self.answered_at = said.at if self.answered_at is None else self.answered_at
            self.answers += 1
            self.helpers.add(said.who_id)

    def _closed(self, done: Done) -> None:
        if self.is_news:
            self.is_news = False
        elif not self.is_closed:
            self.closings.append(done.at)
            self.is_closed, self.left = True, done.at
            self.helpers |= {done.who_id} - {""}

    def _opened(self, done: Done) -> None:
        """By this service, to tell news; by a teammate; else by a machine, or because the customer writes."""
        if done.ours:
            self.news += not self.is_news
            self.is_news = True
        elif not self.is_news:
            self.is_closed = False
            self.left = None if done.who_id else self.left


def _answers(row: Course, seen: _Seen, waits: Sequence[Waiting]) -> None:
    """News answers nothing, unless somebody waits."""
    row.began_at, row.answers, row.helpers = seen.began_at, seen.answers, len(seen.helpers)
    ends = [each.ended_at for each in waits if each.ended == ANSWERED and each.ended_at is not None]
    row.answered_at = min([*ends, *([] if seen.answered_at is None else [seen.answered_at])], default=None)
    if row.answered_at is None and waits[-1].ended:
        row.given_up_at = waits[-1].ended_at
    ended = row.answered_at if row.answered_at is not None else row.given_up_at
    row.answer_minutes = None if ended is None else _minutes(row, ended)


def _closings(row: Course, seen: _Seen) -> None:
    row.closings, row.is_closed, row.is_back, row.news = len(seen.closings), seen.is_closed, seen.is_back, seen.news
    if seen.closings:
        row.first_closed_at, row.last_closed_at = seen.closings[0], seen.closings[-1]
        row.first_closed_minutes = _minutes(row, row.first_closed_at)
        row.last_closed_minutes = _minutes(row, row.last_closed_at)


def _minutes(row: Course, until: int) -> int:
    return rules.calendar.minutes(row.began_at or 0, until)


def _waits(row: Course, waits: Iterable[Waiting]) -> None:
    for each in waits:
        minutes = None if each.ended_at is None else rules.calendar.minutes(each.since, each.ended_at)
        if each.ended_at is None or minutes is None:
            row.waiting_since = each.since
        else:
            row.waited_ms += each.ended_at - each.since
            row.waited_minutes += minutes
        if row.answered_at is not None and each.since > row.answered_at:
            row.later = [*row.later, [each.since, each.ended_at, each.ended == ANSWERED, minutes]]


# -- rows -----------------------------------------------------------------------------------------

_COURSES = table_of(Course)


def keep(session: Session, rows: Sequence[Values]) -> None:
    """Let the rows say what history says now, unless they were made out of more of it than is left.

    The days in which they began, or did so far, are noted: what is packed of those is not true any more.
    """
    new = insert_new(session, Course, rows)
    known = [row for row in rows if row["conversation_id"] not in new]
    began = [row["began_at"] for row in rows] + _began(session, known)
    if known:
        session.connection().execute(_CHANGE, [{f"its_{name}": value for name, value in row.items()} for row in known])
    if changed := [{"day": day} for day in sorted({at // DAY_MS for at in began if at is not None})]:
        session.connection().execute(sa.insert(table_of(CourseChange)), changed)


def _began(session: Session, rows: Sequence[Values]) -> list[int | None]:
    """When these began as far as was known; nobody else may change them from now on."""
    if not rows:
        return []
    which = among(_COURSES.c.conversation_id, [row["conversation_id"] for row in rows])
    query = sa.select(_COURSES.c.began_at).where(which).order_by(_COURSES.c.conversation_id).with_for_update()
    return list(session.connection().execute(query).scalars())


_CHANGE = (
    sa.update(_COURSES)
    .where(_COURSES.c.conversation_id == sa.bindparam("its_conversation_id"))
    .where(_COURSES.c.made_of <= sa.bindparam("its_made_of"))
    .values({column: sa.bindparam(f"its_{column.name}") for column in _COURSES.c if not column.primary_key})
)
