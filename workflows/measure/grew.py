"""Grew: what explains an alert: how many came and are usual, what grew, from whom it came, samples, the last releases.

    explained(session, "", since, until)      # of all enquiries; or of a theme

`details` is kept with the alert and read by whoever tells it: `grown` [[theme, came, usual]], `alone` [company, came],
`samples` [[source/id, where it can be read]], `marks` [[title, address, when]].
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import table_of
from workflows.measure import usual
from workflows.measure.parts import Grown, alone, grown
from workflows.measure.seasons import Seasons
from workflows.rules import rules
from workflows.tables.volume import Arrival, Count, DayCount
from workflows.volume import occasions
from workflows.volume.counts import ALL, COMPANY, THEME
from workflows.volume.periods import WEEK, Period
from workflows.volume.slots import SLOT_MS

#: How many of each are named; samples that are looked through for those of different companies.
FEW, LOOKED_THROUGH = 3, 60
#: How long before it began something may have caused it.
BEFORE_MS = 24 * 4 * SLOT_MS
#: What grew by less than this says nothing (a likelihood ratio: about one of twenty by chance).
TELLING = 2.0
_COUNTS, _DAYS = table_of(Count).c, table_of(DayCount).c


class Explained(NamedTuple):
    """What is known of a stretch: how many came, how many are usual, and what explains that."""

    came: int
    usual: float
    details: dict[str, Any]


def explained(session: Session, theme: str, since: int, until: int) -> Explained:
    """Of the enquiries between two moments; of a theme, or ("") of all."""
    came = _by_name(session, THEME, since, until) if theme else _by_name(session, ALL, since, until)
    expected = expectation(session, theme, since, until)
    n = came.get(theme, 0)
    themes = [] if theme else _grown(session, since, until)
    return Explained(
        n,
        round(expected, 1),
        {
            "grown": [[each.name, each.came, round(each.usual, 1)] for each in themes],
            "alone": _alone(session, since, until, n - expected) if not theme else [],
            "samples": _samples(session, since, until, theme or next((each.name for each in themes), "")),
            "marks": _marks(session, since, until),
        },
    )


def expectation(session: Session, theme: str, since: int, until: int) -> float:
    """How many are usual between two moments."""
    model = usual.parts(session, since, [theme])[theme] if theme else usual.of(session, since)
    return float(model.mean(Seasons.of(since, (until - since) // SLOT_MS, rules.calendar)).sum())


def _grown(session: Session, since: int, until: int) -> list[Grown]:
    """The themes of which more came than their share of the last weeks, the most telling first."""
    came, shares = _by_name(session, THEME, since, until), _shares(session, since)
    expected = expectation(session, "", since, until)
    found = grown({name: (n, expected * shares.get(name, 0.0)) for name, n in came.items()})
    return [each for each in found if each.ratio >= TELLING][:FEW]


def _by_name(session: Session, facet: str, since: int, until: int) -> dict[str, int]:
    wanted = (_COUNTS.facet == facet, _COUNTS.slot >= since, _COUNTS.slot < until)
    query = sa.select(_COUNTS.name, sa.func.sum(_COUNTS.n)).where(*wanted).group_by(_COUNTS.name)
    return {name: int(n) for name, n in session.connection().execute(query) if n > 0}


def _shares(session: Session, at: int) -> dict[str, float]:
    """Of all enquiries of the last weeks, how large a share each theme had."""
    today = rules.calendar.local(at).date()
    days = ((today - timedelta(weeks=usual.PART_WEEKS)).isoformat(), today.isoformat())
    wanted = (_DAYS.facet.in_((ALL, THEME)), _DAYS.day >= days[0], _DAYS.day < days[1])
    query = sa.select(_DAYS.facet, _DAYS.name, sa.func.sum(_DAYS.n)).where(*wanted).group_by(_DAYS.facet, _DAYS.name)
    found = {(facet, name): int(n) for facet, name, n in session.connection().execute(query)}
    total = found.get((ALL, ""), 0)
    return {name: n / total for (facet, name), n in found.items() if facet == THEME and total}


def _alone(session: Session, since: int, until: int, excess: float) -> list[Any]:
    """The one company that writes many times, if it is one."""
    companies = _by_name(session, COMPANY, since, until)
    name = alone(companies, excess) if companies else None
    return [name, companies[name]] if name else []


def _samples(session: Session, since: int, until: int, theme: str) -> list[list[str]]:
    """The newest that can be read somewhere, of different companies as far as there are any."""
    query = select(Arrival).where(Arrival.at >= since, Arrival.at < until)
    rows = session.exec(query.order_by(col(Arrival.at).desc(), col(Arrival.id)).limit(LOOKED_THROUGH)).all()
    about = [row for row in rows if theme in row.themes] if theme else []
    return [[row.id, row.url] for row in _different(about or rows)[:FEW]]


def _different(rows: Sequence[Arrival]) -> list[Arrival]:
    """First one of each company, then the others."""
    first = {row.company_id or row.id: row for row in reversed(rows)}
    return sorted(rows, key=lambda row: row is not first[row.company_id or row.id])


def _marks(session: Session, since: int, until: int) -> list[list[Any]]:
    """What was released or began in the day before: the latest first."""
    days = (rules.calendar.local(at).date() for at in (since - BEFORE_MS, until))
    found = occasions.marks(session, Period(WEEK, *days))
    caused = [mark for mark in found if since - BEFORE_MS <= mark.at < until and mark.kind != occasions.FAULT]
    return [[mark.title, mark.address, mark.at] for mark in sorted(caused, key=lambda mark: -mark.at)[:FEW]]
