"""`/feedback/{id}`: one customer's wish, what is known of it, and everything that was done or left undone about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages import meeting_facts
from app.pages.meeting import said_of
from app.pages.meeting_facts import Place
from app.pages.releases import CHIPS
from app.pages.typed import once
from app.pages.view import language_of, page
from workflows.engine.store import now_ms, store
from workflows.language.wording import say
from workflows.meeting import items
from workflows.overview import timeline
from workflows.telling import answers, drafts
from workflows.wish import corrections, known, wishes
from workflows.wish.promised import Customer

router = APIRouter()

#: What the page says when it comes back from a button.
OWN = {
    "noted": "Saved. The Productboard note is updated as well.",
    "split": "This is the new request. It has the same customer and conversation as the one it was split from.",
    "filed": "Filed. It is on the meeting agenda.",
    "filed-same": "Filed, and merged. All customers are kept.",
    "withdrawn": "Withdrawn. It no longer counts anywhere, and Productboard and the conversation say so.",
    "restored": "The request is restored and counts again.",
    "cut": "The link was removed. Webhooks will not bring it back.",
    "relinked": "The link is restored.",
    "renamed": "The type was changed.",
    "denied": "Saved. The customer still needs to be notified; the next reply in the conversation counts.",
}


@router.get("/feedback/{name}")
def wish(request: Request, name: str, said: str = "") -> Response:
    """The timeline of FB-12, asked for as 12 or FB-12."""
    id, language = wishes.id_of(name), language_of(request)
    return show(request, id, said=say(language, OWN[said]) if said in OWN else said_of(language, said, id))


def show(
    request: Request,
    id: int | None,
    status: int = 200,
    *,
    said: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The page of a wish. Raises 404 where there is none."""
    found = store.read(partial(_looked, id=id)) if id is not None else None
    if found is None:
        raise HTTPException(404)
    facts = meeting_facts.facts(request, found["item"], Place(), typed=typed, wrong=wrong, back="wish")
    facts |= meeting_facts.answers(request) | found | {"once": once()}
    return page(request, "wish.html", status, said=said, **facts)


def _looked(session: Session, id: int) -> dict[str, Any] | None:
    """What the page shows of a wish, read at one moment; None where there is none."""
    story = timeline.story(session, id)
    if story is None:
        return None
    item, asked = items.item(session, id, now_ms()), known.one(session, id)
    return {
        "story": story,
        "days": timeline.days(story),
        "title": wishes.title_of(story.wish),
        "item": item,
        "voice": next((voice for voice in item.voices if voice.feedback_id == id), None) if item else None,
        "customer": asked.customer if asked else Customer(),
        "answered": next(iter(answers.booked(session, story.wish)), None),
        "cuts": corrections.cuts_of(session, id),
        "standing_of": drafts.standing(story.card.telling) if story.card.telling else "",
        "standings": drafts.WORDS,
        "chips": defaultdict(str, CHIPS),
    }
