"""Your counts: how many enquiries came to any other tool of yours, as that says itself. See README.md."""

from integrations.counts import setup
from integrations.counts.events import (
    MAX_BODY,
    NAME,
    REPEATS_AFTER,
    CountsReported,
    handshake,
    parse,
    verify,
)

__all__ = [
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "CountsReported",
    "handshake",
    "parse",
    "setup",
    "verify",
]
