"""A process that dies in the middle of a run: before or after one of its commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workflows.engine.store import store


class Crash(BaseException):
    """The process is gone; nothing after this line happens."""


@contextmanager
def dying(after: int, *, committed: bool) -> Iterator[None]:
    """Meanwhile the process dies at its n-th commit from now (0 is the next): just after it, or just before."""
    left, write = after, store.write

    def count(work: Callable[[Any], Any]) -> Any:
        nonlocal left
        left -= 1
        if left == -1 and not committed:
            raise Crash
        result = write(work)
        if left == -1:
            raise Crash
        return result

    store.write = count  # type: ignore[method-assign]
    try:
        yield
    finally:
        del store.write
