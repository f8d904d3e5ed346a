"""Your deployment: whatever of yours knows that a release is out, for whom, and that it is used. See README.md."""

from integrations.deploy import setup
from integrations.deploy.events import (
    MAX_BODY,
    NAME,
    REPEATS_AFTER,
    FeatureUsed,
    FlagEnabled,
    ReleaseAvailable,
    ReleaseWithdrawn,
    handshake,
    parse,
    verify,
)

__all__ = [
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "FeatureUsed",
    "FlagEnabled",
    "ReleaseAvailable",
    "ReleaseWithdrawn",
    "handshake",
    "parse",
    "setup",
    "verify",
]
