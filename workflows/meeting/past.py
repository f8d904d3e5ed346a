"""Past: as of a moment, which wishes were one, what had been concluded, what was known of them.

`at` is ms UTC; for the present it is now. Everything here follows from rows that are never overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import among, said, table_of
from workflows.rules.choices import ADOPT, DUPLICATE, UNDECIDED
from workflows.tables.meeting import Decision, Merge
from workflows.tables.wish import Context, Feedback
from workflows.wish import awaited


def roots(session: Session, at: int) -> dict[int, int]:
    """For each wish that was merged into another one: the wish in which it ended up."""
    merge = table_of(Merge).c
    active = (merge.merged_at <= at) & (merge.unmerged_at.is_(None) | (merge.unmerged_at > at))
    rows = session.execute(sa.select(merge.feedback_id, merge.into_id).where(active)).all()
    parents = {feedback_id: into_id for feedback_id, into_id in rows}
    return {child: root_of(child, parents) for child in parents}


def root_of(wish: int, parents: dict[int, int]) -> int:
    """Where a chain of mergers ends."""
    while wish in parents:
        wish = parents[wish]
    return wish


def _held(at: int) -> Any:
    """Decisions that held: made by then, and not taken back by then."""
    decision = table_of(Decision).c
    not_undone = decision.undone_at.is_(None) | (decision.undone_at > at)
    return (decision.decided_at <= at) & not_undone & (decision.conclusion != said(DUPLICATE))


def is_present(session: Session, at: int) -> bool:
    """Was nothing decided, merged or withdrawn since then? Then `Feedback.conclusion` says what held."""
    decision, merge, wish = table_of(Decision).c, table_of(Merge).c, table_of(Feedback).c
    moments = (decision.decided_at, decision.undone_at, merge.merged_at, merge.unmerged_at, wish.withdrawn_at)
    changes = sa.union_all(*(sa.select(moment).where(moment > at) for moment in moments))
    return session.execute(changes.limit(1)).first() is None


_EACH = table_of(Feedback).alias("each_wish").c
#: The wishes about which nothing final is concluded now; those that were adopted, and of which an issue ended with
#: nothing to use: something may be left to conclude. Each is found along its index, as nearly all are decided.
_LEFT = (
    sa.select(_EACH.id).where(_EACH.conclusion.in_(said(UNDECIDED))),
    sa.select(_EACH.id).where(_EACH.conclusion == said(ADOPT), _EACH.id.in_(awaited.SOME_DROPPED)),
)
#: Those of them that count.
OPEN = table_of(Feedback).c.id.in_(sa.union_all(*_LEFT)) & table_of(Feedback).c.withdrawn_at.is_(None)


def open_at(at: int) -> Any:
    """May something have been left to conclude about a wish at that moment?

    Not where something final is concluded now, nothing was decided or taken back since, and it was never merged.
    """
    decision, merge = table_of(Decision).c, table_of(Merge).c
    touched = (
        sa.select(decision.feedback_id).where(decision.decided_at > at),
        sa.select(decision.feedback_id).where(decision.undone_at > at),
        sa.select(merge.feedback_id),
        sa.select(merge.into_id),
    )
    return table_of(Feedback).c.id.in_(sa.union_all(*_LEFT, *touched)) & counted(at)


def counted(at: int) -> Any:
    """Did a wish count at that moment, or was it filed by mistake, as somebody had said by then?"""
    withdrawn_at = table_of(Feedback).c.withdrawn_at
    return withdrawn_at.is_(None) | (withdrawn_at > at)


def _about(column: Any, which: Any) -> Any:
    """Is this about one of these wishes? `which` is a condition on them, None for all."""
    wish = table_of(Feedback).c
    return sa.true() if which is None else column.in_(sa.select(wish.id).where(which))


def conclusions(session: Session, at: int, which: Any = None) -> dict[int, tuple[int, str, int]]:
    """For each of these wishes that something was concluded about: the newest decision's id, its conclusion, when."""
    decision = table_of(Decision).c
    rows = session.execute(
        sa.select(decision.feedback_id, decision.id, decision.conclusion, decision.decided_at)
        .where(_held(at), _about(decision.feedback_id, which))
        .order_by(decision.decided_at, decision.id)
    ).all()
    return {feedback_id: (id, conclusion, decided_at) for feedback_id, id, conclusion, decided_at in rows}


def conclusions_of(session: Session, ids: Sequence[int], at: int) -> dict[int, str]:
    """For each of these wishes that something was concluded about: what held."""
    return {id: decision.conclusion for id, decision in decisions(session, ids, at).items()}


def decisions(session: Session, ids: Sequence[int], at: int) -> dict[int, Decision]:
    """The decision that held for each of these wishes."""
    rows = session.exec(
        select(Decision)
        .where(among(col(Decision.feedback_id), ids), _held(at))
        .order_by(col(Decision.decided_at), col(Decision.id))
    )
    return {row.feedback_id: row for row in rows}


def noted(session: Session, at: int, which: Any = None) -> dict[int, tuple[str, str, str]]:
    """Kind, importance and temperature as noted of each of these wishes."""
    context = table_of(Context).c
    rows = session.execute(
        sa.select(context.feedback_id, context.kind, context.importance, context.temperature)
        .where(context.said_at <= at, _about(context.feedback_id, which))
        .order_by(context.said_at, context.id)
    ).all()
    return {feedback_id: (kind, importance, temperature) for feedback_id, kind, importance, temperature in rows}


def heard(session: Session, since: int, at: int) -> set[str]:
    """The companies on record of which a wish was filed between these moments, whatever became of it."""
    wish = table_of(Feedback).c
    here = wish.company_id.is_not(None) & (wish.taken_at >= since) & (wish.taken_at <= at)
    return set(session.execute(sa.select(wish.company_id).where(here).distinct()).scalars().all())


class Filed(NamedTuple):
    """A wish as it was filed; `company_name` is what somebody typed, where no company is on record."""

    id: int
    company_id: str | None
    company_name: str
    kind: str
    said_at: int
    taken_at: int


def wishes(session: Session, at: int, which: Any = None) -> list[Filed]:
    """Every one of these wishes that had been filed, oldest first."""
    wish = table_of(Feedback).c
    columns = [wish[name] for name in Filed._fields]
    rows = session.execute(sa.select(*columns).where(_filed(at, which)).order_by(wish.said_at, wish.id)).all()
    return [Filed(*row) for row in rows]


def ids(session: Session, at: int, which: Any = None) -> Sequence[int]:
    """The numbers of the same, in any order: all that is needed to count them."""
    return session.execute(sa.select(table_of(Feedback).c.id).where(_filed(at, which))).scalars().all()


def _filed(at: int, which: Any) -> Any:
    """Had a wish been filed, of these?"""
    return (table_of(Feedback).c.taken_at <= at) & (sa.true() if which is None else which)
