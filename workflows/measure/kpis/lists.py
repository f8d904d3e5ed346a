"""Lists: the cases behind a number as a page shows them: what it is about, whose it is, since when, and how long.

lines(session, "first_response", cases)        # in the order of the cases; fifty at a time
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import among, table_of
from workflows.escalation import cases as escalations
from workflows.measure.kpis.cases import Case
from workflows.measure.kpis.meanings import CHAT, ESCALATION, HOUR, REQUEST, TELLING
from workflows.tables.customer import Company, Conversation
from workflows.tables.escalation import Escalation
from workflows.tables.wish import Feedback
from workflows.wish.wishes import code, title_of


@dataclass(frozen=True)
class Line:
    """One of them: where it is read, what it is called, what it says ("" where nothing is left), and whose it is."""

    case: Case
    address: str
    code: str
    words: str
    company: str


@dataclass(frozen=True)
class _About:
    code: str = ""
    words: str = ""
    company: str = ""


def lines(session: Session, of: str, found: Sequence[Case]) -> list[Line]:
    """`of`: chat | request | telling | escalation | hour, which leads to what was open then."""
    refs = [each.ref.rpartition("/")[2] for each in found]
    about = ABOUT[of](session, refs)
    address = ADDRESSES[of]
    nothing = _About()
    return [
        Line(case, f"{address}{quote(ref, safe='')}", *vars(about.get(ref, nothing)).values())
        for case, ref in zip(found, refs, strict=True)
    ]


def _chats(session: Session, ids: Sequence[str]) -> Mapping[str, _About]:
    chat, company = table_of(Conversation).c, table_of(Company).c
    query = sa.select(chat.id, chat.opening, company.name).select_from(
        table_of(Conversation).outerjoin(table_of(Company), company.id == chat.company_id)
    )
    rows = session.execute(query.where(among(chat.id, list(ids))))
    return {id: _About("", opening, name or "") for id, opening, name in rows}


def _requests(session: Session, refs: Sequence[str]) -> Mapping[str, _About]:
    company = table_of(Company).c
    query = sa.select(table_of(Feedback), company.name.label("firm")).select_from(
        table_of(Feedback).outerjoin(table_of(Company), company.id == col(Feedback.company_id))
    )
    rows: Any = session.execute(query.where(among(col(Feedback.id), [int(ref) for ref in refs])))
    return {str(row.id): _About(code(row.id), title_of(row), row.firm or row.company_name) for row in rows}


def _escalations(session: Session, refs: Sequence[str]) -> Mapping[str, _About]:
    row = table_of(Escalation).c
    query = sa.select(row.id, row.gist, row.company).where(among(row.id, [int(ref) for ref in refs]))
    return {str(id): _About(escalations.code(id), gist, company) for id, gist, company in session.execute(query)}


ABOUT: Mapping[str, Callable[[Session, Sequence[str]], Mapping[str, _About]]] = {
    **dict.fromkeys((CHAT, TELLING), _chats),
    REQUEST: _requests,
    ESCALATION: _escalations,
    HOUR: lambda session, refs: {},
}
#: Where each is read.
ADDRESSES = {
    **dict.fromkeys((CHAT, TELLING), "/chats/"),
    REQUEST: "/feedback/",
    ESCALATION: "/escalations/",
    HOUR: "/kpis/load/open?at=",
}
