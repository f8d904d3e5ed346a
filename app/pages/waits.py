"""`/waits`: how long it takes from a request until the customer is told, with those that are open; and its legs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages import charts
from app.pages.meeting import number
from app.pages.typed import with_query
from app.pages.view import language_of, page
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.language.wording import length, say
from workflows.overview import legs, survival
from workflows.overview.legs import LEGS, WHOLE
from workflows.overview.survival import Span
from workflows.telling import requesters

router = APIRouter()

#: The periods that can be chosen, and after how many days it is said how many have been told.
PERIODS = (90, 365, 1095)
AFTER = (7, 14, 30, 60, 90, 180, 365)
OVER, OPEN, ALL = "over", "open", "all"
MOST = 100


@router.get("/waits")
def shown(request: Request, leg: str = "", state: str = ALL, least: str = "", start: str = "") -> Response:
    """The figures; with `leg`, the requests behind one of them: `state` over or open, after `least` days or longer."""
    days, now = _period(request), now_ms()
    found = store.read(partial(legs.journeys, since=now - days * DAY_MS))
    whole = legs.spans(found, WHOLE, now)
    chosen = leg if leg in (WHOLE, *LEGS) else ""
    rows = _listed(legs.spans(found, chosen, now), state, number(least)) if chosen else []
    first = number(start)
    said = {"days": days, "leg": chosen, "state": state if state in (OVER, OPEN) else "", "least": number(least) or ""}
    facts: dict[str, Any] = {
        "days": days,
        "periods": PERIODS,
        "total": len(found),
        "legs": [legs.figures(found, name, now) for name in (WHOLE, *LEGS)],
        "shares": _shares(whole),
        "leg": chosen,
        "listed": len(rows),
        "rows": _voiced(rows[first : first + MOST]),
        "more": with_query("/waits", said | {"start": first + MOST}) if len(rows) > first + MOST else "",
        "address_of": partial(_address, days),
        "titles": legs.WORDS,
        "length_of": partial(length, language_of(request)),
    }
    return page(request, "waits.html", **facts)


@router.get("/waits/curve.svg")
def curve(request: Request) -> Response:
    """The share that has been told, by how long ago they asked; as the charts of `/measures`."""
    now = now_ms()
    found = store.read(partial(legs.journeys, since=now - _period(request) * DAY_MS))
    _ = partial(say, language_of(request))
    points = _points(list(legs.spans(found, WHOLE, now).values()))
    axes = _("Days since the request"), _("Notified")
    return charts.answer(request, charts.curve(points, axes, charts.paper(request)))


def _points(spans: Sequence[Span]) -> list[tuple[float, float]]:
    """From nobody on the first day to whoever had been told when the longest wait so far was over, or is going on."""
    by_day = {-(-step.at // DAY_MS): float(1 - step.share) for step in survival.steps(spans)}
    last = -(-max((span.length for span in spans), default=0) // DAY_MS)
    return sorted(({0: 0.0, last: max(by_day.values(), default=0.0)} | by_day).items())


def _period(request: Request) -> int:
    said = request.query_params.get("days", "")
    return next((period for period in PERIODS if str(period) == said), PERIODS[1])


def _address(days: int, leg: str, state: str = ALL, least: int = 0) -> str:
    """Where the requests behind a figure are listed."""
    said = {"days": days, "leg": leg, "state": "" if state == ALL else state, "least": least or ""}
    return with_query("/waits", said) + "#behind"


def _shares(whole: Mapping[int, Span]) -> list[tuple[int, int, int]]:
    """After so many days: how many have been followed for so long, and which share in percent has been told by then."""
    steps = survival.steps(whole.values())
    counted = [(days, sum(each.length >= days * DAY_MS for each in whole.values())) for days in AFTER]
    told = {days: round(100 * (1 - survival.still_waiting(steps, days * DAY_MS))) for days in AFTER}
    return [(days, waited, told[days]) for days, waited in counted if waited]


def _listed(spans: Mapping[int, Span], state: str, least: int) -> list[tuple[int, Span]]:
    """The requests behind a figure, the longest first."""
    some = [each for each in spans.items() if each[1].length >= least * DAY_MS]
    if state in (OVER, OPEN):
        some = [each for each in some if each[1].is_over is (state == OVER)]
    return sorted(some, key=lambda each: (-each[1].length, each[0]))


def _voiced(rows: Sequence[tuple[int, Span]]) -> list[tuple[Any, Span]]:
    voices = store.read(partial(requesters.voices_of, ids=[id for id, _ in rows]))
    return [(voices[id], span) for id, span in rows if id in voices]
