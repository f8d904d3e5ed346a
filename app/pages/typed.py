"""What somebody typed into a form of a page, and what makes two submissions the same one.

def file(request: Request, typed: Typed) -> Response:
    filing.by_hand(typed, by=…, origin=origin(typed))        # pressed twice, filed once
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from app.pages import forms
from app.pages.view import HEADERS
from workflows.wish import wishes


async def read(request: Request) -> dict[str, str]:
    """The fields of a form as text, with plain line ends; no database keeps a NUL."""
    fields = (await forms.sent(request)).multi_items()
    texts = ((name, value) for name, value in fields if isinstance(value, str))
    return {name: value.replace("\0", "").replace("\r\n", "\n") for name, value in texts}


Typed = Annotated[dict[str, str], Depends(read)]


def once() -> str:
    """A name for a form that is about to be shown; it comes back with what is typed."""
    return secrets.token_urlsafe(12)


def origin(typed: Mapping[str, str], *about: object) -> str:
    """The name of a submission: the same form with the same words is the same one, however often it is sent."""
    said = repr((sorted((name, text) for name, text in typed.items() if name != "csrf"), about))
    return f"page:{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def one_of(values: Mapping[str, str], name: str, known: Collection[str], otherwise: str = "") -> str:
    """What was chosen under a name, if it is one of these."""
    return values[name] if values.get(name) in known else otherwise


def text(values: Mapping[str, str], name: str, most: int = 100) -> str:
    """The beginning of what was typed under a name."""
    return values.get(name, "").replace("\0", "").strip()[:most]


def wish_id(name: str) -> int:
    """The number of a wish that an address names (`FB-12`, `12`). Raises 404."""
    id = wishes.id_of(name)
    if id is None:
        raise HTTPException(404)
    return id


def with_query(path: str, said: Mapping[str, object]) -> str:
    """The address of a page with what is said in it; what is empty is left out."""
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{path}?{query}" if query else path


def leads_to(address: str) -> Response:
    """The answer to a pressed button: back to a page."""
    return RedirectResponse(address, 303, HEADERS)
