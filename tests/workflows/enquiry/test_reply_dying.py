"""A process that dies while it sends a reply: the customer reads it once, and its sender is told once if it fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.properties.dying import Crash, dying
from tests.replying import Replying
from tests.world import World
from workflows.engine.actions import Patience

TEXT = "お待たせしております。"
#: More commits than a reply has; those beyond its end are nobody's death.
COMMITS = range(14)


@pytest.fixture
def case(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replying]:
    """A service in which nobody waits for a call that died with its process."""
    monkeypatch.setattr(Patience, "seconds", 0.0)
    world = World(sqlite_url)
    yield Replying(world)
    world.close()


def die(case: Replying, after: int, *, committed: bool) -> bool:
    """Begin the run, and die at its n-th commit; did it come that far?"""
    try:
        with dying(after, committed=committed):
            case.world.conduct_one()
    except Crash:
        return True
    return False


@pytest.mark.fault("F89")
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("after", COMMITS)
def test_killed_at_any_commit_it_goes_out_once(case: Replying, after: int, committed: bool) -> None:
    case.write(TEXT)
    case.submit()
    died = die(case, after, committed=committed)
    case.world.settle()
    assert case.sent() == [("7001", f"<p>{TEXT}</p>")]
    [row] = case.rows()
    assert row.state == "sent" and row.part_id
    assert case.told() == [] and len(case.follows()) == 1
    assert died or after > 5, "so few commits can't be all of it"


@pytest.mark.fault("F89")
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("after", COMMITS)
def test_killed_at_any_commit_a_refusal_is_told_once(case: Replying, after: int, committed: bool) -> None:
    case.write(TEXT)
    case.world.intercom.shut_off(case.chat)
    case.submit()
    died = die(case, after, committed=committed)
    case.world.settle()
    assert (case.sent(), len(case.told()), [row.state for row in case.rows()]) == ([], 1, ["refused"])
    assert died or after > 5, "so few commits can't be all of it"
