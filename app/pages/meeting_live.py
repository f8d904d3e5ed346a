"""`/triage/live`: what of the meeting moves while others decide, for the page's script: the agenda, and how far it is.

The script asks every few seconds; as long as nothing has changed, the answer costs a few counts.
"""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.pages import meeting, meeting_facts
from app.pages.meeting_facts import Place
from app.pages.view import HEADERS, language_of, render
from workflows.engine.store import store
from workflows.meeting import items, news, progress
from workflows.wish import wishes

router = APIRouter(prefix="/triage")


@router.get("/live")
def live(request: Request) -> Response:
    """The rows from number `first` on, the progress, what was done last, and what about the wish `at`."""
    now = meeting_facts.tag(language_of(request))
    headers = HEADERS | {"ETag": now}
    if request.headers.get("if-none-match") == now:
        return Response(status_code=304, headers=headers)
    query = request.query_params
    place, at = Place.of(query), wishes.id_of(query.get("at", ""))
    first = meeting.number(query.get("first", ""))
    found = store.read(
        partial(items.agenda, at=place.at, sort=place.sort, kind=place.kind, tier=place.tier, first=first)
    )
    facts = meeting_facts.words(request) | meeting.around(found, None, place)
    facts |= {
        "found": found,
        "place": place,
        "item": None,
        "news": store.read(news.latest),
        "focused": store.read(partial(items.item, feedback_id=at, at=place.at)) if at else None,
        "about": store.read(partial(news.latest, feedback_id=at)) if at else None,
        "turn": store.read(partial(progress.turn, feedback_id=at)) if at else "",
    }
    return HTMLResponse(render(request, "_live.html", **facts), headers=headers)
