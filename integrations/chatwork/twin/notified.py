"""Whom a message notifies: a reader of Chatwork's notation that is as generous as any could be.

    notified("[To:1]佐藤さん [qt][To:2][/qt]", to_all=[1, 2, 3])     # {1}

Tags in any case and with spaces, but not within [code] and [qt], which end with their end or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TAG = re.compile(r"\[\s*(/?)\s*(to|toall|rp|code|qt)\b([^\[\]]*)\]", re.IGNORECASE)


def notified(body: str, to_all: Iterable[int]) -> set[int]:
    """The accounts that this message notifies; `to_all` are those in the room."""
    found: set[int] = set()
    inside = ""
    for tag in _TAG.finditer(body):
        closes, name, rest = tag[1], tag[2].lower(), tag[3]
        if inside:
            inside = "" if closes and name == inside else inside
        elif name in ("code", "qt"):
            inside = name if f"[/{name}]" in body[tag.end() :].lower() else ""
        elif not closes:
            found |= set(to_all) if name == "toall" else _named(name, rest)
    return found


def _named(name: str, rest: str) -> set[int]:
    given = re.match(r"\s*:\s*(\d+)", rest) if name == "to" else re.search(r"aid\s*=\s*(\d+)", rest, re.IGNORECASE)
    return {int(given[1])} if given else set()
