"""The teammate in whose name the service writes is removed from Intercom: it is said aloud until it is put right."""

from __future__ import annotations

from tests.world import World

TOPIC = "admin.removed_from_workspace"


def test_it_is_said_in_the_support_channel_and_stays_a_dead_letter(world: World) -> None:
    us = world.settings.intercom_admin_id
    teammate = world.intercom.books.admins[us]
    world.intercom.remove_admin(us)
    world.settle()
    [(state, reason)] = world.reasons(TOPIC)
    assert state == "dead" and "INTERCOM_ADMIN_ID" in reason
    [said] = world.said()
    assert "INTERCOM_ADMIN_ID" in said
    world.intercom.books.admins[us] = teammate
    world.replay_the_dead()
    assert world.reasons(TOPIC) == [("ignored", "This is not the teammate that Yamabiko uses in Intercom.")]
    assert len(world.said()) == 1


def test_that_somebody_else_was_removed_concerns_nobody_here(world: World) -> None:
    world.intercom.remove_admin("7002")
    world.settle()
    assert [state for state, _ in world.reasons(TOPIC)] == ["ignored"] and not world.said()
