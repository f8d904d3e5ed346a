"""What people do at the vendors, as verbs that can be written down and played again."""

from __future__ import annotations

from typing import Any

from tests.linking import CSV
from tests.world import World

ISSUES = ("KNDE-12", "KNDE-15")
ASLEEP, SNOOZED_UNTIL = 6, 4_000_000_000
INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"
Act = tuple[str, tuple[Any, ...]]


class People:
    """What people do at the vendors, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.named: dict[str, list[str]] = {key: [] for key in ISSUES}
        world.productboard.push_to_jira(world.stage.features[CSV], world.stage.issues[ISSUES[0]], ISSUES[0])
        world.intercom.snooze_by_hand(world.chats[ASLEEP], "7001", SNOOZED_UNTIL)
        for key in ISSUES:
            world.move(key, "レビュー中")  # we have met these issues

    def tag(self, chat: int, tag: str, by: str) -> None:
        self.world.tag(chat, tag, by=by)

    def untag(self, chat: int, tag: str) -> None:
        talk = self.world.intercom.books.conversations[self.world.chats[chat]]
        if self.world.intercom.tag_named(tag) in talk.source.tag_ids:
            self.world.intercom.untag(talk.id, "", tag)

    def describe(self, chat: int, key: str) -> None:
        self.named[key].append(INBOX + self.world.chats[chat])
        self.world.jira.describe(key, " ".join(self.named[key]))

    def comment(self, chat: int, key: str) -> None:
        self.world.jira.comment_by_hand(key, INBOX + self.world.chats[chat])

    def find_insight(self, chat: int) -> None:
        feature = self.world.stage.features[CSV]
        for note in self.notes_of(chat):
            if feature not in {entity.id for kind, entity in note.relationships if kind == "link"}:
                self.world.productboard.link(note.id, feature)

    def notes_of(self, chat: int) -> list[Any]:
        """The notes at Productboard that were filed from a chat."""
        end = f"/conversation/{self.world.chats[chat]}"
        return [note for note in self.world.productboard.notes.values() if note.source.get("url", "").endswith(end)]

    def finish(self, key: str) -> None:
        self.world.jira.move(key, "完了")

    def decline(self, key: str) -> None:
        self.world.jira.move(key, "完了", "対応しない")

    def take_back(self, key: str) -> None:
        self.world.jira.move(key, "レビュー中")

    def customer_writes(self, chat: int) -> None:
        self.world.intercom.customer_says(self.world.chats[chat], "その後いかがでしょうか。")

    def agent_answers(self, chat: int) -> None:
        self.world.intercom.agent_says(self.world.chats[chat], "7002", "ご利用いただけます。")

    def close(self, chat: int) -> None:
        self.world.intercom.close(self.world.chats[chat], "7001")

    def do(self, act: Act) -> None:
        """Do what a script says."""
        getattr(self, act[0])(*act[1])
