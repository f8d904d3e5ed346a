"""The loop under everything that can happen to it, in any order: what is promised holds all the same.

A machine lets people act at the vendors while webhooks come late, twice, in any order or not at all, vendors fail
and the process dies. In the end everything arrives and is asked for once more; then the promises are checked, and
the same people's acts are played again in a world where nothing goes wrong: both must end alike.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from integrations.twin import Fault
from tests.properties.dying import Crash, dying
from tests.workflows.test_links import CSV
from tests.world import World
from workflows import durable
from workflows.records.tables import (
    OPEN,
    Action,
    Delivery,
    Feedback,
    FeedbackIssue,
    Issue,
    Release,
    Run,
    Telling,
)
from workflows.store import store
from workflows.wording import say

#: How many lives of the machine are tried; set it higher for a long search.
EXAMPLES = int(os.environ.get("YAMABIKO_EXAMPLES", "25"))
CHATS, ISSUES = (0, 2, 5, 6), ("KNDE-12", "KNDE-15")
TAGS, AGENTS = ("要望", "不具合"), ("7001", "7002")
INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"
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
ASLEEP, SNOOZED_UNTIL = 6, 4_000_000_000
Act = tuple[str, tuple[Any, ...]]
ACTS = (
    st.tuples(st.just("tag"), chats, st.sampled_from(TAGS), st.sampled_from(AGENTS)),
    st.tuples(st.just("link"), chats, issues, st.sampled_from(("describe", "comment", "find_insight"))),
    st.tuples(st.just("move"), issues, st.sampled_from(("finish", "finish", "decline", "take_back"))),
    st.tuples(st.just("visit"), chats, st.sampled_from(VISITS)),
)


class People:
    """What people do at the vendors, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.named: dict[str, list[str]] = {key: [] for key in ISSUES}
        world.productboard.push_to_jira(world.stage.features[CSV], world.stage.issues[ISSUES[0]], ISSUES[0])
        world.intercom.snooze_by_hand(world.chats[ASLEEP], "7001", SNOOZED_UNTIL)
        for key in ISSUES:
            world.move(key, "レビュー中")  # we have met these issues

    def tag(self, chat: int, tag: str, by: str) -> None:
        self.world.tag(chat, tag, by=by)

    def untag(self, chat: int, tag: str) -> None:
        talk = self.world.intercom.books.conversations[self.world.chats[chat]]
        if self.world.intercom.tag_named(tag) in talk.source.tag_ids:
            self.world.intercom.untag(talk.id, "", tag)

    def describe(self, chat: int, key: str) -> None:
        self.named[key].append(INBOX + self.world.chats[chat])
        self.world.jira.describe(key, " ".join(self.named[key]))

    def comment(self, chat: int, key: str) -> None:
        self.world.jira.comment_by_hand(key, INBOX + self.world.chats[chat])

    def find_insight(self, chat: int) -> None:
        feature = self.world.stage.features[CSV]
        for note in self.notes_of(chat):
            if feature not in {entity.id for kind, entity in note.relationships if kind == "link"}:
                self.world.productboard.link(note.id, feature)

    def notes_of(self, chat: int) -> list[Any]:
        """The notes at Productboard that were filed from a chat."""
        end = f"/conversation/{self.world.chats[chat]}"
        return [note for note in self.world.productboard.notes.values() if note.source.get("url", "").endswith(end)]

    def finish(self, key: str) -> None:
        self.world.jira.move(key, "完了")

    def decline(self, key: str) -> None:
        self.world.jira.move(key, "完了", "対応しない")

    def take_back(self, key: str) -> None:
        self.world.jira.move(key, "レビュー中")

    def customer_writes(self, chat: int) -> None:
        self.world.intercom.customer_says(self.world.chats[chat], "その後いかがでしょうか。")

    def agent_answers(self, chat: int) -> None:
        self.world.intercom.agent_says(self.world.chats[chat], "7002", "ご利用いただけます。")

    def close(self, chat: int) -> None:
        self.world.intercom.close(self.world.chats[chat], "7001")

    def do(self, act: Act) -> None:
        """Do what a script says."""
        getattr(self, act[0])(*act[1])


class Loop(RuleBasedStateMachine):
    """See the module."""

    def __init__(self, new_world: Callable[[], World]) -> None:
        super().__init__()
        self.new_world = new_world
        self.world = new_world()
        self.people = People(self.world)
        self.script: list[Act] = []
        self.crashes = 0
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
        """All but comments, which nobody can ask Jira for yet."""
        for source, headers, body in self.world.held():
            if b"comment" in body:
                assert self.world.post(source, headers, body).status_code == 200

    @rule(seed=st.integers(0, 99), share=st.sampled_from((0.5, 1.0)))
    def work_is_done(self, seed: int, share: float) -> None:
        """Some of the runs that wait, in any order."""
        dice = random.Random(seed)
        waiting = self.waiting_runs()
        dice.shuffle(waiting)
        for run in waiting[: max(1, int(len(waiting) * share))]:
            self.conduct(run)

    @precondition(lambda self: self.crashes < 6)
    @rule(seed=st.integers(0, 99), commits=st.integers(0, 20), committed=st.booleans())
    def the_process_dies(self, seed: int, commits: int, committed: bool) -> None:
        """In the middle of its work."""
        if not self.waiting_runs():
            self.world.deliver()
        waiting = self.waiting_runs()
        random.Random(seed).shuffle(waiting)
        try:
            with dying(commits, committed=committed):
                for run in waiting:
                    self.conduct(run)
        except Crash:
            self.crashes += 1

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


