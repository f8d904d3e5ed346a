"""Seasons of the year: how much busier they are, by past years or by the rules; what that makes of what is usual."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from sqlmodel import Session

from tests.workflows.measure.alerting import past, switched_on
from tests.workflows.measure.companies import CALENDAR, START, counted, means
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.measure import drift, usual, yearly
from workflows.measure.backtest import Past, replay
from workflows.measure.model import fit
from workflows.measure.seasons import WORKDAY, Seasons, kind_of
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series
from workflows.measure.yearly import Busy
from workflows.rules import rules
from workflows.rules.alerts import Season
from workflows.rules.calendar_words import days_of
from workflows.tables.volume import DayCount

WINTER = Season("年末調整", days_of("11-01..01-31"))
GIVEN = Season("年末調整", days_of("11-01..01-31"), percent=140)
YEAR = date(2025, 10, 1), date(2025, 12, 1)


def counts(first: date, last: date, busier: float, season: Season = WINTER) -> dict[int, int]:
    """A hundred a workday, and in the season so many times as many."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {
        day.toordinal(): (
            round(100 * (busier if day in season.days else 1)) if kind_of(CALENDAR, day) == WORKDAY else 5
        )
        for day in days
    }


def factor(season: Season, known: dict[int, int]) -> float:
    [busy] = yearly.found(season, YEAR, known, CALENDAR)
    return busy.factor


# -- nothing is known ------------------------------------------------------------------------------


def test_where_no_past_year_was_counted_the_rules_say_it_or_nobody() -> None:
    assert factor(GIVEN, {}) == pytest.approx(1.4)
    assert factor(WINTER, {}) == 1.0


def test_a_few_days_of_a_past_year_say_nothing() -> None:
    few = counts(date(2025, 1, 24), date(2025, 3, 31), 2.0)
    assert factor(GIVEN, few) == pytest.approx(1.4)


def test_days_beside_the_season_are_needed_too() -> None:
    alone = counts(date(2024, 11, 1), date(2025, 1, 31), 2.0)
    assert factor(GIVEN, alone) == pytest.approx(1.4)


def test_the_season_that_goes_on_says_nothing_of_itself() -> None:
    now = counts(date(2025, 9, 1), date(2025, 12, 1), 3.0)
    assert factor(GIVEN, now) == pytest.approx(1.4)


def test_a_season_that_is_not_near_is_not_found() -> None:
    assert yearly.found(WINTER, (date(2025, 3, 1), date(2025, 9, 1)), {}, CALENDAR) == []


# -- past years ------------------------------------------------------------------------------------


def test_past_years_say_how_busy_it_is() -> None:
    known = counts(date(2023, 9, 1), date(2025, 10, 1), 1.6)
    assert factor(GIVEN, known) == pytest.approx(1.6, abs=0.02)


def test_growth_from_year_to_year_is_no_season() -> None:
    grown = {
        day: round(n * 1.5 ** ((day - YEAR[0].toordinal()) / 365))
        for day, n in counts(date(2022, 9, 1), date(2025, 10, 1), 1.3).items()
    }
    assert factor(WINTER, grown) == pytest.approx(1.3, abs=0.06)


def test_it_lies_across_the_end_of_a_year_and_is_found_on_both_sides() -> None:
    [before] = yearly.found(WINTER, (date(2025, 12, 30), date(2025, 12, 31)), {}, CALENDAR)
    [after] = yearly.found(WINTER, (date(2026, 1, 1), date(2026, 1, 2)), {}, CALENDAR)
    assert before == after
    assert date.fromordinal(before.first) == date(2025, 11, 1)
    assert date.fromordinal(before.last) == date(2026, 1, 31)


def test_a_leap_day_that_there_is_not_is_the_day_before() -> None:
    leap = Season("うるう", days_of("02-29..03-02"))
    found = dict(yearly.times(leap, 2027, 2028))
    assert [date.fromordinal(day) for day in found] == [date(2027, 2, 28), date(2028, 2, 29)]


# -- what is usual ---------------------------------------------------------------------------------


def busier(seed: int, since: int, factor: float) -> Series:
    """A company to which from a week on so many times as many write."""
    dice, values = np.random.default_rng([seed, 9]), counted(seed, 10).values
    first = since * QUARTERS_A_WEEK
    values[first:] += dice.poisson((factor - 1) * means(10)[first:])
    return Series(START, values)


def season_from(week: int, factor: float) -> Busy:
    first = CALENDAR.local(START).date().toordinal() + 7 * week
    return Busy("年末調整", first, first + 60, factor)


def test_on_its_first_day_more_is_usual_and_before_nothing_changes() -> None:
    counted_before = counted(1, 8)
    plain, told = (fit(counted_before, CALENDAR, busy=busy) for busy in ((), (season_from(8, 1.5),)))
    last, first = (Seasons.of(START + week * QUARTERS_A_WEEK * QUARTER_MS, 672, CALENDAR) for week in (7, 8))
    assert np.allclose(told.mean(last), plain.mean(last))
    assert np.allclose(told.mean(first), 1.5 * plain.mean(first))


def test_within_it_the_level_stays_what_it_is_otherwise() -> None:
    model = fit(busier(2, 8, 1.5), CALENDAR, busy=(season_from(8, 1.5),))
    plain = fit(counted(2, 8), CALENDAR)
    assert model.level == pytest.approx(plain.level, abs=0.08)


def test_a_season_that_the_rules_name_is_no_drift() -> None:
    busy, series = season_from(8, 1.5), busier(3, 8, 1.5)
    told, plain = (replay(series, CALENDAR, busy=each) for each in ((busy,), ()))
    assert most_of_drift(told) < most_of_drift(plain) / 2


def most_of_drift(past: Past) -> float:
    """The highest score of a drift in the first week of the season."""
    assert past.days is not None
    return float(np.nanmax(drift.look(past.days.counts, past.days.forecast).score[5 * QUARTERS_A_WEEK :][:672]))


# -- what is counted -------------------------------------------------------------------------------


def test_the_days_that_were_counted_are_what_it_learns_from(world: World) -> None:
    season = Season("いま", days_of("01-01..12-31"))
    switched_on(seasons=(season,))
    past(weeks=4)
    [busy] = store.read(lambda session: usual.busy(session, now_ms(), now_ms()))
    assert (busy.name, busy.factor) == ("いま", 1.0)
    assert store.read(lambda session: usual.of(session, now_ms())).busy


def test_past_years_in_the_table_are_read_and_days_half_counted_are_not(world: World) -> None:
    today = rules.calendar.local(now_ms()).date()
    season = Season("いま", days_of(f"{today:%m-%d}..{today + timedelta(days=20):%m-%d}"), percent=300)
    switched_on(seasons=(season,))
    known = counts(today - timedelta(days=500), today - timedelta(days=1), 2.0, season)

    def keep(session: Session, covered: int) -> None:
        for day, n in known.items():
            key = {"facet": "all", "day": date.fromordinal(day).isoformat(), "name": "", "source": "desk"}
            session.merge(DayCount(**key, n=n, known=covered))

    store.write(lambda session: keep(session, 40))
    assert store.read(lambda session: usual.busy(session, now_ms(), now_ms()))[0].factor == 3.0
    store.write(lambda session: keep(session, 96))
    assert store.read(lambda session: usual.busy(session, now_ms(), now_ms()))[0].factor == pytest.approx(2.0, abs=0.1)
