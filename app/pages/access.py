"""Who may see pages, and who may press their buttons; the roles are those of `people.may`.

router = APIRouter(dependencies=[Depends(require_page)])                          # every page: whoever is signed in
@router.post(…, dependencies=[asks(DECIDE), Depends(require_same_origin)])        # every button: what it does
reader = person_of(request)                                                       # reader.person, reader.may(DECIDE)
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from app import auth
from app.auth import Reader
from app.pages import badges, forms
from app.pages.forms import MAX_FORM, MAX_UPLOAD
from workflows.people.deeds import PAGE, Act, begin, keep
from workflows.people.may import LOOKS, READ
from workflows.people.may import NOT_YOURS as NOT_YOURS
from workflows.wish.wishes import code

log = logging.getLogger("yamabiko")

#: Why somebody who is signed in is refused nevertheless.
NOBODY_YET = "You don't have access to these pages yet. An admin can grant it: [access] in yamabiko.toml."
#: The cookie of the demo that says who one is.
ME = "me"


def require_local(request: Request) -> None:
    """Raise 404 for everybody but loopback. A proxy's address does not count: behind one, nobody is local.

    The name in `Host` has to be the machine's own as well: a web site could otherwise let its own name
    point to 127.0.0.1 and read pages through the browser of whoever visits it (DNS rebinding).
    """
    client = request.client.host if request.client else ""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if forwarded or not _is_loopback(client) or not _is_loopback(_host_name(request)):
        raise HTTPException(404)


class Demo(Protocol):
    """What the demo hands in (`app.main.create`): who reads, what stands beside the board, and pages of its own."""

    routers: Sequence[APIRouter]

    def reader(self, chosen: str) -> Reader:
        """Whoever was chosen."""

    def colleagues(self) -> Sequence[tuple[Any, str]]:
        """Everybody whom one can be, and what they may do."""

    def beside(self, chat: str, did: str) -> dict[str, Any]:
        """What stands beside the board."""

    def steps(self, stations: Sequence[Any]) -> dict[str, Any]:
        """The obvious next step of every card that has one, by the card's key."""


def demo_of(request: Request) -> Demo | None:
    """The demo, where this is one. The setting alone makes none: without twins, real customers would be shown."""
    demo: Demo | None = getattr(request.app.state, "demo", None)
    return demo if request.app.state.settings.demo else None


def in_demo(request: Request) -> bool:
    """Is this the demo?"""
    return demo_of(request) is not None


# -- who it is ------------------------------------------------------------------------------------


def cookie_name(request: Request, name: str = "yamabiko") -> str:
    """What a cookie of ours is called, the login's by default; on https no other host can set one of this name."""
    return f"__Host-{name}" if is_secure(request) else name


def guarded(request: Request) -> dict[str, Any]:
    """How our cookies are kept from scripts, from other sites and from the open wire."""
    return {"httponly": True, "secure": is_secure(request), "samesite": "lax"}


def is_secure(request: Request) -> bool:
    """Do browsers reach us by https?"""
    return bool(request.app.state.settings.public_url.startswith("https:"))


def reader_of(request: Request) -> Reader | None:
    """Whoever is signed in; looked up once for each request."""
    if not hasattr(request.state, "reader"):
        request.state.reader = _find(request)
    found: Reader | None = request.state.reader
    return found


def _find(request: Request) -> Reader | None:
    if demo := demo_of(request):
        return demo.reader(request.cookies.get(ME, ""))
    return auth.find(request.cookies.get(cookie_name(request), ""))


def be(request: Request, chosen: str) -> None:
    """In the demo: whoever was chosen reads the page that answers this request."""
    if demo := demo_of(request):
        request.state.reader = demo.reader(chosen)


def known_reader(request: Request) -> Reader | None:
    """The same, for whoever must not wait for the database: None as well where nobody has looked yet."""
    return getattr(request.state, "reader", None)


async def look_up(request: Request) -> Reader | None:
    """The same, for what runs in the event loop and must not fail."""
    try:
        return await run_in_threadpool(reader_of, request)
    except Exception:
        return None


