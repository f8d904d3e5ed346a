"""Bringing a database to the newest shape: our tables by Alembic, the engine's by DBOS."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config

from alembic import command
from workflows.engine.durable import create_engine_tables
from workflows.engine.store import create_engine

ROOT = Path(__file__).resolve().parent.parent


def upgrade(database_url: str) -> None:
    """Create or change all tables; does nothing where they are up to date. May be run again at any time."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    engine = create_engine(database_url, pool_size=2)
    try:
        config.attributes["engine"] = engine
        command.upgrade(config, "head")
        create_engine_tables(engine)
    finally:
        engine.dispose()
