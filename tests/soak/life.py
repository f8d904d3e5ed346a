"""What a process of the soak is told before it lives; it runs in the new process, before `python -m app` does.

`YAMABIKO_SOAK_CLOCK` names a file with the seconds by which this machine's clock is wrong: they may change while it
lives. It is heeded where the service asks for the time, as in `tests/workflows/engine/test_clock.py`; Python's own
clocks stay as they are. `YAMABIKO_SOAK_SABOTAGE` breaks a promise on purpose.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import struct
import time
from types import SimpleNamespace
from typing import Any

SECONDS = struct.Struct("d")


def prepare() -> None:
    """Be told; to be handed to the nursery."""
    from tests.crash import imported

    imported.runtime.CLAIMS = imported.SHIPPED  # type: ignore[attr-defined]
    if path := os.environ.get("YAMABIKO_SOAK_CLOCK"):
        _wear(path)
    SABOTAGES[os.environ.get("YAMABIKO_SOAK_SABOTAGE", "")]()


def _wear(path: str) -> None:
    """Read the time from a clock that is as wrong as the file says."""
    from workflows.engine import clock, store

    with open(path, "rb") as file:
        dial = mmap.mmap(file.fileno(), SECONDS.size, access=mmap.ACCESS_READ)
    wrong = SimpleNamespace(time=lambda: time.time() + SECONDS.unpack_from(dial)[0])
    store.time = clock.time = wrong  # type: ignore[assignment]


def _never_look() -> None:
    """A write that may have been made is made again without being looked for."""
    from workflows.engine import actions

    actions._look = lambda *_: None


def _answer_first() -> None:
    """Deliveries are acknowledged, and put on disk a moment later."""
    from app.door import inbox

    async def hastily(self: inbox.Inbox, batch: Any) -> None:
        accepted = [waiting.accepted for waiting in batch]
        commit = self._store.submit
        asyncio.get_running_loop().call_later(0.5, lambda: commit(lambda session: inbox.insert(session, accepted)))
        for waiting in batch:
            if not waiting.answer.done():
                waiting.answer.set_result(True)

    inbox.Inbox._commit = hastily  # type: ignore[method-assign]


SABOTAGES = {"": lambda: None, "look": _never_look, "ack": _answer_first}
