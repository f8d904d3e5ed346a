"""What Intercom is asked when conversations are searched, and what a page of them says.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations/searchconversations
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from integrations.intercom import reading
from integrations.intercom.models import Recent
from integrations.untrusted import Node

#: The size of a page of search results (the largest allowed) and how many are read before we call it a loop.
PAGE, MOST_PAGES = 150, 1000
Filter = Mapping[str, Any]


class Page(NamedTuple):
    """Conversations of one page, the cursor of the next one ("" after the last), and how many all pages hold."""

    found: list[Recent]
    cursor: str
    total: int


def among(field: str, ids: Sequence[str]) -> Filter:
    """Is it one of these?"""
    return {"field": field, "operator": "IN", "value": list(ids)}


def after(field: str, since: int) -> Filter:
    """`>` means at or after for conversations."""
    return {"field": field, "operator": ">", "value": since}


def before(field: str, until: int) -> Filter:
    """`<` means at or before for conversations."""
    return {"field": field, "operator": "<", "value": until}


def search(filters: Sequence[Filter], size: int, cursor: str = "") -> dict[str, Any]:
    """A page of the conversations that pass all filters."""
    pagination = {"per_page": size} | ({"starting_after": cursor} if cursor else {})
    return {"query": {"operator": "AND", "value": list(filters)}, "pagination": pagination}


def page(node: Node) -> Page:
    """What Intercom answers."""
    found = [reading.recent(one) for one in node["conversations"].items()]
    following = node["pages"]["next"]
    cursor = following["starting_after"].text() if following else ""
    return Page(found, cursor, int(node["total_count"].number(or_=len(found))))
