"""The dossier: a customer's company on one screen, for whoever is about to speak to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from workflows.customer import owners
from workflows.overview import cards, company_list
from workflows.overview.cards import Card
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback
from workflows.telling import promises
from workflows.telling.promises import Outstanding
from workflows.wish.wishes import COUNTS

#: The newest of each kind; the whole count stands beside them. And of each kind of promise those that come first.
MOST, PROMISES = 8, 20


@dataclass(frozen=True)
class Dossier:
    """Everything that matters about a company, newest first; the totals count what is not shown too."""

    company: Company
    #: By role, a Slack id, or an e-mail address where nobody in Slack was met by it yet.
    people: dict[str, str]
    escalations: Sequence[Escalation]
    escalations_total: int
    #: How many of them are not done, and the highest risk that was judged in these.
    open_escalations: int
    risk: str
    wishes: Sequence[Card]
    wishes_total: int
    #: How many wishes have not ended, however old they are.
    open_wishes: int
    #: Conversations of the last ones that began, with who wrote.
    chats: Sequence[tuple[Conversation, str]]
    #: Everything that was promised to them and is still to be kept, however old it is.
    promises: Outstanding

    @property
    def next_day(self) -> str:
        """The day that was promised next; "" for none."""
        return self.promises.days[0].next_date if self.promises.days else ""

    @property
    def temperatures(self) -> list[tuple[int, str]]:
        """How warm it was each time, oldest first."""
        return [(each.raised_at, each.temperature) for each in reversed(self.escalations)]


def of(session: Session, company_id: str, most: int = MOST) -> Dossier | None:
    """The dossier of a company; None if it is not on record."""
    company = session.get(Company, company_id)
    if company is None:
        return None
    raised = select(Escalation).where(Escalation.company_id == company_id)
    ids = session.exec(
        select(Feedback.id)
        .where(Feedback.company_id == company_id, COUNTS)
        .order_by(col(Feedback.id).desc())
        .limit(most)
    ).all()
    shown = {card.feedback_id: card for card in cards.of(session, [id for id in ids if id is not None])}
    cases = company_list.cases_of(session, company_id)
    return Dossier(
        company,
        owners.shown(session, company_id),
        session.exec(raised.order_by(col(Escalation.raised_at).desc()).limit(most)).all(),
        session.exec(select(func.count()).where(Escalation.company_id == company_id)).one(),
        cases.number,
        cases.risk,
        [shown[id] for id in ids if id in shown],
        session.exec(select(func.count()).where(Feedback.company_id == company_id, COUNTS)).one(),
        company_list.open_wishes(session, [company_id])[company_id],
        _chats(session, company_id, most),
        promises.outstanding(session, company_id, PROMISES),
    )


def _chats(session: Session, company_id: str, most: int) -> list[tuple[Conversation, str]]:
    query = (
        select(Conversation, Contact.name)
        .outerjoin(Contact, col(Contact.id) == col(Conversation.contact_id))
        .where(Conversation.company_id == company_id)
    )
    return [
        (chat, name or "")
        for chat, name in session.exec(query.order_by(col(Conversation.created_at).desc()).limit(most))
    ]
