"""A world on SQLite alone, for what does not depend on the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import World


@pytest.fixture
def sqlite_world(sqlite_url: str) -> Iterator[World]:
    """The seeded company and the service."""
    world = World(sqlite_url)
    yield world
    world.close()
