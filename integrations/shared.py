"""What several processes share of a vendor's patience: its budget of calls, and turns that are kept apart in time.

One process alone counts for itself and asks nobody (`pace`, `spacing`). Where there are several, `app.runtime`
binds what they ask here (`workflows.engine.budgets`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Heard:
    """What a vendor said of the window that ends in so many seconds: so many calls in all, so many of them left."""

    calls: int
    left: int
    ends_in: float


@dataclass(frozen=True)
class Grant:
    """So many calls, to be made within so many seconds; after these there are more. `of`: what a window allows.

    None are granted where the window is used up, or, for longer than a window lasts, where the vendor wants quiet.
    """

    calls: int
    of: int
    ends_in: float


class Shared(Protocol):
    """One budget under one name for all processes. Each of these may raise Transient: then nobody can be asked."""

    def take(self, name: str, wanted: int, calls: int, window: float, heard: Heard | None) -> Grant:
        """Some of a window's calls; `calls` and `window` (seconds) hold as long as the vendor was not heard."""

    def close(self, name: str, seconds: float) -> None:
        """Let nobody call for so long."""

    def book(self, name: str, seconds: float, patience: float) -> float:
        """The next turn of this name, in so many seconds from now; `seconds` later comes the one after.

        Nothing is booked where that is more than `patience`.
        """


_shared: Shared | None = None


def bind(shared: Shared | None) -> None:
    """Tell what the processes share; None: there is one."""
    global _shared
    _shared = shared


def shared() -> Shared | None:
    """What is bound."""
    return _shared
