"""To whom the next conversation may be given: somebody on shift with the fewest, and never one who is full."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.demo.company import SERVICE_ADMIN
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.enquiry import board, load
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS
from workflows.tables.enquiry import Enquiry

TANAKA, SATO, SUZUKI = "7001", "7002", "7003"
EVERYBODY = {f"agent{id}@kanade.example" for id in (TANAKA, SATO, SUZUKI)}
ALWAYS = Calendar.of(hours={day: ["0:00-24:00"] for day in WEEKDAYS})
NEVER = Calendar.of(hours={"mon": ["0:00-0:01"]}, closed=["01-02..12-31"])


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """Three agents, all of them on shift, who may have two open conversations each."""
    knows = {"billing": tuple(sorted(EVERYBODY))}
    calendars = dict.fromkeys(EVERYBODY, ALWAYS)
    with world.rules(skills=knows, calendars=calendars, enquiry=replace(rules.enquiry, most_open=2)):
        yield world


def given(assignee: str, state: str = board.ANSWERING) -> str:
    """One more conversation that somebody has; its id."""
    id = str(random.getrandbits(60))
    store.write(lambda session: session.add(Enquiry(conversation_id=id, state=state, assignee=assignee, said_at=1)))
    return id


def solve(id: str) -> None:
    """A conversation comes to its end."""
    store.write(lambda session: setattr(session.get_one(Enquiry, id), "state", board.SOLVED))


def suggested() -> list[tuple[str, int]]:
    """Who may be given one more, with how many they have."""
    return [(each.admin_id, each.open) for each in load.suggest(now_ms())]


# -- nobody ---------------------------------------------------------------------------------------


def test_when_all_are_full_nobody_is_suggested_and_it_says_so(world: World) -> None:
    for agent in (TANAKA, SATO, SUZUKI):
        given(agent)
        given(agent, board.CUSTOMER)
    assert suggested() == []
    assert load.said("en", now_ms()) == "Everybody on shift has reached the limit of open conversations (2)."
    assert "上限(2件)" in load.said("ja", now_ms())


def test_when_nobody_is_on_shift_nobody_is_suggested_and_it_says_so(world: World) -> None:
    with world.rules(calendars=dict.fromkeys(EVERYBODY, NEVER)):
        assert suggested() == []
        assert load.said("en", now_ms()) == "Nobody is on shift."


# -- somebody -------------------------------------------------------------------------------------


def test_those_with_the_fewest_come_first_and_what_is_solved_does_not_count(world: World) -> None:
    given(TANAKA), given(TANAKA, board.SOLVED), given(SATO), given(SATO), given("", board.WAITING)
    assert suggested() == [(SUZUKI, 0), (TANAKA, 1)]
    assert load.said("ja", now_ms()) == "鈴木 葵 (0)、田中 みなみ (1)"


def test_without_a_limit_nobody_is_ever_full(world: World) -> None:
    for _ in range(5):
        given(SATO)
    with world.rules(enquiry=replace(rules.enquiry, most_open=0)):
        assert suggested() == [(TANAKA, 0), (SUZUKI, 0), (SATO, 5)]


def test_who_is_not_on_shift_is_not_suggested_by_whatever_name_the_rules_know_them(world: World) -> None:
    with world.rules(
        colleagues={f"agent{SATO}@kanade.example": "U0SATO"},
        calendars={"u0sato": NEVER, f"agent{TANAKA}@kanade.example": ALWAYS},
        skills={"billing": ("U0SATO",)},
    ):
        assert suggested() == [(TANAKA, 0)]


def test_where_the_rules_name_no_agents_every_teammate_is_one(world: World) -> None:
    with world.rules(skills={}, calendars={}, calendar=ALWAYS):
        found = {id for id, _ in suggested()}
    assert found >= {TANAKA, SATO, SUZUKI} and SERVICE_ADMIN not in found


@pytest.mark.parametrize("seed", range(3))
def test_whatever_arrives_nobody_at_the_limit_is_suggested_while_another_is_below(world: World, seed: int) -> None:
    """A day of arrivals and endings at random: each arrival goes to whom it is suggested first."""
    dice, there = random.Random(seed), list[tuple[str, str]]()
    for _ in range(60):
        have = Counter(agent for _, agent in there)
        if there and dice.random() < 0.4:
            solve(there.pop(dice.randrange(len(there)))[0])
            continue
        found = suggested()
        below = {agent for agent in (TANAKA, SATO, SUZUKI) if have[agent] < 2}
        assert {agent for agent, _ in found} == below and all(have[agent] == n for agent, n in found)
        if found:
            assert have[found[0][0]] == min(have[agent] for agent in below)
            there.append((given(found[0][0]), found[0][0]))
