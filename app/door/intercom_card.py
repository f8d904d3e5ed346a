"""The card beside a chat in Intercom: what was filed from it, and two forms, filled in without leaving the Inbox.

    initialize   an agent turned to a conversation: its wishes and open escalations, or the form where there are none
    submit       a form opens; or it was sent: errors at their fields, or accepted (on disk) and confirmed

The card remembers a key of its own, so that a form that is pressed twice is sent once, and which form it is.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route

from app.door import intercom_card_similar, intercom_card_views
from app.door.bodies import Refusal, bounded
from app.door.inbox import Accepted, record
from app.door.intercom_card_views import AGAIN, CONTEXT, HOME, SEND, WISH
from app.door.intercom_card_views import ESCALATE as ESCALATE_BUTTON
from app.door.webhooks import accept, receive
from app.settings import Settings
from integrations.contract import BadSignature, Headers, Malformed, Trouble
from integrations.intercom import canvas
from integrations.intercom.canvas import CardRequest
from workflows.customer.fields import CHAT
from workflows.escalation import forms
from workflows.escalation.forms import Filled
from workflows.people.may import DECIDE, DESCRIBE, ESCALATE, READ, may
from workflows.people.person import Person, teammate
from workflows.rules import rules
from workflows.wish import context
from workflows.wish import forms as forms_wish
from workflows.wish.promised import Customer

log = logging.getLogger("yamabiko")

Card = dict[str, Any]


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
    if (ours := settings.workspace(name)) and asked.workspace != ours:
        raise Refusal(403, "This workspace is not served here.")
    return JSONResponse(await _shown(request, asked, body))


async def _shown(request: Request, asked: CardRequest, body: bytes) -> Card:
    """The card that follows: what there is, a form, the form with its errors, or the confirmation."""
    if not await run_in_threadpool(may_use, asked):
        return intercom_card_views.refused()
    if asked.component_id == SEND:
        return await _sent(request, asked, body)
    return await run_in_threadpool(_opened, asked)


def deed_of(button: str, form: str = "") -> str:
    """What a button on the card is, or looking at it."""
    if button == SEND:
        return DESCRIBE if form == CONTEXT else ESCALATE
    if intercom_card_similar.is_ours(button):
        return DECIDE
    return DESCRIBE if button.startswith(WISH) else ESCALATE if button in (ESCALATE_BUTTON, AGAIN) else READ


def may_use(asked: CardRequest) -> bool:
    """May this teammate do it? Their address alone says who they are while Slack does not; the story asks again."""
    try:
        person = teammate(asked.admin_id, asked.admin_name, asked.admin_email)
    except Trouble:
        person = Person(asked.admin_id, asked.admin_name, asked.admin_email)
    deed = deed_of(asked.component_id, asked.stored.get("form", ""))
    if not may(person, deed):
        log.warning("refused %s on the card: teammate %s", deed, asked.admin_id)
        return False
    return True


def _opened(asked: CardRequest) -> Card:
    """What a teammate turned to, or opened by a button."""
    button, chat = asked.component_id, asked.conversation_id
    if button.startswith(WISH) and (wish := intercom_card_views.wish_in(chat, button.removeprefix(WISH))):
        return intercom_card_views.context(wish, intercom_card_views.known(wish), secrets.token_hex(8))
    if button in (ESCALATE_BUTTON, AGAIN) or (button != HOME and intercom_card_views.is_empty(chat)):
        return intercom_card_views.escalation(chat, {}, {}, secrets.token_hex(8))
    following, said = intercom_card_similar.pressed(asked)
    return following or intercom_card_views.home(chat, said, intercom_card_similar.below)


async def _sent(request: Request, asked: CardRequest, body: bytes) -> Card:
    """A form was sent: it stays with its errors, or is on disk before it is confirmed."""
    form, key = CONTEXT if asked.stored.get("form") == CONTEXT else ESCALATE_BUTTON, asked.stored.get("key", "")
    wrong = wrong_with(asked, form)
    if wrong:
        return await run_in_threadpool(_again, asked, form, wrong, key or secrets.token_hex(8))
    id = f"card-{asked.conversation_id}-{key or secrets.token_hex(8)}"
    row = record("intercom", id, "canvas.submit", body, "application/json")
    await accept(request, Accepted(row, canvas.submitted(asked, form, asked.stored.get("about", ""))))
    return await run_in_threadpool(_confirmed, asked, form)


def wrong_with(asked: CardRequest, form: str) -> dict[str, str]:
    """What is wrong with what the card's fields say, by field."""
    if form == CONTEXT:
        return context.problems(rules.language, asked.values)
    return forms.wrong(rules.language, filled_of(asked))


def filled_of(asked: CardRequest) -> Filled:
    """What the card's fields say of an escalation; the company is the one in the conversation."""
    return Filled.of({**asked.values, "company": f"{CHAT}{asked.conversation_id}"})


def _again(asked: CardRequest, form: str, wrong: Mapping[str, str], key: str) -> Card:
    chat = asked.conversation_id
    wish = intercom_card_views.wish_in(chat, asked.stored.get("about", "")) if form == CONTEXT else None
    if wish is not None:
        return intercom_card_views.context(wish, asked.values, key, wrong)
    return intercom_card_views.escalation(chat, asked.values, wrong, key)


def _confirmed(asked: CardRequest, form: str) -> Card:
    if form != CONTEXT:
        return intercom_card_views.escalated()
    wish = intercom_card_views.wish_in(asked.conversation_id, asked.stored.get("about", ""))
    return intercom_card_views.noted(forms_wish.Answers.of(asked.values).promise, wish.customer if wish else Customer())
