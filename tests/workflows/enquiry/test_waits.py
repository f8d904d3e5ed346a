"""Rows of waits: in business time as a walk through every minute counts it, whatever is learnt late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.workflows.enquiry.waiting import (
    ENQUIRY,
    MINUTE,
    NEW_YORK,
    TOKYO,
    WEEK,
    after,
    agent,
    at,
    bot,
    closed,
    committed,
    customer,
    history,
    keep,
    open_minutes,
    rows,
    ruled,
    values,
)
from workflows.engine.store import create_engine
from workflows.enquiry import waits
from workflows.rules.calendar import Calendar
from workflows.tables.enquiry import Wait


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database of either kind."""
    engine = create_engine(database_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    with ruled():
        yield


def lasting(engine: sa.Engine, id: str = "215") -> Wait | None:
    with Session(engine) as session:
        return waits.current(session, id)


def warned(engine: sa.Engine, since: int, number: int, id: str = "215") -> None:
    """This warning was given."""
    committed(engine, lambda session: waits.given(session, id, since, number))


# -- what is not kept ------------------------------------------------------------------------------


def test_where_nobody_waits_there_is_no_row(engine: sa.Engine) -> None:
    keep(engine, [agent(at("2026-04-15 10:00"))])
    assert rows(engine) == [] and lasting(engine) is None


def test_what_history_no_longer_says_is_no_row_any_more(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))])
    keep(engine, [customer(at("2026-04-15 10:00"))], id="216")
    keep(engine, [bot(at("2026-04-15 10:00"))])
    assert rows(engine) == [] and len(rows(engine, "216")) == 1


def test_nobody_is_warned_of_the_past(engine: sa.Engine) -> None:
    said = [customer(at("2026-04-15 10:00"))]
    keep(engine, said, is_past=True)
    assert rows(engine)[0].warn_at is None
    keep(engine, said)  # something new is known of the conversation, but not of this wait
    assert rows(engine)[0].warn_at is None


def test_a_wait_that_is_found_to_be_of_the_past_has_no_warning_any_more(engine: sa.Engine) -> None:
    said = [customer(at("2026-04-15 10:00"))]
    keep(engine, said)
    assert rows(engine)[0].warn_at == at("2026-04-15 10:03")
    keep(engine, said, is_past=True)
    assert rows(engine)[0].warn_at is None


