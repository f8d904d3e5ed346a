"""In which order a list of wishes goes: by age, by what the companies spend, by priority.

order = ordered(session, WEIGHT, which)
order.give(12, 50)                    # the fifty wishes after number 12
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.customer import companies
from workflows.engine.store import now_ms
from workflows.meeting import past, scales
from workflows.tables.customer import Company
from workflows.tables.wish import Feedback
from workflows.wish.wishes import COUNTS

#: By what a list may be ordered. A priority is only of what is still to be decided.
NEWEST, OLDEST, WEIGHT, SPEND = "newest", "oldest", "weight", "spend"
SORTS = (NEWEST, OLDEST, WEIGHT, SPEND)


@dataclass(frozen=True)
class Order:
    """What gives the wishes after another one, at most so many; and what they weigh, where that had to be known."""

    give: Callable[[int, int], list[int]]
    weights: Mapping[int, int] = field(default_factory=dict)


def ordered(session: Session, sort: str, which: Any = None) -> Order:
    """The wishes of this condition (all that count where it is None) in an order."""
    if sort == WEIGHT:
        return _by_weight(session, which)
    id, spend = col(Feedback.id), sa.func.coalesce(col(Company.mrr), 0.0)
    query = sa.select(id).where(COUNTS if which is None else which)
    if sort == SPEND:
        query = query.outerjoin(Company, col(Company.id) == col(Feedback.company_id))
    orders: dict[str, list[Any]] = {NEWEST: [id.desc()], OLDEST: [id.asc()], SPEND: [spend.desc(), id.desc()]}
    order = orders[sort]

    def passed(after: int) -> Any:
        if sort == SPEND:
            worth = _worth(session, after)
            return (spend < worth) | ((spend == worth) & (id < after))
        return id > after if sort == OLDEST else id < after

    def give(after: int, most: int) -> list[int]:
        rest = query.where(passed(after)) if after else query
        return list(session.execute(rest.order_by(*order).limit(most)).scalars())

    return Order(give)


def _worth(session: Session, id: int) -> float:
    """The monthly spend of the company that asks for a wish."""
    joined = sa.select(col(Company.mrr)).join(Feedback, col(Feedback.company_id) == col(Company.id))
    return session.execute(joined.where(col(Feedback.id) == id)).scalar() or 0.0


def _by_weight(session: Session, which: Any) -> Order:
    """What is still to be decided, the heaviest first, with all that is merged into it."""
    at = now_ms()
    heavy = [(wish.weight, wish) for wish in scales.undecided(session, at, companies.firms(session, at))]
    heavy.sort(key=lambda each: (-each[0], each[1].said_at, each[1].id))
    weights = {member: weight for weight, wish in heavy for member in wish.members}
    order = list(weights)
    if which is not None:
        fitting = set(session.execute(sa.select(col(Feedback.id)).where(which, past.open_at(at))).scalars().all())
        order = [member for member in order if member in fitting]

    def give(after: int, most: int) -> list[int]:
        first = order.index(after) + 1 if after in order else 0
        return order[first : first + most]

    return Order(give, weights)
