"""What people read of a chat in Slack: its first message, and what is said below it. What may stand there: `shown`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from integrations.slack import blocks
from integrations.slack.blocks import Block, escape
from workflows.engine.posting import Message as Posted
from workflows.enquiry import board, shown
from workflows.enquiry.thread import Thread
from workflows.language.addresses import chat_url, know_how_url
from workflows.language.text import _, language, shortened
from workflows.language.wording import time
from workflows.tables.customer import Message
from workflows.tables.enquiry import Wait

#: The buttons below the first message.
SEND, ASK = "send_reply", "ask_colleagues"
#: Letters of a message that stands alone, and of each among several; so many of these are shown.
ALONE, TOGETHER, MOST = 2000, 400, 20
STATES = {
    board.WAITING: "🔴 Waiting for an answer since {time}",
    board.ANSWERING: "🟡 Waiting for an answer since {time}",
    board.CUSTOMER: "🔵 Waiting for the customer",
    board.DEVELOPMENT: "🟣 Waiting for development",
    board.SOLVED: "✅ Solved",
}
INTERNAL = "Nothing written in this thread reaches the customer."
SILENT = "(no message text)"
OFFERED = "Reusable answers to similar questions: {titles}"


def first(channel: str, chat: Thread, *, buttons: bool) -> Posted:
    """The message that begins a thread: whose chat it is, what they ask, where it stands, and what can be done."""
    customer = shown.customer_for(channel, chat.name, chat.company, chat.tier)
    asked = shown.text_for(chat.opening.text if chat.opening else "", ALONE) or _(SILENT)
    links = [blocks.link(chat.url, _("Open in Intercom")), blocks.link(chat_url(chat.id), _("Full history"))]
    made: list[Block] = [
        blocks.section(f"*{escape(customer)}*"),
        blocks.section(blocks.quote(asked)),
        *_files(chat.opening),
        blocks.small(escape(" · ".join(_state(chat)))),
        *(_offered(chat) if buttons else []),
        blocks.small(*links, *([escape(_(INTERNAL))] if buttons else [])),
    ]
    if buttons:
        made.append(blocks.actions(*_buttons(chat.id)))
    return escape(f"{customer}: {shortened(asked, 120)}"), made


def _buttons(conversation_id: str) -> Iterator[Block]:
    yield blocks.button(_("Send to the customer"), SEND, conversation_id, style="primary")
    yield blocks.button(_("Ask colleagues"), ASK, conversation_id)


def _offered(chat: Thread) -> list[Block]:
    """The answers to use again that were given to similar questions, for whoever answers this one."""
    titles = [blocks.link(know_how_url(row.id), row.title) for row in chat.offered]
    return [blocks.small(_(OFFERED, titles=" · ".join(titles)))] if titles else []


def _state(chat: Thread) -> Iterator[str]:
    """Where it stands, who has it, and how long the last answer took."""
    enquiry = chat.enquiry
    yield _(STATES[enquiry.state], time=time(language(), enquiry.waiting_since or enquiry.said_at))
    if enquiry.assignee_name:
        yield _("Assigned to {name}", name=enquiry.assignee_name)
    if chat.next_up:
        yield _("Next up: {names}", names=chat.next_up)
    answered = [wait for wait in chat.waits if wait.ended == "answered"]
    if answered and chat.answered_by:
        yield _answered(answered[-1], chat.answered_by)


def _answered(wait: Wait, name: str) -> str:
    at = time(language(), wait.ended_at or 0)
    return _("{name} answered at {time}, after {n} minutes", name=name, time=at, n=wait.minutes or 0)


# -- below ----------------------------------------------------------------------------------------


def said(channel: str, some: Sequence[Message], customer: str) -> Posted:
    """One message, or several that gathered, each with its hour and who said it."""
    if len(some) == 1:
        return _one(channel, some[0], customer)
    title = _("{n} messages since then", n=len(some))
    made: list[Block] = [blocks.section(f"*{escape(title)}*"), *_earlier(some)]
    for message in some[-MOST:]:
        line = f"*{escape(_speaker(channel, message, customer))}* {escape(time(language(), message.said_at))}"
        made += [blocks.section(f"{line}\n{blocks.quote(_words(message, TOGETHER))}"), *_files(message)]
    return escape(title), made


def _earlier(some: Sequence[Message]) -> list[Block]:
    """How many of them stand only where everything does."""
    if len(some) <= MOST:
        return []
    where = blocks.link(chat_url(some[0].conversation_id), _("Full history"))
    return [blocks.small(escape(_("Earlier messages not shown here: {n}", n=len(some) - MOST)), where)]


def _one(channel: str, message: Message, customer: str) -> Posted:
    speaker, words = _speaker(channel, message, customer), _words(message, ALONE)
    made: list[Block] = [
        blocks.section(f"*{escape(speaker)}*\n{blocks.quote(words)}"),
        *_files(message),
        blocks.small(escape(time(language(), message.said_at))),
    ]
    return escape(f"{speaker}: {shortened(words, 120)}"), made


def _words(message: Message, most: int) -> str:
    if not message.text and not message.attachments:
        return _("(deleted)")
    return shown.text_for(message.text, most) or _(SILENT)


def _speaker(channel: str, message: Message, customer: str) -> str:
    """Who says it: the customer as they may be named there, one of ours, a machine; or a note among us."""
    if message.is_customer:
        return "👤 " + shown.customer_for(channel, message.who or customer, "", "")
    name = message.who or _("Our team")
    if message.kind == "note":
        return "📝 " + _("{name}, note for us only", name=name)
    return ("🤖 " if message.author == "bot" else "💬 ") + name


def _files(message: Message | None) -> list[Block]:
    """What hangs on a message, as links."""
    files = message.attachments if message else []
    return [blocks.small(*(blocks.link(each["url"], f"📎 {each['name']}") for each in files))] if files else []


def digest_of(said: object) -> str:
    """Tells whether something says other words than before, whatever spaces are between them."""
    return hashlib.sha256("".join(str(said).split()).encode()).hexdigest()[:16]
