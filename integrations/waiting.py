"""Whenever a thread waits for a vendor, for its answer or for its rate limit, it says so here.

    with waiting():
        ...

`app.runtime` tells what that means: another run may compute meanwhile. Nothing that others need may be held for so
long: no lock of ours (`Lock`), no transaction (`holding`). Once, four Jira issues that moved at the same time stopped
every run for good, because one waited for Jira with a lock in its hand.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

log = logging.getLogger(__name__)

_enter: Callable[[], AbstractContextManager[None]] = nullcontext


class HeldWhileWaiting(RuntimeError):
    """A thread would have waited for a vendor while others waited for it."""


class _Hands(threading.local):
    """What each thread holds at the moment."""

    def __init__(self) -> None:
        self.held: list[str] = []


_hands = _Hands()
_strict = False


def waiting() -> AbstractContextManager[None]:
    """To be entered for as long as this thread waits; waiting inside of waiting does no harm."""
    if _hands.held:
        _complain(f"waits for a vendor while it holds {', '.join(_hands.held)}")
    return _enter()


def bind(enter: Callable[[], AbstractContextManager[None]]) -> None:
    """Tell what is to be entered whenever a thread waits."""
    global _enter
    _enter = enter


@contextmanager
def holding(what: str) -> Iterator[None]:
    """Others may need what this thread has during the block: it must not wait for a vendor meanwhile."""
    _hands.held.append(what)
    try:
        yield
    finally:
        _hands.held.pop()


class Lock:
    """A lock for a moment: never for as long as a vendor takes to answer. `of`: whose, as "Jira's statuses"."""

    def __init__(self, of: str) -> None:
        self._lock, self._of = threading.Lock(), f"the lock of {of}"

    def __enter__(self) -> None:
        self._lock.acquire()
        _hands.held.append(self._of)

    def __exit__(self, *_: object) -> None:
        _hands.held.pop()
        self._lock.release()


def be_strict() -> None:
    """From now on whoever waits with something in hand fails, instead of being logged: for tests."""
    global _strict
    _strict = True


def _complain(what: str) -> None:
    if _strict:
        raise HeldWhileWaiting(what)
    log.error("a thread %s", what, stack_info=True)