# -- the promises ---------------------------------------------------------------------------------


def check_promises(world: World) -> None:
    """What holds at rest, whatever happened."""
    store.read(every_delivery_ended_with_a_reason)
    store.read(every_requester_heard_or_is_excused)
    nothing_was_done_twice(world)
    nothing_was_said_to_a_customer(world)
    nothing_reopened_before_it_was_done(world)


def every_delivery_ended_with_a_reason(session: Session) -> None:
    for row in (*session.exec(select(Delivery)), *session.exec(select(Run))):
        assert row.state in ("done", "ignored"), (row.id, row.state, row.reason)
        assert say("en", row.reason, **row.facts).strip(), row.id


def every_requester_heard_or_is_excused(session: Session) -> None:
    issues = {issue.id: issue for issue in session.exec(select(Issue))}
    wishes = {wish.id: wish for wish in session.exec(select(Feedback))}
    tellings = {(t.release_id, t.conversation_id): t for t in session.exec(select(Telling))}
    reasons = {action.conversation_id for action in session.exec(select(Action)) if action.state == "skipped"}
    links = list(session.exec(select(FeedbackIssue)))
    for release in session.exec(select(Release).where(Release.kind == "finished")):
        issue = issues[release.issue_id]
        for link in links:
            waited = link.issue_id == issue.id and link.from_cycle < release.cycle
            if waited and issue.category == "done" and issue.cycle == release.cycle:
                telling = tellings[release.id, wishes[link.feedback_id].conversation_id]
                assert telling.state in ("drafted", "told", "excused"), telling
    for telling in tellings.values():
        assert telling.state in ("drafted", "told") or telling.conversation_id in reasons, telling
    assert sum(Counter(telling.state for telling in tellings.values()).values()) == len(tellings)


def nothing_was_done_twice(world: World) -> None:
    notes = [str(effect.facts["body"]) for effect in world.intercom.did("note")]
    markers = Counter(marker for note in notes for marker in re.findall(r"Ref (YMB-\w+)", note))
    markers.update(effect.facts["marker"] for effect in world.slack.did("chat.postMessage"))
    markers.update(effect.facts["record_id"] for effect in world.productboard.did("create_note"))
    markers.update(effect.facts["email"] for effect in world.productboard.did("create_entity"))
    for issue_id, links in world.jira.remote_links.items():
        markers.update((issue_id, link["globalId"]) for link in links)
    assert all(count == 1 for count in markers.values()), markers


def nothing_was_said_to_a_customer(world: World) -> None:
    assert {effect.verb for effect in world.intercom.effects} <= {"note", "open", "assign", "snooze"}


def nothing_reopened_before_it_was_done(world: World) -> None:
    """Each opening has a debt of its own, and each debt a release."""
    debts = store.read(lambda session: Counter(session.exec(select(Telling.conversation_id)).all()))
    openings = Counter(effect.target for effect in world.intercom.did("open") if effect.facts["was"] == "closed")
    assert openings <= debts
    releases = store.read(lambda session: set(session.exec(select(Release.id).where(Release.kind == "finished"))))
    assert {telling for telling in store.read(lambda s: s.exec(select(Telling.release_id)).all())} <= releases


def outcome(world: World) -> dict[str, Any]:
    """What must be the same whatever the way: records, links, releases, news, and what stands at the vendors.

    Only of issues that somebody waits for: the others are not watched, and nobody hears of them.
    """

    def read(session: Session) -> dict[str, Any]:
        wishes = {wish.id: wish for wish in session.exec(select(Feedback))}
        chat = {id: wish.conversation_id for id, wish in wishes.items()}
        tellings, links = list(session.exec(select(Telling))), list(session.exec(select(FeedbackIssue)))
        watched = [issue for issue in session.exec(select(Issue)) if issue.id in {link.issue_id for link in links}]
        releases = session.exec(select(Release).where(col(Release.issue_id).in_([issue.id for issue in watched])))
        return {
            "wishes": sorted((wish.conversation_id, wish.kind, wish.taken_by) for wish in wishes.values()),
            "links": sorted((chat[link.feedback_id], link.issue_id) for link in links),
            "issues": sorted((issue.id, issue.category, issue.cycle) for issue in watched),
            "releases": sorted((release.id, release.kind) for release in releases),
            "news": sorted((telling.release_id, telling.conversation_id) for telling in tellings),
        }

    books = world.intercom.books.conversations
    return store.read(read) | {
        "notes": sorted(Counter(effect.target for effect in world.intercom.did("note")).items()),
        "states": [(books[id].state, books[id].snoozed_until) for id in sorted(books)],
        "in Productboard": len(world.productboard.did("create_note")),
        "on issues": sorted((id, link["globalId"]) for id, links in world.jira.remote_links.items() for link in links),
        "said": len(world.said()),
    }


@pytest.mark.timeout(60 + 10 * EXAMPLES)
def test_the_loop_keeps_its_promises(sqlite_template: Path, tmp_path: Path) -> None:
    numbers = itertools.count()

    def new_world() -> World:
        return World(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{next(numbers)}.sqlite')}")

    began = time.monotonic()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Loop(new_world),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{next(numbers)} worlds in {time.monotonic() - began:.0f} s")
