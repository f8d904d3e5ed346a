"""Who may see pages. Until sign-in exists: the demo, and whoever sits at the machine itself."""

from __future__ import annotations

import ipaddress

from fastapi import HTTPException, Request


def require_local(request: Request) -> None:
    """Raise 404 for everybody but loopback. A proxy's address does not count: behind one, nobody is local."""
    client = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(client).is_loopback
    except ValueError:
        local = False
    if not local or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        raise HTTPException(404)
