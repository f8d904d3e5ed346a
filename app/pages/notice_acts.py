"""The buttons of the notices: write, change, open, undo that, call off; and note that somebody was told otherwise."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.pages import forms as sent_forms
from app.pages import notices as pages
from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, origin
from app.pages.view import language_of
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.notice import forms, notices, turns
from workflows.notice.forms import Filled
from workflows.people import deeds
from workflows.people.may import NOTIFY, REPORT, RIGHTS
from workflows.people.person import Person
from workflows.tables.notice import Notice

#: What was sent, with fields that may be ticked more than once.
Form = Annotated[FormData, Depends(sent_forms.sent)]
Picked = dict[str, list[str]]
router = APIRouter(prefix="/notices", dependencies=[Depends(require_same_origin)])


@router.post("/new", dependencies=[asks(NOTIFY)])
def write(request: Request, typed: Typed, form: Form) -> Response:
    """A new notice; nobody hears of it yet."""
    filled, picked = _read(request, typed, form)
    if filled.wrong:
        return pages.form(request, None, 400, typed=typed, picked=picked, wrong=filled.wrong)
    by = person_of(request).person
    deeds.told(RIGHTS[NOTIFY].sentence, about=str(filled.values["title"]))
    id = notices.write(filled.values, by=by, origin=origin(typed, by.id, sorted(picked.items())))
    return _back(id, "written")


@router.post("/{name}/edit", dependencies=[asks(NOTIFY)])
def rewrite(request: Request, name: str, typed: Typed, form: Form) -> Response:
    """Another text, another day, another audience, while nobody has opened it."""
    _, found = _about(request, name)
    filled, picked = _read(request, typed, form)
    if filled.wrong:
        return pages.form(request, found, 400, typed=typed, picked=picked, wrong=filled.wrong)
    return _answer(request, name, notices.rewrite(found.id or 0, filled.values), "written")


@router.post("/{name}/open", dependencies=[asks(NOTIFY)])
def open_up(request: Request, name: str) -> Response:
    """Whoever it concerns gets a draft, after some time in which that can be undone."""
    by, found = _about(request, name)
    return _answer(request, name, notices.open_up(found.id or 0, by), "opened")


@router.post("/{name}/undo", dependencies=[asks(NOTIFY)])
def undo(request: Request, name: str) -> Response:
    """It is not opened after all."""
    _, found = _about(request, name)
    return _answer(request, name, notices.undo(found.id or 0), "undone")


@router.post("/{name}/call-off", dependencies=[asks(NOTIFY)])
def call_off(request: Request, name: str) -> Response:
    """What it says does not take place."""
    by, found = _about(request, name)
    return _answer(request, name, notices.call_off(found.id or 0, by), "off")


@router.post("/{name}/told", dependencies=[asks(REPORT)])
def told(request: Request, name: str, typed: Typed) -> Response:
    """Somebody told a customer by other means."""
    by, found = _about(request, name, REPORT)
    key = turns.key_of(found, typed.get("release", ""), typed.get("who", ""))
    return _answer(request, name, turns.told(key, typed.get("how", ""), by), "told")


@router.post("/{name}/untold", dependencies=[asks(REPORT)])
def untold(request: Request, name: str, typed: Typed) -> Response:
    """That was noted by mistake."""
    by, found = _about(request, name, REPORT)
    return _answer(request, name, turns.untold(turns.key_of(found, "", typed.get("who", "")), by), "untold")


def _read(request: Request, typed: Typed, form: Form) -> tuple[Filled, Picked]:
    picked = {field: [str(value) for value in form.getlist(field)] for field in ("tier", "tag")}
    agent, language = person_of(request).person.name, language_of(request)
    read = partial(forms.read, language=language, typed=typed, picked=picked, agent=agent)
    return store.read(read), picked


def _about(request: Request, name: str, deed: str = NOTIFY) -> tuple[Person, Notice]:
    """Who does it; what is kept of it names the notice as people do. Raises 404 where there is none."""
    found = pages.of(name)
    deeds.told(RIGHTS[deed].sentence, about=found.title)
    return person_of(request).person, found


def _answer(request: Request, name: str, why: str, said: str) -> Response:
    """Back to the notice, or why nothing was changed."""
    if why:
        return pages.show(request, name, status=409, said=say(language_of(request), why))
    return _back(name, said)


def _back(name: object, said: str) -> Response:
    return leads_to(f"/notices/{name}?said={said}")
