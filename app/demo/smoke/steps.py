"""Steps of a story that is played headless: each waits until it came true, and says so with the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console

#: Seconds within which a step has to come true.
PATIENCE = 60.0


class Failed(Exception):
    """A step did not come true in time."""


class Steps:
    """The steps so far, numbered."""

    def __init__(self, console: Console) -> None:
        self.console, self.number = console, 0

    def __call__(self, sentence: str, came_true: Callable[[], object]) -> None:
        """Wait until something is so, and say it."""
        self.number += 1
        began = time.monotonic()
        while not came_true():
            if time.monotonic() - began > PATIENCE:
                raise Failed(f"step {self.number}: {sentence}")
            time.sleep(0.05)
        self.console.print(f"{self.number:2}. {sentence}  [dim]{time.monotonic() - began:.1f} s[/]")