def test_without_a_target_there_is_no_warning(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 12:10"))], medium="other")
    [row] = rows(engine)
    assert (row.target, row.answer_by, row.warn_at) == (0, at("2026-04-15 13:00"), None)


def test_what_has_ended_needs_no_warning(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:09"))])
    [row] = rows(engine)
    assert (row.warn_at, row.minutes, row.ended, row.ended_by) == (None, 9, "answered", "7001")
    assert lasting(engine) is None


# -- what is kept ----------------------------------------------------------------------------------


def test_a_wait_knows_its_target_and_when_the_next_warning_is_due(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 11:58"))], tier="Gold", company_id="c7")
    [row] = rows(engine)
    assert (row.kind, row.medium, row.company_id, row.target) == ("first", "chat", "c7", 5)
    assert row.answer_by == at("2026-04-15 13:03")
    assert row.warn_at == at("2026-04-15 13:01")  # the third of five minutes is the first after half of them
    assert lasting(engine) == row


def test_a_tier_has_targets_of_its_own(engine: sa.Engine) -> None:
    with ruled(enquiry=replace(ENQUIRY, tiers={"Gold": {("first", "chat"): 2}})):
        keep(engine, [customer(at("2026-04-15 10:00"))], tier="gold")
    assert rows(engine)[0].answer_by == at("2026-04-15 10:02")


def test_the_same_history_changes_nothing(engine: sa.Engine) -> None:
    said = [customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:09")), customer(at("2026-04-15 10:20"))]
    keep(engine, said)
    committed(engine, lambda session: [waits.begin(row, at("2026-04-15 10:30")) for row in due(session, "10:30")])
    before = values(engine)
    keep(engine, said)
    assert values(engine) == before
    assert before[1]["warn_at"] == at("2026-04-15 10:32")


def due(session: Session, clock: str) -> list[Wait]:
    return waits.due(session, at(f"2026-04-15 {clock}"), 10)


def test_a_late_answer_splits_a_wait_in_two(engine: sa.Engine) -> None:
    said = [customer(at("2026-04-15 10:00")), customer(at("2026-04-15 10:03"))]
    keep(engine, said)
    warned(engine, at("2026-04-15 10:00"), 1)
    keep(engine, [*said, agent(at("2026-04-15 10:02"))])
    first, second = rows(engine)
    assert (first.minutes, first.warned, first.warn_at) == (2, 2, None)
    assert (second.kind, second.warned, second.target, second.ended) == ("next", 0, 15, "")


def test_a_late_message_lets_the_wait_begin_earlier_and_what_was_given_stays_given(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:05"))])
    warned(engine, at("2026-04-15 10:05"), 0)
    keep(engine, [customer(at("2026-04-15 10:05")), customer(at("2026-04-15 10:04"))])
    [row] = rows(engine)
    assert (row.since, row.warned, row.warn_at) == (at("2026-04-15 10:04"), 1, at("2026-04-15 10:08"))


def test_whose_answer_turns_out_to_be_none_waits_on_and_is_warned_of(engine: sa.Engine) -> None:
    asked = customer(at("2026-04-15 10:00"))
    keep(engine, [asked, agent(at("2026-04-15 10:02"))])
    keep(engine, [asked, bot(at("2026-04-15 10:02"))])
    [row] = rows(engine)
    assert (row.ended, row.minutes, row.warn_at) == ("", None, at("2026-04-15 10:03"))


# -- warnings --------------------------------------------------------------------------------------


def test_warnings_are_due_one_after_the_other(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))], medium="mail")
    moments = ["2026-04-15 15:00", "2026-04-15 17:24", "2026-04-16 10:00"]
    for number, moment in enumerate(moments):
        assert rows(engine)[0].warn_at == at(moment)
        assert begun(engine, at(moment) - 1) == []
        assert begun(engine, at(moment)) == [number]
    assert rows(engine)[0].warn_at is None and rows(engine)[0].warned == 0


def begun(engine: sa.Engine, now: int, most: int = 10) -> list[int | None]:
    """The warnings that upkeep begins at a moment."""

    def work(session: Session) -> list[int | None]:
        assert waits.is_due(session, now) == bool(waits.due(session, now, 1))
        return [waits.begin(row, now) for row in waits.due(session, now, most)]

    return committed(engine, work)


def test_those_due_together_are_one_warning(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))])
    assert begun(engine, at("2026-04-15 11:00")) == [2]
    assert begun(engine, at("2026-04-15 11:00")) == []


def test_so_many_are_begun_at_once_and_the_longest_overdue_first(engine: sa.Engine) -> None:
    for number in range(4):
        keep(engine, [customer(at("2026-04-15 10:00") - number * MINUTE)], id=f"{number}")
    with Session(engine) as session:
        assert [row.conversation_id for row in waits.due(session, at("2026-04-15 11:00"), 3)] == ["3", "2", "1"]


def test_what_is_too_early_by_the_rules_of_today_begins_nothing_and_is_due_later(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))])
    late = Calendar.of(country="JP", hours={day: ["10:30-18:00"] for day in WEEK})
    with ruled(calendar=late):
        assert begun(engine, at("2026-04-15 10:31")) == [None]
        assert rows(engine)[0].warn_at == at("2026-04-15 10:33")


def test_what_was_given_is_not_begun_again(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))])
    warned(engine, at("2026-04-15 10:00"), 1)
    assert begun(engine, at("2026-04-15 10:04")) == [None]
    assert rows(engine)[0].warn_at == at("2026-04-15 10:05")
    warned(engine, at("2026-04-15 10:00"), 0)
    assert rows(engine)[0].warned == 2


# -- other rules meanwhile -------------------------------------------------------------------------


