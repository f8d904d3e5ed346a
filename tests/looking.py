"""What a test sees of a world: its own records, and what stands at the vendors."""

from __future__ import annotations

from functools import partial

from sqlmodel import col, select

from app.demo.company import CHANNEL
from app.demo.stage import Stage
from integrations.intercom.twin import IntercomTwin
from integrations.slack.twin import SlackTwin
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.tables.runs import Action, Delivery, Run
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.wish import wishes


class Looking:
    """The questions that can be asked of a `World`; the n-th chat is the company's n-th."""

    stage: Stage
    intercom: IntercomTwin
    slack: SlackTwin
    chats: list[str]

    def feedback(self, chat: int | None = None) -> list[Feedback]:
        """The feedback of one chat, or of all."""
        chats = self.chats if chat is None else [self.chats[chat]]
        return store.read(partial(wishes.of_conversations, conversation_ids=chats))

    def notes(self, chat: int) -> list[str]:
        """The internal notes that the service left in a chat, as HTML."""
        return [str(effect.facts.get("body", "")) for effect in self.intercom.did("note", self.chats[chat])]

    def opened(self, chat: int) -> int:
        """How often the service opened a chat."""
        return len(self.intercom.did("open", self.chats[chat]))

    def state(self, chat: int) -> str:
        """The chat's state at Intercom."""
        return self.intercom.books.conversations[self.chats[chat]].state

    def said(self) -> list[str]:
        """What the support channel in Slack has been told."""
        return [str(message["text"]) for message in self.slack.messages(CHANNEL)]

    def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        return list(store.read(lambda s: s.exec(select(Delivery).order_by(col(Delivery.received_at))).all()))

    def runs(self) -> list[Run]:
        """Every run, oldest first."""
        return list(store.read(lambda s: s.exec(select(Run).order_by(col(Run.created_at), col(Run.id))).all()))

    def actions(self, chat: int | None = None) -> list[Action]:
        """Every action upon a chat, or all, oldest first."""
        rows = store.read(lambda s: s.exec(select(Action).order_by(col(Action.started_at))).all())
        return [row for row in rows if chat is None or row.conversation_id == self.chats[chat]]

    def sentences(self, chat: int | None = None) -> list[str]:
        """What was done and left undone, in English, with the facts filled in."""
        return [say("en", action.sentence, **action.facts) for action in self.actions(chat)]

    def reasons(self, topic: str = "") -> list[tuple[str, str]]:
        """How the deliveries (of a topic) ended: state and sentence."""
        return [(d.state, say("en", d.reason, **d.facts)) for d in self.deliveries() if topic in ("", d.topic)]

    def tellings(self) -> dict[str, str]:
        """What each conversation is owed: its id and owed | drafted | told | excused | withdrawn."""
        rows = store.read(lambda s: s.exec(select(Telling)).all())
        return {row.conversation_id: row.state for row in rows}

    def waiting(self, key: str) -> list[int]:
        """The feedback records that wait for an issue."""
        issue_id = self.stage.issues[key]
        rows = store.read(lambda s: s.exec(select(FeedbackIssue).where(FeedbackIssue.issue_id == issue_id)).all())
        return sorted(row.feedback_id for row in rows)
