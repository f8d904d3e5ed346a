"""Three invented companies that are written to, a year of quarter hours each, and what goes wrong at them.

    product   everything multiplies: profile × weekday × month position × growth × holidays, negative binomial
    sum       nothing multiplies: office hours, Monday mornings, month-end afternoons and evenings are added, the day's
              shape wanders from season to season, and some days are busier than others for no reason at all
    bursts    every enquiry brings others (Hawkes), the level drifts, campaigns add a quarter, and counts are missing

A company knows what it is written in `mean`; the rule that is measured sees the counts only. Incidents last 45 to 90
minutes. Half of them strike at any time of the week, half in proportion to the traffic. On request there are drifts as
well: from some moment of a workday on, for two days, 30 % more than otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from workflows.measure.seasons import HOLIDAY, WORKDAY, YEAR_END, Seasons
from workflows.measure.series import QUARTER_MS, QUARTERS_A_DAY, QUARTERS_A_WEEK, Series, Span
from workflows.measure.tails import Floats
from workflows.rules.calendar import Calendar
from workflows.rules.hours import usual

FIRST_DAY = date(2025, 4, 7)
#: Weeks that came before, and weeks that are replayed.
BEFORE, REPLAYED = 12, 40
#: Incidents while it is replayed; before, they are as frequent.
INCIDENTS = 60
SHORTEST_MS, LONGEST_MS = 45 * 60_000, 90 * 60_000
#: So far apart are they at least.
APART_MS = 6 * 60 * 60_000
#: So many times the usual are added to it, and of a quiet hour so much as if this share of a daytime's came.
WEAKEST, STRONGEST, QUIET_SHARE = 1.3, 3.8, 0.4
#: Enquiries in an ordinary daytime's quarter hour.
DAYTIME = 8.0

#: Drifts while it is replayed (before, they are as frequent), how long each is, how much more comes, and how far apart.
DRIFTS, DRIFT_LASTS, DRIFT_MORE, DRIFTS_APART = 8, 2 * QUARTERS_A_DAY, 0.3, 14 * QUARTERS_A_DAY

Dice = np.random.Generator


@dataclass(frozen=True)
class World:
    """What was counted, and when something was wrong (ms), `drifts` slowly; `live_from`: where the replay begins."""

    name: str
    calendar: Calendar
    counts: Series
    incidents: list[Span]
    live_from: int
    drifts: Sequence[Span] = ()


def world(name: str, seed: int, *, drifting: bool = False) -> World:
    """One of the three, from its dice; with drifts or without, and otherwise the same company."""
    dice = np.random.default_rng([seed, sorted(WORLDS).index(name)])
    calendar = usual()
    start, many = calendar.moment(FIRST_DAY), (BEFORE + REPLAYED) * QUARTERS_A_WEEK
    seasons = Seasons.of(start, many, calendar)
    mean, draw, missing = WORLDS[name](seasons, dice)
    live = BEFORE * QUARTERS_A_WEEK
    incidents = [
        *_incidents(dice, mean[:live], missing[:live], round(INCIDENTS * BEFORE / REPLAYED), 0),
        *_incidents(dice, mean[live:], missing[live:], INCIDENTS, live),
    ]
    extra = np.zeros(many)
    for first, last in incidents:
        _strike(extra, mean, first, last, dice.uniform(WEAKEST, STRONGEST))
    drifts = _drifts(np.random.default_rng([seed, 2, len(name)]), seasons) if drifting else []
    for first in drifts:
        mean[first : first + DRIFT_LASTS] *= 1 + DRIFT_MORE
    values = (draw(mean) + _negative_binomial(dice, extra, 6.0)).astype(np.float64)
    values[missing] = np.nan
    spans = [(start + round(first * QUARTER_MS), start + round(last * QUARTER_MS)) for first, last in incidents]
    slow = [(start + first * QUARTER_MS, start + (first + DRIFT_LASTS) * QUARTER_MS) for first in drifts]
    return World(name, calendar, Series(start, values), spans, start + live * QUARTER_MS, slow)


def _drifts(dice: Dice, seasons: Seasons) -> list[int]:
    """The quarter hours at which one begins: while people work, with a workday after it on both days."""
    work = (seasons.kind == WORKDAY) & seasons.is_open
    found: list[int] = []
    for first in dice.permutation(len(work) - DRIFT_LASTS).tolist():
        is_whole = all(
            work[first + days * QUARTERS_A_DAY] for days in (0, 1, 2) if first + days * QUARTERS_A_DAY < len(work)
        )
        if is_whole and all(abs(first - other) > DRIFTS_APART for other in found):
            found.append(first)
        if len(found) == round(DRIFTS * (BEFORE + REPLAYED) / REPLAYED):
            break
    return sorted(found)


def _incidents(dice: Dice, mean: Floats, missing: Floats, many: int, offset: int) -> list[tuple[float, float]]:
    """From when until when, in quarter hours."""
    found: list[tuple[float, float]] = []
    apart, flat = APART_MS / QUARTER_MS, np.ones(len(mean))
    while len(found) < many:
        weight = flat if len(found) % 2 else mean
        first = dice.choice(len(mean), p=weight / weight.sum()) + dice.random()
        last = first + dice.uniform(SHORTEST_MS, LONGEST_MS) / QUARTER_MS
        around = missing[max(int(first) - 8, 0) : int(last) + 2]
        if last < len(mean) and not around.any() and all(abs(first - other) > apart for other, _ in found):
            found.append((first, last))
    return sorted((first + offset, last + offset) for first, last in found)


def _strike(extra: Floats, mean: Floats, first: float, last: float, strength: float) -> None:
    for at in range(int(first), int(np.ceil(last))):
        share = min(at + 1, last) - max(at, first)
        extra[at] += share * strength * max(mean[at], QUIET_SHARE * DAYTIME)


# -- the three ------------------------------------------------------------------------------------

Made = tuple[Floats, Callable[[Floats], Floats], Floats]


def _product(seasons: Seasons, dice: Dice) -> Made:
    """As measured in the studies of the rule: two peaks, a lunch, Mondays, a month's end, growth of 40 % a year."""
    hour = seasons.slot / 4
    day = 0.02 + _hump(hour, 10.5, 1.2) + 0.9 * _hump(hour, 14.5, 1.6) + 0.35 * _hump(hour, 18.5, 2.0)
    lunch = 1 - 0.45 * _hump(hour, 12.5, 0.5)
    weekday = np.array([1.3, 1.05, 1.0, 0.95, 0.9, 0.25, 0.15])[seasons.weekday]
    kind = np.select([seasons.kind == HOLIDAY, seasons.kind == YEAR_END], [0.18, 0.06], 1.0)
    month = np.where((seasons.kind == WORKDAY) & (_days_left(seasons) <= 2), 1.6, 1.0)
    rest = 1 + 0.12 * _rested(seasons)
    growth = 1.4 ** (np.arange(len(hour)) / (52 * QUARTERS_A_WEEK))
    mean = _to_daytime(day * lunch * weekday * kind * month * rest * _year_end(seasons) * growth, seasons)
    return mean, lambda usual: _negative_binomial(dice, usual, 6.0), np.zeros(len(mean), bool)


