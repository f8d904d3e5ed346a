"""Load: how many conversations are open for each colleague on shift, hour by hour of business time.

    hours(columns.read(session, begins - LONGEST_MS, ends), period, now)    # a case of each hour
    open_at(session, at)                                                    # the conversations that were open then

On shift are those whom [skills] or [calendar.people] names, by their own hours, as the rules are now (`people.duty`):
what the house knows of it, and no guess out of who happened to answer. A conversation is open from its customer's
first message until its last closing; after LONGEST_MS it is no work at hand any more, and counts no longer.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from sqlmodel import Session

from workflows.engine.store import DAY_MS
from workflows.measure.kpis import columns
from workflows.measure.kpis.cases import Case, Cases, Ints
from workflows.measure.kpis.columns import Columns
from workflows.measure.kpis.periods import Period
from workflows.people import duty
from workflows.rules import rules
from workflows.rules.calendar import HOUR_MS

LONGEST_MS = 30 * DAY_MS
#: A load is kept in so many parts of one conversation for each, as cases are of whole numbers.
PARTS = 100
#: When what is open now ends: later than any moment there is.
NEVER = np.iinfo(np.int64).max


def hours(found: Columns, period: Period, now: int) -> Cases:
    """Each hour that has begun and in which somebody is on shift: its load (`business`), how many are open (`wall`),
    and for how many (`group`)."""
    at = _hours(period, now)
    people, open = _on_shift(at), _open(found, at)
    staffed = people > 0
    n, load = int(staffed.sum()), np.rint(PARTS * open[staffed] / people[staffed]).astype(np.int64)
    no, yes = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    refs, group = at[staffed].astype(str).astype(object), people[staffed].astype(str)
    return Cases(refs, at[staffed], yes, yes, no, no, load, open[staffed], group)


def open_at(session: Session, at: int) -> Cases:
    """The conversations that were open at a moment, since when."""
    found = columns.read(session, at - LONGEST_MS, at + 1)
    open = found.where(_leaves(found) > at)
    return Cases.of(Case(ref, began) for ref, began in zip(open.refs, open.numbers["began_at"].tolist(), strict=True))


def _hours(period: Period, now: int) -> Ints:
    """Every full hour from when the company opens."""
    spans = rules.calendar.between(period.begins, min(period.ends, now + 1))
    return np.array([at for opens, closes in spans for at in range(opens, closes, HOUR_MS)], dtype=np.int64)


def _on_shift(at: Ints) -> Ints:
    """How many are on shift at each of these moments; those of the same hours are looked up once."""
    many = np.zeros(len(at), dtype=np.int64)
    if len(at):
        for calendar, n in Counter(map(rules.calendar_of, duty.agents())).items():
            spans = np.array(calendar.between(int(at[0]), int(at[-1]) + 1), dtype=np.int64).reshape(-1, 2)
            many += n * (_until(spans[:, 0], at) - _until(spans[:, 1], at))
    return many


def _open(found: Columns, at: Ints) -> Ints:
    """How many are open at each of these moments: those that had begun, less those that had been left."""
    return _until(found.numbers["began_at"], at) - _until(_leaves(found), at)


def _leaves(found: Columns) -> Ints:
    began, closed = found.numbers["began_at"], found.numbers["is_closed"] == 1
    ended = np.where(closed, found.numbers["last_closed_at"], NEVER)
    leaves: Ints = np.minimum(np.maximum(ended, began), began + LONGEST_MS)
    return leaves


def _until(moments: Ints, at: Ints) -> Ints:
    """How many of these moments have come by each of those."""
    return np.searchsorted(np.sort(moments), at, side="right")
