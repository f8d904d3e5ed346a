"""What others do: rules of thumb, each in the forms in which they are met, scored over the last half hour.

    fixed     so many are too many
    average   so many times as many, or so many more, than in the mean of the last ten weeks' same weekday and hour
    z-score   so many standard deviations above the mean of the last thirty days

And for information what hardly anybody uses: z-scores of the same weekday and hour over four or ten weeks, and what
is more than that mean by its square root, which is what Poisson's distribution makes of it. All need five at least,
as ours.
"""

from __future__ import annotations

import warnings

import numpy as np

from tests.bench.volume_worlds import World
from workflows.measure.looks import FEWEST
from workflows.measure.series import QUARTERS_A_DAY, QUARTERS_A_WEEK
from workflows.measure.spread import window_sums
from workflows.measure.tails import Floats

HALF_HOUR, HOUR, LONG, SHORT, MONTH = 2, 4, 10, 4, 30
#: Weeks and days in front of the last 24 hours.
AGO = tuple(range(1, 31)), tuple(range(7, 7 * LONG + 1, 7)), tuple(range(7, 7 * SHORT + 1, 7))


def rivals(world: World) -> dict[str, list[Floats]]:
    """Of each rule the scores of its forms, as long as the counts; NaN where nobody counted."""
    values = world.counts.values
    unknown = window_sums(np.isnan(values).astype(np.float64), HALF_HOUR) > 0
    came = np.where(unknown, np.nan, window_sums(np.nan_to_num(values), HALF_HOUR))
    mean, spread = _of_the_hour(came, LONG)
    short_mean, short_spread = _of_the_hour(came, SHORT)
    month_mean, month_spread = _of_the_days(came, MONTH)
    forms = {
        "fixed": [came],
        "average": [came / np.maximum(mean, 0.5), came - mean],
        "z-score": [(came - month_mean) / np.maximum(month_spread, 1)],
        "z-score of the hour": [
            (came - mean) / np.maximum(spread, 1),
            (came - short_mean) / np.maximum(short_spread, 1),
            (came - mean) / np.sqrt(np.maximum(mean, 1)),
        ],
    }
    return {name: [_worth(came, each) for each in some] for name, some in forms.items()}


def of_last_day(world: World) -> list[Floats]:
    """Of drifts: z-scores of the last 24 hours beside the same hour of each of some days before, at full hours."""
    came = window_sums(np.nan_to_num(world.counts.values), QUARTERS_A_DAY)[HOUR - 1 :: HOUR]
    found = []
    for ago in AGO:
        mean, spread = _of_all(np.stack([_hours_later(came, 24 * days) for days in ago], axis=1))
        score = np.full(len(world.counts), np.nan)
        score[HOUR - 1 :: HOUR] = np.maximum(np.nan_to_num((came - mean) / np.maximum(spread, 1)), 0)
        found.append(score)
    return found


def _hours_later(came: Floats, hours: int) -> Floats:
    return np.concatenate([np.full(hours, np.nan), came[:-hours]])


def _worth(came: Floats, score: Floats) -> Floats:
    return np.where(np.isnan(came), np.nan, np.where(came >= FEWEST, np.maximum(np.nan_to_num(score), 0), 0))


def _of_the_hour(came: Floats, weeks: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation in the same hour of the same weekday, so many weeks back; a year has whole hours."""
    hours = came.reshape(-1, HOUR)
    back = [_later(hours, week * QUARTERS_A_WEEK // HOUR) for week in range(1, weeks + 1)]
    return _of_all(np.concatenate(back, axis=1).repeat(HOUR, axis=0))


def _later(hours: Floats, by: int) -> Floats:
    return np.concatenate([np.full((by, hours.shape[1]), np.nan), hours[:-by]])


def _of_all(rows: Floats) -> tuple[Floats, Floats]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of nothing there is no mean
        return np.nanmean(rows, axis=1), np.nanstd(rows, axis=1)


def _of_the_days(came: Floats, days: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the days before."""
    known, many = ~np.isnan(came), days * QUARTERS_A_DAY
    count, total, squares = (
        np.concatenate([[0.0], np.cumsum(np.nan_to_num(each))]) for each in (known * 1.0, came, came * came)
    )
    first = np.maximum(np.arange(len(came)) - many, 0)
    n, s, q = (each[:-1] - each[first] for each in (count, total, squares))
    mean = s / np.maximum(n, 1)
    return mean, np.sqrt(np.maximum(q / np.maximum(n, 1) - mean * mean, 0))
