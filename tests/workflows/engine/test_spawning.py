"""Many runs that follow from one: what was cut off between two commits of them goes on there, and none is twice."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.properties.dying import Crash, dying
from tests.world import World
from workflows.engine import schedule
from workflows.engine.schedule import child, spawn

MANY = 450
RUNS = [
    child(f"release:1/{chat}", "reopen.conversation", release_id=1, conversation_id=str(chat)) for chat in range(MANY)
]


def turns() -> list[str]:
    """What the engine was given to do."""
    return sorted(turn.workflow_id for turn in schedule.engine().list_workflows(limit=10 * MANY))


@pytest.mark.fault("F06", "F60")
@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", [0, 1, 2])
def test_a_fan_out_that_is_cut_off_is_taken_up_where_it_ended(world: World, commit: int, committed: bool) -> None:
    with suppress(Crash), dying(commit, committed=committed):
        spawn(RUNS)
    begun = len(world.runs())
    assert begun == min(200 * (commit + committed), MANY), "each commit holds so many, whole"
    assert spawn(RUNS) == MANY - begun
    assert spawn(RUNS) == 0
    assert len(world.runs()) == MANY
    assert turns() == sorted(f"{run.id}~1" for run in RUNS)
