"""Moments as a company's own tools write them: ISO 8601 with a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from integrations.contract import Malformed
from integrations.untrusted import Node

#: The years within which a moment may lie, so that it is one in every time zone.
FIRST, LAST = 1971, 9998
#: How far before UTC a day begins where it begins first.
EASTERNMOST = timedelta(hours=14)


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


def day(node: Node, until: int) -> str:
    """A day (2026-11-30) that has begun somewhere by `until` (Unix milliseconds). Raises Malformed where it is none."""
    text = node.text()
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or text != found.isoformat() or not FIRST <= found.year <= LAST:
        raise Malformed(node.path, "is not a day such as 2026-11-30")
    if found > (datetime.fromtimestamp(until / 1000, UTC) + EASTERNMOST).date():
        raise Malformed(node.path, "is in the future")
    return text
