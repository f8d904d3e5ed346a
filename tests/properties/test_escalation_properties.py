"""Escalations under everything that can happen to them: until one is done, somebody is asked next, at a time.

A machine lets people raise, answer, hand on and leave while the clock moves over nights and holidays, Slack and
Intercom fail, requests come twice and the process dies. Whenever things have settled the promises are checked; in
the end everything is closed, and then nobody is asked any more.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from app.demo.company import ESCALATIONS as CHANNEL
from integrations.twin import Fault
from tests.clock import TOKYO, Hands
from tests.properties.colleagues import ANSWERING, COMPANIES, INBOX, PEOPLE, RAISERS, Button, Colleagues
from tests.properties.dying import Crash, dying
from tests.properties.watching import check_escalations, escalations, everybody_is_watched
from tests.ready import fresh
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.escalation import ladder, reminders
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.tables.runs import OPEN, Run

#: How many lives of the machine are tried; set it higher for a long search.
EXAMPLES = int(os.environ.get("YAMABIKO_EXAMPLES", "12"))
STARTS = ("2026-04-15 10:00", "2026-05-01 17:50", "2026-12-28 11:55", "2026-09-18 22:00")
#: Somebody who works in the afternoons only.
AFTERNOONS = Calendar.of(hours={day: ["13:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")})
ROUTES = (
    ("slack", "POST /api/chat.postMessage"),
    ("slack", "POST /api/chat.postMessage"),
    ("slack", "POST /api/chat.update"),
    ("slack", "POST /api/conversations.open"),
    ("slack", "POST /api/users.info"),
    ("slack", "POST /api/users.lookupByEmail"),
    ("slack", "POST /api/views.open"),
    ("intercom", "GET /conversations/{id}"),
    ("intercom", "POST /conversations/{id}/reply"),
)
#: `reset`, `truncated`, `html` and `late-500` have taken effect before they fail.
FAULTS = ("429", "500", "503", "reset", "lost", "truncated", "html", "late-500")
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
PASSES = (5 * MINUTE, 15 * MINUTE, 31 * MINUTE, 2 * HOUR, 9 * HOUR, DAY, 3 * DAY, 10 * DAY, 45 * DAY)

anybody, picks = st.sampled_from(PEOPLE), st.integers(0, 999)
RISKS = st.sampled_from(("none", "low", "medium", "high"))


class Escalations(RuleBasedStateMachine):
    """See the module."""

    def __init__(self, new_world: Callable[[], World]) -> None:
        super().__init__()
        self.world = new_world()
        self.hands = Hands()
        self.world.slack.stamps._clock = self.hands.time
        self.world.clock.until = self.until  # type: ignore[method-assign]
        self.people = Colleagues(self.world)
        self.deaths = 0
        self.before = dict(rules.calendars)
        rules.calendars["u0okada"] = AFTERNOONS

    @initialize(start=st.sampled_from(STARTS), urgency=st.sampled_from(("now", "today", "week")))
    def a_complaint(self, start: str, urgency: str) -> None:
        """Somebody complained, and it has reached whoever answers."""
        self.hands.set(start)
        self.somebody_escalates("U0TANAKA", "101", "action", urgency, chat=0)
        self.it_settles()

    # -- what people do -----------------------------------------------------

    @rule(
        by=st.sampled_from(RAISERS),
        company=st.sampled_from(COMPANIES),
        request=st.sampled_from(("action", "action", "consultation", "information")),
        urgency=st.sampled_from(("now", "today", "week")),
        chat=st.sampled_from((None, 0, 2)),
    )
    def somebody_escalates(self, by: str, company: str, request: str, urgency: str, chat: int | None) -> None:
        link = "" if chat is None else INBOX + self.world.chats[chat]
        values = {"company": company, "request": request, "urgency": urgency, "temperature": "high"}
        values |= {"gist": "二重に引き落とされた", "history": "先月も。", "tried": "", "conversation": link}
        self.people.raise_(by, values)

    @rule(who=st.lists(anybody, min_size=1, max_size=3), pick=picks, answers=st.booleans(), risk=RISKS, to=anybody)
    def people_press(self, who: list[str], pick: int, answers: bool, risk: str, to: str) -> None:
        """One or more press the same button at the same moment, perhaps one that is not there any more."""
        self.people.look_around()
        buttons = [each for each in self.people.buttons() if any(self.people.may_press(one, each) for one in who)]
        if not buttons:
            return
        button = buttons[-1 - pick % len(buttons)]
        for person in who:
            if self.people.may_press(person, button):
                self.people.press(person, button)
                if answers:
                    self.people.fill_in(person, risk, self.in_days(pick % 40) if pick % 3 else "", to)

    @rule(person=anybody, risk=RISKS, days=st.integers(0, 300), to=anybody)
    def somebody_sends_the_form_that_is_open(self, person: str, risk: str, days: int, to: str) -> None:
        if self.people.here(person):
            self.people.fill_in(person, risk, self.in_days(days), to)

    @rule(person=st.sampled_from(ANSWERING))
    def somebody_leaves(self, person: str) -> None:
        self.world.slack.deactivate(person)

    @rule(chat=st.sampled_from((0, 2)))
    def the_customer_writes_again(self, chat: int) -> None:
        self.world.intercom.customer_says(self.world.chats[chat], "まだでしょうか。", at=int(self.hands.time()))

    def in_days(self, days: int) -> str:
        return f"{datetime.fromtimestamp(self.hands.time(), TOKYO) + timedelta(days=days):%Y-%m-%d}"

    # -- time ---------------------------------------------------------------

    @rule(seconds=st.sampled_from(PASSES))
    def time_passes(self, seconds: int) -> None:
        self.hands.set(f"{datetime.fromtimestamp(self.hands.time() + seconds, TOKYO):%Y-%m-%d %H:%M:%S}")
        reminders.start_due()

    @rule(times=st.integers(1, 4))
    def it_becomes_due(self, times: int) -> None:
        """The very moment comes for which somebody waits, and the next, and the next."""
        for _ in range(times):
            due = [each.due_at for each in escalations() if each.due_at is not None]
            if due:
                self.time_passes(max(0, -(-min(due) // 1000) - int(self.hands.time())))
                self.it_settles()

    # -- what goes wrong ----------------------------------------------------

    @rule(where=st.sampled_from(ROUTES), kinds=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=6))
    def a_vendor_fails(self, where: tuple[str, str], kinds: list[str]) -> None:
        self.world.twin(where[0]).fail(where[1], *map(Fault, kinds))

    @rule(pick=picks, times=st.integers(1, 3))
    def a_request_comes_again(self, pick: int, times: int) -> None:
        """Slack, or a finger, sends something twice; perhaps long after."""
        headers, body = self.people.requests[-1 - pick % len(self.people.requests)]
        for _ in range(times):
            assert self.world.post("slack", headers, body).status_code in (200, 503)

    @rule(seed=picks, share=st.sampled_from((0.5, 1.0)))
    def work_is_done(self, seed: int, share: float) -> None:
        """Some of the runs that wait, in any order."""
        self.world.deliver()
        waiting = self.waiting_runs(seed)
        for run in waiting[: max(1, int(len(waiting) * share))]:
            self.conduct(run)

    @precondition(lambda self: self.deaths < 8)
    @rule(seed=picks, commits=st.integers(0, 12), committed=st.booleans())
    def the_process_dies(self, seed: int, commits: int, committed: bool) -> None:
        """In the middle of its work; how far it comes may differ from play to play, so each try counts."""
        self.deaths += 1
        self.world.deliver()
        try:
            with dying(commits, committed=committed):
                reminders.start_due()
                for run in self.waiting_runs(seed):
                    self.conduct(run)
        except Crash:
            pass

    def waiting_runs(self, seed: int) -> list[Run]:
        waiting = list(store.read(lambda session: session.exec(select(Run).where(Run.state == OPEN)).all()))
        random.Random(seed).shuffle(waiting)
        return waiting

    def until(self, moment: float) -> None:
        """Whoever waits lets the clients' time pass; the service's own stands still meanwhile."""
        self.world.clock.sleep(max(0.0, moment - self.hands.time()))

    def conduct(self, run: Run) -> None:
        self.until(run.due_at / 1000)
        durable.conduct(run.id, durable.STORIES[run.workflow])

    # -- what holds ---------------------------------------------------------

    @invariant()
    def whoever_waits_is_not_forgotten(self) -> None:
        everybody_is_watched()

    @rule()
    def it_settles(self) -> None:
        """Everything that was started ends, and then every promise holds."""
        self.world.settle()
        self.world.replay_the_dead()  # what Slack could not take within 72 hours
        check_escalations(self.world, self.people.accepted)

    def teardown(self) -> None:
        try:
            for twin in self.world.stage.twins.values():
                twin.mend()
            self.it_settles()
            self.everything_is_closed()
            self.hands.set(self.in_days(400) + " 10:00")
            assert reminders.start_due() == 0
        finally:
            rules.calendars.clear()
            rules.calendars.update(self.before)
            self.hands.release()
            self.world.close()

    def everything_is_closed(self) -> None:
        """An agent closes what is left, by the buttons in the channel; then nobody is asked any more."""
        for each in escalations():
            if each.state in ladder.UNFINISHED:
                for name in ("acknowledge", "start", "finish") if each.state == ladder.OPEN else ("start", "finish"):
                    self.press_in_channel(name, str(each.id))
                self.people.fill_in(RAISERS[0], "low", "", "")
                self.it_settles()
        assert {each.state for each in escalations()} <= {ladder.DONE, ladder.SHARED}
        assert all(ladder.is_watched(each) and each.due_at is None for each in escalations())

    def press_in_channel(self, name: str, id: str) -> None:
        self.people.look_around()

        def fits(button: Button) -> bool:
            return (button.channel, button.name) == (CHANNEL, name) and f'"value": "{id}"' in button.block

        for button in self.people.buttons(fits)[-1:]:
            self.people.press(RAISERS[0], button)
            self.world.settle()


@pytest.mark.fault("F14")
@pytest.mark.timeout(600 + 60 * EXAMPLES)
def test_nobody_who_escalated_is_forgotten(sqlite_template: Path) -> None:
    class Here(Escalations):
        def __init__(self) -> None:
            super().__init__(lambda: World(fresh(sqlite_template)))

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
