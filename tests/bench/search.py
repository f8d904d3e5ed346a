"""Search among two hundred thousand texts, on both databases: every kind of query within a fifth of a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlmodel import Session

from app import migrations
from tests.bench import texts
from tests.bench.figures import Figure, below, share_of
from tests.bench.processes import postgres
from workflows.engine.store import Store, create_engine, now_ms, store
from workflows.search import documents
from workflows.search.search import Results, search
from workflows.tables.search import Document

TARGET_MS = 200.0
#: How often each kind of query is asked, each time for something else where there is something else.
ASKED = 40
NONE, SOME, FULL = "nothing", "something", "a full page"
DAY_MS = 24 * 3600 * 1000
Asks = Callable[[int], Results]


def queries(now: int, ids: list[int]) -> Iterator[tuple[str, Asks, str]]:
    """The kinds of queries: what each is called, how it is asked the n-th time, and what it has to find."""
    yield "one letter that is everywhere (の)", lambda n: search("のがを"[n % 3]), FULL
    yield "one letter, in one text of 700", lambda n: search(texts.RARE[n * 31]), FULL
    yield "two letters, often (要望)", lambda n: search(("要望", "文言", "税")[n % 3]), FULL
    yield "a long word, often", lambda n: search(texts.WHAT[n % 8]), FULL
    yield "two words, each often", lambda n: search(f"{texts.WHAT[n % 8]} {texts.NAMES[n % 7][:2]}"), FULL
    yield "two words that are never together", lambda n: search(f"E-{1000 + n} E-{2000 + n}"), NONE
    yield "a phrase that nobody wrote", lambda n: search('"がの を"'), NONE
    yield "letters that are often, in no text together", lambda n: search(("検討会給与", "打刻が承")[n % 2]), NONE
    yield "an error code", lambda n: search(f"E-{1000 + n * 97}"), SOME
    yield "a company in full", lambda n: search(f"株式会社あおば製作所{n * 8:05d}"), SOME
    yield "of one company, a letter that is everywhere", lambda n: search("の", company_id=f"k{n * 101}"), SOME
    yield "escalations, a letter that is everywhere", lambda n: search("の", kinds=["escalation"]), FULL
    yield "by one person, a word", lambda n: search("文言", who=texts.NAMES[n % 7]), FULL
    yield "a week long ago, a letter that is everywhere", partial(_long_ago, now), FULL
    yield "far back, a letter that is everywhere", lambda n: search("の", before=ids[n]), FULL
    yield "a word that is nowhere", lambda n: search("麻雀囲碁将棋"[n % 5 :]), NONE


def _long_ago(now: int, number: int) -> Results:
    since = now - (200 - number) * DAY_MS
    return search("の", since=since, until=since + 7 * DAY_MS)


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from _measured("SQLite", f"sqlite:///{folder}/search.sqlite")
    with postgres(folder) as url:
        if url is None:
            yield Figure("search, PostgreSQL", "not measured: no PostgreSQL here, set TEST_DATABASE_URL")
        else:
            yield from _measured("PostgreSQL", url)


def _measured(name: str, url: str) -> Iterator[Figure]:
    migrations.upgrade(url)
    ours = Store(create_engine(url))
    store.bind(ours)
    try:
        now = now_ms()
        yield _filled(name, now)
        ids = store.read(_spread_ids)
        one_row = _times([partial(_read, id) for id in ids])
        for what, asks, finds in queries(now, ids):
            yield _figure(name, what, _times([partial(_ask, asks, finds, n) for n in range(ASKED)]), one_row)
    finally:
        store.bind(None)
        ours.close()


def _filled(name: str, now: int) -> Figure:
    began = time.perf_counter()
    for rows in texts.batches(now):
        store.write(partial(documents.put, rows=rows))
    rate = texts.TEXTS / (time.perf_counter() - began)
    return Figure(f"search on {name}: texts that become findable", f"{rate:,.0f}/s")


def _figure(name: str, what: str, times: list[float], yardsticks: list[float]) -> Figure:
    p50, p95, one_row = share_of(times, 0.5), share_of(times, 0.95), share_of(yardsticks, 0.95)
    note = f"p50 {p50 * 1000:.1f} ms; {one_row * 1000:.2f} ms to read one row by its key; {p95 / one_row:,.0f}×"
    return below(f"search on {name}: {what}, p95", p95 * 1000, "ms", TARGET_MS, note)


def _times(works: list[Callable[[], object]]) -> list[float]:
    """How long each takes; one goes first, to warm up."""
    works[-1]()
    times = []
    for work in works:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


def _ask(asks: Asks, finds: str, number: int) -> None:
    found = asks(number)
    assert (FULL if found.next else SOME if found.hits else NONE) == finds, (finds, len(found.hits), found.words)


def _spread_ids(session: Session) -> list[int]:
    """Documents from the newest to the oldest, some way apart."""
    step = texts.TEXTS // (ASKED + 1)
    rows = session.connection().exec_driver_sql("SELECT id FROM document ORDER BY id DESC").scalars().all()
    return [int(id) for id in rows[step::step]][:ASKED]


def _read(id: int) -> None:
    assert store.read(lambda session: session.get(Document, id)) is not None
