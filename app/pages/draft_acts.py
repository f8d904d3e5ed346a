"""The buttons of the drafts: approve and go on, set aside with a reason, undo, send now; approve what is ticked."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.pages import drafts, forms
from app.pages.access import asks, person_of, require_same_origin
from app.pages.drafts import NO_ANSWER, address
from app.pages.typed import Typed, leads_to
from app.pages.view import language_of
from integrations.contract import Trouble
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.people import deeds
from workflows.people.may import RIGHTS, TELL
from workflows.people.person import Person
from workflows.telling import approval, desk
from workflows.telling.desk import Facing

#: What was sent, with fields that may be ticked more than once.
Form = Annotated[FormData, Depends(forms.sent)]
router = APIRouter(prefix="/drafts", dependencies=[Depends(require_same_origin)])

OTHER_TEXT = "The text has changed since this page was opened. Read it again."
APPROVED = "{n} messages were approved."
#: What is kept of whoever did something else than approve.
SET_ASIDE = "Decided not to notify a customer: {about}."
TOOK_BACK = "Undid the approval of a message to a customer: {about}."
AT_ONCE = "Sent an approved message to a customer at once: {about}."


@router.post("/approve/{id:path}", dependencies=[asks(TELL)])
def approve(request: Request, id: str, typed: Typed) -> Response:
    """This text goes out in somebody's name; the focus goes to the next draft."""
    by, facing = about(request, id)
    whose, holder = typed.get("whose", ""), facing.telling.holder_name
    following = drafts.following(request, id, whose)
    if why := _approve(id, typed.get("text", ""), by, sure=typed.get("sure") == "yes"):
        wrong = {"text": say(language_of(request), why, n=approval.LONGEST, holder=holder)}
        status = 409 if why in (NO_ANSWER, approval.HELD) else 400
        return drafts.show(request, id, whose, status, typed=typed, wrong=wrong)
    return leads_to(address(following, whose, done=id))


@router.post("/together", dependencies=[asks(TELL)])
def approve_together(request: Request, form: Form) -> Response:
    """Everything that is ticked goes out as it was shown."""
    by, whose, wrong, count = person_of(request).person, str(form.get("whose", "")), dict[str, str](), 0
    for ticked in dict.fromkeys(str(each) for each in form.getlist("ticked")):
        mark, _, name = ticked.partition("/")
        text = store.read(partial(drafts.text_of, name=name))
        why = OTHER_TEXT if drafts.mark_of(text) != mark else _approve(name, text, by)
        count += not why
        facts = {"n": approval.LONGEST, "holder": _holder(name) if why == approval.HELD else ""}
        wrong |= {name: say(language_of(request), why, **facts)} if why else {}
    said = say(language_of(request), APPROVED, n=count) if count else ""
    return drafts.show_together(request, whose, 409 if wrong else 200, said=said, wrong=wrong)


@router.post("/aside/{id:path}", dependencies=[asks(TELL)])
def set_aside(request: Request, id: str, typed: Typed) -> Response:
    """Nobody tells this customer, for a reason."""
    by, _ = about(request, id, SET_ASIDE)
    whose = typed.get("whose", "")
    following = drafts.following(request, id, whose)
    if why := approval.set_aside(desk.key_of(id), typed.get("reason", ""), by):
        wrong = {"reason": say(language_of(request), why, n=approval.LONGEST_REASON)}
        return drafts.show(request, id, whose, 400, typed=typed, wrong=wrong)
    return leads_to(address(following, whose, said="aside"))


@router.post("/undo/{id:path}", dependencies=[asks(TELL)])
def undo(request: Request, id: str, typed: Typed) -> Response:
    """What was approved is a draft again, if it is not on its way."""
    by, _ = about(request, id, TOOK_BACK)
    if why := approval.take_back(desk.key_of(id), by):
        return drafts.show(request, id, typed.get("whose", ""), 409, said=say(language_of(request), why))
    return leads_to(address(id, typed.get("whose", ""), said="undone"))


@router.post("/now/{id:path}", dependencies=[asks(TELL)])
def at_once(request: Request, id: str, typed: Typed) -> Response:
    """What is approved goes out without waiting for its hour."""
    by, _ = about(request, id, AT_ONCE)
    whose = typed.get("whose", "")
    if why := approval.at_once(desk.key_of(id), by):
        return drafts.show(request, id, whose, 409, said=say(language_of(request), why))
    return leads_to(address("", whose, said="now"))


def _holder(name: str) -> str:
    telling = store.read(partial(desk.find, name=name))
    return telling.holder_name if telling else ""


def _approve(name: str, text: str, by: Person, *, sure: bool = False) -> str:
    """Why it does not go out; "" where it will."""
    try:
        return approval.approve(desk.key_of(name), text, by, sure=sure)
    except Trouble:
        return NO_ANSWER


def about(request: Request, name: str, sentence: str = RIGHTS[TELL].sentence) -> tuple[Person, Facing]:
    """Who does it; what is kept of it names the request as people do. Raises 404 where there is no such draft."""
    facing = store.read(partial(drafts.facing_of, name=name))
    if facing is None:
        raise HTTPException(404)
    deeds.told(sentence, about=facing.about)
    return person_of(request).person, facing
