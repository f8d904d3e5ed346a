"""Is the process alive, can it take deliveries, and how is it doing? No details for strangers."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlmodel import Session

from app.pages.access import require_local
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Lease

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> PlainTextResponse:
    """The event loop answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(request: Request) -> PlainTextResponse:
    """A delivery could be put on disk now: proven by putting a row there."""
    if not getattr(request.app.state, "ready", False):
        return PlainTextResponse("starting or stopping", 503)
    try:
        await asyncio.wait_for(asyncio.wrap_future(store.submit(_touch)), 2)
    except Exception:
        return PlainTextResponse("the database does not take writes", 503)
    return PlainTextResponse("ok")


def _touch(session: Session) -> None:
    session.merge(Lease(name="readyz", last_at=now_ms()))


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus, from loopback only."""
    require_local(request)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
