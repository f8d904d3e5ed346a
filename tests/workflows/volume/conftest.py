"""A session on a database of either kind, for what asks of counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.store import create_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database of either kind."""
    engine = create_engine(database_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
