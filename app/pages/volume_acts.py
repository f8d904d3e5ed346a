"""`/volume/occasions`: what explains a change; `/volume/causes`: what customers ask most, and what was done then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from app.pages.access import asks, person_of, require_same_origin
from app.pages.typed import Typed, leads_to, once, origin
from app.pages.view import language_of, page
from app.pages.volume import words_of
from workflows.engine.store import now_ms, store
from workflows.language.wording import promised_day, say
from workflows.people import deeds
from workflows.people.may import EXPLAIN
from workflows.tables.volume import Occasion
from workflows.volume import causes, occasions, themes
from workflows.volume.periods import lately

router = APIRouter()
acts = APIRouter(prefix="/volume", dependencies=[Depends(require_same_origin), asks(EXPLAIN)])

SAID = {
    "entered": "The occasion is entered. It is marked on the chart.",
    "removed": "The occasion is removed.",
    "back": "The occasion is marked again.",
    "so": "That is so already.",
    "nothing": "Saved. Nothing is noted as done about this theme.",
    "kept": "Saved. The numbers before and after are compared from that day on.",
}


# -- occasions -------------------------------------------------------------------------------------


@router.get("/volume/occasions")
def of_counts(request: Request, said: str = "", at: str = "") -> Response:
    """All of them, and the form; `at`: the one that was just entered or removed."""
    return _occasions(request, said=said if said in SAID else "", at=at)


@acts.post("/occasions/new")
def enter(request: Request, typed: Typed) -> Response:
    """Somebody says what happens, or will."""
    if wrong := occasions.wrong(language_of(request), typed):
        return _occasions(request, 400, typed=typed, wrong=wrong)
    by = person_of(request).person
    deeds.told(occasions.ENTERED, about=typed["title"].strip())
    row = occasions.enter(occasions.read(typed), by=by, origin=origin(typed, by.id))
    return _back("entered", row)


@acts.post("/occasions/{name}/remove")
def remove(request: Request, name: str) -> Response:
    """It is marked no more."""
    found = _of(name)
    deeds.told(occasions.REMOVED, about=found.title)
    return _back("removed" if occasions.remove(found.id or 0) else "so", found)


@acts.post("/occasions/{name}/back")
def bring_back(request: Request, name: str) -> Response:
    """It is marked again."""
    found = _of(name)
    deeds.told(occasions.BROUGHT_BACK, about=found.title)
    return _back("back" if occasions.bring_back(found.id or 0) else "so", found)


def _of(name: str) -> Occasion:
    """The occasion that an address names. Raises 404."""
    found = store.read(partial(occasions.find, name=name))
    if found is None:
        raise HTTPException(404)
    return found


def _back(said: str, row: Occasion) -> Response:
    return leads_to(f"/volume/occasions?said={said}&at={row.id}")


def _occasions(
    request: Request,
    status: int = 200,
    *,
    said: str = "",
    at: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    facts: dict[str, Any] = {
        "rows": store.read(occasions.latest),
        "said": say(language_of(request), SAID.get(said, "")),
        "just": store.read(partial(occasions.find, name=at)) if said else None,
        "typed": defaultdict(str, typed or {}),
        "wrong": defaultdict(str, wrong or {}),
        "once": (typed or {}).get("once") or once(),
        "longest": occasions.LONGEST,
        "themes": [each.theme for each in store.read(partial(causes.listed, now=now_ms()))],
    }
    return page(request, "volume_occasions.html", status, **facts, **words_of(request))


# -- causes ----------------------------------------------------------------------------------------


@router.get("/volume/causes")
def avoidable(request: Request, said: str = "") -> Response:
    """The themes by how often they are asked about."""
    return _causes(request, said=said if said in SAID else "")


@acts.post("/causes")
def note(request: Request, typed: Typed) -> Response:
    """Somebody says what was done about a theme. Raises 404 for a theme that nobody ever asked about."""
    theme = typed.get("theme", "")
    if not store.read(partial(causes.is_known, theme=theme)):
        raise HTTPException(404)
    if wrong := causes.wrong(language_of(request), typed):
        return _causes(request, 400, typed=typed, wrong=wrong)
    deeds.told(causes.KEPT, about=themes.title(theme))
    causes.keep(typed, by=person_of(request).person)
    return leads_to(f"/volume/causes?said={'kept' if typed.get('done', '').strip() else 'nothing'}")


def _causes(
    request: Request,
    status: int = 200,
    *,
    said: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    now = now_ms()
    facts: dict[str, Any] = {
        "rows": store.read(partial(causes.listed, now=now)),
        "said": say(language_of(request), SAID.get(said, "")),
        "typed": defaultdict(str, typed or {}),
        "wrong": defaultdict(str, wrong or {}),
        "longest": causes.LONGEST,
        "period": lately(now),
        "day_of": partial(promised_day, language_of(request)),
        "compared": causes.COMPARED,
    }
    return page(request, "volume_causes.html", status, **facts, **words_of(request))


router.include_router(acts)
