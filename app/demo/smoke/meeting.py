"""The meeting, headless: wishes are merged and decided, and everybody hears of it at that moment."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session, col, select

from app.demo.company import CHANNEL
from app.demo.slack.desk import direct
from app.demo.smoke.filing import SUZUKI, Filing
from app.demo.smoke.steps import Steps
from app.demo.stage import Stage
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.meeting import acts, items, to_jira
from workflows.people.person import Person
from workflows.tables.telling import Telling
from workflows.tables.wish import FeedbackIssue, Issue
from workflows.telling import digest_mail, promises, reports

LEAD = Person("U0LEAD", "斎藤 真理", "lead@kanade.example", "U0LEAD")
REASON, ANSWER = "打刻の履歴から後で送れることを確かめました", "圏外で打刻した分は、つながったときに自動で送られます。"


class Meeting:
    """The steps, in the order in which a team lives them; the wishes are those of `Filing`."""

    def __init__(self, stage: Stage, step: Steps, filing: Filing) -> None:
        self.stage, self.slack, self.step, self.filing = stage, stage.slack, step, filing
        self.first, self.second, self.third = stage.chats[1], stage.chats[5], stage.chats[3]
        self.run = str(stage.base)

    def play(self) -> None:
        """Two wishes become one and are concluded; another one becomes an issue; a third has no chat."""
        self.merge()
        self.conclude()
        self.report()
        self.adopt()
        self.hand_over()

    def merge(self) -> None:
        """Another customer asks for much the same."""
        self.stage.intercom.tag(self.second, "", "要望", "7003")
        self.step("another customer's request is filed", lambda: self.filing.note(self.second) != "")
        self.step(
            "every request is on the agenda, the oldest first", lambda: self.is_on_agenda(self.first, self.second)
        )
        acts.merge(self.wish(self.second), self.wish(self.first), by=LEAD, origin=f"{self.run}:merge")
        self.step("the two are merged: both customers are behind one request", lambda: self.voices(self.first) == 2)

    def conclude(self) -> None:
        """A conclusion is taken back, and another one reaches everybody."""
        wish, before = self.wish(self.first), len(self.slack.messages(CHANNEL))
        hasty = acts.decide(wish, conclusion="decline", reason="間違えました", by=LEAD, origin=f"{self.run}:hasty")
        self.step("a decision is undone in time", lambda: acts.undo(hasty.id or 0, LEAD))
        made = acts.decide(
            wish, conclusion="existing", reason=REASON, answer=ANSWER, by=LEAD, origin=f"{self.run}:existing"
        )
        acts.send_now(made.id or 0)
        self.step("the next one reaches support in Slack", lambda: len(self.slack.messages(CHANNEL)) == before + 2)
        digest_mail.start_now()
        self.step(
            "and by mail once the meeting is over", lambda: any(REASON in mail.text for mail in self.stage.mail.mails)
        )
        self.step("both conversations have a note", lambda: self.noted(self.first) and self.noted(self.second))
        self.step("it stands below both notes in Productboard", lambda: self.is_below(self.first, self.second))
        self.step("who was promised a report has an agent with a draft", lambda: self.has_draft(self.first))
        self.step("who was not is left in peace", lambda: not self.stage.intercom.did("open", self.second))

    def report(self) -> None:
        """The promise is a debt until the agent has written."""
        self.step("the report is owed, and its draft ready", lambda: self.owed(self.first) == "ready")
        self.stage.intercom.agent_says(self.first, "7002", "中村様、圏外の打刻は自動で送られます。")
        self.step("the agent writes to the customer: paid", lambda: self.owed(self.first) == "")

    def adopt(self) -> None:
        """A wish becomes an issue, and its customer hears when that is done."""
        wish = self.wish(self.third)
        made = acts.decide(wish, conclusion="adopt", reason="来月の版に入れます", by=LEAD, origin=f"{self.run}:adopt")
        acts.send_now(made.id or 0)
        to_jira.ask_to_create(wish, LEAD)
        self.step("an adopted request becomes an issue in Jira", lambda: self.issue(wish) != "")
        self.stage.jira.move(self.issue(wish), "完了")
        self.step("it is done: its chat is open again", lambda: self.is_open(self.third))

    def hand_over(self) -> None:
        """A wish that came by Slack has no chat: whoever took it tells the customer."""
        source = self.filing.source
        wish, before = self.wish(source), len(self.slack.messages(direct(SUZUKI)))
        made = acts.decide(
            wish,
            conclusion="decline",
            reason="締め日は会社で一つです",
            tells_all=True,
            by=LEAD,
            origin=f"{self.run}:hand",
        )
        acts.send_now(made.id or 0)
        self.step(
            "the agent who filed a request in Slack gets the draft",
            lambda: len(self.slack.messages(direct(SUZUKI))) == before + 1,
        )
        self.step("until then it is owed, and its draft ready", lambda: self.owed(source) == "ready")
        reports.report(wish, how="phone", words="ご了承いただきました", by=LEAD, origin=f"{self.run}:phone")
        self.step("they note that they called: paid", lambda: self.owed(source) == "")
        yesterday = now_ms() - DAY_MS
        self.step(
            "the agenda of yesterday is as it was", lambda: self.wish(self.first) not in self.on_agenda(yesterday)
        )

    # -- what people see ----------------------------------------------------

    def wish(self, source: str) -> int:
        """The number of the newest wish from there."""
        return self.filing.id(source)

    def on_agenda(self, at: int) -> list[int]:
        """What was undecided then."""
        return list(store.read(lambda session: items.agenda(session, at).order))

    def is_on_agenda(self, *sources: str) -> bool:
        """Are these wishes undecided, in this order?"""
        order, wishes = self.on_agenda(now_ms()), [self.wish(source) for source in sources]
        return [id for id in order if id in wishes] == wishes

    def voices(self, source: str) -> int:
        """How many customers ask for the same."""
        item = store.read(lambda session: items.item(session, self.wish(source), now_ms()))
        return len(item.voices) if item else 0

    def noted(self, chat: str) -> bool:
        """Is there a note about the conclusion in a chat?"""
        return any(REASON in str(effect.facts.get("body", "")) for effect in self.stage.intercom.did("note", chat))

    def is_below(self, *chats: str) -> bool:
        """Does the conclusion stand at the notes of these?"""
        return all(REASON in self.filing.note(chat) for chat in chats)

    def has_draft(self, chat: str) -> bool:
        """Does an agent find a draft for the customer in an open chat?"""
        drafted = select(Telling).where(Telling.conversation_id == chat, Telling.state == "drafted")
        return self.is_open(chat) and store.read(lambda session: session.exec(drafted).first()) is not None

    def is_open(self, chat: str) -> bool:
        """Was a chat opened for its agent?"""
        return bool(self.stage.intercom.did("open", chat))

    def owed(self, source: str) -> str:
        """What this customer is owed: open, due, or nothing."""
        wish = self.wish(source)
        return next((debt.state for debt in store.read(promises.debts) if debt.voice.feedback_id == wish), "")

    def issue(self, wish: int) -> str:
        """The key of the issue that a wish waits for."""
        return store.read(partial(_issue_of, wish))


def _issue_of(wish: int, session: Session) -> str:
    query = (
        select(Issue.key)
        .join(FeedbackIssue, col(FeedbackIssue.issue_id) == Issue.id)
        .where(FeedbackIssue.feedback_id == wish)
    )
    return session.exec(query).first() or ""
