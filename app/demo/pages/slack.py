"""`/demo/slack`: one person plays everybody in Slack. Rendered from the twin's own state; exists in the demo only.

The page is complete as it comes; its script asks for `/demo/slack/piece` every second and changes what changed.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.demo.company import CUSTOMERS
from app.demo.pages.desk import the_stage
from app.demo.slack.desk import BY_ID, chosen, look
from app.demo.slack.hands import FIND, VERBS, Hands, Unanswered
from app.demo.stage import Stage
from app.pages.access import ME, be, guarded, person_of, require_same_origin
from app.pages.view import HEADERS, language_of, page, piece, render
from workflows.escalation import forms
from workflows.rules import rules

router = APIRouter(prefix="/demo/slack")


@router.get("")
def slack(request: Request, stage: Annotated[Stage, Depends(the_stage)], me: str = "", place: str = "") -> Response:
    """The whole page, for whoever one is, wherever they look. Who is chosen here reads our own pages from now on."""
    person = me if me in BY_ID else person_of(request).person.id
    be(request, person)
    shown = page(request, "demo/slack.html", **facts(stage, person, place))
    shown.set_cookie(ME, person, **guarded(request))
    return shown


@router.get("/piece")
def part(request: Request, stage: Annotated[Stage, Depends(the_stage)], me: str = "", place: str = "") -> Response:
    """What may have changed, for the page's script."""
    return piece(request, render(request, "demo/_slack.html", **facts(stage, me, place)))


@router.get("/pictures/{id}.png")
def picture(id: str, stage: Annotated[Stage, Depends(the_stage)]) -> Response:
    """A picture that the app posted; everybody whom one plays may see it."""
    content = stage.slack.file_content(id)
    if content is None:
        raise HTTPException(404)
    return Response(content, headers=HEADERS, media_type="image/png")


@router.post("/offered", dependencies=[Depends(require_same_origin)])
async def offered(request: Request, stage: Annotated[Stage, Depends(the_stage)]) -> Response:
    """What a menu offers while somebody types, for the page's script."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    hands, id = Hands(stage, form.get("me", ""), form.get("place", ""), language_of(request)), form.get("search", "")
    try:
        found = await run_in_threadpool(hands.offered, id, form.get(FIND + id, ""))
    except Unanswered as trouble:
        return JSONResponse({"found": [], "said": str(trouble)}, 200, HEADERS)
    except LookupError:
        return JSONResponse({"found": [], "said": ""}, 409, HEADERS)
    return JSONResponse({"found": found, "said": ""}, 200, HEADERS)


@router.post("/{verb}", dependencies=[Depends(require_same_origin)])
async def play(request: Request, verb: str, stage: Annotated[Stage, Depends(the_stage)]) -> Response:
    """Somebody does something: an empty answer for the page's script, back to the page for everybody else."""
    if verb not in VERBS:
        raise HTTPException(404)
    form = {name: str(value) for name, value in (await request.form()).items()}
    me, place = chosen(form.get("me", ""), form.get("place", ""))
    done = await run_in_threadpool(Hands(stage, me.id, place, language_of(request)).play, verb, form)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"done": done}, 200, HEADERS)
    return RedirectResponse(f"/demo/slack?{urlencode({'me': me.id, 'place': place})}", 303, HEADERS)


def facts(stage: Stage, me: str, place: str) -> dict[str, Any]:
    """What the templates show."""
    asked = [(name, forms.LABELS[name], forms.CHOICES[name]) for name in ("request", "urgency", "temperature")]
    return {
        "desk": look(stage, me, place),
        "commands": rules.commands,
        "asked": asked,
        "customers": [each.company for each in CUSTOMERS],
    }
