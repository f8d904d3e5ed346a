"""Deeds: what somebody did is kept with it, and what came to nothing is not."""

from __future__ import annotations

import pytest
from sqlmodel import select

from tests.world import World
from workflows.engine.store import store
from workflows.people import deeds
from workflows.people.deeds import PAGE, Act
from workflows.people.may import DECIDE
from workflows.people.person import Person
from workflows.tables.people import Deed

SATO = Person("U0SATO", "佐藤 花子")


def kept_of(*values: object) -> int:
    """How many deeds are kept where one person's writes come to this, one after the other."""
    with deeds.at(Act(SATO, DECIDE, PAGE, about="FB-1")):
        for value in values:
            store.write(lambda _, value=value: value)  # type: ignore[misc]
    return len(store.read(lambda session: session.exec(select(Deed)).all()))


@pytest.mark.parametrize("value", [False, 0, [], "This notice was called off."])
def test_what_changed_nothing_or_says_why_not_is_not_kept(world: World, value: object) -> None:
    assert kept_of(value) == 0


@pytest.mark.parametrize("value", [None, True, 7, [1], ""])
def test_what_changed_something_or_has_nothing_to_object_is_kept(world: World, value: object) -> None:
    assert kept_of(value) == 1


def test_a_reason_first_and_a_change_then_are_one_deed(world: World) -> None:
    assert kept_of("This notice was called off.", "", None, True) == 1
