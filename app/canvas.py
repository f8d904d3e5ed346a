"""The card beside a chat in Intercom: the escalation's form, filled in without leaving the Inbox.

    initialize   an agent turned to a conversation: the form, or what is open for this customer
    submit       the form was sent: errors at their fields, or accepted (on disk) and confirmed

The card remembers a key of its own, so that a form that is pressed twice is one escalation.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route

from app.inbox import Accepted, record
from app.settings import Settings
from app.webhooks import Refusal, accept, bounded, receive
from integrations.contract import BadSignature, Headers, Malformed
from integrations.intercom import canvas
from integrations.intercom.canvas import CardRequest, Component
from workflows import escalation_texts, forms
from workflows.forms import CHAT, Draft
from workflows.records import escalations as records
from workflows.rules import rules
from workflows.store import store
from workflows.wording import say

SEND, AGAIN = "send", "again"


async def card(request: Request) -> Response:
    """Answer the card with what it shows next."""
    return await receive("intercom", request, _answer)


ROUTES: list[BaseRoute] = [Route("/intercom/canvas/{kind:path}", card, methods=["POST"])]


async def _answer(name: str, request: Request) -> Response:
    settings: Settings = request.app.state.settings
    if not (live := settings.secrets(name)):
        raise Refusal(404, "There is nothing at this address.")
    headers, body = Headers(request.headers.raw), await bounded(request, canvas.MAX_BODY)
    try:
        canvas.verify(headers, body, live)
        asked = canvas.parse(body)
    except BadSignature:
        raise Refusal(401, "The signature does not fit: check the secret on both sides.") from None
    except Malformed as error:
        raise Refusal(400, f"{error.field} {error.why}.") from None
    if settings.intercom_app_id and asked.workspace != settings.intercom_app_id:
        raise Refusal(403, "This workspace is not served here.")
    return JSONResponse(await _shown(request, asked, body))


async def _shown(request: Request, asked: CardRequest, body: bytes) -> dict[str, Any]:
    """The card that follows: the form, the form with its errors, or the confirmation."""
    if asked.component_id != SEND:
        return await run_in_threadpool(form, asked.conversation_id, {})
    wrong = forms.wrong(rules.language, draft_of(asked))
    if wrong:
        return await run_in_threadpool(form, asked.conversation_id, asked.values, wrong, asked.stored.get("key", ""))
    id = f"card-{asked.conversation_id}-{asked.stored.get('key') or secrets.token_hex(8)}"
    row = record("intercom", id, "canvas.submit", body, "application/json")
    await accept(request, Accepted(row, canvas.submitted(asked)))
    return confirmed()


def draft_of(asked: CardRequest) -> Draft:
    """What the card's fields say; the company is the one in the conversation."""
    return Draft.of({**asked.values, "company": f"{CHAT}{asked.conversation_id}"})


def form(
    conversation_id: str, values: Mapping[str, str], wrong: Mapping[str, str] | None = None, key: str = ""
) -> dict[str, Any]:
    """The form, with what is open for this conversation above it, and errors at their fields."""
    _ = partial(say, rules.language)
    wrong = wrong or {}
    shown = [*open_ones(conversation_id), canvas.text(_("Escalate"), style="header")]
    for name, choices in forms.CHOICES.items():
        options, value = forms.words(rules.language, choices), values.get(name, "")
        shown.append(canvas.dropdown(name, _(forms.LABELS[name]), options, value=value, failed=name in wrong))
    shown.append(canvas.text_input("gist", _("Gist"), value=values.get("gist", ""), failed="gist" in wrong))
    for name, label in (("history", "History"), ("tried", "Already tried")):
        shown.append(canvas.textarea(name, _(label), value=values.get(name, ""), failed=name in wrong))
    labels = {**forms.LABELS, "gist": "Gist", "history": "History", "tried": "Already tried"}
    shown += [canvas.text(f"{_(labels.get(name, name))}: {why}", style="error") for name, why in wrong.items()]
    return canvas.canvas([*shown, canvas.button(SEND, _("Send"))], {"key": key or secrets.token_hex(8)})


def open_ones(conversation_id: str) -> list[Component]:
    """What was raised about this conversation and is not done."""
    company = store.read(partial(records.company_of_chat, conversation_id=conversation_id))
    found = store.read(
        partial(records.unfinished_of, company_id=company.id if company else "", conversation_id=conversation_id)
    )
    lines = []
    for each in found[:3]:
        state = say(rules.language, escalation_texts.STATES[each.state])
        name = escalation_texts.name_of(each.person)
        lines.append(canvas.text(f"{records.code(each.id)} {state} · {name} · {each.gist}", style="muted"))
    return [*lines, canvas.divider()] if lines else []


def confirmed() -> dict[str, Any]:
    """It is on its way."""
    _ = partial(say, rules.language)
    sentence = _("Received. Whoever answers for this customer hears of it now; the result is noted here.")
    return canvas.canvas([canvas.text(sentence), canvas.button(AGAIN, _("Another one"), style="secondary")])
