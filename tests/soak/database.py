"""What the database says: what is open, what is dead, what is on record, and whether it is whole."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from workflows.engine.store import create_engine
from workflows.tables.runs import DEAD, OPEN, Delivery, Run
from workflows.tables.wish import Feedback


class Database:
    """Looked at from beside the service, over a way that nobody cuts."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, pool_size=4)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Let go."""
        self.engine.dispose()

    def open_runs(self) -> list[Run]:
        """What has not ended."""
        with Session(self.engine) as session:
            return list(session.exec(select(Run).where(Run.state == OPEN)))

    def count_open(self) -> int:
        """How many have not ended."""
        with Session(self.engine) as session:
            return session.exec(select(func.count()).select_from(Run).where(Run.state == OPEN)).one()

    def dead(self) -> list[str]:
        """Every dead letter, and why."""
        with Session(self.engine) as session:
            runs = session.exec(select(Run.id, Run.workflow, Run.reason).where(Run.state == DEAD)).all()
            unread = session.exec(select(Delivery.id, Delivery.topic, Delivery.reason).where(Delivery.state == DEAD))
            known = {id for id, _, _ in runs}
            return [" ".join(row) for row in (*runs, *(row for row in unread.all() if row[0] not in known))]

    def deliveries(self) -> set[str]:
        """The names of all deliveries on record."""
        with Session(self.engine) as session:
            return set(session.exec(select(Delivery.id)))

    def wish_of(self, chat: str) -> int | None:
        """The request that was filed from a conversation."""
        with Session(self.engine) as session:
            return session.exec(select(Feedback.id).where(Feedback.conversation_id == chat)).first()

    def in_hand(self, process: int) -> dict[str, int]:
        """The open runs that the engine has given to a process, each with its attempts."""
        table = "workflow_status" if self.is_sqlite else "dbos.workflow_status"
        turns = f"SELECT workflow_uuid FROM {table} WHERE status = 'PENDING' AND executor_id LIKE :who"
        with Session(self.engine) as session:
            given = session.connection().execute(sa.text(turns), {"who": f"%-{process}-%"}).scalars()
            ids = [turn.rpartition("~")[0] for turn in given]
            open_ones = select(Run.id, Run.attempts).where(col(Run.id).in_(ids), Run.state == OPEN)
            return dict(session.exec(open_ones).all())

    def attempts(self, ids: list[str]) -> dict[str, tuple[int, str]]:
        """How often each of these runs was begun, and its state."""
        with Session(self.engine) as session:
            rows = session.exec(select(Run.id, Run.attempts, Run.state).where(col(Run.id).in_(ids))).all()
        return {id: (attempts, state) for id, attempts, state in rows}

    def integrity(self) -> str:
        """ok, or what is wrong. PostgreSQL checks its pages as they are read, so all of them are."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                return f"{wrong[:3]}" if wrong else str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
            for schema, table in connection.execute(TABLES).fetchall():
                whole: Any = sa.text(f'SELECT count(t::text) FROM "{schema}"."{table}" t')
                connection.execute(whole)
        return "ok, every row read"


TABLES = sa.text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')")
