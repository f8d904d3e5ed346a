"""The play of an enquiry: a chat in its thread, a warning, a reply out of Slack, a question to colleagues, a deletion.

Every day is open here, and one warning is due as soon as somebody has waited for a minute.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import col

from integrations.twin import Ask as Call
from integrations.twin import Said
from tests.crash.meetings import EVERY_DAY
from tests.crash.people import PeoplePlay
from tests.crash.service import until
from tests.enquiring import CHANNEL, TANAKA, WINDOW, text_of
from tests.replying import AGENT
from workflows.tables.customer import Message
from workflows.tables.enquiry import Ask, Enquiry, Reply, Wait
from workflows.tables.runs import Action

KEPT_UP = "/api/chat.update"
LATER, GATHERED = "1000900", "1000901"


class EnquiryPlay(PeoplePlay):
    """One chat that is answered out of Slack, and one of which the service hears only when much was said."""

    rules = (
        EVERY_DAY.replace('channel = ""\nwindow = ""', f'channel = "{CHANNEL}"\nwindow = "{WINDOW}"')
        .replace("warn = [50, 80, 100]", "warn = [1]")
        .replace("\n[skills]\n", '\n[skills]\nbilling = ["agent7002@kanade.example"]\n')
    )

    def __init__(self, database_url: str, folder: Path, **settings: object) -> None:
        super().__init__(database_url, folder, **settings)
        self.slack, self.intercom, self.deadly = self.stage.slack, self.stage.intercom, 0
        for channel in (CHANNEL, WINDOW):
            self.slack.add_channel(channel, channel.lower())
        self.slack.sender = lambda headers, body: self.until_answered("POST", "/slack/events", headers, body)
        self.slack.clock = lambda: 0.0  # people wait for as long as a restart takes
        self.slack.watchers.append(self._watch)

    def _watch(self, call: Call, said: Said) -> None:
        """Where a message was changed as asked for, and this is the deadly time, the service does not hear of it."""
        if call.path == KEPT_UP and self.deadly:
            self.deadly -= 1
            if self.deadly == 0 and self.service is not None:
                self.service.kill()

    # -- the acts -----------------------------------------------------------

    def begin_chat(self) -> None:
        """A customer asks and is answered before anybody here hears of it."""
        now = int(time.time())
        self.intercom.add_conversation(LATER, "c101", "請求書が出ません。", at=now - 300)
        self.intercom.agent_says(LATER, TANAKA, "お調べします。", at=now - 200)

    def ask_again(self) -> None:
        """They ask again, and wait: the thread is warned."""
        self.intercom.customer_says(LATER, "まだでしょうか。口座は1234567です。", at=int(time.time()) - 120)
        until(lambda: self._at_rest() and any(wait.warned for wait in self.rows(Wait)), "the thread is warned")

    def reply(self) -> None:
        """Somebody answers out of the thread."""
        self._press("send_reply")
        self.slack.submit(AGENT, {"text": "お待たせしました。再発行しました。"})
        self.slack.submit(AGENT, {})

    def ask(self) -> None:
        """Somebody asks a colleague."""
        self._press("ask_colleagues")
        self.slack.submit(AGENT, {"skill": "billing", "question": "再発行はどこからですか。", "way": "thread"})

    def gather(self) -> None:
        """Of another chat nobody heard while much was said."""
        self.intercom.add_conversation(GATHERED, "c102", "ログインできません。")
        for number in range(5):
            self.intercom.customer_says(GATHERED, f"{number}回目です。")
        self.intercom.held = []
        self.intercom.agent_says(GATHERED, TANAKA, "確認いたします。")

    def redact(self) -> None:
        """What should not have been said is deleted."""
        [part] = [each for each in self.intercom.books.conversations[LATER].parts if "口座" in (each.body or "")]
        self.intercom.redact(LATER, part.id)

    @property
    def acts(self) -> list[Callable[[], None]]:
        """The whole story, in order."""
        return [self.begin_chat, self.ask_again, self.reply, self.ask, self.gather, self.redact]

    def _press(self, button: str) -> None:
        [ts] = [each["ts"] for each in self.slack.messages(CHANNEL) if f"/{LATER}" in text_of(each)]
        assert self.slack.press(AGENT, CHANNEL, ts, button).error == ""

    # -- then ---------------------------------------------------------------

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died."""
        turn = ("relayed_by", "relayed_until", "relay_again", "state")
        return {
            "channel": self._said(CHANNEL),
            "window": self._said(WINDOW),
            "customer": [(each.facts["admin_id"], each.facts["body"]) for each in self.intercom.did("comment", LATER)],
            "replies": [(row.state, row.why, bool(row.part_id)) for row in self.rows(Reply)],
            "asks": [(row.question, row.asked) for row in self.rows(Ask)],
            "waits": [(row.kind, row.warned, row.ended) for row in self.rows(Wait, Wait.conversation_id, Wait.since)],
            "turns": [[getattr(row, name) for name in turn] for row in self.rows(Enquiry, Enquiry.conversation_id)],
            "told": [(row.text, row.relayed) for row in self.rows(Message, col(Message.id)) if row.part_id],
            "actions": Counter((row.verb, row.state, row.sentence) for row in self.rows(Action)),
            "unfinished": self.unfinished(),
        }

    def _said(self, channel: str) -> list[tuple[int, str]]:
        """What stands in a channel, without moments: in the n-th of its threads, and the words.

        A warning comes when it is due: that is before or after whatever else is said then.
        """
        said = self.slack.messages(channel)
        threads = [each["ts"] for each in said if each.get("thread_ts", each["ts"]) == each["ts"]]
        below = [(threads.index(each.get("thread_ts", each["ts"])), self._timeless(text_of(each))) for each in said]
        return sorted(below, key=lambda each: (each[0], "⏱" in each[1]))

    def _timeless(self, text: str) -> str:
        without = re.sub(r'"block_id": "[^"]*"', "", text.replace(self.url, ""))
        return re.sub(r"\d{1,2}/\d{1,2}|\d{1,2}:\d{2}|\d+分", "", without)
