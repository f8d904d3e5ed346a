"""Every page, in one place. But for the way in and our own files, all are for readers only (`access.require_page`)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from app.pages import (
    alerts,
    audit,
    chats,
    companies,
    deliveries,
    digests,
    draft_acts,
    drafts,
    dry_run,
    enquiries,
    enquiry_figures,
    escalation,
    escalation_acts,
    escalations,
    find,
    glance,
    hand_over,
    home,
    imports,
    know_how,
    know_how_acts,
    kpi_queue,
    kpis,
    learning,
    loop,
    measures,
    meeting,
    meeting_acts,
    meeting_live,
    minutes,
    notice_acts,
    notices,
    owners,
    past_agendas,
    promises,
    rate,
    release_acts,
    releases,
    rules,
    satisfaction,
    search,
    setup,
    sign_in,
    similar,
    taking_acts,
    tellings,
    volume,
    volume_acts,
    volume_list,
    waits,
    wish,
    wish_acts,
    wish_corrections,
    wish_list,
    wishes,
)
from app.pages.access import NOBODY_YET, NOT_YOURS, known_reader, look_up, require_page
from app.pages.refused import page_behind, written
from app.pages.view import HEADERS, file, page

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_page)])
#: By the rooms in which they stand.
PARTS = (
    *(home, hand_over, digests, search, find),
    *(enquiries, enquiry_figures, learning, satisfaction, chats, know_how, know_how_acts),
    *(volume, volume_list, volume_acts, alerts),
    *(loop, wish_list, wishes, similar, wish, wish_acts, wish_corrections, promises),
    *(releases, release_acts, notices, notice_acts, drafts, draft_acts, taking_acts, tellings, waits),
    *(meeting, meeting_live, meeting_acts, minutes, past_agendas),
    *(escalations, escalation, escalation_acts, measures, kpis, kpi_queue, glance),
    *(companies, owners, imports),
    *(deliveries, dry_run, setup, rules, audit),
)
for part in PARTS:
    router.include_router(part.router)
#: What is open to everybody, and what says itself who may use it.
doors = APIRouter(include_in_schema=False)
doors.include_router(sign_in.doors)
doors.include_router(sign_in.router)
doors.include_router(digests.doors)
doors.include_router(rate.router)

NOT_FROM_HERE = (
    "Nothing was changed",
    "The request did not come from this page. Reopen the page and try again.",
)
#: What is said instead of a page, by status; anything else is an error of ours.
PROBLEMS = {
    400: NOT_FROM_HERE,
    401: ("You're not signed in", "Your session may have expired. Sign in, then open the page again and retry."),
    403: NOT_FROM_HERE,
    404: ("Page not found", "Check the address. The page may also be past its retention period."),
    405: ("Page not found", "Check the address. The page may also be past its retention period."),
    413: ("Nothing was changed", "The text is too long for this form. Shorten it and try again."),
}
NO_PERMISSION = "You don't have permission"
#: The lists on which buttons are whose addresses name one thing on them.
FAILED = ("This page could not be displayed", "Wait a moment and reload. If it happens again, check the service log.")


@doors.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet, script or picture."""
    found = file(name)
    if found is None:
        raise HTTPException(404)
    return found


def mount(app: FastAPI, others: Sequence[APIRouter] = ()) -> None:
    """Serve the pages, and `others` for readers; let wrong addresses and errors be answered in plain words."""
    app.include_router(doors)
    app.include_router(router)
    for other in others:
        app.include_router(other, include_in_schema=False, dependencies=[Depends(require_page)])
    app.add_exception_handler(AnyHTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(Exception, _fail)


async def _refuse(request: Request, error: Exception) -> Response:
    """A page in plain words for readers, one line for everybody else; who has to sign in first is led there."""
    assert isinstance(error, AnyHTTPException)
    if error.status_code == 401 and _is_visit(request):
        return RedirectResponse(f"/sign-in?{_then(request)}", 303, HEADERS)
    if await look_up(request) is None and error.status_code != 401:
        return PlainTextResponse("There is nothing at this address.", error.status_code, error.headers)
    title, advice = PROBLEMS.get(error.status_code, FAILED)
    if error.detail in (NOBODY_YET, NOT_YOURS):
        title, advice = NO_PERMISSION, error.detail
    kept = await written(request) if error.detail == NOT_YOURS else []
    to_sign_in = _then(request) if error.status_code == 401 else ""
    facts = {"title": title, "advice": advice, "back": page_behind(request), "kept": kept, "to_sign_in": to_sign_in}
    # badges: nothing is counted here, as this runs in the event loop
    return page(request, "problem.html", error.status_code, badges=dict, **facts)


def _then(request: Request) -> str:
    """Where to go on after signing in: to the page that was asked for, or the one on which the button was."""
    here = f"{request.url.path}?{request.url.query}".removesuffix("?")
    is_page = request.method == "GET" or here == "/wishes/new"
    return urlencode({"next": here if is_page else page_behind(request) or "/"})


def _is_visit(request: Request) -> bool:
    """Does somebody open a page? A script that asks for a piece of one cannot be led anywhere."""
    return request.method == "GET" and request.headers.get("sec-fetch-dest", "document") == "document"


async def _misread(request: Request, error: Exception) -> Response:
    """An address with something in it that is no address of ours, such as letters where a number belongs."""
    return await _refuse(request, HTTPException(404))


async def _fail(request: Request, error: Exception) -> Response:
    """An error of ours: say so, without a word about what it was."""
    if known_reader(request) is None:
        return PlainTextResponse("The service failed.", 500, HEADERS)
    facts = {
        "title": FAILED[0],
        "advice": FAILED[1],
        "back": page_behind(request),
        "kept": [],
        "to_sign_in": "",
        "badges": dict,
    }
    return page(request, "problem.html", 500, **facts)
