"""PostgreSQL as we use it: no statement waits for ever, and neither does a connection whose network swallows all."""

from __future__ import annotations

import sqlalchemy as sa

#: A network that swallows everything is noticed within half a minute; TCP by itself would wait for hours.
#: https://www.postgresql.org/docs/current/libpq-connect.html
NOTICING = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def create_engine(url: str, pool_size: int, lasting: bool) -> sa.Engine:
    """An engine for `postgresql://…` (or `postgres://…`); see `store.create_engine`."""
    url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    options = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    options += "" if lasting else " -c synchronous_commit=off"
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        hide_parameters=True,
        connect_args={"options": options, "application_name": "yamabiko", "connect_timeout": 5} | NOTICING,
    )
