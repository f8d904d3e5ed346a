"""The demo plays on databases of its own: it conducts what is open there, with stand-ins, before everybody's eyes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, select

from app import migrations
from app.migrations import WrongDatabase
from workflows.engine.store import create_engine, now_ms
from workflows.tables.customer import Company, Conversation
from workflows.tables.runs import Delivery, Lease, Run

#: Whoever plays on a database has this written there before anything else.
MARK = "demo"
REAL = (
    "DATABASE_URL names a database that is in use, and the demo would show it to everybody without sign-in: "
    "leave DATABASE_URL out, or name an empty database."
)


def take(url: str) -> None:
    """Bring an empty database, or one of an earlier demo, up to date, and mark it. Raises WrongDatabase for others."""
    engine = create_engine(url, pool_size=1)
    try:
        if not _is_empty(engine) and not _is_marked(engine):
            raise WrongDatabase(REAL)
        migrations.upgrade(url)
        with Session(engine) as session:
            session.merge(Lease(name=MARK, last_at=now_ms()))
            session.commit()
    finally:
        engine.dispose()


def _is_empty(engine: sa.Engine) -> bool:
    """Has nothing happened there yet?"""
    there = set(sa.inspect(engine).get_table_names())
    told = [table for table in (Delivery, Run, Conversation, Company) if table.__tablename__ in there]
    with Session(engine) as session:
        return not any(session.exec(select(sa.literal(1)).select_from(table).limit(1)).first() for table in told)


def _is_marked(engine: sa.Engine) -> bool:
    with Session(engine) as session:
        return session.get(Lease, MARK) is not None
