"""A sample of the vendors' faults on either database."""

from __future__ import annotations

import itertools

import pytest

from tests.workflows.engine.faults import FAULTS, WRITES, play, unfinished
from tests.world import World


@pytest.mark.fault("F38")
def test_on_either_database(world: World) -> None:
    for (name, write), fault in zip(WRITES.items(), itertools.cycle(["one of each", "applied, then dropped", "500"])):
        case = play(world, write, FAULTS[fault]())
        assert (name, write.count(case)) == (name, write.expected)
    assert unfinished(world) == []
