"""Requests, tellings, escalations and both sides of resolution, against an oracle that walks from row to row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from random import Random
from typing import Any

from sqlmodel import Session, SQLModel

from tests.workflows.measure.kpis import dice as histories
from tests.workflows.measure.kpis import oracle as of_support
from tests.workflows.measure.kpis import oracle_records as oracle
from tests.workflows.measure.kpis.dice_records import records
from tests.workflows.measure.kpis.oracle import Told
from workflows.engine.store import DAY_MS, store
from workflows.measure.kpis import board
from workflows.measure.kpis.board import Shown
from workflows.measure.kpis.cases import ALL, HITS, OPEN, UNSEEN, Rows
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.meanings import FIGURES, TIME
from workflows.measure.kpis.periods import KINDS, Period
from workflows.overview import untold
from workflows.rules import rules
from workflows.tables.wish import Feedback

Anew = Callable[[Sequence[SQLModel]], None]
#: Histories on each database.
ROUNDS = 100
ORACLES = (oracle.product, oracle.resolution, oracle.told, oracle.escalations, oracle.more_of_support)


def told(shown: Shown) -> Told:
    number = shown.number
    return Told(number.n, number.open, number.hits, tuple(number.business), tuple(number.wall))


def figures(period: Period, now: int) -> dict[str, Shown]:
    return store.read(lambda session: board.figures(Look(session, period, now)))


def expected(session: Session, period: Period, now: int) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for each in ORACLES:
        found |= each(session, period.begins, period.ends, now)
    return found


def test_every_figure_is_what_the_oracle_says_and_its_lists_are_as_long(anew: Anew) -> None:
    for seed in range(ROUNDS):
        dice = Random(seed)
        period = Period.of(dice.choice(KINDS), date(2026, dice.randint(1, 12), dice.randint(1, 28)))
        now = dice.randrange(period.begins + DAY_MS, period.ends + 40 * DAY_MS, 1000)
        since = period.begins - 10 * DAY_MS
        chats = [row for talk in histories.talks(dice, since, now) for row in talk]
        anew([*chats, *records(dice, since, now)])
        wanted = store.read(partial(expected, period=period, now=now))
        found = figures(period, now)
        assert {name: told(found[name]) for name in wanted} == wanted, f"seed {seed}"
        for name in dice.sample(sorted(wanted), 3):
            _lists_are_as_long(name, found[name], period, now)


def _lists_are_as_long(name: str, shown: Shown, period: Period, now: int) -> None:
    number = shown.number

    def listed(part: str, **which: Any) -> Rows:
        return store.read(lambda session: board.listed(Look(session, period, now), name, part, **which))

    found = [listed(part) for part in (ALL, OPEN, HITS)]
    assert [each.total for each in found] == [number.n, number.open, number.hits], name
    assert [len(each.cases) for each in found] == [number.n, number.open, number.hits], name
    paged = [listed(ALL, first=first, most=2).cases for first in range(0, number.n, 2)]
    assert [case for some in paged for case in some] == found[0].cases, name
    for group, each in shown.groups:
        assert len(listed(ALL, group=group).cases) == each.n, (name, group)


def test_the_list_of_whom_to_notify_means_the_same_by_within_seven_days(anew: Anew) -> None:
    period = Period.of("quarter", date(2026, 5, 11))
    for seed in range(ROUNDS):
        dice = Random(seed)
        now = dice.randrange(period.begins + DAY_MS, period.ends + 40 * DAY_MS, 1000)
        anew(records(dice, period.begins, min(now, period.ends)))
        of_list = store.read(partial(untold.covered, now=now))
        numbers = [shown.number for shown in map(figures(period, now).__getitem__, ("told_7", "told_30"))]
        assert [(each.owed, each.told) for each in of_list] == [(each.n, each.hits) for each in numbers], f"seed {seed}"
        assert [each.percent for each in of_list] == [each.percent for each in numbers], f"seed {seed}"


def test_the_oracles_know_every_figure_but_those_of_the_agenda_and_of_shifts(anew: Anew) -> None:
    period = Period.of("week", date(2026, 5, 11))
    anew([])
    known = store.read(partial(expected, period=period, now=period.ends)).keys()
    known |= store.read(partial(of_support.support, since=0, until=0, now=0)).keys()
    assert known == FIGURES.keys() - {"undecided", "carried", "load"}


def test_what_is_on_the_agenda_is_as_old_as_its_request(anew: Anew) -> None:
    now = rules.calendar.moment(date(2026, 5, 29))
    ages = (1, 5, 10, 20, 40, 100)
    anew(
        [
            Feedback(
                **{"id": n, "conversation_id": str(n), "part_id": "", "kind": "wish", "tag": "要望", "quote": "…"},
                **{"said_at": now - age * DAY_MS, "taken_at": now - age * DAY_MS},
                conclusion="decline" if age == 40 else "",
            )
            for n, age in enumerate(ages, 1)
        ]
    )
    found = figures(Period.of("week", date(2026, 1, 1)), now)
    undecided, carried = found["undecided"], found["carried"]
    assert [(name, number.n) for name, number in undecided.groups] == [
        *(("7", 2), ("14", 1), ("30", 1), ("older", 1)),
    ]
    assert (undecided.number.n, undecided.number.wall) == (5, (10 * 1440, 100 * 1440))
    assert (carried.number.n, carried.number.hits) == (5, 2)  # a meeting every Wednesday


def test_only_times_have_times(anew: Anew) -> None:
    anew([])
    period = Period.of("week", date(2026, 5, 11))
    found = figures(period, period.ends)
    others = [found[name].number for name, each in FIGURES.items() if each.shape != TIME]
    assert others and {(each.business, each.wall) for each in others} == {(UNSEEN, UNSEEN)}
