"""Rooms: what the menu leads to, the tabs that each has, and which pages stand in it.

room = room_of("/feedback/1")        # Requests, although no tab leads there
menu = rooms_for(reader)             # those that this reader has something to do in
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.auth import Reader
from workflows.people.may import READ, REPLAY


@dataclass(frozen=True)
class Room:
    """`tabs`: an address and its title each; the menu leads to the first. `pages`: how the other addresses begin.

    `deed`: what whoever finds it in the menu may do.
    """

    name: str
    title: str
    tabs: tuple[tuple[str, str], ...]
    pages: tuple[str, ...] = ()
    deed: str = READ

    @property
    def address(self) -> str:
        """Where the menu leads."""
        return self.tabs[0][0]

    def holds(self, path: str) -> bool:
        """Does the page at this address stand in the room?"""
        return any(path == address for address, _ in self.tabs) or path.startswith(self.pages)


ROOMS = (
    Room(
        "home",
        "Home",
        (
            *(("/", "Home"), ("/glance", "At a glance"), ("/kpis", "KPIs"), ("/wall", "On the wall")),
            ("/digests", "Digests"),
        ),
        ("/hand-over", "/digests/", "/kpis/"),
    ),
    Room(
        "enquiries",
        "Enquiries",
        (
            *(("/enquiries", "Board"), ("/enquiries/channels", "By channel"), ("/enquiries/cost", "Cost of waiting")),
            *(("/enquiries/learning", "Questions to colleagues"), ("/volume", "Number of enquiries")),
            ("/alerts", "Alerts"),
            *(("/satisfaction", "Satisfaction"), ("/know-how", "Reusable answers")),
        ),
        ("/enquiries/", "/chats/", "/volume/", "/alerts/", "/know-how/"),
    ),
    Room(
        "requests",
        "Requests",
        (
            ("/board", "Board"),
            ("/wishes", "List"),
            ("/promises", "Reports due"),
            ("/releases", "Releases"),
            ("/notices", "Notices"),
            ("/drafts", "Drafts"),
            ("/tellings", "Not notified"),
            ("/waits", "Time to notify"),
        ),
        ("/wishes/", "/promises/", "/releases/", "/notices/", "/drafts/", "/feedback/"),
    ),
    Room(
        "meeting",
        "Meeting",
        (("/triage", "Agenda"), ("/triage/decided", "Decisions"), ("/triage/past", "Past agendas")),
        ("/triage/",),
    ),
    Room(
        "escalations",
        "Escalations",
        (("/escalations", "List"), ("/measures", "Metrics")),
        ("/escalations/",),
    ),
    Room(
        "companies",
        "Companies",
        (("/companies", "List"), ("/owners", "Account owners")),
        ("/companies/", "/owners/"),
    ),
    Room(
        "management",
        "Management",
        (
            *(("/deliveries", "Activity log"), ("/dry-run", "Dry run"), ("/setup", "Connections")),
            *(("/rules", "Rules"), ("/audit", "Admin log")),
        ),
        ("/deliveries/", "/bodies/", "/setup/"),
        REPLAY,
    ),
)


def room_of(path: str) -> Room | None:
    """The room of a page; None for those that stand in none, such as the search."""
    return next((room for room in ROOMS if room.holds(path)), None)


def rooms_for(reader: Reader) -> Sequence[Room]:
    """The rooms that the menu shows to somebody."""
    return [room for room in ROOMS if reader.may(room.deed)]
