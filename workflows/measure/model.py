"""What is usual, quarter hour by quarter hour: fitted on the last ten weeks, asked for any moment.

    model = fit(counts, calendar, excluded=incidents)
    usual = model.expect(start, 96)      # mean, low and high of a day's quarter hours

    mean = profile (kind of day × slot, smoothed) × weekday × position in the month × level (of the last three weeks)
         × season of the year (`yearly`, where the rules name one)

A weekday's factor may differ by the time of the day. Each factor is drawn towards 1 by some pseudo-counts, so that what
was seen twice moves little. What lies above the 99.5 % quantile counts as that quantile (a spike that nobody labelled);
what was labelled or not counted does not count at all. How far counts stray is measured for windows of a quarter of an
hour, half an hour and an hour, since what is bursty in one quarter hour is so in the next.

With less than three weeks the model is *learning*: a profile for each kind of day, and Poisson's variance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from workflows.measure.profile import Factor, ceilings, drawn, product, profiles
from workflows.measure.seasons import POSITIONS, WORKDAY, Seasons
from workflows.measure.series import QUARTERS_A_DAY, QUARTERS_A_WEEK, Series, Span
from workflows.measure.spread import POISSON, WINDOWS, Spread, cut, spread_of, spreads_of
from workflows.measure.tails import Floats, quantile
from workflows.measure.yearly import Busy, factors
from workflows.rules.calendar import Calendar

#: Weeks that a fit looks back, and how many it needs.
MOST_WEEKS, FEWEST_WEEKS = 10, 3
#: Of these weeks so much must have been counted; a few hours away are no reason to begin later.
COUNTED = 0.9
#: Pseudo-counts by which a factor is drawn towards 1.
WEEKDAY_PULL, BLOCK_PULL, POSITION_PULL, LEVEL_PULL = 60.0, 250.0, 40.0, 20.0
#: Days after which a day counts half: for the profile, and for the level (three weeks, nearly all of it).
PROFILE_HALF_LIFE, LEVEL_HALF_LIFE = 28.0, 6.0
#: So many days before a day say nothing of its level as a drift is looked for: a drift would make itself usual.
GUARD_DAYS = 7
#: No company's days stray by less than this share; of a few weeks' days it may seem so.
DAYS_STRAY = 0.1
#: The windows of days whose spread is measured, and how much of one must have been counted.
DAYS, WHOLE = tuple(many * QUARTERS_A_DAY for many in (1, 2)), 0.9
#: A spike is what is rarer than this.
SPIKE = 0.005
#: The share of counts within the band that is shown.
BAND = 0.99
ROUNDS = 3
#: The slots of a weekday that have a factor of their own: three hours.
BLOCK = 12
#: The busiest so many slots of a workday are its daytime.
DAYTIME = 32


class Expected(NamedTuple):
    """What is usual in each quarter hour, and the band in which 99 of 100 of them are."""

    mean: Floats
    low: Floats
    high: Floats


class Guarded(NamedTuple):
    """The level of before: `GUARD_DAYS` are left out. `spreads`: of windows of days around that."""

    level: float
    spreads: dict[int, Spread]


@dataclass(frozen=True)
class Model:
    """What is usual at a company."""

    calendar: Calendar
    is_learning: bool
    shape: Floats  # weekday × kind × slot
    positions: Floats
    level: float
    spreads: dict[int, Spread]
    guarded: Guarded
    busy: tuple[Busy, ...] = ()

    def expect(self, start: int, many: int) -> Expected:
        """Of so many quarter hours from a moment on (ms, on a quarter hour)."""
        mean = self.mean(Seasons.of(start, many, self.calendar))
        size = self.spreads[1].size(mean)
        return Expected(mean, quantile((1 - BAND) / 2, mean, size), quantile((1 + BAND) / 2, mean, size))

    def mean(self, seasons: Seasons) -> Floats:
        """The mean of each quarter hour."""
        of_day = self.shape[seasons.weekday, seasons.kind, seasons.slot] * self.positions[seasons.position]
        return self.level * of_day * factors(self.busy, seasons.day)

    @property
    def of_before(self) -> Model:
        """The same by the level before the guard, and how far days stray from that."""
        return replace(self, level=self.guarded.level, spreads=self.guarded.spreads)

    @property
    def daytime(self) -> float:
        """How many are usual in a quarter hour of the busiest eight hours of a workday."""
        workday = self.level * self.shape[:5, WORKDAY].mean(0)
        return float(np.sort(workday)[-DAYTIME:].mean())


def fit(counts: Series, calendar: Calendar, excluded: Iterable[Span] = (), busy: tuple[Busy, ...] = ()) -> Model:
    """The model of what comes after these counts. Left out: `excluded`, from when until when each time (ms)."""
    seasons = Seasons.of(counts.start, len(counts), calendar)
    return fit_to(counts.without(excluded).values, seasons, calendar, busy)


def fit_to(values: Floats, seasons: Seasons, calendar: Calendar, busy: tuple[Busy, ...] = ()) -> Model:
    """The same of what is read already: counts, NaN where there are none, and what each quarter hour is like."""
    recent = slice(max(len(values) - MOST_WEEKS * QUARTERS_A_WEEK, 0), None)
    data = _Data.of(values[recent], seasons.part(recent), busy)
    if data.known.sum() < FEWEST_WEEKS * QUARTERS_A_WEEK * COUNTED:
        return replace(_learning(data, calendar), busy=busy)
    data = data.tamed()
    shape, mean = _rounds(data)
    for _ in range(2):
        shape, mean = _rounds(data._replace(counts=cut(data.counts, mean, data.known, SPIKE)))
    spreads = spreads_of(data.counts, mean, data.known)
    guarded = _guarded(data, shape, mean, spreads[1])
    return Model(calendar, False, shape.of_day(), shape.position.table, shape.levels[-1], spreads, guarded, busy)


class _Data(NamedTuple):
    """What a fit reads. `known`: 1 where it was counted, and counts are 0 elsewhere. `busy`: the factor of seasons."""

    counts: Floats
    known: Floats
    seasons: Seasons
    busy: Floats

    @classmethod
    def of(cls, values: Floats, seasons: Seasons, busy: Iterable[Busy]) -> _Data:
        known = (~np.isnan(values)).astype(np.float64)
        return cls(np.nan_to_num(values), known, seasons, factors(busy, seasons.day))

    def tamed(self) -> _Data:
        """Without what is far beyond everything: it would make itself look usual, and everything else rare."""
        seasons = self.seasons
        most = ceilings(self.counts, self.known, seasons.kind, seasons.slot, seasons.day - seasons.day[0])
        return self._replace(counts=np.minimum(self.counts, most))


def _learning(data: _Data, calendar: Calendar) -> Model:
    """The shape of each kind of day, as far as it has been seen; at first all of it is flat."""
    profile = profiles(data.counts, data.known * data.busy, data.seasons.kind, data.seasons.slot)
    shape = np.broadcast_to(profile, (7, *profile.shape))
    return Model(
        calendar,
        True,
        shape,
        np.ones(len(POSITIONS)),
        1.0,
        dict.fromkeys(WINDOWS, POISSON),
        Guarded(1.0, dict.fromkeys((1, *DAYS), POISSON)),
    )


class _Shape(NamedTuple):
    """What came out of some rounds."""

    profile: Floats  # kind × slot
    weekday: Factor
    block: Factor
    position: Factor
    levels: Floats  # of each day

    def of_day(self) -> Floats:
        """Weekday × kind × slot. Only a workday has a weekday's factor."""
        shape = np.broadcast_to(self.profile, (7, *self.profile.shape)).copy()
        shape[:, WORKDAY] *= (self.weekday.table[:7, None] * self.block.table[:-1].reshape(7, -1)).repeat(BLOCK, 1)
        return shape


