"""Quotes of an answer about customers: a few of what they wrote, the newest of each company, with where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import among, table_of
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.wish import Feedback

#: What is quoted: a customer's message, or a request that was filed from none that is found.
MESSAGE, WISH = "message", "wish"
#: So many are quoted, and so many are looked at to choose them.
QUOTES, LOOKED = 3, 50
#: What is quoted: its kind and its key, as search names both.
Key = Sequence[str]

_MESSAGES, _CHATS, _WISHES = table_of(Message).c, table_of(Conversation).c, table_of(Feedback).c
_COMPANIES, _CONTACTS = table_of(Company).c, table_of(Contact).c


@dataclass(frozen=True)
class Quote:
    """A customer's words, whose they are, our page of them, and where they were said (`url`, "" for unknown)."""

    kind: str
    ref: str
    text: str
    person: str
    company: str
    tier: str
    at: int
    place: str
    url: str
    conversation_id: str
    feedback_id: int | None = None

    @property
    def key(self) -> list[str]:
        """By which it is found again."""
        return [self.kind, self.ref]


def quotes(session: Session, keys: Sequence[Key], chosen: Collection[Key] | None = None) -> list[Quote]:
    """A few of these, each of another company as far as there are; or exactly the `chosen` that are there still."""
    if chosen is None:
        return _some(_read(session, keys[:LOOKED]))
    return _read(session, list(chosen))


def _some(found: Iterable[Quote]) -> list[Quote]:
    """A request that was filed from a conversation is quoted by what was said there."""
    by_chat: dict[str, Quote] = {}
    for each in found:
        by_chat.setdefault(each.conversation_id or each.ref, each)
    first: dict[str, Quote] = {}
    for each in by_chat.values():
        first.setdefault(each.company or each.ref, each)
    others = (each for each in by_chat.values() if each not in first.values())
    return sorted([*first.values(), *others][:QUOTES], key=lambda each: -each.at)


def _read(session: Session, keys: Sequence[Key]) -> list[Quote]:
    known = {tuple(each.key): each for each in (*_messages(session, keys), *_wishes(session, keys))}
    return [known[tuple(key)] for key in keys if tuple(key) in known]


def _messages(session: Session, keys: Sequence[Key]) -> Iterable[Quote]:
    refs = [ref for kind, ref in keys if kind == MESSAGE]
    if not refs:
        return
    chats = table_of(Message).outerjoin(table_of(Conversation), _CHATS.id == _MESSAGES.conversation_id)
    columns = (_MESSAGES.id, _MESSAGES.text, _MESSAGES.who, _MESSAGES.said_at, _MESSAGES.part_id)
    query = sa.select(*columns, _MESSAGES.conversation_id, _CHATS.url, *_WHO).select_from(_with_people(chats, _CHATS))
    query = query.where(among(_MESSAGES.id, refs), _MESSAGES.is_customer, _MESSAGES.text != "")
    for ref, text, who, at, part, chat, url, person, company, tier in session.connection().execute(query):
        place = f"/chats/{chat}#part-{part}"
        yield Quote(MESSAGE, ref, text, person or who, company or "", tier or "", at, place, url or "", chat)


def _wishes(session: Session, keys: Sequence[Key]) -> Iterable[Quote]:
    ids = [int(ref) for kind, ref in keys if kind == WISH and ref.isdecimal()]
    if not ids:
        return
    chats = table_of(Feedback).outerjoin(table_of(Conversation), _CHATS.id == _WISHES.conversation_id)
    names = ("id", "quote", "person_name", "company_name", "said_at", "source_url", "conversation_id")
    columns = [_WISHES[name] for name in names]
    query = sa.select(*columns, _CHATS.url, *_WHO).select_from(_with_people(chats, _WISHES))
    query = query.where(among(_WISHES.id, ids), _WISHES.withdrawn_at.is_(None), _WISHES.quote != "")
    for id, text, who, firm, at, source, chat, url, person, company, tier in session.connection().execute(query):
        name, address = company or firm, source or url or ""
        yield Quote(WISH, str(id), text, person or who, name, tier or "", at, f"/feedback/{id}", address, chat, id)


_WHO = (_CONTACTS.name, _COMPANIES.name, _COMPANIES.tier)


def _with_people(rows: Any, owned: Any) -> Any:
    """… with whose they are, as far as that is on record."""
    known = rows.outerjoin(table_of(Contact), _CONTACTS.id == owned.contact_id)
    return known.outerjoin(table_of(Company), _COMPANIES.id == owned.company_id)
