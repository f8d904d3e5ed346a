"""The buttons of a draft that somebody tells themselves: take it over, record how it was told, choose a colleague.

They are those of the message in Slack, with the same rights: by role, or because it is theirs to tell.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from app.auth import Reader
from app.pages import drafts
from app.pages.access import Asks, asks, require_same_origin
from app.pages.draft_acts import about
from app.pages.drafts import address
from app.pages.typed import Typed, leads_to, origin
from app.pages.view import language_of
from workflows.language.wording import say
from workflows.people.may import REPORT, RIGHTS, TELL
from workflows.telling import dead_ends, desk, taking

router = APIRouter(prefix="/drafts", dependencies=[Depends(require_same_origin)])

#: What is kept of whoever did it.
CHOSE = "Chose another person to notify at the customer: {about}."


class AsksHolders(Asks):
    """Those who may by their role, and whoever holds this telling or answers for the company."""

    async def allows(self, request: Request, reader: Reader) -> bool:
        """May they do it here?"""
        if reader.may(self.deed):
            return True
        return await run_in_threadpool(dead_ends.is_theirs, reader.person, request.path_params["id"])


@router.post("/take/{id:path}", dependencies=[Depends(AsksHolders(TELL))])
def take(request: Request, id: str, typed: Typed) -> Response:
    """Whoever presses tells this customer."""
    by, _ = about(request, id, taking.TOOK_OVER)
    whose = typed.get("whose", "")
    if why := taking.take(desk.key_of(id), by, origin(typed, by.id, id)):
        return drafts.show(request, id, whose, 409, said=say(language_of(request), why))
    return leads_to(address(id, whose, said="taken"))


@router.post("/told/{id:path}", dependencies=[Depends(AsksHolders(REPORT))])
def told(request: Request, id: str, typed: Typed) -> Response:
    """The customer was told by phone, by email or in a meeting."""
    by, _ = about(request, id, RIGHTS[REPORT].sentence)
    whose = typed.get("whose", "")
    following = drafts.following(request, id, whose)
    if why := taking.told(desk.key_of(id), typed.get("how", ""), by, origin(typed, by.id, id)):
        return drafts.show(request, id, whose, 409, said=say(language_of(request), why))
    return leads_to(address(following, whose, said="told"))


@router.post("/choose/{id:path}", dependencies=[asks(TELL)])
def choose(request: Request, id: str, typed: Typed) -> Response:
    """A colleague of the customer is to be told instead."""
    by, _ = about(request, id, CHOSE)
    whose = typed.get("whose", "")
    if why := taking.choose(desk.key_of(id), typed.get("conversation", ""), by, origin(typed, by.id, id)):
        wrong = {"conversation": say(language_of(request), why)}
        return drafts.show(request, id, whose, 409, typed=typed, wrong=wrong)
    return leads_to(address(id, whose, said="chosen"))
