"""The dossier: a company on one screen within a second, in a database with a hundred thousand records."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from app import auth
from app.runtime import Runtime
from app.settings import Settings
from tests.bench.figures import Figure, below, share_of
from tests.bench.processes import running, settings
from tests.bench.records import COMPANIES, fill, name_of
from workflows.engine.store import now_ms, store
from workflows.overview import dossier_texts
from workflows.people.person import Person
from workflows.tables.customer import Company
from workflows.tables.people import Colleague

READER = Person("U0BENCH", "Bench")
#: Companies whose dossier is asked for, spread over all of them.
ASKED = 100
TARGET_MS = 1000.0


def figures(folder: Path) -> Iterator[Figure]:
    """The reply to /dossier and the page, beside one read by primary key in the same database."""
    url = f"sqlite:///{folder}/dossier.sqlite"
    records = fill(url)
    chosen = settings(url)
    ids = [f"k{number}" for number in range(0, COMPANIES, COMPANIES // ASKED)]
    with _open(chosen):
        one_row = _p95([partial(_read, id) for id in ids])
        replies = [partial(dossier_texts.answer, "ja", name_of(id)) for id in ids]
        yield _figure(f"/dossier among {records:,} records, p95 of {ASKED} companies", _p95(replies), one_row)
        token = signed_in()
    reader = {"cookies": {"yamabiko": token}, "timeout": 30, "trust_env": False}
    with running(chosen, "tests.bench.service") as service, httpx.Client(**reader) as browser:
        pages = f"http://127.0.0.1:{service.settings.port}/companies"
        shown = [partial(_show, browser, f"{pages}/{id}", name_of(id)) for id in ids]
        yield _figure(f"a company's page among {records:,} records, p95 of {ASKED}", _p95(shown), one_row)


def signed_in() -> str:
    """The token of a reader whom Slack knows as a full member: without that nobody has a role."""
    store.write(lambda session: session.merge(Colleague(id=READER.id, name=READER.name, seen_at=now_ms())) and None)
    return auth.begin(READER, before="")


def _figure(name: str, seconds: float, yardstick: float) -> Figure:
    note = f"{yardstick * 1000:.2f} ms to read one row by its key; {seconds / yardstick:,.0f}×"
    return below(name, seconds * 1000, "ms", TARGET_MS, note)


def _p95(works: list[Callable[[], object]]) -> float:
    """The time within which 95 of 100 are done, each once; one goes first, to warm up."""
    works[-1]()
    times = []
    for work in works:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return share_of(times, 0.95)


def _read(id: str) -> None:
    assert store.read(lambda session: session.get(Company, id)) is not None


def _show(browser: httpx.Client, address: str, name: str) -> None:
    said = browser.get(address)
    assert said.status_code == 200 and name in said.text


@contextmanager
def _open(chosen: Settings) -> Iterator[None]:
    """The service's own functions in this process, on that database."""
    runtime = Runtime(chosen, visitor=True)
    runtime.start()
    try:
        yield
    finally:
        runtime.stop()
