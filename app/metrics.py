"""What `/metrics` tells Prometheus. Labels are names of ours and vendors' only: no ids, no customers."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

DELIVERIES = Counter("yamabiko_deliveries", "Deliveries answered with 200", ["source", "state"])
REFUSALS = Counter("yamabiko_refusals", "Requests at the door that were refused", ["source", "status"])
SECONDS = Histogram(
    "yamabiko_ack_seconds",
    "Time until the door's answer",
    ["source"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)
