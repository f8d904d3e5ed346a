"""The loop, headless: people act at the vendors, each step says what came of it. Exit 0, or 1 at the first failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from rich.console import Console
from sqlmodel import Session, select

from app.demo.company import CHANNEL
from app.demo.show import Show
from app.demo.stage import Stage, database_url
from workflows.records.tables import Feedback, FeedbackIssue, Telling
from workflows.store import store

PATIENCE = 60.0


class Failed(Exception):
    """A step did not come true in time."""


def play() -> int:
    """Play the whole loop once; returns the exit code."""
    console = Console(highlight=False)
    stage = Stage()
    try:
        with Show(stage, database_url()) as show:
            console.print(f"[bold]山びこ[/]  {show.url}")
            _Loop(stage, console).play()
        console.print("[green]ok[/]  the loop runs")
        return 0
    except Failed as failure:
        console.print(f"[red]failed[/]  {failure}")
        return 1
    finally:
        stage.close()


class _Loop:
    """The steps, in the order in which a company lives them."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self.stage, self.console, self.number = stage, console, 0

    def play(self) -> None:
        stage, first, third = self.stage, self.stage.chats[0], self.stage.chats[2]
        stage.intercom.tag(first, "", "要望", "7001")
        stage.intercom.tag(third, "", "要望", "7003")
        self.step("two tags become two feedback records", lambda: len(self.feedback()) == 2)
        self.step("each has its note in Productboard", lambda: all(f.note_id for f in self.feedback()))
        self.step("and the agents are told in the chat", lambda: len(self.notes(first, third)) == 2)
        feature = stage.features["CSV出力の列を選べる"]
        for wish in self.feedback():
            stage.productboard.link(wish.note_id, feature)
        stage.productboard.push_to_jira(feature, stage.issues["KNDE-12"], "KNDE-12")
        stage.productboard.set_status(feature, "開発中")
        self.step("product links them to a feature, and that to KNDE-12", lambda: self.waiting() == 2)
        stage.jira.move("KNDE-12", "完了")
        self.step("KNDE-12 is done: both chats reopen", lambda: self.drafted() == 2)
        self.step("each was opened once", lambda: self.opened(first) == self.opened(third) == 1)
        self.step("the support channel has one message", lambda: len(stage.slack.messages(CHANNEL)) == 1)
        stage.intercom.agent_says(first, "7001", "山本様、ご要望の部署コードの列が付けられるようになりました。")
        self.step("an agent writes to the customer: told", lambda: self.told() == 1)
        stage.jira.move("KNDE-12", "進行中")
        self.step("KNDE-12 is taken back: support is warned", lambda: len(stage.slack.messages(CHANNEL)) == 2)

    def step(self, sentence: str, came_true: Callable[[], bool]) -> None:
        """Wait until something is so, and say it."""
        self.number += 1
        began = time.monotonic()
        while not came_true():
            if time.monotonic() - began > PATIENCE:
                raise Failed(f"step {self.number}: {sentence}")
            time.sleep(0.05)
        self.console.print(f"{self.number:2}. {sentence}  [dim]{time.monotonic() - began:.1f} s[/]")

    def feedback(self) -> list[Feedback]:
        return store.read(partial(_of_chats, self.stage.chats))

    def notes(self, *chats: str) -> list[object]:
        return [effect for chat in chats for effect in self.stage.intercom.did("note", chat)]

    def opened(self, chat: str) -> int:
        return len(self.stage.intercom.did("open", chat))

    def waiting(self) -> int:
        ids = [wish.id for wish in self.feedback()]
        links = store.read(lambda session: session.exec(select(FeedbackIssue)).all())
        return sum(link.feedback_id in ids for link in links)

    def drafted(self) -> int:
        return self._tellings("drafted")

    def told(self) -> int:
        return self._tellings("told")

    def _tellings(self, state: str) -> int:
        rows = store.read(lambda session: session.exec(select(Telling).where(Telling.state == state)).all())
        return sum(row.conversation_id in self.stage.chats for row in rows)


def _of_chats(chats: list[str], session: Session) -> list[Feedback]:
    from workflows.records.feedback import of_conversations

    return of_conversations(session, chats)
