"""What a card shows of a wish, fetched for many wishes at once: never a query per card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import among
from workflows.overview import lives
from workflows.overview.life import Life
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.meeting import Decision
from workflows.tables.runs import OPEN, Action, Run
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feature, Feedback, FeedbackFeature, FeedbackIssue, Issue
from workflows.wish import awaited


@dataclass(frozen=True)
class Link:
    """A Jira issue of a wish, and how it stands: one of the words above. `told`: the customer heard of it before."""

    issue: Issue
    standing: str
    told: bool = False


@dataclass(frozen=True)
class Trouble:
    """A write to a vendor that has not come through yet: why, and when it is tried again (0: nobody knows)."""

    verb: str
    reason: str
    facts: dict[str, Any]
    due_at: int


@dataclass
class Card:
    """One customer's wish (or a chat before anything is filed from it: `feedback_id` 0)."""

    feedback_id: int
    conversation_id: str
    url: str
    quote: str
    said_at: int
    kind: str = ""
    agent: str = ""
    person: str = ""
    company: str = ""
    tier: str = ""
    note_id: str = ""
    note_url: str = ""
    chat_state: str = ""
    conclusion: str = ""
    features: list[Feature] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    telling: Telling | None = None
    excuse: Action | None = None
    trouble: Trouble | None = None
    #: None before anything is filed.
    life: Life | None = None


def of(session: Session, ids: Sequence[int], known: Mapping[int, Life] | None = None) -> list[Card]:
    """The cards of these wishes; `known`: their lives, where somebody has looked already."""
    cards = {card.feedback_id: card for card in _bare(session, ids)}
    _add_features(session, cards)
    _add_tellings(session, cards)
    _add_links(session, cards)
    _add_troubles(session, cards)
    found = lives.of(session, list(cards)) if known is None else known
    for id, card in cards.items():
        card.life = found[id]
    return list(cards.values())


def of_chats(session: Session, chats: Sequence[Conversation]) -> list[Card]:
    """The cards of chats from which nothing was filed."""
    companies = _by_id(session, Company, [chat.company_id for chat in chats])
    people = _by_id(session, Contact, [chat.contact_id for chat in chats])
    return [_card_of_chat(chat, companies.get(chat.company_id), people.get(chat.contact_id)) for chat in chats]


def _bare(session: Session, ids: Sequence[int]) -> list[Card]:
    rows = session.exec(
        select(Feedback, Conversation, Company, Contact)
        .outerjoin(Conversation, col(Conversation.id) == Feedback.conversation_id)
        .outerjoin(Company, col(Company.id) == Feedback.company_id)
        .outerjoin(Contact, col(Contact.id) == Feedback.contact_id)
        .where(among(col(Feedback.id), ids))
    )
    return [_card(*row) for row in rows]


def _card(wish: Feedback, chat: Conversation | None, company: Company | None, person: Contact | None) -> Card:
    return Card(
        feedback_id=wish.id or 0,
        conversation_id=wish.conversation_id,
        url=chat.url if chat else "",
        quote=wish.quote,
        said_at=wish.said_at,
        kind=wish.kind,
        agent=wish.taken_by_name,
        person=person.name if person else wish.person_name,
        company=company.name if company else wish.company_name,
        tier=company.tier if company else "",
        note_id=wish.note_id,
        note_url=wish.note_url,
        chat_state=chat.state if chat else "",
        conclusion=wish.conclusion,
    )


def _card_of_chat(chat: Conversation, company: Company | None, person: Contact | None) -> Card:
    return Card(
        feedback_id=0,
        conversation_id=chat.id,
        url=chat.url,
        quote=chat.opening,
        said_at=chat.created_at,
        person=person.name if person else "",
        company=company.name if company else "",
        tier=company.tier if company else "",
        chat_state=chat.state,
    )


def _by_id(session: Session, table: type[Any], ids: Sequence[str | None]) -> dict[str | None, Any]:
    wanted = {id for id in ids if id}
    return {row.id: row for row in session.exec(select(table).where(col(table.id).in_(wanted)))}


def _add_features(session: Session, cards: dict[int, Card]) -> None:
    rows = session.exec(
        select(FeedbackFeature.feedback_id, Feature)
        .join(Feature, col(Feature.id) == FeedbackFeature.feature_id)
        .where(among(col(FeedbackFeature.feedback_id), cards))
        .order_by(col(FeedbackFeature.linked_at))
    )
    for id, feature in rows:
        cards[id].features.append(feature)


def _add_tellings(session: Session, cards: dict[int, Card]) -> None:
    """The newest that is still owed, or else the newest; and why somebody could not be told."""
    rows = session.exec(
        select(FeedbackIssue.feedback_id, Telling, Action)
        .join(Feedback, col(Feedback.id) == FeedbackIssue.feedback_id)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .join(Release, awaited.concerns(col(Telling.release_id)))
        .outerjoin(Action, col(Action.key) == "excuse:" + col(Telling.release_id) + ":" + col(Telling.conversation_id))
        .where(among(col(FeedbackIssue.feedback_id), cards))
        .order_by(col(Telling.state).in_(("owed", "drafted")), col(Telling.owed_at))
    )
    for id, telling, excuse in rows:
        cards[id].telling = telling
        cards[id].excuse = excuse if telling.state == "excused" else None

    concluded = session.exec(
        select(Feedback.id, Telling)
        .join(Decision, lives.holds())
        .join(Telling, lives.tells_of_decision())
        .where(among(col(Feedback.id), cards))
        .order_by(col(Decision.id))
    )
    for feedback_id, telling in concluded:
        card = cards[feedback_id or 0]
        if card.telling is None or _comes_before(telling, card.telling):
            card.telling, card.excuse = telling, None


def _comes_before(one: Telling, other: Telling) -> bool:
    """Is this what a card shows, rather than the other: what is owed before what is settled, then the newest?"""
    owing = ("owed", "drafted")
    if (one.state in owing) != (other.state in owing):
        return one.state in owing
    return one.owed_at > other.owed_at


def _add_links(session: Session, cards: dict[int, Card]) -> None:
    links = session.exec(
        select(FeedbackIssue, Issue)
        .join(Issue, col(Issue.id) == FeedbackIssue.issue_id)
        .where(among(col(FeedbackIssue.feedback_id), cards))
        .order_by(col(FeedbackIssue.linked_at), col(FeedbackIssue.issue_id))
    ).all()
    waited = awaited.by_issue(session, list(cards))
    for link, issue in links:
        found = waited[link.feedback_id][issue.id]
        cards[link.feedback_id].links.append(Link(issue, found.standing, found.news == awaited.TOLD))


def _add_troubles(session: Session, cards: dict[int, Card]) -> None:
    """Writes in flight whose run failed and waits for another attempt, or cannot go on at all."""
    by_chat: dict[str, list[Card]] = defaultdict(list)
    for card in cards.values():
        by_chat[card.conversation_id].append(card)
    rows = session.exec(
        select(Action, Run)
        .join(Run, col(Run.id) == Action.run_id)
        .where(
            among(col(Action.conversation_id), by_chat),
            col(Action.state).in_(("started", "planned")),
            Run.reason != "",
            sa.or_(col(Run.state) == OPEN, col(Run.state) == "dead"),
        )
    )
    for action, run in rows:
        for card in by_chat[action.conversation_id or ""]:
            if action.feedback_id in (None, card.feedback_id):
                card.trouble = Trouble(action.verb, run.reason, run.facts, run.due_at if run.state == OPEN else 0)
