"""Looked: how long pages take among very many rows, on both databases, beside a page that counts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from app import migrations
from tests.bench.dossier import _open, _p95, signed_in
from tests.bench.figures import Figure, below
from tests.bench.pages import ASKED, _database, _show
from tests.bench.processes import postgres, running, settings

#: Milliseconds that a page may take, whatever it is asked for.
TARGET = 100.0
#: A page of which the database knows nothing but who looks.
YARDSTICK = "/account"
#: Numbers from nought on, of which rows are made.
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :many - 1)"


def figures(name: str, folder: Path, fill: Callable[[str], None], paths: Sequence[str], among: str) -> Iterator[Figure]:
    """Of these pages among what `fill(url)` puts into a database; on SQLite alone where there is no PostgreSQL.

    `{n}` in a path is another number each time that it is asked for.
    """
    yield from _measured("SQLite", f"sqlite:///{folder}/{name}.sqlite", fill, paths, among)
    with postgres(folder) as url:
        if url is None:
            yield Figure(f"{name}, PostgreSQL", "not measured: no PostgreSQL here, set TEST_DATABASE_URL")
        else:
            with _database(url, name) as own:
                yield from _measured("PostgreSQL", own, fill, paths, among)


def _measured(
    database: str, url: str, fill: Callable[[str], None], paths: Sequence[str], among: str
) -> Iterator[Figure]:
    migrations.upgrade(url)
    fill(url)
    chosen = settings(url)
    with _open(chosen):
        token = signed_in()
    reader: dict[str, Any] = {"cookies": {"yamabiko": token}, "timeout": 60, "trust_env": False}
    with running(chosen, "tests.bench.service") as service, httpx.Client(**reader) as browser:
        address = f"http://127.0.0.1:{service.settings.port}"
        yardstick = _took(browser, address + YARDSTICK)
        for path in paths:
            took = _took(browser, address + path)
            note = f"{yardstick:.1f} ms for {YARDSTICK}, which counts nothing; {took / yardstick:.1f}×"
            yield below(f"{path} among {among}, {database}, p95 of {ASKED}", took, "ms", TARGET, note)


def _took(browser: httpx.Client, address: str) -> float:
    """Milliseconds, the slowest ones left out."""
    works = [partial(_show, browser, address.replace("{n}", str(n)), _is_whole) for n in range(ASKED)]
    return _p95(works) * 1000


def _is_whole(text: str) -> bool:
    return "</html>" in text or "</ul>" in text
