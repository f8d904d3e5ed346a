"""Satisfaction: how long its page takes among half a million surveys of two years."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from tests.bench import looked
from tests.bench.figures import Figure
from tests.bench.looked import NUMBERS
from tests.bench.processes import CUSTOMERS
from workflows.engine.store import DAY_MS, create_engine, now_ms

SURVEYS, DAYS = 500_000, 730
#: How far apart they are.
APART = DAYS * DAY_MS // SURVEYS
PATHS = (
    "/satisfaction?days=90",
    "/satisfaction?days=365",
    "/satisfaction?days=365&show=silent",
    "/satisfaction?days=365&show=not-asked&why=late",
    "/satisfaction?days=365&show=bad&reason=It took long",
)
AT = "CAST(:begins AS BIGINT) + CAST(i AS BIGINT) * :apart"
#: One in ten is not asked, of the others every second one answers, and one of six of these is not satisfied.
ASKED_AT, SAID = "i % 10 <> 9", "i % 10 <> 9 AND i % 2 = 0"
VALUES = {
    "conversation_id": "'c' || i",
    "episode": AT,
    "contact_id": "'p' || (i % 5000)",
    "company_id": f"'k' || (i % {CUSTOMERS})",
    "medium": "CASE i % 5 WHEN 0 THEN 'mail' ELSE 'chat' END",
    "admin_id": "'7001'",
    "asked_at": f"CASE WHEN {ASKED_AT} THEN {AT} END",
    "not_asked": f"CASE WHEN {ASKED_AT} THEN '' WHEN i % 3 = 0 THEN 'late' ELSE 'past' END",
    "part_id": f"CASE WHEN {ASKED_AT} THEN 'p' || i ELSE '' END",
    "score": f"CASE WHEN {SAID} THEN CASE i % 12 WHEN 0 THEN 'bad' ELSE 'good' END ELSE '' END",
    "reasons": f"""CASE WHEN {SAID} AND i % 36 = 0 THEN '["It took long"]' ELSE '[]' END""",
    "remark": "''",
    "origin": f"CASE WHEN {SAID} THEN CASE i % 8 WHEN 0 THEN 'intercom' ELSE 'link' END ELSE '' END",
    "scored_at": f"CASE WHEN {SAID} THEN {AT} + 3600000 END",
}


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from looked.figures("satisfaction", folder, _fill, PATHS, f"{SURVEYS:,}")


def _fill(url: str) -> None:
    engine = create_engine(url, pool_size=1)
    values = dict(VALUES)
    if engine.dialect.name != "sqlite":
        values["reasons"] = f"CAST({values['reasons']} AS JSON)"
    rows = f"INSERT INTO survey ({', '.join(values)}) {NUMBERS} SELECT {', '.join(values.values())} FROM n"
    firms = f"INSERT INTO company (id, name, tier, mrr) {NUMBERS} SELECT 'k' || i, '会社' || i, 'Business', 0 FROM n"
    with engine.begin() as connection:
        connection.execute(sa.text(firms), {"many": CUSTOMERS})
        begins = now_ms() - DAYS * DAY_MS
        connection.execute(sa.text(rows), {"many": SURVEYS, "begins": begins, "apart": APART})
        connection.execute(sa.text("ANALYZE"))
    if engine.dialect.name != "sqlite":  # as it does by itself, after a while
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE survey"))
    engine.dispose()
