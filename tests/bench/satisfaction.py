"""Satisfaction: how long its page takes among half a million surveys of two years."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from app import migrations
from tests.bench.dossier import _open, _p95, signed_in
from tests.bench.figures import Figure, below
from tests.bench.pages import ASKED, _database, _show
from tests.bench.processes import CUSTOMERS, postgres, running, settings
from workflows.engine.store import DAY_MS, create_engine, now_ms

SURVEYS, DAYS = 500_000, 730
#: How far apart they are.
APART = DAYS * DAY_MS // SURVEYS
TARGET = 100.0
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :many - 1)"
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
    yield from _measured("SQLite", f"sqlite:///{folder}/satisfaction.sqlite")
    with postgres(folder) as url:
        if url is None:
            yield Figure("satisfaction, PostgreSQL", "not measured: no PostgreSQL here, set TEST_DATABASE_URL")
        else:
            with _database(url, "satisfaction") as own:
                yield from _measured("PostgreSQL", own)


def _measured(database: str, url: str) -> Iterator[Figure]:
    migrations.upgrade(url)
    _fill(url)
    chosen = settings(url)
    with _open(chosen):
        token = signed_in()
    reader: dict[str, Any] = {"cookies": {"yamabiko": token}, "timeout": 60, "trust_env": False}
    with running(chosen, "tests.bench.service") as service, httpx.Client(**reader) as browser:
        address = f"http://127.0.0.1:{service.settings.port}"
        yardstick = _p95([partial(_show, browser, f"{address}/account", _is_whole)] * ASKED) * 1000
        for path in PATHS:
            took = _p95([partial(_show, browser, address + path, _is_whole)] * ASKED) * 1000
            note = f"{yardstick:.1f} ms for /account, which counts nothing; {took / yardstick:.1f}×"
            yield below(f"{path} among {SURVEYS:,}, {database}, p95 of {ASKED}", took, "ms", TARGET, note)


def _is_whole(text: str) -> bool:
    return "</html>" in text


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