def _sum(seasons: Seasons, dice: Dice) -> Made:
    """Parts that know nothing of each other, and a variance that is a multiple of the mean."""
    hour, week = seasons.slot / 4, np.arange(len(seasons.slot)) / QUARTERS_A_WEEK
    work = (seasons.kind == WORKDAY).astype(np.float64)
    morning = 10 + 1.5 * np.sin(2 * np.pi * week / 40)  # the peak wanders by three hours in twenty weeks
    office = work * (0.9 * _hump(hour, morning, 1.3) + (0.5 + 0.3 * np.cos(2 * np.pi * week / 26)) * _hump(hour, 15, 2))
    mondays = work * (seasons.weekday == 0) * 0.7 * _hump(hour, 9.5, 0.8)
    ends = work * (_days_left(seasons) <= 4) * 0.5 * _hump(hour, 16.5, 1.0)
    rested = work * 0.12 * _rested(seasons) * _hump(hour, 10, 1.5)
    settled = work * (_year_end(seasons) - 1) * _hump(hour, 13.5, 2.0)
    evenings = (0.12 + 0.004 * week) * _hump(hour, 21, 1.5)
    busy = dice.gamma(40, 1 / 40, int(seasons.day.max()) + 1)[seasons.day]
    mean = _to_daytime(busy * (office + mondays + ends + rested + settled) + evenings + 0.03, seasons)
    return mean, lambda usual: _stretched(dice, usual, 1.5), np.zeros(len(mean), bool)


