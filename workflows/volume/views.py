"""Views: what a page shows of how many came in; what nobody knows is told apart from nothing came in.

    points(session, period, now)            # [Point(begins, ends, n, state), …], every quarter hour, hour or day
    gaps(session, period, now)              # [Gap("intercom", since, until, is_open), …]
    heat(session, now)                      # a cell for each weekday and hour of the last thirteen weeks
    stacked(session, period)                # the eight most frequent themes, and all others, by hours, days or months

`about`: a theme (`tag:…`, `word:…`), or "" for all. Moments are milliseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, select

from workflows.engine.rows import table_of
from workflows.rules import rules
from workflows.tables.volume import Count, DayCount, Source
from workflows.volume import sources
from workflows.volume.counts import ALL, MEDIUM, THEME
from workflows.volume.periods import DAY, HOUR_MS, YEAR, Period, Span, lately
from workflows.volume.slots import SLOT_MS

_COUNTS, _DAYS = table_of(Count).c, table_of(DayCount).c
#: All that came in is known; something may be missing; it is not over yet, or has just been; it has not begun.
KNOWN, MISSING, RUNNING, AHEAD = "known", "missing", "running", "ahead"
#: So long after a quarter hour nobody misses its number yet: sources are asked every few minutes, and may be slow.
LATE_MS = 2 * SLOT_MS
#: Themes that are shown by themselves; all others are one.
THEMES = 8
OTHERS = ""


@dataclass(frozen=True)
class Point(Span):
    """How many came in from a moment until another, and what is known of that: at least so many, if MISSING."""

    n: int
    state: str


@dataclass(frozen=True)
class Gap(Span):
    """A source said nothing of this stretch. `is_open`: nor of anything since it began, be that before the period."""

    source: str
    is_open: bool


@dataclass(frozen=True)
class Cell:
    """An hour of a weekday (0 is Monday): how many come in on the average of so many weeks; None for unknown."""

    weekday: int
    hour: int
    mean: float | None
    weeks: int


@dataclass(frozen=True)
class Stack:
    """How many there were of each theme in each part of a period; `OTHERS` are those not shown by themselves."""

    names: Sequence[str]
    parts: Sequence[Span]
    n: Mapping[tuple[str, int], int]

    def total(self, name: str) -> int:
        """How many of a theme in all parts."""
        return sum(self.n[name, number] for number in range(len(self.parts)))


# -- how many --------------------------------------------------------------------------------------


def points(session: Session, period: Period, now: int, about: str = "", source: str = "") -> list[Point]:
    """Every piece of a period, of one source or ("") of all of them."""
    spans = _spans(period, rules.calendar.zone)
    return [
        Point(span.begins, span.ends, n, state)
        for span, n, state in _pieces(session, period, now, about, source, spans)
    ]


def _pieces(
    session: Session, period: Period, now: int, about: str, source: str, spans: Sequence[Span]
) -> Iterator[tuple[Span, int, str]]:
    """Each piece, how many came in, and what is known of that. A heat map has two thousand: numbers alone."""
    known = _sums(session, period, ALL, "", source)
    found = known if not about else _sums(session, period, THEME, about, source)
    counted = list(sources.spans(session, source).values())
    always = _always(period, counted)
    for number, span in enumerate(spans):
        covered = known[number][1]
        is_known = always and covered * SLOT_MS >= always * (span.ends - span.begins) and span.begins < now
        yield span, found[number][0], KNOWN if is_known else _state(span, covered, counted, now)


def _always(period: Period, counted: Sequence[tuple[int, int]]) -> int:
    """How many sources were counted all the time of a period; 0 where one of them began or ended meanwhile."""
    there = [(since, until) for since, until in counted if since < period.ends and until > period.begins]
    is_whole = all(since <= period.begins and until >= period.ends for since, until in there)
    return len(there) if is_whole else 0


@lru_cache(maxsize=8)
def _spans(period: Period, zone: ZoneInfo) -> Sequence[Span]:
    """The pieces of a period in a time zone; those of the last weeks are the same ones for a day."""
    return tuple(period.spans())


def total(session: Session, period: Period, about: str = "") -> int:
    """How many came in in a period, as far as is known."""
    facet, name = (THEME, about) if about else (ALL, "")
    query = sa.select(sa.func.sum(_DAYS.n)).where(*_within(period, facet), _DAYS.name == name)
    return int(session.connection().execute(query).scalar() or 0)


def _state(span: Span, covered: int, counted: Sequence[tuple[int, int]], now: int) -> str:
    """`counted`: from when until when each source was."""
    begins, ends = span.begins, span.ends
    if begins >= now:
        return AHEAD
    pieces = [(max(since, begins), min(until, ends)) for since, until in counted if since < ends and until > begins]
    wanted = sum(_quarters(since, until) for since, until in pieces)
    if wanted and covered >= wanted:
        return KNOWN
    by_now = sum(_quarters(since, min(until, now - LATE_MS)) for since, until in pieces)
    return RUNNING if pieces and covered >= by_now and ends > now - LATE_MS else MISSING


def _quarters(since: int, until: int) -> int:
    """How many quarter hours lie wholly between two moments."""
    return max(0, until // SLOT_MS + -since // SLOT_MS)


def _sums(session: Session, period: Period, facet: str, name: str, source: str) -> Mapping[int, tuple[int, int]]:
    """How many, and how many quarter hours are covered, by the number of the piece."""
    if period.kind == YEAR:
        rows = _sums_of_days(session, period, facet, name, source)
    else:
        piece = (_COUNTS.slot - period.begins) // (SLOT_MS if period.kind == DAY else HOUR_MS)
        covered = sa.func.sum(sa.case((_COUNTS.covered, 1), else_=0))
        wanted = (_COUNTS.facet == facet, _COUNTS.slot >= period.begins, _COUNTS.slot < period.ends)
        query = sa.select(piece.label("piece"), sa.func.sum(_COUNTS.n), covered).where(*wanted, _COUNTS.name == name)
        query = query.where(_COUNTS.source == source) if source else query
        rows = [tuple(row) for row in session.connection().execute(query.group_by(sa.text("piece"))).all()]
    return _Sums({int(piece): (int(n), int(covered)) for piece, n, covered in rows})


def _sums_of_days(session: Session, period: Period, facet: str, name: str, source: str) -> list[Any]:
    numbers = {day.isoformat(): number for number, day in enumerate(period.days())}
    query = sa.select(_DAYS.day, sa.func.sum(_DAYS.n), sa.func.sum(_DAYS.known)).where(*_within(period, facet))
    query = query.where(_DAYS.name == name).group_by(_DAYS.day)
    query = query.where(_DAYS.source == source) if source else query
    return [(numbers[day], n, known) for day, n, known in session.connection().execute(query).all()]


class _Sums(dict[int, tuple[int, int]]):
    """Nothing where nothing is."""

    def __missing__(self, key: int) -> tuple[int, int]:
        return (0, 0)


def _within(period: Period, facet: str) -> tuple[Any, ...]:
    return (_DAYS.facet == facet, _DAYS.day >= period.first.isoformat(), _DAYS.day <= period.last.isoformat())


# -- what is missing -------------------------------------------------------------------------------


def gaps(session: Session, period: Period, now: int, found: Sequence[Point] = ()) -> list[Gap]:
    """Stretches of a period of which a source said nothing, though it was counted by then.

    `found`: the points of all sources, of whatever theme, where they were asked for already.
    """
    every = session.exec(select(Source).order_by(Source.name)).all()
    counted = sources.spans(session)
    gone: list[Gap] = []
    for source in every:
        until = source.covered_until or source.since
        theirs = found if found and len(every) == 1 else points(session, period, now, source=source.name)
        for run in _runs(theirs):
            begins, ends = max(run[0].begins, source.since), min(run[-1].ends, now, counted[source.name][1])
            is_open = until < min(ends, now - LATE_MS)  # nothing is known after that
            if begins < ends:
                gone.append(Gap(until if is_open else begins, ends, source.name, is_open))
    return gone


def counted_since(session: Session) -> int | None:
    """From when on anything is known; None where nothing was ever counted."""
    return session.exec(select(sa.func.min(Source.since))).one()


def _runs(found: Iterable[Point]) -> list[list[Point]]:
    runs: list[list[Point]] = []
    last: Point | None = None
    for point in found:
        if point.state == MISSING:
            if last is None or last.state != MISSING:
                runs.append([])
            runs[-1].append(point)
        last = point
    return runs


# -- of what kind ----------------------------------------------------------------------------------


def heat(session: Session, now: int, about: str = "") -> list[Cell]:
    """Every hour of the week, in the last thirteen weeks as far as they are known: from Monday 0:00 on."""
    n: Counter[tuple[int, int]] = Counter()
    weeks: Counter[tuple[int, int]] = Counter()
    period, zone = lately(now), rules.calendar.zone
    pieces = _pieces(session, period, now, about, "", _spans(period, zone))
    for (_, count, state), place in zip(pieces, _places(period, zone), strict=True):
        if state == KNOWN:
            n[place] += count
            weeks[place] += 1
    every = [(weekday, hour) for weekday in range(7) for hour in range(24)]
    return [Cell(*each, n[each] / weeks[each] if weeks[each] else None, weeks[each]) for each in every]


@lru_cache(maxsize=4)
def _places(period: Period, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The weekday and the hour of each piece of a period; for an hour these are the same ones, and there are many."""
    begun = (datetime.fromtimestamp(span.begins / 1000, zone) for span in _spans(period, zone))
    return [(at.weekday(), at.hour) for at in begun]


