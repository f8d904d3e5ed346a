"""What people do at the vendors, one after another, and what has to come of it.

wish          an agent tags a conversation; some of these webhooks are given up by their vendor
released      … an issue names it, and is done: the conversation comes back
decided       … the meeting declines it
escalated     an agent sends the form in Slack

What follows waits until what it follows was acknowledged, as in life; what was acknowledged is a claim.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from app.demo.company import AGENTS, APP_ID, CUSTOMERS
from app.demo.stage import Stage
from tests.soak.database import Database
from tests.soak.desk import Desk
from tests.soak.oracle import Claim, Effect
from tests.soak.post import Letter, Post

CHAT = f"https://app.intercom.com/a/inbox/{APP_ID}/inbox/shared/all/conversation/"
HOUR = 3600
#: What people do, and how often.
KINDS = ("wish", "wish", "wish", "released", "released", "decided", "escalated")


@dataclass
class Story:
    """One thing that somebody began, how far it is, and what it has a claim to so far."""

    kind: str
    chat: str
    #: What has to be acknowledged before it goes on.
    letters: list[Letter]
    key: str = ""
    stage: int = 0
    claims: list[tuple[str, Callable[[], bool], dict[Effect, int]]] = field(default_factory=list)

    def is_taken(self) -> bool:
        """Was everything so far acknowledged?"""
        return all(letter.acked for letter in self.letters)


class People:
    """Everybody at the vendors, from threads of their own, until `stop`."""

    def __init__(self, stage: Stage, post: Post, desk: Desk, database: Database, dice: random.Random) -> None:
        self.stage, self._post, self._desk, self._database, self._dice = stage, post, desk, database, dice
        self.stories: list[Story] = []
        self._next_chat = stage.base + 1000
        self._next_issue = 1000
        self._ending = threading.Event()
        self._is_last = threading.Event()

    def start(self, pace: float) -> None:
        """Begin: so many new stories a second, until `finish`."""
        self._pace = pace
        self._threads = [threading.Thread(target=self._begin_stories, daemon=True)]
        self._threads += [threading.Thread(target=self._go_on, daemon=True)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Nobody begins anything new; what was begun goes on."""
        self._is_last.set()
        self._threads[0].join()

    def stop(self) -> None:
        """End."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def is_over(self) -> bool:
        """Has every story come as far as it can?"""
        return all(story.stage < 0 for story in self.stories)

    def claims(self) -> list[Claim]:
        """Everything that anybody has a claim to, or might have."""
        return [Claim(name, acked(), effects) for story in self.stories for name, acked, effects in story.claims]

    # -- beginning ----------------------------------------------------------

    def _begin_stories(self) -> None:
        while not self._is_last.wait(self._dice.expovariate(self._pace)):
            kind = self._dice.choice(KINDS)
            if kind == "escalated":
                self.stories.append(Story(kind, self._new_chat(), []))
            else:
                self._tag(kind)

    def _new_chat(self) -> str:
        self._next_chat += 1
        chat, now = str(self._next_chat), int(time.time())
        customer = self._dice.choice(CUSTOMERS)
        words = f"第{chat}号の帳票を、部署ごとに出力できるようにしてください。"
        self.stage.intercom.add_conversation(chat, f"c{customer.id}", words, at=now - 3 * HOUR)
        self._post.of("intercom", lambda: self.stage.intercom.close(chat, "7001", at=now - 2 * HOUR))
        return chat

    def _tag(self, kind: str) -> None:
        chat, agent = self._new_chat(), self._dice.choice(list(AGENTS))
        tag = partial(self.stage.intercom.tag, chat, "", "要望", agent)
        story = Story(kind, chat, self._post.of("intercom", tag, mortal=kind == "wish"))
        filed = {("Productboard note", chat): 1, ("internal note", chat): 1}
        story.claims.append((f"tag {chat}", story.is_taken, filed))
        self.stories.append(story)

    # -- going on -----------------------------------------------------------

    def _go_on(self) -> None:
        while not self._ending.wait(0.2):
            for story in list(self.stories):
                if story.stage >= 0 and not self._ending.is_set():
                    getattr(self, f"_{story.kind}")(story)

    def _wish(self, story: Story) -> None:
        if story.is_taken() or any(letter.given_up for letter in story.letters):
            story.stage = -1

    def _released(self, story: Story) -> None:
        """An issue names the conversation; some time after that is known, it is done."""
        if not story.is_taken():
            return
        if story.stage == 0:
            self._name_it(story)
        elif story.stage == 1:
            story.letters += self._post.of("jira", partial(self.stage.jira.move, story.key, "完了"))
            back = {("internal note", story.chat): 1, ("reopened", story.chat): 1, ("release post", story.key): 1}
            story.claims.append((f"release {story.key}", story.is_taken, back))
        story.stage = story.stage + 1 if story.stage < 2 else -1

    def _name_it(self, story: Story) -> None:
        self._next_issue += 1
        story.key = f"KNDE-{self._next_issue}"
        file = partial(self.stage.jira.add_issue, story.key, "帳票を部署ごとに出力する", CHAT + story.chat)
        letters = self._post.of("jira", file)
        story.letters += letters
        linked = {("remote link", story.chat): 1}
        story.claims.append((f"mention {story.key}", lambda: all(letter.acked for letter in letters), linked))

    def _decided(self, story: Story) -> None:
        """The meeting declines it as soon as it is on record; whoever decides presses until the page answers."""
        wish = self._database.wish_of(story.chat) if story.is_taken() else None
        if wish is None:
            return
        reason = f"今期は{story.chat}号より先に直すものがあるため"
        told = {(what, story.chat): 1 for what in ("internal note", "decision post", "written below", "mail")}
        story.claims.append((f"decision {story.chat}", lambda: story.stage == -1, told))
        if self._desk.decide(wish, reason, self._ending):
            story.stage = -1

    def _escalated(self, story: Story) -> None:
        """An agent sends the form until Slack shows that it was taken."""
        told = {(what, story.chat): 1 for what in ("card", "owner told", "receipt", "internal note")}
        if not story.claims:
            story.claims.append((f"escalation {story.chat}", lambda: story.stage == -1, told))
        if self._desk.escalate(story.chat, CHAT + story.chat, self._ending):
            story.stage = -1
