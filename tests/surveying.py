"""What tests of satisfaction share: a customer whose conversation is answered and closed, and the link that they get.

case = Surveying(world, hands)
chat = case.solved()                    # asked, answered, closed
case.minutes_pass(10)                   # its moment comes
assert case.links(chat) == ["https://…/rate/…"]
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from integrations.intercom import plain
from tests.clock import Hands
from tests.enquiring import Enquiring
from tests.world import World
from workflows.engine.store import store
from workflows.language.addresses import Site
from workflows.measure import survey
from workflows.rules import rules
from workflows.tables.measure import Survey

AGENT, OTHER = "7001", "7002"
LINK = re.compile(r"https?://\S+/rate/[\w-]+")


class Surveying(Enquiring):
    """A company that asks its customers how it went."""

    def __init__(self, world: World, hands: Hands, **others: Any) -> None:
        super().__init__(world)
        self.hands = hands
        rules.survey = replace(rules.survey, on=True, **others)

    # -- what people do ---------------------------------------------------------------

    def solved(self, text: str = "請求書が出ません", customer: str = "101", **others: Any) -> str:
        """A customer asks, somebody answers and closes it; returns the chat's number."""
        chat = self.asks(text, customer, **others)
        self.answers(chat, "設定画面から出せます。")
        self.closes(chat)
        return chat

    def closes(self, chat: str, by: str = AGENT) -> None:
        """Somebody closes it."""
        self.intercom.close(chat, by)
        self.world.settle()

    def minutes_pass(self, minutes: float) -> None:
        """Time goes on from now, which is Intercom's; what is due then happens."""
        self.hands.go_on(max(0.0, time.time() - self.hands.time()) + 60 * minutes)
        survey.start_due()
        self.world.settle()

    # -- what they see ----------------------------------------------------------------

    def written(self, chat: str) -> list[tuple[str, str]]:
        """What the customer has read of this service: in whose name, and the words."""
        parts = [each for each in self.intercom.books.conversations[chat].parts if each.package and each.body]
        return [(each.author.id, plain.text(str(each.body))) for each in parts if each.type == "comment"]

    def links(self, chat: str) -> list[str]:
        """The links that the customer got."""
        return [found for _, text in self.written(chat) for found in LINK.findall(text)]

    def path(self, chat: str) -> str:
        """The newest link, as the service itself knows it."""
        return self.links(chat)[-1].removeprefix(Site.public_url)

    def surveys(self, chat: str) -> list[Survey]:
        """What is kept of it, oldest first."""
        query = select(Survey).where(Survey.conversation_id == chat).order_by(col(Survey.episode))
        return store.read(lambda session: list(session.exec(query)))

    def why(self, chat: str) -> list[str]:
        """Why its customer was not asked."""
        return [each.not_asked for each in self.surveys(chat)]
