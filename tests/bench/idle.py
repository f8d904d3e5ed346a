"""Idle: what a process costs while nothing happens."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, at_most
from tests.bench.processes import running, settings

SECONDS = 20.0


def measure() -> Iterator[Figure]:
    """The share of a processor that web and worker take together, after they have settled."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(settings(f"sqlite:///{folder}/idle.sqlite"), "app run") as service,
    ):
        time.sleep(5)
        yield at_most("processor while idle", service.cpu_share(SECONDS) * 100, "%", 3.0)
        yield at_most("memory while idle", service.peak_mb, "MB", 200)
