"""Support: how enquiries went whose customer wrote first within a period. `now` is when it is looked.

cases(session, period, now)["first_response"]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.enquiry.course import BACK_MS
from workflows.measure.kpis.cases import MINUTE_MS, Bools, Case, Cases, Clock, Ints
from workflows.measure.kpis.periods import Period
from workflows.measure.surveys import GOOD
from workflows.rules import rules
from workflows.tables.enquiry import Ask, Course
from workflows.tables.measure import Survey

#: Business minutes within which a first response is soon.
SOON = 5
NONE = -1
_COURSE, _ASK, _SURVEY = table_of(Course).c, table_of(Ask).c, table_of(Survey).c
_NUMBERS = (
    *("began_at", "answered_at", "given_up_at", "answer_minutes", "answers", "helpers"),
    *("closings", "first_closed_at", "first_closed_minutes", "last_closed_at", "last_closed_minutes"),
    *("is_closed", "is_back", "news", "waited_ms", "waited_minutes", "waiting_since"),
)
#: Where nothing is, NONE is; what is a yes or no, is 1 or 0.
_COLUMNS = [
    sa.cast(_COURSE[name], sa.Integer) if name.startswith("is_") else sa.func.coalesce(_COURSE[name], sa.text("-1"))
    for name in _NUMBERS
]


class Courses:
    """The enquiries of a period in columns; NONE where nothing is."""

    def __init__(self, session: Session, period: Period, now: int) -> None:
        query = sa.select(_COURSE.conversation_id, _COURSE.medium, *_COLUMNS).where(*_within(period))
        found = session.connection().execute(query).all()
        columns = list(zip(*found, strict=True)) if found else [()] * (len(_NUMBERS) + 2)
        self.refs, self.medium = np.array(columns[0], dtype=object), np.array(columns[1], dtype=str)
        self._numbers: dict[str, Ints] = {
            name: np.array(column, dtype=np.int64) for name, column in zip(_NUMBERS, columns[2:], strict=True)
        }
        self.now, self.clock = now, Clock(rules.calendar, period.begins, max(now, period.ends))

    def __getitem__(self, name: str) -> Ints:
        return self._numbers[name]

    def has(self, name: str) -> Bools:
        """Is there something?"""
        found: Bools = self[name] != NONE
        return found

    def cases(self, **columns: Any) -> Cases:
        """A case of each enquiry; what is not given is the same for all."""
        n = len(self.refs)
        usual: dict[str, Any] = dict.fromkeys(("counts", "over"), np.ones(n, dtype=bool))
        usual |= dict.fromkeys(("open", "hit"), np.zeros(n, dtype=bool))
        usual |= dict.fromkeys(("business", "wall"), np.zeros(n, dtype=np.int64))
        return Cases(**(usual | {"refs": self.refs, "at": self["began_at"], "group": self.medium} | columns))

    def until(self, over: Bools, ended: Ints, minutes: Ints) -> dict[str, Ints]:
        """How long it took from the beginning, or takes so far, in both clocks."""
        ends, running = np.where(over, ended, self.now), np.zeros(len(over), dtype=np.int64)
        running[~over] = self.clock.minutes(self["began_at"][~over], ends[~over])
        wall = np.maximum(ends - self["began_at"], 0) // MINUTE_MS
        return {"business": np.where(over, minutes, running), "wall": wall}


def cases(session: Session, period: Period, now: int, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of support count."""
    wanted, made = set(names), dict[str, Cases]()
    if wanted & {*MADE, "asked_colleagues"}:
        found = Courses(session, period, now)
        made |= {name: make(found) for name, make in MADE.items() if name in wanted}
        if "asked_colleagues" in wanted:
            made["asked_colleagues"] = _asked(session, found, period)
    if "next_reply" in wanted:
        made["next_reply"] = _later(session, period, now)
    if "satisfied" in wanted:
        made["satisfied"] = _rated(session, period)
    return made


def soon(session: Session, period: Period, now: int) -> Cases:
    """What the share of first responses within five minutes counts, alone."""
    return _soon(Courses(session, period, now))


def _within(period: Period) -> Sequence[Any]:
    return _COURSE.began_at >= period.begins, _COURSE.began_at < period.ends


def _asked(session: Session, found: Courses, period: Period) -> Cases:
    """Of what was answered, where a colleague was asked how."""
    asked = sa.select(_ASK.conversation_id).join(table_of(Course), _COURSE.conversation_id == _ASK.conversation_id)
    ids = set(session.connection().execute(asked.where(*_within(period))).scalars())
    is_asked = np.array([id in ids for id in found.refs], dtype=bool)
    answered = found["answers"] > 0
    return found.cases(counts=answered, hit=answered & is_asked)


