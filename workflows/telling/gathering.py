"""Gathering: what becomes available to one person within some days is told in one message, as long as none was sent.

    drafted ─► join ─► one draft, one approval, one message: it stands at the first of them, the others have `joined` it
    withdrawn, excused, told otherwise ─► leave ─► the others stand together without it, and have to be approved anew

Releases only: a decision, an apology, and what was asked for outside of Intercom each have a message of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from integrations.intercom import is_same
from workflows.engine.rows import among, said
from workflows.engine.store import DAY_MS, now_ms
from workflows.rules import rules
from workflows.tables.customer import Contact
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, Issue
from workflows.telling.cause import Cause
from workflows.wish.wishes import is_chat

MORE = "Something else this customer asked for became available. Read the message again and approve it."
LESS = "Part of what this message says is not to be sent anymore. Read it again and approve it."


def name_of(telling: Telling) -> str:
    """A telling in one word: `4711:2/215`."""
    return f"{telling.release_id}/{telling.conversation_id}"


#: Put together once: it is asked several times for every message.
_JOINED: Any = (
    select(Telling)
    .where(Telling.joined == sa.bindparam("name"), col(Telling.joined) != said(""), Telling.state == "drafted")
    .order_by(col(Telling.drafted_at), col(Telling.release_id))
)


def together(session: Session, telling: Telling) -> list[Telling]:
    """What one message tells of that nobody has sent yet: this one first, and those that have joined it."""
    return [telling, *session.exec(_JOINED, params={"name": name_of(telling)})]


def leader(session: Session, telling: Telling) -> Telling:
    """Where the message stands that tells of it."""
    release_id, _, conversation_id = telling.joined.partition("/")
    found = session.get(Telling, (release_id, conversation_id), with_for_update=True) if telling.joined else None
    return found or telling


def unapproved(telling: Telling, why: str = "") -> None:
    """It is a draft again; `why` says what kept it from going out."""
    if not telling.joined:
        telling.draft = telling.approved or telling.draft
    telling.approved, telling.approved_by, telling.approved_name = "", "", ""
    telling.approved_at, telling.send_at, telling.why = None, None, why


def unapprove(session: Session, telling: Telling, why: str = "") -> None:
    """The same of all that its message tells of."""
    for each in together(session, telling):
        unapproved(each, why)


def had_left(session: Session, telling: Telling, text: str) -> list[Telling]:
    """What left its message when these words were on their way already: whoever reads them reads of it all the same."""
    if not telling.gathers or not is_same(text, telling.approved or telling.draft):
        return []
    names = [tuple(name.split("/", 1)) for name in telling.gathers.split("\n")]
    found = [session.get(Telling, name) for name in names]
    return [each for each in found if each is not None and each is not telling and each.joined != name_of(telling)]


def stood_at(session: Session, telling: Telling) -> set[str]:
    """Where a message stands that tells of this one, or stood when it was approved: the names of those tellings."""
    name, chats = name_of(telling), _chats_of(_people(session, telling.conversation_id))
    gathered = select(Telling).where(col(Telling.conversation_id).in_(chats), Telling.gathers != "")
    return {name, *(name_of(each) for each in session.exec(gathered) if name in each.gathers.split("\n"))}


# -- coming together ------------------------------------------------------------------------------


def join(session: Session, telling: Telling) -> None:
    """A draft joins the message that the same person is to get anyway, if that is young enough and not on its way."""
    if not rules.sending.gather_days or telling.dry or not is_chat(telling.conversation_id):
        return
    people = _people(session, telling.conversation_id)
    for person in people:  # one draft at a time for one person: else two would each be the first
        session.get(Contact, person, with_for_update=True)
    chats = _chats_of(people)
    first = _first(session, telling, chats) if people and _is_released(session, telling, chats) else None
    if first is None:
        return
    was_approved = first.approved_at is not None
    for each in together(session, first) if was_approved else ():
        unapproved(each, MORE)
    telling.joined = name_of(first)


def _people(session: Session, conversation_id: str) -> list[str]:
    asked = select(Feedback.contact_id).where(Feedback.conversation_id == conversation_id, Feedback.contact_id != "")
    return sorted({id for id in session.exec(asked) if id})


def _chats_of(people: Sequence[str]) -> Any:
    return sa.select(col(Feedback.conversation_id)).where(col(Feedback.contact_id).in_(people))


def _is_released(session: Session, telling: Telling, chats: Any) -> bool:
    """Is it news of a release, of which the same person has not been told elsewhere?"""
    release = session.get(Release, telling.release_id)
    told = select(Telling.release_id).where(
        Telling.release_id == telling.release_id, Telling.state == "told", col(Telling.conversation_id).in_(chats)
    )
    return release is not None and release.kind == "finished" and session.exec(told.limit(1)).first() is None


def _first(session: Session, telling: Telling, chats: Any) -> Telling | None:
    """The oldest draft for the same person that has a message of its own, which can still be changed."""
    now = now_ms()
    query = (
        select(Telling)
        .join(Release, col(Release.id) == Telling.release_id)
        .where(Release.kind == "finished", Telling.state == "drafted", Telling.joined == "", ~col(Telling.dry))
        .where(col(Telling.conversation_id).in_(chats), col(Telling.conversation_id).not_like("%:%"))
        .where(Telling.holder == "", Telling.dead_end == "")  # somebody tells those otherwise
        .where(col(Telling.drafted_at) >= now - rules.sending.gather_days * DAY_MS)
        .where(col(Telling.send_at).is_(None) | (col(Telling.send_at) > now))
        .order_by(col(Telling.drafted_at), col(Telling.release_id), col(Telling.conversation_id))
        .with_for_update(of=Telling)
    )
    return next((each for each in session.exec(query) if name_of(each) != name_of(telling)), None)


# -- falling apart --------------------------------------------------------------------------------


def leave(session: Session, telling: Telling) -> None:
    """It is not to be told with the others: what they say together is another text now, and has to be approved."""
    first = leader(session, telling)
    rest = [each for each in together(session, first) if each is not telling and each.state == "drafted"]
    for each in rest:
        unapproved(each, LESS)
    if rest and first is telling:
        for each in rest:
            each.joined = "" if each is rest[0] else name_of(rest[0])
    if telling.joined and not (telling.part_id and telling.part_id == first.part_id):
        telling.joined = ""


# -- what people read -----------------------------------------------------------------------------


def others(session: Session, tellings: Sequence[Telling]) -> Mapping[str, list[str]]:
    """With which issues (their keys) each of these is told in one message, by its name; only where there are any."""
    names = {each.joined or name_of(each) for each in tellings}
    joining = select(Telling).where(among(col(Telling.joined), sorted(names)), col(Telling.joined) != said(""))
    joined = session.exec(joining).all() if names else ()
    groups = defaultdict[str, set[str]](set)
    for each in joined:
        groups[each.joined].update((each.joined, name_of(each)))
    causes = {name: Cause.read(name.partition("/")[0]).issue_id for some in groups.values() for name in some}
    named = select(Issue.id, Issue.key).where(among(col(Issue.id), sorted(set(causes.values()))))
    keys = dict(session.exec(named).all()) if causes else {}
    found = {}
    for each in tellings:
        rest = groups.get(each.joined or name_of(each), set()) - {name_of(each)}
        if rest:
            found[name_of(each)] = sorted({keys.get(causes[name], "") for name in rest} - {""})
    return found
