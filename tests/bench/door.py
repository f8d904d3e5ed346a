"""The door: acks per second against an endpoint of the same process that does nothing, and how long an ack takes."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator

from tests.bench.figures import Figure, at_least, at_most
from tests.bench.processes import Service, deliver, running, settings, vendors
from tests.bench.twins import UNLIMITED

COUNT, SHARE, MOST_MS = 6000, 0.4, 250.0
#: The conversations of each round are new ones.
ROUND = 1_000_000


def measure() -> Iterator[Figure]:
    """With nobody working the runs off; then at half of that rate, idle and beside work."""
    with tempfile.TemporaryDirectory() as folder:
        with running(settings(f"sqlite:///{folder}/door.sqlite"), "tests.bench.service") as service:
            rate = yield from _rates(service)
            yield _latency("ack p99 at half of that rate", service, rate / 2, 3 * ROUND)
        with (
            vendors(UNLIMITED) as twins,
            running(settings(f"sqlite:///{folder}/both.sqlite", twins.url), "app run") as service,
        ):
            twins.play("intercom", "fill", first=9 * ROUND, count=1500, tag="要望")
            yield _beside_work(service, rate / 2)


def _rates(service: Service) -> Generator[Figure, None, float]:
    deliver(service, "mixed", 500, 8 * ROUND)
    empty = deliver(service, "empty", COUNT).rate
    mixed = deliver(service, "mixed", COUNT, ROUND).rate
    empty = (empty + deliver(service, "empty", COUNT).rate) / 2
    yield at_least("acks, one in ten starts a run", mixed, empty, "/s", SHARE)
    tags = deliver(service, "tags", COUNT // 2, 2 * ROUND).rate
    yield Figure("acks, each starts a run", f"{tags:.0f} /s, {tags / empty:.2f}×", f"{empty:.0f} /s")
    return mixed


def _latency(name: str, service: Service, rate: float, first: int) -> Figure:
    went = deliver(service, "mixed", int(rate * 8), first, rate)
    return at_most(name, went.p99 * 1000, "ms", MOST_MS, f"p50 {went.p50 * 1000:.1f} ms at {rate:.0f} /s")


def _beside_work(service: Service, rate: float) -> Figure:
    """The same while the runs of a backlog, and of what arrives, are being worked off."""
    deliver(service, "tags", 1500, 9 * ROUND)
    return _latency("the same while runs are worked off", service, rate, 4 * ROUND)
