"""Those who care for one kind of request hear of new ones, of decisions and of releases; and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from app.demo.company import CHANNEL, ESCALATIONS
from tests.meeting import decide
from tests.releasing import released
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.rules.kinds import Hearers
from workflows.tables.wish import Feedback
from workflows.telling import kind_filed

#: The designers' channel, and one of them.
THEIRS, DESIGNER = ESCALATIONS, "U0EMMA"


@pytest.fixture(autouse=True)
def designers(world: World) -> Iterator[None]:
    """Designers hear of 文言."""
    with world.rules(kinds={"wording": Hearers(THEIRS, ("emma@kanade.example",))}):
        yield


def heard(world: World, channel: str = THEIRS) -> list[str]:
    """What was said in a channel, whole."""
    return [str(it) for it in world.slack.messages(channel)] if channel in world.slack.channels else []


def later(world: World) -> None:
    """The minutes for gathering are over."""

    def work(session: Session) -> None:
        for wish in session.exec(select(Feedback)):
            wish.taken_at -= kind_filed.GATHERED_MS + 1

    store.write(work)
    kind_filed.start_due()
    world.settle()


def test_other_kinds_are_told_to_nobody(world: World) -> None:
    world.wish(0, "要望")
    later(world)
    assert heard(world) == []


def test_what_is_new_is_gathered_and_said_once_to_the_channel_and_the_people(world: World) -> None:
    first, second = world.wish(0, "文言"), world.wish(2, "文言")
    kind_filed.start_due()
    world.settle()
    assert heard(world) == []  # more may come
    later(world)
    later(world)
    [message] = heard(world)
    assert all(f"FB-{wish.id}" in message for wish in (first, second))
    assert len([it for it in heard(world, f"D{DESIGNER[1:]}") if f"FB-{first.id}" in it]) == 1


def test_who_wants_only_releases_hears_of_nothing_else(world: World) -> None:
    with world.rules(kinds={"wording": Hearers(THEIRS, hear=("released",))}):
        wish = world.wish(0, "文言")
        later(world)
        acts.send_now(decide(wish.id or 0, "adopt").id or 0)
        world.settle()
        assert heard(world) == []
        released(world, 0)
    assert len(heard(world)) == 1


def test_a_decision_is_told_in_the_kinds_channel_and_not_in_supports(world: World) -> None:
    support = len(heard(world, CHANNEL))
    acts.send_now(decide(world.wish(0, "文言").id or 0, "decline").id or 0)
    world.settle()
    assert len(heard(world)) == 1 and len(heard(world, CHANNEL)) == support


def test_a_release_of_two_kinds_is_told_to_each_with_its_own_count(world: World) -> None:
    world.wish(0, "文言"), world.wish(2, "要望")
    released(world, 0, 2)
    assert len([it for it in heard(world) if "1件" in it]) == 1
    assert len([line for line in world.said() if "KNDE-12" in line and "1件" in line]) == 1
    world.move("KNDE-12", "進行中")
    assert len(heard(world)) == 2
