"""`/rate/{token}`: how was our support? Whoever has the link, and nobody else, says so with one click, without a login.

The secret in the address is all that is asked for. Opening the page says nothing: mail scanners open every link. The
answer can be changed as long as the link works. A link that is forged, old, or of somebody who was erased, answers with
one plain sentence, always the same, and changes nothing. Nothing is remembered of the browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from app.pages import forms
from app.pages.access import own_origins
from app.pages.view import HEADERS, asset, language_of, templates
from app.turnstile import Crowded, Turnstile
from workflows.engine.store import now_ms, store
from workflows.language import wording
from workflows.language.wording import say
from workflows.measure import surveys
from workflows.measure.survey_texts import QUESTION, SCORES
from workflows.rules import rules
from workflows.tables.measure import Survey

router = APIRouter()

#: Who guesses secrets, or opens links by the thousand, waits: so many at once, and so many in a minute.
GATE = Turnstile(at_once=8, most=1_200, seconds=60)
#: The largest form, in bytes: all reasons and the longest remark, each letter as nine bytes.
MOST = 32 * 1024
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
#: No engine lists it.
UNLISTED = HEADERS | {"X-Robots-Tag": "noindex, nofollow"}
DEAD = "This link can't be used. It may have expired."
NOT_FROM_HERE = "Nothing was saved. Open the link again and retry."
CROWDED = "Nothing was saved. Wait a minute, then open the link again."


@dataclass(frozen=True)
class Asked:
    """A survey whose link works, and the language of whoever has the link."""

    survey: Survey
    language: str


@router.api_route("/rate/{token}", methods=["GET", "HEAD"])
async def shown(request: Request, token: str, kept: str = "") -> Response:
    """The question, or what was answered; nothing is said by looking at it."""
    return await _through(request, lambda: _page(request, token, kept=bool(kept)))


@router.post("/rate/{token}")
async def said(request: Request, token: str) -> Response:
    """One click, or the reasons after it."""
    if not _is_from_its_page(request):
        return _sentence(request, NOT_FROM_HERE, 403)
    form = await forms.sent(request)
    sent = {"score": str(form.get("score", "")), "remark": str(form.get("remark", ""))}
    reasons = [str(each) for each in form.getlist("reasons")]
    return await _through(request, partial(_keep, request, token, sent, reasons))


def _keep(request: Request, token: str, sent: Mapping[str, str], reasons: list[str]) -> Response:
    """Written down, if the link works; then the page is shown anew, so that going back sends nothing again."""
    work: Callable[[Session], Survey | None]
    if sent["score"] in surveys.SCORES:
        work = partial(surveys.vote, token=token, score=sent["score"], now=now_ms())
    else:
        work = partial(surveys.explain, token=token, reasons=reasons, remark=sent["remark"], now=now_ms())
    if not TOKEN.fullmatch(token) or store.write(work) is None:
        return _sentence(request, DEAD, 404)
    return RedirectResponse(f"/rate/{token}{'' if sent['score'] else '?kept=yes'}", 303, UNLISTED)


def _is_from_its_page(request: Request) -> bool:
    """Was it sent from the page itself? Who knows the secret may; what another site's page sends is none of them.

    Not every reader of mail tells from where it comes: such a one is believed, for it knows the secret.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    length = request.headers.get("content-length", "")
    is_small = length.isascii() and length.isdigit() and int(length) <= MOST
    return is_small and site in (None, "same-origin", "none") and origin in ("null", *own_origins(request))


async def _through(request: Request, work: Callable[[], Response]) -> Response:
    try:
        return await GATE.through(work)
    except Crowded:
        return _sentence(request, CROWDED, 429)


def _found(token: str) -> Asked | None:
    return store.read(partial(_asked, token)) if TOKEN.fullmatch(token) else None


def _asked(token: str, session: Session) -> Asked | None:
    survey = surveys.by_link(session, token, now_ms())
    return Asked(survey, surveys.language(session, survey)) if survey else None


# -- pages -------------------------------------------------------------------------------------------


def _page(request: Request, token: str, *, kept: bool) -> Response:
    asked = _found(token)
    if asked is None:
        return _sentence(request, DEAD, 404)
    until = wording.date(asked.language, asked.survey.good_until or 0)
    facts = {"survey": asked.survey, "until": until, "kept": kept, "offered": rules.survey.offered}
    facts |= {"token": token}
    return _html(asked.language, 200, **facts)


def _sentence(request: Request, sentence: str, status: int) -> Response:
    """Nothing but one sentence."""
    return _html(language_of(request), status, sentence=sentence)


def _html(language: str, status: int, **facts: Any) -> Response:
    """Without anything of the pages that readers have: no menu, no script, no cookie."""
    about = {"_": partial(say, language), "lang": language, "asset": asset, "company": rules.company_name}
    about |= {"question": QUESTION, "scores": SCORES, "longest": surveys.LONGEST_REMARK, "sentence": ""}
    return HTMLResponse(templates.get_template("rate.html").render(about | facts), status, UNLISTED)
