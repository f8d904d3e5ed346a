"""Moments as deployments write them: ISO 8601 with a time zone."""

from __future__ import annotations

from datetime import datetime

from integrations.contract import Malformed
from integrations.untrusted import Node

#: The years within which a moment may lie, so that it is one in every time zone.
FIRST, LAST = 1971, 9998


def moment(node: Node) -> int:
    """Unix milliseconds. Raises Malformed where it is no moment, or says nothing of its time zone."""
    text = node.text()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(node.path, "is not a time such as 2026-12-01T09:00:00+09:00") from None
    if found.tzinfo is None:
        raise Malformed(node.path, "has no time zone, such as +09:00 or Z")
    if not FIRST <= found.year <= LAST:
        raise Malformed(node.path, "is in another age")
    return int(found.timestamp() * 1000)
