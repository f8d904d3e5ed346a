"""Noise: very many deliveries that nobody acts on, some of them twice, each again until it is taken."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time

from tests.bench.webhooks import Mailbag

LINES, PATIENCE = 8, 5.0
#: The share that is sent twice.
TWICE = 0.2
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
#: The number of the first; far from every conversation that people talk in.
FIRST = 5_000_000_000


class Noise:
    """So many deliveries in so many seconds over a few open connections, from a thread of its own."""

    def __init__(self, port: int, secret: str, app_id: str, count: int, seconds: float, dice: random.Random) -> None:
        self._port, self._count, self._pause, self._dice = port, count, seconds / max(1, count), dice
        self._bag = Mailbag(f"127.0.0.1:{port}", "/webhooks/intercom", secret, app_id, FIRST)
        self.acked: set[int] = set()
        self.sends = 0
        self._next = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """End, whatever has not been sent."""
        self._ending.set()
        self._thread.join()

    def is_over(self) -> bool:
        """Has everything been taken?"""
        return not self._thread.is_alive()

    def ids(self) -> list[str]:
        """Under which names the service has on record what it has taken."""
        return [f"intercom:notif_{FIRST + number}" for number in self.acked]

    async def _all(self) -> None:
        await asyncio.gather(*(self._send_all(_Line(self._port)) for _ in range(LINES)))

    async def _send_all(self, line: _Line) -> None:
        while not self._ending.is_set() and self._next < self._count:
            number, self._next = self._next, self._next + 1
            await asyncio.sleep(max(0.0, self._began + number * self._pause - time.monotonic()))
            await self._until_taken(line, number)
        line.close()

    async def _until_taken(self, line: _Line, number: int) -> None:
        request, times = self._bag.other(number), 2 if self._dice.random() < TWICE else 1
        while times and not self._ending.is_set():
            self.sends += 1
            if await line.is_taken(request):
                self.acked.add(number)
                times -= 1
            else:
                await asyncio.sleep(0.5)


class _Line:
    """One connection, opened again whenever it was lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def is_taken(self, request: bytes) -> bool:
        """Send once; False for whatever is no 200 in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                self._ends = self._ends or await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._ends
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                return head[9:12] == b"200"
        except (OSError, EOFError, TimeoutError):
            self.close()
            return False

    def close(self) -> None:
        """Give it up."""
        if self._ends is not None:
            self._ends[1].close()
        self._ends = None
