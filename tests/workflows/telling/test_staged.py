"""Where only some can use it so far, their draft says so; once nobody waits any longer, it does not."""

from __future__ import annotations

import pytest

from tests.releasing import released, telling
from tests.world import World
from workflows.people.person import Person
from workflows.rules.telling import Gate
from workflows.telling import publish
from workflows.telling.publish import Wanted

PM = Person("U0LEAD", "斎藤 真理")


@pytest.mark.parametrize(("last", "chats"), [(Wanted(), (0, 2)), (None, (0,))])
def test_the_first_wave_says_that_others_follow_and_the_last_does_not(
    world: World, last: Wanted | None, chats: tuple[int, ...]
) -> None:
    with world.rules(gate=Gate("release")):
        released(world, *chats)
        issue = world.jira.find("KNDE-12").id
        first = (world.feedback(0)[0].company_id or "",)
        publish.publish(issue, Wanted("companies", first), by=PM, origin="form:1")
        world.settle()
        assert ("先行して" in telling(world, 0).draft) == (last is not None)
        if last is not None:
            publish.publish(issue, last, by=PM, origin="form:2")
            world.settle()
            assert "先行して" not in telling(world, 2).draft
