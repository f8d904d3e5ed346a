"""Drafts: what a form already knows when it opens, from our own tables alone, because Slack waits three seconds."""

from __future__ import annotations

import re
from functools import partial

from integrations.intercom import conversation_in
from workflows.customer import companies
from workflows.customer.companies import company_named
from workflows.customer.fields import CHAT, LONG, NEW
from workflows.engine.store import store
from workflows.escalation.forms import GIST, Filled
from workflows.language.text import shortened
from workflows.language.wording import say
from workflows.rules import rules
from workflows.tables.customer import Conversation
from workflows.wish.forms import Filing

_ADDRESS = re.compile(r"https://[^\s<>|]+")


def from_message(text: str) -> tuple[Filled, str]:
    """A Slack message becomes the history; the conversation whose link it holds names the company."""
    links = [link for link in _ADDRESS.findall(text) if conversation_in(link)]
    filled, company = from_chat(conversation_in(links[0])) if links else (Filled(), "")
    history = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    conversation = links[0] if links else ""
    return Filled(company=filled.company, history=history[:LONG], conversation=conversation), company


def to_file(text: str) -> Filing:
    """A Slack message becomes a wish in these words; the conversation whose link it holds says of whom."""
    filled, company = from_message(text)
    known = (filled.company, company or say(rules.language, "Company in this conversation"))
    return Filing(known if filled.company else None, filled.history, filled.conversation)


def from_chat(conversation_id: str) -> tuple[Filled, str]:
    """A conversation that we know: its company, its first words, its link; and the company's name."""
    chat = store.read(lambda session: session.get(Conversation, conversation_id))
    company = store.read(partial(companies.company_of_chat, conversation_id=conversation_id))
    filled = Filled(
        company=company.id if company else f"{CHAT}{conversation_id}",
        gist=shortened(chat.opening, GIST) if chat else "",
        history=chat.opening[:LONG] if chat else "",
        conversation=chat.url if chat else "",
    )
    return filled, company.name if company else ""


def for_company(typed: str) -> tuple[Filled, str]:
    """What stands behind a command: a company, or a link to a conversation; and the company's name."""
    if chat := conversation_in(typed):
        filled, company = from_chat(chat)
        return Filled(company=filled.company, conversation=typed), company
    found = company_named(typed)
    return (
        (Filled(company=found[0]), found[1])
        if found
        else (Filled(company=f"{NEW}{typed[:100]}" if typed else ""), typed)
    )