def _bursts(seasons: Seasons, dice: Dice) -> Made:
    """Immigrants and what each brings: 0.35 others, 20 minutes later in the mean. A level that walks."""
    mean, _, missing = _product(seasons, dice)
    weeks = len(mean) // QUARTERS_A_WEEK
    steps = np.cumsum(dice.normal(0, 0.09, weeks + 1))
    level = np.exp(np.interp(np.arange(len(mean)) / QUARTERS_A_WEEK, np.arange(weeks + 1), steps - steps.mean()))
    for _ in range(2 * weeks // 3):  # a campaign that nobody told us of: a quarter more for six hours
        at = dice.integers(len(mean) - 24)
        level[at : at + 24] *= 1.25
    for _ in range(weeks):  # the source was away, now and then for a day
        at, long = dice.integers(len(mean)), dice.choice([2, 4, 8, QUARTERS_A_DAY], p=[0.4, 0.3, 0.25, 0.05])
        missing[at : at + long] = True
    return mean * level, lambda usual: _brought(dice, usual, 0.35, 20 / 15), missing


WORLDS: dict[str, Callable[[Seasons, Dice], Made]] = {"product": _product, "sum": _sum, "bursts": _bursts}


# -- what they are made of ------------------------------------------------------------------------


def _hump(hour: Floats, at: Floats | float, wide: float) -> Floats:
    return np.exp(-(((hour - at) / wide) ** 2) / 2)


def _to_daytime(shape: Floats, seasons: Seasons) -> Floats:
    """So large that an ordinary daytime's quarter hour has DAYTIME of them in the mean of the year."""
    daytime = (seasons.kind == WORKDAY) & (seasons.slot >= 36) & (seasons.slot < 72)
    return shape * (DAYTIME / shape[daytime].mean())


def _days_left(seasons: Seasons) -> Floats:
    """How many calendar days of the month are left after this one: not the workdays that the rule knows."""
    days = [date.fromordinal(int(day)) for day in np.unique(seasons.day)]
    left = {day.toordinal(): (date(day.year + day.month // 12, day.month % 12 + 1, 1) - day).days - 1 for day in days}
    return np.array([left[int(day)] for day in seasons.day])


def _rested(seasons: Seasons) -> Floats:
    """On a workday after holidays: how many days nobody worked, five at most."""
    found: dict[int, int] = {}
    off, holidays = 0, False
    for day, kind in zip(*(each[::QUARTERS_A_DAY].tolist() for each in (seasons.day, seasons.kind)), strict=True):
        work = kind == WORKDAY
        found[day] = min(off, 5) if work and holidays else 0
        off, holidays = (0, False) if work else (off + 1, holidays or kind in (HOLIDAY, YEAR_END))
    return np.array([found[day] for day in seasons.day.tolist()], dtype=np.float64)


def _year_end(seasons: Seasons) -> Floats:
    """The year-end tax adjustment, with which companies are busy from November to January."""
    of_year = np.array([date.fromordinal(day).timetuple().tm_yday for day in seasons.day.tolist()])
    return 1 + 0.8 * _hump((of_year + 180) % 366 - 140, 0, 18)  # the 140th day after 4 July: 21 November


def _negative_binomial(dice: Dice, mean: Floats, size: float) -> Floats:
    return dice.poisson(mean * dice.gamma(size, 1 / size, len(mean)))


def _stretched(dice: Dice, mean: Floats, by: float) -> Floats:
    """With so many times a Poisson's variance, everywhere."""
    return dice.poisson(dice.gamma(np.maximum(mean, 1e-9) / (by - 1), by - 1))


def _brought(dice: Dice, mean: Floats, share: float, after: float) -> Floats:
    """Each brings a Poisson number of others, each after an exponential time, and these bring others."""
    at = np.repeat(np.arange(len(mean)), dice.poisson(mean * (1 - share))) + 0.0
    at += dice.random(len(at))
    found = np.bincount(at.astype(int), minlength=len(mean))
    while len(at):
        at = np.repeat(at, dice.poisson(share, len(at)))
        at = at + dice.exponential(after, len(at))
        at = at[at < len(mean)]
        found = found + np.bincount(at.astype(int), minlength=len(mean))
    return found
