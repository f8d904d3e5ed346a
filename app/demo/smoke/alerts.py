"""Alerts, headless: many customers write the same; the alert arrives, explains itself, is called a fault, and ends."""

from __future__ import annotations

import json
from typing import Any

from app.demo import company, counted
from app.demo.smoke.steps import Steps
from app.demo.spike import ahead, look_on, spike
from app.demo.stage import Stage
from workflows.engine.store import now_ms, store
from workflows.measure import alert
from workflows.people.person import Person


class Alerts:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.step = stage, step

    def play(self) -> None:
        """From the first of many enquiries until nobody writes any more."""
        counted.seed()
        spike(self.stage)
        self.step("many customers cannot sign in: the team hears of it in one message", lambda: len(self.told()) == 1)
        self.step("it says what grew, and what was released before", self.is_explained)
        self.step("its chart stands below it", lambda: self.pictures() >= 1)
        number = self.number()
        by = Person("U0TANAKA", "田中")
        store.write(lambda session: alert.judged(session, number, "fault", by, now_ms()))
        self.step("somebody says that it is a fault: the message says who", lambda: "田中" in self.said())
        look_on(store.read(ahead) or 0)
        self.step("nobody writes any more: the same message says that it is over", lambda: "✅" in self.said())
        self.step("told once, whatever happened", lambda: len(self.told()) == 1)

    def told(self) -> list[dict[str, Any]]:
        """The messages of alerts in the channel."""
        there = self.stage.slack.messages(company.CHANNEL)
        return [each for each in there if str(each.get("text", "")).startswith(("📈", "✅"))]

    def said(self) -> str:
        """All that the message says."""
        return json.dumps([each.get("blocks") for each in self.told()], ensure_ascii=False)

    def is_explained(self) -> bool:
        """Does it name the theme and the release?"""
        return "ログイン" in self.said() and "4.8.0" in self.said()

    def pictures(self) -> int:
        """How many charts stand in the channel."""
        there = self.stage.slack.messages(company.CHANNEL)
        return sum(len(each.get("files") or ()) for each in there)

    def number(self) -> int:
        """The alert's number, as its buttons have it."""
        buttons = [block for block in self.told()[0]["blocks"] if block["type"] == "actions"]
        return int(buttons[0]["elements"][0]["value"])
