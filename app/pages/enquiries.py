"""`/enquiries`: every enquiry and where it is, for everybody in the company: who waits longest stands on top.

Without a state it is the board; with one, all of that state, narrowed and ordered as the address says. The page is
complete as it comes; its script asks for `/enquiries/live` every few seconds and counts the minutes in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages import typed
from app.pages.access import in_demo, person_of
from app.pages.escalations import business
from app.pages.loop import Shared, nobodys
from app.pages.view import language_of, page, piece, render
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.enquiry.board import ANSWERING, CUSTOMER, DEVELOPMENT, SOLVED, STATES, WAITING
from workflows.overview import enquiry_lists
from workflows.overview.enquiry_lists import Wanted
from workflows.overview.enquiry_orders import LONGEST, SORTS
from workflows.people.person import ids_of
from workflows.rules.enquiry import CHAT, MAIL, MEDIA, OTHER

router = APIRouter()

#: Rows of a list; cards of each state on the board; names that are offered.
ROWS, NAMES = 50, 200
CARDS = {WAITING: ROWS, ANSWERING: 10, CUSTOMER: 10, DEVELOPMENT: 10, SOLVED: 5}
TITLES = {
    WAITING: "Waiting for an answer",
    ANSWERING: "Being answered",
    CUSTOMER: "Waiting for the customer",
    DEVELOPMENT: "Waiting for development",
    SOLVED: "Solved",
}
EMPTY = {
    WAITING: "Every customer who is waiting has somebody assigned.",
    ANSWERING: "No enquiry is being answered right now.",
    CUSTOMER: "We aren't waiting for any customer.",
    DEVELOPMENT: "No enquiry is waiting for development.",
    SOLVED: "No enquiry has been solved yet.",
}
MEDIUMS = {CHAT: "Messenger", MAIL: "Email", OTHER: "Other"}
SORTED = {
    "longest": "Longest wait first",
    "worth": "Longest wait, weighted by monthly spend",
    "newest": "Newest message first",
}
SAID_WITHIN = {1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days"}


@dataclass(frozen=True)
class Narrowed:
    """What an address says of a list; what we do not know of it is left out."""

    state: str = ""
    medium: str = ""
    who: str = ""
    tier: str = ""
    words: str = ""
    days: str = ""
    sort: str = LONGEST

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Narrowed:
        """What an address or a form says."""
        one_of, text = partial(typed.one_of, values), partial(typed.text, values)
        return cls(
            state=one_of("state", STATES),
            medium=one_of("medium", MEDIA),
            who=text("who"),
            tier=text("tier"),
            words=text("words"),
            days=one_of("days", [str(days) for days in SAID_WITHIN]),
            sort=one_of("sort", SORTS, LONGEST),
        )

    @property
    def is_narrowed(self) -> bool:
        """Does it show less than all of a state?"""
        return replace(self, state="", sort=LONGEST) != Narrowed()

    def address(self, path: str = "/enquiries", after: str = "", **changes: str) -> str:
        """The address of the same with other choices, or of what follows the row `after`."""
        plain, chosen = vars(Narrowed()), vars(replace(self, **changes))
        said = {name: value for name, value in chosen.items() if value != plain[name]}
        query = urlencode(said | ({"after": after} if after else {}))
        return f"{path}?{query}" if query else path

    def wanted(self, ids: Sequence[str], now: int) -> Wanted:
        """The same as a question, asked by somebody who answers customers under these ids."""
        since = now - int(self.days) * DAY_MS if self.days else 0
        state = self.state or WAITING
        return Wanted(state, self.medium, self.who, self.tier, self.words, since, self.sort, ids)


@router.get("/enquiries")
def show(request: Request, after: str = "") -> Response:
    """The board, or a list of one state; `after` pages on."""
    narrowed = Narrowed.of(request.query_params)
    offered: dict[str, Any] = {
        "assignees": store.read(partial(enquiry_lists.assignees, most=NAMES)),
        "tiers": store.read(enquiry_lists.tiers),
    }
    offered |= {"sorts": SORTED, "said_within": SAID_WITHIN}
    return page(request, "enquiries.html", **_facts(request, narrowed, after), **offered)


@router.get("/enquiries/live")
def live(request: Request, after: str = "") -> Response:
    """The lists alone, for the page's script. The board as all see it is made once for all who ask at the same time."""
    narrowed = Narrowed.of(request.query_params)

    def make() -> str:
        return render(request, "_enquiries.html", **_facts(request, narrowed, after))

    def make_for_all() -> str:
        return render(request, "_enquiries.html", **_facts(request, narrowed, after), **nobodys(request))

    is_everybodys = narrowed == Narrowed() and not after and not in_demo(request)
    return piece(request, _shared(request).get(language_of(request), make_for_all) if is_everybodys else make())


def _facts(request: Request, narrowed: Narrowed, after: str) -> dict[str, Any]:
    now = now_ms()
    wanted = narrowed.wanted(ids_of(person_of(request).person) if narrowed.who == enquiry_lists.MINE else (), now)
    if narrowed.state:
        lists = {
            narrowed.state: store.read(partial(enquiry_lists.found, wanted=wanted, now=now, after=after, most=ROWS))
        }
    else:
        lists = store.read(partial(enquiry_lists.board, wanted=wanted, now=now, most=CARDS))
    return {
        "narrowed": narrowed,
        "lists": lists,
        "after": after,
        "counts": _counted(store.read(partial(enquiry_lists.counts, wanted=wanted))),
        "states": TITLES,
        "empty": EMPTY,
        "mediums": MEDIUMS,
        "business": partial(business, language_of(request)),
    }


def _counted(counts: Mapping[str, int]) -> dict[str, str]:
    """How many there are of each state; of solved ones, of which there may be a million, to a thousand."""
    most = enquiry_lists.COUNTED
    return {state: f"{most:,}+" if n > most and state == SOLVED else f"{n:,}" for state, n in counts.items()}


def _shared(request: Request) -> Shared:
    """The boards that this process has made last."""
    if not hasattr(request.app.state, "enquiry_boards"):
        request.app.state.enquiry_boards = Shared()
    shared: Shared = request.app.state.enquiry_boards
    return shared
