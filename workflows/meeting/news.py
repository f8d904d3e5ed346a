"""News of the meeting: what somebody did last, in one sentence, and a name for how things stand with all of it.

Those who look at the meeting together ask for it every few seconds, so that the name is made of a few counts alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import table_of
from workflows.engine.store import now_ms
from workflows.meeting import scales
from workflows.rules.choices import CONCLUSIONS
from workflows.tables.meeting import Decision, Merge
from workflows.tables.wish import Context, Feedback, FeedbackIssue, Issue
from workflows.wish.wishes import code

DECIDED = "{name} decided {code}: {kind}."
UNDONE = "{name} undid the decision on {code}."
MERGED = "{name} merged {code} into {into}."
UNMERGED = "{name} unmerged {code}."


@dataclass(frozen=True)
class News:
    """What happened at `at`; `key` names it, `by` is who did it: a person's id, "" where only the name is kept."""

    at: int
    key: str
    sentence: str
    by: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def latest(session: Session, feedback_id: int = 0) -> News | None:
    """What was decided, merged or taken back last; about one wish, or about any."""
    found = [*_of_decisions(session, feedback_id), *_of_mergers(session, feedback_id)]
    return max(found, key=lambda news: news.at, default=None)


def _of_decisions(session: Session, feedback_id: int) -> list[News]:
    about = Decision.feedback_id == feedback_id if feedback_id else sa.true()
    made, undone = col(Decision.decided_at), col(Decision.undone_at)
    found = []
    if newest := session.exec(select(Decision).where(about).order_by(made.desc()).limit(1)).first():
        facts = {"name": newest.person_name, "code": code(newest.feedback_id)}
        facts["kind"] = CONCLUSIONS[newest.conclusion].words
        found.append(News(newest.decided_at, f"decided:{newest.id}", DECIDED, newest.person, facts))
    taken = select(Decision).where(about, undone.is_not(None)).order_by(undone.desc()).limit(1)
    if back := session.exec(taken).first():
        facts = {"name": back.undone_by, "code": code(back.feedback_id)}
        found.append(News(back.undone_at or 0, f"undone:{back.id}", UNDONE, facts=facts))
    return found


def _of_mergers(session: Session, feedback_id: int) -> list[News]:
    either = (col(Merge.feedback_id) == feedback_id) | (col(Merge.into_id) == feedback_id)
    about = either if feedback_id else sa.true()
    found = []
    if newest := session.exec(select(Merge).where(about).order_by(col(Merge.id).desc()).limit(1)).first():
        facts = {"name": newest.person_name, "code": code(newest.feedback_id), "into": code(newest.into_id)}
        found.append(News(newest.merged_at, f"merged:{newest.id}", MERGED, newest.person, facts))
    apart = select(Merge).where(about, col(Merge.unmerged_at).is_not(None))
    if back := session.exec(apart.order_by(col(Merge.unmerged_at).desc()).limit(1)).first():
        facts = {"name": back.unmerged_by, "code": code(back.feedback_id)}
        found.append(News(back.unmerged_at or 0, f"unmerged:{back.id}", UNMERGED, facts=facts))
    return found


def pulse(session: Session) -> str:
    """Another one after everything that changes what the agenda shows, and when another meeting begins."""
    decision, merge, wish = table_of(Decision).c, table_of(Merge).c, table_of(Feedback).c
    parts = (
        sa.select(sa.func.max(decision.id)),
        _number(decision.undone_at.is_not(None)),
        _number(decision.undone_at.is_(None), decision.sent_at.is_(None)),
        sa.select(sa.func.max(merge.id)),
        _number(merge.unmerged_at.is_not(None)),
        sa.select(sa.func.max(wish.id)),
        _number(wish.withdrawn_at.is_not(None)),
        sa.select(sa.func.max(table_of(Context).c.id)),
        sa.select(sa.func.count()).select_from(table_of(FeedbackIssue)),
        sa.select(sa.func.max(table_of(Issue).c.checked_at)),
    )
    row = session.execute(sa.select(*(part.scalar_subquery() for part in parts))).one()
    return ".".join(str(each or 0) for each in (*row, scales.meetings().present(now_ms())))


def _number(*which: Any) -> Any:
    """How many rows fit: counted in an index alone, as each of these has one that holds no others."""
    return sa.select(sa.func.count()).where(*which)
