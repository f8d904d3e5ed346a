"""What customers say, asked at Slack's door: the answer is the reply, or follows it where reading takes too long.

Slack waits three seconds, and tells whoever waits longer that the command failed. So after two it is told that the
answer follows, and that goes to the command's own address: also into channels in which we are not. It changes nothing,
so nothing is kept of it; what is lost with a process is asked once more.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from app.door.slack_desk import Desk, open_view, said, user_of
from integrations.contract import Trouble
from integrations.slack import ButtonPressed
from integrations.slack.blocks import Block
from workflows.customer import fields
from workflows.engine.posting import Message
from workflows.engine.store import now_ms
from workflows.engine.vendors import vendors
from workflows.language.text import speaking
from workflows.language.wording import say
from workflows.measure import voice_share, voice_texts
from workflows.people import colleagues

log = logging.getLogger("yamabiko")

#: What the commands are called in [commands], and the button below an answer.
COMMANDS, SHARE = ("voice", "voice_ja"), voice_texts.SHARE
#: Seconds until somebody is told that the answer follows; until it is given up.
PATIENCE, LONGEST = 2.0, 60.0
FOLLOWS = "This takes a moment. The answer follows here."
TOO_LONG = "This took too long, so there is no answer. Try fewer or longer words."
#: A door that is asked much reads few answers at a time: each looks through many texts.
_readers = ThreadPoolExecutor(4, thread_name_prefix="voice")


def answer(ack: Any, body: dict[str, Any], desk: Desk, typed: str) -> None:
    """The command."""
    user = user_of(body)
    language = colleagues.language_of(user)
    written = _readers.submit(_written, language, typed, user)
    try:
        text, blocks = written.result(PATIENCE)
    except TimeoutError:
        desk.afterwards.append(partial(_follow, written, language, said(body, "response_url")))
        ack(text=say(language, FOLLOWS))
        return
    ack(text=text, blocks=blocks)


def _written(language: str, typed: str, user: str) -> Message:
    with speaking(language):
        return voice_texts.answer(typed, user, now_ms())


def _follow(written: Future[Message], language: str, address: str) -> None:
    try:
        text, blocks = written.result(LONGEST)
    except TimeoutError:
        text, blocks = say(language, TOO_LONG), []
    if vendors.slack is not None and not vendors.slack.respond(address, text, blocks):
        log.warning("an answer that followed a command was not taken by Slack")


def share(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> None:
    """The button: the story posts it, where we may write; else whoever pressed it is told how we may."""
    desk: Desk = context["desk"]
    event = desk.event
    if isinstance(event, ButtonPressed) and not _may_be_here(event.channel):
        open_view(body, _not_here)
    else:
        desk.accept()
    ack()


def _not_here(language: str) -> Block:
    return fields.notice(language, "Share in this channel", say(language, voice_share.NOT_HERE))


def _may_be_here(channel: str) -> bool:
    """Where Slack does not say so at once, the story asks again."""
    try:
        return voice_share.is_here(channel, soon=True)
    except Trouble:
        return True
