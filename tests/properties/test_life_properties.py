"""Whatever happens to a wish, in whatever order: what is said of it has its row, and what has its row is said."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from tests.meeting import LEAD, decide, noted, once
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.overview import lives
from workflows.overview.life import CONCLUDED, DONE, ENDED, TO_TELL, Life
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Report, Telling
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.telling import promises, reports

EXAMPLES = int(os.environ.get("YAMABIKO_EXAMPLES", "15"))
_numbers = itertools.count(600)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("conclude"), st.sampled_from(("adopt", "consider", "decline", "existing"))),
        st.tuples(st.just("send"), st.just("")),
        st.tuples(st.just("link"), st.just("")),
        st.tuples(st.just("move"), st.sampled_from(("完了", "対応しない", "進行中"))),
        st.tuples(st.just("report"), st.sampled_from(("phone", "nobody"))),
        st.tuples(st.just("answer"), st.just("")),
    ),
    max_size=7,
)


class Wish:
    """One more customer's wish in a world, and what people do about it."""

    def __init__(self, world: World, promised: bool) -> None:
        self.world, self.chat = world, world.chat("月末の締めを一度に終えたい")
        self.id = int(world.wish(self.chat).id or 0)
        self.key = world.issue(f"KNDE-{next(_numbers)}")
        self.decision: Decision | None = None
        if promised:
            noted(self.id, promise="report", level="report")

    def do(self, act: str, how: str) -> None:
        """Somebody does something, and everything that follows happens."""
        getattr(self, act)(how)
        check_promise(self)
        self.world.settle()
        check_promise(self)

    def conclude(self, conclusion: str) -> None:
        self.decision = decide(self.id, conclusion)

    def send(self, _how: str) -> None:
        if self.decision is not None:
            acts.send_now(self.decision.id or 0)

    def link(self, _how: str) -> None:
        self.world.link(self.world.feedback(self.chat)[-1], self.key)

    def move(self, to: str) -> None:
        status, resolution = ("完了", "対応しない") if to == "対応しない" else (to, None)
        self.world.jira.move(self.key, status, resolution)

    def report(self, how: str) -> None:
        reports.report(self.id, how=how, words="お電話で", by=LEAD, origin=once())

    def answer(self, _how: str) -> None:
        self.world.intercom.agent_says(self.world.chats[self.chat], "7001", "お知らせです。", at=int(time.time()) + 2)

    # -- what is on record ----------------------------------------------------

    def rows(self, query: Any) -> list[Any]:
        return list(store.read(lambda session: session.exec(query).all()))

    @property
    def was_told(self) -> bool:
        """Did somebody tell this customer anything?"""
        chat = self.world.chats[self.chat]
        told = select(Telling).where(Telling.conversation_id == chat, Telling.state == "told", Telling.told_by != "")
        by_hand = select(Report).where(Report.feedback_id == self.id, Report.how != "nobody")
        return bool(self.rows(told) or self.rows(by_hand))

    @property
    def was_told_since(self) -> bool:
        """Did somebody tell them after this wish was linked? Before that they cannot have been told what came of it."""
        linked = select(FeedbackIssue.linked_at).where(FeedbackIssue.feedback_id == self.id)
        since = min(self.rows(linked), default=0)
        by_hand = select(Report).where(Report.feedback_id == self.id, Report.how != "nobody")
        chat = self.world.chats[self.chat]
        told = select(Telling).where(Telling.conversation_id == chat, Telling.state == "told", Telling.told_by != "")
        return bool(self.rows(told) or self.rows(by_hand.where(col(Report.reported_at) >= since)))

    @property
    def is_released(self) -> bool:
        """Does a release with a finished resolution stand, of an issue that this wish waited for?"""
        finished = (
            select(Release)
            .join(Issue, (col(Issue.id) == Release.issue_id) & (col(Issue.cycle) == Release.cycle))
            .join(FeedbackIssue, col(FeedbackIssue.issue_id) == Issue.id)
            .where(FeedbackIssue.feedback_id == self.id, FeedbackIssue.from_cycle < Release.cycle)
            .where(Release.kind == "finished", Issue.category == "done")
        )
        return bool(self.rows(finished))

    @property
    def is_concluded(self) -> bool:
        """Has the meeting concluded something that holds, and did everybody hear of it?"""
        sent = select(Decision).where(Decision.feedback_id == self.id, col(Decision.sent_at).is_not(None))
        return bool(self.rows(sent.where(col(Decision.undone_at).is_(None))))

    @property
    def owed(self) -> bool:
        """Is a draft waiting for somebody to send it?"""
        chat = self.world.chats[self.chat]
        return bool(self.rows(select(Telling).where(Telling.conversation_id == chat, Telling.state == "drafted")))


def check(wish: Wish, found: Life) -> None:
    """What is said of a wish against what is on record."""
    ticked = {step.words for step in found.steps if step.state == DONE}
    assert found.is_available == ("Available" in ticked) == wish.is_released
    assert found.is_told == ("Customer notification" in ticked) == (found.words == "Notified")
    assert not found.is_told or wish.was_told
    assert not (found.stage == ENDED and wish.was_told_since and not wish.is_concluded) or found.is_told
    assert ("Meeting" in ticked) <= wish.is_concluded
    assert ("In development" in ticked) <= bool(
        wish.rows(select(FeedbackIssue).where(FeedbackIssue.feedback_id == wish.id))
    )


def check_promise(wish: Wish) -> None:
    """At no moment, and before any run began, is it said that nobody is told where that is owed."""
    [found] = store.read(lambda session: lives.of(session, [wish.id])).values()
    owing = store.read(lambda session: promises.owing(session))
    is_due = any(each.feedback_id == wish.id and each.state in promises.NOW for each in owing)
    assert not is_due or found.stage == TO_TELL


def test_what_is_said_of_a_wish_is_so_at_each_moment(world: World) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), print_blob=True, deadline=None)
    @given(script=ACTS, promised=st.booleans())
    def play(script: list[tuple[str, str]], promised: bool) -> None:
        wish = Wish(world, promised)
        for act, how in script:
            wish.do(act, how)
            [found] = store.read(lambda session: lives.of(session, [wish.id])).values()
            check(wish, found)

    play()
    everybody = store.read(lambda session: [row.id for row in session.exec(select(Feedback)).all()])
    assert store.read(lives.of).keys() == set(everybody)


@pytest.mark.parametrize("how", ["phone", "nobody"])
def test_a_decline_is_told_only_where_somebody_told_it(world: World, how: str) -> None:
    wish = Wish(world, promised=True)
    for act, what in (("conclude", "decline"), ("send", "")):
        wish.do(act, what)
    assert wish.owed
    wish.do("report", how)
    [found] = store.read(lambda session: lives.of(session, [wish.id])).values()
    assert (found.stage, found.is_told) == (ENDED, how == "phone")


@pytest.mark.parametrize("conclusion", ["adopt", "decline", "existing"])
@pytest.mark.parametrize("to_all", [False, True])
def test_a_promised_report_is_owed_at_the_moment_of_the_decision(world: World, conclusion: str, to_all: bool) -> None:
    wish = Wish(world, promised=not to_all)
    acts.send_now(decide(wish.id, conclusion, tells_all=to_all).id or 0)
    [found] = store.read(lambda session: lives.of(session, [wish.id])).values()
    assert (found.stage, found.sentence) == (TO_TELL, CONCLUDED)
