"""`/feedback/{id}`: one customer's wish, and everything that was done or left undone about it."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from app.pages.view import page
from workflows.records import feedback, timeline
from workflows.records.tables import Action
from workflows.store import store

router = APIRouter()


@router.get("/feedback/{name}")
def wish(request: Request, name: str) -> Response:
    """The timeline of FB-12, asked for as 12 or FB-12."""
    id = feedback.id_of(name)
    story = store.read(partial(timeline.story, feedback_id=id)) if id is not None else None
    if story is None:
        raise HTTPException(404)
    return page(request, "wish.html", story=story, who=who)


def who(action: Action) -> str:
    """Who did it: a person where we know one, product people, or "" for the service itself."""
    if action.verb in ("intercom.tag", "intercom.tell"):
        return str(action.facts.get("agent", ""))
    return "Product people" if action.verb == "productboard.link" else ""
