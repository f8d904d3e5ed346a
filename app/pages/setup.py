"""`/setup`: which vendors are on, where they have to send their webhooks, and what to do next. Never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from functools import cache, partial

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from app.operate import check, similar
from app.pages.access import asks, require_same_origin
from app.pages.typed import leads_to
from app.pages.view import language_of, page
from app.settings import Settings
from integrations import SOURCES, VENDORS
from integrations.vendor import Finding
from workflows.engine import checks, polls
from workflows.engine.checks import Check
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import vendors
from workflows.people import deeds
from workflows.people.may import CHECK
from workflows.rules import rules
from workflows.tables.runs import Delivery, Run
from workflows.volume import sources

router = APIRouter()

WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Vendor:
    """One vendor's state. `missing`: variables that are not set; `last`: when a webhook came, 0 for not on record.

    `listens`: would we take its webhooks? None where it sends none.
    """

    name: str
    title: str
    on: bool
    listens: bool | None
    missing: list[str]
    address: str
    paste: str
    #: Texts to paste there, by what they are called.
    to_copy: Mapping[str, str]
    last: int
    #: The poll that it refuses since then; None where it answers.
    refused: Run | None
    #: What it said when somebody had it checked last; None where nobody ever has.
    checked: Check | None = None

    @property
    def is_quiet(self) -> bool:
        """Did it tell us something once, and nothing lately?"""
        return 0 < self.last < now_ms() - WEEK_MS


@router.get("/setup")
def setup(request: Request) -> Response:
    """Every vendor, and what is left to do."""
    settings: Settings = request.app.state.settings
    last, standing, checked = store.read(_newest), store.read(polls.standing), store.read(checks.latest)
    late = store.read(partial(sources.late, now=now_ms()))
    found = [_vendor(settings, name, last.get(name, 0), standing.get(name), checked.get(name)) for name in VENDORS]
    return page(
        request,
        "setup.html",
        vendors=found,
        reachable=bool(settings.public_url),
        has_admin=rules.access.has_operator,
        label=rules.sending.tag,
        similar=list(similar.findings()),
        silent=[sources.silence(language_of(request), each) for each in late],
    )


@router.post("/setup/{name}/check", dependencies=[asks(CHECK), Depends(require_same_origin)])
def try_out(request: Request, name: str) -> Response:
    """Ask a vendor now, as `python -m app check` does, and show what it says. Raises 404 for one that is none."""
    if name not in VENDORS:
        raise HTTPException(404)
    asking = _asking(name).submit(lambda: list(check.of_vendor(request.app.state.settings, name)))
    try:
        findings = asking.result(PATIENCE)
    except FutureTimeout:
        asking.cancel()  # if it waits for one that still asks
        findings = [Finding(False, "No answer within {n} seconds.", {"n": str(PATIENCE)})]
    checks.keep(name, findings)
    deeds.finish()
    return leads_to(f"/setup#vendor-{name}")


#: Seconds that a reader waits.
PATIENCE = 15


@cache
def _asking(name: str) -> ThreadPoolExecutor:
    """The thread on which this vendor is asked: one that hangs holds up no other, and no page."""
    return ThreadPoolExecutor(1, f"check-{name}")


def _vendor(settings: Settings, name: str, last: int, refused: Run | None, checked: Check | None) -> Vendor:
    setup = VENDORS[name]
    needed = (setup.SWITCH, *setup.NEEDS[setup.SWITCH])
    listens = name in SOURCES and bool(settings.secrets(name))
    wanted = [variable for variable in setup.Settings.model_fields if variable in needed]
    return Vendor(
        name=name,
        title=setup.TITLE,
        on=vendors.is_on(name),
        listens=listens if listens or setup.SECRET in needed else None,
        missing=[variable.upper() for variable in wanted if not getattr(settings, variable)],
        address=settings.public_url + setup.PATH,
        paste=setup.PASTE,
        to_copy=setup.to_copy(settings.public_url) if settings.public_url else {},
        last=last,
        refused=refused,
        checked=checked,
    )


def _newest(session: Session) -> dict[str, int]:
    """When each source's newest delivery came; whoever told us something lately is found at once."""
    return {name: at for name in SOURCES if (at := _last(session, name))}


def _last(session: Session, name: str) -> int | None:
    newest = select(Delivery.received_at).where(Delivery.source == name).order_by(col(Delivery.received_at).desc())
    return session.exec(newest.limit(1)).first()
