"""Companies: found by what somebody types, by a link to a chat, or as they were on a day."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, case, col, func, or_, select

from integrations.intercom import conversation_in
from integrations.slack.views import Option
from workflows.customer import erasures
from workflows.customer.fields import CHAT, NEW
from workflows.engine.rows import Values, keep, table_of
from workflows.engine.store import now_ms, store
from workflows.language.folding import fold
from workflows.language.wording import say
from workflows.tables.customer import Company, CompanyPast, Contact, Conversation
from workflows.tables.wish import Feedback


def company_named(typed: str) -> Option | None:
    """The company that somebody means; the first that matches."""
    found = store.read(partial(named, typed=typed, most=1)) if typed else []
    return (found[0].id, found[0].name) if found else None


def companies(language: str, typed: str, most: int) -> list[Option]:
    """What a typeahead offers for what was typed: companies, the one behind a link, or a new one by that name."""
    typed = typed.strip()
    if chat := conversation_in(typed):
        company = store.read(partial(company_of_chat, conversation_id=chat))
        if company is not None:
            return [(company.id, company.name)]
        return [(f"{CHAT}{chat}", say(language, "Company in this conversation"))]
    found = store.read(partial(named, typed=typed, most=most)) if typed else []
    offered = [(company.id, company.name) for company in found]
    if typed and typed not in {name for _, name in offered}:
        offered.append((f"{NEW}{typed[:100]}", say(language, "Add “{name}” as a new company", name=typed[:60])))
    return offered


def certain(offered: Sequence[Option], typed: str, chosen: str = "") -> str:
    """Which of the companies offered for what was typed is meant: the one that was chosen, or the only one by exactly
    that name; "" where somebody has to choose."""
    if chosen in (value for value, _ in offered):
        return chosen
    same = [value for value, name in offered if fold(name) == fold(typed.strip())]
    return same[0] if len(same) == 1 else ""


def is_known(company_id: str) -> bool:
    """Is this the id of a company on record?"""
    return store.read(lambda session: session.get(Company, company_id)) is not None


def named(session: Session, typed: str, most: int) -> list[Company]:
    """Companies whose name holds what somebody typed, in full width or not: the same name first, then the shortest."""
    ways, name = written(typed), col(Company.name)
    is_same = case((func.lower(name).in_([way.lower() for way in ways]), 0), else_=1)
    query = select(Company).where(_holds(typed))
    return list(session.exec(query.order_by(is_same, func.length(name), name, col(Company.id)).limit(most)))


class Known(NamedTuple):
    """A company on record, in plain values: there may be thousands."""

    id: str
    name: str
    tier: str
    mrr: float


def listed(session: Session, typed: str, most: int) -> list[Known]:
    """The same companies, by name."""
    columns = [table_of(Company).c[name] for name in Known._fields]
    query = sa.select(*columns).where(_holds(typed) if typed else sa.true())
    return [Known(*row) for row in session.execute(query.order_by(*columns[1::-1]).limit(most)).all()]


def _holds(typed: str) -> Any:
    """Does a company's name hold this?"""
    return or_(*(col(Company.name).icontains(way, autoescape=True) for way in written(typed)))


def written(name: str) -> list[str]:
    """The ways in which a name may be written: as it was typed, in half width, in full width."""
    narrow = unicodedata.normalize("NFKC", name)
    return list(dict.fromkeys((name, narrow, narrow.translate(_WIDE))))


#: ASCII, and the same in full width.
_WIDE = {0x20: 0x3000} | {letter: letter + 0xFEE0 for letter in range(0x21, 0x7F)}


def company_of_chat(session: Session, conversation_id: str) -> Company | None:
    """The company that talks in a conversation we know."""
    chat = session.get(Conversation, conversation_id)
    return session.get(Company, chat.company_id) if chat and chat.company_id else None


def remember(session: Session, conversation: Values | None, contact: Values | None, company: Values | None) -> None:
    """Keep who talks, for whom, and where; what was known before is brought up to date, but for what was erased."""
    if conversation is not None and erasures.chats_of(session, [conversation["id"]]):
        contact, conversation = None, conversation | {"opening": ""}
    began = conversation["created_at"] if conversation else 0  # somebody else in a chat: as if it had always been
    if contact is not None and erasures.is_stranger(session, contact["id"], began):
        contact = None
    for model, row in ((Company, company), (Contact, contact), (Conversation, conversation)):
        if row is not None:
            keep(session, model, row)
    if company is not None:
        session.connection().execute(_WORTH, company | {"seen_at": now_ms()})


_PAST = table_of(CompanyPast)


def _now(column: str, name: str = "") -> sa.BindParameter[Any]:
    return sa.bindparam(name or column, type_=_PAST.c[column].type)


_NEWEST = (
    sa.select(sa.func.max(_PAST.c.seen_at)).where(_PAST.c.company_id == _now("company_id", "id")).scalar_subquery()
)


#: A company is worth something else than before, or is new.
_WORTH = sa.insert(_PAST).from_select(
    ["company_id", "seen_at", "name", "tier", "mrr"],
    sa.select(_now("company_id", "id"), _now("seen_at"), _now("name"), _now("tier"), _now("mrr")).where(
        ~sa.select(_PAST.c.company_id)
        .where(_PAST.c.company_id == _now("company_id", "id"), _PAST.c.seen_at == _NEWEST)
        .where(_PAST.c.name == _now("name"), _PAST.c.tier == _now("tier"), _PAST.c.mrr == _now("mrr"))
        .exists()
    ),
)


class Firm(NamedTuple):
    """A company as it was at that time."""

    name: str = ""
    tier: str = ""
    mrr: float = 0.0


def firms(session: Session, at: int, which: Any = None) -> dict[str, Firm]:
    """Every company as it was, or those alone from which these wishes came."""
    past, wish = table_of(CompanyPast).c, table_of(Feedback).c
    here = sa.true() if which is None else past.company_id.in_(sa.select(wish.company_id).where(which))
    rows = session.execute(
        sa.select(past.company_id, past.name, past.tier, past.mrr)
        .where(past.seen_at <= at, here)
        .order_by(past.seen_at)
    ).all()  # at once: the thousands that these may be are not fetched one by one
    return {id: Firm(name, tier, mrr) for id, name, tier, mrr in rows}
