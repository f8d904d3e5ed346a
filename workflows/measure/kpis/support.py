"""Support: how enquiries went whose customer wrote first within a period. `now` is when it is looked.

cases(Look(session, period, now), FIGURES)["first_response"]
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from workflows.engine.rows import table_of
from workflows.enquiry.course import BACK_MS
from workflows.measure.kpis import columns, load
from workflows.measure.kpis.cases import MINUTE_MS, NONE, Bools, Case, Cases, Clock, Ints
from workflows.measure.kpis.columns import Columns
from workflows.measure.kpis.look import Look
from workflows.measure.surveys import GOOD
from workflows.rules import rules
from workflows.rules.enquiry import MEDIA
from workflows.tables.enquiry import Ask
from workflows.tables.measure import Survey

#: Business minutes within which a first response is soon.
SOON = 5
_ASK, _SURVEY = table_of(Ask).c, table_of(Survey).c
_MEDIA = np.array(MEDIA)


class Courses:
    """The enquiries of a period in columns; NONE where nothing is."""

    def __init__(self, look: Look, found: Columns) -> None:
        period, now = look.period, look.now
        self.refs, self.medium = np.array(found.refs, dtype=object), _MEDIA[found.numbers["medium"]]
        self._numbers, self.waits = found.numbers, found.waits
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


def cases(look: Look, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of support count."""
    wanted, made = set(names), dict[str, Cases]()
    if wanted & {*MADE, "asked_colleagues", "load"}:
        read = _read(look, load.LONGEST_MS if "load" in wanted else 0)
        if "load" in wanted:
            made["load"] = load.hours(read, look.period, look.now)
        found = Courses(look, read.where(read.numbers["began_at"] >= look.period.begins))
        made |= {name: make(found) for name, make in MADE.items() if name in wanted}
        if "asked_colleagues" in wanted:
            made["asked_colleagues"] = _asked(look, found)
    if "satisfied" in wanted:
        made["satisfied"] = _rated(look)
    return made


def soon(look: Look) -> Cases:
    """What the share of first responses within five minutes counts, alone."""
    return _soon(Courses(look, _read(look)))


def _read(look: Look, before_ms: int = 0) -> Columns:
    """What began within the period, or so long before it."""
    return columns.read(look.session, look.period.begins - before_ms, look.period.ends)


def _asked(look: Look, found: Courses) -> Cases:
    """Of what was answered, where a colleague was asked how: few ever are, so it is not asked by when they began."""
    ids = set(look.session.connection().execute(sa.select(_ASK.conversation_id).distinct()).scalars())
    is_asked = np.array([id in ids for id in found.refs] if ids else np.zeros(len(found.refs)), dtype=bool)
    answered = found["answers"] > 0
    return found.cases(counts=answered, hit=answered & is_asked)


def _rated(look: Look) -> Cases:
    """What customers said within the period; unlike all else here by when they said it."""
    period = look.period
    said = (_SURVEY.score != "", _SURVEY.scored_at >= period.begins, _SURVEY.scored_at < period.ends)
    query = sa.select(_SURVEY.conversation_id, _SURVEY.scored_at, _SURVEY.score, _SURVEY.medium).where(*said)
    rows = look.session.connection().execute(query)
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


def _later(found: Courses) -> Cases:
    """Every wait for a further answer, in the enquiries of the period."""
    which, since, ended = (found.waits[name] for name in ("place", "since", "ended"))
    running = ended == NONE
    nows = np.full(len(since), found.now)
    return Cases(
        refs=found.refs[which],
        at=since,
        counts=np.ones(len(since), dtype=bool),
        over=found.waits["answered"] == 1,
        open=running,
        hit=np.zeros(len(since), dtype=bool),
        business=np.where(running, found.clock.minutes(since, nows), found.waits["minutes"]),
        wall=np.maximum(np.where(running, nows, ended) - since, 0) // MINUTE_MS,
        group=found.medium[which],
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
    "next_reply": _later,
    "one_touch": _one_touch,
    "first_close": _first_close,
    "last_close": _last_close,
    "requester_wait": _wait,
    "reopened": _back,
    "news_reopens": _news,
}
