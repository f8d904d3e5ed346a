"""Accounts: how many are active, as somebody or some tool said day by day; so that enquiries can be compared.

actives(session, period)         # on the average of a period; 0 where nobody knows
actives_of(session, period)      # of each of its larger pieces, by when it begins
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session, select

from workflows.rules import rules
from workflows.tables.volume import Actives
from workflows.volume.periods import Period


def actives(session: Session, period: Period) -> float:
    """How many accounts were active on a day of this period: as was said day by day, else the rules; 0 for unknown."""
    wanted = (Actives.day >= period.first.isoformat(), Actives.day <= period.last.isoformat())
    mean = session.exec(select(sa.func.avg(Actives.n)).where(*wanted)).one()
    return float(mean) if mean else float(rules.volume.actives)


def actives_of(session: Session, period: Period) -> Mapping[int, float]:
    """The same of each of the larger pieces of a period, by when it begins."""
    wanted = (Actives.day >= period.first.isoformat(), Actives.day <= period.last.isoformat())
    by_day = dict(session.exec(select(Actives.day, sa.func.avg(Actives.n)).where(*wanted).group_by(Actives.day)).all())
    found = {}
    for part in period.parts():
        first, last = (rules.calendar.local(at).date().isoformat() for at in (part.begins, part.ends - 1))
        days = [float(n) for day, n in by_day.items() if first <= day <= last]
        found[part.begins] = sum(days) / len(days) if any(days) else float(rules.volume.actives)
    return found
