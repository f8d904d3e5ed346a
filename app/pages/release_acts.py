"""The buttons of a release's page: make it available (first to be looked at, then for good), cancel, undo."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.pages import forms, releases
from app.pages.access import asks, person_of, require_same_origin
from app.pages.meeting import number
from app.pages.typed import Typed, leads_to, origin
from app.pages.view import language_of
from workflows.engine.store import store
from workflows.people import deeds
from workflows.people.may import RELEASE, RIGHTS
from workflows.people.person import Person
from workflows.tables.wish import Issue
from workflows.telling import audience, publish

#: What was sent, with fields that may be ticked more than once.
Form = Annotated[FormData, Depends(forms.sent)]
router = APIRouter(prefix="/releases", dependencies=[Depends(require_same_origin)])


@router.post("/{name}/publish", dependencies=[asks(RELEASE)])
def make_available(request: Request, name: str, typed: Typed, form: Form) -> Response:
    """Somebody chose an audience: whom it would reach is shown first, and is pressed once more."""
    picked = {field: [str(value) for value in form.getlist(field)] for field in ("company", "tier")}
    language = language_of(request)
    choice = store.read(partial(audience.chosen, language=language, typed=typed, picked=picked))
    if choice.wrong or typed.get("sure") != "yes":
        status = 400 if choice.wrong else 200
        return releases.show(request, name, status, choice=choice, typed=typed, picked=picked)
    by = _about(request, name)
    mark = origin(typed, by.id, name, sorted(choice.wanted.names))
    if publish.publish(name, choice.wanted, by=by, origin=mark):
        return _back(name, "not-done")
    return _back(name, "planned" if choice.wanted.at else "published")


@router.post("/{name}/call-off", dependencies=[asks(RELEASE)])
def call_off(request: Request, name: str, typed: Typed) -> Response:
    """A planned wave does not open."""
    why = publish.call_off(number(typed.get("wave", "")), _about(request, name))
    return _back(name, "late" if why else "off")


@router.post("/{name}/undo", dependencies=[asks(RELEASE)])
def undo(request: Request, name: str, typed: Typed) -> Response:
    """It is available to nobody any more."""
    why = publish.take_back(name, _about(request, name))
    return _back(name, "not-done" if why else "undone")


def _about(request: Request, name: str) -> Person:
    """Who does it; what is kept of it names the issue as people do. Raises 404 where there is none."""
    issue = store.read(lambda session: session.get(Issue, name)) if name.isprintable() else None
    if issue is None:
        raise HTTPException(404)
    deeds.told(RIGHTS[RELEASE].sentence, about=issue.key)
    return person_of(request).person


def _back(name: str, said: str) -> Response:
    return leads_to(f"/releases/{name}?said={said}")
