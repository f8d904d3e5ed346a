"""Told: of those who were owed word within a period, how many have it after seven and thirty days, and how soon.

    cases(Look(session, period, now), FIGURES)["told_7"]

Whom nobody can tell, and what was withdrawn, is owed nothing and left out: `/tellings` lists them with the reason. Who
was told of the same in another conversation counts there alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import said, table_of
from workflows.measure.kpis.cases import Case, Cases, ints
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import Period
from workflows.rules import rules
from workflows.tables.telling import Telling
from workflows.telling import in_time
from workflows.telling.answers import TOLD_ELSEWHERE
from workflows.telling.drafts import EXCUSED, TOLD
from workflows.telling.reactions import RATED, THANKS
from workflows.telling.uses import USED

#: What counts who has been told, for each of `in_time.AFTER`.
SHARES = ("told_7", "told_30")
_TELLING = table_of(Telling).c
#: From this rating on it is a good one.
GOOD = 4
_IS_LIKED = sa.or_(
    _TELLING.reaction.in_(said((THANKS, USED))), sa.and_(_TELLING.reaction == said(RATED), _TELLING.rating >= GOOD)
)


def cases(look: Look, names: Collection[str]) -> dict[str, Cases]:
    """What these figures of tellings count."""
    made: dict[str, Cases] = {}
    if {*SHARES, "release_to_told"} & set(names):
        made |= _owed(look)
    if "cannot_be_told" in names:
        rows = _rows(look, _TELLING.state == said(EXCUSED), _TELLING.why != said(TOLD_ELSEWHERE))
        made["cannot_be_told"] = Cases.of(Case(_ref(row), row.owed_at) for row in rows)
    if {"notified", "reacted"} & set(names):
        made["reacted"] = Cases.of(_given(look.session, look.period))
        made["notified"] = made["reacted"].as_(hit=~made["reacted"].counts)
    return made


def _owed(look: Look) -> dict[str, Cases]:
    rows = _rows(look, in_time.COUNTS)
    owed, given = (ints(getattr(row, name) for row in rows) for name in ("owed_at", "told_at"))
    left = ints(None for _ in rows)
    found = Cases.lasting(rules.calendar, [_ref(row) for row in rows], owed, given, left, look.now)
    return dict(zip(SHARES, _after(found, rows), strict=True)) | {"release_to_told": found}


class Owed(NamedTuple):
    """Word that a conversation was owed because of a release, and when it was given.

    `flags`: for each of `in_time.AFTER`, whether the days are over, and whether it was given within them.
    """

    release_id: str
    conversation_id: str
    owed_at: int
    told_at: int | None
    flags: tuple[bool, ...]


def _rows(look: Look, *which: Any) -> list[Owed]:
    within = (_TELLING.owed_at >= look.period.begins, _TELLING.owed_at < look.period.ends)
    asked = [each for days in in_time.AFTER for each in (in_time.is_due(days, look.now), in_time.in_time(days))]
    bare = [_TELLING[name] for name in Owed._fields if name != "flags"]
    rows = look.session.connection().execute(sa.select(*bare, *asked).where(*within, *which)).all()
    return [Owed(release, chat, owed, told, tuple(flags)) for release, chat, owed, told, *flags in rows]


def _given(session: Session, period: Period) -> list[Case]:
    """Word that was given within the period, whenever it was owed; was the customer glad?"""
    given = (_TELLING.state == said(TOLD), _TELLING.told_at >= period.begins, _TELLING.told_at < period.ends)
    query = sa.select(_TELLING.release_id, _TELLING.conversation_id, _TELLING.told_at, _IS_LIKED).where(*given)
    rows = session.connection().execute(query).all()
    return [Case(f"{release}/{chat}", at, is_hit=bool(liked)) for release, chat, at, liked in rows]


def _after(found: Cases, rows: Sequence[Owed]) -> Iterator[Cases]:
    """For each of `in_time.AFTER`: counted once the days are over."""
    flags = np.array([row.flags for row in rows], dtype=bool).reshape(len(rows), len(in_time.AFTER), 2)
    for at in range(len(in_time.AFTER)):
        due, soon = (flags[:, at, which] for which in (0, 1))
        yield found.as_(counts=due, open=~due, hit=soon)


def _ref(row: Owed) -> str:
    return f"{row.release_id}/{row.conversation_id}"
