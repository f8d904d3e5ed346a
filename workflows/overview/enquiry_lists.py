"""Enquiries in lists: by state, narrowed and ordered, with how long each customer has waited.

    page = found(session, Wanted(state="waiting", tier="Enterprise"), now)
    page.rows, page.more                         # the next page: found(…, after=page.more)
    counts(session, wanted)                      # how many each state has

There are thousands of open enquiries and a million solved ones. So these are counted to a thousand. Where more has to
be known than stands in an index, the first ones in the order are looked at, some at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.customer import companies
from workflows.engine.rows import among, said, table_of
from workflows.enquiry.board import ANSWERING, SOLVED, STATES, WAITING
from workflows.overview.enquiry_orders import LONGEST, NEWEST, WORTH, Key, Place, cursor, order_of, ordered, passed
from workflows.overview.enquiry_orders import read as read_place
from workflows.rules import rules
from workflows.tables.customer import Company, Contact, Conversation
from workflows.tables.enquiry import Enquiry

OPEN = STATES[:-1]
#: Who has it: whoever asks, or nobody; else a teammate.
MINE, NOBODY = "mine", "nobody"
#: How many solved ones are counted, and how many are looked at for one page.
COUNTED, LOOKED = 1_000, 2_000


@dataclass(frozen=True)
class Wanted:
    """Which enquiries, in which order. `words`: in the first message or the company's name; `since`: something was
    said from then on. `ids`: under which whoever asks answers customers."""

    state: str = WAITING
    medium: str = ""
    who: str = ""
    tier: str = ""
    words: str = ""
    since: int = 0
    sort: str = LONGEST
    ids: Sequence[str] = ()

    @property
    def is_narrowed(self) -> bool:
        """Does it ask for less than all of a state?"""
        return any((self.medium, self.who, self.since)) or self.asks_who

    @property
    def asks_who(self) -> bool:
        """Does it depend on what was asked, and by whom?"""
        return bool(self.tier or self.words)

    @property
    def order(self) -> str:
        """The order of its state: what is over has been waited for, and who waits for nothing loses nothing."""
        is_waited_for = self.state in (WAITING, ANSWERING)
        return NEWEST if self.state == SOLVED else LONGEST if self.sort == WORTH and not is_waited_for else self.sort


class Clock(NamedTuple):
    """How long a customer has waited in business minutes, and when the next one is full. `target`: within how many
    somebody wants to answer, 0 for none; `is_late`: that time is over, `is_near`: four fifths of it are."""

    minutes: int
    next_at: int
    target: int
    is_late: bool
    is_near: bool


@dataclass(frozen=True)
class Row:
    """An enquiry on a list: who asks what, who has it, and how long they have waited, if they wait."""

    id: str
    medium: str
    state: str
    assignee: str
    assignee_name: str
    waiting_since: int | None
    said_at: int
    solved_at: int | None
    opening: str
    url: str
    person: str
    company_id: str
    company: str
    tier: str
    mrr: float
    clock: Clock | None


@dataclass(frozen=True)
class Page:
    """Some rows, and where the list goes on ("" where it ends)."""

    rows: Sequence[Row]
    more: str = ""


def board(session: Session, wanted: Wanted, now: int, most: Mapping[str, int]) -> dict[str, Page]:
    """The first rows of each of these states, at most so many of each."""
    return {state: found(session, replace(wanted, state=state), now, most=n) for state, n in most.items()}


def found(session: Session, wanted: Wanted, now: int, *, after: str = "", most: int = 50) -> Page:
    """The rows that follow `after` (the `more` of the page before) in the order that is wanted."""
    place = read_place(after, order_of(wanted.order, now))
    at = place.at if place else now
    order = order_of(wanted.order, at)
    is_far = wanted.asks_who or (wanted.state == SOLVED and wanted.is_narrowed)
    looked = _keys(session, replace(wanted, **ALL), order, place, LOOKED) if is_far else None
    which = None if looked is None else [row[-1] for row in looked]
    keys = _keys(session, wanted, order, place, most + 1, which)
    rows = _rows(session, [row[-1] for row in keys[:most]], now)
    if len(keys) > most:
        return Page(rows, cursor(Place(at, keys[most - 1])))
    return Page(rows, cursor(Place(at, looked[-1])) if looked and len(looked) == LOOKED else "")


#: Narrowed by nothing.
ALL: dict[str, Any] = {"medium": "", "who": "", "tier": "", "words": "", "since": 0}


def _keys(
    session: Session, wanted: Wanted, order: Sequence[Key], place: Place | None, most: int, which: Any = None
) -> Sequence[Any]:
    """What an order says of the rows behind a place; `which`: of these alone."""
    query = sa.select(*(key.column for key in order)).select_from(_from(wanted, wanted.order))
    query = query.where(_in_state(wanted.state), *_narrowed(wanted))
    query = query.where(passed(order, place.keys)) if place else query
    query = query.where(among(_enquiry.conversation_id, which)) if which is not None else query
    return session.execute(query.order_by(*ordered(order)).limit(most)).all()


def _in_state(state: str) -> Any:
    """Is it in this state? That an open one is not solved is said, too: so the index of open ones is found."""
    is_there = _enquiry.state == said(state)
    return is_there if state == SOLVED else is_there & (_enquiry.state != said(SOLVED))


def counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many enquiries each state has, narrowed as is wanted. Solved ones are counted no further than one more than
    COUNTED, and left out where they are narrowed; all are left out where each would have to be looked at."""
    if wanted.asks_who:
        return {}
    asked = sa.select(_enquiry.state, sa.func.count()).where(_enquiry.state != said(SOLVED), *_narrowed(wanted))
    rows = session.execute(asked.group_by(_enquiry.state))
    known = dict.fromkeys(OPEN, 0) | {state: n for state, n in rows if state in OPEN}
    if wanted.is_narrowed:
        return known
    some = sa.select(sa.literal(1)).where(_enquiry.state == said(SOLVED)).limit(COUNTED + 1)
    return known | {SOLVED: session.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()}


