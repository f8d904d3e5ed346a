"""What tests of replies share: a chat with a thread in Slack, and people who answer the customer from there.

case = Replying(world)
case.write("お調べします。")             # the button in the thread, the field, the preview
case.send()                             # 送信, and everything that follows
assert case.sent() == [("7001", "<p>お調べします。</p>")]
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from sqlmodel import Session, select

from app.demo.company import CHANNEL
from integrations.slack import blocks
from integrations.slack.twin.door import Screen
from integrations.slack.twin.workspace import BOT_USER
from tests.world import World
from workflows.customer import lookup
from workflows.engine import posting
from workflows.engine.actions import Intent
from workflows.engine.posting import Place
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import intercom_client
from workflows.tables.enquiry import Enquiry, Reply

AGENT, OTHER, ENGLISH, SEATLESS, GUEST = "U0TANAKA", "U0SATO", "U0LEAD", "U0MORI", "U0EMMA"
__all__ = ["AGENT", "CHANNEL", "ENGLISH", "GUEST", "OTHER", "SEATLESS", "Replying"]


class Replying:
    """A company one of whose chats has a thread."""

    def __init__(self, world: World, chat: int = 0) -> None:
        self.world, self.slack, self.chat = world, world.slack, world.chats[chat]
        self.look()
        self.thread = self._opened()
        self._before = len(world.intercom.did("comment", self.chat))

    def _opened(self) -> Place:
        """The thread of the chat, as the story of threads opens it."""
        button = blocks.button("お客様に送信", "send_reply", self.chat)
        intent = Intent(
            "slack", "thread", f"thread:{self.chat}", CHANNEL, "Posted to Slack.", conversation_id=self.chat
        )
        message = ("新しいお問い合わせ", [blocks.section("新しいお問い合わせ"), blocks.actions(button)])
        place = posting.post(intent, message, since_ms=now_ms())
        assert place is not None
        store.write(partial(_keep, self.chat, place))
        return place

    def look(self) -> None:
        """What was said in the chat is read."""
        chat = intercom_client().conversation(self.chat)
        assert chat is not None
        lookup.remember(intercom_client(), chat)

    # -- receive ------------------------------------------------------------

    def press(self, by: str = AGENT) -> Screen:
        """The button in the thread."""
        return self.slack.press(by, CHANNEL, self.thread.ts, "send_reply")

    def say(self, text: str, by: str = AGENT, thread: str | None = None) -> str:
        """Somebody writes in the thread, or elsewhere ("")."""
        return self.slack.say(CHANNEL, by, text, thread_ts=self.thread.ts if thread is None else thread)

    def pick(self, ts: str, by: str = AGENT) -> Screen:
        """The shortcut in the menu of a message."""
        return self.slack.use_message_shortcut(by, "send_as_reply", CHANNEL, ts)

    def write(self, text: str, by: str = AGENT) -> Screen:
        """The button, the field, and the preview."""
        assert self.press(by).error == ""
        return self.slack.submit(by, {"text": text})

    def submit(self, by: str = AGENT, **changed: str) -> Screen:
        """送信 in the preview."""
        return self.slack.submit(by, changed)

    def send(self, by: str = AGENT, **changed: str) -> Screen:
        """送信 in the preview, and everything that follows."""
        screen = self.submit(by, **changed)
        self.world.settle()
        return screen

    # -- then ---------------------------------------------------------------

    def sent(self) -> list[tuple[str, str]]:
        """What the customer has been sent by the service: by whom, and the words."""
        found = self.world.intercom.did("comment", self.chat)[self._before :]
        return [(each.facts["admin_id"], each.facts["body"]) for each in found]

    def rows(self) -> list[Reply]:
        """Every reply, oldest first."""
        return list(store.read(lambda session: session.exec(select(Reply).order_by(Reply.id)).all()))  # type: ignore[arg-type]

    def told(self) -> list[str]:
        """What the service said in the thread, with its blocks."""
        below = [each for each in self.slack.messages(CHANNEL) if each.get("thread_ts") == self.thread.ts]
        ours = [each for each in below if each["ts"] != self.thread.ts and each["user"] == BOT_USER]
        return [str(each["text"]) + json.dumps(each.get("blocks", []), ensure_ascii=False) for each in ours]

    def whispers(self, to: str = AGENT) -> list[str]:
        """What one person alone was told in the thread."""
        theirs = [each for each in self.slack.whispers if each["to"] == to]
        return [str(each["text"]) for each in theirs if each.get("thread_ts") == self.thread.ts]

    def follows(self) -> list[dict[str, Any]]:
        """With what the enquiry was brought up to date because of a reply."""
        followed = [run.arguments for run in self.world.runs() if run.workflow == "enquiries.follow"]
        return [arguments for arguments in followed if arguments["change"] == "sent"]


def title(screen: Screen) -> str:
    """What stands above the form that somebody sees."""
    return str(screen.view["title"]["text"]) if screen.view else ""


def shown(screen: Screen) -> str:
    """Everything that the form says."""
    return json.dumps(screen.view, ensure_ascii=False)


def field(screen: Screen, name: str = "text") -> str:
    """What stands in a field."""
    assert screen.view is not None
    return str(screen.view["state"]["values"][name][name]["value"] or "")


def _keep(chat: str, place: Place, session: Session) -> None:
    row = {"state": "waiting", "said_at": now_ms(), "channel": place.channel, "thread": f"{place.channel}/{place.ts}"}
    session.merge(Enquiry(conversation_id=chat, **row))
