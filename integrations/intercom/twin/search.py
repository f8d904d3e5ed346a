"""The query language and the pages of `POST /conversations/search`, as far as the twin speaks them.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations/searchconversations

For conversations `>` means at or after and `<` at or before. Groups nest twice and hold at most 15 filters.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable
from typing import Any

from integrations.intercom.twin.data import Conversation, Json

Test = Callable[[Conversation], bool]

DEEPEST, LARGEST_GROUP, LARGEST_PAGE = 2, 15, 150

#: What a field holds: one value, or several of which one has to match.
FIELDS: dict[str, Callable[[Conversation], Any]] = {
    "id": lambda talk: talk.id,
    "created_at": lambda talk: talk.created_at,
    "updated_at": lambda talk: talk.updated_at,
    "waiting_since": lambda talk: talk.waiting_since,
    "snoozed_until": lambda talk: talk.snoozed_until,
    "state": lambda talk: talk.state,
    "open": lambda talk: talk.state != "closed",
    "read": lambda talk: talk.read,
    "tag_ids": lambda talk: talk.tags,
    "contact_ids": lambda talk: tuple(one.id for one in talk.contacts),
    "admin_assignee_id": lambda talk: talk.assignee_id or "0",
    "conversation_rating.score": lambda talk: (talk.rating or {}).get("rating"),
    "conversation_rating.requested_at": lambda talk: (talk.rating or {}).get("created_at"),
    "conversation_rating.replied_at": lambda talk: (talk.rating or {}).get("updated_at"),
    "source.id": lambda talk: talk.source.id,
    "source.author.id": lambda talk: talk.source.author.id,
    "source.author.email": lambda talk: talk.source.author.email,
    "statistics.last_close_at": lambda talk: talk.statistics.get("last_close_at"),
    "statistics.last_contact_reply_at": lambda talk: talk.statistics.get("last_contact_reply_at"),
}
TIMES = frozenset(name for name in FIELDS if name.endswith(("_at", "_since", "_until")))


class BadQuery(ValueError):
    """Intercom answers such a query with 400 `parameter_invalid`; the message says what is wrong."""


def compile_query(query: Any, depth: int = 0) -> Test:
    """A test of one conversation. Raises BadQuery where Intercom would refuse the query."""
    if not isinstance(query, dict):
        raise BadQuery("query must be an object")
    if query.get("operator") not in ("AND", "OR"):
        return _filter(query)
    group = query.get("value")
    if depth >= DEEPEST:
        raise BadQuery(f"groups nest at most {DEEPEST} deep")
    if not isinstance(group, list) or not 0 < len(group) <= LARGEST_GROUP:
        raise BadQuery(f"a group holds 1 to {LARGEST_GROUP} filters")
    tests = [compile_query(one, depth + 1) for one in group]
    combine = all if query["operator"] == "AND" else any
    return lambda talk: combine(test(talk) for test in tests)


def _filter(query: dict[str, Any]) -> Test:
    name, operator = query.get("field"), query.get("operator")
    if name not in FIELDS:
        raise BadQuery(f"{name} is not a field that can be searched")
    if "value" not in query:
        raise BadQuery("value is missing")
    field, value = FIELDS[name], query["value"]
    if operator in ("IN", "NIN"):
        return _membership(field, value, operator == "IN")
    if operator in ("=", "!="):
        return _membership(field, [value], operator == "=")
    if operator in (">", "<") and name in TIMES:
        return _comparison(field, value, later=operator == ">")
    raise BadQuery(f"{operator} is not an operator of {name}")


def _membership(field: Callable[[Conversation], Any], values: Any, wanted: bool) -> Test:
    if not isinstance(values, list) or not all(isinstance(value, str | int | None) for value in values):
        raise BadQuery("a filter takes a value, IN and NIN a list of values")
    known = {_comparable(value) for value in values}

    def test(talk: Conversation) -> bool:
        held = field(talk)
        several = held if isinstance(held, dict | tuple) else (held,)
        return any(_comparable(one) in known for one in several) is wanted

    return test


def _comparison(field: Callable[[Conversation], Any], value: Any, *, later: bool) -> Test:
    if isinstance(value, bool) or not str(value).isdigit():
        raise BadQuery("times are compared with Unix seconds")
    bound = int(value)
    if later:
        return lambda talk: (field(talk) or -1) >= bound
    return lambda talk: (held := field(talk)) is not None and held <= bound


def _comparable(value: Any) -> Any:
    """Intercom takes ids and times as numbers and as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def page(found: Iterable[Conversation], pagination: Json) -> tuple[list[Conversation], Json]:
    """One page of what was found, the latest change first, and what Intercom says about the pages.

    The cursor names the last conversation shown. Raises BadQuery for a page that does not exist.
    """
    size, cursor = pagination.get("per_page", 20), pagination.get("starting_after")
    if not isinstance(size, int) or not 0 < size <= LARGEST_PAGE:
        raise BadQuery(f"per_page must be between 1 and {LARGEST_PAGE}")
    ordered = sorted(found, key=_place, reverse=True)
    rest = [talk for talk in ordered if _place(talk) < _read_cursor(cursor)] if cursor else ordered
    pages: Json = {
        "type": "pages",
        "page": (len(ordered) - len(rest)) // size + 1,
        "per_page": size,
        "total_pages": math.ceil(len(ordered) / size),
    }
    if len(rest) > size:
        pages["next"] = {"per_page": size, "starting_after": _cursor(rest[size - 1])}
    return rest[:size], pages


def _place(talk: Conversation) -> tuple[int, str]:
    return (talk.updated_at, talk.id)


def _cursor(talk: Conversation) -> str:
    return base64.urlsafe_b64encode(json.dumps(_place(talk)).encode()).decode()


def _read_cursor(cursor: Any) -> tuple[int, str]:
    try:
        updated_at, conversation_id = json.loads(base64.urlsafe_b64decode(cursor))
        return int(updated_at), str(conversation_id)
    except (ValueError, TypeError):
        raise BadQuery("starting_after is not a cursor") from None
