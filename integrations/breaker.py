"""A circuit breaker: a vendor that answers nobody is asked by one caller at a time, and keeps nobody else waiting.

Every call that hangs holds a thread until its deadline. So after some calls in a row without an answer (of any kind: a
refusal is one) nobody calls for a while, twice as long each time, and then one call finds out whether it is over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

import httpx

from integrations.contract import RateLimited
from integrations.waiting import Lock

log = logging.getLogger(__name__)

#: Calls in a row without an answer after which it opens.
MISSED = 5
#: Seconds for which it stays open, at first and at most; and after which those ask again who came during the one call.
FIRST_REST, LONGEST_REST, WHILE_TRYING = 30.0, 120.0, 10.0


#: Those of this process.
_all: WeakSet[Breaker] = WeakSet()


def silent() -> set[str]:
    """The vendors, as they are written in sentences, of which one that this process asks has not answered lately."""
    return {each.vendor for each in list(_all) if each.is_open}


class Breaker:
    """One vendor's, shared by all threads of a process."""

    def __init__(self, vendor: str) -> None:
        self.vendor = vendor
        _all.add(self)
        self._missed, self._rest = 0, FIRST_REST
        self._open_until, self._trying = 0.0, False
        self._lock = Lock("a vendor's breaker")

    @property
    def is_open(self) -> bool:
        """Is nobody to call, but for one who finds out whether it is over?"""
        return self._missed >= MISSED

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Around one call, which raises httpx's transport errors or TimeoutError where there was no answer.

        Raises RateLimited, at once, while nobody is to call.
        """
        self._enter()
        try:
            yield
        except (httpx.TransportError, TimeoutError):
            self._miss()
            raise
        except BaseException:
            self._trying = False
            raise
        self._close()

    def _enter(self) -> None:
        with self._lock:
            if not self.is_open:
                return
            rest = self._open_until - time.time()
            if rest > 0 or self._trying:
                raise RateLimited(f"{self.vendor} has not answered lately", max(rest, WHILE_TRYING))
            self._trying = True

    def _miss(self) -> None:
        with self._lock:
            self._missed += 1
            if self._missed == MISSED or (self._missed > MISSED and self._trying):
                self._open_until = time.time() + self._rest
                log.warning("%s does not answer: nobody asks it for %.0f s", self.vendor, self._rest)
                self._rest = min(2 * self._rest, LONGEST_REST)
                self._trying = False

    def _close(self) -> None:
        with self._lock:
            if self.is_open:
                log.warning("%s answers again", self.vendor)
            self._missed, self._rest, self._trying = 0, FIRST_REST, False