def stacked(session: Session, period: Period) -> Stack:
    """The most frequent themes first, by the larger pieces of a period. Whoever is of two themes counts in both."""
    n: Counter[tuple[str, int]] = Counter()
    for name, part, count in _themes(session, period):
        n[name, part] += int(count)
    totals: Counter[str] = Counter()
    for (name, _), count in n.items():
        totals[name] += count
    names = [name for name, count in sorted(totals.items(), key=lambda each: (-each[1], each[0])) if count > 0]
    for (name, part), count in list(n.items()):
        if name not in names[:THEMES]:
            n[OTHERS, part] += count
    return Stack([*names[:THEMES], *([OTHERS] if len(names) > THEMES else [])], period.parts(), n)


def _themes(session: Session, period: Period) -> Iterable[Any]:
    """Theme, number of the part, and how many."""
    if period.kind == DAY:
        part = ((_COUNTS.slot - period.begins) // HOUR_MS).label("part")
        wanted = (_COUNTS.facet == THEME, _COUNTS.slot >= period.begins, _COUNTS.slot < period.ends)
        query = sa.select(_COUNTS.name, part, sa.func.sum(_COUNTS.n)).where(*wanted)
        return session.connection().execute(query.group_by(_COUNTS.name, sa.text("part"))).all()
    letters = 7 if period.kind == YEAR else 10  # of 2026-11-30: the month, or the day
    named = {day.isoformat()[:letters]: None for day in period.days()}
    numbers = {name: number for number, name in enumerate(named)}
    piece = sa.func.substr(_DAYS.day, 1, letters).label("part")
    query = sa.select(_DAYS.name, piece, sa.func.sum(_DAYS.n)).where(*_within(period, THEME))
    rows = session.connection().execute(query.group_by(_DAYS.name, sa.text("part"))).all()
    return [(name, numbers[part], n) for name, part, n in rows]


def mediums(session: Session, period: Period) -> list[tuple[str, int]]:
    """By which ways they came in, the most frequent first."""
    query = sa.select(_DAYS.name, sa.func.sum(_DAYS.n).label("n")).where(*_within(period, MEDIUM))
    rows = session.connection().execute(query.group_by(_DAYS.name).order_by(sa.text("n DESC"), _DAYS.name))
    return [(name, int(n)) for name, n in rows if n]


def merged(found: Sequence[Point], parts: Iterable[Span]) -> list[Point]:
    """The same by larger pieces; all of one is known where all of its own are."""
    return [_merged(part, [each for each in found if part.begins <= each.begins < part.ends]) for part in parts]


def _merged(part: Span, found: Sequence[Point]) -> Point:
    states = {each.state for each in found}
    if MISSING in states:
        state = MISSING
    elif states <= {AHEAD}:
        state = AHEAD
    else:
        state = KNOWN if states == {KNOWN} else RUNNING
    return Point(part.begins, part.ends, sum(each.n for each in found), state)
