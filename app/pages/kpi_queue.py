"""`/kpis?view=queue`: what the companies spend a month that wait for requests, and how few requests most of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import charts
from app.pages.meeting import number
from app.pages.typed import one_of, text, with_query
from app.pages.view import language_of
from workflows.engine.store import now_ms, store
from workflows.language.wording import money, say
from workflows.measure.kpis import lists, queue
from workflows.measure.kpis.cases import Case
from workflows.measure.kpis.meanings import REQUEST
from workflows.measure.kpis.queue import PLANNED, UNDECIDED, Item, Queue

router = APIRouter()

#: The queues, what each holds, and what is said where it holds nothing.
TITLES = {UNDECIDED: "Undecided", PLANNED: "Adopted, not available yet"}
NOTHING = {
    UNDECIDED: "Nothing is undecided.",
    PLANNED: "All that was adopted is available to those who asked for it.",
}
#: Which share is most of it; rows of a list; points of a curve.
MOST_OF_IT, MOST, POINTS = 0.8, 50, 200


def facts(request: Request) -> dict[str, Any]:
    """What the page shows: both queues, and some requests of the one that the address names."""
    name, first = named(request.query_params), number(request.query_params.get("start", ""))
    found = store.read(partial(queue.queues, now=now_ms()))
    chosen = found[name]
    address = partial(_address, {each: text(request.query_params, each, 10) for each in ("period", "on")})
    return {
        "queues": found,
        "chosen": chosen,
        "name": name,
        "titles": TITLES,
        "nothing": NOTHING[name],
        "rows": store.read(partial(_rows, items=chosen.requests[first : first + MOST])),
        "few": chosen.first(MOST_OF_IT),
        "more": address(name, first + MOST) if len(chosen.requests) > first + MOST else "",
        "curve": with_query("/kpis/queue.svg", {"queue": name}),
        "address": address,
        "money": partial(money, language_of(request)),
    }


def named(values: Mapping[str, str]) -> str:
    """The queue that an address names; otherwise that of the undecided."""
    return one_of(values, "queue", TITLES, UNDECIDED)


def _address(period: Mapping[str, str], name: str, start: int = 0) -> str:
    """Where a queue is read, from its request number `start` on; the other views go on with the period."""
    return with_query("/kpis", {**period, "view": "queue", "queue": name, "start": start})


@router.get("/kpis/queue.svg")
def curve(request: Request) -> Response:
    """Which share of a queue's spend its first requests stand for."""
    found, _ = store.read(partial(queue.queues, now=now_ms())), partial(say, language_of(request))
    titles = _("Requests, highest monthly spend first"), _("Share of the spend")
    return charts.answer(
        request, charts.curve(points(found[named(request.query_params)]), titles, charts.paper(request))
    )


def points(found: Queue) -> list[tuple[float, float]]:
    """How many of the first requests, and which share of the spend; of many every second one, or every third …"""
    reached = [(n, item.reached) for n, item in enumerate(found.requests, start=1)]
    step = -(-len(reached) // POINTS) or 1
    return [(0, 0.0), *reached[::step], *reached[-1:]]


def _rows(session: Session, items: Sequence[Item]) -> list[tuple[Item, lists.Line]]:
    cases = [Case(str(item.id), item.said_at) for item in items]
    return list(zip(items, lists.lines(session, REQUEST, cases), strict=True))
