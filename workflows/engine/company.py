"""In company or alone: what a process died of is only known where one run was in flight.

Most runs work beside others. One whose process died again and again is suspected, and works alone, so that nobody
else is suspected on its account:

    with company.joined():             # waits while somebody is alone
    with company.alone() as alone:     # waits until nobody else is there; newcomers wait for its end

Nobody waits for ever: where others do not leave, there is no being alone; and who joins all the same risks no more
than being suspected.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Seconds that are waited for others: longer than a run usually waits for its vendors.
PATIENCE = 60.0


class Company:
    """The runs that are in flight in one process."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._changed = threading.Condition()
        self._patience = patience
        self._present, self._is_closed = 0, False

    @contextmanager
    def joined(self) -> Iterator[bool]:
        """Be there during the block, beside others: not alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed, self._patience)
            self._present += 1
        try:
            yield False
        finally:
            with self._changed:
                self._present -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Be there during the block, and nobody else; False where others would not leave."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._is_closed = True
            is_alone = self._changed.wait_for(lambda: not self._present, self._patience)
        try:
            yield is_alone
        finally:
            with self._changed:
                self._is_closed = False
                self._changed.notify_all()


company = Company()
