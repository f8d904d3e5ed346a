"""The buttons of the answers to use again: make one, change it, retire it, and undo that."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.pages import know_how as pages
from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, origin
from app.pages.view import language_of
from workflows.enquiry import know_how, know_how_forms
from workflows.enquiry.know_how import BROUGHT_BACK, CHANGED, MADE, RETIRED
from workflows.language.wording import say
from workflows.people import deeds
from workflows.people.may import TEACH
from workflows.tables.enquiry import KnowHow

router = APIRouter(prefix="/know-how", dependencies=[Depends(require_same_origin), asks(TEACH)])
CHANGED_MEANWHILE = "Somebody changed this answer meanwhile. Copy your text, then open the page again."
SO_ALREADY = "That is so already."


@router.post("/new")
def make(request: Request, typed: Typed) -> Response:
    """A new one, by hand."""
    if wrong := _wrong(request, typed, None):
        return pages.show(request, None, 400, typed=typed, wrong=wrong)
    by = person_of(request).person
    deeds.told(MADE, about=typed["title"].strip())
    row = know_how.write(_read(typed, None), by=by, origin=origin(typed, by.id))
    return _back(row, "made")


@router.post("/{name}/edit")
def change(request: Request, name: str, typed: Typed) -> Response:
    """Another title, text, owner or day."""
    found = pages.of(name)
    if wrong := _wrong(request, typed, found):
        return pages.show(request, found, 400, typed=typed, wrong=wrong)
    deeds.told(CHANGED, about=typed["title"].strip())
    if not know_how.rewrite(found.id or 0, _read(typed, found), seen=_number(typed.get("seen", ""))):
        said = say(language_of(request), CHANGED_MEANWHILE)
        return pages.show(request, found, 409, typed=typed, said=said)
    return _back(found, "changed")


@router.post("/{name}/retire")
def retire(request: Request, name: str) -> Response:
    """Nobody is offered it any more."""
    found = pages.of(name)
    deeds.told(RETIRED, about=found.title)
    return _answer(request, found, is_so=know_how.retire(found.id or 0), said="retired")


@router.post("/{name}/bring-back")
def bring_back(request: Request, name: str) -> Response:
    """It is offered again."""
    found = pages.of(name)
    deeds.told(BROUGHT_BACK, about=found.title)
    return _answer(request, found, is_so=know_how.bring_back(found.id or 0), said="back")


def _wrong(request: Request, typed: Typed, found: KnowHow | None) -> dict[str, str]:
    """What is wrong, by field; an owner is chosen among those who are offered."""
    language, owner = language_of(request), typed.get("owner", "").strip()
    wrong = know_how_forms.wrong(language, typed)
    if owner and owner not in dict(pages.people(found)):
        wrong["owner"] = say(language, "Choose one.")
    return wrong


def _read(typed: Typed, found: KnowHow | None) -> dict[str, object]:
    name = dict(pages.people(found)).get(typed.get("owner", "").strip(), "")
    return dict(know_how_forms.read(typed, name))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _answer(request: Request, found: KnowHow, *, is_so: bool, said: str) -> Response:
    if not is_so:
        return pages.show(request, pages.of(str(found.id)), 409, said=say(language_of(request), SO_ALREADY))
    return _back(found, said)


def _back(row: KnowHow, said: str) -> Response:
    return leads_to(f"/know-how/{row.id}?said={said}")