def _rounds(data: _Data) -> tuple[_Shape, Floats]:
    """Each factor in turn, out of what the others leave; and the mean of what was counted, by its day's level."""
    seasons, day = data.seasons, data.seasons.day - data.seasons.day[0]
    recent = 0.5 ** ((day[-1] - day) / PROFILE_HALF_LIFE)
    came, known = data.counts * recent, data.known * recent
    blocks = QUARTERS_A_DAY // BLOCK
    workday = seasons.kind == WORKDAY
    weekday = Factor.of(np.where(workday, seasons.weekday, 7), 8, WEEKDAY_PULL)
    block = Factor.of(
        np.where(workday, seasons.weekday * blocks + seasons.slot // BLOCK, 7 * blocks), 7 * blocks + 1, BLOCK_PULL
    )
    position = Factor.of(seasons.position, len(POSITIONS), POSITION_PULL)
    parts = (weekday, block, position)
    kernel = _kernel(int(day[-1]) + 1)
    level, levels = np.ones(len(day)), np.ones(len(kernel))
    for _ in range(ROUNDS):
        profile = profiles(came, known * level * data.busy * product(parts), seasons.kind, seasons.slot)
        base = profile[seasons.kind, seasons.slot] * data.busy
        for part in parts:
            part.fit(came, known * base * level * product(other for other in parts if other is not part))
        mean = base * product(parts)
        levels = drawn(kernel @ np.bincount(day, data.counts), kernel @ np.bincount(day, data.known * mean), LEVEL_PULL)
        level = levels[day]
    return _Shape(profile, *parts, levels), mean * level


def _guarded(data: _Data, shape: _Shape, mean: Floats, quarter: Spread) -> Guarded:
    """The level that each day would have had by what was known so long before; how far days were from that."""
    day = data.seasons.day - data.seasons.day[0]
    plain = mean / shape.levels[day]
    kernel = np.tril(_kernel(len(shape.levels)))
    levels = drawn(kernel @ np.bincount(day, data.counts), kernel @ np.bincount(day, data.known * plain), LEVEL_PULL)
    then = levels[np.maximum(day - GUARD_DAYS - 1, 0)]
    known = data.known * (day >= 2 * GUARD_DAYS)
    found = {many: spread_of(data.counts, plain * then, known, many, whole=WHOLE) for many in DAYS}
    spreads = {many: spread._replace(b=np.maximum(spread.b, DAYS_STRAY**2)) for many, spread in found.items()}
    return Guarded(float(levels[-GUARD_DAYS - 1]), {1: quarter, **spreads})


def _kernel(days: int) -> Floats:
    """How much each day says of each other day's level."""
    at = np.arange(days)
    kernel: Floats = 0.5 ** (np.abs(at[:, None] - at[None, :]) / LEVEL_HALF_LIFE)
    return kernel
