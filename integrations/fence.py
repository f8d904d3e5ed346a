"""The last thing before anything is sent to a vendor: is it still ours to send?

A process that was frozen, or waited long for its turn, may find that another has gone on with its work. Whoever works
on something that others could take over says how to find out:

    with fence.around(is_still_ours, since=fence.moment()):
        client.note(…)             # each send within asks again, where the last answer is not fresh

This asks nobody outside, and nothing is held meanwhile; what is sent then has come to its end before anybody would
take it for lost, for each call has a deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from integrations.contract import Transient

#: For so many seconds an answer counts: less than a process has to be silent before its work is taken over.
FRESH = 5.0
LOST = "Another attempt has just started."


class _Fence:
    def __init__(self, is_ours: Callable[[], bool], since: float) -> None:
        self._is_ours, self._known_at = is_ours, since

    def stop_what_is_lost(self) -> None:
        now = moment()
        if now - self._known_at <= FRESH:
            return
        if not self._is_ours():
            raise Transient(LOST)
        self._known_at = now


_fence: ContextVar[_Fence | None] = ContextVar("fence", default=None)


def moment() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@contextmanager
def around(is_ours: Callable[[], bool], since: float) -> Iterator[None]:
    """What this thread sends during the block is sent only while `is_ours()`, which was certain at `since`."""
    token = _fence.set(_Fence(is_ours, since))
    try:
        yield
    finally:
        _fence.reset(token)


def pass_through() -> None:
    """To be called right before each send. Raises Transient, so that nothing is sent, where it is no longer ours."""
    if (fence := _fence.get()) is not None:
        fence.stop_what_is_lost()
