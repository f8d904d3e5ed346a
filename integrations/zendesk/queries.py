"""What Zendesk's search is asked. Pure.

    created_between(start, end, without_tags=("monitoring",))
    # type:ticket created>=2026-11-20T05:00:00Z created<2026-11-20T05:15:00Z -tags:"monitoring"

https://support.zendesk.com/hc/en-us/articles/4408886879258-Zendesk-Support-search-reference
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from integrations.zendesk import moments

#: Only tickets: without it, people and companies are counted as well.
TICKETS = "type:ticket"


def created_between(
    start: int,
    end: int,
    *,
    tags: Sequence[str] = (),
    without_tags: Sequence[str] = (),
    support_type: Literal["", "agent", "ai_agent"] = "",
) -> str:
    """Tickets created from `start` on and before `end` (Unix seconds), with any of `tags` and none of `without_tags`.

    Half-open, so that neighbouring windows count nothing twice, and absolute, so that the same window can be counted
    again. `support_type` "" leaves to Zendesk whether those that only a bot answered are counted.
    """
    terms = [TICKETS, f"created>={moments.written(start)}", f"created<{moments.written(end)}"]
    terms += [f"tags:{_quoted(tag)}" for tag in tags]
    terms += [f"-tags:{_quoted(tag)}" for tag in without_tags]
    return " ".join(terms + ([f"support_type:{support_type}"] if support_type else []))


def _quoted(tag: str) -> str:
    """A tag that cannot end its own quotation, whatever somebody wrote into the rules; tags have no spaces."""
    return '"' + "".join(each for each in tag if each.isprintable() and each not in '"\\ ') + '"'
