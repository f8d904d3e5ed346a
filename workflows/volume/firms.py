"""Firms: which companies the enquiries of a period are of, and which kinds of companies are silent.

Those who write are not all customers: what nobody of a tier writes about is not known from its silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.tables.customer import Company
from workflows.tables.volume import Arrival
from workflows.volume.periods import Period

_COMPANIES, _ARRIVALS = table_of(Company).c, table_of(Arrival).c
#: Companies that are shown.
MOST = 10


@dataclass(frozen=True)
class Firm:
    """A company, and how many of its enquiries came in."""

    id: str
    name: str
    tier: str
    n: int


@dataclass(frozen=True)
class Tier:
    """A tier ("" where a company has none): its companies, how many of them wrote, and how many enquiries."""

    name: str
    companies: int
    wrote: int
    n: int

    @property
    def is_silent(self) -> bool:
        """Did none of them write?"""
        return not self.wrote


def of(session: Session, period: Period) -> tuple[list[Firm], list[Tier]]:
    """Those that wrote most, and every tier: the silent ones first.

    Counted company by company in the index, which is faster than grouping what came in in a year.
    """
    mine = (_ARRIVALS.company_id == _COMPANIES.id, _ARRIVALS.at >= period.begins, _ARRIVALS.at < period.ends)
    n = sa.select(sa.func.count()).select_from(table_of(Arrival)).where(*mine).correlate(table_of(Company))
    query = sa.select(_COMPANIES.id, _COMPANIES.name, _COMPANIES.tier, n.scalar_subquery().label("n"))
    found = [Firm(*row) for row in session.connection().execute(query)]
    most = sorted((each for each in found if each.n), key=lambda firm: (-firm.n, firm.id))[:MOST]
    return most, _tiers(found)


def _tiers(found: Sequence[Firm]) -> list[Tier]:
    by_tier: defaultdict[str, list[int]] = defaultdict(list)
    for firm in found:
        by_tier[firm.tier].append(firm.n)
    tiers = [Tier(name, len(ns), sum(n > 0 for n in ns), sum(ns)) for name, ns in by_tier.items()]
    return sorted(tiers, key=lambda tier: (tier.wrote / tier.companies, tier.name))
