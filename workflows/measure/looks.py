"""What each quarter hour says once it is over: how unusual the last half hour and the last hour are. Pure.

    looks = look(counts, forecast)       # an array of each
    looks.score                          # zeros of the chance: 3.0 is one of a thousand. NaN: nobody counted
    looks.silence                        # the same of so few, while somebody works

The newest quarter hour may have just begun: `elapsed` says how much of it is over. A score is 0 where too little came
to be worth a message: less than five, or hardly more than usual (`EXCESS`, `EXCESS_SHARE` of a daytime's quarter hour).

How busy today is as a whole is followed, up to `GUARD` before: a busy day is not one long incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workflows.measure.model import Model
from workflows.measure.profile import drawn
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTERS_A_DAY, Series
from workflows.measure.spread import Spread, window_sums
from workflows.measure.tails import Floats, log_lower, log_upper

#: Windows (quarter hours) in which too many are looked for, and too few.
LOUD, SILENT = (2, 4), (4, 8)
#: What is worth a message: so many, and so many more than usual.
FEWEST, EXCESS, EXCESS_SHARE = 5, 3.0, 0.6
#: Silence is told where so many would be usual.
SILENCE_USUAL = 6.0
#: How today's level is followed: from so many quarter hours ago on, half after so many more; drawn to 1 by so many.
GUARD, FOLLOW_HALF_LIFE, FOLLOW_PULL = 5, 16.0, 60.0
#: What is counted into today's level of a spike: so many standard deviations.
FOLLOW_CUT = 2.5
FOLLOWED = QUARTERS_A_DAY
LOG_10 = np.log(10.0)


class Forecast(NamedTuple):
    """What is usual in each quarter hour, by the model of its day."""

    mean: Floats
    spreads: dict[int, Spread]
    daytime: Floats
    is_open: NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model, seasons: Seasons) -> Forecast:
        """By one model."""
        plain = np.ones(len(seasons.day))
        spreads = {many: Spread(spread.a * plain, spread.b * plain) for many, spread in model.spreads.items()}
        return cls(model.mean(seasons), spreads, model.daytime * plain, seasons.is_open)

    @classmethod
    def join(cls, parts: Sequence[Forecast]) -> Forecast:
        """One after the other."""
        spreads = {
            many: Spread(*(np.concatenate(each) for each in zip(*(part.spreads[many] for part in parts), strict=True)))
            for many in parts[0].spreads
        }
        mean, daytime, is_open = (
            np.concatenate(each) for each in zip(*(part[::2] + part[3:] for part in parts), strict=True)
        )
        return cls(mean, spreads, daytime, is_open)


class Looks(NamedTuple):
    """What each quarter hour says. `came` and `usual`: in the window that says the most."""

    score: Floats
    silence: Floats
    came: Floats
    usual: Floats


def look(values: Floats, forecast: Forecast, elapsed: float = 1.0) -> Looks:
    """What each quarter hour says; the first ones, before which nothing is known, by what there is of their windows."""
    known = (~np.isnan(values)).astype(np.float64)
    known[-1:] *= elapsed
    counts, mean = np.nan_to_num(values), forecast.mean
    mean = mean * known * todays(counts, mean * known, forecast)
    score, came, usual = np.zeros(len(values)), counts, mean
    for many in LOUD:
        n, m = window_sums(counts, many), window_sums(mean, many)
        found = _loud(n, m, forecast.spreads[many], EXCESS + EXCESS_SHARE * forecast.daytime)
        better = found >= score
        score, came, usual = np.where(better, found, score), np.where(better, n, came), np.where(better, m, usual)
    silence = np.maximum(*(_silent(counts, mean, forecast, many) for many in SILENT))
    unknown = known == 0
    return Looks(np.where(unknown, np.nan, score), np.where(unknown, np.nan, silence), came, usual)


def recent(counts: Series, model: Model, elapsed: float = 1.0) -> Looks:
    """What these quarter hours say by one model: those of today, and of some hours before so that today is followed."""
    return look(counts.values, Forecast.of(model, Seasons.of(counts.start, len(counts), model.calendar)), elapsed)


def _loud(n: Floats, m: Floats, spread: Spread, excess: Floats) -> Floats:
    """Of how many zeros the chance of so many is, where it is worth a message."""
    found, at = np.zeros(len(n)), np.flatnonzero((n >= FEWEST) & (n - m >= excess))
    found[at] = -log_upper(n[at], m[at], spread.size(m)[at]) / LOG_10
    return found


def _silent(counts: Floats, mean: Floats, forecast: Forecast, many: int) -> Floats:
    """Of how many zeros the chance of so few is, while somebody works."""
    n, m = window_sums(counts, many), window_sums(mean, many)
    found, at = np.zeros(len(n)), np.flatnonzero((m >= SILENCE_USUAL) & (n < m / 2) & forecast.is_open)
    found[at] = -log_lower(n[at], m[at], forecast.spreads[many].size(m)[at]) / LOG_10
    return found


def todays(counts: Floats, mean: Floats, forecast: Forecast) -> Floats:
    """How busy it is at the moment, spikes cut: some hours up to a while ago, drawn to 1."""
    deviation = np.sqrt(forecast.spreads[1].variance(mean))
    cut = np.minimum(counts, mean + FOLLOW_CUT * deviation)
    return drawn(_followed(cut), _followed(mean), FOLLOW_PULL)


def _followed(values: Floats) -> Floats:
    """The sum of what is older than the guard, the older the less."""
    weights = 0.5 ** (np.arange(FOLLOWED) / FOLLOW_HALF_LIFE)
    weights[:GUARD] = 0
    return np.convolve(values, weights)[: len(values)] if len(values) else values


def ceiling(values: Floats, most: float) -> Floats:
    """The rule that anybody understands: how much of the most that may come in half an hour came. Alarms from 1 on."""
    share: Floats = window_sums(np.nan_to_num(values), LOUD[0]) / most
    return np.where(np.isnan(values), np.nan, share)
