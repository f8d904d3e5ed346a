"""What tests of enquiries share: a customer who writes, and what colleagues see of it in Slack.

desk = Enquiring(world)
chat = desk.asks("請求書が出ません")         # receive: a new chat
assert "請求書が出ません" in desk.first(chat)   # then: its thread
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

from sqlmodel import col, select

from tests.world import World
from workflows.engine.store import store
from workflows.rules import rules
from workflows.tables.enquiry import Enquiry, Wait

CHANNEL, WINDOW = "C0CHATS", "C0WINDOW"
TANAKA, SATO = "7001", "7002"


class Enquiring:
    """A company whose chats stand in Slack, in a channel of their own."""

    def __init__(self, world: World, **others: Any) -> None:
        self.world, self.intercom, self.slack = world, world.intercom, world.slack
        self._numbers = count(880001)
        for channel in (CHANNEL, WINDOW):
            world.slack.add_channel(channel, channel.lower())
        rules.enquiry = replace(rules.enquiry, channel=CHANNEL, **others)

    # -- what people do ---------------------------------------------------------------

    def asks(self, text: str, customer: str = "101", **others: Any) -> str:
        """A customer begins a chat; returns its number."""
        chat = self.intercom.add_conversation(str(next(self._numbers)), f"c{customer}", text, send=True, **others)
        self.world.settle()
        return chat

    def says(self, chat: str, text: str) -> str:
        """The customer writes again."""
        part = self.intercom.customer_says(chat, text)
        self.world.settle()
        return part

    def answers(self, chat: str, text: str, by: str = TANAKA) -> None:
        """One of our people answers in Intercom."""
        self.intercom.agent_says(chat, by, text)
        self.world.settle()

    @contextmanager
    def slack_is_away(self) -> Iterator[None]:
        """Slack does not answer for a while; what was to be posted comes afterwards."""
        with self.world.without("slack"):
            yield

    # -- what they see ----------------------------------------------------------------

    def threads(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """The messages that begin a thread, oldest first."""
        return [each for each in self.slack.messages(channel) if each.get("thread_ts", each["ts"]) == each["ts"]]

    def first(self, chat: str, channel: str = CHANNEL) -> str:
        """All that the first message of a chat's thread says."""
        [found] = [each for each in map(text_of, self.threads(channel)) if f"/{chat}" in each]
        return found

    def replies(self, chat: str, channel: str = CHANNEL) -> list[str]:
        """What stands below it."""
        [ts] = [each["ts"] for each in self.threads(channel) if f"/{chat}" in text_of(each)]
        below = [each for each in self.slack.messages(channel) if each.get("thread_ts") == ts and each["ts"] != ts]
        return [text_of(each) for each in below]

    def row(self, chat: str) -> Enquiry:
        """Its row."""
        return store.read(lambda session: session.get_one(Enquiry, chat))

    def waits(self, chat: str) -> list[Wait]:
        """When its customer waited."""
        query = select(Wait).where(Wait.conversation_id == chat).order_by(col(Wait.since))
        return store.read(lambda session: list(session.exec(query)))


def text_of(message: dict[str, Any]) -> str:
    """Everything that a message says."""
    return str(message["text"]) + json.dumps(message["blocks"], ensure_ascii=False)
