"""Dry run, headless: an issue is done once more, everything is decided, and nobody hears of it."""

from __future__ import annotations

from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.overview import beside
from workflows.rules import rules
from workflows.rules.dry_run import DryRun

KEY = "KNDE-12"


class Dry:
    """The steps, in the order in which they happen. A run is dry from the door on, whichever process works on it."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.step = stage, step

    def play(self) -> None:
        """Releases run dry for a moment."""
        before = self.written()
        rules.dry_run = DryRun(stories=("release",))
        try:
            self.stage.jira.move(KEY, "完了")
            self.step("in a dry run it is done again: the draft is kept here", lambda: self.would("intercom.note"))
            self.step("the channel would have been told", lambda: self.would("slack.post"))
            self.step("and no tool was written to", lambda: self.written() == before)
        finally:
            rules.dry_run = DryRun()

    def would(self, verb: str) -> bool:
        """Is it kept that this would have been done?"""
        rows = store.read(lambda session: beside.of(session, now_ms() - DAY_MS, now_ms() + DAY_MS, "release"))
        return any(action.verb == verb for row in rows for action in row.actions)

    def written(self) -> tuple[int, int]:
        """The notes in chats, and the messages in Slack, that are about it."""
        notes = [each for each in self.stage.intercom.did("note") if KEY in str(each.facts)]
        posts = [each for each in self.stage.slack.did("chat.postMessage") if KEY in str(each.facts)]
        return len(notes), len(posts)
