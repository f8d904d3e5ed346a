"""The loop under everything that can happen to it, in any order: what is promised holds all the same.

A machine lets people act at the vendors while webhooks come late, twice, in any order or not at all, vendors fail
and the process dies. In the end everything arrives and is asked for once more; then the promises are checked, and
the same people's acts are played again in a world where nothing goes wrong: both must end alike.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from integrations.twin import Fault
from tests.properties.dying import Crash, dying
from tests.properties.people import ASLEEP, ISSUES, SNOOZED_UNTIL, Act, People
from tests.properties.promises import check_promises, outcome
from tests.ready import fresh
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.tables.runs import OPEN, Run

#: How many lives of the machine are tried; set it higher for a long search.
EXAMPLES = int(os.environ.get("YAMABIKO_EXAMPLES", "25"))
CHATS = (0, 2, 5, ASLEEP)
TAGS, AGENTS = ("要望", "不具合"), ("7001", "7002")
ROUTES = (
    ("intercom", "GET /conversations/{id}"),
    ("intercom", "POST /conversations/{id}/reply"),
    ("intercom", "POST /conversations/{id}/parts"),
    ("productboard", "POST /v2/notes"),
    ("productboard", "POST /v2/entities"),
    ("jira", "GET /rest/api/3/issue/{key}"),
    ("jira", "POST /rest/api/3/issue/{key}/remotelink"),
    ("slack", "POST /api/chat.postMessage"),
)
FAULTS = ("429", "500", "503", "reset", "lost", "truncated", "html", "late-500")

chats, issues = st.sampled_from(CHATS), st.sampled_from(ISSUES)
VISITS = ("customer_writes", "agent_answers", "untag", "close")
ACTS = (
    st.tuples(st.just("tag"), chats, st.sampled_from(TAGS), st.sampled_from(AGENTS)),
    st.tuples(st.just("link"), chats, issues, st.sampled_from(("describe", "comment", "find_insight"))),
    st.tuples(st.just("move"), issues, st.sampled_from(("finish", "finish", "decline", "take_back"))),
    st.tuples(st.just("visit"), chats, st.sampled_from(VISITS)),
)


class Loop(RuleBasedStateMachine):
    """See the module."""

    def __init__(self, new_world: Callable[[], World]) -> None:
        super().__init__()
        self.new_world = new_world
        self.world = new_world()
        self.people = People(self.world)
        self.script: list[Act] = []
        self.deaths = 0
        #: Would the same acts end alike however late we hear of them? Not when they undo each other.
        self.comparable = True

    def act(self, verb: str, *arguments: Any) -> None:
        """Somebody does something."""
        self.people.do((verb, arguments))
        self.script.append((verb, arguments))

    # -- what people do -----------------------------------------------------

    @initialize(tagged=st.sets(chats, min_size=1), named=st.sets(st.tuples(chats, issues), min_size=1, max_size=3))
    def a_busy_morning(self, tagged: set[int], named: set[tuple[int, str]]) -> None:
        """Wishes have been tagged and issues name chats; whether we have heard of it is another matter."""
        for chat in sorted(tagged):
            self.tag(chat, "要望", "7001")
        for chat, key in sorted(named):
            self.act("describe", chat, key)

    @rule(acts=st.lists(st.one_of(*ACTS), min_size=1, max_size=4))
    def people_act(self, acts: list[tuple[Any, ...]]) -> None:
        """Before anybody has heard of it."""
        for verb, *arguments in acts:
            getattr(self, verb)(*arguments)

    @rule(key=issues)
    def a_developer_finishes(self, key: str) -> None:
        self.move(key, "finish")

    def tag(self, chat: int, tag: str, by: str) -> None:
        if ("tag", chat, tag) not in {(verb, *arguments[:2]) for verb, arguments in self.script}:
            self.act("tag", chat, tag, by)

    def link(self, chat: int, key: str, how: str) -> None:
        tags = sum(verb == "tag" and arguments[0] == chat for verb, arguments in self.script)
        if how != "find_insight":
            self.act(how, chat, key)
        elif tags == len(self.people.notes_of(chat)):  # else a world where nothing goes wrong would have more notes
            self.act(how, chat)

    def move(self, key: str, how: str) -> None:
        is_done = self.world.jira.find(key).category == "done"
        self.comparable &= not (is_done and how == "take_back")
        if not (is_done and how == "decline"):
            self.act(how, key)

    def visit(self, chat: int, how: str) -> None:
        """Chats are closed only while nothing is under way: Intercom's whole seconds do not tell who was first."""
        self.comparable &= how not in ("untag", "close")
        if how == "close":
            self.world.settle()
        self.act(how, chat, *(TAGS[:1] if how == "untag" else ()))

    # -- what goes wrong ----------------------------------------------------

    @rule(seed=st.integers(0, 99), times=st.sampled_from((1, 1, 2, 3)))
    def webhooks_arrive(self, seed: int, times: int) -> None:
        """Some of them, in any order, perhaps more than once."""
        dice, webhooks = random.Random(seed), self.world.held()
        dice.shuffle(webhooks)
        for source, headers, body in webhooks:
            if dice.random() < 0.3:
                self.world.twin(source).held.append((headers, body))  # type: ignore[union-attr]
                continue
            for _ in range(times):
                assert self.world.post(source, headers, body).status_code == 200

    @rule()
    def webhooks_are_lost(self) -> None:
        self.world.held()

    @rule(seed=st.integers(0, 99), share=st.sampled_from((0.5, 1.0)))
    def work_is_done(self, seed: int, share: float) -> None:
        """Some of the runs that wait, in any order."""
        dice = random.Random(seed)
        waiting = self.waiting_runs()
        dice.shuffle(waiting)
        for run in waiting[: max(1, int(len(waiting) * share))]:
            self.conduct(run)

    @precondition(lambda self: self.deaths < 8)
    @rule(seed=st.integers(0, 99), commits=st.integers(0, 20), committed=st.booleans())
    def the_process_dies(self, seed: int, commits: int, committed: bool) -> None:
        """In the middle of its work; how far it comes may differ from play to play, so each try counts."""
        self.deaths += 1
        if not self.waiting_runs():
            self.world.deliver()
        waiting = self.waiting_runs()
        random.Random(seed).shuffle(waiting)
        try:
            with dying(commits, committed=committed):
                for run in waiting:
                    self.conduct(run)
        except Crash:
            pass

    @rule(where=st.sampled_from(ROUTES), kind=st.sampled_from(FAULTS))
    def a_vendor_fails(self, where: tuple[str, str], kind: str) -> None:
        """At the next call of a route."""
        self.world.twin(where[0]).fail(where[1], Fault(kind))

    @rule()
    def we_ask_what_we_missed(self) -> None:
        self.world.reconcile()

    def waiting_runs(self) -> list[Run]:
        return list(store.read(lambda session: session.exec(select(Run).where(Run.state == OPEN)).all()))

    def conduct(self, run: Run) -> None:
        self.world.clock.until(run.due_at / 1000)
        durable.conduct(run.id, durable.STORIES[run.workflow])

    # -- the end ------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self.come_to_rest(self.world)
            check_promises(self.world)
            self.sleepers_sleep()
            end = outcome(self.world)
        finally:
            self.world.close()
        if self.comparable:
            straight = self.straight()
            assert {key: (end[key], straight[key]) for key in end if end[key] != straight[key]} == {}, self.script

    def come_to_rest(self, world: World) -> None:
        """Vendors are well again, everything arrives, and we ask for what did not."""
        for twin in world.stage.twins.values():
            twin.mend()
        world.settle()
        world.reconcile()
        world.replay_the_dead()
        world.reconcile()

    def sleepers_sleep(self) -> None:
        """A chat that nobody visited is asleep, until the very second that its agent chose."""
        visited = {arguments[0] for verb, arguments in self.script if verb in VISITS}
        talk = self.world.intercom.books.conversations[self.world.chats[ASLEEP]]
        assert ASLEEP in visited or (talk.state, talk.snoozed_until) == ("snoozed", SNOOZED_UNTIL)

    def straight(self) -> dict[str, Any]:
        """How the same acts end where nothing goes wrong."""
        world = self.new_world()
        try:
            people = People(world)
            for act in self.script:
                people.do(act)
                world.settle()
            self.come_to_rest(world)
            return outcome(world)
        finally:
            world.close()


@pytest.mark.fault("F11", "F14", "F52")
@pytest.mark.timeout(600 + 60 * EXAMPLES)
def test_the_loop_keeps_its_promises(sqlite_template: Path) -> None:
    class Here(Loop):
        def __init__(self) -> None:
            super().__init__(lambda: World(fresh(sqlite_template)))

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
