"""Columns: the courses of a period, column by column: most days packed in a row each, the others row by row.

    found = read(session, period.begins, period.ends)
    found.numbers["began_at"], found.refs               # of one length; NONE where nothing is
    found.waits["since"], found.waits["place"]          # waits for later answers, and of which course each is

A day that is packed and that no change names is taken as it is; what began on any other day is read as it stands, so
that a figure never is older than what is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, groupby
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.engine.store import DAY_MS
from workflows.measure.kpis import packed
from workflows.measure.kpis.cases import NONE, Bools, Ints, ints
from workflows.rules.enquiry import MEDIA, OTHER
from workflows.tables.enquiry import Course, CourseChange, CourseDay

TIMES = ("answered_at", "given_up_at", "first_closed_at", "last_closed_at", "waiting_since")
NUMBERS = (
    *("answer_minutes", "answers", "helpers", "closings", "first_closed_minutes", "last_closed_minutes"),
    *("is_closed", "is_back", "news", "waited_ms", "waited_minutes"),
)
_COURSE, _DAY, _CHANGE = table_of(Course).c, table_of(CourseDay).c, table_of(CourseChange).c
_NAMES = ("began_at", *TIMES, *NUMBERS)
NUMBERED = (*_NAMES, "medium")
#: Where nothing is, NONE is; what is a yes or no, is 1 or 0.
_COLUMNS = [
    sa.cast(_COURSE[name], sa.Integer) if name.startswith("is_") else sa.func.coalesce(_COURSE[name], sa.text("-1"))
    for name in _NAMES
]
_COURSES = sa.select(_COURSE.conversation_id, sa.cast(_COURSE.later, sa.Text), _COURSE.medium, *_COLUMNS)
_CODES = {medium: code for code, medium in enumerate(MEDIA)}
#: Of each wait for a later answer: which course it is of, since and until when (NONE: it lasts), was it answered?
WAITS = ("place", "since", "ended", "answered", "minutes")
#: In a packed day moments are those since the course began; this one is none.
NO_MOMENT = int(np.iinfo(np.int32).min)


@dataclass(frozen=True)
class Columns:
    """Courses: their conversations, their numbers by name (`medium`: its place among MEDIA), and their later waits."""

    refs: Sequence[str]
    numbers: dict[str, Ints]
    waits: dict[str, Ints]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]]) -> Columns:
        """Courses as they were read by themselves."""
        refs, later, media, *numbers = zip(*rows, strict=True) if rows else [()] * (3 + len(_NAMES))
        found = {name: _whole(column) for name, column in zip(_NAMES, numbers, strict=True)}
        found["medium"] = _whole([_CODES.get(medium, _CODES[OTHER]) for medium in media])
        return cls(refs, found, _waits(later))

    @classmethod
    def joined(cls, several: Sequence[Columns]) -> Columns:
        """All of these."""
        several = [each for each in several if len(each.refs)] or several[:1]
        if len(several) == 1:
            return several[0]
        waits = _together([each.waits for each in several], WAITS)
        waits["place"] += _before([len(each.refs) for each in several], [each.waits for each in several])
        refs = [ref for each in several for ref in each.refs]
        return cls(refs, _together([each.numbers for each in several], NUMBERED), waits)

    def where(self, which: Bools) -> Columns:
        """Some of them."""
        if which.all():
            return self
        kept, place = which[self.waits["place"]], np.cumsum(which) - 1
        waits = {name: column[kept] for name, column in self.waits.items()}
        waits["place"] = place[waits["place"]]
        numbers = {name: column[which] for name, column in self.numbers.items()}
        return Columns(list(compress(self.refs, which.tolist())), numbers, waits)


def read(session: Session, begins: int, ends: int) -> Columns:
    """The courses that began from one moment until before another (ms)."""
    first, last = begins // DAY_MS, (ends - 1) // DAY_MS
    changed = sa.select(_CHANGE.day).where(_CHANGE.day.between(first, last)).distinct()
    # What has changed is asked for first: a day that is packed anew meanwhile is read row by row once more.
    stale = set(session.connection().execute(changed).scalars())
    kept = sa.select(_DAY.day, _DAY.refs, _DAY.numbers, _DAY.waits).where(_DAY.day.between(first, last))
    days = [row for row in session.connection().execute(kept).all() if row.day not in stale]
    there = {row.day for row in days}
    others = [(max(begins, since), min(ends, until)) for since, until in _gaps(first, last, there)]
    found = Columns.joined([unpacked(days), Columns.of(_rows(session, others))])
    began = found.numbers["began_at"]
    return found.where((began >= begins) & (began < ends))


def of_day(session: Session, day: int) -> Columns:
    """Those of one day (since 1970, UTC), row by row."""
    return Columns.of(_rows(session, [(day * DAY_MS, (day + 1) * DAY_MS)]))


def _rows(session: Session, spans: Sequence[tuple[int, int]]) -> Sequence[Sequence[Any]]:
    if not spans:
        return []
    which = sa.or_(*(sa.and_(_COURSE.began_at >= since, _COURSE.began_at < until) for since, until in spans))
    return session.connection().execute(_COURSES.where(which)).all()


def _gaps(first: int, last: int, there: set[int]) -> Iterator[tuple[int, int]]:
    """From when until when the days last that are not there; those that follow each other in one."""
    missing = [day for day in range(first, last + 1) if day not in there]
    for _, days in groupby(enumerate(missing), lambda each: each[1] - each[0]):
        some = [day for _, day in days]
        yield some[0] * DAY_MS, (some[-1] + 1) * DAY_MS


# -- a day ----------------------------------------------------------------------------------------


def packed_day(found: Columns) -> dict[str, Any]:
    """Courses as the values of a `CourseDay`."""
    began = found.numbers["began_at"]
    numbers = found.numbers | {name: _since(found.numbers[name], began) for name in TIMES}
    of = began[found.waits["place"]]
    waits = found.waits | {name: _since(found.waits[name], of) for name in ("since", "ended")}
    return {"refs": list(found.refs), "numbers": packed.pack(numbers), "waits": packed.pack(waits)}


def unpacked(days: Sequence[Any]) -> Columns:
    """The courses of several `CourseDay`."""
    several = [packed.unpack(day.waits) for day in days]
    numbers = _together([packed.unpack(day.numbers) for day in days], NUMBERED)
    waits = _together(several, WAITS)
    waits["place"] += _before([len(day.refs) for day in days], several)
    began = numbers["began_at"]
    numbers |= {name: _moments(numbers[name], began) for name in TIMES}
    of = began[waits["place"]]
    waits |= {name: _moments(waits[name], of) for name in ("since", "ended")}
    return Columns([ref for day in days for ref in day.refs], numbers, waits)


def _since(at: Ints, began: Ints) -> Ints:
    found: Ints = np.where(at == NONE, NO_MOMENT, at - began)
    return found


def _moments(since: Ints, began: Ints) -> Ints:
    found: Ints = np.where(since == NO_MOMENT, NONE, since + began)
    return found


def _whole(column: Sequence[int]) -> Ints:
    return np.array(column, dtype=np.int64)


def _together(several: Sequence[Mapping[str, Ints]], names: Sequence[str]) -> dict[str, Ints]:
    return {name: np.concatenate([_whole([]), *(each[name] for each in several)]) for name in names}


def _before(many: Sequence[int], waits: Sequence[Mapping[str, Ints]]) -> Ints:
    """For each wait how many courses there are before those among which its own is."""
    before = np.cumsum([0, *many])[:-1]
    found: Ints = np.repeat(before, [len(each["place"]) for each in waits])
    return found


def _waits(later: Sequence[str]) -> dict[str, Ints]:
    """Those of each course, out of what is written of them."""
    every = [[place, *wait] for place, written in enumerate(later) if written != "[]" for wait in json.loads(written)]
    columns = zip(*every, strict=True) if every else [()] * len(WAITS)
    return {name: ints(column) for name, column in zip(WAITS, columns, strict=True)}
