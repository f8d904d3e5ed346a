"""The twin's search, as far as counting needs it.

https://support.zendesk.com/hc/en-us/articles/4408886879258-Zendesk-Support-search-reference
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.zendesk.twin.data import BRAND, TicketRow

#: No space around an operator: with one, the words themselves are looked for.
_TERM = re.compile(r'(-?)([a-z_]+)(:|>=|<=|>|<)("[^"]*"|\S+)|(\S+)')
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    ":": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True)
class _Term:
    """`-tags:spam`: a minus, a keyword ("" for a word), an operator and a value."""

    minus: str
    key: str
    sign: str
    value: str

    @property
    def kind(self) -> tuple[str, ...]:
        """Terms of one kind are "or" to each other: the same keyword, unless it is one end of a range."""
        return (self.minus, self.key, self.sign) if self.key else (self.value,)


def counts(query: str, tickets: Iterable[TicketRow], now: float) -> int:
    """How many tickets match. What was deleted is not found, nor what the index has not taken up yet."""
    kinds: dict[tuple[str, ...], list[_Term]] = {}
    for minus, key, sign, value, word in _TERM.findall(query):
        term = _Term(minus, key, sign, (value or word).strip('"'))
        kinds.setdefault(term.kind, []).append(term)
    known = [row for row in tickets if row.status != "deleted" and row.found_from <= now]
    return sum(all(_fits(row, terms) for terms in kinds.values()) for row in known)


def _fits(row: TicketRow, terms: list[_Term]) -> bool:
    return any(_is(row, term) for term in terms) != bool(terms[0].minus)


def _is(row: TicketRow, term: _Term) -> bool:
    value = term.value.casefold()
    if not term.key:
        return value in f"{row.subject} {row.description}".casefold()
    if term.key in ("created", "updated"):
        at = row.created_at if term.key == "created" else row.updated_at
        return _HOLDS[term.sign](at, datetime.fromisoformat(term.value).timestamp())
    if term.key == "tags":
        return all(tag in row.tags for tag in value.split()) if value != "none" else not row.tags
    held = {
        "type": "ticket",
        "via": str(row.channel),
        "support_type": row.support_type,
        "brand": str(BRAND),
        "status": row.status,
        "organization": str(row.organization_id or "none"),
    }
    return held.get(term.key, "").casefold() == value
