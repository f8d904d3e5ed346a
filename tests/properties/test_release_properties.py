"""However releases, waves, withdrawals and approvals cross: nobody is told twice, before it is there, or not at all.

`YAMABIKO_EXAMPLES=8000` plays more than 10⁵ acts.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from tests.linking import address
from tests.meeting import LEAD
from tests.properties.dying import Crash, dying
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.dry_run import DryRun
from workflows.rules.telling import Gate, Sending
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback
from workflows.telling import approval, drafts, ledger, publish, sending, taking, waiters, waves
from workflows.telling.approval import Key
from workflows.telling.publish import Wanted
from workflows.wish import availability

EXAMPLES = int(os.environ.get("YAMABIKO_EXAMPLES", "36"))
_numbers = itertools.count(7000)
WHO = st.integers(0, 3)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.sampled_from(("完了", "完了", "進行中"))),
        st.tuples(st.just("publish"), st.sampled_from(("all", "first", "second", "half", "later"))),
        st.tuples(st.just("open_due"), st.just("")),
        st.tuples(st.just("withdraw"), st.just("")),
        st.tuples(st.just("approve"), WHO),
        st.tuples(st.just("undo"), WHO),
        st.tuples(st.just("send"), st.just("")),
        st.tuples(st.just("set_aside"), WHO),
        st.tuples(st.just("answer"), WHO),
        st.tuples(st.just("unseat"), st.just("")),
        st.tuples(st.just("shut_off"), WHO),
        st.tuples(st.just("take_over"), WHO),
        st.tuples(st.just("phone"), WHO),
        st.tuples(st.just("merge"), st.just("")),
        st.tuples(st.just("dry"), st.just("")),
        st.tuples(st.just("die"), st.tuples(st.integers(0, 12), st.booleans())),
    ),
    min_size=4,
    max_size=14,
)


class Story:
    """An issue that four conversations wait for: two of the first company's one customer, two of others."""

    def __init__(self, world: World) -> None:
        self.world, self.key = world, world.issue(f"KNDE-{next(_numbers)}")
        self.issue_id = world.jira.find(self.key).id
        customers = ("101", "101", "102", "103")
        self.chats = [world.chats[world.chat("部署コードの列がほしいです。", customer=each)] for each in customers]
        for chat in self.chats:
            wish = world.wish(world.chats.index(chat))
            world.jira.comment_by_hand(self.key, address(wish))
        world.settle()
        admin = world.intercom.books.admins["7001"]
        self.agent = Person("U0TANAKA", admin.name, admin.email)
        self.texts = itertools.count(1)
        self.death: tuple[int, bool] | None = None

    def do(self, act: str, how: Any) -> None:
        """What somebody does, and all that follows; in the middle of which the process may die and begin anew."""
        death, self.death = self.death, None
        try:
            with dying(death[0], committed=death[1]) if death else nullcontext():
                getattr(self, act)(how)
                self.world.settle()
        except Crash:
            waves.open_due()
            sending.start_due()
        self.world.settle()
        self.check()

    # -- what people do -------------------------------------------------------

    def move(self, status: str) -> None:
        self.world.jira.move(self.key, status)

    def publish(self, how: str) -> None:
        first, second = (self.company(chat) for chat in (self.chats[0], self.chats[2]))
        wanted = {
            "all": Wanted(),
            "first": Wanted("companies", (first,)),
            "second": Wanted("companies", (second,)),
            "half": Wanted("share", share=50),
            "later": Wanted(at=now_ms() + 3_600_000),
        }[how]
        publish.publish(self.issue_id, wanted, by=LEAD, origin=f"form:{next(_numbers)}")

    def open_due(self, _: str) -> None:
        def hasten(session: Any) -> None:
            for wave in session.exec(select(Wave).where(col(Wave.opened_at).is_(None))):
                wave.opens_at = 1

        store.write(hasten)
        waves.open_due()

    def withdraw(self, _: str) -> None:
        publish.take_back(self.issue_id, LEAD)

    def approve(self, who: int) -> None:
        for telling in self.of(self.chats[who]):
            text = f"お世話になっております。ご連絡の{next(self.texts)}通目でございます。"
            approval.approve(Key(telling.release_id, telling.conversation_id), text, self.agent)

    def undo(self, who: int) -> None:
        for telling in self.of(self.chats[who]):
            approval.take_back(Key(telling.release_id, telling.conversation_id), self.agent)

    def send(self, _: str) -> None:
        def hasten(session: Any) -> None:
            for telling in session.exec(select(Telling).where(col(Telling.send_at).is_not(None))):
                telling.send_at = 1

        store.write(hasten)
        sending.start_due()

    def set_aside(self, who: int) -> None:
        for telling in self.of(self.chats[who])[:1]:
            approval.set_aside(Key(telling.release_id, telling.conversation_id), "解約されました", self.agent)

    def answer(self, who: int) -> None:
        self.world.intercom.agent_says(self.chats[who], "7001", "ご連絡です。", at=int(time.time()) + 2)

    def unseat(self, _: str) -> None:
        """The teammate loses their seat, or gets it back."""
        self.world.intercom.books.seatless ^= {"7001"}

    def die(self, how: tuple[int, bool]) -> None:
        """The process dies at a commit of the next act, before it or after it."""
        self.death = how

    def merge(self, _: str) -> None:
        """Somebody merges the two conversations of one customer."""
        if not self.world.intercom.books.conversations[self.chats[1]].merged_into:
            self.world.intercom.merge(self.chats[1], self.chats[0])

    def dry(self, _: str) -> None:
        """A dry run begins, or ends."""
        rules.dry_run = DryRun(on=not rules.dry_run.on)

    def shut_off(self, who: int) -> None:
        """Intercom refuses what is written there from now on."""
        self.world.intercom.shut_off(self.chats[who])

    def take_over(self, who: int) -> None:
        for telling in self.of(self.chats[who]):
            taking.take(Key(telling.release_id, telling.conversation_id), LEAD, f"form:{next(_numbers)}")

    def phone(self, who: int) -> None:
        for telling in self.of(self.chats[who])[:1]:
            taking.told(Key(telling.release_id, telling.conversation_id), "phone", LEAD, f"form:{next(_numbers)}")

    # -- what must hold -------------------------------------------------------

    def of(self, chat: str) -> list[Telling]:
        query = select(Telling).where(Telling.conversation_id == chat).order_by(col(Telling.owed_at))
        return list(store.read(lambda session: session.exec(query).all()))

    def company(self, chat: str) -> str:
        found = select(Feedback.company_id).where(Feedback.conversation_id == chat)
        return store.read(lambda session: session.exec(found).first()) or ""

    def check(self) -> None:
        sent = Counter((it.target, it.facts["body"]) for it in self.world.intercom.did("comment"))
        assert [text for text, times in sent.items() if times > 1] == []  # nobody is told twice
        releases = store.read(lambda session: session.exec(select(Release)).all())
        for release in releases:
            if release.issue_id == self.issue_id and release.kind == ledger.FINISHED:
                self.check_release(release)
        for chat in self.chats:
            for telling in self.of(chat):
                assert telling.state != "told" or (telling.told_by and (telling.sent or telling.channel == "phone"))
                check_turn(telling)

    def check_release(self, release: Release) -> None:
        reached = {wish.conversation_id for wish in store.read(lambda session: waiters.reached(session, release))}
        rows = store.read(lambda session: drafts.of_release(session, release.id))
        owed = {row.conversation_id for row in rows}
        was_taken_back = store.read(lambda session: session.get(Release, ledger.reopening(release.id))) is not None
        assert owed <= reached  # nobody before it is there
        assert reached <= owed or was_taken_back  # and nobody is forgotten
        totals = store.read(lambda session: drafts.totals(session, release.id))
        assert sum(totals.values()) == len(owed)
        if was_taken_back:
            assert {row.state for row in rows} <= {"told", "withdrawn", "excused"}
        by_person = Counter(row.part_id for row in rows if row.conversation_id in self.chats[:2] and row.approved)
        assert len([part for part in by_person if part]) <= 1  # the same person once
        reach = store.read(lambda session: availability.reached(session, [release.id]))
        assert {chat for chat in self.chats if reach.since(release.id, self.company(chat)) is not None} >= owed


