"""A database of either kind, hours that the oracle knows, and only what a test puts there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlmodel import Session, SQLModel, delete

from tests.workflows.measure.kpis.dice_records import TABLES
from workflows.engine.store import Store, create_engine, store
from workflows.enquiry import courses
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import Course, CourseChange, CourseDay, Step
from workflows.tables.runs import Lease

#: No holidays: the oracle knows none.
OFFICE = Calendar.of(hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("9:00-12:00", "13:00-18:00")))


@pytest.fixture(autouse=True)
def at_the_office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service's rows, at hours without holidays."""
    monkeypatch.setattr(rules, "calendar", OFFICE)
    ours = Store(create_engine(database_url, pool_size=2))
    store.bind(ours)
    yield
    store.bind(None)
    ours.close()


@pytest.fixture
def anew() -> Callable[[Sequence[SQLModel]], None]:
    """Only these rows are there, and the figures of their conversations are made."""

    def put(session: Session, rows: Sequence[SQLModel]) -> None:
        for table in (*TABLES, Course, CourseChange, CourseDay, Message, Step, Conversation, Lease):
            session.exec(delete(table))
        session.add_all(rows)

    def keep(rows: Sequence[SQLModel]) -> None:
        store.write(lambda session: put(session, rows))
        courses.catch_up()

    return keep
