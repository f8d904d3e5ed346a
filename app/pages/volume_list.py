"""`/volume/list`: the enquiries behind a figure. Every point, bar and cell of `/volume` opens one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.enquiries import MEDIUMS
from app.pages.typed import with_query
from app.pages.view import page
from app.pages.volume import LONGEST, words_of
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.rules import rules
from workflows.volume import listed
from workflows.volume.listed import Sought

router = APIRouter()

#: Rows of a page; the longest stretch of which one hour of a weekday is listed; the latest moment there is.
ROWS, STRETCH, LATEST = 100, 100 * DAY_MS, 4_000_000_000_000


@router.get("/volume/list")
def shown(request: Request) -> Response:
    """The newest first."""
    said = {name: value.replace("\0", "")[:LONGEST] for name, value in request.query_params.items()}
    sought = _sought(said)
    rows = store.read(partial(listed.found, sought=sought, most=ROWS + 1))
    keep = {name: said.get(name, "") for name in ("from", "until", "about", "medium", "company", "weekday", "hour")}
    more = with_query("/volume/list", keep | {"before": rows[ROWS - 1].mark}) if len(rows) > ROWS else ""
    names = {row.arrival.company_id: row.company for row in rows}
    return page(
        request,
        "volume_list.html",
        sought=sought,
        rows=rows[:ROWS],
        more=more,
        mediums=MEDIUMS,
        firm=names.get(sought.company) or sought.company,
        back=with_query("/volume", {"on": _day(sought), "about": sought.about}),
        **words_of(request),
    )


def _sought(said: dict[str, str]) -> Sought:
    """What an address asks for; without times, the last day."""
    now = now_ms()
    since, until = _number(said.get("from", ""), now - DAY_MS), _number(said.get("until", ""), now)
    about, medium, company = (said.get(name, "") for name in ("about", "medium", "company"))
    sought = Sought(since, max(since, until), about, medium, company, before=said.get("before", ""))
    weekday, hour = _number(said.get("weekday", ""), -1), _number(said.get("hour", ""), -1)
    if 0 <= weekday < 7 and 0 <= hour < 24 and sought.until - since <= STRETCH:
        spans = listed.hours_of(since, sought.until, weekday, hour)
        return replace(sought, spans=spans) if spans else replace(sought, until=since)
    return sought


def _number(text: str, otherwise: int) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 14
    return min(int(text), LATEST) if is_number else otherwise


def _day(sought: Sought) -> str:
    return rules.calendar.local(max(sought.since, sought.until - 1)).date().isoformat()
