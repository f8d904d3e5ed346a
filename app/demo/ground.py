"""Where the demo may play: in a database that is empty, or that has seen nothing but demos."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session

from app import migrations
from app.migrations import WrongDatabase
from workflows.engine.store import create_engine
from workflows.tables.runs import Lease

#: The row by which a demo's database is known.
MARK = "demo"
SOMEBODYS = (
    "DATABASE_URL names a database that is in use and is no demo's: the demo would write its invented company into it. "
    "Unset DATABASE_URL, or name an empty database."
)


def claim(database_url: str) -> None:
    """Bring the demo's database up to date and mark it. Raises WrongDatabase where it is anybody else's, and changes
    nothing there.
    """
    engine = create_engine(database_url, pool_size=1)
    try:
        if not _is_free(engine):
            raise WrongDatabase(SOMEBODYS)
        migrations.upgrade(database_url)
        with Session(engine) as session:
            session.merge(Lease(name=MARK))
            session.commit()
    finally:
        engine.dispose()


def _is_free(engine: sa.Engine) -> bool:
    tables = sa.inspect(engine).get_table_names()
    if not tables:
        return True
    with Session(engine) as session:
        return Lease.__tablename__ in tables and session.get(Lease, MARK) is not None
