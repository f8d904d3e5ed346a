"""What grew: topics, kinds, companies. Each part of all counts by itself, and many at once. Pure.

model = of_part(whole, counts, excluded)     # a topic's model: the shape of the whole, its own level and spread
fair(np.stack([looks.score, …]))             # scores of many parts at once (Benjamini and Hochberg)
grown({"login": (14, 2.5), "csv": (3, 2.8)}) # what grew, the most telling first
alone({"c1": 9, "c2": 1}, excess=8.0)        # the one company that writes many times, if it is one
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import log
from typing import NamedTuple

import numpy as np

from workflows.measure.model import SPIKE, Model
from workflows.measure.seasons import Seasons
from workflows.measure.series import QUARTERS_A_DAY, Series, Span
from workflows.measure.spread import cut, spreads_of
from workflows.measure.tails import Floats

#: Days after which a part's day counts half for its level. What never came is reckoned as half of one in so many.
PART_HALF_LIFE, PART_PULL, PART_RARITY = 10.0, 0.5, 100
#: From so large a share of what is too much, it is one company that writes many times; and from so many.
ALONE_SHARE, ALONE_FEWEST = 0.6, 4


class Grown(NamedTuple):
    """A part of which more came than usual. `ratio`: the logarithm of how much better that explains it than chance."""

    name: str
    came: int
    usual: float
    ratio: float


def of_part(whole: Model, counts: Series, excluded: Iterable[Span] = ()) -> Model:
    """What is usual of a part: as of the whole, at its own level of the last weeks; how far it strays is its own."""
    values = counts.without(excluded).values
    seasons = Seasons.of(counts.start, len(counts), whole.calendar)
    known, came, shape = (~np.isnan(values)).astype(np.float64), np.nan_to_num(values), whole.mean(seasons)
    calm = cut(came, _share(came, known, shape) * shape, known, SPIKE)
    share = _share(calm, known, shape)
    return replace(whole, level=whole.level * share, spreads=spreads_of(came, share * shape, known))


def _share(came: Floats, known: Floats, shape: Floats) -> float:
    """The part's share of the whole, in the last weeks."""
    recent = 0.5 ** (np.arange(len(came))[::-1] / QUARTERS_A_DAY / PART_HALF_LIFE)
    return float((recent @ came + PART_PULL) / (recent @ (known * shape) + PART_PULL * PART_RARITY))


def fair(scores: Floats) -> Floats:
    """Scores (parts × moments) as they are where many are looked at: a chance among fifty is no wonder.

    A limit on these is one on the share of false ones among those that alarm, at every moment.
    """
    many = len(scores)
    order = np.argsort(-np.nan_to_num(scores), axis=0, kind="stable")
    ranked = np.take_along_axis(np.nan_to_num(scores), order, 0)
    ranked = ranked - np.log10(many / np.arange(1, many + 1.0))[:, None]
    ranked = np.maximum.accumulate(ranked[::-1], axis=0)[::-1]
    found = np.empty(scores.shape)
    np.put_along_axis(found, order, np.maximum(ranked, 0.0), 0)
    return np.where(np.isnan(scores), np.nan, found)


def grown(parts: Mapping[str, tuple[int, float]]) -> list[Grown]:
    """Parts of which more came than usual (how many came, how many are usual), the largest likelihood ratio first."""
    found = [Grown(name, came, usual, _ratio(came, usual)) for name, (came, usual) in parts.items() if came > usual]
    return sorted(found, key=lambda each: (-each.ratio, each.name))


def _ratio(came: int, usual: float) -> float:
    """Kulldorff's: how much likelier so many are at a rate of their own than at the usual one."""
    usual = max(usual, 0.05)
    return came * log(came / usual) - (came - usual) if came > usual else 0.0


def alone(companies: Mapping[str, int], excess: float) -> str | None:
    """The company from which most of what is too much came, twice as much as from any other; None: several write."""
    first, second, *_ = (*sorted(companies.values(), reverse=True), 0, 0)
    enough = max(ALONE_SHARE * max(excess, sum(companies.values()) / 2), 2 * second, ALONE_FEWEST)
    return next((name for name, came in companies.items() if came == first), None) if first >= enough else None
