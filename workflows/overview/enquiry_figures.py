"""Figures of enquiries: how soon customers get their first answer, by how they reach us; and what waiting cost.

channels(session, since, now)      # messenger and email side by side
costs(session, since, now)         # the minutes that paying companies waited, the dearest first
waits_of(session, "901", since, now)   # those of one company

Minutes are business minutes of the company, as far as they lie within the period. Who still waits counts with the time
waited so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import among, said, table_of
from workflows.enquiry import cost
from workflows.overview import survival
from workflows.overview.survival import Span
from workflows.rules import rules
from workflows.rules.enquiry import FIRST, MEDIA
from workflows.tables.customer import Company
from workflows.tables.enquiry import Wait

ANSWERED = "answered"
HALF, MOST = Fraction(1, 2), Fraction(9, 10)


class Waited(NamedTuple):
    """So many waits for a first answer of one kind: by their medium, how they ended, and the minutes waited."""

    medium: str
    is_answered: bool
    is_over: bool
    minutes: int
    target: int
    n: int


@dataclass(frozen=True)
class Channel:
    """How customers who reach us in one way get their first answer.

    `half`, `most`: minutes within which half and nine tenths of all were answered, None where that has not been seen.
    `decided`: those of whom it is known whether they were answered within the target, which `within` were.
    """

    medium: str
    n: int
    answered: int
    open: int
    half: int | None
    most: int | None
    within: int
    decided: int


@dataclass(frozen=True)
class Cost:
    """What waiting cost a company: its waits, their minutes, and the part of its spend that fell into them."""

    company_id: str
    name: str
    tier: str
    mrr: float
    waits: int
    minutes: int
    spend: float


class Spell(NamedTuple):
    """A wait of one company, with its minutes within the period."""

    wait: Wait
    minutes: int


_wait, _company = table_of(Wait).c, table_of(Company).c


# -- by channel -----------------------------------------------------------------------------------


def channels(session: Session, since: int, now: int) -> list[Channel]:
    """The figures of each medium, out of all who began to wait for a first answer since then."""
    return channels_of(_waited(session, since, now))


def channels_of(found: Iterable[Waited]) -> list[Channel]:
    """The same of waits that are known. A medium of which there are none has no figures."""
    some = list(found)
    by_medium = {medium: [each for each in some if each.medium == medium] for medium in MEDIA}
    return [_channel(medium, waits) for medium, waits in by_medium.items() if waits]


def _channel(medium: str, waits: Sequence[Waited]) -> Channel:
    curve = survival.steps(Span(each.minutes, each.is_answered) for each in waits for _ in range(each.n))
    within = _sum(each for each in waits if each.is_answered and 0 < each.target >= each.minutes)
    late = _sum(each for each in waits if 0 < each.target < each.minutes)
    return Channel(
        medium,
        _sum(waits),
        _sum(each for each in waits if each.is_answered),
        _sum(each for each in waits if not each.is_over),
        survival.by_when(curve, HALF),
        survival.by_when(curve, MOST),
        within,
        within + late,
    )


def _sum(waits: Iterable[Waited]) -> int:
    return sum(each.n for each in waits)


def _waited(session: Session, since: int, now: int) -> list[Waited]:
    """Who began to wait since then: those whose wait is over are counted by the database."""
    columns = (_wait.medium, _wait.ended, _wait.minutes, _wait.target)
    over = sa.select(*columns, sa.func.count()).where(
        _wait.ended_at >= since, _wait.since >= since, _wait.kind == said(FIRST)
    )
    found = [
        Waited(medium, ended == ANSWERED, True, minutes or 0, target, n)
        for medium, ended, minutes, target, n in session.execute(over.group_by(*columns))
    ]
    going = sa.select(_wait.medium, _wait.since, _wait.target).where(
        _wait.ended_at.is_(None), _wait.since >= since, _wait.kind == said(FIRST)
    )
    for medium, began, target in session.execute(going):
        found.append(Waited(medium, False, False, rules.calendar.minutes(began, now), target, 1))
    return found


# -- what it cost ---------------------------------------------------------------------------------


def costs(session: Session, since: int, now: int) -> list[Cost]:
    """What the waiting of paying companies since then cost, the dearest first."""
    waited = {each.company_id: each for each in cost.waited(session, since, now, now).companies}
    columns = (_company.id, _company.name, _company.tier, _company.mrr)
    rows = session.execute(sa.select(*columns).where(among(_company.id, list(waited))))
    whole = max(rules.calendar.minutes(since, now), 1)
    found = [
        Cost(id, name, tier, mrr, waited[id].waits, waited[id].minutes, mrr * waited[id].minutes / whole)
        for id, name, tier, mrr in rows
    ]
    return sorted(found, key=lambda each: (-each.spend, -each.minutes, each.name, each.company_id))


def waits_of(session: Session, company_id: str, since: int, now: int) -> list[Spell]:
    """The waits of one company that reach into the period, the longest first."""
    over = col(Wait.ended_at).is_(None) | (col(Wait.ended_at) > since)
    waits = session.exec(select(Wait).where(Wait.company_id == company_id, Wait.since < now, over))
    found = [Spell(wait, cost.minutes(wait, since, now)) for wait in waits]
    return sorted(found, key=lambda each: (-each.minutes, -each.wait.since, each.wait.conversation_id))
