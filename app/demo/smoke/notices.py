"""Notices, headless: one is written and opened, customers hear of it and are reminded, and then it is called off."""

from __future__ import annotations

from sqlmodel import Session, col, select

from app.demo import company, notices
from app.demo.meeting import LEAD as WHO
from app.demo.smoke.releases import Releases
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.store import now_ms, store
from workflows.notice import notices as given
from workflows.people.person import Person
from workflows.tables.notice import Notice
from workflows.tables.telling import Telling
from workflows.telling import approval
from workflows.telling.approval import Key

LEAD = Person(*WHO)


class Notices:
    """The steps, in the order in which they happen."""

    def __init__(self, stage: Stage, step: Steps) -> None:
        self.stage, self.step = stage, step
        self.agent = Releases(stage, step).agent

    def play(self) -> None:
        """One customer is told, one is not, and in the end nobody is to believe it any more."""
        self.number = notices.write(f"smoke:{self.stage.base}")
        self.release = notices.release_of(self.number)
        given.open_up(self.number, LEAD)
        self.step("a notice is opened: time to undo that, and no draft", lambda: not self.owed())
        given.undo(self.number)
        given.open_up(self.number, LEAD)
        self.hurry()
        self.step("its drafts are made, one for each customer", lambda: len(self.owed("drafted")) > 1)
        first = self.owed("drafted")[0]
        key = Key(first.release_id, first.conversation_id)
        approval.approve(key, first.draft, self.agent)
        approval.at_once(key, self.agent)
        self.step("an agent approves one: Intercom says it was sent", lambda: len(self.owed("told")) == 1)
        before = self.said()
        notices.remind(self.number, 14)
        self.step("two weeks before, Slack hears who is left", lambda: self.said() == before + 1)
        given.call_off(self.number, LEAD)
        self.step("called off: the other drafts are withdrawn", lambda: not self.owed("drafted"))
        self.step("and who was told gets a correction", lambda: len(self.corrections()) == 1)

    def hurry(self) -> None:
        """The time to undo it is over."""
        store.write(self._hurry)

    def _hurry(self, session: Session) -> None:
        session.get_one(Notice, self.number).opens_at = now_ms()

    def owed(self, *states: str) -> list[Telling]:
        """What is owed because of it, in one of these states (in any by default)."""
        query = select(Telling).where(Telling.release_id == self.release).order_by(col(Telling.conversation_id))
        found = store.read(lambda session: session.exec(query).all())
        return [each for each in found if not states or each.state in states]

    def corrections(self) -> list[Telling]:
        """The corrections that wait for an agent."""
        query = select(Telling).where(Telling.release_id == f"{self.release}:reopened", Telling.state == "drafted")
        return list(store.read(lambda session: session.exec(query).all()))

    def said(self) -> int:
        """How often the support channel heard of it."""
        posted = self.stage.slack.messages(company.CHANNEL)
        return sum(notices.TITLE in str(each.get("text", "")) for each in posted)
