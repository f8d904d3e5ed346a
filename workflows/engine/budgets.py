"""What several processes share of a vendor's patience, in the database that they share: see `integrations.shared`.

A row for each budget says what is used of the window that runs, by the database's clock. Each question is a short
transaction of its own: nothing is held while anybody waits, and nothing that a thread has put off goes along.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from integrations.contract import Transient
from integrations.shared import Grant, Heard
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Budget

T = TypeVar("T")

#: The processes cannot agree on who calls, for the database is away.
NOBODY_TO_ASK = "The database could not be asked how much of the rate limit is left."


class Budgets:
    """`integrations.shared.Shared` over the database that is bound."""

    def take(self, name: str, wanted: int, calls: int, window: float, heard: Heard | None) -> Grant:
        """Some of a window's calls."""
        return _aside(partial(_take, name, wanted, calls, int(window * 1000), heard))

    def close(self, name: str, seconds: float) -> None:
        """Let nobody call for so long."""
        _aside(partial(_close, name, int(seconds * 1000)))

    def book(self, name: str, seconds: float, patience: float) -> float:
        """The next turn of this name, in seconds from now; not booked where that is more than `patience`."""
        return _aside(partial(_book, name, int(seconds * 1000), int(patience * 1000))) / 1000


def _aside(work: Callable[[Session], T]) -> T:
    try:
        return store.aside(work)
    except sa.exc.SQLAlchemyError:
        raise Transient(NOBODY_TO_ASK) from None


def _take(name: str, wanted: int, calls: int, window: int, heard: Heard | None, session: Session) -> Grant:
    budget, now = _locked(session, name), now_ms()
    if heard is None:
        budget.calls = budget.calls or calls
    else:
        budget.calls, ends = heard.calls, now + int(heard.ends_in * 1000)
        budget.used = max(budget.used if now < budget.ends_at else 0, heard.calls - heard.left)
        budget.ends_at = ends
    if now >= budget.ends_at:
        budget.used, budget.ends_at = 0, now + window
    granted = 0 if now < budget.closed_until else max(0, min(wanted, budget.calls - budget.used))
    budget.used += granted
    ends = budget.closed_until if now < budget.closed_until else budget.ends_at
    return Grant(granted, budget.calls, (ends - now) / 1000)


def _close(name: str, milliseconds: int, session: Session) -> None:
    budget = _locked(session, name)
    budget.closed_until = max(budget.closed_until, now_ms() + milliseconds)


def _book(name: str, apart: int, patience: int, session: Session) -> int:
    budget, now = _locked(session, name), now_ms()
    wait = max(0, budget.ends_at - now)
    if wait <= patience:
        budget.ends_at = now + wait + apart
    return wait


def _locked(session: Session, name: str) -> Budget:
    """The row of a budget, ours until the commit."""
    insert_new(session, Budget, [{"name": name, "calls": 0, "used": 0, "ends_at": 0, "closed_until": 0}])
    return session.exec(select(Budget).where(Budget.name == name).with_for_update()).one()


def forget(before_ms: int) -> None:
    """Delete what has not been used since: a budget or a turn that is over says nothing."""
    store.write(lambda session: session.exec(delete(Budget).where(col(Budget.ends_at) < before_ms)) and None)
