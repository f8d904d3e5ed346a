"""`/notices`: what changes for customers, and who has been told; `/notices/{id}`: one of them; and its form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.pages.access import asks
from app.pages.releases import CHANNELS, CHIPS
from app.pages.typed import once
from app.pages.view import language_of, page
from workflows.engine.store import store
from workflows.language.wording import promised_day, say
from workflows.notice import forms, notices, recipients, texts, turns
from workflows.notice.recipients import TAG
from workflows.overview import notices as overview
from workflows.overview import untold
from workflows.overview.notices import MISSED, MOVING, OFF, OPENING, OVER, WRITTEN
from workflows.people.may import NOTIFY
from workflows.rules import rules
from workflows.tables.notice import Notice
from workflows.telling import audience, drafts
from workflows.wish.availability import COMPANIES, TIER

router = APIRouter()

TONES = {WRITTEN: "waiting", OPENING: "moving", MOVING: "moving", OVER: "good", MISSED: "danger", OFF: "over"}
SAID = {
    "written": "The notice is saved. Nobody gets it before a lead opens it.",
    "opened": "The notice is being opened. Until then this can be undone.",
    "undone": "The notice was not opened.",
    "off": "The notice was called off. Drafts are being withdrawn, and those who were notified get a correction.",
    "told": "Recorded that the customer was notified.",
    "untold": "The record was undone.",
}
#: People of a preview that are named.
NAMED = 200


@router.get("/notices")
def listed(request: Request) -> Response:
    """The table."""
    return page(request, "notices.html", rows=store.read(overview.found), **words(request))


@router.get("/notices/new", dependencies=[asks(NOTIFY)])
def new(request: Request) -> Response:
    """The empty form."""
    return form(request, None)


@router.get("/notices/{name}")
def notice(request: Request, name: str, standing: str = "", said: str = "") -> Response:
    """One of them."""
    return show(request, name, standing, said=say(language_of(request), SAID.get(said, "")))


@router.get("/notices/{name}/edit", dependencies=[asks(NOTIFY)])
def edit(request: Request, name: str) -> Response:
    """The form with what stands in it."""
    found = of(name)
    return form(request, found, typed=_typed(found), picked={TIER: found.names, TAG: found.names})


def of(name: str) -> Notice:
    """The notice that an address names. Raises 404."""
    found = store.read(partial(notices.find, name=name))
    if found is None:
        raise HTTPException(404)
    return found


def show(request: Request, name: str, standing: str = "", status: int = 200, *, said: str = "") -> Response:
    """The page of a notice. Raises 404 where there is none."""
    found = of(name)
    chosen = standing if standing in drafts.STANDINGS else ""

    def read(session: Session) -> dict[str, Any]:
        [row] = overview.rows(session, [found])
        is_written = row.state == WRITTEN
        return {
            "row": row,
            "people": overview.people(session, found, chosen),
            "reminders": overview.reminders(session, found),
            "foreseen": recipients.foreseen(session, found) if is_written else None,
            "firm_names": _names(session, found),
        }

    facts: dict[str, Any] = {"notice": found, "standing": chosen, "said": said, "refused": status >= 400}
    facts |= store.read(read) | {"address": f"/notices/{found.id}", "named": NAMED}
    return page(request, "notice.html", status, **facts, **words(request))


def form(
    request: Request,
    found: Notice | None,
    status: int = 200,
    *,
    typed: Mapping[str, str] | None = None,
    picked: Mapping[str, Sequence[str]] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The form of a new notice, or of one that nobody has opened."""
    facts: dict[str, Any] = {
        "notice": found,
        "typed": defaultdict(str, typed or {"months": "12", "remind_days": "14, 3", "audience": "all"}),
        "picked": defaultdict(list, picked or {}),
        "wrong": defaultdict(str, wrong or {}),
        "tiers": store.read(recipients.tiers),
        "tags": store.read(recipients.tags),
        "once": typed.get("once") or once() if typed else once(),
        "gaps": [f"{{{gap}}}" for gap in texts.GAPS],
        "longest": {"title": forms.LONGEST_TITLE, "text": forms.LONGEST_TEXT},
    }
    return page(request, "notice_form.html", status, **facts, **words(request))


def _typed(found: Notice) -> dict[str, str]:
    """A notice as its form says it."""
    return {
        "title": found.title,
        "takes_effect": found.takes_effect,
        "text_ja": found.text_ja,
        "text_en": found.text_en,
        "audience": found.audience,
        "companies": "\n".join(found.names) if found.audience == COMPANIES else "",
        "months": str(found.months),
        "remind_days": ", ".join(str(each) for each in found.remind_days),
        "again": "yes" if found.again else "",
        "channel": found.channel,
    }


def _names(session: Session, found: Notice) -> Mapping[str, str]:
    return audience.names_of(session, found.names) if found.audience == COMPANIES else {}


def words(request: Request) -> dict[str, Any]:
    """How these pages say things."""
    language = language_of(request)
    return {
        "states": overview.WORDS,
        "tones": TONES,
        "chips": defaultdict(str, CHIPS),
        "standings": drafts.WORDS,
        "turns": untold.TURNS,
        "channels": CHANNELS,
        "hows": turns.HOWS,
        "support_channel": rules.support_channel,
        "audience_of": partial(audience_of, language),
        "day_of": partial(promised_day, language),
    }


def audience_of(language: str, found: Notice) -> str:
    """Whom a notice is for: 全社, 3社, Businessプラン."""
    names = ", ".join(found.names)
    return say(language, overview.AUDIENCES[found.audience], n=len(found.names), names=names)
