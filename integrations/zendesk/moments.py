"""Moments as Zendesk writes them: ISO 8601 with a time zone in its API and webhooks, HTTP's own form in `Date`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.contract import Malformed
from integrations.untrusted import Node

#: The years within which a moment may lie, so that it is one in every time zone.
FIRST, LAST = 1971, 9998


def seconds_of(text: str) -> float | None:
    """Unix seconds; None where it is no moment, or says nothing of its time zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo and FIRST <= found.year <= LAST else None


def moment(node: Node) -> int:
    """Whole Unix seconds. Raises Malformed where it is no moment."""
    found = seconds_of(node.text())
    if found is None:
        raise Malformed(node.path, "is not a time such as 2026-11-20T05:01:12Z")
    return int(found)


def answered_at(headers: Mapping[str, str]) -> int:
    """When an answer was given by the vendor's clock, in Unix seconds; 0 where it does not say."""
    try:
        found = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError, IndexError):
        return 0
    return int(found.timestamp()) if found.tzinfo and FIRST <= found.year <= LAST else 0


def written(moment: int) -> str:
    """Unix seconds as Zendesk's search wants them: with a zone, because that of a bare date is not documented."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
