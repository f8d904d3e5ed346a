"""The demo's buttons: each lets a person act in one of the four tools. Nothing here exists outside the demo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.demo import desk
from app.demo.company import CUSTOMERS, SAMPLE, TAGS
from app.demo.people import VERBS, Mistaken, People
from app.demo.stage import Stage
from app.pages.access import in_demo, require_same_origin
from app.pages.view import HEADERS, language_of, piece, render
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.overview.cards import Card
from workflows.overview.life import ADOPTED, DEVELOPMENT, RECEIVED, TO_TELL
from workflows.overview.loop import CHAT, Station
from workflows.rules import rules
from workflows.rules.telling import RELEASE
from workflows.wish.awaited import TAKEN_BACK, WAITING

router = APIRouter(prefix="/demo")


@dataclass(frozen=True)
class Step:
    """The obvious next thing that a person does with a card. `first`: of all on the page, the one to press."""

    verb: str
    label: str
    fields: dict[str, str]
    first: bool = False


def the_stage(request: Request) -> Stage:
    """The demo's stage. Raises 404 outside the demo."""
    if not in_demo(request):
        raise HTTPException(404)
    stage: Stage = request.app.state.demo.stage
    return stage


@router.get("/desk")
def tools(request: Request, stage: Annotated[Stage, Depends(the_stage)], chat: str = "") -> Response:
    """What the people see in their tools, for the page's script."""
    return piece(request, render(request, "demo/_desk.html", **facts(stage, chat, "")))


@router.post("/{verb}", dependencies=[Depends(require_same_origin)])
async def play(request: Request, verb: str, stage: Annotated[Stage, Depends(the_stage)]) -> Response:
    """Somebody presses a button: JSON for the page's script, back to the page for everybody else."""
    if verb not in VERBS:
        raise HTTPException(404)
    form = {name: str(value) for name, value in (await request.form()).items()}
    language, chat = language_of(request), form.get("chat", "")
    try:
        did = await run_in_threadpool(People(stage).play, verb, form)
        said, status, chat = say(language, did.sentence, **did.facts), 200, did.facts.get("chat", chat)
    except Mistaken as mistake:
        said, status = say(language, str(mistake)), 409
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"said": said, "chat": chat}, status, HEADERS)
    query = urlencode({"chat": chat, "did": verb if status == 200 else "nothing"})
    return RedirectResponse(f"/board?{query}", 303, HEADERS)


#: What a page without a script says after a button.
DID = {verb: "Done. Reload to see what happens next." for verb in VERBS} | {
    "nothing": "That no longer exists. Reload the page."
}


def facts(stage: Stage, chat: str, did: str) -> dict[str, Any]:
    """What the templates show of the demo."""
    return {
        "desk": desk.look(stage, chat),
        "tags": TAGS,
        "customers": CUSTOMERS,
        "sample": SAMPLE,
        "losing": People(stage).losing(),
        "has_rules": store.is_sqlite,  # else another process works, which has read the file of rules itself
        "is_held": rules.gate.usual == RELEASE,
        "did": DID.get(did, ""),
    }


def steps(stations: Sequence[Station], story: Collection[str]) -> dict[str, Step]:
    """The next step of every card that has one, by the card's key. `story`: the chats that are told from the beginning.

    The first to press of all is that of the wish of theirs which has come furthest, else of their first chat; while
    something is on its way to that wish, there is none.
    """
    found: dict[str, Step] = {}
    first = ""
    for station in reversed(stations):
        for card in station.cards:
            step = _step(station.name, card)
            if step is not None:
                found[key(card)] = step
            if not first and card.conversation_id in story and (step is not None or _is_moving(station.name, card)):
                first = key(card)
    first = first or next(iter(found), "")
    return {name: replace(step, first=name == first) for name, step in found.items()}


def _is_moving(station: str, card: Card) -> bool:
    """Does the service itself have something to do before anybody can go on?"""
    is_filed = station != RECEIVED or bool(card.note_id or rules.dry_run)
    is_drafted = station != TO_TELL or (card.telling is not None and bool(card.telling.draft))
    return card.trouble is None and not (is_filed and is_drafted)


def key(card: Card) -> str:
    """What a card is called on the page."""
    return f"wish-{card.feedback_id}" if card.feedback_id else f"chat-{card.conversation_id}"


def _step(station: str, card: Card) -> Step | None:
    if station == CHAT:
        return Step("tag", "Tag as “要望”", {"chat": card.conversation_id, "part": "", "tag": "要望"})
    is_adopted_alone = station == ADOPTED and not (card.features or card.links)
    if (station == RECEIVED or is_adopted_alone) and card.note_id:
        return Step("link", "Link to a feature", {"note": card.note_id})
    if station == ADOPTED and card.features:
        return Step("push", "Push to Jira", {"feature": card.features[0].id})
    waits = [link.issue.key for link in card.links if link.standing in (WAITING, TAKEN_BACK)]
    if station == DEVELOPMENT and waits:
        return Step("move", "Mark {key} as done", {"issue": waits[0], "to": "完了"})
    if station == TO_TELL and card.telling is not None and card.telling.draft:
        return Step("tell", "Notify the customer", {"chat": card.conversation_id, "text": card.telling.draft})
    return None
