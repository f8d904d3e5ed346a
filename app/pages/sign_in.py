"""`/sign-in`, and everything by which somebody becomes a reader or stops being one; `/account`: where one is signed in.

Nothing here but `/account` and the buttons of the header asks who is there.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app import auth
from app.auth import Reader
from app.pages import forms
from app.pages.access import (
    ME,
    NOBODY_YET,
    cookie_name,
    guarded,
    in_demo,
    person_of,
    reader_of,
    require_own_origin,
    require_page,
    require_same_origin,
)
from app.pages.view import HEADERS, page
from app.slack_login import CALLBACK, CROWDED, PATIENCE_MS, Refused, Returned, SlackLogin
from app.turnstile import Crowded
from workflows.engine.store import store
from workflows.language.wording import NAMELESS, called
from workflows.people import accounts, may, membership
from workflows.people.person import Person
from workflows.rules import rules

log = logging.getLogger("yamabiko")

#: Open to everybody: here one becomes a reader.
doors = APIRouter()
#: For readers.
router = APIRouter()

USED_UP = "This link was already used, or is more than ten minutes old. Get a new one with “python -m app login”."
GONE = "Only full members of your company's Slack workspace can sign in. Guests and deactivated accounts cannot."


@doors.get("/sign-in")
def sign_in(request: Request, next: str = "/", again: str = "") -> Response:
    """The ways in; whoever is signed in already goes on to where they wanted, unless they sign in `again`."""
    if reader_of(request) is not None and not again:
        return RedirectResponse(own_path(next), 303, HEADERS)
    return ways(request, next)


def ways(request: Request, next: str, problem: str = "", status: int = 200) -> Response:
    """The page with the ways in, and why the last one did not lead there."""
    settings = request.app.state.settings
    query = urlencode({"next": own_path(next)})
    return page(
        request, "sign_in.html", status, by_slack=settings.signs_in_by_slack, query=query, problem=problem, once=False
    )


def own_path(next: str) -> str:
    """Where to go on: a path of ours, never another site, however it is written; else the start."""
    parts = urlsplit(next) if next.startswith("/") and next.isprintable() and "\\" not in next else None
    is_ours = parts is not None and not parts.netloc and not next.startswith("//") and len(next) <= 2000
    return next if is_ours and not next.startswith(("/sign-", "/static/")) else "/"


# -- with Slack -----------------------------------------------------------------------------------


def the_login(request: Request) -> SlackLogin:
    """The way to Slack. Raises 404 where it is not set up."""
    if not request.app.state.settings.signs_in_by_slack:
        raise HTTPException(404)
    login: SlackLogin = request.app.state.slack_login
    return login


@doors.get("/sign-in/slack")
def leave(request: Request, login: Annotated[SlackLogin, Depends(the_login)], next: str = "/") -> Response:
    """On to Slack; the browser keeps what has to fit when it comes back."""
    address, sealed = login.begin(own_path(next))
    response = RedirectResponse(address, 303, HEADERS)
    response.set_cookie(_attempt(request), sealed, max_age=PATIENCE_MS // 1000, **guarded(request))
    return response


@doors.get(CALLBACK)
async def come_back(request: Request, login: Annotated[SlackLogin, Depends(the_login)]) -> Response:
    """Back from Slack: whoever it is, or why nobody is signed in."""
    try:
        back = login.returned(request.url.query, request.cookies.get(_attempt(request), ""))
        response = await login.turnstile.through(partial(_finish, request, login, back))
    except Refused as refused:
        response = await run_in_threadpool(ways, request, "/", str(refused), 403)
    except Crowded:
        response = await run_in_threadpool(ways, request, "/", CROWDED, 503)
    response.delete_cookie(_attempt(request), **guarded(request))
    return response


def _finish(request: Request, login: SlackLogin, back: Returned) -> Response:
    """Ask Slack who it is, which may take it seconds."""
    person, next = login.finish(back)
    return _admitted(request, person, next)


def _admitted(request: Request, person: Person, next: str) -> Response:
    """Welcome whoever still works here and has a role."""
    if membership.has_left(person.id):
        raise Refused(GONE)
    if not may.role_of(person):
        raise Refused(NOBODY_YET)
    return welcome(request, person, next)


def _attempt(request: Request) -> str:
    """The cookie that waits while its browser is at Slack."""
    return f"{cookie_name(request)}-attempt"


# -- one-time addresses ---------------------------------------------------------------------------


@doors.get("/sign-in/once")
def once(request: Request) -> Response:
    """A one-time address was opened. Its key stands behind the #, and is typed into the form by a script, or by hand;
    its button signs in. Opening alone does not: programs open addresses, too."""
    return page(request, "sign_in.html", once=True, by_slack=False, query="", problem="")


@doors.post("/sign-in/once")
async def use(request: Request) -> Response:
    """Sign in the operator whose address it is, once."""
    require_own_origin(request)
    form = await forms.sent(request)
    return await run_in_threadpool(_use, request, str(form.get("key", "")))


def _use(request: Request, key: str) -> Response:
    if in_demo(request) or not auth.use(key):
        log.warning("refused a one-time address: used before, too old, or never one")
        return ways(request, "/", USED_UP, 403)
    return welcome(request, Person(accounts.OPERATOR, called(rules.language, NAMELESS)), "/")


def welcome(request: Request, person: Person, next: str) -> Response:
    """Somebody is signed in from now on: a new token, whatever the browser brought."""
    name = cookie_name(request)
    token = auth.begin(person, before=request.cookies.get(name, ""))
    response = RedirectResponse(own_path(next), 303, HEADERS)
    response.set_cookie(name, token, max_age=auth.LONGEST_MS // 1000, **guarded(request))
    return response


# -- signing out ----------------------------------------------------------------------------------


@router.post("/sign-out", dependencies=[Depends(require_same_origin)])
def sign_out(request: Request, reader: Annotated[Reader, Depends(person_of)]) -> Response:
    """Out of this browser."""
    auth.end(reader)
    return _goodbye(request)


@router.post("/sign-out/everywhere", dependencies=[Depends(require_same_origin)])
def sign_out_everywhere(request: Request, reader: Annotated[Reader, Depends(person_of)]) -> Response:
    """Out of every browser in which one is signed in."""
    auth.end_all(reader)
    return _goodbye(request)


def _goodbye(request: Request) -> Response:
    response = RedirectResponse("/sign-in", 303, HEADERS)
    response.delete_cookie(cookie_name(request), **guarded(request))
    return response


# -- oneself --------------------------------------------------------------------------------------


@router.get("/account")
def account(request: Request, reader: Annotated[Reader, Depends(require_page)]) -> Response:
    """Who one is, what one may do, and where one is signed in."""
    logins = store.read(partial(accounts.logins, account_id=reader.person.id)) if reader.login else []
    shown = [(login, login.hash == reader.login) for login in logins if not auth.has_ended(login)]
    return page(request, "account.html", logins=shown)


@router.post("/demo/me", dependencies=[Depends(require_same_origin)])
async def become(request: Request) -> Response:
    """In the demo: be somebody else, and stay where one is."""
    if not in_demo(request):
        raise HTTPException(404)
    form = await forms.sent(request)
    response = RedirectResponse(own_path(str(form.get("next", "/"))), 303, HEADERS)
    response.set_cookie(ME, str(form.get("person", ""))[:40], **guarded(request))
    return response
