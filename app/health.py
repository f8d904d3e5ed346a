"""Is the process alive, can it take deliveries, does somebody work them off? No details for strangers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlmodel import Session

from app import metrics as told
from app.pages.access import require_local
from workflows.engine import pulse
from workflows.engine.pulse import Pulse
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Lease

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
    """For Prometheus, from loopback only."""
    require_local(request)
    told.show(store.read(pulse.feel))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
