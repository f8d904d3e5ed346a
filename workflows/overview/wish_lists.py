"""Lists of wishes: all, those without background, those that somebody took, those that are decided, and those that
were adopted and have no issue yet: nobody works on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.store import now_ms
from workflows.meeting import past
from workflows.people.person import Person
from workflows.rules.choices import ADOPT, FINAL
from workflows.tables.meeting import Decision
from workflows.tables.wish import Context, Feedback, FeedbackIssue
from workflows.wish import voices as wish_voices
from workflows.wish.voices import Voice
from workflows.wish.wishes import COUNTS

ALL, UNFILLED, MINE, DECIDED, UNISSUED = "all", "unfilled", "mine", "decided", "unissued"
#: Mine of which nobody has said why they are wished for, as long as the meeting may still need to know.
OWED = "owed"
#: Those that count nowhere; on no other list.
WITHDRAWN = "withdrawn"
SHOWS = (ALL, UNFILLED, MINE, OWED, DECIDED, UNISSUED, WITHDRAWN)


@dataclass(frozen=True)
class Row:
    """A wish on a list: what was said, in which wish it ended up, and what was concluded about that."""

    voice: Voice
    merged_into: int | None
    conclusion: str
    decision: Decision | None

    @property
    def id(self) -> int:
        """The wish's record."""
        return self.voice.feedback_id


def listed(
    session: Session,
    show: str = ALL,
    *,
    person: Person | None = None,
    admin_ids: Sequence[str] = (),
    before: int = 0,
    most: int = 50,
    oldest: bool = False,
) -> list[Row]:
    """The newest wishes first (or the oldest), from the one before number `before` on. Mine are those taken by
    `person`, or under one of these ids."""
    query = select(Feedback).where(_shown(show, person, admin_ids))
    if before:
        query = query.where(col(Feedback.id) < before)
    order = col(Feedback.id).asc() if oldest else col(Feedback.id).desc()
    rows = session.exec(query.order_by(order).limit(most)).all()
    now, ids = now_ms(), [row.id or 0 for row in rows]
    voices = wish_voices.voices(session, ids, companies.firms(session, now, col(Feedback.id).in_(ids)), now)
    decisions = past.decisions(session, [row.merged_into or row.id or 0 for row in rows], now)
    return [
        Row(voices[row.id or 0], row.merged_into, row.conclusion, decisions.get(row.merged_into or row.id or 0))
        for row in rows
    ]


def count(session: Session, show: str, *, person: Person | None = None, admin_ids: Sequence[str] = ()) -> int:
    """How many wishes such a list has in all."""
    shown = select(sa.func.count()).select_from(Feedback).where(_shown(show, person, admin_ids))
    return session.exec(shown).one()


def _shown(show: str, person: Person | None, admin_ids: Sequence[str]) -> Any:
    return ~COUNTS if show == WITHDRAWN else COUNTS & _of_list(show, person, admin_ids)


def _of_list(show: str, person: Person | None, admin_ids: Sequence[str]) -> Any:
    if show == UNFILLED:
        return ~_filled()
    if show == UNISSUED:
        is_root = col(Feedback.merged_into).is_(None)
        has_issue = col(Feedback.id).in_(sa.select(col(FeedbackIssue.feedback_id)))
        return is_root & (col(Feedback.conclusion) == ADOPT) & ~has_issue
    if show == OWED:
        is_open = col(Feedback.conclusion).not_in(FINAL)
        return _of_list(MINE, person, admin_ids) & ~_filled() & is_open
    if show == MINE:
        mine = [id for id in (person.id if person else "", person.slack_id if person else "", *admin_ids) if id]
        return col(Feedback.taken_by).in_(mine)
    return col(Feedback.conclusion).in_(FINAL) if show == DECIDED else sa.true()


def _filled() -> Any:
    """Does the newest context of a wish say why, or how important it is?"""
    newest = sa.select(sa.func.max(col(Context.id))).group_by(col(Context.feedback_id))
    says = (col(Context.background) != "") | (col(Context.importance) != "")
    return col(Feedback.id).in_(sa.select(col(Context.feedback_id)).where(col(Context.id).in_(newest), says))
