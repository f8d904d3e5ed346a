"""Badges: the small numbers in the menu. They are those of somebody's home, remembered for a few seconds.

badges = shown(request)                 # {"requests": Badge(2, "{n} reports due"), …}; nothing for who is not signed in
remember(request, reader, home.counts)  # they have just been counted
forget(request, reader)                 # they have just done something: count anew
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from fastapi import Request

from app.auth import Reader
from workflows.engine.store import store
from workflows.overview import owed
from workflows.overview.owed import ACKNOWLEDGE, CONNECTIONS, COUNTS, DRAFTS, LOG, REPORTS, RUNS, Somebody
from workflows.people.may import LEAD, REPLAY

#: What is counted beside each room.
WORDS = {"escalations": "{n} to acknowledge", "management": "{n} need attention"}
#: … beside the requests, by whether there are drafts to approve and reports to make.
OF_REQUESTS = {
    (False, True): "{n} reports due",
    (True, False): "{n} drafts to approve",
    (True, True): "{n} reports and drafts",
}
#: Where somebody waits for it now.
URGENT = "escalations"
#: How long (seconds) a person's numbers are shown before they are counted anew.
KEPT = 5.0


@dataclass(frozen=True)
class Badge:
    """A number beside a room, and what it counts; `urgent`: somebody waits for it now."""

    n: int
    words: str
    urgent: bool = False


#: By a person, and whether they look after the service: until when (monotonic) their badges are shown.
Kept = dict[tuple[str, bool], tuple[float, Mapping[str, Badge]]]


def whose(reader: Reader) -> Somebody:
    """The reader as their home knows them."""
    return owed.somebody(reader.person, manages=reader.may(REPLAY), leads=reader.may(LEAD))


def shown(request: Request, reader: Reader | None) -> Mapping[str, Badge]:
    """The badges of whoever reads, by the room's name."""
    if reader is None or not reader.role:
        return {}
    until, badges = _kept(request).get(_key(reader), (0.0, {}))
    if time.monotonic() < until:
        return badges
    return remember(request, reader, store.read(partial(owed.counts, who=whose(reader))))


def remember(request: Request, reader: Reader, counts: Mapping[str, int]) -> Mapping[str, Badge]:
    """The badges of whoever reads, now that their numbers have been counted."""
    badges = of(counts)
    _kept(request)[_key(reader)] = (time.monotonic() + KEPT, badges)
    return badges


def of(counts: Mapping[str, int]) -> Mapping[str, Badge]:
    """What stands in the menu for these numbers; nothing where there is nothing to do."""
    drafts, reports = counts.get(DRAFTS, 0), counts.get(REPORTS, 0)
    words = WORDS | {"requests": OF_REQUESTS.get((drafts > 0, reports > 0), "")}
    found = {
        "requests": drafts + reports,
        "escalations": counts.get(ACKNOWLEDGE, 0),
        "management": sum(counts.get(kind, 0) for kind in (CONNECTIONS, COUNTS, LOG, RUNS)),
    }
    return {room: Badge(n, words[room], room == URGENT) for room, n in found.items() if n}


def forget(request: Request, reader: Reader) -> None:
    """Somebody does something: what they owe is counted anew for their next page."""
    for manages in (True, False):
        _kept(request).pop((reader.person.id, manages), None)


def _key(reader: Reader) -> tuple[str, bool]:
    return reader.person.id, reader.may(REPLAY)


def _kept(request: Request) -> Kept:
    """What this process remembers, for as long as its application lives."""
    if not hasattr(request.app.state, "badges"):
        request.app.state.badges = {}
    kept: Kept = request.app.state.badges
    return kept
