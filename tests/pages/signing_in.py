"""A world outside of the demo, where people sign in."""

from __future__ import annotations

from tests.world import World


def real(world: World) -> None:
    """From now on this is no demo, but a service with customers."""
    world.app.state.settings = world.settings.model_copy(update={"demo": False})
