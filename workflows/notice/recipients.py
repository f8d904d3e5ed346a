"""Recipients: whom a notice would reach, and who hears nothing of it, and why; each person once, in their latest chat.

foreseen(session, notice)      # everybody of its audience, those who get it first

Of a company, everybody hears of it who has written to us within the notice's months: there is no telling who of them
decides, and whoever has not written for so long may not be there any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import owners
from workflows.customer.erasures import PERSON
from workflows.engine.store import DAY_MS, now_ms
from workflows.tables.customer import Churn, Company, Contact, Conversation, Message
from workflows.tables.erasure import Erasure
from workflows.tables.notice import Notice
from workflows.tables.people import Colleague
from workflows.tables.runs import Action
from workflows.tables.telling import Wave
from workflows.tables.wish import Feedback
from workflows.telling.dead_ends import NO_CUSTOMER
from workflows.wish import availability
from workflows.wish.availability import ALL, COMPANIES, TIER
from workflows.wish.wishes import COUNTS

#: Those with a request that was filed under a tag: of others in Intercom we do not know.
TAG = "tag"
AUDIENCES = (ALL, COMPANIES, TIER, TAG)
MONTH_MS = 30 * DAY_MS
#: Why somebody hears nothing of it.
LEFT = "Not notified: their company is no longer a customer."
ERASED = "Not notified: their data was erased."
OPTED_OUT = "Not notified: Intercom refused the last message to them. They may have unsubscribed."
NO_CHAT = "Not notified: there is no conversation with them."
SILENT = "Not notified: they have not written to us within the chosen time."
REASONS = (LEFT, ERASED, OPTED_OUT, NO_CHAT, SILENT)


@dataclass(frozen=True)
class Recipient:
    """Somebody of the audience: who, where they last wrote to us ("" for nowhere), whose turn it is to tell them, and
    why nobody does ("" where they are told)."""

    contact_id: str
    name: str
    company_id: str
    company: str
    chat: str
    agent: str = ""
    agent_name: str = ""
    why: str = ""

    @property
    def place(self) -> str:
        """What their telling is kept under: a chat that can be used, else a name of their own."""
        return f"contact:{self.contact_id}" if self.why else self.chat


def tags(session: Session) -> list[str]:
    """The tags that requests were filed under."""
    return sorted(session.exec(select(Feedback.tag).where(COUNTS).distinct()))


def tiers(session: Session) -> list[str]:
    """The plans that companies have."""
    return sorted(session.exec(select(Company.tier).where(Company.tier != "").distinct()))


def foreseen(session: Session, notice: Notice) -> list[Recipient]:
    """Everybody of a notice's audience: those who get it, then those who do not; by company."""
    known = _Known.of(session)
    found = [known.judged(each, notice) for each in _audience(session, notice, known)]
    turns = _Turns.of(session, [each for each in found if not each.why])
    placed = [turns.given(each, notice) for each in found]
    return sorted(placed, key=lambda each: (bool(each.why), each.company, each.name, each.contact_id))


def _audience(session: Session, notice: Notice, known: _Known) -> Iterator[Recipient]:
    names = dict(session.exec(select(Company.id, Company.name)).all())
    is_in = _inside(session, notice)
    for id, name, firm in session.exec(select(Contact.id, Contact.name, Contact.company_id).order_by(col(Contact.id))):
        chat, _, of_chat = known.latest.get(id, ("", 0, None))
        company_id = firm or of_chat or ""
        if is_in(id, company_id):
            yield Recipient(id, name, company_id, names.get(company_id, ""), chat)


def _inside(session: Session, notice: Notice) -> Callable[[str, str], bool]:
    """Says of a contact and their company whether a notice is for them."""
    if notice.audience == TAG:
        asked = select(Feedback.contact_id).where(col(Feedback.tag).in_(notice.names), COUNTS)
        who = set(session.exec(asked.distinct()))
        return lambda contact_id, _: contact_id in who
    wave = Wave(release_id="", origin="", audience=notice.audience, names=list(notice.names), opens_at=0)
    reach = availability.reach_of(session, {"": [wave]})
    return lambda _, company_id: reach.includes(wave, company_id or None)


# -- what has to be known of everybody ------------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """By contact, their latest chat, when they wrote there, and for which company; and who must not be written to."""

    latest: Mapping[str, tuple[str, int, str | None]]
    left: Collection[str]
    erased: Collection[str]
    refused: Collection[str]

    @classmethod
    def of(cls, session: Session) -> _Known:
        gone = select(Erasure.id).where(Erasure.kind == PERSON)
        refused = select(Action.conversation_id).where(Action.verb == "intercom.reply", Action.sentence == NO_CUSTOMER)
        return cls(
            _latest(session),
            set(session.exec(select(Churn.company_id))),
            set(session.exec(gone)),
            {id for id in session.exec(refused) if id},
        )

    def judged(self, who: Recipient, notice: Notice) -> Recipient:
        """The same with the reason why they hear nothing, where there is one."""
        _, wrote_at, _ = self.latest.get(who.contact_id, ("", 0, None))
        is_silent = wrote_at < now_ms() - notice.months * MONTH_MS
        held = {
            LEFT: who.company_id in self.left,
            ERASED: who.contact_id in self.erased,
            NO_CHAT: not who.chat,
            OPTED_OUT: who.chat in self.refused,
            SILENT: is_silent,
        }
        return replace(who, why=next((why for why, holds in held.items() if holds), ""))


def _latest(session: Session) -> dict[str, tuple[str, int, str | None]]:
    """Where each contact wrote last; a chat of which nothing is kept any more counts from its beginning."""
    chat, said = Conversation, sa.func.max(sa.case((col(Message.is_customer), col(Message.said_at))))
    wrote_at = sa.func.coalesce(said, col(chat.created_at))
    rows = session.execute(
        sa.select(col(chat.contact_id), col(chat.id), wrote_at, col(chat.company_id))
        .outerjoin(Message, col(Message.conversation_id) == col(chat.id))
        .where(col(chat.contact_id).is_not(None))
        .group_by(col(chat.id), col(chat.contact_id), col(chat.created_at), col(chat.company_id))
        .order_by(wrote_at, col(chat.id))
    )
    return {contact: (id, at, company) for contact, id, at, company in rows}


@dataclass(frozen=True)
class _Turns:
    """Who took the last request of each contact (id and name), and who answers for each company."""

    takers: Mapping[str, tuple[str, str]]
    owners: Mapping[str, str]
    names: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, some: Collection[Recipient]) -> _Turns:
        took = select(Feedback.contact_id, Feedback.taken_by, Feedback.taken_by_name)
        took = took.where(COUNTS, Feedback.taken_by != "").order_by(col(Feedback.id))
        takers = {contact: (id, name) for contact, id, name in session.exec(took) if contact}
        known = owners.owners_of(session, sorted({each.company_id for each in some if each.company_id}))
        people = select(Colleague.id, Colleague.name).where(col(Colleague.id).in_(set(known.values())))
        return cls(takers, known, dict(session.exec(people).all()))

    def given(self, who: Recipient, notice: Notice) -> Recipient:
        """The same with whose turn it is: who knows them, who answers for their company, or who opens the notice."""
        opener = (notice.opened_by or notice.person, notice.opened_by_name or notice.person_name)
        owner = self.owners.get(who.company_id, "")
        agent, name = self.takers.get(who.contact_id) or ((owner, self.names.get(owner, owner)) if owner else opener)
        return replace(who, agent=agent, agent_name=name)
