"""End to end: tagged messages from the door to the internal note, beside the same vendor calls made bare.

Everything is delivered at once and worked off from then on; the clock runs from the first delivery to the
last internal note. One process on SQLite, and a web process with two workers on PostgreSQL.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app import migrations
from tests.bench.figures import Figure, against, memory
from tests.bench.processes import Service, Twins, call, deliver, postgres, running, settings, vendors, wait_for
from tests.bench.twins import UNLIMITED

MESSAGES, PAIRS = 400, 3
TARGET = 0.4
PATIENCE = 300.0
#: Seconds until the bare processes begin, all at the same moment: so long may they take to start.
START = 6.0
BARE = "the same vendor calls, bare"


def figures(folder: Path) -> Iterator[Figure]:
    """The rate on each database, and what it took."""
    with vendors(UNLIMITED) as twins:
        yield from _measured("SQLite, one process", twins, f"sqlite:///{folder}/loop.sqlite", ["app run"])
    with postgres(folder) as url:
        if url is None:
            yield Figure("filed, PostgreSQL", "not measured: no PostgreSQL here, set TEST_DATABASE_URL")
            return
        migrations.upgrade(url)
        with vendors(UNLIMITED) as twins:
            modules = ["app run", "app worker", "app worker"]
            yield from _measured("PostgreSQL, two workers", twins, url, modules)


def _measured(where: str, twins: Twins, database_url: str, modules: list[str]) -> Iterator[Figure]:
    workers = max(1, len(modules) - 1)
    with running(settings(database_url, twins.url), *modules) as service:
        filed_per_second(service, twins, 1, 50)
        pairs = []
        for number in range(1, PAIRS + 1):
            filed = filed_per_second(service, twins, number * 1_000_000, MESSAGES)
            bare = bare_per_second(twins, number * 1_000_000 + 500_000, MESSAGES, workers)
            pairs.append((filed / bare, filed, bare))
        _, filed, bare = statistics.median_low(pairs)
        yield against(f"filed end to end: {where}", filed, bare, BARE, TARGET)
        yield memory(f"filing, {where}", service.peak_mb)


def filed_per_second(service: Service, twins: Twins, first: int, count: int) -> float:
    """Deliver so many tagged messages; the rate at which they are filed, from then to the last word."""
    twins.play("intercom", "fill", first=first, count=count, tag="要望")
    wanted = twins.progress("note")["count"] + count
    began = time.time()
    deliver(service, "tags", count, first)
    wait_for(lambda: twins.progress("note")["count"] >= wanted, f"{count} internal notes", PATIENCE)
    return float(count / (twins.progress("note")["last"] - began))


def bare_per_second(twins: Twins, first: int, count: int, processes: int) -> float:
    """The rate at which as many processes, with as many threads, do the calls alone."""
    twins.play("intercom", "fill", first=first, count=count, tag="要望")
    share, begin = count // processes, time.time() + START
    jobs = [
        {"vendors": twins.url, "first": first + number * share, "count": share, "begin": begin}
        for number in range(processes)
    ]
    with ThreadPoolExecutor(processes) as pool:
        went = list(pool.map(lambda job: call("tests.bench.bare", job), jobs))
    seconds = max(each["ended"] for each in went) - min(each["began"] for each in went)
    return float(share * processes / seconds)
