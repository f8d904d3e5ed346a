"""What is due begins, whatever happens in the middle of its beginning."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.twin import Fault
from tests.clock import Hands
from tests.world import World
from workflows import upkeep
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.runs import Lease, Run

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
