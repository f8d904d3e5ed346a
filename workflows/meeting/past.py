"""Past: as of a moment, which wishes were one, what had been concluded, what was known of them.

`at` is ms UTC; for the present it is now. Everything here follows from rows that are never overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import table_of
from workflows.rules.choices import ADOPT, DUPLICATE, FINAL
from workflows.tables.meeting import Decision, Merge
from workflows.tables.wish import Context, Feedback
from workflows.wish import awaited


def roots(session: Session, at: int) -> dict[int, int]:
    """For each wish that was merged into another one: the wish in which it ended up."""
    merge = table_of(Merge).c
    active = (merge.merged_at <= at) & (merge.unmerged_at.is_(None) | (merge.unmerged_at > at))
    rows = session.execute(sa.select(merge.feedback_id, merge.into_id).where(active))
    parents = {row.feedback_id: row.into_id for row in rows}
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
    return (decision.decided_at <= at) & not_undone & (decision.conclusion != DUPLICATE)


def is_present(session: Session, at: int) -> bool:
    """Was nothing decided, merged or withdrawn since then? Then `Feedback.conclusion` says what held."""
    decision, merge = table_of(Decision).c, table_of(Merge).c
    changes = sa.union_all(
        sa.select(decision.id).where((decision.decided_at > at) | (decision.undone_at > at)),
        sa.select(merge.id).where((merge.merged_at > at) | (merge.unmerged_at > at)),
        sa.select(table_of(Feedback).c.id).where(table_of(Feedback).c.withdrawn_at > at),
    )
    return session.execute(changes.limit(1)).first() is None


#: The wishes that were adopted, and of which an issue ended with nothing to use: something may be left to conclude.
_DROPPED = (table_of(Feedback).c.conclusion == ADOPT) & table_of(Feedback).c.id.in_(awaited.SOME_DROPPED)
#: The wishes about which nothing final is concluded now; and those.
OPEN = (table_of(Feedback).c.conclusion.not_in(FINAL) | _DROPPED) & table_of(Feedback).c.withdrawn_at.is_(None)


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
    )
    return {row.feedback_id: (row.id, row.conclusion, row.decided_at) for row in rows}


def conclusions_of(session: Session, ids: Sequence[int], at: int) -> dict[int, str]:
    """For each of these wishes that something was concluded about: what held."""
    return {id: decision.conclusion for id, decision in decisions(session, ids, at).items()}


def decisions(session: Session, ids: Sequence[int], at: int) -> dict[int, Decision]:
    """The decision that held for each of these wishes."""
    rows = session.exec(
        select(Decision)
        .where(col(Decision.feedback_id).in_(ids), _held(at))
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
    )
    return {row.feedback_id: (row.kind, row.importance, row.temperature) for row in rows}


def heard(session: Session, since: int, at: int) -> set[str]:
    """The companies on record of which a wish was filed between these moments, whatever became of it."""
    wish = table_of(Feedback).c
    here = wish.company_id.is_not(None) & (wish.taken_at >= since) & (wish.taken_at <= at)
    return set(session.execute(sa.select(wish.company_id).where(here).distinct()).scalars())


def wishes(session: Session, at: int, which: Any = None) -> list[Any]:
    """Every one of these wishes that had been filed, oldest first: its id, company, kind and when it was said.

    `company_name` is what somebody typed, where no company is on record.
    """
    wish = table_of(Feedback).c
    return list(
        session.execute(
            sa.select(wish.id, wish.company_id, wish.company_name, wish.kind, wish.said_at, wish.taken_at)
            .where(wish.taken_at <= at, sa.true() if which is None else which)
            .order_by(wish.said_at, wish.id)
        )
    )