def person_of(request: Request) -> Reader:
    """Whoever is signed in: `.person` and `.role`. Raises 401."""
    reader = reader_of(request)
    if reader is None:
        raise HTTPException(401)
    return reader


# -- what they may do -----------------------------------------------------------------------------


def require_page(request: Request) -> Reader:
    """Raise 401 unless somebody is signed in, and 403 unless the rules let them see pages."""
    reader = person_of(request)
    if not reader.may(READ):
        _log(request, reader, READ)
        raise HTTPException(403, NOBODY_YET)
    return reader


class Asks:
    """Raise 403 for whoever may not do this. Whoever may is kept as having done it, with what they change."""

    def __init__(self, deed: str) -> None:
        self.deed = deed

    async def __call__(self, request: Request, reader: Annotated[Reader, Depends(require_page)]) -> None:
        """In the request's own context, which the route inherits."""
        if not await self.allows(request, reader):
            _log(request, reader, self.deed)
            raise HTTPException(403, NOT_YOURS)
        badges.forget(request, reader)
        act = Act(reader.person, self.deed, PAGE, about=_about(request))
        if self.deed in LOOKS:
            await run_in_threadpool(keep, act)
        elif request.method == "POST":
            begin(act)

    async def allows(self, request: Request, reader: Reader) -> bool:
        """May this reader do it here?"""
        return reader.may(self.deed)


def asks(deed: str) -> Any:
    """A route's dependency: this is what it does."""
    return Depends(Asks(deed))


def _about(request: Request) -> str:
    """What an address names, a request as people do; of a list or a form that names nothing, the address itself."""
    named = [str(value) for value in request.path_params.values()]
    if named and request.url.path.startswith("/feedback/") and named[0].isdecimal():
        named[0] = code(int(named[0]))
    return " ".join(named) or request.url.path.removeprefix("/")


def _log(request: Request, reader: Reader, deed: str) -> None:
    """A refusal leaves a trace: who, with which role, wanted what. Nothing of what they sent."""
    route = getattr(request.scope.get("route"), "path", "")
    log.warning("refused %s (role %r): %s %s", reader.person.id, reader.role, deed, route)


# -- buttons --------------------------------------------------------------------------------------


async def require_same_origin(request: Request, reader: Annotated[Reader, Depends(person_of)]) -> AsyncIterator[None]:
    """Raise 403 unless a button on one of our own pages sent this; 413 for a form that none of them sends."""
    require_own_origin(request, MAX_FORM)
    async with forms.closing(request):
        await _require_token(request, reader)
        yield


async def require_upload(request: Request, reader: Annotated[Reader, Depends(person_of)]) -> AsyncIterator[None]:
    """Like `require_same_origin`, for forms with a file in them."""
    require_own_origin(request, MAX_UPLOAD)
    async with forms.closing(request):
        await _require_token(request, reader)
        yield


def require_own_origin(request: Request, most: int = MAX_FORM) -> None:
    """Which site sent it, and how large it is.

    `Origin` is "null" for a form on a page that sends no referrer, as ours do: then `Sec-Fetch-Site` decides.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    if site not in (None, "same-origin") or origin not in ("null", *own_origins(request)):
        raise HTTPException(403)
    if site is None and origin == "null":
        raise HTTPException(403)
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or int(length) > most:
        raise HTTPException(413)


async def _require_token(request: Request, reader: Reader) -> None:
    """The page that sent it was made for this login: it knows the token, in the form or in a header."""
    token = request.headers.get("x-csrf-token", "")
    if not token:
        token = str((await forms.sent(request)).get("csrf", ""))
    if not hmac.compare_digest(token.encode(), reader.csrf.encode()):
        log.warning("refused %s: a form without the token of this login", reader.person.id)
        raise HTTPException(403)


def own_origins(request: Request) -> tuple[str, ...]:
    """Where our pages are: at the public address, and on the machine itself; in the demo wherever it was found."""
    public, here = request.app.state.settings.public_url, f"{request.url.scheme}://{request.headers.get('host', '')}"
    parts = urlsplit(public)
    is_here = in_demo(request) or _is_loopback(_host_name(request))
    return (*([f"{parts.scheme}://{parts.netloc}"] if public else []), *([here] if is_here else []))


def _host_name(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
