"""Counts: how many enquiries came in, quarter hour by quarter hour and day by day; and of which of them all is known.

    counts.add(session, {Key("all", slot, "", "intercom"): 1})    # changes of counts; those of the days follow
    counts.cover(session, "intercom", until)      # everything that came in from this source by then is known
    counts.put(session, "desk", slot, 12, {"word:請求書": 4})      # another tool says how many it were
    counts.series(session, since, until)          # [Quarter(slot, n, is_known), …], every quarter hour

A quarter hour that is not covered is missing, and not zero: what is known of it is at least its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from workflows.engine.rows import Values, table_of
from workflows.engine.store import now_ms
from workflows.tables.volume import Count, DayCount, Source
from workflows.volume import slots, sources

ALL, MEDIUM, THEME, COMPANY = FACETS = ("all", "medium", "theme", "company")
_COUNTS, _DAYS = table_of(Count), table_of(DayCount)
#: Rows of one statement.
MANY = 1000


class Key(NamedTuple):
    """Which count it is: of a facet and what it is of, in the quarter hour that began at `slot`, from a source."""

    facet: str
    slot: int
    name: str
    source: str


class Quarter(NamedTuple):
    """A quarter hour: when it began, how many came in as far as is known, and is it known to be all?"""

    slot: int
    n: int
    is_known: bool


def add(session: Session, delta: Mapping[Key, int]) -> None:
    """Change counts by so many."""
    changed = {key: n for key, n in sorted(delta.items()) if n}
    days: Counter[tuple[str, str, str, str]] = Counter()
    for key, n in changed.items():
        days[key.facet, slots.day_of(key.slot), key.name, key.source] += n
    _more(session, Count, [key._asdict() | {"n": n, "covered": False} for key, n in changed.items()])
    _more_days(session, {key: n for key, n in days.items() if n}, known={})


def cover(session: Session, source: str, until: int, *, since: int | None = None) -> None:
    """Of this source, all that came in by then is known; from `since` on (None: from now on) where it is new to us."""
    row = session.get(Source, source, with_for_update=True)
    if row is None:
        row = Source(name=source, since=slots.of(until) if since is None else since)
    begin = row.since if row.covered_until is None else row.covered_until
    _cover(session, source, slots.between(begin, until))
    row.covered_until, row.heard_at = max(begin, slots.of(until)), max(row.heard_at, now_ms())
    session.add(row)
    session.flush()


def cover_past(session: Session, source: str, since: int) -> None:
    """All that came in from `since` on until we knew this source is known as well: it was imported."""
    row = session.get(Source, source, with_for_update=True)
    if row is not None and since < row.since:
        _cover(session, source, slots.between(since, row.since))
        row.since = since
        session.add(row)


def put(session: Session, source: str, slot: int, n: int, themes: Mapping[str, int], *, is_over: bool = True) -> None:
    """How many came in in a quarter hour, and of which themes, as another tool says; said again, it replaces.

    `is_over`: were these all? One at a time may say so of a source.
    """
    said = {(ALL, ""): n} | {(THEME, name): count for name, count in themes.items()}
    table = _COUNTS.c
    query = sa.select(_COUNTS).where(table.facet.in_((ALL, THEME)), table.slot == slot, table.source == source)
    before = {(row.facet, row.name): row.n for row in session.connection().execute(query)}
    delta = {
        Key(facet, slot, name, source): said.get((facet, name), 0) - before.get((facet, name), 0)
        for facet, name in said | before
    }
    add(session, delta)
    _cover(session, source, [slot] if is_over else [])


# -- questions ------------------------------------------------------------------------------------


def series(
    session: Session, since: int, until: int, facet: str = ALL, name: str = "", source: str = ""
) -> list[Quarter]:
    """Every quarter hour between two moments, of one source or ("") of all of them together.

    It is known where each of the sources that were counted by then has covered it.
    """
    found: Counter[int] = Counter()
    for row in _rows(session, since, until, facet, name, source):
        found[row.slot] += row.n
    known = covered(session, since, until, source)
    return [Quarter(slot, found[slot], slot in known) for slot in slots.between(since, until)]


def covered(session: Session, since: int, until: int, source: str = "") -> set[int]:
    """The quarter hours between two moments of which all is known: by every source that was to be counted then."""
    spans = sources.spans(session, source)
    by_slot: Counter[int] = Counter(
        row.slot for row in _rows(session, since, until, ALL, "", source) if row.covered and row.source in spans
    )
    return {slot for slot, n in by_slot.items() if n >= sum(begin <= slot < end for begin, end in spans.values())}


def _rows(session: Session, since: int, until: int, facet: str, name: str, source: str) -> Iterable[Any]:
    table = _COUNTS.c
    wanted = [table.facet == facet, table.slot >= since, table.slot < until, table.name == name]
    query = sa.select(table.slot, table.n, table.covered, table.source).where(*wanted)
    return session.connection().execute(query.where(table.source == source) if source else query).all()


# -- statements -----------------------------------------------------------------------------------


def _cover(session: Session, source: str, known: Iterable[int]) -> None:
    """These quarter hours are known from now on; those that were are passed over."""
    every = list(known)
    days: Counter[tuple[str, str, str, str]] = Counter()
    for begin in range(0, len(every), MANY):
        some = every[begin : begin + MANY]
        rows = [Key(ALL, slot, "", source)._asdict() | {"n": 0, "covered": True} for slot in some]
        new = session.connection().execute(_covering(_dialect(session)), rows).scalars()
        for slot in new:
            days[ALL, slots.day_of(slot), "", source] += 1
    _more_days(session, {}, known=days)


def _more(session: Session, model: Any, rows: list[Values]) -> None:
    for begin in range(0, len(rows), MANY):
        session.connection().execute(_adding(model, _dialect(session)), rows[begin : begin + MANY])


def _more_days(
    session: Session, delta: Mapping[tuple[str, str, str, str], int], known: Mapping[tuple[str, str, str, str], int]
) -> None:
    names = ("facet", "day", "name", "source")
    keys = sorted(delta.keys() | known.keys())
    rows = [dict(zip(names, key, strict=True)) | {"n": delta.get(key, 0), "known": known.get(key, 0)} for key in keys]
    _more(session, DayCount, rows)


@cache
def _adding(model: Any, dialect: str) -> Any:
    """So many more than before; of what is new, so many."""
    table, insert = table_of(model), _insert(model, dialect)
    numbers = [name for name in ("n", "known") if name in table.c]
    return insert.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key.columns],
        set_={name: table.c[name] + insert.excluded[name] for name in numbers},
    )


@cache
def _covering(dialect: str) -> Any:
    insert = _insert(Count, dialect)
    return insert.on_conflict_do_update(
        index_elements=[column.name for column in _COUNTS.primary_key.columns],
        set_={"covered": True},
        where=sa.not_(_COUNTS.c.covered),
    ).returning(_COUNTS.c.slot)


def _insert(model: Any, dialect: str) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table_of(model))


def _dialect(session: Session) -> str:
    return str(session.get_bind().dialect.name)
