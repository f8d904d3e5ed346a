"""`/imports/{kind}`: a CSV file is shown line by line, each with what is wrong with it; a second button keeps it.

Nothing is stored between the two: the page carries the text back, and it is checked again before it is kept.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app.pages import forms
from app.pages.access import asks, person_of, require_upload
from app.pages.view import HEADERS, language_of, page
from workflows.customer import imports, sheets
from workflows.language.wording import say
from workflows.people import deeds
from workflows.people.may import IMPORT

router = APIRouter(prefix="/imports", dependencies=[asks(IMPORT), Depends(require_upload)])

IMPORTED = "Imported {file}: {n} rows."
#: Lines that are shown, with and without mistakes.
SHOWN = 100
#: Where each kind is asked for, and shown afterwards.
PLACES = {"owners": "/owners", "churn": "/owners/churn"}


@router.post("/{kind}")
async def preview(request: Request, kind: str) -> Response:
    """What the file says, before anything is kept."""
    return await run_in_threadpool(_preview, request, _kind(kind), await _sent(request))


@router.post("/{kind}/keep")
async def keep(request: Request, kind: str) -> Response:
    """Keep what was shown; says on the page about it how much that was."""
    return await run_in_threadpool(_keep, request, _kind(kind), await _sent(request))


def _kind(name: str) -> imports.Kind:
    if name not in imports.KINDS:
        raise HTTPException(404)
    return imports.KINDS[name]


async def _sent(request: Request) -> bytes:
    """The file that was chosen, else the text that was pasted."""
    form = await forms.sent(request)
    file, text = form.get("file"), form.get("text")
    data = await file.read(sheets.LARGEST + 1) if isinstance(file, UploadFile) else b""
    return data or (text.encode() if isinstance(text, str) else b"")


def _preview(request: Request, kind: imports.Kind, data: bytes) -> Response:
    try:
        text = sheets.decoded(data)
        checked = imports.check(kind, text)
    except sheets.Unreadable as error:
        return _refused(request, kind, error)
    facts = {"bad": checked.bad[:SHOWN], "good": checked.good[:SHOWN], "checked": checked, "text": text}
    return page(request, "import.html", 200, kind=kind, place=PLACES[kind.name], problem="", **facts)


def _keep(request: Request, kind: imports.Kind, data: bytes) -> Response:
    try:
        # What was shown may be larger than the file was: it comes back in another encoding.
        checked = imports.check(kind, data.decode("utf-8", "replace"))
    except sheets.Unreadable as error:
        return _refused(request, kind, error)
    reader = person_of(request)
    deeds.told(IMPORTED, file=f"{kind.name}.csv", n=len(checked.good))
    kept = imports.keep(checked, reader.person.id)
    query = urlencode({"kept": kept})
    return RedirectResponse(f"{PLACES[kind.name]}?{query}", 303, HEADERS)


def _refused(request: Request, kind: imports.Kind, error: sheets.Unreadable) -> Response:
    tell = partial(say, language_of(request))
    problem = tell(error.sentence, **error.facts)
    return page(request, "import.html", 400, kind=kind, place=PLACES[kind.name], problem=problem)
