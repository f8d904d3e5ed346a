"""Whenever a thread waits for a vendor, for its answer or for its rate limit, it says so here.

    with waiting():
        ...

`app.runtime` tells what that means: another run may compute meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

_enter: Callable[[], AbstractContextManager[None]] = nullcontext


def waiting() -> AbstractContextManager[None]:
    """To be entered for as long as this thread waits; waiting inside of waiting does no harm."""
    return _enter()


def bind(enter: Callable[[], AbstractContextManager[None]]) -> None:
    """Tell what is to be entered whenever a thread waits."""
    global _enter
    _enter = enter
