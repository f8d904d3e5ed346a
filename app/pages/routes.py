"""Every page, in one place. All of them exist only where `access.require_page` says so."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from app.pages import (
    companies,
    demo,
    demo_slack,
    escalations,
    imports,
    journal,
    loop,
    measures,
    owners,
    setup,
    wish,
)
from app.pages.access import may_see, require_page
from app.pages.view import file, page

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_page)])
for part in (loop, wish, escalations, companies, owners, measures, imports, journal, setup, demo, demo_slack):
    router.include_router(part.router)

#: What is said instead of a page, by status; anything else is an error of ours.
PROBLEMS = {
    403: ("This was not done", "The request did not come from this page. Open the page again and repeat it there."),
    404: ("There is no such page", "The address may be mistyped, or what was here is no longer kept."),
    405: ("There is no such page", "The address may be mistyped, or what was here is no longer kept."),
    413: ("This was not done", "That was too much text for this form. Shorten it and try again."),
}
FAILED = ("This page could not be shown", "Wait a moment and reload. If it happens again, look at the service's log.")


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet, script or picture."""
    found = file(name)
    if found is None:
        raise HTTPException(404)
    return found


def mount(app: FastAPI) -> None:
    """Let wrong addresses and errors be answered in plain words."""
    app.add_exception_handler(AnyHTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(Exception, _fail)


async def _refuse(request: Request, error: Exception) -> Response:
    """A page in plain words for whoever may see pages, one line for everybody else."""
    assert isinstance(error, AnyHTTPException)
    if not may_see(request):
        return PlainTextResponse("There is nothing at this address.", error.status_code, error.headers)
    title, advice = PROBLEMS.get(error.status_code, FAILED)
    return page(request, "problem.html", error.status_code, title=title, advice=advice)


async def _misread(request: Request, error: Exception) -> Response:
    """An address with something in it that is no address of ours, such as letters where a number belongs."""
    return await _refuse(request, HTTPException(404))


async def _fail(request: Request, error: Exception) -> Response:
    """An error of ours: say so, without a word about what it was."""
    if not may_see(request):
        return PlainTextResponse("The service failed.", 500)
    return page(request, "problem.html", 500, title=FAILED[0], advice=FAILED[1])
