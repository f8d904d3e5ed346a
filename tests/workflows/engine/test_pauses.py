"""When a run comes again: later after each failure, and not later for what was none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integrations.contract import RateLimited, Transient, Unsure
from tests.world import World
from workflows.engine import durable
from workflows.engine.outcome import Outcome, done
from workflows.engine.replay import replay
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Run

RUN = "jira:1"


@pytest.fixture(autouse=True)
def begun(world: World) -> None:
    durable.spawn([durable.NewRun(RUN, "release.moved", {})])


def raising(trouble: Exception) -> Callable[[], Outcome]:
    def story() -> Outcome:
        raise trouble

    return story


def well() -> Outcome:
    return done("It went well.")


def pause_after(trouble: Exception) -> float:
    """Seconds until the run comes again."""
    durable.conduct(RUN, raising(trouble))
    return (run().due_at - now_ms()) / 1000


def run() -> Run:
    return store.read(lambda session: session.get_one(Run, RUN))


def is_about(seconds: float, expected: float) -> bool:
    return expected * 0.8 - 2 < seconds <= expected * 1.2


def killed(times: int) -> None:
    """The process dies so often while it works on the run, and each time somebody else goes on."""

    def work(session: durable.Session) -> None:
        session.get_one(Run, RUN).attempts += times

    store.write(work)


@pytest.mark.fault("F34")
def test_each_failure_in_a_row_makes_the_pause_longer() -> None:
    for expected in (5, 30, 120, 600, 1800, 3600, 3600):
        assert is_about(pause_after(Unsure("no answer")), expected)


@pytest.mark.fault("F33")
def test_who_was_told_to_wait_or_was_killed_has_not_failed() -> None:
    for _ in range(5):
        assert is_about(pause_after(RateLimited("429", 7)), 7)
        assert is_about(pause_after(Transient("An earlier attempt may still be running.", 40)), 40)
    killed(6)
    assert is_about(pause_after(Transient("Intercom cannot be reached")), 5)


def test_a_mistake_of_ours_is_tried_as_often_however_often_the_vendor_made_us_wait() -> None:
    for _ in range(durable.UNEXPECTED_ATTEMPTS):
        pause_after(RateLimited("429", 7))
    for _ in range(durable.UNEXPECTED_ATTEMPTS):
        assert run().state == "open"
        pause_after(ValueError("a mistake"))
    assert run().state == "dead"


def test_a_replayed_run_begins_anew() -> None:
    for _ in range(4):
        pause_after(Unsure("no answer"))
    assert replay(RUN)
    assert is_about(pause_after(Unsure("no answer")), 5)
    assert durable.conduct(RUN, well) == "done"
