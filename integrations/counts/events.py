"""What another tool tells of its enquiries, signed by Standard Webhooks, and what it means. Pure.

A body is `{"timestamp", "source", "counts": [{"at", "n", "themes"}], "actives": [{"day", "n"}]}`. One wrong line, and
nothing of the body counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from integrations import untrusted
from integrations.contract import Answer, Delivery, Event, Headers, Malformed
from integrations.moments import day, moment
from integrations.standard_webhooks import ID
from integrations.standard_webhooks import verify as verify
from integrations.untrusted import Node

NAME = "counts"
MAX_BODY = 1024 * 1024
#: Every body bears its time: what says the same at another moment is another one.
REPEATS_AFTER: int | None = None

TOPIC = "counts"
SOURCE = re.compile(r"[a-z0-9_-]{1,40}")
#: What we count ourselves.
TAKEN = ("intercom", "zendesk")
QUARTER_MS = 15 * 60_000
#: How much may be told at once: some ten days of quarter hours; and how large a number and how long a name may be.
MOST_COUNTS, MOST_ACTIVES, MOST_THEMES = 1000, 1000, 100
LARGEST, LONGEST = 1_000_000, 100
MOST_ACCOUNTS = 1_000_000_000


@dataclass(frozen=True)
class Told:
    """How many came in in the quarter hour that began `at` (Unix milliseconds), and how many of each theme."""

    at: int
    n: int
    themes: Mapping[str, int]


@dataclass(frozen=True)
class Active:
    """How many accounts were active on a day (2026-11-30)."""

    day: str
    n: int


@dataclass(frozen=True)
class CountsReported(Event):
    """A tool's own numbers, as they were `said_at` (Unix milliseconds)."""

    source: str
    said_at: int
    counts: tuple[Told, ...] = ()
    actives: tuple[Active, ...] = ()


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """There is none; 200 for HEAD and GET shows people that the address is right."""
    return Answer() if method in ("HEAD", "GET") else None


def parse(headers: Headers, body: bytes) -> Delivery:
    """Say what a verified delivery means. Raises Malformed, naming the field."""
    root = untrusted.load(body)
    source, said_at = _source(root["source"]), moment(root["timestamp"])
    counts, actives = _counts(root["counts"], said_at), _actives(root["actives"], said_at)
    if not counts and not actives:
        raise Malformed("counts", "is missing, and so is actives")
    id = headers.get(ID) or hashlib.sha256(body).hexdigest()[:24]
    return Delivery(NAME, id, TOPIC, CountsReported(source, said_at, counts, actives))


def named(text: str) -> bool:
    """May a tool be called so?"""
    return bool(SOURCE.fullmatch(text)) and text not in TAKEN


def _source(node: Node) -> str:
    text = node.text()
    if not SOURCE.fullmatch(text):
        raise Malformed(node.path, "is not a name of up to 40 of a-z, 0-9, _ and -")
    if text in TAKEN:
        raise Malformed(node.path, "is counted by this service itself")
    return text


def _counts(node: Node, said_at: int) -> tuple[Told, ...]:
    found: dict[int, Told] = {}
    for line in _lines(node, MOST_COUNTS):
        at, n = moment(line["at"]), _number(line["n"], LARGEST)
        if at % QUARTER_MS:
            raise Malformed(line["at"].path, "is not the beginning of a quarter of an hour")
        if at > said_at:
            raise Malformed(line["at"].path, "is in the future")
        if at in found:
            raise Malformed(line["at"].path, "is told twice")
        found[at] = Told(at, n, _themes(line["themes"], n))
    return tuple(found.values())


def _themes(node: Node, n: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in node.entries(MOST_THEMES):
        said = name.strip()
        if not said or len(said) > LONGEST or not said.isprintable():
            raise Malformed(node.path, f"has a name that is not of 1 to {LONGEST} printable characters")
        if said in found:
            raise Malformed(node.path, "has a name twice")
        found[said] = _number(value, LARGEST)
        if found[said] > n:
            raise Malformed(value.path if name.isprintable() else node.path, "is more than came in")
    return found


def _actives(node: Node, said_at: int) -> tuple[Active, ...]:
    found: dict[str, Active] = {}
    for line in _lines(node, MOST_ACTIVES):
        name = day(line["day"], said_at)
        if name in found:
            raise Malformed(line["day"].path, "is told twice")
        found[name] = Active(name, _number(line["n"], MOST_ACCOUNTS))
    return tuple(found.values())


def _lines(node: Node, most: int) -> list[Node]:
    lines = list(node.items())
    if len(lines) > most:
        raise Malformed(node.path, f"holds more than {most} entries")
    for line in lines:
        list(line.entries(most=MOST_THEMES))  # it is an object
    return lines


def _number(node: Node, most: int) -> int:
    found = node.number()
    if not 0 <= found <= most:
        raise Malformed(node.path, f"is not a number from 0 to {most}")
    return found
