"""Runs the migrations on the engine that `app.migrations` brings, or on DATABASE_URL from the command line."""

from typing import Any

import sqlmodel

from alembic import context
from workflows.engine.store import create_engine

OURS = sqlmodel.SQLModel.metadata.tables


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """On SQLite the engine's tables stand beside ours; they are not Alembic's business."""
    return kind != "table" or name in OURS


def run() -> None:
    """Migrate inside one transaction."""
    engine = context.config.attributes.get("engine")
    if engine is None:
        from app.settings import load

        engine = create_engine(load().database_url, pool_size=2)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":  # the driver would commit after each statement
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=sqlmodel.SQLModel.metadata,
            include_name=include_name,
            render_as_batch=connection.dialect.name == "sqlite",
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
