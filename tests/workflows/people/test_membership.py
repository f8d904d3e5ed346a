"""Who has left Slack is signed out, and a Slack that answers late or never keeps nothing else from happening."""

from __future__ import annotations

from integrations.twin import Fault
from tests.world import World
from workflows import upkeep
from workflows.engine.store import store
from workflows.people import accounts

PEOPLE = ("U0EMMA", "U0LEAD", "U0MORI")
ASKED = "POST /api/users.info"


def signed_in(world: World) -> None:
    """Three people are."""
    for person in PEOPLE:
        world.sign_in(person)
    world.slack.calls.clear()


def asked(world: World) -> int:
    return sum(route == ASKED for route, _ in world.slack.calls)


def test_the_beat_waits_for_no_slack(world: World) -> None:
    signed_in(world)
    world.slack.deactivate("U0LEAD")
    upkeep.tick("host-1-me")
    assert not asked(world)
    world.settle()
    assert store.read(accounts.present) == ["U0EMMA", "U0MORI"]
    assert [run.reason for run in world.runs() if run.workflow == "membership.sign_out_the_gone"] == [
        "Signed out {count} people who are no longer full members in Slack."
    ]


def test_a_slack_that_does_not_answer_is_not_asked_about_everybody(world: World) -> None:
    signed_in(world)
    world.slack.fail(ASKED, *[Fault("500")] * 9)
    upkeep.tick("host-1-me")
    world.settle()
    assert store.read(accounts.present) == sorted(PEOPLE)
    assert asked(world) <= 3
    [run] = [run for run in world.runs() if run.workflow == "membership.sign_out_the_gone"]
    assert run.state == "ignored"
