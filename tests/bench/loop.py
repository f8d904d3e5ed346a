"""End to end: tagged messages from the door to the internal note, against the same vendor calls made bare."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.bench.processes import Service, Twins, call, deliver, wait_for

PATIENCE = 300.0


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
