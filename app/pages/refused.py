"""What a page says to somebody whose form was refused: where they were, and what they had written."""

from __future__ import annotations

import re

from fastapi import HTTPException, Request
from fastapi.responses import Response

from app.pages import forms, imports
from app.pages.access import require_own_origin
from app.pages.forms import MAX_FORM
from app.pages.view import page

#: The fields of forms in which people write.
WRITTEN = (
    *("quote", "background", "reason", "answer", "words", "text"),
    *("companies", "company", "person", "into", "key", "next_step", "note"),
    *("text_ja", "text_en", "done"),
)
#: On which page a form stands, by the address to which it is sent.
PLACES = {
    **{rf"/imports/{kind}(/keep)?": place for kind, place in imports.PLACES.items()},
    r"/triage/(minutes|agenda).*": "/triage",
    r"/triage/([^/]+)/.+": r"/triage?at=\1",
    r"/promises/.+": "/promises",
    r"(/releases/[^/]+)/.+": r"\1",
    r"/drafts/(approve|aside|now|undo|take|told|choose)/(.+)": r"/drafts?at=\2",
    r"/drafts/together": "/drafts",
    r"/notices/new": "/notices",
    r"(/notices/[^/]+)/.+": r"\1",
    r"/know-how/new": "/know-how",
    r"(/know-how/[^/]+)/.+": r"\1",
    r"(/volume/(occasions|causes)).*": r"\1",
    r"/alerts/backtest": "/alerts",
    r"(/alerts/[^/]+)/.+": r"\1",
    r"/hand-over": "/hand-over",
    r"(/hand-over/[^/]+)/.+": r"\1",
    r"/digests/.+": "/digests",
    r"/setup/.+": "/setup",
    r"/audit/.+": "/audit",
    r"/wishes/(new|proposals|similar|views.*)": "/wishes",
    r"(/escalations/[^/]+)/.+": r"\1",
    r"(/feedback/[^/]+)/.+": r"\1",
    r"((/deliveries|/chats)/.+)": r"\1",
    r"/bodies/(.+)": r"/deliveries/\1",
}


def page_behind(request: Request) -> str:
    """The page on which the form stood that was sent; "" for none that we know."""
    found = ((re.fullmatch(sent, request.url.path), page) for sent, page in PLACES.items() if request.method == "POST")
    return next((match.expand(page) for match, page in found if match), "")


def refuse(request: Request, why: str, back: str) -> Response:
    """A page that says, in the reader's language, why an address cannot be shown; `back` is where to go from there."""
    facts = {"title": "Nothing was changed", "advice": why, "back": back, "kept": [], "to_sign_in": ""}
    return page(request, "problem.html", 400, **facts)


async def written(request: Request) -> list[str]:
    """What somebody wrote into a form of ours that was refused, to be copied; nothing of anybody else's form."""
    try:
        require_own_origin(request, MAX_FORM)
        async with forms.closing(request):
            form = await forms.sent(request)
    except HTTPException:
        return []
    texts = [text for name in WRITTEN if isinstance(text := form.get(name), str)]
    return [text.replace("\r\n", "\n") for text in texts if text.strip()]
