"""What an agent adds to a wish on its page: the background, another wish in the same words, which reply was not it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, origin, wish_id
from app.pages.view import language_of
from app.pages.wish import show
from workflows.engine.outcome import Refused
from workflows.language.wording import say
from workflows.people.may import CORRECT, DESCRIBE, FILE
from workflows.telling import deny
from workflows.wish import context, filing

#: Digits of a moment in milliseconds.
LONGEST_MOMENT = 15
NOTHING_BOOKED = "Nothing to undo: no reply currently counts as notifying this customer."

router = APIRouter(prefix="/feedback", dependencies=[Depends(require_same_origin)])


@router.post("/{name}/context", dependencies=[asks(DESCRIBE)])
def fill(request: Request, name: str, typed: Typed) -> Response:
    """Somebody says why it is wished for, and how important it is."""
    id, reader = wish_id(name), person_of(request).person
    wrong = context.problems(language_of(request), typed)
    if wrong:
        return show(request, id, 400, typed=typed, wrong=wrong)
    context.fill(id, typed, by=reader, origin=origin(typed, reader.id, id))
    return leads_to(f"/feedback/{id}?said=noted")


@router.post("/{name}/split", dependencies=[asks(FILE)])
def split(request: Request, name: str, typed: Typed) -> Response:
    """Somebody finds another wish in the same words; leads to it."""
    id, reader, language = wish_id(name), person_of(request).person, language_of(request)
    wrong = filing.problems_of_split(language, typed)
    if wrong:
        return show(request, id, 400, typed=typed, wrong={f"split-{field}": text for field, text in wrong.items()})
    try:
        other = filing.split(
            id, quote=typed["quote"], kind=typed["kind"], by=reader, origin=origin(typed, reader.id, id)
        )
    except Refused as refused:
        return show(request, id, 409, said=say(language, refused.sentence, **refused.facts))
    return leads_to(f"/feedback/{other}?said=split")


@router.post("/{name}/not-told", dependencies=[asks(CORRECT)])
def not_told(request: Request, name: str, typed: Typed) -> Response:
    """Somebody says that the reply which counts as telling the customer was about something else."""
    id, reader, language = wish_id(name), person_of(request).person, language_of(request)
    wrong = deny.problems(language, typed)
    if wrong:
        return show(request, id, 400, typed=typed, wrong=wrong)
    if not deny.denied(id, at=moment(typed), words=typed["words"], by=reader):
        return show(request, id, 409, said=say(language, NOTHING_BOOKED))
    return leads_to(f"/feedback/{id}?said=denied")


def moment(typed: Mapping[str, str]) -> int:
    """The moment of the answer that the page showed (ms); 0 where none is named."""
    at = typed.get("at", "")
    return int(at) if at.isascii() and at.isdigit() and len(at) <= LONGEST_MOMENT else 0