def assignees(session: Session, most: int) -> list[tuple[str, str]]:
    """Who has an open enquiry now: teammates and their names."""
    query = sa.select(_enquiry.assignee, sa.func.max(_enquiry.assignee_name)).where(
        _enquiry.state != said(SOLVED), _enquiry.assignee != said("")
    )
    rows = session.execute(query.group_by(_enquiry.assignee).limit(most))
    return sorted(((id, name or id) for id, name in rows), key=lambda each: (each[1], each[0]))


def tiers(session: Session) -> list[str]:
    """The tiers that companies have."""
    return list(session.execute(sa.select(_company.tier).where(_company.tier != "").distinct()).scalars())


# -- which ----------------------------------------------------------------------------------------

_enquiry, _chat = table_of(Enquiry).c, table_of(Conversation).c
_company, _contact = table_of(Company).c, table_of(Contact).c


def _from(wanted: Wanted, sort: str) -> Any:
    """What has to be known of an enquiry to tell whether it is wanted, and when."""
    return _with_company() if wanted.asks_who or sort == WORTH else table_of(Enquiry)


def _with_company() -> Any:
    chats = table_of(Enquiry).outerjoin(table_of(Conversation), _chat.id == _enquiry.conversation_id)
    return chats.outerjoin(table_of(Company), _company.id == _chat.company_id)


def _narrowed(wanted: Wanted) -> Iterator[Any]:
    if wanted.medium:
        yield _enquiry.medium == wanted.medium
    if wanted.who == MINE:
        yield _enquiry.assignee.in_(wanted.ids)
    elif wanted.who:
        yield _enquiry.assignee == ("" if wanted.who == NOBODY else wanted.who)
    if wanted.since:
        yield _enquiry.said_at >= wanted.since
    if wanted.tier:
        yield _company.tier == wanted.tier
    if wanted.words:
        places, ways = (_chat.opening, _company.name), companies.written(wanted.words)
        yield sa.or_(*(place.icontains(way, autoescape=True) for place in places for way in ways))


# -- what of them ---------------------------------------------------------------------------------

_SHOWN = (
    *(_enquiry[name] for name in ("conversation_id", "medium", "state", "assignee", "assignee_name")),
    *(_enquiry[name] for name in ("waiting_since", "said_at", "solved_at")),
    *(sa.func.coalesce(column, "") for column in (_chat.opening, _chat.url, _contact.name, _chat.company_id)),
    *(sa.func.coalesce(column, "") for column in (_company.name, _company.tier)),
    sa.func.coalesce(_company.mrr, 0.0),
    _enquiry.answer_by,
)


def _rows(session: Session, ids: Sequence[str], now: int) -> list[Row]:
    joined = _with_company().outerjoin(table_of(Contact), _contact.id == _chat.contact_id)
    query = sa.select(*_SHOWN).select_from(joined).where(among(_enquiry.conversation_id, ids))
    known = {row[0]: Row(*[*row[:-1], clock_of(row[5], row[-1], now)]) for row in session.execute(query)}
    return [known[id] for id in ids if id in known]


def clock_of(since: int | None, answer_by: int | None, now: int) -> Clock | None:
    """How long somebody has waited since then; None for nobody."""
    if since is None:
        return None
    minutes = rules.calendar.minutes(since, now)
    target = rules.calendar.minutes(since, answer_by) if answer_by else 0
    is_late = answer_by is not None and target > 0 and now >= answer_by
    next_at = rules.calendar.add(since, minutes + 1)
    return Clock(minutes, next_at, target, is_late, not is_late and 0 < target * 4 <= minutes * 5)
