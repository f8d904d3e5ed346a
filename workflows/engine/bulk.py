"""Many runs handed to the engine at the price of one.

The engine inserts two rows for a run with a statement each, which took longer than all the rest of a
delivery. `Gathering` stands in for the connection that it is given, keeps what it inserts, and sends
the rows of all runs together: two statements for any number of runs, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa


class Gathering:
    """As much of a connection as the engine uses to insert; nothing is sent before `send`.

    It answers every insert with nothing, as if there had been no conflict to report: a run's turns have
    names that were never used before.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self.get_execution_options = connection.get_execution_options
        self.execution_options = connection.execution_options
        self._inserts: dict[str, tuple[Callable[..., Any], Any, list[Any]]] = {}

    def execute(self, statement: Any, row: Any) -> Gathering:
        """Keep a row for a statement (SQLite)."""
        return self._keep(statement.table.name, self._connection.execute, statement, row)

    def exec_driver_sql(self, statement: str, row: Any) -> Gathering:
        """Keep a row for a statement that is compiled already (PostgreSQL)."""
        return self._keep(statement, self._connection.exec_driver_sql, statement, row)

    def _keep(self, key: str, execute: Callable[..., Any], statement: Any, row: Any) -> Gathering:
        self._inserts.setdefault(key, (execute, statement, []))[2].append(row)
        return self

    def fetchone(self) -> None:
        """What the database returned: nothing yet."""

    def send(self) -> None:
        """Insert everything that was kept, in the order of its first rows."""
        for execute, statement, rows in self._inserts.values():
            execute(statement, rows)
