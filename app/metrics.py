"""What `/metrics` tells Prometheus. Labels are names of ours and vendors' only: no ids, no customers."""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Collection

from prometheus_client import Counter, Gauge, Histogram

from integrations import VENDORS, breaker
from workflows import upkeep
from workflows.engine.clock import clock
from workflows.engine.lane import lane
from workflows.engine.pulse import Closely, Pulse
from workflows.engine.store import now_ms, store
from workflows.volume.sources import ASKED, Standing

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
DUE = Gauge("yamabiko_due_runs", "Runs that could begin and wait for their turn", ["queue"])
DOUBTS = Gauge(
    "yamabiko_doubts", "Writes to tools that have not answered: they are looked for before they are repeated"
)
HEARTBEAT = Gauge("yamabiko_heartbeat_seconds", "Since the last sign of life of the most silent worker")
RESCUED = Counter("yamabiko_rescued_runs", "Runs brought back to the queue: of workers that ended, say", ["how"])
LOG = Gauge("yamabiko_wal_bytes", "Size of the SQLite file's write-ahead log; NaN on PostgreSQL")
CONNECTIONS = Gauge("yamabiko_database_connections", "Connections to the database that this process uses just now")
SILENT_VENDOR = Gauge(
    "yamabiko_vendor_silent", "1 while a vendor does not answer this process, which asks it rarely", ["vendor"]
)
REFUSING = Gauge("yamabiko_vendor_refuses", "1 while a vendor refuses to be asked what webhooks missed", ["vendor"])
SILENT_SOURCE = Gauge(
    "yamabiko_counts_late_seconds",
    "Since a late source of enquiries told its last numbers; 0 where none is late; other: the company's own tools",
    ["source"],
)
SOURCE_NAMES = (*ASKED, "other")


class _Told:
    """What of `upkeep.rescued` stands in the counter already."""

    rescued: Counted[str] = Counted()


def show(pulse: Pulse, closely: Closely, refusing: Collection[str], late: Collection[Standing]) -> None:
    """Tell how the service is now, for all its processes. `refusing`: the vendors that answer no polls; `late`: the
    sources of enquiries' numbers that have fallen silent."""
    _show_this_process()
    for queue, runs in closely.due.items():
        DUE.labels(queue).set(runs)
    DOUBTS.set(closely.doubts)
    HEARTBEAT.set(closely.silent_seconds)
    LOG.set(float("nan") if closely.log is None else closely.log)
    WORKERS.set(pulse.workers)
    OPEN_RUNS.set(pulse.open)
    DEAD_LETTERS.set(pulse.dead)
    OVERDUE.set(pulse.overdue_ms / 1000)
    FREE.set(float("nan") if pulse.free is None else pulse.free)
    for vendor in VENDORS:
        REFUSING.labels(vendor).set(vendor in refusing)
    for name in SOURCE_NAMES:
        since = [each.silent_since for each in late if (each.name if each.name in ASKED else "other") == name]
        SILENT_SOURCE.labels(name).set((now_ms() - min(since)) / 1000 if since else 0)


def _show_this_process() -> None:
    SKEW.set(clock.off_by)
    SILENT.set(store.silent_for)
    COMPUTING.set(lane.longest_turn)
    CONNECTIONS.set(store.engine.pool.checkedout())
    silent = breaker.silent()
    for name, vendor in VENDORS.items():
        SILENT_VENDOR.labels(name).set(vendor.TITLE in silent)
    rescued = Counted(upkeep.rescued)
    for how in upkeep.WAYS:
        RESCUED.labels(how).inc(rescued[how] - _Told.rescued[how])
    _Told.rescued = rescued
