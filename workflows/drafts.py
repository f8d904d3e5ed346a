"""Drafts: what a form already knows when it opens, from our own tables alone, because Slack waits three seconds."""

from __future__ import annotations

import re
from functools import partial

from integrations.intercom import conversation_in
from integrations.slack.views import Option
from workflows.engine.store import store
from workflows.forms import CHAT, GIST, LONG, NEW, Draft
from workflows.forms_wish import Filing
from workflows.language.text import shortened
from workflows.language.wording import say
from workflows.records import escalations as records
from workflows.rules import rules
from workflows.tables.customer import Company, Conversation

_ADDRESS = re.compile(r"https://[^\s<>|]+")


def from_message(text: str) -> tuple[Draft, str]:
    """A Slack message becomes the history; the conversation whose link it holds names the company."""
    links = [link for link in _ADDRESS.findall(text) if conversation_in(link)]
    draft, company = from_chat(conversation_in(links[0])) if links else (Draft(), "")
    history = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    conversation = links[0] if links else ""
    return Draft(company=draft.company, history=history[:LONG], conversation=conversation), company


def to_file(text: str) -> Filing:
    """A Slack message becomes a wish in these words; the conversation whose link it holds says of whom."""
    draft, company = from_message(text)
    known = (draft.company, company or say(rules.language, "The company in this conversation"))
    return Filing(known if draft.company else None, draft.history, draft.conversation)


def from_chat(conversation_id: str) -> tuple[Draft, str]:
    """A conversation that we know: its company, its first words, its link; and the company's name."""
    chat = store.read(lambda session: session.get(Conversation, conversation_id))
    company = store.read(partial(records.company_of_chat, conversation_id=conversation_id))
    draft = Draft(
        company=company.id if company else f"{CHAT}{conversation_id}",
        gist=shortened(chat.opening, GIST) if chat else "",
        history=chat.opening[:LONG] if chat else "",
        conversation=chat.url if chat else "",
    )
    return draft, company.name if company else ""


def for_company(typed: str) -> tuple[Draft, str]:
    """What stands behind a command: a company, or a link to a conversation; and the company's name."""
    if chat := conversation_in(typed):
        draft, company = from_chat(chat)
        return Draft(company=draft.company, conversation=typed), company
    found = company_named(typed)
    return (
        (Draft(company=found[0]), found[1]) if found else (Draft(company=f"{NEW}{typed[:100]}" if typed else ""), typed)
    )


def company_named(typed: str) -> Option | None:
    """The company that somebody means; the first that matches."""
    found = store.read(partial(records.named, typed=typed, most=1)) if typed else []
    return (found[0].id, found[0].name) if found else None


def companies(language: str, typed: str, most: int) -> list[Option]:
    """What a typeahead offers for what was typed: companies, the one behind a link, or a new one by that name."""
    typed = typed.strip()
    if chat := conversation_in(typed):
        company = store.read(partial(records.company_of_chat, conversation_id=chat))
        if company is not None:
            return [(company.id, company.name)]
        return [(f"{CHAT}{chat}", say(language, "The company in this conversation"))]
    found = store.read(partial(records.named, typed=typed, most=most)) if typed else []
    offered = [(company.id, company.name) for company in found]
    if typed and typed not in {name for _, name in offered}:
        offered.append((f"{NEW}{typed[:100]}", say(language, "New: {name}", name=typed[:60])))
    return offered


def is_known(company_id: str) -> bool:
    """Is this the id of a company on record?"""
    return store.read(lambda session: session.get(Company, company_id)) is not None
