"""Handing over: everything that is open for somebody, by kind, for whoever takes it over when they leave or are away.

who("U0TANAKA")                          # under which ids they work, here and in Intercom
parts(session, somebody)                 # each kind with what is open of it; empty kinds, too
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlmodel import Session, col, select

from integrations.slack import is_person
from workflows.customer import owners
from workflows.engine.rows import among
from workflows.engine.store import now_ms
from workflows.enquiry.board import SOLVED
from workflows.escalation import cases, lists
from workflows.overview import wish_lists
from workflows.overview.wish_lists import Wanted
from workflows.overview.wish_orders import OLDEST
from workflows.people import agents, colleagues
from workflows.people.person import Person
from workflows.tables.customer import Company, Conversation
from workflows.tables.enquiry import Enquiry, KnowHow
from workflows.tables.people import Colleague
from workflows.tables.wish import Feedback
from workflows.telling import desk, promises
from workflows.wish.wishes import code

#: What can be handed over, in the order in which it is shown and done.
CHATS, ESCALATIONS, DRAFTS, PROMISES = "chats", "escalations", "drafts", "promises"
BACKGROUNDS, COMPANIES, ANSWERS = "backgrounds", "companies", "answers"
KINDS = {
    CHATS: "Open conversations in Intercom",
    ESCALATIONS: "Unfinished escalations",
    DRAFTS: "Messages to customers that wait for them",
    PROMISES: "Reports they owe customers",
    BACKGROUNDS: "Requests whose background they owe",
    COMPANIES: "Companies they answer for",
    ANSWERS: "Reusable answers they look after",
}
#: What goes to somebody else in Intercom only if they are a teammate there.
IN_INTERCOM = (CHATS,)
#: At most so many of each kind go in one act, and so many people can be chosen.
MOST, PEOPLE = 2_000, 2_000


@dataclass(frozen=True)
class Who:
    """Somebody who hands over or takes over. `id`: in Slack; `admin_id`: in Intercom, "" for no teammate there."""

    id: str
    name: str
    email: str = ""
    admin_id: str = ""
    left: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Under which ids they take requests."""
        return tuple(id for id in (self.id, self.admin_id) if id)

    @property
    def names(self) -> tuple[str, ...]:
        """Under which they are on record anywhere."""
        return (*self.ids, self.email) if self.email else self.ids


@dataclass(frozen=True)
class Item:
    """One of those that are open: what it is called, what it is about, and where it is shown."""

    id: str
    code: str
    title: str
    address: str = ""


@dataclass(frozen=True)
class Part:
    """What is open of one kind."""

    kind: str
    items: Sequence[Item]


def who(user_id: str) -> Who | None:
    """Somebody of ours whom we met in Slack, gone or not; None for nobody. Intercom is asked once a minute at most."""
    known = colleagues.recall(user_id) if is_person(user_id) else None
    if known is None:
        return None
    return Who(known.id, known.name or known.id, known.email, agents.with_address(known.email), known.left)


def is_their_own(person: Person, user_id: str) -> bool:
    """Is it this person's own that would be handed over, whatever their role?"""
    return bool(user_id) and user_id in (person.id, person.slack_id)


def people(session: Session) -> list[tuple[str, str, bool]]:
    """Everybody whom we met, by name: the id, the name, and have they left?"""
    query = select(Colleague.id, Colleague.name, Colleague.left).where(Colleague.name != "")
    rows = session.exec(query.order_by(col(Colleague.name), col(Colleague.id)).limit(PEOPLE))
    return [(id, name, left) for id, name, left in rows if is_person(id)]


def parts(session: Session, giver: Who) -> list[Part]:
    """Everything that is open for somebody, by kind."""
    return [Part(kind, OPEN[kind](session, giver)[:MOST]) for kind in KINDS]


def _chats(session: Session, giver: Who) -> list[Item]:
    """Snoozed and closed ones stay: assigning would open them."""
    if not giver.admin_id:
        return []
    rows = session.exec(
        select(Enquiry.conversation_id, Conversation.opening, Company.name)
        .join(Conversation, col(Conversation.id) == Enquiry.conversation_id)
        .outerjoin(Company, col(Company.id) == Conversation.company_id)
        .where(Enquiry.assignee == giver.admin_id, Enquiry.state != SOLVED, Conversation.state == "open")
        .order_by(col(Enquiry.said_at), col(Enquiry.conversation_id))
        .limit(MOST)
    )
    return [Item(id, company or "", opening, f"/chats/{quote(id)}") for id, opening, company in rows]


def _escalations(session: Session, giver: Who) -> list[Item]:
    """What they are in charge of; what has climbed to them beside somebody else stays with that one."""
    waiting = lists.waiting(session, now_ms(), lists.Chosen(person=giver.id))
    rows = [each.escalation for each in waiting if each.escalation.person == giver.id]
    return [Item(str(row.id), cases.code(row.id), row.gist, f"/escalations/{cases.code(row.id)}") for row in rows]


def _drafts(session: Session, giver: Who) -> list[Item]:
    rows = desk.rows(session, desk.to_do(session, giver.ids, is_lead=False)[:MOST])
    return [
        Item(
            row.name,
            code(row.voice.feedback_id) if row.voice and row.voice.feedback_id else "",
            row.voice.title if row.voice else "",
            f"/drafts?at={quote(row.name)}",
        )
        for row in rows
    ]


def _promises(session: Session, giver: Who) -> list[Item]:
    """Of the requests that they took: what they promised about another's is still that other one's to report."""
    owed = [each.feedback_id for each in promises.owing(session, people=giver.ids)]
    query = select(Feedback.id, Feedback.title, Feedback.quote).where(col(Feedback.taken_by).in_(giver.ids))
    rows = session.exec(query.where(among(col(Feedback.id), owed)).order_by(col(Feedback.id)))
    return [Item(str(id), code(id or 0), title or words, f"/feedback/{id}") for id, title, words in rows]


def _backgrounds(session: Session, giver: Who) -> list[Item]:
    wanted = Wanted(show=wish_lists.OWED, sort=OLDEST, ids=giver.ids)
    return [
        Item(str(row.id), code(row.id), row.voice.title, f"/feedback/{row.id}#about")
        for row in wish_lists.everything(session, wanted, MOST)
    ]


def _companies(session: Session, giver: Who) -> list[Item]:
    rows = owners.of_people(session, giver.names)
    return [
        Item(row.company_id, row.company_id, row.company, f"/companies/{quote(row.company_id, safe='')}")
        for row in rows
    ]


def _answers(session: Session, giver: Who) -> list[Item]:
    query = select(KnowHow.id, KnowHow.title)
    query = query.where(col(KnowHow.owner).in_(giver.names), col(KnowHow.retired_at).is_(None))
    return [Item(str(id), "", title) for id, title in session.exec(query.order_by(col(KnowHow.title)).limit(MOST))]


OPEN = {
    CHATS: _chats,
    ESCALATIONS: _escalations,
    DRAFTS: _drafts,
    PROMISES: _promises,
    BACKGROUNDS: _backgrounds,
    COMPANIES: _companies,
    ANSWERS: _answers,
}
