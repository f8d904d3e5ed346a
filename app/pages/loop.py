"""`/board`: the loop. Six stations from left to right; a wish's card moves as its events arrive.

The page is complete as it comes; its script asks for `/loop` every second and moves the cards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.access import demo_of, in_demo
from app.pages.view import language_of, page, piece, render
from integrations.waiting import Lock
from workflows.engine.store import now_ms, store
from workflows.overview import loop
from workflows.overview.life import ENDED

router = APIRouter()

#: Cards on the page of one station.
MANY = 120
#: A board is shown to everybody for so many times the time that it took to make: a twentieth of one CPU at most.
REST = 20


@router.get("/board")
def show(request: Request, station: str = "", part: int = 1, chat: str = "", did: str = "") -> Response:
    """The whole page. `station` and `part` show one station in full; `chat` and `did` are the demo's."""
    facts = _facts(request, station, part) | _beside(request, chat, did)
    return page(request, "loop.html", **facts)


@router.get("/loop")
def board(request: Request, station: str = "", part: int = 1) -> Response:
    """The stations alone, for the page's script."""

    def make() -> str:
        return render(request, "_board.html", **_facts(request, station, part))

    def make_for_all() -> str:
        return render(request, "_board.html", **_facts(request, station, part), **nobodys(request))

    return piece(request, make() if station in loop.STATIONS else _shared.get(language_of(request), make_for_all))


def _beside(request: Request, chat: str, did: str) -> dict[str, Any]:
    """What the demo shows beside the board; nothing outside of it."""
    demo = demo_of(request)
    return demo.beside(chat, did) if demo else {"desk": None, "tags": (), "losing": False, "did": ""}


def nobodys(request: Request) -> dict[str, Any]:
    """What takes one reader's own things out of a board that all are shown. In the demo all have the same."""
    return {} if in_demo(request) else {"reader": None, "person": None, "role": "", "token": "", "csrf": str}


def _facts(request: Request, station: str, part: int) -> dict[str, Any]:
    only = station if station in loop.STATIONS else ""
    part = min(max(part, 1), 10_000) if only else 1
    most = MANY if only else loop.MOST
    stations = store.read(partial(loop.board, now=now_ms(), most=most, skip=(part - 1) * most, only=only))
    waits = [each for each in stations if each.cards and each.name not in (loop.CHAT, ENDED)]
    waits.sort(key=lambda each: min(card.said_at for card in each.cards))
    return {
        "stations": stations,
        "only": only,
        "part": part,
        "most": most,
        "ranks": {each.name: rank for rank, each in enumerate(waits, 1)},
        "steps": demo.steps(stations) if (demo := demo_of(request)) else {},
    }


class Shared:
    """Boards that many readers ask for at the same time are made once, by the first who asks."""

    def __init__(self) -> None:
        self._lock = Lock("the shared boards")
        self._boards: dict[str, tuple[float, str]] = {}

    def get(self, name: str, make: Callable[[], str]) -> str:
        """The board, made anew if the last one is too old."""
        with self._lock:
            until, body = self._boards.get(name, (0.0, ""))
            began = time.monotonic()
            if began >= until:
                body = make()
                ended = time.monotonic()
                self._boards[name] = (ended + REST * (ended - began), body)
            return body


_shared = Shared()
