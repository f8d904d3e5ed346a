"""How far counts stray from what is usual: the variance of a window's count, given its mean. Pure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from workflows.measure.tails import Floats, log_upper, quantile

#: The windows (quarter hours) whose spread is measured.
WINDOWS = (1, 2, 4, 8)
#: What is rarer than this is cut before that is measured. Not more, or it would seem less than it is; how often.
STRAY, CUTS = 1e-4, 2
#: Groups of windows of about the same mean.
GROUPS = 12


class Spread(NamedTuple):
    """The variance of a count is a·mean + b·mean²: Poisson's where a is 1 and b is 0."""

    a: Floats
    b: Floats

    @classmethod
    def of(cls, a: float, b: float) -> Spread:
        """The same for every mean."""
        return cls(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))

    def variance(self, mean: Floats) -> Floats:
        """That of a count with this mean."""
        found: Floats = self.a * mean + self.b * mean * mean
        return found

    def size(self, mean: Floats) -> Floats:
        """The size of the negative binomial distribution with this mean and variance."""
        more = self.variance(mean) - mean
        found: Floats = np.divide(mean * mean, more, out=np.full(mean.shape, np.inf), where=more > 0)
        return found


POISSON = Spread.of(1.0, 0.0)


def window_sums(values: Floats, many: int) -> Floats:
    """The sum of each quarter hour and those before it, so many in all; at the beginning, of as many as there are."""
    total = np.concatenate([np.zeros(many), np.cumsum(values)])
    sums: Floats = total[many:] - total[:-many]
    return sums


def spread_of(counts: Floats, mean: Floats, known: Floats, many: int, whole: float = 1.0) -> Spread:
    """That of windows of so many quarter hours, by least squares over groups of windows with about the same mean.

    Each group weighs as much as its variance is known; what has one part less than Poisson's is Poisson's in that part.
    """
    there = window_sums(known, many) >= whole * many
    came, due = window_sums(counts * known, many)[there], window_sums(mean * known, many)[there]
    order = np.argsort(due, kind="stable")
    parts = [part for part in np.array_split(order, GROUPS) if len(part)]
    m = np.array([due[part].mean() for part in parts])
    squares = np.array([due[part] @ due[part] / len(part) for part in parts])
    v = np.array([((came[part] - due[part]) ** 2).mean() for part in parts])
    weight = 1 / np.maximum(v, 1e-6)
    return _fitted((m, squares), v, weight)


def spreads_of(counts: Floats, mean: Floats, known: Floats) -> dict[int, Spread]:
    """That of each window."""
    calm = cut(counts, mean, known, STRAY)
    return {many: spread_of(calm, mean, known, many) for many in WINDOWS}


def cut(counts: Floats, mean: Floats, known: Floats, share: float) -> Floats:
    """Series with spikes cut to the quantile that is exceeded by this share; each cut makes the next quantile lower."""
    found = counts
    for _ in range(CUTS):
        spread, found = spread_of(found, mean, known, 1), counts.copy()
        size = spread.size(mean)
        high = np.flatnonzero(counts > mean + 2 * np.sqrt(spread.variance(mean)))  # nothing nearer is so rare
        spikes = high[log_upper(counts[high], mean[high], size[high]) < np.log(share)]
        found[spikes] = np.minimum(counts[spikes], quantile(1 - share, mean[spikes], size[spikes]))
    return found


def _fitted(parts: tuple[Floats, Floats], v: Floats, weight: Floats) -> Spread:
    """Least squares of v = a·m + b·s with a ≥ 1 and b ≥ 0: the plain answer, or else the better edge."""
    m, s = (each * weight for each in parts)
    aim = v * weight
    (a, b), *_ = np.linalg.lstsq(np.stack([m, s], 1), aim, rcond=None)
    if a >= 1 and b >= 0:
        return Spread.of(a, b)
    only_a = max(float(m @ aim) / max(float(m @ m), 1e-12), 1.0)
    only_b = max(float(s @ (aim - m)) / max(float(s @ s), 1e-12), 0.0)
    edges = [Spread.of(only_a, 0.0), Spread.of(1.0, only_b)]
    return min(edges, key=lambda edge: float(np.sum((edge.a * m + edge.b * s - aim) ** 2)))
