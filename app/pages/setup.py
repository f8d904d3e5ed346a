"""`/setup`: which vendors are on, where they have to send their webhooks, and what to do next. Never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from app.pages.access import person_of
from app.pages.view import page
from app.settings import Settings
from integrations import SOURCES, VENDORS
from workflows.engine import polls
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.engine.vendors import vendors
from workflows.people import accounts
from workflows.rules import rules
from workflows.tables.people import Deed
from workflows.tables.runs import Delivery, Run

router = APIRouter()

WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True)
class Vendor:
    """One vendor's state. `missing`: variables that are not set; `last`: when a webhook came (0: not lately).

    `listens`: would we take its webhooks? None where it sends none.
    """

    name: str
    title: str
    on: bool
    listens: bool | None
    missing: list[str]
    address: str
    paste: str
    last: int
    #: The poll that it refuses since then; None where it answers.
    refused: Run | None


@router.get("/setup")
def setup(request: Request) -> Response:
    """Every vendor, and what is left to do."""
    settings: Settings = request.app.state.settings
    lately = store.read(partial(_newest, since=now_ms() - WEEK_MS))
    standing = store.read(polls.standing)
    found = [_vendor(settings, name, lately.get(name, 0), standing.get(name)) for name in VENDORS]
    return page(
        request, "setup.html", vendors=found, reachable=bool(settings.public_url), rules=rules, deeds=_deeds(request)
    )


def _deeds(request: Request) -> list[Deed]:
    """Who did what lately: for operators."""
    return store.read(accounts.deeds) if person_of(request).may("operator") else []


def _vendor(settings: Settings, name: str, last: int, refused: Run | None) -> Vendor:
    setup = VENDORS[name]
    needed = (setup.SWITCH, *setup.NEEDS[setup.SWITCH])
    wanted = [variable for variable in setup.Settings.model_fields if variable in needed]
    return Vendor(
        name=name,
        title=setup.TITLE,
        on=vendors.is_on(name),
        listens=bool(settings.secrets(name)) if name in SOURCES else None,
        missing=[variable.upper() for variable in wanted if not getattr(settings, variable)],
        address=settings.public_url + setup.PATH,
        paste=setup.PASTE,
        last=last,
        refused=refused,
    )


def _newest(session: Session, since: int) -> dict[str, int]:
    """When each source's newest delivery came, of those since then."""
    rows = session.exec(
        select(Delivery.source, func.max(col(Delivery.received_at)))
        .where(col(Delivery.received_at) > since)
        .group_by(col(Delivery.source))
    )
    return dict(rows.all())
