"""What a deployment tells us, signed by Standard Webhooks, and what it means. Pure.

A body is `{"type", "timestamp", "data"}`. What an event names (issues, companies) stands here as it was written;
whether there is such a thing is for the stories to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from integrations import untrusted
from integrations.contract import Answer, Delivery, Event, Headers, Malformed
from integrations.moments import moment
from integrations.standard_webhooks import ID
from integrations.standard_webhooks import verify as verify
from integrations.untrusted import Node

NAME = "deploy"
MAX_BODY = 1024 * 1024
#: Every body bears its time.
REPEATS_AFTER: int | None = None

#: How much may be named at once, and how long each name may be. More companies: `python -m app flag`.
MOST_ISSUES, MOST_NAMES, LONGEST = 100, 1000, 200


@dataclass(frozen=True)
class ReleaseAvailable(Event):
    """What these issues (keys), or those of a version (its name), brought can be used.

    By the companies (ids or names), the plans, a share of all companies in percent, or those with a flag, of which at
    most one is given: by everybody otherwise. `at` is from when on, in Unix milliseconds, 0 for at once.
    """

    issues: tuple[str, ...] = ()
    version: str = ""
    companies: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    share: int = 0
    flag: str = ""
    at: int = 0
    #: When that was said, in Unix milliseconds: it may be heard of late, or after what was said later.
    sent_at: int = 0


@dataclass(frozen=True)
class ReleaseWithdrawn(Event):
    """What these issues brought cannot be used any more."""

    issues: tuple[str, ...]
    sent_at: int = 0


@dataclass(frozen=True)
class FlagEnabled(Event):
    """A flag is on for all these companies, or for these besides others."""

    flag: str
    companies: tuple[str, ...] = ()
    add: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeatureUsed(Event):
    """Somebody used what an issue, or the issues of a version, brought: at a company, or a person (their id in Intercom
    or email address), or both. `at` is in Unix milliseconds."""

    issue: str = ""
    version: str = ""
    company: str = ""
    person: str = ""
    at: int = 0


def handshake(method: str, query: dict[str, str], body: bytes) -> Answer | None:
    """There is none; 200 for HEAD and GET shows people that the address is right."""
    return Answer() if method in ("HEAD", "GET") else None


def parse(headers: Headers, body: bytes) -> Delivery:
    """Say what a verified delivery means. Raises Malformed, naming the field."""
    root = untrusted.load(body)
    topic, sent_at = root["type"].text(), moment(root["timestamp"])
    id = headers.get(ID) or hashlib.sha256(body).hexdigest()[:24]
    read = READERS.get(topic)
    return Delivery(NAME, id, topic, read(_object(root["data"]), sent_at) if read else None)


def _available(data: Node, sent_at: int) -> Event:
    _one_of(data, "issues", "version")
    _at_most_one_of(data, "companies", "tiers", "share", "flag")
    return ReleaseAvailable(
        issues=_list(data["issues"], MOST_ISSUES),
        version=_name(data["version"]),
        companies=_list(data["companies"], MOST_NAMES),
        tiers=_list(data["tiers"], MOST_NAMES),
        share=_percent(data["share"]),
        flag=_name(data["flag"]),
        at=moment(data["at"]) if data["at"].is_there else 0,
        sent_at=sent_at,
    )


def _withdrawn(data: Node, sent_at: int) -> Event:
    _one_of(data, "issues")
    return ReleaseWithdrawn(_list(data["issues"], MOST_ISSUES), sent_at)


def _enabled(data: Node, sent_at: int) -> Event:
    _one_of(data, "flag")
    _one_of(data, "companies", "add")
    companies, add = (_list(data[name], MOST_NAMES) for name in ("companies", "add"))
    return FlagEnabled(_name(data["flag"]), companies, add)


def _used(data: Node, sent_at: int) -> Event:
    _one_of(data, "issue", "version")
    issue, version, company, person = (_name(data[name]) for name in ("issue", "version", "company", "person"))
    if not company and not person:
        raise Malformed(f"{data.path}.company", "is missing, and so is person")
    return FeatureUsed(issue, version, company, person, moment(data["at"]) if data["at"].is_there else sent_at)


#: What we act on; every other type is a Delivery without an event.
READERS: dict[str, Callable[[Node, int], Event]] = {
    "release.available": _available,
    "release.withdrawn": _withdrawn,
    "flag.enabled": _enabled,
    "feature.used": _used,
}


# -- fields ---------------------------------------------------------------------------------------


def _object(node: Node) -> Node:
    if not list(node.entries(most=MOST_NAMES)):
        raise Malformed(node.path, "is missing")
    return node


def _one_of(data: Node, *names: str) -> None:
    """Exactly one of these has to be given."""
    if not _at_most_one_of(data, *names):
        raise Malformed(f"{data.path}.{names[0]}", ", and so is ".join(("is missing", *names[1:])))


def _at_most_one_of(data: Node, *names: str) -> bool:
    """Is one of these given? Several are too many."""
    given = [name for name in names if data[name].is_there]
    if len(given) > 1:
        raise Malformed(f"{data.path}.{given[1]}", f"cannot be said together with {given[0]}")
    return bool(given)


def _list(node: Node, most: int) -> tuple[str, ...]:
    """The names in a list, as they stand in it; () where none is given."""
    items = list(node.items())
    if node.is_there and not items:
        raise Malformed(node.path, "is empty")
    if len(items) > most:
        raise Malformed(node.path, f"holds more than {most} entries")
    return tuple(map(_named, items))


def _name(node: Node) -> str:
    """A name; "" where none is given."""
    return _named(node) if node.is_there else ""


def _named(node: Node) -> str:
    text = node.text().strip()
    if not text:
        raise Malformed(node.path, "is empty")
    if len(text) > LONGEST or not text.isprintable():
        raise Malformed(node.path, f"is not a name of up to {LONGEST} printable characters")
    return text


def _percent(node: Node) -> int:
    if not node.is_there:
        return 0
    share = node.number()
    if not 1 <= share <= 100:
        raise Malformed(node.path, "is not a percentage from 1 to 100")
    return share