def test_what_has_ended_stays_as_it_was_reckoned_and_what_lasts_follows_the_calendar(engine: sa.Engine) -> None:
    said = [
        *(customer(at("2026-04-15 11:50")), agent(at("2026-04-15 13:10"))),
        customer(at("2026-04-15 17:50")),
    ]
    keep(engine, said)
    ended = values(engine)[0]
    assert (ended["minutes"], ended["target"], ended["answer_by"]) == (20, 5, at("2026-04-15 11:55"))
    through = Calendar.of(country="JP", hours={day: ["8:00-17:55"] for day in WEEK})
    with ruled(calendar=through, enquiry=replace(ENQUIRY, targets={("first", "chat"): 1, ("next", "chat"): 20})):
        keep(engine, said)
    first, second = values(engine)
    assert first == ended
    assert (second["target"], second["answer_by"], second["warn_at"]) == (
        20,
        at("2026-04-16 08:15"),
        at("2026-04-16 08:05"),
    )


def test_what_turns_out_to_have_ended_otherwise_is_reckoned_anew(engine: sa.Engine) -> None:
    said = [customer(at("2026-04-15 11:50")), agent(at("2026-04-15 13:10"))]
    keep(engine, said)
    with ruled(calendar=Calendar.of(hours={day: ["8:00-18:00"] for day in WEEK})):
        keep(engine, [*said, agent(at("2026-04-15 12:30"), who="7002")])
    [row] = rows(engine)
    assert (row.minutes, row.ended_by) == (40, "7002")


# -- minute by minute ------------------------------------------------------------------------------

SEASONS = {
    "an ordinary week": (TOKYO, "2026-04-14 08:00"),
    "Golden Week": (TOKYO, "2026-04-28 15:00"),
    "the year's end": (TOKYO, "2026-12-25 10:00"),
    "the hour that is left out": (NEW_YORK, "2026-03-06 17:00"),
    "the hour that comes twice": (NEW_YORK, "2026-10-30 17:00"),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("season", SEASONS)
def test_every_minute_is_counted(engine: sa.Engine, season: str, seed: int) -> None:
    print(f"season {season!r}, seed {seed}")
    calendar, start = SEASONS[season]
    dice = Random(f"{season}/{seed}")
    medium = dice.choice(["chat", "mail"])
    with ruled(calendar=calendar):
        for id in ("a", "b", "c"):
            said, done = history(dice, at(start, calendar), dice.choice([60, 2000, 9 * 1440]))
            keep(engine, said, done, id, medium=medium)
            for row in rows(engine, id):
                assert row.target == ENQUIRY.targets[row.kind, medium]
                assert row.answer_by == after(calendar, row.since, row.target)
                if row.ended_at is None:
                    assert (row.minutes, row.warn_at) == (None, after(calendar, row.since, (row.target + 1) // 2))
                else:
                    assert (row.minutes, row.warn_at) == (open_minutes(calendar, row.since, row.ended_at), None)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_first_in_the_end_the_rows_are_the_same(engine: sa.Engine, seed: int) -> None:
    print(f"seed {seed}")
    dice = Random(seed)
    said, done = history(dice, at("2026-04-28 15:00"), dice.choice([8, 300, 9 * 1440]))
    keep(engine, said, done)
    expected = values(engine)
    for id in ("x", "y", "z"):
        arrived = dice.sample([*said, *done], len(said) + len(done))
        for count in range(1, len(arrived) + 1):
            known = arrived[:count]
            keep(engine, [each for each in known if each in said], [each for each in known if each in done], id)
        assert [row | {"conversation_id": "215"} for row in values(engine, id)] == expected


def test_a_conversation_that_was_closed_by_a_machine_was_answered_by_nobody(engine: sa.Engine) -> None:
    facts: dict[str, Any] = {"said": [customer(at("2026-04-15 10:00"))], "done": [closed(at("2026-04-15 10:30"), "")]}
    keep(engine, **facts)
    [row] = rows(engine)
    assert (row.ended, row.ended_by, row.minutes) == ("closed", "", 30)
