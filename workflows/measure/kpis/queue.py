"""Queue: what the companies spend a month that wait for requests: undecided ones, and adopted ones that are not there.

    found = queues(session, now)[UNDECIDED]      # found.spend; found.requests[0].reached, from 0 to 1
    found.first(0.8)                             # so many of its requests stand for 80 % of that

In every sum a company counts once, however much it asks for. One whose spend Intercom does not know adds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.customer import companies
from workflows.customer.companies import Firm
from workflows.engine.rows import said, table_of
from workflows.language.folding import fold
from workflows.meeting import scales
from workflows.rules.choices import ADOPT
from workflows.tables.telling import Release, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.wish import availability, awaited

UNDECIDED, PLANNED = "undecided", "planned"
#: Companies by their ids, or by what stands for those of a typed name.
Firms = Mapping[str, Firm]


class Item(NamedTuple):
    """A request that some wait for. `reached`: the share of the queue's spend that it and all before it stand for."""

    id: int
    said_at: int
    companies: int
    spend: float
    reached: float


@dataclass(frozen=True)
class Queue:
    """Requests, those first whose companies spend most together; and what all these companies come to."""

    requests: Sequence[Item]
    companies: int
    spend: float

    def first(self, share: float) -> int:
        """How many of its first requests stand for that share of the spend."""
        return next(
            (n for n, request in enumerate(self.requests, start=1) if request.reached >= share), len(self.requests)
        )


def queues(session: Session, now: int) -> dict[str, Queue]:
    """What is on the agenda, and what was adopted and has not become available to those who asked for it."""
    firms = companies.firms(session, now)
    undecided = {each.id: (each.said_at, each.firms) for each in scales.undecided(session, now, firms)}
    return {UNDECIDED: _queue(undecided), PLANNED: _queue(_planned(session, now, firms, undecided))}


def _queue(requests: Mapping[int, tuple[int, Firms]]) -> Queue:
    order = sorted(requests, key=lambda id: (-_spend(requests[id][1]), -len(requests[id][1]), id))
    everybody = _apart(requests[id][1] for id in order)
    whole, met, reached, items = _spend(everybody), set[str](), 0.0, list[Item]()
    for id in order:
        said_at, firms = requests[id]
        reached += sum(firm.mrr for key, firm in firms.items() if key not in met)
        met |= firms.keys()
        items.append(Item(id, said_at, len(firms), _spend(firms), round(reached / whole, 6) if whole else 0.0))
    return Queue(items, len(everybody), whole)


def _spend(firms: Firms) -> float:
    return sum(firm.mrr for firm in firms.values())


def _apart(some: Iterable[Firms]) -> dict[str, Firm]:
    """All of these companies, each once: of the names that somebody typed those alone that no other one has."""
    every = {id: firm for firms in some for id, firm in firms.items()}
    typed = scales.typed({firm.name for id, firm in every.items() if id.startswith(scales.TYPED)}, {})
    known = {id: firm for id, firm in every.items() if id not in typed}
    names = {fold(firm.name).strip() for firm in known.values()}
    return known | {id: firm for id, firm in typed.items() if fold(firm.name).strip() not in names}


# -- what was adopted -----------------------------------------------------------------------------


def _planned(session: Session, now: int, firms: Firms, but: Collection[int]) -> dict[int, tuple[int, Firms]]:
    """What was adopted, with the companies that cannot use it yet. `but`: what is open again at the meeting."""
    rows = _adopted(session)
    waits = awaited.of(session, [row.id for row in rows], now)
    asking = defaultdict[int, list[Any]](list)
    for row in rows:
        if row.root not in but and not awaited.all_finished(waits.get(row.id, ())):
            asking[row.root].append(row)
    return {root: (min(row.said_at for row in some), scales.asking(some, firms)) for root, some in asking.items()}


def _adopted(session: Session) -> Sequence[Any]:
    """The adopted requests that may not be available to everybody, with those that were merged into them."""
    wish, root = table_of(Feedback).alias("wish").c, table_of(Feedback).alias("root").c
    here = (root.conclusion == said(ADOPT), wish.withdrawn_at.is_(None), root.withdrawn_at.is_(None))
    return session.execute(
        sa.select(wish.id, root.id.label("root"), wish.said_at, wish.company_id, wish.company_name)
        .where(root.id == sa.func.coalesce(wish.merged_into, wish.id), *here, _may_wait(wish.id))
        .order_by(wish.said_at, wish.id)
    ).all()


def _may_wait(id: Any) -> Any:
    """Has a request no issue, or one that is not open to everybody?

    Found from the few that have: of most that was adopted everything has been available for long.
    """
    wish, link = table_of(Feedback).c, table_of(FeedbackIssue).c
    concerned = wish.conclusion == said(ADOPT), wish.merged_into.is_not(None)
    bare = [
        sa.except_(sa.select(wish.id).where(each, wish.withdrawn_at.is_(None)), sa.select(link.feedback_id))
        for each in concerned
    ]
    not_open = sa.except_(sa.select(table_of(Issue).c.id), _open_to_all())
    waits = sa.select(link.feedback_id).where(link.issue_id.in_(not_open))
    return id.in_(sa.union(*(sa.select(each.subquery().c.id) for each in bare), waits))


def _open_to_all() -> Any:
    """The issues that are done, and whose newest release everybody can use."""
    issue, release, wave = table_of(Issue).c, table_of(Release).c, table_of(Wave).c
    back = table_of(Release).alias("back").c
    is_back = (back.issue_id == issue.id) & (back.cycle == issue.cycle) & (back.kind == said("reopened"))
    newest = (release.issue_id == issue.id) & (release.cycle == issue.cycle) & (release.kind == said("finished"))
    opened = (wave.release_id == release.id) & (wave.audience == said(availability.ALL)) & wave.opened_at.is_not(None)
    joined = table_of(Issue).join(table_of(Release), newest).join(table_of(Wave), opened)
    return (
        sa.select(issue.id)
        .select_from(joined)
        .where(issue.category == said("done"), ~sa.select(back.id).where(is_back).exists())
    )