def _rated(session: Session, period: Period) -> Cases:
    """What customers said within the period; unlike all else here by when they said it."""
    said = (_SURVEY.score != "", _SURVEY.scored_at >= period.begins, _SURVEY.scored_at < period.ends)
    query = sa.select(_SURVEY.conversation_id, _SURVEY.scored_at, _SURVEY.score, _SURVEY.medium).where(*said)
    rows = session.connection().execute(query)
    return Cases.of(Case(id, at, is_hit=score == GOOD, group=medium) for id, at, score, medium in rows)


# -- answers --------------------------------------------------------------------------------------


def _first(found: Courses) -> Cases:
    """Who was given up on leaves the reckoning at that moment: nobody answered, and nobody waits."""
    over, given_up = found.has("answered_at"), found.has("given_up_at")
    ended = np.where(over, found["answered_at"], found["given_up_at"])
    times = found.until(over | given_up, ended, found["answer_minutes"])
    return found.cases(over=over, open=~over & ~given_up, **times)


def _soon(found: Courses) -> Cases:
    """Of which it is known whether they were answered so soon; who still waits within the time may go either way."""
    first = _first(found)
    late = first.business > SOON
    return found.cases(
        counts=first.over | late,
        open=first.open & ~late,
        hit=first.over & ~late,
        over=first.over,
        business=first.business,
        wall=first.wall,
    )


def _later(session: Session, period: Period, now: int) -> Cases:
    """Every wait for a further answer, in the enquiries of the period."""
    text = sa.cast(_COURSE.later, sa.Text)
    query = sa.select(_COURSE.conversation_id, _COURSE.medium, text).where(*_within(period), text != "[]")
    found = session.connection().execute(query).all()
    waits = json.loads(f"[{','.join(written for *_, written in found)}]")
    flat = [wait for each in waits for wait in each]
    which = np.repeat(np.arange(len(found)), [len(each) for each in waits])
    since, ended, minutes = (np.array([wait[at] or 0 for wait in flat], dtype=np.int64) for at in (0, 1, 3))
    answered, running = np.array([wait[2] for wait in flat], dtype=bool), ended == 0
    nows = np.full(len(flat), now)
    clock = Clock(rules.calendar, period.begins, max(now, period.ends))
    return Cases(
        refs=np.array([id for id, *_ in found], dtype=object)[which],
        at=since,
        counts=np.ones(len(flat), dtype=bool),
        over=answered,
        open=running,
        hit=np.zeros(len(flat), dtype=bool),
        business=np.where(running, clock.minutes(since, nows), minutes),
        wall=np.maximum(np.where(running, nows, ended) - since, 0) // MINUTE_MS,
        group=np.array([medium for _, medium, _ in found], dtype=str)[which],
    )


def _wait(found: Courses) -> Cases:
    """How long it was our turn; over once it is closed and nobody waits."""
    since, is_waiting = found["waiting_since"], found.has("waiting_since")
    now = np.full(len(since), found.now)
    start = np.where(is_waiting, since, now)
    business = found["waited_minutes"] + found.clock.minutes(start, now)
    over = (found["is_closed"] == 1) & ~is_waiting
    wall = (found["waited_ms"] + np.maximum(now - start, 0)) // MINUTE_MS
    return found.cases(over=over, open=~over, business=business, wall=wall)


# -- closings -------------------------------------------------------------------------------------


def _one_touch(found: Courses) -> Cases:
    closed = found["is_closed"] == 1
    once = (found["closings"] == 1) & (found["helpers"] == 1) & (found["answers"] == 1)
    return found.cases(counts=closed, hit=closed & once, open=~closed)


def _first_close(found: Courses) -> Cases:
    over = found["closings"] > 0
    return found.cases(
        over=over, open=~over, **found.until(over, found["first_closed_at"], found["first_closed_minutes"])
    )


def _last_close(found: Courses) -> Cases:
    over = found["is_closed"] == 1
    return found.cases(
        over=over, open=~over, **found.until(over, found["last_closed_at"], found["last_closed_minutes"])
    )


def _back(found: Courses) -> Cases:
    """Of what was ever closed; open is what was closed so lately that its customer may still come back with it."""
    closed, back = found["closings"] > 0, found["is_back"] == 1
    lately = (found["is_closed"] == 1) & (found["last_closed_at"] + BACK_MS >= found.now)
    return found.cases(counts=closed, hit=closed & back, open=closed & ~back & lately)


def _news(found: Courses) -> Cases:
    return found.cases(counts=found["news"] > 0)


MADE: Mapping[str, Callable[[Courses], Cases]] = {
    "first_response": _first,
    "within_five": _soon,
    "one_touch": _one_touch,
    "first_close": _first_close,
    "last_close": _last_close,
    "requester_wait": _wait,
    "reopened": _back,
    "news_reopens": _news,
}
