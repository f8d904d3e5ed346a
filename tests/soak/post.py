"""Webhooks on their way: each 1 to 4 times, in any order within some seconds, and again until it is taken."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx

from integrations.twin import Twin

SPREAD, CARRIERS, PATIENCE = 10.0, 6, 5.0
#: The share of failed sends after which a vendor gives a webhook up, where it is one that may be given up.
GIVEN_UP = 0.3


@dataclass
class Letter:
    """One webhook, however often it is sent."""

    source: str
    headers: Mapping[str, str]
    body: bytes
    mortal: bool = False
    acked: bool = False
    given_up: bool = False

    @property
    def path(self) -> str:
        """Where it is sent to."""
        return "/slack/events" if self.source == "slack" else f"/webhooks/{self.source}"


class Post:
    """Takes what the twins hold back and delivers it from threads of its own, until `stop`."""

    def __init__(self, twins: Mapping[str, Twin], url: str, dice: random.Random) -> None:
        self._twins, self._url, self._dice = twins, url, dice
        self.letters: list[Letter] = []
        self.sends = 0
        self._due: list[tuple[float, int, Letter]] = []
        self._count, self._lock, self._ending = itertools.count(), threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._carry, daemon=True) for _ in range(CARRIERS)]
        self._threads.append(threading.Thread(target=self._collect_all, daemon=True))

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, whatever is still on its way."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def of(self, source: str, act: Callable[[], object], *, mortal: bool = False) -> list[Letter]:
        """Let somebody do something at a vendor; the webhooks that tell of it, and of nothing else."""
        twin = self._twins[source]
        with twin.lock:
            self._collect(source)
            act()
            return self._collect(source, mortal)

    def is_empty(self) -> bool:
        """Has everything been taken, or been given up?"""
        with self._lock:
            return all(letter.acked or letter.given_up for letter in self.letters) and not self._due

    # -- collecting ---------------------------------------------------------

    def _collect_all(self) -> None:
        while not self._ending.wait(0.1):
            for source in self._twins:
                self._collect(source)

    def _collect(self, source: str, mortal: bool = False) -> list[Letter]:
        twin = self._twins[source]
        with twin.lock:
            held, twin.held = twin.held or [], []
        letters = [Letter(source, headers, body, mortal) for headers, body in held]
        for letter in letters:
            with self._lock:
                self.letters.append(letter)
            for _ in range(self._dice.choice((1, 1, 1, 2, 2, 3, 4))):
                self._put(letter, self._dice.uniform(0, SPREAD))
        return letters

    def _put(self, letter: Letter, seconds: float) -> None:
        with self._lock:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._count), letter))

    # -- delivering ---------------------------------------------------------

    def _carry(self) -> None:
        with httpx.Client(base_url=self._url, timeout=PATIENCE, trust_env=False) as client:
            while not self._ending.is_set():
                letter = self._next()
                if letter is None:
                    time.sleep(0.05)
                elif not letter.given_up and not self._send(client, letter):
                    self._failed(letter)

    def _next(self) -> Letter | None:
        with self._lock:
            if self._due and self._due[0][0] <= time.monotonic():
                return heapq.heappop(self._due)[2]
        return None

    def _send(self, client: httpx.Client, letter: Letter) -> bool:
        self.sends += 1
        taken = False
        with suppress(httpx.HTTPError):
            taken = client.post(letter.path, headers=dict(letter.headers), content=letter.body).is_success
        letter.acked |= taken
        return taken

    def _failed(self, letter: Letter) -> None:
        if letter.mortal and self._dice.random() < GIVEN_UP:
            letter.given_up = True
        else:
            self._put(letter, self._dice.uniform(0.5, 3))
