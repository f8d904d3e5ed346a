"""Addressees: who a telling of a notice is for, as requests say it of all others.

of(session, tellings)[key]            # {("notice:7", "215"): Addressee(…)}
voices(session, tellings)[key]        # the same as lists show it: who it is, of which company, whose turn it is
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer.companies import Firm
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.notice import Addressee, Notice
from workflows.tables.telling import Telling
from workflows.telling.cause import Cause, is_notice
from workflows.wish.voices import Voice

#: A telling's release and its conversation.
Key = tuple[str, str]
#: Who a telling is for.
IS_FOR = sa.and_(
    col(Addressee.release_id) == col(Telling.release_id),
    col(Addressee.conversation_id) == col(Telling.conversation_id),
)


def key_of(telling: Telling) -> Key:
    """What a telling is called in the answers of these questions."""
    return telling.release_id, telling.conversation_id


def addressee_of(session: Session, telling: Telling) -> Addressee | None:
    """Who a telling of a notice is for; None for one of anything else."""
    is_one = bool(Cause.read(telling.release_id).notice_id)
    return session.get(Addressee, key_of(telling)) if is_one else None


def notice_of(session: Session, telling: Telling) -> Notice | None:
    """The notice that a telling is of; None for one of anything else."""
    id = Cause.read(telling.release_id).notice_id
    return session.get(Notice, id) if id else None


def theirs(people: Collection[str]) -> Any:
    """Is it the turn of these people to tell an addressee?"""
    return sa.select(col(Addressee.contact_id)).where(IS_FOR, col(Addressee.agent).in_(people)).exists()


def voices(session: Session, tellings: Sequence[Telling]) -> dict[Key, Voice]:
    """Whom these tellings are for, those of them that are of notices."""
    some = [each for each in tellings if Cause.read(each.release_id).notice_id]
    if not some:
        return {}
    rows = session.exec(
        select(Addressee, Contact, Company, Conversation.url)
        .outerjoin(Contact, col(Contact.id) == Addressee.contact_id)
        .outerjoin(Company, col(Company.id) == Addressee.company_id)
        .outerjoin(Conversation, col(Conversation.id) == Addressee.conversation_id)
        .where(
            col(Addressee.release_id).in_({each.release_id for each in some}),
            col(Addressee.conversation_id).in_([each.conversation_id for each in some]),
        )
    )
    ids = {Cause.read(each.release_id).notice_id for each in some}
    titles = dict(session.exec(select(Notice.id, Notice.title).where(col(Notice.id).in_(ids))).all())
    return {(row[0].release_id, row[0].conversation_id): _voice(titles, *row) for row in rows}


def _voice(
    titles: Mapping[int | None, str],
    addressee: Addressee,
    contact: Contact | None,
    company: Company | None,
    url: str | None,
) -> Voice:
    """As one of those who ask for something, though they asked for nothing: `feedback_id` is 0."""
    return Voice(
        feedback_id=0,
        kind="",
        quote="",
        title=titles.get(Cause.read(addressee.release_id).notice_id, ""),
        company_id=addressee.company_id or "",
        firm=Firm(company.name, company.tier) if company else Firm(""),
        person=contact.name if contact else "",
        agent=addressee.agent_name,
        said_at=0,
        conversation_id=addressee.conversation_id,
        url=url or "",
        source="intercom",
        note_url="",
        context=None,
    )


#: The tellings that are of notices.
OF_NOTICES = is_notice(col(Telling.release_id))
