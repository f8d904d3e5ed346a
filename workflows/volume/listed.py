"""Listed: the enquiries behind a figure, the newest first.

found(session, Sought(since, until, about="tag:請求"), most=100)       # those behind a point of the chart
found(session, Sought(since, until, spans=hours_of(…)), most=100)      # those behind a cell of the heat map
named(session, ["intercom/215"])                                       # these, by their ids
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import among, table_of
from workflows.rules import rules
from workflows.tables.customer import Company, Conversation
from workflows.tables.volume import Arrival
from workflows.volume.periods import HOUR_MS, Span

_ARRIVALS = table_of(Arrival).c
INTERCOM = "intercom/"


@dataclass(frozen=True)
class Sought:
    """What came in from a moment until another; of a theme, by a way, of a company, or ("") of any.

    `spans`: only in these pieces of the time. `before`: after which row the list goes on ("" for from the beginning).
    """

    since: int
    until: int
    about: str = ""
    medium: str = ""
    company: str = ""
    spans: Sequence[Span] = ()
    before: str = ""


@dataclass(frozen=True)
class Listed:
    """One of them: `chat` is the id of its conversation where we know it; `words` what it began with."""

    arrival: Arrival
    company: str = ""
    chat: str = ""
    words: str = ""

    @property
    def mark(self) -> str:
        """After which row a list goes on."""
        return f"{self.arrival.at}.{self.arrival.id}"


def found(session: Session, sought: Sought, most: int) -> list[Listed]:
    """So many at most."""
    table = table_of(Arrival)
    query = sa.select(table).where(*_wanted(sought)).order_by(_ARRIVALS.at.desc(), _ARRIVALS.id.desc()).limit(most)
    return _known(session, [Arrival(**each) for each in session.connection().execute(query).mappings()])


def named(session: Session, ids: Sequence[str]) -> dict[str, Listed]:
    """Those of these that are still there, by id."""
    query = sa.select(table_of(Arrival)).where(among(_ARRIVALS.id, list(ids)))
    rows = [Arrival(**each) for each in session.connection().execute(query).mappings()]
    return {row.arrival.id: row for row in _known(session, rows)}


def _known(session: Session, rows: Sequence[Arrival]) -> list[Listed]:
    """With their companies, and with the words that their conversations begin with, as far as these are left."""
    names = _by_id(session, Company, Company.name, {row.company_id for row in rows})
    chats = {row.id.removeprefix(INTERCOM) for row in rows if row.id.startswith(INTERCOM)}
    words = _by_id(session, Conversation, Conversation.opening, chats)
    return [_listed(row, names, words) for row in rows]


def companies(session: Session, sought: Sought) -> set[str]:
    """Of which companies these are; "" for of none that is known."""
    query = sa.select(_ARRIVALS.company_id).where(*_wanted(sought)).distinct()
    return set(session.connection().execute(query).scalars())


def hours_of(since: int, until: int, weekday: int, hour: int) -> list[Span]:
    """An hour of a weekday (0 is Monday) in each week between two moments, on the company's clock."""
    pieces = (Span(at, at + HOUR_MS) for at in range(since, until, HOUR_MS))
    local = ((each, rules.calendar.local(each.begins)) for each in pieces)
    return [each for each, at in local if (at.weekday(), at.hour) == (weekday, hour)]


def _wanted(sought: Sought) -> list[Any]:
    wanted = [_ARRIVALS.at >= sought.since, _ARRIVALS.at < sought.until]
    at, _, id = sought.before.partition(".")
    if at.isdecimal() and id:
        earlier = sa.and_(_ARRIVALS.at == int(at), _ARRIVALS.id < id)
        wanted += [_ARRIVALS.at <= int(at), sa.or_(_ARRIVALS.at < int(at), earlier)]
    if sought.spans:
        wanted.append(
            sa.or_(*(sa.and_(_ARRIVALS.at >= each.begins, _ARRIVALS.at < each.ends) for each in sought.spans))
        )
    if sought.company:
        wanted.append(_ARRIVALS.company_id == sought.company)
    if sought.medium:
        wanted.append(_ARRIVALS.medium == sought.medium)
    if sought.about:  # as the list is written in its column, whole
        wanted.append(sa.cast(_ARRIVALS.themes, sa.Text).contains(json.dumps(sought.about), autoescape=True))
    return wanted


def _by_id(session: Session, model: Any, column: Any, ids: set[str]) -> Mapping[str, str]:
    query = sa.select(model.id, column).where(among(model.id, sorted(ids - {""})))
    return {id: text for id, text in session.connection().execute(query)} if ids else {}


def _listed(row: Arrival, names: Mapping[str, str], words: Mapping[str, str]) -> Listed:
    chat = row.id.removeprefix(INTERCOM) if row.id.startswith(INTERCOM) else ""
    known = {"chat": chat, "words": words[chat]} if chat in words else {}
    return Listed(row, names.get(row.company_id, ""), **known)
