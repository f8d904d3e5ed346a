"""The loop page's questions: at which stage of its life is each wish, and which of them have waited longest?

    chat ─► received ─► adopted ─► development ─► to tell ─► ended

A wish's stage is not stored anywhere: it follows from what is on record (`life`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from workflows.engine.store import DAY_MS
from workflows.overview import cards, lives
from workflows.overview.cards import Card
from workflows.overview.life import DEVELOPMENT, ENDED, STAGES, Facts, Life, life
from workflows.tables.customer import Conversation
from workflows.tables.meeting import Decision
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling.cause import is_notice
from workflows.wish.awaited import DECLINED, LATE

CHAT = "chat"
STATIONS = (CHAT, *STAGES)
#: Issues for which nobody works on it any more.
STUCK = (DECLINED, LATE)
#: Cards shown at each station.
MOST = 30
#: A chat from which nothing was filed for so long will not become a wish any more.
FRESH_MS = 14 * DAY_MS


@dataclass(frozen=True)
class Station:
    """One station: the cards that are shown, longest wait first, and how many there are in all."""

    name: str
    cards: Sequence[Card]
    total: int


def board(session: Session, now: int, most: int = MOST, skip: int = 0, only: str = "") -> list[Station]:
    """Every station (or `only` one) with its cards from number `skip` on, at most `most` each."""
    facts = lives.facts_of(session)
    known = {id: life(each) for id, each in facts.items()}
    placed = _placed(session, facts, known)
    shown = {name: placed[name][skip : skip + most] for name in STAGES if only in ("", name)}
    details = {
        card.feedback_id: card for card in cards.of(session, [id for ids in shown.values() for id in ids], known)
    }
    found = [Station(name, [details[id] for id in ids], len(placed[name])) for name, ids in shown.items()]
    return [_chats(session, now, most, skip), *found] if only in ("", CHAT) else found


def _placed(session: Session, facts: Mapping[int, Facts], known: Mapping[int, Life]) -> dict[str, list[int]]:
    """The wishes of each stage: what nobody works on comes last, otherwise the longest wait first; what has ended,
    latest first."""
    said_at = {row.id: row.said_at for row in session.execute(sa.select(col(Feedback.id), col(Feedback.said_at)))}
    ended_at, found = _ended_at(session), defaultdict(list)
    for id, each in known.items():
        if facts[id].withdrawn:
            continue
        is_over = each.stage == DEVELOPMENT and all(issue.standing in STUCK for issue in facts[id].issues)
        rank = -ended_at.get(id, 0) if each.stage == ENDED else said_at.get(id, 0)
        found[each.stage].append((is_over, rank, id))
    return {stage: [id for *_, id in sorted(found[stage])] for stage in STAGES}


def _ended_at(session: Session) -> dict[int, int]:
    """When the customer of each wish heard last, or when it was decided."""
    at = func.coalesce(
        func.max(col(Telling.told_at)), func.max(col(Telling.owed_at)), func.max(col(Decision.decided_at))
    )
    rows = session.execute(
        sa.select(col(Feedback.id), at)
        .outerjoin(
            Telling,
            and_(col(Telling.conversation_id) == col(Feedback.conversation_id), ~is_notice(col(Telling.release_id))),
        )
        .outerjoin(Decision, lives.holds())
        .where((col(Telling.release_id).is_not(None)) | (col(Decision.id).is_not(None)))
        .group_by(col(Feedback.id))
    )
    return {row[0]: row[1] for row in rows}


def _chats(session: Session, now: int, most: int, skip: int) -> Station:
    """Fresh chats from which nothing has been filed."""
    filed = sa.select(col(Feedback.id)).where(col(Feedback.conversation_id) == col(Conversation.id)).exists()
    fresh = and_(col(Conversation.created_at) > now - FRESH_MS, ~filed)
    total = session.exec(select(func.count()).select_from(Conversation).where(fresh)).one()
    chats = session.exec(
        select(Conversation).where(fresh).order_by(col(Conversation.created_at)).offset(skip).limit(most)
    ).all()
    return Station(CHAT, cards.of_chats(session, chats), total)
