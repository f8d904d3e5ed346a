"""Companions: what goes along with whatever somebody writes, in the same commit: that it was they who did it, say."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol, TypeVar

from sqlmodel import Session

T = TypeVar("T")


class Companion(Protocol):
    """What goes along with a write."""

    def along(self, session: Session, value: object) -> None:
        """In the transaction, when the work has come to this value. It may be asked again after a conflict."""

    def kept(self, value: object) -> None:
        """It is on disk."""


#: What goes along with the writes of this context; they may come from several threads.
companion: ContextVar[Companion | None] = ContextVar("companion", default=None)


def together(along: Companion, work: Callable[[Session], T]) -> Callable[[Session], T]:
    """The work, and what goes along with it."""

    def both(session: Session) -> T:
        value = work(session)
        along.along(session, value)
        return value

    return both
