"""The list of companies: what matters before somebody speaks to one, in a few queries however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.customer import companies, owners
from workflows.escalation import ladder
from workflows.overview import lives
from workflows.overview.life import ENDED
from workflows.rules.choices import LEVELS
from workflows.tables.customer import Company
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback
from workflows.telling import promises
from workflows.wish.wishes import COUNTS

#: More companies than are sorted at once.
ALL = 20_000


@dataclass(frozen=True)
class Row:
    """A company, who answers for it, and how much is open: escalations, the highest risk in them, wishes, reports."""

    company: Company
    owner: str
    escalations: int
    risk: str
    wishes: int
    reports: int


def listed(session: Session, typed: str = "", most: int = 50) -> list[Row]:
    """Companies whose name holds these letters, or all: where most waits first, then by what they spend."""
    found = companies.named(session, typed, ALL)
    escalations, risks = _escalations(session)
    reports = _reports(session)
    order = sorted(found, key=lambda each: (-escalations[each.id], -reports[each.id], -each.mrr, each.name))[:most]
    ids = [company.id for company in order]
    people, wishes = owners.owners_of(session, ids), _open_wishes(session, ids)
    return [
        Row(
            company,
            people.get(company.id, ""),
            escalations[company.id],
            risks.get(company.id, ""),
            wishes[company.id],
            reports[company.id],
        )
        for company in order
    ]


def _escalations(session: Session) -> tuple[Counter[str], Mapping[str, str]]:
    """How many are open for each company, and the highest risk that was judged in them."""
    rows = session.execute(
        sa.select(col(Escalation.company_id), col(Escalation.churn_risk)).where(
            col(Escalation.state).in_(ladder.UNFINISHED), col(Escalation.company_id).is_not(None)
        )
    ).all()
    rank = list(LEVELS)
    risks: dict[str, str] = {}
    for id, risk in rows:
        if risk in rank and (id not in risks or rank.index(risk) < rank.index(risks[id])):
            risks[id] = risk
    return Counter(id for id, _ in rows), risks


def _reports(session: Session) -> Counter[str]:
    """How many reports each company is owed now."""
    due = [each.feedback_id for each in promises.owing(session) if each.state == promises.DUE]
    return Counter(id for id in _companies_of(session, due).values() if id)


def _open_wishes(session: Session, ids: Sequence[str]) -> Counter[str]:
    """How many of each company's wishes have not ended."""
    query = sa.select(col(Feedback.id), col(Feedback.company_id)).where(col(Feedback.company_id).in_(ids), COUNTS)
    whose = {id: company for id, company in session.execute(query)}
    known = lives.of(session, list(whose))
    return Counter(company for id, company in whose.items() if known[id].stage != ENDED)


def _companies_of(session: Session, wishes: Sequence[int]) -> dict[int, str]:
    query = sa.select(col(Feedback.id), col(Feedback.company_id)).where(col(Feedback.id).in_(wishes))
    return {id: company for id, company in session.execute(query)}
