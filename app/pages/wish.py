"""`/feedback/{id}`: one customer's wish, what is known of it, and everything that was done or left undone about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

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
    story = store.read(partial(timeline.story, feedback_id=id)) if id is not None else None
    if story is None:
        raise HTTPException(404)
    item = store.read(lambda session: items.item(session, story.card.feedback_id, now_ms()))
    answered = store.read(partial(answers.booked, wish=story.wish))
    facts = meeting_facts.facts(request, item, Place(), typed=typed, wrong=wrong) | meeting_facts.answers(request)
    own = next((voice for voice in item.voices if voice.feedback_id == story.card.feedback_id), None) if item else None
    asked = store.read(partial(known.one, feedback_id=story.card.feedback_id))
    facts |= {
        "title": wishes.title_of(story.wish),
        "cuts": store.read(partial(corrections.cuts_of, feedback_id=story.card.feedback_id)),
        "voice": own,
        "customer": asked.customer if asked else Customer(),
        "answered": answered[0] if answered else None,
        "standing_of": drafts.standing(story.card.telling) if story.card.telling else "",
        "standings": drafts.WORDS,
        "chips": defaultdict(str, CHIPS),
        "once": once(),
    }
    return page(request, "wish.html", status, story=story, days=timeline.days(story), said=said, **facts)
