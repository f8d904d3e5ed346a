"""What a form holds that was sent: one that no page of ours sends is refused before anything is made of its letters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

#: The largest form, and the largest one with a file in it, in bytes; and more fields than any has.
MAX_FORM, MAX_UPLOAD, MAX_FIELDS = 64 * 1024, 8 * 1024 * 1024, 200


async def sent(request: Request) -> FormData:
    """The fields of a form, read once for each request; `require_own_origin` has looked at its size. Raises 400 for one
    in letters that browsers do not send."""
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    if kind.get_content_charset("utf-8") != "utf-8":
        raise HTTPException(400)
    return await request.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_UPLOAD)


@asynccontextmanager
async def closing(request: Request) -> AsyncIterator[None]:
    """What was sent as a file is closed in the end, whether or not anybody read it."""
    try:
        yield
    finally:
        await request.close()
