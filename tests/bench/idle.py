"""Idle: what a process costs while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, below, memory
from tests.bench.processes import running, settings

#: Seconds until a start is over, and seconds that are looked at.
SETTLE, LOOK = 5.0, 20.0
MOST_PERCENT = 3.0


def figures(folder: Path) -> Iterator[Figure]:
    """The share of a processor, and the memory, of `python -m app run` on SQLite."""
    with running(settings(f"sqlite:///{folder}/idle.sqlite"), "app run") as service:
        time.sleep(SETTLE)
        percent = 100 * service.cpu_share(LOOK)
        yield below("idle: share of one processor", percent, "%", MOST_PERCENT, f"over {LOOK:g} s")
        yield memory("idle", service.peak_mb)
