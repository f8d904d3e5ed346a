"""However releases, withdrawals and approvals cross the days: no more leaves or comes back on one than the rules allow,
one person has one message for what comes together, and whoever was told was told by a message that says so.

`YAMABIKO_EXAMPLES=8000` plays more than 10⁵ acts.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from integrations.intercom.twin import stand_in, workspace
from tests.clock import Hands, shown
from tests.linking import address
from tests.meeting import LEAD
from tests.properties.test_release_properties import WHO
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.telling import approval, drafts, gathering, ledger, openings, publish, requesters, sending
from workflows.telling.approval import Key

EXAMPLES = int(os.environ.get("YAMABIKO_EXAMPLES", "12"))
_numbers = itertools.count(8000)
#: Each story has days of its own, as long as the calendar reaches.
MONDAY, YEARS = date(2026, 11, 30), 2000
#: So much a day, and what is told together.
PER_DAY, OPEN_PER_DAY = 2, 2
QUIET = Sending(60, per_day=PER_DAY, open_per_day=OPEN_PER_DAY, open_at_any_hour=False, gather_days=3)
ISSUE = st.integers(0, 2)
QUIET_ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("finish"), ISSUE),
        st.tuples(st.just("finish"), ISSUE),
        st.tuples(st.just("reopen"), ISSUE),
        st.tuples(st.just("withdraw"), ISSUE),
        st.tuples(st.just("approve"), WHO),
        st.tuples(st.just("approve_all"), st.just(0)),
        st.tuples(st.just("undo"), WHO),
        st.tuples(st.just("at_once"), WHO),
        st.tuples(st.just("set_aside"), WHO),
        st.tuples(st.just("hours"), st.sampled_from((1, 5, 14))),
        st.tuples(st.just("days"), st.sampled_from((1, 1, 4))),
    ),
    min_size=6,
    max_size=18,
)


def _forget_the_others(session: Session) -> None:
    """Nobody is owed anything of the stories before, some of whose customers are the same."""
    for row in session.exec(select(Telling).where(col(Telling.state).in_(ledger.OWING))):
        row.state = ledger.WITHDRAWN


class Quiet:
    """Three issues that four conversations wait for, two of them of the same customer; days pass by the clock."""

    def __init__(self, world: World, on: date | None = None) -> None:
        self.world, self.keys = world, [world.issue(f"KNDE-{next(_numbers)}") for _ in range(3)]
        customers = ("101", "101", "102", "103")
        self.chats = [world.chats[world.chat("部署コードの列がほしいです。", customer=each)] for each in customers]
        for chat in self.chats:
            wish = world.wish(world.chats.index(chat))
            for key in self.keys:
                world.jira.comment_by_hand(key, address(wish))
        world.settle()
        admin = world.intercom.books.admins["7001"]
        self.agent = Person("U0TANAKA", admin.name, admin.email)
        self.texts = itertools.count(1)
        store.write(_forget_the_others)
        self.hands = Hands()
        workspace.time = stand_in.time = self.hands  # type: ignore[assignment]
        day = on or MONDAY + timedelta(weeks=4 * (next(_numbers) % YEARS))
        self.hands.set(f"{day:%Y-%m-%d} 10:00")
        #: On which day each message of this service went out, and what people sent in spite of the limit.
        self.left, self.above, self.seen = Counter[str](), Counter[str](), 0

    def end(self) -> None:
        """Give the real time back."""
        Hands.release()
        workspace.time = stand_in.time = time  # type: ignore[assignment]

    def do(self, act: str, how: Any) -> None:
        self.hands.go_on(1)
        getattr(self, act)(how)
        self.round()
        self.check()

    def round(self) -> None:
        """One round of upkeep."""
        self.world.settle()
        openings.start_due()
        sending.start_due()
        self.world.settle()
        said = len(self.replies())
        self.left[self.hands.shown[:10]] += said - self.seen
        self.seen = said

    # -- what happens ---------------------------------------------------------

    def finish(self, which: int) -> None:
        self.world.jira.move(self.keys[which], "完了")

    def reopen(self, which: int) -> None:
        self.world.jira.move(self.keys[which], "進行中")

    def withdraw(self, which: int) -> None:
        publish.take_back(self.world.jira.find(self.keys[which]).id, LEAD)

    def approve(self, who: int) -> None:
        for telling in self.of(self.chats[who]):
            text = f"お世話になっております。ご連絡の{next(self.texts)}通目でございます。"
            approval.approve(Key(telling.release_id, telling.conversation_id), text, self.agent)

    def approve_all(self, _: int) -> None:
        for who in range(len(self.chats)):
            self.approve(who)

    def undo(self, who: int) -> None:
        for telling in self.of(self.chats[who]):
            approval.take_back(Key(telling.release_id, telling.conversation_id), self.agent)

    def at_once(self, who: int) -> None:
        for telling in self.of(self.chats[who])[:1]:
            if approval.at_once(Key(telling.release_id, telling.conversation_id), self.agent) == "":
                self.above[self.hands.shown[:10]] += 1

    def set_aside(self, who: int) -> None:
        for telling in self.of(self.chats[who])[:1]:
            approval.set_aside(Key(telling.release_id, telling.conversation_id), "解約されました", self.agent)

    def hours(self, how: int) -> None:
        self.hands.go_on(how * 3600)

    def days(self, how: int) -> None:
        for _ in range(how):
            self.hands.go_on(24 * 3600)
            self.round()

    # -- what must hold -------------------------------------------------------

    def of(self, chat: str) -> list[Telling]:
        query = select(Telling).where(Telling.conversation_id == chat).order_by(col(Telling.owed_at))
        return list(store.read(lambda session: session.exec(query).all()))

    def rows(self) -> list[Telling]:
        return [telling for chat in self.chats for telling in self.of(chat)]

    def replies(self) -> list[Any]:
        return [it for it in self.world.intercom.did("comment") if it.target in self.chats]

    def check(self) -> None:
        for day, count in self.left.items():
            assert count <= PER_DAY + self.above[day], day
        self.check_openings()
        rows = self.rows()
        names = {gathering.name_of(row): row for row in rows}
        for row in rows:
            if row.joined and row.state == "drafted":
                first = names[row.joined]
                assert (first.state, first.joined) == ("drafted", "")  # nobody waits for a message that is not written
                assert drafts.standing(first) == drafts.standing(row)
                assert self.person(first) == self.person(row)
            if row.state == "told":
                assert row.part_id and row.sent and row.told_by  # every telling told has a part that names it
            if row.joined and row.state == "told":
                assert row.part_id == names[row.joined].part_id
        self.check_gatherings(rows)
        self.check_sums()

    def check_openings(self) -> None:
        came = Counter(shown(row.opens_at)[:10] for row in self.rows() if row.opens_at and row.found)
        assert all(count <= OPEN_PER_DAY for count in came.values())
        for row in self.rows():
            if row.opens_at:
                assert rules.calendar.is_open(row.opens_at)

    def check_gatherings(self, rows: list[Telling]) -> None:
        """Of what waits for a message, one person has one message within the days of a gathering."""
        for person in {self.person(row) for row in rows}:
            waiting = [
                row
                for row in rows
                if self.person(row) == person and row.state == "drafted" and not row.joined and self.is_news(row)
            ]
            free = sorted(row.drafted_at or 0 for row in waiting if not self.is_on_its_way(row))
            told = {
                row.release_id for row in rows if self.person(row) == person and row.state == "told"
            }  # a sibling of what was told stands alone
            if not told & {row.release_id for row in waiting}:
                assert all(later - sooner > 3 * DAY_MS for sooner, later in itertools.pairwise(free))

    def check_sums(self) -> None:
        ids = [row.release_id for row in self.rows() if self.is_news(row)]
        counted = store.read(lambda session: requesters.counted(session, sorted(set(ids))))
        assert all(sum(counts.values()) == len(self.chats) for counts in counted.values())

    def person(self, row: Telling) -> str:
        return "101" if row.conversation_id in self.chats[:2] else row.conversation_id

    @staticmethod
    def is_news(row: Telling) -> bool:
        return not row.release_id.endswith(ledger.REOPENED)

    @staticmethod
    def is_on_its_way(row: Telling) -> bool:
        return row.send_at is not None and row.send_at <= now_ms()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
@given(acts=QUIET_ACTS)
def test_never_above_the_limits_and_one_message_for_one_person(world: World, acts: list[tuple[str, Any]]) -> None:
    with world.rules(sending=QUIET):
        story = Quiet(world)
        try:
            for act, how in acts:
                story.do(act, how)
        finally:
            story.end()


def test_what_is_approved_of_two_releases_goes_out_day_by_day_and_once_for_each_person(world: World) -> None:
    with world.rules(sending=QUIET):
        story = Quiet(world, on=MONDAY)  # two weeks without a holiday
        try:
            for act, how in (("finish", 0), ("finish", 1), ("days", 4), ("approve_all", 0), ("days", 4)):
                story.do(act, how)
            assert [count for _, count in sorted(story.left.items()) if count] == [2, 1]
            assert Counter(story.person(row) for row in story.rows() if row.state == "told") == {
                "101": 2,
                story.chats[2]: 2,
                story.chats[3]: 2,
            }
        finally:
            story.end()
