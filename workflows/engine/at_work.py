"""The runs that threads of this process have in hand, working or waiting for a place in the lane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_runs: Counter[str] = Counter()


@contextmanager
def at_work(run_id: str) -> Iterator[None]:
    """This thread has the run in hand during the block."""
    _runs[run_id] += 1
    try:
        yield
    finally:
        _runs[run_id] -= 1
        if not _runs[run_id]:
            del _runs[run_id]


def is_in_hand(run_id: str) -> bool:
    """Has a thread of this process this run in hand?"""
    return run_id in _runs
