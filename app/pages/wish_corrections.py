"""What is put right on a wish's page: it was none, it waits for the wrong issue, it is of another kind; and back."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, wish_id
from app.pages.view import language_of
from app.pages.wish import show
from workflows.engine.outcome import Refused
from workflows.language.wording import say
from workflows.people.may import CORRECT
from workflows.people.person import Person
from workflows.wish import corrections

router = APIRouter(prefix="/feedback", dependencies=[asks(CORRECT), Depends(require_same_origin)])


@router.post("/{name}/withdraw")
def withdraw(request: Request, name: str, typed: Typed) -> Response:
    """It was filed by mistake."""
    if wrong := corrections.problems(language_of(request), typed):
        return show(request, wish_id(name), 400, typed=typed, wrong=wrong)
    words = typed["words"]
    return _correct(request, name, "withdrawn", lambda id, by: corrections.withdraw(id, words=words, by=by))


@router.post("/{name}/restore")
def restore(request: Request, name: str) -> Response:
    """It was none after all: the wish counts again."""
    return _correct(request, name, "restored", lambda id, by: corrections.restore(id, by=by))


@router.post("/{name}/cut")
def cut(request: Request, name: str, typed: Typed) -> Response:
    """It does not wait for this issue."""
    return _correct(request, name, "cut", lambda id, by: corrections.cut(id, typed.get("issue", ""), by=by))


@router.post("/{name}/relink")
def relink(request: Request, name: str, typed: Typed) -> Response:
    """It waits for the issue after all."""
    return _correct(request, name, "relinked", lambda id, by: corrections.relink(id, typed.get("issue", ""), by=by))


@router.post("/{name}/kind")
def rename(request: Request, name: str, typed: Typed) -> Response:
    """It is a fault, and no wish, or the other way round."""
    return _correct(request, name, "renamed", lambda id, by: corrections.rename(id, typed.get("kind", ""), by=by))


def _correct(request: Request, name: str, said: str, act: Callable[[int, Person], None]) -> Response:
    """Do it, and lead back to the page; where it cannot be done, the page says why."""
    id = wish_id(name)
    try:
        act(id, person_of(request).person)
    except Refused as refused:
        return show(request, id, 409, said=say(language_of(request), refused.sentence, **refused.facts))
    return leads_to(f"/feedback/{id}?said={said}")
