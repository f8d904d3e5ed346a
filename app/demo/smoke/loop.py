"""The loop, headless: from the tag on a customer's message to the answer that reaches them."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, select

from app.demo.company import CHANNEL
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.store import store
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.wish.wishes import of_conversations


class Loop:
    """The steps, in the order in which a company lives them."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.step = stage, step

    def play(self) -> None:
        """Two wishes go all the way round, and one is taken back."""
        stage, step, first, third = self.stage, self.step, self.stage.chats[0], self.stage.chats[2]
        stage.intercom.tag(first, "", "要望", "7001")
        stage.intercom.tag(third, "", "要望", "7003")
        step("two tags become two feedback records", lambda: len(self.feedback()) == 2)
        step("each has its note in Productboard", lambda: all(f.note_id for f in self.feedback()))
        step("and the agents are told in the chat", lambda: len(self.notes(first, third)) == 2)
        feature = stage.features["CSV出力の列を選べる"]
        for wish in self.feedback():
            stage.productboard.link(wish.note_id, feature)
        stage.productboard.push_to_jira(feature, stage.issues["KNDE-12"], "KNDE-12")
        stage.productboard.set_status(feature, "開発中")
        step("product links them to a feature, and that to KNDE-12", lambda: self.waiting() == 2)
        stage.jira.move("KNDE-12", "完了")
        step("KNDE-12 is done: both chats reopen", lambda: self.drafted() == 2)
        step("each was opened once", lambda: self.opened(first) == self.opened(third) == 1)
        step("the support channel has one message", lambda: len(stage.slack.messages(CHANNEL)) == 1)
        stage.intercom.agent_says(first, "7001", "山本様、ご要望の部署コードの列が付けられるようになりました。")
        step("an agent writes to the customer: told", lambda: self.told() == 1)
        stage.jira.move("KNDE-12", "進行中")
        step("KNDE-12 is taken back: support is warned", lambda: len(stage.slack.messages(CHANNEL)) == 2)

    # -- what came of it ----------------------------------------------------

    def feedback(self) -> list[Feedback]:
        """The wishes that were taken from the chats."""
        return store.read(partial(_of_chats, self.stage.chats))

    def notes(self, *chats: str) -> list[object]:
        """The internal notes in chats."""
        return [effect for chat in chats for effect in self.stage.intercom.did("note", chat)]

    def opened(self, chat: str) -> int:
        """How often a chat was opened."""
        return len(self.stage.intercom.did("open", chat))

    def waiting(self) -> int:
        """How many wishes wait for an issue."""
        ids = [wish.id for wish in self.feedback()]
        links = store.read(lambda session: session.exec(select(FeedbackIssue)).all())
        return sum(link.feedback_id in ids for link in links)

    def drafted(self) -> int:
        """How many customers can be told."""
        return self._tellings("drafted")

    def told(self) -> int:
        """How many customers were told."""
        return self._tellings("told")

    def _tellings(self, state: str) -> int:
        rows = store.read(lambda session: session.exec(select(Telling).where(Telling.state == state)).all())
        return sum(row.conversation_id in self.stage.chats for row in rows)


def _of_chats(chats: list[str], session: Session) -> list[Feedback]:
    return of_conversations(session, chats)
