"""`/wishes/FB-12/similar`: what is closest to a request, and what was said not to be the same; `/wishes/similar`: what
is similar to words that are being typed, as a piece for the form's script.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import meeting, meeting_facts, similar_facts
from app.pages.access import asks, require_same_origin
from app.pages.meeting_facts import Place
from app.pages.typed import Typed, wish_id
from app.pages.view import language_of, page, piece, render
from workflows.engine.store import now_ms, store
from workflows.meeting import items
from workflows.meeting.items import Item
from workflows.people.may import FILE
from workflows.tables.wish import Feedback
from workflows.wish import wishes

router = APIRouter()


@router.get("/wishes/{name}/similar")
def closest(request: Request, name: str, said: str = "", about: str = "") -> Response:
    """The closest few, however far they are. Raises 404 where there is no such request."""
    id, language = wish_id(name), language_of(request)
    item = store.read(lambda session: items.item(session, id, now_ms()))
    if item is None:
        raise HTTPException(404)
    facts = meeting_facts.facts(request, item, Place(), back="similar")
    facts["similar"] = similar_facts.beside(item, language, most=similar_facts.MOST, back="similar")
    facts |= store.read(partial(_beside, item=item, merged=wishes.id_of(about) if said == "merged" else None))
    return page(request, "similar.html", said=meeting.said_of(language, said, id), **facts)


def _beside(session: Session, item: Item, merged: int | None) -> dict[str, Any]:
    """What was said not to be the same; and the request that was merged a moment ago, if it still is."""
    wish = session.get(Feedback, merged) if merged else None
    return {"apart": similar_facts.apart(session, item), "merged": wish if wish and wish.merged_into else None}


@router.post("/wishes/similar", dependencies=[asks(FILE), Depends(require_same_origin)])
def typing(request: Request, typed: Typed) -> Response:
    """What is similar to the words in the form so far."""
    found = similar_facts.of_text(typed.get("quote", ""), language_of(request), typed.get("same", ""))
    return piece(request, render(request, "_similar.html", similar=found, place=None, turn=""))
