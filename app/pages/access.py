"""Who may see pages, and who may press their buttons. Until sign-in exists: the demo, and whoever sits at the machine.

router = APIRouter(dependencies=[Depends(require_page)])          # every page
@router.post(…, dependencies=[Depends(require_same_origin)])      # every button
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

#: The largest form, and the largest one with a file in it, in bytes.
MAX_FORM, MAX_UPLOAD = 64 * 1024, 8 * 1024 * 1024


def require_local(request: Request) -> None:
    """Raise 404 for everybody but loopback. A proxy's address does not count: behind one, nobody is local.

    The name in `Host` has to be the machine's own as well: a web site could otherwise let its own name
    point to 127.0.0.1 and read pages through the browser of whoever visits it (DNS rebinding).
    """
    client = request.client.host if request.client else ""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    if forwarded or not _is_loopback(client) or not _is_loopback(_host_name(request)):
        raise HTTPException(404)


def in_demo(request: Request) -> bool:
    """Is this the demo? The setting alone does not make it one: without twins, real customers would be shown."""
    return request.app.state.settings.demo and getattr(request.app.state, "stage", None) is not None


def require_page(request: Request) -> None:
    """Raise 404 unless this is the demo or the reader sits at the machine itself."""
    if not in_demo(request):
        require_local(request)


def may_see(request: Request) -> bool:
    """Would `require_page` let this request pass?"""
    try:
        require_page(request)
    except HTTPException:
        return False
    return True


def require_same_origin(request: Request) -> None:
    """Raise 403 unless a button on one of our own pages sent this; 413 for a form that none of them sends."""
    _require_same_origin(request, MAX_FORM)


def require_upload(request: Request) -> None:
    """Like `require_same_origin`, for forms with a file in them."""
    _require_same_origin(request, MAX_UPLOAD)


def _require_same_origin(request: Request, most: int) -> None:
    """Who sent it, and how large it is.

    `Origin` is "null" for a form on a page that sends no referrer, as ours do: then `Sec-Fetch-Site` decides.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    if site not in (None, "same-origin") or origin not in ("null", _own_origin(request)):
        raise HTTPException(403)
    if site is None and origin == "null":
        raise HTTPException(403)
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or int(length) > most:
        raise HTTPException(413)


def _own_origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


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
