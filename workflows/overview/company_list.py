"""The list of companies: what matters before somebody speaks to one, in a few queries however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.customer import companies, owners
from workflows.customer.companies import Known
from workflows.engine.rows import among
from workflows.escalation import ladder
from workflows.overview import lives
from workflows.overview.life import ENDED
from workflows.rules.choices import LEVELS
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback
from workflows.telling import promises
from workflows.wish.wishes import COUNTS

#: More companies than are sorted at once.
ALL = 20_000
#: The filter for companies for which nobody answers.
NOBODY = "nobody"


class Row(NamedTuple):
    """A company, who answers for it, and how much is open: escalations, the highest risk in them, the next day that
    was promised in them, wishes, reports."""

    company: Known
    owner: str
    escalations: int
    risk: str
    day: str
    reports: int
    wishes: int = 0


@dataclass(frozen=True)
class Wanted:
    """Which companies somebody wants to see, "" for any, and in which order. `open`: those with an open escalation
    ("escalations") or a report owed ("reports")."""

    typed: str = ""
    owner: str = ""
    tier: str = ""
    risk: str = ""
    open: str = ""
    sort: str = ""


#: The orders in which companies can stand: by a figure, the largest first; by name, by the next promised day.
SORTS: dict[str, Callable[[Row], Any]] = {
    "": lambda row: (-row.escalations, -row.reports, -row.company.mrr),
    "name": lambda row: row.company.name,
    "mrr": lambda row: -row.company.mrr,
    "escalations": lambda row: -row.escalations,
    "risk": lambda row: list(LEVELS).index(row.risk) if row.risk in LEVELS else len(LEVELS),
    "day": lambda row: row.day or "~",
    "reports": lambda row: -row.reports,
}


@dataclass(frozen=True)
class Listed:
    """The companies of one part of the list, how many there are in all, and whom and what one can choose from."""

    rows: Sequence[Row]
    total: int
    owners: Sequence[str]
    tiers: Sequence[str]


def listed(session: Session, wanted: Wanted | None = None, skip: int = 0, most: int = 50) -> Listed:
    """The companies that somebody wants: by default all, where most waits first, then by what they spend."""
    wanted = wanted or Wanted()
    found = _rows(session, companies.listed(session, wanted.typed, ALL))
    kept = sorted((row for row in found if _is_wanted(row, wanted)), key=lambda row: row.company.name)
    kept.sort(key=SORTS.get(wanted.sort, SORTS[""]))
    shown = kept[skip : skip + most]
    wishes = open_wishes(session, [row.company.id for row in shown])
    rows = [row._replace(wishes=wishes[row.company.id]) for row in shown]
    people, tiers = {row.owner for row in found if row.owner}, {row.company.tier for row in found if row.company.tier}
    return Listed(rows, len(kept), sorted(people), sorted(tiers))


def _rows(session: Session, found: Sequence[Known]) -> list[Row]:
    every, reports = _escalations(session, col(Escalation.company_id).is_not(None)), _reports(session)
    people = owners.owners_of(session, [company.id for company in found])
    rows = []
    for company in found:
        cases = every.get(company.id, NO_CASES)
        owner, owed = people.get(company.id, ""), reports.get(company.id, 0)
        rows.append(Row(company, owner, cases.number, cases.risk, cases.day, owed))
    return rows


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    is_owner = not wanted.owner or row.owner == ("" if wanted.owner == NOBODY else wanted.owner)
    is_alike = wanted.tier in ("", row.company.tier) and wanted.risk in ("", row.risk)
    return is_owner and is_alike and (not wanted.open or getattr(row, wanted.open) > 0)


@dataclass(frozen=True)
class Cases:
    """The open escalations of a company: how many, the highest risk that was judged, the next day that was promised."""

    number: int
    risk: str
    day: str


NO_CASES = Cases(0, "", "")


def cases_of(session: Session, company_id: str) -> Cases:
    """The open escalations of one company."""
    return _escalations(session, col(Escalation.company_id) == company_id).get(company_id, NO_CASES)


def _escalations(session: Session, whose: Any) -> Mapping[str, Cases]:
    columns = (col(Escalation.company_id), col(Escalation.churn_risk), col(Escalation.next_date))
    rows = session.execute(sa.select(*columns).where(col(Escalation.state).in_(ladder.UNFINISHED), whose)).all()
    of_each: dict[str, list[tuple[str, str]]] = {}
    for id, risk, day in rows:
        of_each.setdefault(id, []).append((risk, day))
    rank = list(LEVELS)
    return {
        id: Cases(
            len(some),
            min((risk for risk, _ in some if risk in rank), key=rank.index, default=""),
            min((day for _, day in some if day), default=""),
        )
        for id, some in of_each.items()
    }


def _reports(session: Session) -> Counter[str]:
    """How many reports each company is owed now."""
    due = [each.feedback_id for each in promises.owing(session) if each.state in promises.NOW]
    return Counter(id for id in _companies_of(session, due).values() if id)


def open_wishes(session: Session, ids: Sequence[str]) -> Counter[str]:
    """How many of each company's wishes have not ended."""
    query = sa.select(col(Feedback.id), col(Feedback.company_id)).where(among(Feedback.company_id, ids), COUNTS)
    whose = {id: company for id, company in session.execute(query)}
    stages = lives.stages(session, list(whose))
    return Counter(company for id, company in whose.items() if stages[id] != ENDED)


def _companies_of(session: Session, wishes: Sequence[int]) -> dict[int, str]:
    query = sa.select(col(Feedback.id), col(Feedback.company_id)).where(among(Feedback.id, wishes))
    return {id: company for id, company in session.execute(query)}
