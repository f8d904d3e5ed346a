"""Threads that are somewhere: in a lane, in company. `where` is a context manager that is entered by whoever comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

Where = Callable[[], AbstractContextManager[Any]]
#: Seconds after which nobody comes any more.
PATIENCE = 60.0


@contextmanager
def somebody(where: Where) -> Iterator[None]:
    """Another thread is there for the block."""
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with where():
            inside.set()
            leave.wait(PATIENCE)

    thread = threading.Thread(target=stay)
    thread.start()
    assert inside.wait(PATIENCE)
    try:
        yield
    finally:
        leave.set()
        thread.join(PATIENCE)


def comes_in(where: Where, within: float = PATIENCE) -> bool:
    """Does one more thread come in within so many seconds?"""
    came = threading.Event()

    def come() -> None:
        with where():
            came.set()

    threading.Thread(target=come, daemon=True).start()
    return came.wait(within)