def check_turn(telling: Telling) -> None:
    """Everybody is exactly one's turn at rest, and nobody's only once they were told, or are not to be."""
    how = drafts.standing(telling)
    turn = drafts.TURNS[how]
    assert (turn == drafts.NOBODY) == (telling.state in ("told", "excused", "withdrawn"))
    assert (turn == drafts.HOLDER) == (how == drafts.WITH_OWNER and bool(telling.holder))
    if turn == drafts.AGENT and telling.dead_end:
        assert not telling.holder  # nobody who answers for the company was found


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
@given(acts=ACTS)
def test_nobody_is_told_twice_too_early_or_never(world: World, acts: list[tuple[str, Any]]) -> None:
    world.intercom.books.seatless.clear()
    with world.rules(gate=Gate("release"), sending=Sending(undo_seconds=3600, at_any_hour=True), dry_run=DryRun()):
        story = Story(world)
        for act, how in acts:
            story.do(act, how)


@pytest.mark.parametrize("who", [0, 1])
def test_the_same_person_in_two_conversations_is_told_in_one(world: World, who: int) -> None:
    with world.rules(gate=Gate("release"), sending=Sending(undo_seconds=3600, at_any_hour=True)):
        story = Story(world)
        for act, how in (("move", "完了"), ("publish", "all"), ("approve", who), ("approve", 1 - who), ("send", "")):
            story.do(act, how)
        assert sorted(row.state for chat in story.chats[:2] for row in story.of(chat)) == ["excused", "told"]
