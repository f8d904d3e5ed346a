"""Board: where an enquiry stands, worked out of what was said and done in it, anew at every change.

waiting      the customer waits, and nobody has it        customer      it is the customer's turn
answering    the customer waits, and somebody has it      development   an issue is not done yet
solved       it was closed, and nobody waits for anything
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.intercom import Conversation, Recent
from workflows.customer import erasures, heard
from workflows.customer.lookup import Requester
from workflows.customer.reach import portions
from workflows.engine.rows import Values, among, insert_new, said, table_of
from workflows.enquiry import clock, course, history, waits
from workflows.people import colleagues
from workflows.rules import rules
from workflows.tables.customer import Company, Contact
from workflows.tables.enquiry import Enquiry, Wait
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.volume import arrivals

WAITING, ANSWERING, CUSTOMER, DEVELOPMENT, SOLVED = STATES = (
    *("waiting", "answering", "customer"),
    *("development", "solved"),
)
_ENQUIRIES = table_of(Enquiry)


def bring_up_to_date(session: Session, chat: Conversation, who: Requester, assignee_name: str) -> str | None:
    """Work out its clock and its place again. What is older than what we know moves it nowhere.

    Returns the channel in which its thread belongs, by the rules; None where nothing of it may be kept.
    """
    if erasures.chats_of(session, {chat.id}):
        return None
    history.keep_steps(session, chat)
    known = session.get(Enquiry, chat.id)
    said, done = history.said(session, chat.id), history.done(session, chat.id)
    tier = _tier(session, who.company_id)
    facts = {"medium": chat.medium, "tier": tier, "company_id": who.company_id}
    is_past = known is not None and known.is_past and not _is_back(known, said)
    waits.bring_up_to_date(session, chat.id, clock.waits(said, done), **facts, is_past=is_past)
    course.keep(session, [course.of(chat.id, chat.medium, said, done)])
    wait = waits.current(session, chat.id)
    row = times(said, wait)
    if _is_news(chat, known):
        row |= place(chat, assignee_name, is_waiting=wait is not None, is_developed=bool(developed(session, [chat.id])))
    row["is_past"] = is_past
    _count(session, chat, who.company_id)
    if known is None:
        fresh: Values = {"medium": chat.medium, "said_at": chat.created_at * 1000} | row
        insert_new(session, Enquiry, [Enquiry(conversation_id=chat.id, **fresh).model_dump()])
    else:
        session.connection().execute(sa.update(_ENQUIRIES).where(_ENQUIRIES.c.conversation_id == chat.id).values(row))
    return _channel(session, chat, tier)


def _count(session: Session, chat: Conversation, company_id: str) -> None:
    """What a customer began is one enquiry more that came in."""
    if chat.source.author.is_customer:
        text = " ".join(part.text for part in heard.words(session, chat))
        arrivals.keep(session, [arrivals.of_chat(chat, company_id, text)])


def is_of_the_same_second(session: Session, chat: Conversation) -> bool:
    """Is where it stands known as of the very second of which this tells? Then either may be what came first."""
    known = session.get(Enquiry, chat.id)
    return known is not None and chat.updated_at == known.as_of


def _is_back(known: Enquiry, said: Sequence[clock.Said]) -> bool:
    """Has the customer written since it was brought from the past? Then it is an enquiry like any other."""
    return any(each.is_customer and each.at > known.heard_at for each in said)


def _is_news(chat: Conversation, known: Enquiry | None) -> bool:
    return known is None or chat.updated_at >= known.as_of


def times(said: Sequence[clock.Said], wait: Wait | clock.Waiting | None) -> Values:
    """Since when somebody waits and until when they may, if that is reckoned; when somebody wrote last (all ms)."""
    found: Values = {"waiting_since": wait.since if wait else None, "answer_by": getattr(wait, "answer_by", None)}
    heard = [each.at for each in said if each.is_customer]
    return found | ({"said_at": said[-1].at} if said else {}) | ({"heard_at": heard[-1]} if heard else {})


def place(chat: Conversation, assignee_name: str, *, is_waiting: bool, is_developed: bool) -> Values:
    """Where it stands as of its last change, and who has it. `is_developed`: see `state_of`."""
    state = state_of(chat, is_waiting=is_waiting, is_developed=is_developed)
    return {
        "as_of": chat.updated_at,
        "state": state,
        "assignee": chat.admin_assignee_id,
        "assignee_name": assignee_name,
        "solved_at": (chat.last_close_at or chat.updated_at) * 1000 if state == SOLVED else None,
    }


def state_of(chat: Conversation, *, is_waiting: bool, is_developed: bool) -> str:
    """Where it stands: whose turn it is. `is_developed`: an issue that it waits for is not done."""
    if chat.state == "open" and is_waiting:
        return ANSWERING if chat.admin_assignee_id else WAITING
    if is_developed:
        return DEVELOPMENT
    return SOLVED if chat.state == "closed" else CUSTOMER


def developed(session: Session, ids: Collection[str]) -> set[str]:
    """Those of these chats in which something was asked for that waits for an issue that is not done."""
    query = select(Feedback.conversation_id).join(FeedbackIssue, col(FeedbackIssue.feedback_id) == Feedback.id)
    query = query.join(Issue, col(Issue.id) == FeedbackIssue.issue_id).where(col(Issue.category) != said("done"))
    return set(session.exec(query.where(among(Feedback.conversation_id, ids), col(Feedback.withdrawn_at).is_(None))))


def _channel(session: Session, chat: Conversation, tier: str) -> str:
    contact = session.get(Contact, chat.contact_ids[0]) if chat.contact_ids else None
    language = colleagues.spoken(contact.language if contact else "")
    asked = {"medium": chat.medium, "tier": tier, "language": language, "inbox": chat.inbox_id}
    return rules.enquiry.route_for(**asked, text=chat.source.text).channel


def _tier(session: Session, company_id: str) -> str:
    company = session.get(Company, company_id) if company_id else None
    return company.tier if company else ""


class Followed(NamedTuple):
    """What is known of a chat: up to when (Unix seconds), when its customer was heard last (ms), where it stands, and
    since when somebody waits (ms; None for nobody)."""

    as_of: int
    heard_at: int
    state: str
    waiting_since: int | None

    def is_as(self, chat: Recent) -> bool:
        """Is all that a search tells of it known? Of two changes in one second, the second may have been missed."""
        is_behind = self.as_of < chat.updated_at or self.heard_at < chat.said_at * 1000
        return not is_behind and self.state in self._states(chat.state)

    def _states(self, state: str) -> Sequence[str]:
        """In which it may be while Intercom calls it open, closed or snoozed."""
        if state == "open":
            return (WAITING, ANSWERING) if self.waiting_since is not None else (CUSTOMER, DEVELOPMENT)
        if state == "closed":
            return (SOLVED, DEVELOPMENT) if self.waiting_since is None else ()
        return (CUSTOMER, DEVELOPMENT) if state == "snoozed" else STATES


def followed(session: Session, ids: Sequence[str]) -> dict[str, Followed]:
    """What is known of these chats, as far as they are followed."""
    columns = [_ENQUIRIES.c[name] for name in ("conversation_id", "as_of", "heard_at", "state", "waiting_since")]
    queries = (sa.select(*columns).where(_ENQUIRIES.c.conversation_id.in_(some)) for some in portions(ids))
    return {id: Followed(*rest) for query in queries for id, *rest in session.connection().execute(query)}
