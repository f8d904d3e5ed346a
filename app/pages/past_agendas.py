"""`/triage/past`: the days on which there was a meeting, or something was decided, with what was decided on each."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.pages.view import page
from workflows.engine.store import now_ms, store
from workflows.meeting import export, sittings

router = APIRouter(prefix="/triage")

#: Days on the page: half a year of weekly meetings.
DAYS = 26


@router.get("/past")
def past(request: Request) -> Response:
    """The newest first; each leads to the agenda as it was, and to the decisions of the day."""
    now = now_ms()
    days = store.read(partial(sittings.past, now=now, most=DAYS))
    return page(request, "past.html", days=days, today=export.day(now))
