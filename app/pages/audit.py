"""`/audit`: who did what, by whatever way in, and who is signed in where. For whoever answers for it."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app import auth
from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import leads_to
from app.pages.view import page
from workflows.engine.store import store
from workflows.people import accounts, deeds
from workflows.people.may import AUDIT, SESSIONS
from workflows.tables.people import Login

router = APIRouter()

#: Rows on a page.
ROWS = 50


@router.get("/audit", dependencies=[asks(AUDIT)])
def show(request: Request, before: int = 0) -> Response:
    """What was done, the latest first; `before` (the number of the last row) pages on."""
    rows = store.read(partial(accounts.deeds, most=ROWS + 1, before=before))
    more = rows[ROWS - 1].id if len(rows) > ROWS else 0
    return page(request, "audit.html", rows=rows[:ROWS], more=more, logins=_logins(request), ways=deeds.WAYS)


@router.post("/audit/logins/{id}/end", dependencies=[asks(SESSIONS), Depends(require_same_origin)])
def end_login(id: str) -> Response:
    """Somebody is signed out of one browser; a login that has ended before needs nothing."""
    auth.end_one(id)
    return leads_to("/audit#logins")


def _logins(request: Request) -> list[tuple[Login, str]]:
    """Who is signed in where: for those who may end it."""
    if not person_of(request).may(SESSIONS):
        return []
    return [(login, name) for login, name in store.read(accounts.everywhere) if not auth.has_ended(login)]
