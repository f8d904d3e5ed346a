"""The number of enquiries: how long its pages take among a million of them and ten years of quarter hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from tests.bench import looked
from tests.bench.figures import Figure
from tests.bench.looked import NUMBERS
from tests.bench.processes import CUSTOMERS
from workflows.engine.store import create_engine, now_ms
from workflows.volume.slots import SLOT_MS

ARRIVALS, YEARS, TAGS = 1_000_000, 10, 40
DAYS = YEARS * 365
SLOTS = DAYS * 96
#: How many came in in each quarter hour, and how far apart they are.
APART = DAYS * 86_400_000 // ARRIVALS
THEME = "'tag:話題' || ((i * 7 + i / 40) % 40)"


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    begins = (now_ms() - DAYS * 86_400_000) // 86_400_000 * 86_400_000 - 9 * 3_600_000
    fill, among = partial(_fill, begins=begins), f"{ARRIVALS:,} in {YEARS} years"
    yield from looked.figures("volume_page", folder, fill, _paths(begins), among)


def _paths(begins: int) -> tuple[str, ...]:
    """Periods of some years ago, a theme, and lists: of a year, of one theme in it, of an hour of the week."""
    day = date.today() - timedelta(days=500)
    year = f"from={begins + 2000 * 86_400_000}&until={begins + 2365 * 86_400_000}"
    weeks = f"from={begins + 2000 * 86_400_000}&until={begins + 2091 * 86_400_000}"
    return (
        f"/volume?period=day&on={day}",
        f"/volume?period=week&on={day}",
        f"/volume?period=year&on={day}",
        f"/volume?period=year&on={day}&about=tag:話題{{n}}",
        f"/volume/list?{year}",
        f"/volume/list?{year}&about=tag:話題{{n}}",
        f"/volume/list?{year}&company=k{{n}}",
        f"/volume/list?{weeks}&weekday=2&hour=14",
        "/volume/causes",
    )


def _fill(url: str, begins: int) -> None:
    """A million enquiries of forty themes, in counts as well; one statement for each table."""
    engine = create_engine(url, pool_size=1)
    is_sqlite = engine.dialect.name == "sqlite"
    day = "date((:begins + i * 86400000) / 1000 + 32400, 'unixepoch')"
    if not is_sqlite:
        day = "to_char(to_timestamp((:begins + i * 86400000::bigint) / 1000 + 32400) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    with engine.begin() as connection:
        for many, statement in _statements(day, is_sqlite):
            said = {"many": many, "begins": begins, "apart": APART, "slot": SLOT_MS}
            said = {name: value for name, value in said.items() if f":{name}" in statement}
            connection.execute(sa.text(statement), said)
        connection.execute(sa.text("ANALYZE"))
    engine.dispose()


def _statements(day: str, is_sqlite: bool) -> Iterator[tuple[int, str]]:
    at, slot = (
        "CAST(:begins AS BIGINT) + CAST(i AS BIGINT) * :apart",
        "CAST(:begins AS BIGINT) + CAST(i AS BIGINT) * :slot",
    )
    yes = "1" if is_sqlite else "true"
    no = "0" if is_sqlite else "false"
    count = f"INSERT INTO count (facet, slot, name, source, n, covered) {NUMBERS}"
    days = f"INSERT INTO day_count (facet, day, name, source, n, known) {NUMBERS}"
    yield (
        CUSTOMERS,
        f"INSERT INTO company (id, name, tier, mrr) {NUMBERS} SELECT 'k' || i, '会社' || i, 'Business', 0 FROM n",
    )
    yield (
        1,
        f"INSERT INTO source (name, since, covered_until, heard_at, cursor) {NUMBERS} SELECT 'intercom', :begins, "
        f"CAST(:begins AS BIGINT) + {SLOTS * SLOT_MS}, 0, '' FROM n",
    )
    themes = f"'[\"' || '{_escaped()}' || ((i * 7 + i / 40) % 40) || '\"]'"
    themes = themes if is_sqlite else f"CAST({themes} AS JSON)"
    yield (
        ARRIVALS,
        f"INSERT INTO arrival (id, source, at, medium, company_id, themes, url) {NUMBERS} SELECT 'intercom/' || i, "
        f"'intercom', {at}, 'chat', 'k' || (i % {CUSTOMERS}), {themes}, '' FROM n",
    )
    yield SLOTS, f"{count} SELECT 'all', {slot}, '', 'intercom', 3, {yes} FROM n"
    yield SLOTS, f"{count} SELECT 'medium', {slot}, 'chat', 'intercom', 3, {no} FROM n"
    yield SLOTS, f"{count} SELECT 'theme', {slot}, {THEME}, 'intercom', 3, {no} FROM n"
    yield DAYS, f"{days} SELECT 'all', {day}, '', 'intercom', 274, 96 FROM n"
    yield DAYS, f"{days} SELECT 'medium', {day}, 'chat', 'intercom', 274, 0 FROM n"
    for tag in range(TAGS):
        yield DAYS, f"{days} SELECT 'theme', {day}, 'tag:話題{tag}', 'intercom', 7, 0 FROM n"


def _escaped() -> str:
    """How the column of themes writes it."""
    return "tag:" + "".join(f"\\u{ord(letter):04x}" for letter in "話題")
