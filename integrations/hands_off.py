"""Hands off: whoever works in a dry run may ask vendors anything, and changes nothing there.

    with hands_off.off():
        client.note(…)             # raises HandsOff right before it would be sent: it says what would have been

Every client sends through `refuse`, so nothing has to be remembered elsewhere for a dry run to write nothing. What only
reads says so where it is sent. An answer to the very person who pressed something (a form that opens, a word that only
they see, a step of their workflow that goes on) is no write: without it they would not know that nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_are_off: ContextVar[bool] = ContextVar("hands_off", default=False)


class HandsOff(Exception):
    """A write that was not sent: to which vendor, how (`POST /notes`), and what it would have said.

    No Trouble: the vendor did nothing wrong, and nobody who deals with trouble shall deal with this.
    """

    def __init__(self, vendor: str, how: str, said: Mapping[str, Any]) -> None:
        super().__init__(vendor, how, said)
        self.vendor, self.how, self.said = vendor, how, said

    def __str__(self) -> str:
        return f"{self.vendor}: {self.how}"


@contextmanager
def off(*, really: bool = True) -> Iterator[None]:
    """What this thread would write during the block is not sent; `really` False changes nothing."""
    token = _are_off.set(_are_off.get() or really)
    try:
        yield
    finally:
        _are_off.reset(token)


def refuse(vendor: str, how: str, said: Mapping[str, Any]) -> None:
    """To be called before each write. Raises HandsOff in a dry run."""
    if _are_off.get():
        raise HandsOff(vendor, how, said)
