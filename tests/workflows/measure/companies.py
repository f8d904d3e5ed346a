"""A company that is written to, invented from a seed, for tests of what is usual at it."""

from __future__ import annotations

from datetime import date

import numpy as np

from workflows.measure.seasons import WORKDAY, Seasons
from workflows.measure.series import QUARTERS_A_WEEK, Series
from workflows.measure.tails import Floats
from workflows.rules.hours import usual

CALENDAR = usual()
#: A Monday. No week of the next ten has its days moved by much but Golden Week.
START = CALENDAR.moment(date(2026, 3, 2))


def means(weeks: int, daytime: float = 8.0, start: int = START) -> Floats:
    """Two peaks on workdays, Mondays busier, hardly anything at night and on other days."""
    seasons = Seasons.of(start, weeks * QUARTERS_A_WEEK, CALENDAR)
    hour = seasons.slot / 4
    day = np.exp(-(((hour - 10.5) / 1.5) ** 2)) + np.exp(-(((hour - 15) / 2) ** 2)) + 0.03
    work = np.where(seasons.kind == WORKDAY, 1.0, 0.1)
    return daytime * day * work * np.where(seasons.weekday == 0, 1.3, 1.0)


def counted(seed: int, weeks: int, daytime: float = 8.0, size: float = 6.0) -> Series:
    """What came there in so many weeks; a failing test names its seed."""
    dice = np.random.default_rng(seed)
    mean = means(weeks, daytime)
    return Series(START, dice.poisson(mean * dice.gamma(size, 1 / size, len(mean))).astype(np.float64))
