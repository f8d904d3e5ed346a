"""What is due begins, whatever happens in the middle of its beginning."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from integrations.twin import Fault
from tests.clock import Hands
from tests.world import World
from workflows import upkeep
from workflows.engine import leases, schedule, takeover
from workflows.engine.rows import table_of
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.runs import OPEN, Lease, Run

ME = "host-1-me"
SEARCH = "POST /conversations/search"
#: Two moments of the test are as far apart as this at most.
MOMENT = 60_000


class Killed(BaseException):
    """The process ends here."""


def killed(*_: Any, **__: Any) -> None:
    raise Killed


def killed_at(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of upkeep comes as far as this."""
    with monkeypatch.context() as meanwhile, pytest.raises(Killed):
        meanwhile.setattr(upkeep, name, killed)
        upkeep.tick(ME)


def looks(world: World, vendor: str = "intercom") -> list[Run]:
    return [run for run in world.runs() if run.workflow == f"reconcile.{vendor}"]


def forget_that_it_was(name: str) -> None:
    """It is due once more."""
    store.write(lambda session: setattr(session.get_one(Lease, name), "last_at", 1))


def since(look: Run) -> int:
    return int(look.arguments["since"]) * 1000


@pytest.mark.fault("F13")
def test_a_look_that_never_began_is_begun_by_who_comes_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_at("start", monkeypatch)
    upkeep.tick(ME)
    [look] = looks(world)
    assert abs(since(look) - (now_ms() - DAY_MS)) < 600_000 + MOMENT


def test_until_a_vendor_has_answered_it_is_asked_from_the_same_moment_on(world: World) -> None:
    world.intercom.fail(SEARCH, *[Fault("401")] * 2)
    upkeep.tick(ME)
    world.settle()
    for _ in range(2):
        forget_that_it_was("reconcile")
        upkeep.tick(ME)
        world.settle()
    first, second, third = looks(world)
    assert since(first) == since(second) == since(third)
    forget_that_it_was("reconcile")
    upkeep.tick(ME)
    assert since(looks(world)[-1]) > now_ms() - 600_000 - MOMENT


def test_who_is_asked_whether_they_have_left_is_asked_by_who_comes_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.rules(reconcile_minutes=0):
        killed_at("start", monkeypatch)
        upkeep.tick(ME)
    assert "membership.sign_out_the_gone" in [run.workflow for run in world.runs()]


@pytest.mark.fault("F13")
def test_a_cleaning_that_was_cut_off_is_taken_up_within_the_hour_and_not_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands, cleanings = Hands(), []
    try:
        killed_at("clean_up", monkeypatch)
        monkeypatch.setattr(upkeep, "clean_up", lambda: cleanings.append(1))
        upkeep.tick(ME)
        assert not cleanings
        for _ in range(3):
            hands._now += 3601
            upkeep.tick(ME)
        assert cleanings == [1]
    finally:
        hands.release()


# -- a long backlog -------------------------------------------------------------------------------

BACKLOG = 20_000


class Engine:
    """Knows every turn but those that it lost, and remembers how many it was asked about at once."""

    def __init__(self, *lost: str) -> None:
        self.lost, self.asked, self.scheduled = set(lost), list[list[str]](), list[str]()

    def list_workflows(self, *, workflow_ids: list[str], **_: Any) -> list[Any]:
        self.asked.append(workflow_ids)
        return [SimpleNamespace(workflow_id=turn) for turn in workflow_ids if turn not in self.lost]

    def enqueue_in_transaction(self, _: Any, turn: Any, run_id: str, *__: Any) -> None:
        self.lost.discard(f"{run_id}~1")
        self.scheduled.append(run_id)


@pytest.fixture
def backlog(world: World) -> Iterator[Engine]:
    """Twenty thousand runs that are long overdue, of which the engine has lost the last one."""
    rows = [
        {"id": f"run:{number:05}", "workflow": "release.moved", "arguments": {"text": "x" * 200}, "queue": "fanout"}
        | {"due_at": 1, "created_at": 1, "state": OPEN, "scheduled": 1}
        for number in range(BACKLOG)
    ]
    runs, before = table_of(Run), schedule.engine()
    store.write(lambda session: session.connection().execute(runs.insert(), rows) and None)
    engine = Engine(f"run:{BACKLOG - 1:05}~1")
    schedule.bind(engine)
    takeover._Reached.id = ""
    yield engine
    takeover._Reached.id = ""
    schedule.bind(before)


def test_however_long_the_backlog_is_a_round_looks_at_a_part_of_it(world: World, backlog: Engine) -> None:
    statements: list[str] = []
    sa.event.listen(
        world.runtime.store.engine, "before_cursor_execute", tell := lambda *told: statements.append(told[2])
    )
    rounds = []
    while not backlog.scheduled:
        before = len(statements)
        takeover.redrive()
        rounds.append(len(statements) - before)
    sa.event.remove(world.runtime.store.engine, "before_cursor_execute", tell)
    assert backlog.scheduled == [f"run:{BACKLOG - 1:05}"]
    assert {len(turns) for turns in backlog.asked} == {takeover.PAGE}
    assert len(rounds) == BACKLOG / takeover.PAGE / takeover.PAGES
    assert max(rounds) <= takeover.PAGES + 10


def test_the_next_round_goes_on_where_the_last_one_ended_and_begins_anew_at_the_end(backlog: Engine) -> None:
    for _ in range(6):
        takeover.redrive()
    seen = [turn for turns in backlog.asked for turn in turns]
    assert len(set(seen)) == BACKLOG
    assert seen[BACKLOG] == seen[0]


def test_upkeep_stays_with_who_is_at_it_while_a_round_lasts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its own it would last for fifteen seconds, and a round over a long backlog may last longer."""
    hands, under_way, go_on = Hands(), threading.Event(), threading.Event()
    monkeypatch.setattr(upkeep, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(takeover, "redrive", lambda: (under_way.set(), go_on.wait(60), 0)[2])
    ending, heart = threading.Event(), threading.Thread(target=lambda: upkeep.live(ME, ending))
    long_round = threading.Thread(target=lambda: upkeep.tick(ME))
    long_round.start()
    assert under_way.wait(60)
    heart.start()
    for _ in range(3):
        hands._now += upkeep.LEASE_MS / 1000 - 1
        until(lambda: lease().until > now_ms() + upkeep.LEASE_MS - 1000)
        assert not store.write(partial(leases.hold, name="upkeep", me="host-2", for_ms=1))
    go_on.set()
    long_round.join(60)
    ending.set()
    heart.join(60)
    hands._now += upkeep.LEASE_MS / 1000 + 1
    assert store.write(partial(leases.hold, name="upkeep", me="host-2", for_ms=1))
    Hands.release()


def lease() -> Lease:
    """Who does the upkeep, and until when."""
    return store.read(lambda session: session.get_one(Lease, "upkeep"))


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    for _ in range(6000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("it never happened")
