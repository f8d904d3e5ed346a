"""Survival: how long something takes, where some of it is not over yet (Kaplan and Meier). Pure.

    steps(spans)           # after 3 days 80 of 100 still wait, 2 of whom …
    by_when(spans, 0.5)    # by when half of all have come to their end; None: not yet

What is still open counts with the time that it has waited so far, and leaves the reckoning there: it is not over, and
nobody knows when it will be. Without it only what went fast would be measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple


class Span(NamedTuple):
    """How long something took (ms), or has taken so far where it is not over."""

    length: int
    is_over: bool


class Step(NamedTuple):
    """After so long (ms): how many had waited so long, how many of these came to their end, which share still waits."""

    at: int
    waited: int
    ended: int
    share: Fraction


def steps(spans: Iterable[Span]) -> list[Step]:
    """The curve: a step for each length at which something ended. What is open at that length waited so long, too."""
    some = list(spans)
    ended, gone = Counter(each.length for each in some if each.is_over), Counter(each.length for each in some)
    waiting, share, found = len(some), Fraction(1), []
    for at in sorted(gone):
        if ended[at]:
            share *= Fraction(waiting - ended[at], waiting)
            found.append(Step(at, waiting, ended[at], share))
        waiting -= gone[at]
    return found


def still_waiting(curve: Sequence[Step], after: int) -> Fraction:
    """Which share still waits after so long (ms)."""
    return next((step.share for step in reversed(curve) if step.at <= after), Fraction(1))


def by_when(curve: Sequence[Step], share: Fraction) -> int | None:
    """By when such a share of all have come to their end (ms); None where that has not been seen."""
    return next((step.at for step in curve if 1 - step.share >= share), None)
