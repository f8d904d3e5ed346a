"""Days of courses in one row: whatever of them is packed, figures are those that the rows themselves give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlmodel import Session, SQLModel, delete, select

from tests.workflows.measure.kpis import dice as histories
from workflows.engine.store import DAY_MS, store
from workflows.enquiry import course
from workflows.measure.kpis import cases as kpis
from workflows.measure.kpis import columns, packed, packing, support
from workflows.measure.kpis.cases import ALL, HITS, OPEN
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.meanings import FIGURES
from workflows.measure.kpis.periods import KINDS, Period
from workflows.rules import rules
from workflows.tables.enquiry import Course, CourseChange, CourseDay

Anew = Callable[[Sequence[SQLModel]], None]
Found = dict[str, Any]
#: Histories on each database, and changes in each.
ROUNDS, CHANGES = 12, 6


def figures(period: Period, now: int) -> Found:
    """Every figure, and every list behind it."""
    found = store.read(lambda session: support.cases(Look(session, period, now), FIGURES))
    return {
        name: (kpis.number(each), *(kpis.rows(each, part).cases for part in (ALL, HITS, OPEN)))
        for name, each in found.items()
    }


def by_rows_alone(period: Period, now: int) -> Found:
    """The same where nothing is packed; what is, stays."""
    days = store.read(lambda session: [CourseDay(**row.model_dump()) for row in session.exec(select(CourseDay))])
    store.write(lambda session: session.exec(delete(CourseDay)) and None)
    found = figures(period, now)
    store.write(lambda session: session.add_all([CourseDay(**day.model_dump()) for day in days]))
    return found


def pack_all() -> None:
    while store.read(packing.left):
        packing.keep_up()


def ids() -> list[str]:
    return store.read(lambda session: list(session.exec(select(Course.conversation_id).order_by("conversation_id"))))


def row_of(id: str) -> dict[str, Any]:
    return store.read(lambda session: session.get_one(Course, id).model_dump())


def packed_days() -> set[int]:
    return store.read(lambda session: set(session.exec(select(CourseDay.day))))


def changed_days() -> set[int]:
    return store.read(lambda session: set(session.exec(select(CourseChange.day))))


def put(anew: Anew, dice: Random) -> tuple[Period, int]:
    """Conversations before, within and after a period, and a moment that is now."""
    period = Period.of(dice.choice(KINDS), date(2026, dice.randint(1, 12), dice.randint(1, 28)))
    now = dice.randrange(period.begins + DAY_MS, period.ends + 20 * DAY_MS, 1000)
    anew([row for talk in histories.talks(dice, period.begins - 5 * DAY_MS, now) for row in talk])
    return period, now


def change(dice: Random, id: str) -> None:
    """Something more is heard of a conversation: it began earlier or later, was closed, or waits again."""
    row = row_of(id)
    row["made_of"] += dice.randint(0, 2)
    if row["began_at"] is not None:
        moved = row["began_at"] + dice.choice((0, 0, -3 * DAY_MS, 2 * DAY_MS, -3_600_000))
        row |= {"began_at": moved, "waiting_since": dice.choice((None, moved + 60_000)), "answers": dice.randint(0, 9)}
        row["later"] = dice.choice(([], [[moved + 70_000, None, False, None]], [[moved + 1, moved + 9, True, 0]]))
    store.write(lambda session: course.keep(session, [row]))


def test_whatever_is_packed_figures_and_lists_are_those_of_the_rows(anew: Anew) -> None:
    for seed in range(ROUNDS):
        dice = Random(seed)
        period, now = put(anew, dice)
        for number in range(CHANGES):
            if dice.random() < 0.4:
                packing.keep_up()
            for id in dice.sample(ids(), min(2, len(ids()))):
                change(dice, id)
            assert figures(period, now) == by_rows_alone(period, now), f"seed {seed}, change {number}"
        pack_all()
        assert changed_days() == set()
        assert figures(period, now) == by_rows_alone(period, now), f"seed {seed}"


def test_a_day_that_is_packed_is_read_in_one_row(anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    period, now = put(anew, Random(11))
    pack_all()
    expected = figures(period, now)
    of_days = [ref for ref in ids() if row_of(ref)["began_at"] is not None]
    assert of_days and packed_days() == {row_of(ref)["began_at"] // DAY_MS for ref in of_days}
    asked: list[tuple[int, int]] = []

    def rows(session: Session, spans: Sequence[tuple[int, int]]) -> list[Sequence[Any]]:
        asked.extend(spans)
        return []

    monkeypatch.setattr(columns, "_rows", rows)
    assert figures(period, now) == expected
    days = {at // DAY_MS for span in asked for at in range(span[0], span[1], DAY_MS)}
    assert not days & packed_days()


@pytest.mark.fault("F111")
def test_what_changes_while_a_day_is_packed_stays_noted(anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    period, now = put(anew, Random(12))
    pack_all()
    id = next(id for id in ids() if row_of(id)["began_at"] is not None)
    day = row_of(id)["began_at"] // DAY_MS
    store.write(lambda session: course.keep(session, [row_of(id) | {"answers": 7}]))
    read = columns.of_day

    def read_then_changed(session: Session, of: int) -> columns.Columns:
        found = read(session, of)
        course.keep(session, [row_of_session(session, id) | {"answers": 8}])
        return found

    monkeypatch.setattr(columns, "of_day", read_then_changed)
    packing.keep_up()
    assert day in changed_days()
    assert figures(period, now) == by_rows_alone(period, now)


def row_of_session(session: Session, id: str) -> dict[str, Any]:
    return session.get_one(Course, id).model_dump()


@pytest.mark.fault("F111")
def test_killed_in_the_middle_what_is_left_is_packed_later(anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    period, now = put(anew, Random(13))
    before = store.read(packing.left)

    def die(*_: str) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(packing, "hit", die)
        with pytest.raises(SystemExit):
            packing.keep_up()
    assert store.read(packing.left) == before - 1
    assert figures(period, now) == by_rows_alone(period, now)
    pack_all()
    assert figures(period, now) == by_rows_alone(period, now)


def test_one_round_packs_some_days_the_newest_first(anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    put(anew, Random(14))
    days = sorted(changed_days(), reverse=True)
    monkeypatch.setattr(packing, "TOGETHER", 1)
    packing.keep_up()
    assert len(days) > 1 and packed_days() == set(days[:1])


def test_a_course_that_was_made_of_less_is_no_reason_to_forget_a_day(anew: Anew) -> None:
    """It changes nothing, and still its day is noted: a day too many is packed, and never one too few."""
    put(anew, Random(15))
    pack_all()
    id = next(id for id in ids() if row_of(id)["began_at"] is not None)
    row = row_of(id)
    store.write(lambda session: course.keep(session, [row | {"made_of": 0, "began_at": None}]))
    assert row_of(id) == row
    assert changed_days() == {row["began_at"] // DAY_MS}


def test_a_day_of_which_the_last_course_went_is_empty(anew: Anew) -> None:
    start = rules.calendar.moment(date(2026, 5, 11))
    anew([])
    row = course.of("1", "chat", [], []) | {"began_at": start, "made_of": 1}
    store.write(lambda session: course.keep(session, [row]))
    pack_all()
    store.write(lambda session: course.keep(session, [row | {"began_at": start + 3 * DAY_MS}]))
    pack_all()
    period = Period.of("week", date(2026, 5, 11))
    found = store.read(lambda session: columns.read(session, period.begins, period.ends))
    assert (found.refs, found.numbers["began_at"].tolist()) == (["1"], [start + 3 * DAY_MS])


# -- bytes ----------------------------------------------------------------------------------------


def test_numbers_come_back_as_they_were() -> None:
    for seed in range(300):
        dice = Random(seed)
        many = dice.choice((0, 1, 2, 50))
        bounds = [dice.choice((0, 1, 127, 128, 2**15 - 1, 2**15, 2**31 - 1, 2**31, 2**62)) for _ in range(4)]
        wanted = {
            f"c{place}": np.array([dice.randint(-most, most) for _ in range(many)], dtype=np.int64)
            for place, most in enumerate(bounds)
        }
        found = packed.unpack(packed.pack(wanted))
        assert {name: each.tolist() for name, each in found.items()} == {
            name: each.tolist() for name, each in wanted.items()
        }, f"seed {seed}"


def test_small_numbers_take_one_byte() -> None:
    blob = packed.pack({"answers": np.arange(100, dtype=np.int64)})
    assert len(blob) == len(b'{"answers": 1}\n') + 100
