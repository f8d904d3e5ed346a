"""Cases: what a figure counts, one by one, in columns; the figure and its list are made of the same ones.

    found = Cases.of([Case("215", at, is_over=True, business=3, wall=4), …])
    number(found)                   # Number(n, open, hits, business=Pair(half, most), wall=Pair(half, most))
    rows(found, "open")             # the cases behind one of its numbers, the newest first

Times are whole minutes. By when half, or nine in ten, have come to their end is Kaplan and Meier's estimate: what is
not over counts with the time so far. It is that of `overview.survival`, in milliseconds for a hundred thousand cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workflows.rules.calendar import Calendar

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: Where nothing is.
NONE = -1
MINUTE_MS, YEAR_MS = 60_000, 365 * 86_400_000
#: The second day that a calendar knows, wherever it is.
EARLIEST_MS = 2 * 86_400_000
HALF, MOST = 0.5, 0.9
#: Shares that are equal but for what floating point adds to them.
ALMOST = 1e-9
#: Lengths are counted in a table of all there may be, as long as it has no more than so many for each case; else they
#: are sorted.
APIECE = 4
#: Which cases of a figure: those that count, those of them that fulfil it, those that may still change it.
ALL, HITS, OPEN = PARTS = ("all", "hits", "open")


def ints(column: Iterable[int | None]) -> Ints:
    """A column of moments or numbers; NONE where there is none."""
    return np.array([NONE if each is None else each for each in column], dtype=np.int64)


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


class Stretch(NamedTuple):
    """Something that began at a moment, and ended; or was left, as nobody can end it any more; or that goes on."""

    ref: str
    began: int
    ended: int | None
    left: int | None = None
    group: str = ""


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
        kinds = (object, np.int64, bool, bool, bool, bool, np.int64, np.int64, str)
        return cls(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))

    @classmethod
    def walked(cls, calendar: Calendar, found: Sequence[Stretch], now: int) -> Cases:
        """How long these took, or take until now."""
        refs, began, ended, left, group = zip(*found, strict=True) if found else [()] * len(Stretch._fields)
        made = cls.lasting(calendar, refs, ints(began), ints(ended), ints(left), now)
        return made.as_(group=np.array(group, dtype=str))

    @classmethod
    def lasting(
        cls,
        calendar: Calendar,
        refs: Sequence[str] | npt.NDArray[Any],
        began: Ints,
        ended: Ints,
        left: Ints,
        now: int,
    ) -> Cases:
        """The same in columns; NONE where something has not come."""
        over, gone = ended != NONE, left != NONE
        until = np.maximum(np.where(over, ended, np.where(gone, left, now)), began)
        clock = Clock(calendar, int(began.min(initial=now)), int(until.max(initial=now)))
        return cls(
            refs=np.array(refs, dtype=object),
            at=began,
            counts=np.ones(len(began), dtype=bool),
            over=over,
            open=~over & ~gone,
            hit=np.zeros(len(began), dtype=bool),
            business=clock.minutes(began, until),
            wall=(until - began) // MINUTE_MS,
            group=np.full(len(began), ""),
        )

    def as_(self, **columns: Any) -> Cases:
        """The same with other columns."""
        return replace(self, **columns)

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


UNSEEN = Pair(None, None)


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


def number(found: Cases, *, is_timed: bool = True, which: Bools | None = None) -> Number:
    """The figure of these, or of some of them; `is_timed`: with its times."""
    some = np.ones(len(found.at), dtype=bool) if which is None else which
    counts = found.counts & some
    times = (found.business, found.wall) if is_timed else ()
    pairs = [by_when(each[counts], found.over[counts]) for each in times] or [UNSEEN, UNSEEN]
    return Number(int(counts.sum()), int((found.open & some).sum()), int((counts & found.hit).sum()), *pairs)


def groups(found: Cases, names: Sequence[str], *, is_timed: bool = True) -> list[tuple[str, Number]]:
    """The figure of each group that has any case, in this order; then of those not named."""
    several = [(name, found.group == name) for name in _groups(found.group, names)]
    return [(name, number(found, is_timed=is_timed, which=which)) for name, which in several if which.any()]


def _groups(of: npt.NDArray[Any], names: Sequence[str]) -> list[str]:
    """These, and whatever others there are."""
    others = of[~np.isin(of, np.array(names))] if names else of
    return [*names, *sorted(set(others.tolist()))]


class Rows(NamedTuple):
    """How many cases are behind a number, and some of them, the newest first."""

    total: int
    cases: list[Case]


def rows(found: Cases, part: str, group: str | None = None, first: int = 0, most: int | None = None) -> Rows:
    """The cases behind a number; `most` of them, from number `first` on."""
    some = found.part(part)
    some = some if group is None else some.of_group(group)
    order = np.lexsort((some.refs.astype(str), -some.at))[first:]
    shown = [column[order[:most]].tolist() for column in vars(some).values()]
    return Rows(len(some.at), [Case(*each) for each in zip(*shown, strict=True)])


# -- how long -------------------------------------------------------------------------------------


def by_when(lengths: Ints, over: Bools) -> Pair:
    """By when half and nine in ten have come to their end."""
    if not len(lengths):
        return UNSEEN
    values, ended, gone = _counted(lengths, over)
    waited = len(lengths) - (np.cumsum(gone) - gone)
    ends = 1 - np.cumprod(1 - np.divide(ended, waited, out=np.zeros(len(ended)), where=waited > 0))
    return Pair(_first(values, ended, ends, HALF), _first(values, ended, ends, MOST))


def _counted(lengths: Ints, over: Bools) -> tuple[Ints, Ints, Ints]:
    """Each length there is, how many ended at it, and how many of all were so long.

    Those that have lasted longer than any that ended say no more than that: they are all of one length.
    """
    longest = int(lengths[over].max(initial=0))
    lengths = np.minimum(lengths, longest + 1)
    if longest < APIECE * len(lengths):
        values, place = np.arange(longest + 2), lengths
    else:
        values, place = np.unique(lengths, return_inverse=True)
    ended = np.bincount(place[over], minlength=len(values))
    return values, ended, np.bincount(place, minlength=len(values))


def _first(values: Ints, ended: Ints, ends: Any, share: float) -> int | None:
    there = np.flatnonzero((ends >= share - ALMOST) & (ended > 0))
    return int(values[there[0]]) if len(there) else None


class Clock:
    """Business minutes of many stretches at once; as `Calendar.minutes` says of each of them."""

    def __init__(self, calendar: Calendar, since: int, until: int) -> None:
        self._opens, self._lengths, self._before = _openings(calendar, since // YEAR_MS, until // YEAR_MS + 1)

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


@lru_cache(maxsize=16)
def _openings(calendar: Calendar, since: int, until: int) -> tuple[Ints, Ints, Ints]:
    """When somebody opens, for how long, and how long it was open before, between two years since 1970."""
    found = calendar.between(max(since * YEAR_MS, EARLIEST_MS), until * YEAR_MS)
    spans = np.array(found or [(0, 0)], dtype=np.int64)
    lengths = spans[:, 1] - spans[:, 0]
    return spans[:, 0], lengths, np.cumsum(lengths) - lengths
