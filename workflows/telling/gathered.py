"""Gathered: the words of one message that tells a person of all that has become available to them.

What a person made of the draft stays as long as it tells of the same; else it is written anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from workflows.tables.customer import Contact
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling import gathering, letters, waiters
from workflows.telling.gathering import name_of, together


def text(session: Session, telling: Telling) -> str:
    """What stands in the draft, or was approved; of one that has joined another: what its message says."""
    return text_of(session, together(session, gathering.leader(session, telling)))


def text_of(session: Session, some: Sequence[Telling]) -> str:
    """The same of what one message tells of: the telling at which it stands, and those that have joined it."""
    first = some[0]
    told_of = first.gathers.split("\n") if first.gathers else [name_of(first)]
    if first.state != "drafted" or told_of == [name_of(each) for each in some]:
        return first.approved or first.draft
    return _written(session, some) or first.draft


def tells_of(some: Sequence[Telling]) -> str:
    """What is kept of which tellings the draft tells of."""
    return "\n".join(name_of(each) for each in some) if len(some) > 1 else ""


def wishes_of(session: Session, some: Sequence[Telling]) -> list[Feedback]:
    """What was asked for, each once."""
    found = [wish for each in some for wish in waiters.wishes_in(session, each.release_id, each.conversation_id)]
    return list({wish.id: wish for wish in found}.values())


def _written(session: Session, some: Sequence[Telling]) -> str:
    wishes = wishes_of(session, some)
    if not wishes:
        return ""
    contact = session.get(Contact, wishes[0].contact_id) if wishes[0].contact_id else None
    release = session.get_one(Release, some[0].release_id)
    summary = session.get_one(Issue, release.issue_id).summary
    return letters.draft("gathered" if len(wishes) > 1 else "told", wishes, contact, summary=summary)
