"""`/kpis`: the figures of a week, a month or a quarter with what exactly they count; every number opens its list.

One subject at a time, for some are read among very many cases. A page to print holds all of them: its script asks for
one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.pages import charts, kpi_queue
from app.pages.enquiries import MEDIUMS
from app.pages.kpi_words import group_of, period_in_words, took
from app.pages.meeting import number
from app.pages.typed import one_of, text, with_query
from app.pages.view import language_of, page
from workflows.engine.store import now_ms, store
from workflows.escalation.measures import wilson
from workflows.language.wording import length, say
from workflows.measure.kpis import board, lists, load, resolution
from workflows.measure.kpis.board import Shown
from workflows.measure.kpis.cases import ALL, OPEN, PARTS, rows
from workflows.measure.kpis.health import health
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.meanings import CHAT, FIGURES, SUBJECTS
from workflows.measure.kpis.periods import DAY, KINDS, MONTH, QUARTER, WEEK, Period
from workflows.rules import rules
from workflows.rules.calendar import HOUR_MS

router = APIRouter()

PERIODS = {WEEK: "Week", MONTH: "Month", QUARTER: "Quarter"}
#: Days that an address may name; rows of a list; points of a curve.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
MOST, POINTS = 50, 60
MINUTES_A_DAY = 24 * 60
#: What the page shows: the figures of one subject, or of all; or, as things are now, what spend waits for requests, and
#: how the connections to tools are.
SUPPORT, QUEUE, HEALTH, EVERYTHING = "support", "queue", "health", "all"
VIEWS = {name: title for name, (title, _) in SUBJECTS.items()}
VIEWS |= {EVERYTHING: "All on one page", QUEUE: "Revenue in the queue", HEALTH: "Integration health"}
#: Pages that say more about a subject.
BESIDE = {
    "support": (
        ("/enquiries/channels", "By channel"),
        ("/volume", "Number of enquiries"),
        ("/satisfaction", "Satisfaction"),
    ),
    "resolution": (),
    "product": (("/triage", "Agenda"), ("/waits", "Time to notify")),
    "told": (("/tellings", "Not notified"), ("/promises", "Reports due")),
    "escalations": (("/measures", "Metrics"), ("/escalations", "List")),
}
#: The figures that are compared way by way.
COMPARED = ("first_response", "within_five", "next_reply", "one_touch", "reopened")


@dataclass(frozen=True)
class Looked:
    """The period that is looked at, which of VIEWS, and where the lists are."""

    period: Period
    view: str = SUPPORT

    def of(self, period: Period | None = None, view: str = "") -> str:
        """The address of the page, of this or another period and view."""
        view = view or self.view
        return with_query("/kpis", named(period or self.period) | {"view": "" if view == SUPPORT else view})

    def of_kind(self, kind: str) -> str:
        """The address of the week, month or quarter in which this period ends, or today is while it has not ended."""
        return self.of(Period.of(kind, last_day(self.period)))

    @property
    def is_whole(self) -> bool:
        """Is it the page of all subjects?"""
        return self.view == EVERYTHING

    def list(self, name: str, part: str = ALL, group: str | None = None) -> str:
        """Where the cases behind a number are listed."""
        said = named(self.period) | {"part": "" if part == ALL else part}
        return with_query(f"/kpis/{name}/list", said | ({} if group is None else {"group": group}))

    @property
    def loads(self) -> str:
        """Where the picture of the load hour by hour is."""
        return with_query("/kpis/load.svg", named(self.period))

    @property
    def curves(self) -> str:
        """Where the picture of both sides of resolution is."""
        return with_query("/kpis/resolution.svg", named(self.period))


def last_day(period: Period) -> date:
    """The last day of a period; of the one that is not over yet, today."""
    today = rules.calendar.local(now_ms()).date()
    return today if period.first <= today <= period.last else period.last


def named(period: Period) -> dict[str, str]:
    """How an address names a period."""
    return {"period": period.kind, "on": period.first.isoformat()}


def looked_of(values: Mapping[str, str], otherwise: str = MONTH) -> Looked:
    """What an address asks for: without a day, the period of today."""
    today = rules.calendar.local(now_ms()).date()
    try:
        on = date.fromisoformat(text(values, "on", 10)) if values.get("on") else today
    except ValueError:
        on = today
    period = Period.of(one_of(values, "period", (*KINDS, DAY), otherwise), min(max(on, EARLIEST), LATEST))
    return Looked(period, one_of(values, "view", VIEWS, SUPPORT))


@router.get("/kpis")
def shown(request: Request) -> Response:
    """Those of one subject, or where those of each are."""
    looked, now = looked_of(request.query_params), now_ms()
    names = [name for name, figure in FIGURES.items() if figure.subject == looked.view]
    found = store.read(lambda session: board.figures(Look(session, looked.period, now), names))
    return page(
        request,
        "kpis.html",
        periods=PERIODS,
        views=VIEWS,
        subjects={name: words for name, words in SUBJECTS.items() if looked.is_whole or name == looked.view},
        beside=BESIDE,
        found=found,
        media=_media(found) if looked.view == SUPPORT else {},
        compared=COMPARED,
        health=store.read(partial(health, now=now)) if looked.view == HEALTH else None,
        queue=kpi_queue.facts(request) if looked.view == QUEUE else None,
        length_of=partial(length, language_of(request)),
        is_running=looked.period.begins <= now < looked.period.ends,
        wilson=wilson,
        **_words(request, looked),
    )


@router.get("/kpis/{name}/list")
def listed(request: Request, name: str, start: str = "") -> Response:
    """The cases behind one number, the newest first."""
    if name not in FIGURES:
        raise HTTPException(404)
    looked, said = looked_of(request.query_params), request.query_params
    part, group = one_of(said, "part", PARTS, ALL), text(said, "group") if "group" in said else None
    first = number(start)
    asked = partial(board.listed, name=name, part=part, group=group, first=first, most=MOST)
    found = store.read(lambda session: asked(Look(session, looked.period, now_ms())))
    more = looked.list(name, part, group) + f"&start={first + MOST}" if found.total > first + MOST else ""
    return page(
        request,
        "kpi_list.html",
        figure=FIGURES[name],
        back=looked.of(view=FIGURES[name].subject) + f"#{name}",
        part=part,
        group=group,
        total=found.total,
        lines=store.read(partial(lists.lines, of=FIGURES[name].of, found=found.cases)),
        more=more,
        **_words(request, looked),
    )


@router.get("/kpis/load/open")
def open_then(request: Request, at: str = "", start: str = "") -> Response:
    """The conversations that were open at a moment, the newest first."""
    moment, first = _moment(at), number(start)
    found = rows(store.read(partial(load.open_at, at=moment)), ALL, first=first, most=MOST)
    return page(
        request,
        "kpi_open.html",
        moment=moment,
        back=looked_of({"on": rules.calendar.local(moment).date().isoformat()}).list("load"),
        total=found.total,
        lines=store.read(partial(lists.lines, of=CHAT, found=found.cases)),
        more=with_query("/kpis/load/open", {"at": moment, "start": first + MOST}) if found.total > first + MOST else "",
    )


@router.get("/kpis/load.svg")
def loads(request: Request) -> Response:
    """How many conversations were open for each colleague on shift, hour by hour."""
    looked = looked_of(request.query_params)
    found = store.read(lambda session: board.listed(Look(session, looked.period, now_ms()), "load", ALL)).cases
    points = [(case.at, case.business / load.PARTS) for case in reversed(found)]
    return charts.answer(request, charts.area(points, HOUR_MS, charts.paper(request)))


@router.get("/kpis/resolution.svg")
def curves(request: Request) -> Response:
    """The share that has come to its end on either side, and to both, by how long ago the customer wrote first."""
    looked, _ = looked_of(request.query_params), partial(say, language_of(request))
    found = store.read(lambda session: resolution.cases(Look(session, looked.period, now_ms())))
    names = {side: _(FIGURES[side].title) for side in resolution.SIDES}
    rows = [
        {"part": names[side], "days": days, "share": share}
        for side, some in found.items()
        for days, share in resolution.curve(some, POINTS)
    ]
    titles = _("Days since the customer's first message"), _("Done")
    return charts.answer(request, charts.curves(rows, list(names.values()), titles, charts.paper(request)))


def _media(found: Mapping[str, Shown]) -> dict[str, dict[str, Any]]:
    """By way: each of the figures that are compared."""
    split = {name: dict(found[name].groups) for name in COMPARED}
    return {
        medium: {name: split[name].get(medium) for name in COMPARED} for medium in MEDIUMS if _is_used(split, medium)
    }


def _is_used(split: Mapping[str, Mapping[str, Any]], medium: str) -> bool:
    return any(medium in some for some in split.values())


def _words(request: Request, looked: Looked) -> dict[str, Any]:
    language = language_of(request)
    return {
        "looked": looked,
        "mediums": MEDIUMS,
        "period_of": partial(period_in_words, language),
        "took": partial(took, language),
        "group_of": partial(group_of, language),
        "part_open": OPEN,
        "each": _each,
    }


def _moment(text: str) -> int:
    """A moment in an address, in milliseconds; now for what is none, or has not come."""
    now = now_ms()
    return min(int(text), now) if text.isascii() and text.isdigit() and len(text) < 14 else now


def _each(load_of_one: int) -> str:
    """How many for each, as a load is kept."""
    return f"{load_of_one / load.PARTS:.1f}"
