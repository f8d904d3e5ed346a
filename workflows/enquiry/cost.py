"""Cost: how long customers waited who pay by what they use, in business minutes, by company.

    cost.waited(session, since, until, now)     # Cost(minutes=82, companies=(Waited("c1", "あおば製作所", 60, 3), …))

Of a wait that reaches beyond the two moments only what lies between them counts, so that months add up to a year. One
that has not ended counts until now.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from workflows.rules import rules
from workflows.tables.customer import Company
from workflows.tables.enquiry import Wait


@dataclass(frozen=True)
class Waited:
    """What one company waited: minutes, and how often."""

    company_id: str
    company: str
    minutes: int
    waits: int


@dataclass(frozen=True)
class Cost:
    """What all waited, and each company, the longest first."""

    minutes: int
    companies: tuple[Waited, ...]


def waited(session: Session, since: int, until: int, now: int) -> Cost:
    """How long those who pay by use (`mrr` above 0) waited between two moments."""
    until = min(until, now)
    query = select(Wait, Company.name).join(Company, col(Company.id) == Wait.company_id)
    over = or_(col(Wait.ended_at).is_(None), col(Wait.ended_at) > since)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for wait, name in session.exec(query.where(Company.mrr > 0, Wait.since < until, over)):
        found[wait.company_id, name].append(minutes(wait, since, until))
    companies = [Waited(id, name, sum(each), len(each)) for (id, name), each in found.items()]
    companies.sort(key=lambda each: (-each.minutes, each.company_id))
    return Cost(sum(each.minutes for each in companies), tuple(companies))


def minutes(wait: Wait, since: int, until: int) -> int:
    """How much of a wait lies between two moments; of one that lies there as a whole, what was reckoned at its end."""
    if wait.minutes is not None and wait.ended_at is not None and since <= wait.since and wait.ended_at <= until:
        return wait.minutes
    ends = until if wait.ended_at is None else min(wait.ended_at, until)
    return rules.calendar.minutes(wait.since, ends) - rules.calendar.minutes(wait.since, max(since, wait.since))
