"""What `/metrics` tells Prometheus. Labels are names of ours and vendors' only: no ids, no customers."""

from __future__ import annotations

from collections.abc import Collection

from prometheus_client import Counter, Gauge, Histogram

from integrations import VENDORS
from workflows.engine.clock import clock
from workflows.engine.lane import lane
from workflows.engine.pulse import Pulse
from workflows.engine.store import store

DELIVERIES = Counter("yamabiko_deliveries", "Deliveries answered with 200", ["source", "state"])
REFUSALS = Counter("yamabiko_refusals", "Requests at the door that were refused", ["source", "status"])
SECONDS = Histogram(
    "yamabiko_ack_seconds",
    "Time until the door's answer",
    ["source"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)
WORKERS = Gauge("yamabiko_workers", "Workers that were heard of within the last minute")
OPEN_RUNS = Gauge("yamabiko_open_runs", "Runs that have not ended")
DEAD_LETTERS = Gauge("yamabiko_dead_letters", "Runs that wait for a person")
OVERDUE = Gauge("yamabiko_overdue_seconds", "For how long the oldest run has been due")
FREE = Gauge("yamabiko_disk_free_bytes", "Room beside the SQLite file; NaN on PostgreSQL")
SKEW = Gauge("yamabiko_clock_skew_seconds", "By how much this machine's clock is ahead of the database's; 0 on SQLite")
SILENT = Gauge(
    "yamabiko_writer_silent_seconds", "Since the last sign of life of this process' writer; 0 while it rests"
)
COMPUTING = Gauge(
    "yamabiko_longest_computing_seconds", "For how long a run of this process has computed without a wait"
)
REFUSING = Gauge("yamabiko_vendor_refuses", "1 while a vendor refuses to be asked what webhooks missed", ["vendor"])


def show(pulse: Pulse, refusing: Collection[str]) -> None:
    """Tell how the service is now, for all its processes. `refusing`: the vendors that answer no polls."""
    WORKERS.set(pulse.workers)
    OPEN_RUNS.set(pulse.open)
    DEAD_LETTERS.set(pulse.dead)
    OVERDUE.set(pulse.overdue_ms / 1000)
    FREE.set(float("nan") if pulse.free is None else pulse.free)
    SKEW.set(clock.off_by)
    SILENT.set(store.silent_for)
    COMPUTING.set(lane.longest_turn)
    for vendor in VENDORS:
        REFUSING.labels(vendor).set(vendor in refusing)
