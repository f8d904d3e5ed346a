"""The sender: a process of its own that writes prepared requests over a few open connections, and little more.

    python -m tests.bench.postman < job.json     # prints how it went, as JSON

Without a rate every connection sends as soon as it has its answer. With one, requests leave on the
clock, and an answer's time counts from the moment its request was due, so that a stall is not hidden.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.bench.webhooks import Mailbag

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
#: Seconds after which a round is given up.
PATIENCE = 120.0


@dataclass(frozen=True)
class Job:
    """One round. `what` is mixed (a day's mix) | tags (every one starts a run) | empty (the mix, to the yardstick)."""

    what: str
    count: int
    port: int
    secret: str = ""
    app_id: str = ""
    first: int = 0
    rate: float = 0.0
    lines: int = 32

    def requests(self) -> Iterator[bytes]:
        """The requests of this round."""
        path = "/empty" if self.what == "empty" else "/webhooks/intercom"
        bag = Mailbag(f"127.0.0.1:{self.port}", path, self.secret, self.app_id, self.first)
        return bag.tags(self.count) if self.what == "tags" else bag.mixed(self.count)


@dataclass(frozen=True)
class Went:
    """How a round went. Times are in seconds."""

    accepted: int
    refused: int
    seconds: float
    p50: float
    p99: float
    worst: float

    @property
    def rate(self) -> float:
        """Answers of 200 per second."""
        return self.accepted / self.seconds


class Line(asyncio.Protocol):
    """One connection: one request at a time, answered before the next."""

    def __init__(self, round: Round) -> None:
        self._round = round
        self._received = b""
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def send(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = _LENGTH.search(head)
        if len(body) >= (int(length[1]) if length else 0):
            self._received = b""
            self._round.answered(self, head[9:12] == b"200", time.perf_counter() - self._due)

    def connection_lost(self, error: Exception | None) -> None:
        self._round.lost(self)

    def close(self) -> None:
        self._transport.close()


class Round:
    """All requests of a job over all of its lines."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._requests = list(job.requests())
        self._sent = 0
        self._free: list[Line] = []
        self._times: list[float] = []
        self._refused = 0

    async def run(self) -> Went:
        """Send everything; returns when everything is answered."""
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = loop.create_future()
        for _ in range(self._job.lines):
            _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self._job.port)
            self._free.append(line)
        self._began = time.perf_counter()
        self._send_what_is_due()
        await asyncio.wait_for(self._ended, PATIENCE)
        seconds = time.perf_counter() - self._began
        for line in self._free:
            line.close()
        return self._went(seconds)

    def _send_what_is_due(self) -> None:
        """Give free lines what is due by now; with a rate, come back in a moment for the rest."""
        rate, now = self._job.rate, time.perf_counter()
        while self._free and self._sent < len(self._requests):
            due = self._began + self._sent / rate if rate else now
            if due > now:
                break
            self._free.pop().send(self._requests[self._sent], due)
            self._sent += 1
        if rate and self._sent < len(self._requests):
            asyncio.get_running_loop().call_later(0.001, self._send_what_is_due)

    def answered(self, line: Line, accepted: bool, seconds: float) -> None:
        """A line has its answer and is free again."""
        self._times.append(seconds)
        self._refused += not accepted
        self._free.append(line)
        if len(self._times) == len(self._requests):
            self._ended.set_result(None)
        elif not self._job.rate:
            self._send_what_is_due()

    def lost(self, line: Line) -> None:
        """The service closed a line; it may, if nothing was sent over it for a while."""
        if line in self._free and len(self._free) > 1:
            self._free.remove(line)
        elif not self._ended.done():
            self._ended.set_exception(ConnectionError("the service closed a connection"))

    def _went(self, seconds: float) -> Went:
        times = sorted(self._times)
        p50, p99 = (times[int(len(times) * share)] for share in (0.5, 0.99))
        return Went(len(times) - self._refused, self._refused, seconds, p50, p99, times[-1])


def main() -> None:
    """Read one job, do it, say how it went."""
    import uvloop

    round = Round(Job(**json.load(sys.stdin)))
    print(json.dumps(asdict(uvloop.run(round.run()))))


if __name__ == "__main__":
    main()
