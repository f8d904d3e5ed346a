"""What customers say, headless: somebody asks in Slack, reads it alone, and shares it once."""

from __future__ import annotations

import json
from typing import Any

from app.demo.company import CHANNEL, CUSTOMERS
from app.demo.people import People
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from integrations.slack.twin import Screen

ASKS, SHARED = "U0TANAKA", "さんが共有"
TEXT, WORDS = "先月分の領収書を、まとめて再発行できますか。", "領収書"


class Voice:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.slack, self.step = stage, stage.slack, step

    def play(self) -> None:
        """With words, without any, and shared."""
        People(self.stage).play("ask", {"customer": CUSTOMERS[0].id, "text": TEXT})
        self.step("“/声 領収書” quotes what a customer wrote just now", lambda: TEXT in self.asked(WORDS))
        self.step("and counts who did, with a link to the search", lambda: "/search?q=" in self.asked(WORDS))
        self.step("nobody else reads the answer", lambda: self.shared() == 0)
        self.step(
            "“/voice” alone says what customers struggle with", lambda: "今困っている" in self.asked("", "/voice")
        )
        self.asked(WORDS)
        for _ in range(2):
            self.slack.press(ASKS, CHANNEL, str(self.answers()[-1]["ts"]), "share_voice")
        self.step("shared in the channel with one button, pressed twice: once", lambda: self.shared() == 1)

    def asked(self, words: str, command: str = "/声") -> str:
        """All that the answer says."""
        screen: Screen = self.slack.command(ASKS, CHANNEL, command, words)
        return screen.said + json.dumps(screen.blocks, ensure_ascii=False)

    def answers(self) -> list[dict[str, Any]]:
        """What whoever asked reads alone, oldest first."""
        return self.slack.whispers_to(ASKS)

    def shared(self) -> int:
        """How many answers stand in the channel."""
        return sum(SHARED in json.dumps(each, ensure_ascii=False) for each in self.slack.messages(CHANNEL))
