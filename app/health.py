"""Is the process alive, can it take deliveries, does somebody work them off? No details for strangers.

The web process answers this beside everything else; a worker has an application of its own for it (`application`).
"""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlmodel import Session

from app import metrics as told
from app.pages.access import require_local
from app.settings import Settings
from integrations.vendor import parts_of
from workflows.engine import polls, pulse
from workflows.engine.pulse import Pulse
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Lease
from workflows.volume import sources

router = APIRouter(include_in_schema=False)

#: Seconds for which an answer is everybody's, and that the database has for it.
FRESH, PATIENCE = 1.0, 2.0
#: Seconds after which a writer that has something to do is stuck; in as many again its process ends (`watchdog`).
SILENT = 30.0
SIGN = "the writer's last sign of life is {seconds} s old"
NO_WRITES = "the database does not take writes"


@router.get("/livez")
async def livez() -> PlainTextResponse:
    """The event loop answers, and whoever writes to the database is not stuck."""
    silent = store.silent_for
    return PlainTextResponse(SIGN.format(seconds=int(silent)), 503 if silent > SILENT else 200)


@router.get("/readyz")
async def readyz(request: Request) -> PlainTextResponse:
    """A delivery could be put on disk now, proven by putting a row there, and somebody would work it off."""
    if not getattr(request.app.state, "ready", False):
        return PlainTextResponse("starting or stopping", 503)
    probe = vars(request.app.state).setdefault("probe", Probe())
    wrong = await probe.ask()
    return PlainTextResponse("; ".join(wrong) or "ok", 503 if wrong else 200)


@dataclass
class Probe:
    """The database is asked once a second at most, however many want to know."""

    until: float = 0.0
    asking: asyncio.Task[list[str]] | None = None

    async def ask(self) -> list[str]:
        """What is wrong; empty while all is well."""
        if self.asking is None or (self.asking.done() and time.monotonic() >= self.until):
            self.asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self.asking)

    async def _ask(self) -> list[str]:
        try:
            felt: Pulse = await asyncio.wait_for(asyncio.wrap_future(store.submit(_touch)), PATIENCE)
            return felt.troubles()
        except Exception:
            return [NO_WRITES]
        finally:
            self.until = time.monotonic() + FRESH


def _touch(session: Session) -> Pulse:
    session.merge(Lease(name="readyz", last_at=now_ms()))
    return pulse.feel(session)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """For Prometheus: with METRICS_TOKEN from wherever it is brought, without one from loopback only."""
    _require_scraper(request)
    late = store.read(partial(sources.late, now=now_ms()))
    told.show(store.read(pulse.feel), store.read(pulse.look_closely), store.read(polls.standing), late)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _require_scraper(request: Request) -> None:
    """Raise 404 for whoever may not know. A proxy on this machine can make strangers look local: then set a token."""
    tokens = parts_of(request.app.state.settings.metrics_token)
    if not tokens:
        require_local(request)
        return
    brought = request.headers.get("authorization", "").encode()
    if not any([hmac.compare_digest(f"Bearer {token}".encode(), brought) for token in tokens]):
        raise HTTPException(404)


def application(settings: Settings) -> FastAPI:
    """All that a worker serves."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.ready = settings, True
    app.include_router(router)
    return app
