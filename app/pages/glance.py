"""`/glance`: the company in six figures that need no explanation. `/wall`: how it is now, for a screen on the wall."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.kpi_words import changed, period_in_words, took, valued
from app.pages.kpis import PERIODS, Looked, last_day, looked_of
from app.pages.typed import with_query
from app.pages.view import language_of, page, piece, render
from workflows.engine.store import now_ms, store
from workflows.language.wording import to_the_second
from workflows.measure.kpis.periods import WEEK, Period
from workflows.measure.kpis.plain import ENQUIRIES, Plain, plain
from workflows.measure.kpis.wall import wall
from workflows.rules import rules

router = APIRouter()

#: What each figure is called, and the one sentence below it.
TITLES = {
    "enquiries": "Enquiries",
    "first_response": "Time until the first answer",
    "satisfied": "Share of satisfied customers",
    "inflow": "Requests",
    "notified": "Customers notified",
    "in_target": "Escalations acknowledged in time",
}
SENTENCES = {
    "enquiries": "How often customers contacted us.",
    "first_response": "Half of the customers had an answer within this working time.",
    "satisfied": "Of those who rated our support.",
    "inflow": "What customers asked us for.",
    "notified": "Customers who heard what became of their request.",
    "in_target": "Of the urgent matters handed to account owners.",
}


@router.get("/glance")
def glance(request: Request) -> Response:
    """A period, and how it compares with the one before; without a day the last week that is over."""
    looked, now, language = _looked(request), now_ms(), language_of(request)
    found = store.read(partial(plain, period=looked.period, now=now))
    is_over = looked.period.ends <= now
    return page(
        request,
        "glance.html",
        looked=looked,
        periods=PERIODS,
        figures=found,
        titles=TITLES,
        sentences=SENTENCES,
        value_of=partial(valued, language),
        change_of=partial(changed, language, looked.period.kind) if is_over else None,
        period_of=partial(period_in_words, language),
        list_of=partial(_list, looked),
        address_of=partial(_address, looked.period),
    )


def _looked(request: Request) -> Looked:
    looked = looked_of(request.query_params, WEEK)
    is_named = "on" in request.query_params
    return looked if is_named else Looked(looked.period.before)


def _address(here: Period, kind: str = "", on: Period | None = None) -> str:
    """Of another period; of another kind, the one in which the last day of this one lies, or today while it runs."""
    day = (on.first if on else last_day(here) if kind else here.first).isoformat()
    return with_query("/glance", {"period": kind or here.kind, "on": day})


def _list(looked: Looked, figure: Plain) -> str:
    """Where what a figure counts is listed."""
    if figure.name == ENQUIRIES:
        return with_query("/volume/list", {"from": looked.period.begins, "until": looked.period.ends})
    return looked.list(figure.name, figure.part)


# -- the wall -------------------------------------------------------------------------------------


@router.get("/wall")
def screen(request: Request) -> Response:
    """The whole screen."""
    return page(request, "wall.html", **_facts(request))


@router.get("/wall/live")
def live(request: Request) -> Response:
    """The numbers alone, for the screen's script."""
    return piece(request, render(request, "_wall.html", **_facts(request)))


def _facts(request: Request) -> dict[str, Any]:
    now, language = now_ms(), language_of(request)
    today = rules.calendar.local(now).date()
    begins, ends = (rules.calendar.moment(day) for day in (today, today + timedelta(days=1)))
    return {
        "wall": store.read(partial(wall, now=now)),
        "took": partial(took, language),
        "as_of": to_the_second(language, now, now),
        "today": with_query("/volume/list", {"from": begins, "until": ends}),
    }
