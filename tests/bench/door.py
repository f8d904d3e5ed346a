"""The door: how many deliveries a second end on disk, and how long the sender waits for the answer."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, at_least, below
from tests.bench.processes import Service, deliver, running, settings, vendors
from tests.bench.twins import UNLIMITED

LINES = 64
ROUND = 6000
#: Seconds of the rounds in which answers are timed.
TIMED = 6
TARGET, SLOWEST_MS = 0.4, 250.0


def figures(folder: Path) -> Iterator[Figure]:
    """All figures of the door, on SQLite."""
    with running(settings(f"sqlite:///{folder}/idle.sqlite"), "tests.bench.service") as service:
        half = yield from _rates(service)
        yield _timed("ack at half that rate, idle: p99", service, half)
        yield _memory("web process", service)
    with (
        vendors(UNLIMITED) as twins,
        running(settings(f"sqlite:///{folder}/busy.sqlite", twins.url), "app run") as service,
    ):
        backlog = 1500
        twins.play("intercom", "fill", first=1, count=backlog, tag="要望")
        burst = deliver(service, "tags", backlog, first=1, lines=LINES)
        yield Figure("every delivery starts a run, runs being worked off", f"{burst.rate:,.0f}/s")
        yield _timed("ack at half that rate, runs being worked off: p99", service, half)
        yield _memory("web and worker in one process", service)


def _rates(service: Service) -> Iterator[Figure]:
    """The rates, each against the empty endpoint just before; returns half of the mixed one."""
    deliver(service, "mixed", 1000, first=1, lines=LINES)
    pairs = []
    for number in range(1, 6):
        empty = deliver(service, "empty", ROUND, lines=LINES)
        mixed = deliver(service, "mixed", ROUND, first=number * 1_000_000, lines=LINES)
        pairs.append((mixed.rate / empty.rate, mixed.rate, empty.rate))
    _, rate, empty_rate = statistics.median_low(pairs)
    yield at_least("acks, one delivery in ten starts a run", rate, empty_rate, "an empty endpoint", TARGET)
    every = deliver(service, "tags", ROUND // 2, first=9_000_000, lines=LINES)
    yield at_least("acks, every delivery starts a run", every.rate, empty_rate, "an empty endpoint", 0)
    return rate / 2


def _timed(name: str, service: Service, rate: float) -> Figure:
    went = deliver(service, "mixed", int(rate * TIMED), first=50_000_000, rate=rate, lines=LINES)
    about = f"at {rate:,.0f}/s; p50 {went.p50 * 1000:.1f} ms, worst {went.worst * 1000:.0f} ms"
    return below(name, went.p99 * 1000, "ms", SLOWEST_MS, about)
