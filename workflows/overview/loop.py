"""The loop page's questions: at which station is each wish, and which of them have waited longest?

    chat ─► feedback ─► decision ─► issue ─► reopened ─► told

A wish's station is not stored anywhere: it follows from its links and from what its customer is owed.
One query places every wish and numbers them within their station; a few more fetch what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_, case, func
from sqlmodel import Session, col, select

from workflows.engine.store import DAY_MS
from workflows.overview import cards
from workflows.overview.cards import Card
from workflows.rules.choices import FINAL
from workflows.tables.customer import Conversation
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackFeature, FeedbackIssue, Issue

CHAT, FEEDBACK, DECISION, ISSUE, REOPENED, TOLD = "chat", "feedback", "decision", "issue", "reopened", "told"
STATIONS = (CHAT, FEEDBACK, DECISION, ISSUE, REOPENED, TOLD)
#: Cards shown at each station.
MOST = 30
#: A chat from which nothing was filed for so long will not become a wish any more.
FRESH_MS = 14 * DAY_MS
#: One wish, these, or all.
Wishes = int | Sequence[int] | None


@dataclass(frozen=True)
class Station:
    """One station: the cards that are shown, longest wait first, and how many there are in all."""

    name: str
    cards: Sequence[Card]
    total: int


@dataclass(frozen=True)
class Place:
    """Where one wish is: its station, its number there (from 1), and how many are there."""

    feedback_id: int
    station: str
    number: int
    total: int


def board(session: Session, now: int, most: int = MOST, skip: int = 0, only: str = "") -> list[Station]:
    """Every station (or `only` one) with its cards from number `skip` on, at most `most` each."""
    places = _places(session, most, skip, only)
    details = {card.feedback_id: card for card in cards.of(session, [place.feedback_id for place in places])}
    stations = []
    for name in STATIONS if not only else (only,):
        if name == CHAT:
            stations.append(_chats(session, now, most, skip))
            continue
        here = [place for place in places if place.station == name]
        shown = [details[place.feedback_id] for place in here]
        stations.append(Station(name, shown, here[0].total if here else 0))
    return stations


def station_of(session: Session, feedback_id: int) -> str:
    """The station of one wish."""
    placed = _placed(feedback_id).subquery()
    return str(session.execute(sa.select(placed.c.station)).scalar_one())


def stations_of(session: Session, feedback_ids: Sequence[int]) -> dict[int, str]:
    """The stations of these wishes."""
    placed = _placed(feedback_ids).subquery()
    return {row.id: str(row.station) for row in session.execute(sa.select(placed.c.id, placed.c.station))}


def _places(session: Session, most: int, skip: int, only: str) -> list[Place]:
    placed = _placed().subquery()
    order = (placed.c.over, placed.c.rank, placed.c.id)
    numbered = sa.select(
        placed.c.id,
        placed.c.station,
        func.row_number().over(partition_by=placed.c.station, order_by=order).label("number"),
        func.count().over(partition_by=placed.c.station).label("total"),
    ).subquery()
    query = sa.select(numbered).where(numbered.c.number > skip, numbered.c.number <= skip + most)
    if only:
        query = query.where(numbered.c.station == only)
    rows = session.execute(query.order_by(numbered.c.station, numbered.c.number))
    return [Place(row.id, row.station, row.number, row.total) for row in rows]


def _placed(feedback_id: Wishes = None) -> Any:
    """Every wish (or one) with its station, and with what orders it there: what nobody works on comes last,
    otherwise the longest wait first; those who were told, latest first."""
    waits, linked = _waits(feedback_id), sa.select(col(FeedbackFeature.feedback_id)).distinct().subquery()
    ended = _ended(feedback_id)
    station = case(
        ((waits.c.owing == 1) | (ended.c.owing == 1), REOPENED),
        (ended.c.over == 1, TOLD),
        (waits.c.waiting == 1, ISSUE),
        (waits.c.waiting == 0, TOLD),
        (linked.c.feedback_id.is_not(None) | (col(Feedback.conclusion) == "adopt"), DECISION),
        else_=FEEDBACK,
    )
    told_at = func.coalesce(waits.c.given_at, ended.c.decided_at)
    return (
        sa.select(
            col(Feedback.id).label("id"),
            station.label("station"),
            case((and_(waits.c.waiting == 1, waits.c.alive == 0), 1), else_=0).label("over"),
            case((station == TOLD, -told_at), else_=col(Feedback.said_at)).label("rank"),
        )
        .select_from(Feedback)
        .outerjoin(waits, waits.c.feedback_id == col(Feedback.id))
        .outerjoin(linked, linked.c.feedback_id == col(Feedback.id))
        .outerjoin(ended, ended.c.feedback_id == col(Feedback.id))
        .where(_is(col(Feedback.id), feedback_id))
    )


def _ended(feedback_id: Wishes) -> Any:
    """Per wish about which something final was concluded: is its customer still to be told of that, and was it ended
    by that (not now, or possible already) once everybody has heard?"""
    return (
        sa.select(
            col(Feedback.id).label("feedback_id"),
            _any(col(Telling.state).in_(("owed", "drafted"))).label("owing"),
            _any(and_(col(Feedback.conclusion).in_(("decline", "existing")), col(Decision.sent_at).is_not(None))).label(
                "over"
            ),
            func.max(col(Decision.decided_at)).label("decided_at"),
        )
        .join(Decision, cards.holds())
        .outerjoin(Telling, cards.tells_of_decision())
        .where(col(Feedback.conclusion).in_(FINAL), _is(col(Feedback.id), feedback_id))
        .group_by(col(Feedback.id))
        .subquery()
    )


def _waits(feedback_id: Wishes) -> Any:
    """Per wish with issues: is news owed now, is an issue unsettled, is one of them still worked on?

    An issue that is no longer done takes its news back: whoever was told of it waits again.
    """
    news, finished = _news(feedback_id), col(Issue.category) == "done"
    return (
        sa.select(
            col(FeedbackIssue.feedback_id).label("feedback_id"),
            _any(and_(news.c.owing == 1, finished)).label("owing"),
            (1 - _all(and_(news.c.given == 1, finished))).label("waiting"),
            (1 - _all(finished)).label("alive"),
            func.max(news.c.given_at).label("given_at"),
        )
        .join(Issue, col(Issue.id) == col(FeedbackIssue.issue_id))
        .outerjoin(
            news,
            and_(news.c.feedback_id == col(FeedbackIssue.feedback_id), news.c.issue_id == col(FeedbackIssue.issue_id)),
        )
        .where(_is(col(FeedbackIssue.feedback_id), feedback_id))
        .group_by(col(FeedbackIssue.feedback_id))
        .subquery()
    )


def _news(feedback_id: Wishes) -> Any:
    """Per wish and issue, from what its conversation was owed: is it still owed, was it given, and when?"""
    return (
        sa.select(
            col(FeedbackIssue.feedback_id).label("feedback_id"),
            col(FeedbackIssue.issue_id).label("issue_id"),
            _any(col(Telling.state).in_(("owed", "drafted"))).label("owing"),
            _any(col(Telling.state).in_(("told", "excused"))).label("given"),
            func.max(func.coalesce(col(Telling.told_at), col(Telling.owed_at))).label("given_at"),
        )
        .join(Feedback, col(Feedback.id) == col(FeedbackIssue.feedback_id))
        .join(Telling, col(Telling.conversation_id) == col(Feedback.conversation_id))
        .join(Release, cards.concerns(col(Telling.release_id)))
        .where(_is(col(FeedbackIssue.feedback_id), feedback_id))
        .group_by(col(FeedbackIssue.feedback_id), col(FeedbackIssue.issue_id))
        .subquery()
    )


def _is(column: Any, value: Wishes) -> Any:
    if value is None:
        return sa.true()
    return column == value if isinstance(value, int) else column.in_(value)


def _any(condition: Any) -> Any:
    return func.max(case((condition, 1), else_=0))


def _all(condition: Any) -> Any:
    return func.min(case((condition, 1), else_=0))


def _chats(session: Session, now: int, most: int, skip: int) -> Station:
    """Fresh chats from which nothing has been filed."""
    filed = sa.select(col(Feedback.id)).where(col(Feedback.conversation_id) == col(Conversation.id)).exists()
    fresh = and_(col(Conversation.created_at) > now - FRESH_MS, ~filed)
    total = session.exec(select(func.count()).select_from(Conversation).where(fresh)).one()
    chats = session.exec(
        select(Conversation).where(fresh).order_by(col(Conversation.created_at)).offset(skip).limit(most)
    ).all()
    return Station(CHAT, cards.of_chats(session, chats), total)
