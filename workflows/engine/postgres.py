"""PostgreSQL as we use it: no statement waits for ever, and neither does a connection whose network swallows all."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import event

#: A network that swallows everything is noticed within half a minute; TCP by itself would wait for hours.
#: https://www.postgresql.org/docs/current/libpq-connect.html
NOTICING = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
#: A statement is prepared by its second use, and so many stay prepared in a connection: more than all pages have, so
#: that none is parsed and planned anew because another page was looked at meanwhile.
PREPARED_FROM, PREPARED = 1, 300

#: Compiling takes longer than anything that we ask; and what we ask for lies in memory, or on a disk without a head:
#: a hundred rows by their keys are read sooner than a whole table.
PLANNING = "-c jit=off -c random_page_cost=1.1"
#: A transaction that is only looked with.
LOOKING = {"postgresql_readonly": True}


def create_engine(url: str, pool_size: int, lasting: bool) -> sa.Engine:
    """An engine for `postgresql://…` (or `postgres://…`); see `store.create_engine`."""
    url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    options = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    options += f" {PLANNING}"
    options += "" if lasting else " -c synchronous_commit=off"
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_use_lifo=True,  # the connection that was used last has prepared what is asked next
        hide_parameters=True,
        connect_args={"options": options, "application_name": "yamabiko", "connect_timeout": 5} | NOTICING,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    """How soon a new connection prepares statements, and how many it keeps."""
    connection.prepare_threshold, connection.prepared_max = PREPARED_FROM, PREPARED


def is_refused_write(error: sa.exc.DBAPIError) -> bool:
    """Did somebody want to write who only looks?"""
    return isinstance(error.orig, ReadOnlySqlTransaction)
