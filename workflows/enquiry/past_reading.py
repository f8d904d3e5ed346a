"""Reading the past: conversations as they stand in Intercom, and who talks in them where we do not know it yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from sqlmodel import Session, select

from integrations.intercom import Company, Contact, Conversation, IntercomClient
from integrations.waiting import Lock
from workflows.customer import erasures, lookup
from workflows.engine.rows import among
from workflows.engine.store import store
from workflows.tables import customer as tables

T = TypeVar("T")

#: So many people are remembered that were asked for: our rows know them soon, but for who is gone.
MOST_REMEMBERED = 100_000


@dataclass(frozen=True)
class Brought:
    """A conversation, with whoever began it and their company: `contact` and `company` where we did not know them."""

    chat: Conversation
    contact_id: str = ""
    company_id: str = ""
    contact: Contact | None = None
    company: Company | None = None
    #: The name of the teammate to whom it is assigned.
    assignee: str = ""


class Once(Generic[T]):
    """Asks Intercom for each thing once, in the threads of a pool, however many want it; again where that failed."""

    def __init__(self, pool: Executor, ask: Callable[[str], T]) -> None:
        self._pool, self._ask = pool, ask
        self._asked: dict[str, Future[T]] = {}
        self._lock = Lock("what an import has asked for")

    def of(self, ids: Iterable[str]) -> dict[str, T]:
        """What Intercom says of each."""
        asked = {id: self._asked_for(id) for id in ids}
        return {id: future.result() for id, future in asked.items()}

    def _asked_for(self, id: str) -> Future[T]:
        with self._lock:
            asked = self._asked.get(id)
            if asked is not None and not (asked.done() and asked.exception()):
                return asked
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.clear()
            return self._asked.setdefault(id, self._pool.submit(self._ask, id))


class Reader:
    """Reads for one import: pages at once, in which each person and company is asked for no more than once."""

    def __init__(self, client: IntercomClient, pool: Executor, names: Mapping[str, str]) -> None:
        self._client, self._pool, self._names = client, pool, names
        self._contacts, self._firms = Once(pool, client.contact), Once(pool, client.company_of)
        self._companies = Once(pool, client.company)

    def all_of(self, chats: Sequence[str]) -> list[Brought]:
        """These conversations, but for those that are gone, or of which nothing may be kept."""
        erased = store.read(partial(erasures.chats_of, ids=chats))
        read = self._pool.map(self._client.conversation, [id for id in chats if id not in erased])
        talks = self._with_people([chat for chat in read if chat is not None])
        return self._with_companies(talks)

    def _with_people(self, chats: Sequence[Conversation]) -> list[Brought]:
        """Who began each, and for which company: as we know them, else as Intercom does."""
        known = store.read(partial(known_people, ids=list(filter(None, map(_called, chats)))))
        people = self._contacts.of({_called(chat) for chat in chats} - known.keys() - {""})
        theirs = {_called(chat): people.get(_called(chat)) for chat in chats}
        alone = {contact.id for chat in chats if chat.company is None and (contact := theirs[_called(chat)])}
        firms = self._firms.of(alone)
        return [self._brought(chat, theirs[_called(chat)], known, firms) for chat in chats]

    def _brought(
        self, chat: Conversation, contact: Contact | None, known: Mapping[str, str], firms: Mapping[str, Company | None]
    ) -> Brought:
        called = _called(chat)
        company = chat.company or (firms.get(contact.id) if contact else None)
        return Brought(
            chat,
            contact_id=contact.id if contact else called if called in known else "",
            company_id=company.id if company else known.get(called, ""),
            contact=contact,
            company=company,
            assignee=self._names.get(chat.admin_assignee_id, ""),
        )

    def _with_companies(self, talks: Sequence[Brought]) -> list[Brought]:
        """Each new company with what the workspace knows of it; a conversation may name its own without attributes."""
        named = {talk.company.id: talk.company for talk in talks if talk.company is not None}
        there = store.read(partial(known_companies, ids=list(named)))
        new = {id: company for id, company in named.items() if id not in there}
        whole = self._companies.of(id for id, company in new.items() if not company.attributes)
        found = {id: whole.get(id) or company for id, company in new.items()}
        return [replace(talk, company=found.get(talk.company_id)) for talk in talks]


def _called(chat: Conversation) -> str:
    """Who began a conversation, as it calls them: they may have been merged into somebody else."""
    return chat.contact_ids[0] if chat.contact_ids else ""


def known_people(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Those of these people whom we know, with their company ("" for none)."""
    query = select(tables.Contact.id, tables.Contact.company_id).where(among(tables.Contact.id, ids))
    return {id: company or "" for id, company in session.exec(query)}


def known_companies(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of these companies that we know."""
    return set(session.exec(select(tables.Company.id).where(among(tables.Company.id, ids))))


def people_in(talk: Brought) -> Iterator[str]:
    """Everybody outside the company who is in a conversation."""
    yield from {talk.contact_id, *talk.chat.contact_ids} - {""}


def row_of_contact(talk: Brought) -> dict[str, Any] | None:
    """Somebody new, as they are kept."""
    who = talk.contact
    if who is None:
        return None
    return {"id": who.id, "company_id": talk.company_id or None, **lookup.person_of(who)}


def row_of_company(talk: Brought) -> dict[str, Any] | None:
    """A new company, as it is kept."""
    firm = talk.company
    if firm is None:
        return None
    return {"id": firm.id, "name": firm.name, "tier": firm.plan, "mrr": firm.monthly_spend}
