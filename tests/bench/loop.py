"""End to end: tagged messages from the door to the internal note, against the same vendor calls made bare."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from app import migrations
from tests.bench.figures import Figure, at_least, at_most
from tests.bench.processes import Service, Twins, call, deliver, postgres, running, settings, vendors, wait_for
from tests.bench.twins import UNLIMITED

PATIENCE = 300.0
COUNT, ROUNDS, SHARE = 600, 2, 0.4


def measure() -> Iterator[Figure]:
    """One process on SQLite; then the web and two workers on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        yield from compare("SQLite, one process", f"sqlite:///{folder}/loop.sqlite", ["app run"], 1)
    with postgres() as url:
        migrations.upgrade(url)
        yield from compare("PostgreSQL, two workers", url, ["app run", "app worker", "app worker"], 2)


def compare(name: str, database_url: str, modules: list[str], processes: int) -> Iterator[Figure]:
    """Filed and bare in turn, on the same twins."""
    filed = bare = 0.0
    with vendors(UNLIMITED) as twins, running(settings(database_url, twins.url), *modules) as service:
        filed_per_second(service, twins, 1000, 50)
        for round in range(1, ROUNDS + 1):
            filed += filed_per_second(service, twins, round * 10**6, COUNT) / ROUNDS
            bare += bare_per_second(twins, round * 10**6 + 500_000, COUNT, processes) / ROUNDS
        yield at_least(f"messages filed, {name}", filed, bare, "/s", SHARE)
        yield at_most(f"memory, {name}", service.peak_mb, "MB", 200)


def filed_per_second(service: Service, twins: Twins, first: int, count: int) -> float:
    """Deliver so many tagged messages at once; the rate at which they are filed, from then to the last word."""
    twins.play("intercom", "fill", first=first, count=count, tag="要望")
    before = twins.progress("note")["count"]
    began = time.time()
    deliver(service, "tags", count, first)
    wait_for(lambda: twins.progress("note")["count"] >= before + count, f"{count} notes", PATIENCE)
    return count / (twins.progress("note")["last"] - began)


def bare_per_second(twins: Twins, first: int, count: int, processes: int) -> float:
    """The rate at which as many processes with as many threads do the calls alone."""
    twins.play("intercom", "fill", first=first, count=count, tag="要望")
    share = count // processes
    begin = time.time() + 4.0
    jobs = [
        {"vendors": twins.url, "first": first + number * share, "count": share, "begin": begin}
        for number in range(processes)
    ]
    with ThreadPoolExecutor(processes) as pool:
        went = list(pool.map(lambda job: call("tests.bench.bare", job), jobs))
    return share * processes / (max(each["ended"] for each in went) - min(each["began"] for each in went))
