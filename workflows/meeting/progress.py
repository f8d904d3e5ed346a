"""What a meeting got done, and what became of the wishes of a past one."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import table_of
from workflows.engine.store import now_ms
from workflows.meeting import past
from workflows.rules.choices import FINAL
from workflows.tables.meeting import Decision, Merge
from workflows.tables.wish import Feedback


def decided(session: Session, since: int, at: int) -> int:
    """How many wishes left the agenda since then, as it was at that moment: something final was concluded, or they
    were merged into another one, as a duplicate is."""
    decision, merge = table_of(Decision).c, table_of(Merge).c
    final = decision.conclusion.in_(FINAL) & (decision.decided_at >= since) & (decision.decided_at <= at)
    holds = decision.undone_at.is_(None) | (decision.undone_at > at)
    merged = (merge.merged_at >= since) & (merge.merged_at <= at)
    stays = merge.unmerged_at.is_(None) | (merge.unmerged_at > at)
    gone = sa.union(
        sa.select(decision.feedback_id).where(final, holds), sa.select(merge.feedback_id).where(merged, stays)
    ).subquery()
    return int(session.execute(sa.select(sa.func.count()).select_from(gone)).scalar_one())


def later(session: Session, ids: Sequence[int], at: int) -> dict[int, Decision]:
    """What was concluded about these wishes after that moment, and holds now."""
    query = select(Feedback.id, Feedback.merged_into).where(col(Feedback.id).in_(ids))
    roots = {id: merged_into or id for id, merged_into in session.exec(query) if id is not None}
    found = past.decisions(session, list(roots.values()), now_ms())
    return {id: found[root] for id, root in roots.items() if root in found and found[root].decided_at > at}


def turn(session: Session, feedback_id: int) -> str:
    """A name for how things stand with a wish: another one after each decision, merger, and what is taken back."""
    about = (col(Merge.feedback_id) == feedback_id) | (col(Merge.into_id) == feedback_id)
    decided = session.exec(select(Decision.undone_at).where(Decision.feedback_id == feedback_id)).all()
    merged = session.exec(select(Merge.unmerged_at).where(about)).all()
    return ".".join(f"{len(rows)}-{len(rows) - rows.count(None)}" for rows in (list(decided), list(merged)))
