"""Usual: what is known of a company's own counts, and the model of a day: fitted on what was known the evening before.

    history(session, since, until)                  # the counts of all enquiries, as a series
    histories(session, since, until, ["word:請求"])   # … and of themes
    of(session, at)                                 # the model of the day in which a moment lies
    busy(session, since, until)                     # the seasons of the year that the rules name
    parts(session, at, ["word:請求", …])              # those of themes

What people labelled (a planned event, a fault) teaches nothing. A model is fitted once for each day and process.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import among, table_of
from workflows.measure import yearly
from workflows.measure.model import COUNTED, MOST_WEEKS, Model, fit
from workflows.measure.parts import of_part
from workflows.measure.series import QUARTERS_A_DAY, Series, Span
from workflows.measure.yearly import Busy
from workflows.rules import rules
from workflows.tables.volume import Count, DayCount
from workflows.volume import counts, occasions
from workflows.volume.counts import ALL, THEME
from workflows.volume.periods import day_span
from workflows.volume.slots import SLOT_MS

WEEK_MS = 7 * 96 * SLOT_MS
#: So far ahead a day's model knows the seasons of the year: what it is asked for is never later.
AHEAD_MS = 2 * WEEK_MS
#: A theme's own level is that of so many weeks; watched are those of which so many came in these, and the most of them.
PART_WEEKS, FEWEST, MOST = 4, 20, 30
_COUNTS, _DAYS = table_of(Count).c, table_of(DayCount).c
#: Models that a process keeps: those of some weeks, and of some days' themes.
KEPT = 400


def history(session: Session, since: int, until: int) -> Series:
    """All enquiries, quarter hour by quarter hour; what is not known is NaN."""
    found = counts.series(session, since, until)
    start = found[0].slot if found else -(-since // SLOT_MS) * SLOT_MS
    values = [quarter.n if quarter.is_known else np.nan for quarter in found]
    return Series(start, np.array(values, dtype=np.float64))  # where all are known these are whole numbers


def histories(session: Session, since: int, until: int, names: Collection[str]) -> dict[str, Series]:
    """The same of themes, out of one statement for all of them."""
    whole = history(session, since, until)
    nothing = np.where(np.isnan(whole.values), np.nan, 0.0)
    found = {name: nothing.copy() for name in names}
    wanted = (_COUNTS.facet == THEME, _COUNTS.slot >= whole.start, _COUNTS.slot < whole.end)
    query = sa.select(_COUNTS.name, _COUNTS.slot, _COUNTS.n).where(*wanted, among(_COUNTS.name, sorted(names)))
    for name, slot, n in session.connection().execute(query):
        found[name][(slot - whole.start) // SLOT_MS] += n
    return {name: Series(whole.start, np.maximum(values, 0.0)) for name, values in found.items()}


def watched(session: Session, at: int) -> list[str]:
    """The themes that are frequent enough to be watched by themselves: the most frequent first."""
    days = [rules.calendar.local(moment).date().isoformat() for moment in (at - PART_WEEKS * WEEK_MS, at)]
    n = sa.func.sum(_DAYS.n).label("n")
    query = sa.select(_DAYS.name).where(_DAYS.facet == THEME, _DAYS.day >= days[0], _DAYS.day < days[1])
    query = query.group_by(_DAYS.name).having(n >= FEWEST).order_by(n.desc(), _DAYS.name).limit(MOST)
    return list(session.connection().execute(query).scalars())


def spans(session: Session, since: int, until: int, theme: str = "") -> list[Span]:
    """What people labelled in a stretch, as the mathematics takes it."""
    return [(span.begins, span.ends) for span in occasions.spans(session, since, until, theme)]


def busy(session: Session, since: int, until: int) -> tuple[Busy, ...]:
    """Each season of the year that lies between two moments, and how busy past years say that it is."""
    among = _date(since), _date(until)
    near = [each for each in rules.alerts.seasons if yearly.found(each, among, {}, rules.calendar)]
    days = _days_before(session, among[1]) if near else {}
    return tuple(each for season in near for each in yearly.found(season, among, days, rules.calendar))


def _days_before(session: Session, last: date) -> dict[int, int]:
    """How many came on each day of the last years, of those of which nearly all is known."""
    first = last - timedelta(days=366 * (yearly.YEARS + 1))
    wanted = (_DAYS.facet == ALL, _DAYS.day >= first.isoformat(), _DAYS.day < last.isoformat())
    query = sa.select(_DAYS.day, sa.func.sum(_DAYS.n)).where(*wanted).group_by(_DAYS.day)
    query = query.having(sa.func.min(_DAYS.known) >= COUNTED * QUARTERS_A_DAY)
    return {date.fromisoformat(day).toordinal(): int(n) for day, n in session.connection().execute(query)}


def of(session: Session, at: int) -> Model:
    """What is usual on the day in which a moment lies."""
    midnight = _midnight(at)
    since = midnight - MOST_WEEKS * WEEK_MS
    labelled = spans(session, since, midnight)
    seasons = busy(session, since, midnight + AHEAD_MS)
    key = _Key("", midnight, tuple(labelled), *_sums(session, ALL, [""], since, midnight)[""], seasons)
    return _kept(key) or _keep(key, fit(history(session, since, midnight), rules.calendar, labelled, seasons))


def parts(session: Session, at: int, names: Sequence[str]) -> Mapping[str, Model]:
    """The same of themes: the shape of the whole, each at its own level."""
    whole, midnight = of(session, at), _midnight(at)
    since = midnight - PART_WEEKS * WEEK_MS
    sums = _sums(session, THEME, names, since, midnight)
    keys = [
        _Key(name, midnight, tuple(spans(session, since, midnight, name)), *sums[name], whole.busy) for name in names
    ]
    new = [key.name for key in keys if not _kept(key)]
    counted = histories(session, since, midnight, new) if new else {}
    return {
        key.name: _kept(key) or _keep(key, of_part(whole, counted[key.name], key.labelled))
        for key in keys
        if key.name in counted or _kept(key)
    }


class _Key(NamedTuple):
    """What a model was fitted on: of whose counts, up to when, what is left out, how many there were and are known."""

    name: str
    midnight: int
    labelled: tuple[Span, ...]
    n: int
    known: int
    busy: tuple[Busy, ...]


_models: dict[_Key, Model] = {}


def _kept(key: _Key) -> Model | None:
    """What was fitted is not fitted again, as long as the calendar is the same."""
    model = _models.get(key)
    return model if model is not None and model.calendar is rules.calendar else None


def _keep(key: _Key, model: Model) -> Model:
    if len(_models) >= KEPT:
        _models.clear()
    _models[key] = model
    return model


def _sums(session: Session, facet: str, names: Collection[str], since: int, until: int) -> dict[str, tuple[int, int]]:
    """How many there were between two days, and how many quarter hours are known, by name."""
    first, last = (rules.calendar.local(at).date().isoformat() for at in (since, until))
    wanted = (_DAYS.facet == facet, _DAYS.day >= first, _DAYS.day < last, among(_DAYS.name, sorted(names)))
    query = sa.select(_DAYS.name, sa.func.sum(_DAYS.n), sa.func.sum(_DAYS.known)).where(*wanted).group_by(_DAYS.name)
    found = {name: (int(n), int(known)) for name, n, known in session.connection().execute(query)}
    return {name: found.get(name, (0, 0)) for name in names}


def _midnight(at: int) -> int:
    return day_span(_date(at)).begins


def _date(at: int) -> date:
    return rules.calendar.local(at).date()
