"""The door: how many deliveries a second end on disk, and how long the sender waits for the answer."""

from __future__ import annotations

import statistics
from collections.abc import Generator, Iterator
from pathlib import Path

from tests.bench.figures import Figure, against, below, memory
from tests.bench.processes import Service, deliver, running, settings, vendors
from tests.bench.twins import UNLIMITED

#: Open connections of the sender, and how many requests it sends in a round.
LINES, ROUND = 128, 6000
PAIRS = 5
#: Seconds of a round in which answers are timed, and runs that wait to be worked off meanwhile.
TIMED, BACKLOG = 6.0, 1500
TARGET, SLOWEST_MS = 0.4, 250.0
EMPTY = "an empty endpoint"


def figures(folder: Path) -> Iterator[Figure]:
    """All figures of the door, on SQLite."""
    with running(settings(f"sqlite:///{folder}/door.sqlite"), "tests.bench.service") as service:
        half = yield from _rates(service)
        yield _timed("ack at half of the mixed rate, p99: idle", service, half)
        yield memory("web alone", service.peak_mb)
    database = f"sqlite:///{folder}/busy.sqlite"
    with vendors(UNLIMITED) as twins, running(settings(database, twins.url), "app run") as both:
        twins.play("intercom", "fill", first=1, count=BACKLOG, tag="要望")
        every = deliver(both, "tags", BACKLOG, first=1, lines=LINES)
        yield Figure("acks, every delivery starts a run, while runs are worked off", f"{every.rate:,.0f}/s")
        yield _timed("ack at half of the mixed rate, p99: runs being worked off", both, half)
        yield memory("web and worker, runs being worked off", both.peak_mb)


def _rates(service: Service) -> Generator[Figure, None, float]:
    """The rates, each beside the empty endpoint just before; returns half of the mixed one."""
    deliver(service, "mixed", 1000, first=1, lines=LINES)
    pairs = []
    for number in range(1, PAIRS + 1):
        empty = deliver(service, "empty", ROUND, lines=LINES)
        mixed = deliver(service, "mixed", ROUND, first=number * 1_000_000, lines=LINES)
        pairs.append((mixed.rate / empty.rate, mixed.rate, empty.rate))
    _, rate, empty_rate = statistics.median_low(pairs)
    yield against("acks, one delivery in ten starts a run", rate, empty_rate, EMPTY, TARGET)
    every = deliver(service, "tags", ROUND // 2, first=90_000_000, lines=LINES)
    yield against("acks, every delivery starts a run", every.rate, empty_rate, EMPTY)
    return rate / 2


def _timed(name: str, service: Service, rate: float) -> Figure:
    """Deliveries that come on the clock, whether or not the ones before were answered."""
    went = deliver(service, "mixed", int(rate * TIMED), first=50_000_000, rate=rate, lines=LINES)
    assert not went.refused, f"{went.refused} deliveries were refused"
    note = f"at {rate:,.0f}/s; p50 {went.p50 * 1000:.1f} ms, slowest {went.worst * 1000:.0f} ms"
    return below(name, went.p99 * 1000, "ms", SLOWEST_MS, note)
