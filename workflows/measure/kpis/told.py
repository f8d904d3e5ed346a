"""Told: of those who were owed word within a period, how many have it after seven and thirty days, and how soon.

    cases(Look(session, period, now), FIGURES)["told_7"]

Whom nobody can tell, and what was withdrawn, is owed nothing and left out: `/tellings` lists them with the reason. Who
was told of the same in another conversation counts there alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import said, table_of
from workflows.engine.store import DAY_MS
from workflows.measure.kpis.cases import Case, Cases, ints
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import Period
from workflows.rules import rules
from workflows.tables.telling import Telling
from workflows.telling.answers import TOLD_ELSEWHERE
from workflows.telling.drafts import EXCUSED, TOLD
from workflows.telling.ledger import OWING
from workflows.telling.reactions import RATED, THANKS
from workflows.telling.uses import USED

#: After so many days it is counted who has been told.
AFTER = {"told_7": 7, "told_30": 30}
_TELLING = table_of(Telling).c
#: From this rating on it is a good one.
GOOD = 4
_IS_LIKED = sa.or_(
    _TELLING.reaction.in_(said((THANKS, USED))), sa.and_(_TELLING.reaction == said(RATED), _TELLING.rating >= GOOD)
)


def cases(look: Look, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of tellings count."""
    session, period, now = look.session, look.period, look.now
    made: dict[str, Cases] = {}
    if {*AFTER, "release_to_told"} & set(names):
        rows = _rows(session, period, (*OWING, TOLD))
        owed, given = (ints(getattr(row, name) for row in rows) for name in ("owed_at", "told_at"))
        found = Cases.lasting(rules.calendar, [_ref(row) for row in rows], owed, given, ints(None for _ in rows), now)
        made |= {name: _after(found, rows, days, now) for name, days in AFTER.items()} | {"release_to_told": found}
    if "cannot_be_told" in names:
        rows = _rows(session, period, (EXCUSED,), _TELLING.why != said(TOLD_ELSEWHERE))
        made["cannot_be_told"] = Cases.of(Case(_ref(row), row.owed_at) for row in rows)
    if {"notified", "reacted"} & set(names):
        made["reacted"] = Cases.of(_given(session, period))
        made["notified"] = made["reacted"].as_(hit=~made["reacted"].counts)
    return made


class Owed(NamedTuple):
    """Word that a conversation was owed because of a release, and when it was given."""

    release_id: str
    conversation_id: str
    owed_at: int
    told_at: int | None


def _rows(session: Session, period: Period, states: tuple[str, ...], *which: Any) -> list[Owed]:
    query = sa.select(*(_TELLING[name] for name in Owed._fields)).where(
        _TELLING.state.in_(said(states)), _TELLING.owed_at >= period.begins, _TELLING.owed_at < period.ends, *which
    )
    return [Owed(*row) for row in session.connection().execute(query).all()]


def _given(session: Session, period: Period) -> list[Case]:
    """Word that was given within the period, whenever it was owed; was the customer glad?"""
    given = (_TELLING.state == said(TOLD), _TELLING.told_at >= period.begins, _TELLING.told_at < period.ends)
    query = sa.select(_TELLING.release_id, _TELLING.conversation_id, _TELLING.told_at, _IS_LIKED).where(*given)
    rows = session.connection().execute(query).all()
    return [Case(f"{release}/{chat}", at, is_hit=bool(liked)) for release, chat, at, liked in rows]


def _after(found: Cases, rows: Sequence[Owed], days: int, now: int) -> Cases:
    """Counted once it is known: when they were told within the days, or once these are over."""
    ends = found.at + days * DAY_MS
    told = np.array([now + 1 if row.told_at is None else row.told_at for row in rows], dtype=np.int64)
    hit = found.over & (told <= ends)
    open = ~hit & (now < ends)
    return found.as_(counts=~open, open=open, hit=hit)


def _ref(row: Owed) -> str:
    return f"{row.release_id}/{row.conversation_id}"
