"""Cases: what a figure counts, one by one, in columns; the figure and its list are made of the same ones.

    found = Cases.of([Case("215", at, is_over=True, business=3, wall=4), …])
    number(found)                   # Number(n, open, hits, business=Pair(half, most), wall=Pair(half, most))
    rows(found, "open")             # the cases behind one of its numbers, the newest first

Times are whole minutes. By when half, or nine in ten, have come to their end is Kaplan and Meier's estimate: what is
not over counts with the time so far. It is that of `overview.survival`, in milliseconds for a hundred thousand cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workflows.rules.calendar import Calendar

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
MINUTE_MS = 60_000
HALF, MOST = 0.5, 0.9
#: Shares that are equal but for what floating point adds to them.
ALMOST = 1e-9
#: Which cases of a figure: those that count, those of them that fulfil it, those that may still change it.
ALL, HITS, OPEN = PARTS = ("all", "hits", "open")


class Case(NamedTuple):
    """One of them: which conversation, request, telling or escalation, since when, and how it stands.

    `counts`: is it among the n? `is_over`: has what is measured ended? `is_open`: may it still change the figure?
    """

    ref: str
    at: int
    counts: bool = True
    is_over: bool = True
    is_open: bool = False
    is_hit: bool = False
    business: int = 0
    wall: int = 0
    group: str = ""


def walked(calendar: Calendar, ref: str, began: int, until: tuple[int | None, int | None], now: int) -> Case:
    """Something that began then and has ended; or that was left, as nobody can end it any more; or that goes on."""
    ended, left = until
    last = max(began, next((at for at in (ended, left) if at is not None), now))
    return Case(
        ref,
        began,
        is_over=ended is not None,
        is_open=ended is None and left is None,
        business=calendar.minutes(began, last),
        wall=(last - began) // MINUTE_MS,
    )


@dataclass(frozen=True)
class Cases:
    """The same of many, as columns of one length."""

    refs: npt.NDArray[Any]
    at: Ints
    counts: Bools
    over: Bools
    open: Bools
    hit: Bools
    business: Ints
    wall: Ints
    group: npt.NDArray[Any]

    @classmethod
    def of(cls, found: Iterable[Case]) -> Cases:
        """In columns."""
        some = list(found)
        columns = list(zip(*some, strict=True)) if some else [()] * len(Case._fields)
        kinds = (object, np.int64, bool, bool, bool, bool, np.int64, np.int64, object)
        return cls(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))

    def where(self, which: Bools) -> Cases:
        """Some of them."""
        return Cases(*(column[which] for column in vars(self).values()))

    def of_group(self, name: str) -> Cases:
        """Those of one kind, way or urgency."""
        return self.where(self.group == name)

    def part(self, name: str) -> Cases:
        """Those behind one of a figure's numbers."""
        if name == OPEN:
            return self.where(self.open)
        return self.where(self.counts & self.hit if name == HITS else self.counts)


class Pair(NamedTuple):
    """Minutes within which half, and nine in ten, have come to their end; None where that has not been seen."""

    half: int | None
    most: int | None


NEVER = Pair(None, None)


@dataclass(frozen=True)
class Number:
    """A figure: of how many, how many may still change it, how many fulfil it, and its times in both clocks."""

    n: int
    open: int
    hits: int
    business: Pair
    wall: Pair

    @property
    def percent(self) -> int | None:
        """The share that fulfils it; None of nothing."""
        return round(100 * self.hits / self.n) if self.n else None


def number(found: Cases, *, is_timed: bool = True) -> Number:
    """The figure of these; `is_timed`: with its times."""
    counted, open = found.where(found.counts), int(found.open.sum())
    times = (counted.business, counted.wall) if is_timed else ()
    pairs = [by_when(each, counted.over) for each in times] or [NEVER, NEVER]
    return Number(len(counted.at), open, int(counted.hit.sum()), *pairs)


def groups(found: Cases, names: Sequence[str], *, is_timed: bool = True) -> list[tuple[str, Number]]:
    """The figure of each group that has any case, in this order; then of those not named."""
    there = list(dict.fromkeys(found.group.tolist()))
    every = [*(name for name in names if name in there), *sorted(name for name in there if name not in names)]
    return [(name, number(found.of_group(name), is_timed=is_timed)) for name in every]


def rows(found: Cases, part: str, group: str | None = None) -> list[Case]:
    """The cases behind a number, the newest first."""
    some = found.part(part)
    some = some if group is None else some.of_group(group)
    listed = [Case(*each) for each in zip(*(column.tolist() for column in vars(some).values()), strict=True)]
    return sorted(listed, key=lambda each: (-each.at, each.ref))


# -- how long -------------------------------------------------------------------------------------


def by_when(lengths: Ints, over: Bools) -> Pair:
    """By when half and nine in ten have come to their end."""
    values, ended, gone = _counted(lengths, over)
    waited = len(lengths) - (np.cumsum(gone) - gone)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = 1 - np.cumprod(1 - ended / waited)
    return Pair(_first(values, ended, ends, HALF), _first(values, ended, ends, MOST))


def _counted(lengths: Ints, over: Bools) -> tuple[Ints, Ints, Ints]:
    """Each length there is, how many ended at it, and how many of all were so long."""
    values, place = np.unique(lengths, return_inverse=True)
    ended = np.bincount(place, weights=over, minlength=len(values)).astype(np.int64)
    return values, ended, np.bincount(place, minlength=len(values)).astype(np.int64)


def _first(values: Ints, ended: Ints, ends: Any, share: float) -> int | None:
    there = np.flatnonzero((ends >= share - ALMOST) & (ended > 0))
    return int(values[there[0]]) if len(there) else None


class Clock:
    """Business minutes of many stretches at once; as `Calendar.minutes` says of each of them."""

    def __init__(self, calendar: Calendar, since: int, until: int) -> None:
        spans = np.array(calendar.between(since, max(since, until)) or [(until, until)], dtype=np.int64)
        self._opens, lengths = spans[:, 0], spans[:, 1] - spans[:, 0]
        self._lengths, self._before = lengths, np.cumsum(lengths) - lengths

    def minutes(self, since: Ints, until: Ints) -> Ints:
        """Whole minutes of business time between moments within the stretch that this clock knows."""
        found: Ints = np.maximum(self._until(until) - self._until(since), 0) // MINUTE_MS
        return found

    def _until(self, at: Ints) -> Ints:
        place = np.searchsorted(self._opens, at, side="right") - 1
        there = np.maximum(place, 0)
        within = np.minimum(at - self._opens[there], self._lengths[there])
        found: Ints = np.where(place < 0, 0, self._before[there] + within)
        return found
