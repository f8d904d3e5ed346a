"""A vendor's budget holds for all processes together, and none of them waits longer than it must.

A process is here what it has of its own, a `Pace` or a `Spacing`, over the database that all of them share.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from integrations import pace, shared
from integrations.contract import RateLimited, Transient
from integrations.intercom import IntercomClient
from integrations.intercom.client import CALLS, WINDOW
from integrations.intercom.twin import IntercomTwin, stand_in
from integrations.pace import Pace
from integrations.spacing import Spacing
from tests.twin_server import served
from workflows.engine import budgets
from workflows.engine import store as module
from workflows.engine.budgets import Budgets
from workflows.engine.store import Store, create_engine, store

CHAT, TOKEN, US, APP = "215470000000101", "token", "7001", "yb12cd34"


class Clock:
    """Time that passes when somebody sleeps, for the processes, the vendor and the database."""

    def __init__(self) -> None:
        self.now = 1_795_226_640.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for each in (module, pace, stand_in):
        monkeypatch.setattr(each, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def database(database_url: str) -> Iterator[Store]:
    """What the processes share."""
    opened = Store(create_engine(database_url, pool_size=4))
    store.bind(opened)
    shared.bind(Budgets())
    yield opened
    shared.bind(None)
    store.bind(None)
    opened.close()


def budget(clock: Clock, calls: int = 100, window: float = 10.0, name: str = "kanade") -> Pace:
    """What one process has of a budget."""
    return Pace(calls, window, name=name, clock=clock.time)


def made(clock: Clock, paces: list[Pace], calls: int) -> list[int]:
    """In which second each of so many calls could begin, the processes taking turns."""
    start, moments = clock.now, []
    for number in range(calls):
        paces[number % len(paces)].wait()
        moments.append(int(clock.now - start))
    return moments


# -- calls in a window ----------------------------------------------------------------------------


def test_several_processes_meet_no_429_and_are_no_slower_than_one(clock: Clock) -> None:
    """Intercom allows 200 in ten seconds, which it says in its answers; 410 calls take one process twenty seconds."""
    twin = IntercomTwin(secret="s", token=TOKEN, app_id=APP, admin=US, limit=(200, 10.0))
    twin.add_contact("c1", "佐藤 健", "sato@aoba.example")
    twin.add_conversation(CHAT, "c1", "<p>CSVで出力したいです。</p>")
    url, start = served(intercom=twin).url + "/intercom", clock.now
    paces = [budget(clock, CALLS, WINDOW, "intercom") for _ in range(3)]
    clients = [IntercomClient(url, TOKEN, US, APP, pace=pace) for pace in paces]
    for number in range(410):
        assert clients[number % 3].conversation(CHAT)
    for each in clients:
        each.close()
    assert (twin.limit_hits, int(clock.now - start)) == (0, 20)


def test_the_processes_together_keep_to_a_window(clock: Clock) -> None:
    moments = made(clock, [budget(clock), budget(clock)], 250)
    assert [moments.count(second) for second in (0, 10, 20)] == [100, 100, 50]


def test_who_has_work_may_have_nearly_all_of_it(clock: Clock) -> None:
    idle, busy = budget(clock), budget(clock)
    idle.wait()
    assert made(clock, [busy], 96) == [0] * 95 + [10]


def test_what_was_not_used_in_a_window_is_not_used_in_the_next(clock: Clock) -> None:
    idle, busy = budget(clock), budget(clock)
    idle.wait()
    clock.now += 10
    assert made(clock, [busy], 100) == [0] * 100
    assert made(clock, [idle], 1) == [10]


def test_what_one_process_is_told_the_others_hear(clock: Clock) -> None:
    told, other = budget(clock), budget(clock)
    told.wait()
    told.heed({"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(clock.now + 4)})
    assert made(clock, [told], 1) == [4]
    assert made(clock, [other], 20) == [0] * 19 + [10]


def test_where_one_process_is_told_to_be_quiet_all_are(clock: Clock) -> None:
    told, other = budget(clock), budget(clock)
    told.close(60.0)
    with pytest.raises(RateLimited) as quiet:
        other.wait()
    assert quiet.value.retry_after == pytest.approx(60.0)
    clock.now += 60
    assert made(clock, [told, other], 2) == [0, 0]


def test_most_calls_ask_nobody(clock: Clock, database: Store) -> None:
    questions: list[str] = []
    sa.event.listen(database.engine, "commit", lambda _: questions.append("commit"))
    made(clock, [budget(clock)], 100)
    assert len(questions) == 20


def test_one_process_alone_asks_nobody(clock: Clock, database: Store) -> None:
    shared.bind(None)
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert made(clock, [budget(clock)], 101) == [0] * 100 + [10]
    Spacing(1.0, name="slack").wait("C1")
    assert statements == []


def test_threads_of_several_processes_get_no_more_than_there_is(clock: Clock) -> None:
    took: list[int] = []

    def take() -> None:
        for _ in range(10):
            took.append(Budgets().take("kanade", 5, 100, 10.0, None).calls)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(took), len(took)) == (100, 40)


# -- turns ----------------------------------------------------------------------------------------


def spacing(clock: Clock) -> Spacing:
    """What one process knows of the turns in Slack's channels."""
    return Spacing(1.0, name="slack", clock=clock.time, sleep=clock.sleep)


def test_messages_of_several_processes_are_a_second_apart_in_a_channel(clock: Clock) -> None:
    start, ours, theirs = clock.now, spacing(clock), spacing(clock)
    for each in (ours, theirs, ours):
        each.wait("C1")
    assert clock.now - start == pytest.approx(2.0)
    theirs.wait("C2")
    assert clock.now - start == pytest.approx(2.0)


def test_a_turn_that_is_far_away_is_not_booked(clock: Clock) -> None:
    ours = Spacing(1.0, name="slack", clock=clock.time, sleep=lambda _: None)
    for _ in range(6):
        ours.wait("C1")
    for _ in range(2):
        with pytest.raises(RateLimited) as far:
            spacing(clock).wait("C1")
        assert far.value.retry_after == pytest.approx(6.0)


# -- the database ---------------------------------------------------------------------------------


def test_nobody_calls_while_nobody_can_be_asked(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr(store._store, "aside", away)
    with pytest.raises(Transient, match="could not be asked"):
        budget(clock).wait()


def test_nothing_that_a_thread_put_off_goes_along(clock: Clock, database: Store) -> None:
    done: list[str] = []
    store.later(lambda _: done.append("put off"))
    budget(clock).wait()
    assert done == []
    store.write(lambda _: None)
    assert done == ["put off"]


def test_what_is_over_is_forgotten(clock: Clock) -> None:
    budget(clock).wait()
    budgets.forget(int(clock.now * 1000))
    assert made(clock, [budget(clock)], 96)[-1] == 10
    clock.now += 20
    budgets.forget(int(clock.now * 1000))
    assert made(clock, [budget(clock)], 100)[-1] == 0
