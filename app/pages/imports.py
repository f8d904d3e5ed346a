"""`/imports/{kind}`: a CSV file is shown line by line, each with what is wrong with it; a second button keeps it.

Nothing is stored between the two: the page carries the text back, and it is checked again before it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app.pages import forms
from app.pages.access import asks, person_of, require_upload
from app.pages.view import HEADERS, language_of, page
from workflows.customer import imports, sheets
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.people import colleagues, deeds
from workflows.people.may import IMPORT
from workflows.telling import flags

router = APIRouter(prefix="/imports", dependencies=[asks(IMPORT), Depends(require_upload)])

IMPORTED = "Imported {file}: {n} rows."
#: Lines that are shown, with and without mistakes; people who are named in a warning.
SHOWN, NAMED = 100, 20
#: Where each kind is asked for, and shown afterwards.
PLACES = {"owners": "/owners", "churn": "/owners/churn", flags.NAME: "/owners/flags"}


@dataclass(frozen=True)
class Sent:
    """What came with the form: a file, or what was pasted; and of what flag it is the list, "" for none.

    `name`: what the file is called, "" where none was chosen.
    """

    data: bytes
    flag: str
    name: str


@router.post("/{kind}")
async def preview(request: Request, kind: str) -> Response:
    """What the file says, before anything is kept."""
    return await run_in_threadpool(_preview, request, _known(kind), await _sent(request))


@router.post("/{kind}/keep")
async def keep(request: Request, kind: str) -> Response:
    """Keep what was shown; says on the page about it how much that was."""
    return await run_in_threadpool(_keep, request, _known(kind), await _sent(request))


def _known(name: str) -> str:
    if name not in PLACES:
        raise HTTPException(404)
    return name


def _kind(name: str, sent: Sent) -> imports.Kind:
    """What is imported. Raises Unreadable where the form lacks something."""
    return flags.list_of(sent.flag) if name == flags.NAME else imports.KINDS[name]


async def _sent(request: Request) -> Sent:
    """The file that was chosen, else the text that was pasted."""
    form = await forms.sent(request)
    file, text, flag = form.get("file"), form.get("text"), form.get(flags.NAME)
    data = await file.read(sheets.LARGEST + 1) if isinstance(file, UploadFile) else b""
    called = (file.filename or "") if isinstance(file, UploadFile) else ""
    pasted = text.encode() if isinstance(text, str) else b""
    return Sent(data or pasted, flag if isinstance(flag, str) else "", called)


def _preview(request: Request, name: str, sent: Sent) -> Response:
    try:
        if not (sent.data or sent.name):
            raise sheets.Unreadable(sheets.NOTHING)
        text = sheets.decoded(sent.data)
        checked = imports.check(_kind(name, sent), text)
    except sheets.Unreadable as error:
        return _refused(request, name, error)
    facts: dict[str, Any] = {"strangers": _strangers(checked), "named": NAMED}
    facts |= {"bad": checked.bad[:SHOWN], "good": checked.good[:SHOWN], "checked": checked, "text": text}
    return page(request, "import.html", 200, kind=name, place=PLACES[name], problem="", **facts)


def _strangers(checked: imports.Checked) -> Sequence[str]:
    """Who is to answer for somebody, and nobody in Slack was met by that name so far: a slip, or somebody new."""
    if checked.kind.name != imports.OWNERS.name:
        return ()
    people = {person for line in checked.good for person in line.said.values() if person}
    return store.read(partial(colleagues.strangers, people=people))


def _keep(request: Request, name: str, sent: Sent) -> Response:
    try:
        # What was shown may be larger than the file was: it comes back in another encoding.
        checked = imports.check(_kind(name, sent), sent.data.decode("utf-8", "replace"))
    except sheets.Unreadable as error:
        return _refused(request, name, error)
    reader = person_of(request)
    file = " ".join((name, *checked.kind.besides.values()))
    deeds.told(IMPORTED, file=f"{file}.csv", n=len(checked.good))
    kept = imports.keep(checked, reader.person.id)
    query = urlencode({"kept": kept})
    return RedirectResponse(f"{PLACES[name]}?{query}", 303, HEADERS)


def _refused(request: Request, name: str, error: sheets.Unreadable) -> Response:
    tell = partial(say, language_of(request))
    problem = tell(error.sentence, **error.facts)
    return page(request, "import.html", 400, kind=name, place=PLACES[name], problem=problem)
