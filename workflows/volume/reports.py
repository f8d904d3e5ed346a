"""Reports: what another tool says of its quarter hours and of active accounts is kept, each as it was said last.

    reports.keep(session, "desk", said_at, [Told(slot, 12, {"請求書": 4})])       # how many of them were news

Two reports may come in either order, and each may come again: of a quarter hour and of a day, what was said later
counts. When that was stands beside the counts, in seconds after the quarter hour began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import among, insert_new, table_of
from workflows.engine.rows import keep as keep_row
from workflows.tables.volume import Actives, Count
from workflows.volume import counts, sources, themes
from workflows.volume.slots import SLOT_MS

#: The facet in which it stands when a quarter hour was told last.
SAID = "said"
_COUNTS, _ACTIVES = table_of(Count), table_of(Actives)


class Told(NamedTuple):
    """How many came in in the quarter hour that began at `slot` (ms), and how many of each theme."""

    slot: int
    n: int
    themes: Mapping[str, int]


def keep(session: Session, source: str, said_at: int, told: Sequence[Told], *, is_past: bool = False) -> int:
    """Keep what a tool said at that moment; returns how many quarter hours of it were not known better.

    `is_past`: out of a file. A source that is new to us is over with it.
    """
    if not told:
        return 0
    row = sources.of(session, source, told[0].slot, sources.OVER if is_past else "")
    known = _known(session, source, [each.slot for each in told])
    news = [each for each in told if known.get(each.slot, 0) <= said_at // 1000]
    for each in news:
        about = {themes.named(name): n for name, n in each.themes.items()}
        counts.put(session, source, each.slot, each.n, about, is_over=_is_over(each, said_at))
    _remember(session, source, said_at, news)
    over = [each.slot for each in news if _is_over(each, said_at)]
    row.since = min(row.since, *(each.slot for each in told))
    row.covered_until = max([row.covered_until or 0, *(slot + SLOT_MS for slot in over)]) or None
    row.heard_at = max(row.heard_at, said_at)
    row.cursor = row.cursor if is_past else ""
    session.add(row)
    return len(news)


def keep_actives(session: Session, said_at: int, told: Mapping[str, int]) -> int:
    """Keep how many accounts were active, by day; returns for how many days it was not known better."""
    rows = [{"day": day, "n": n, "said_at": said_at} for day, n in sorted(told.items())]
    if not rows:
        return 0
    new = insert_new(session, Actives, rows)
    days = sa.select(_ACTIVES.c.day, _ACTIVES.c.said_at).where(among(_ACTIVES.c.day, sorted(told)))
    known = {day: at for day, at in session.connection().execute(days.with_for_update())}
    older = [row for row in rows if row["day"] not in new and known[row["day"]] <= said_at]
    for row in older:
        keep_row(session, Actives, row)
    return len(new) + len(older)


def _is_over(told: Told, said_at: int) -> bool:
    return told.slot + SLOT_MS <= said_at


def _known(session: Session, source: str, slots: Sequence[int]) -> dict[int, int]:
    """When each of these quarter hours was told last, in Unix seconds."""
    mine = (_COUNTS.c.facet == SAID, _COUNTS.c.source == source, among(_COUNTS.c.slot, list(slots)))
    found = session.connection().execute(sa.select(_COUNTS.c.slot, _COUNTS.c.n).where(*mine))
    return {slot: slot // 1000 + n for slot, n in found}


def _remember(session: Session, source: str, said_at: int, told: Sequence[Told]) -> None:
    """When these were told."""
    if not told:
        return
    mine = (_COUNTS.c.facet == SAID, _COUNTS.c.source == source)
    session.connection().execute(sa.delete(_COUNTS).where(*mine, among(_COUNTS.c.slot, [each.slot for each in told])))
    about: dict[str, Any] = {"facet": SAID, "name": "", "source": source, "covered": False}
    rows = [about | {"slot": each.slot, "n": said_at // 1000 - each.slot // 1000} for each in told]
    session.connection().execute(sa.insert(_COUNTS), rows)
