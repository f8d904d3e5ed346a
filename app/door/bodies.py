"""The bytes of a request at the door, before anybody knows who sent them: bounded each, and bounded all together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.requests import ClientDisconnect

#: So much of a body is held in any case: nearly every webhook is smaller, and none of those shall wait for strangers.
SMALL = 64 * 1024
CROWDED = "Too much is being sent just now: send it again."


class Refusal(Exception):
    """An answer other than 200: a status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


@dataclass
class Budget:
    """How many bytes beyond `SMALL` the bodies may have that are being read in this process, all together."""

    most: int = 128 * 1024 * 1024
    held: int = 0

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One body; what it holds is given back at the end of the block."""
        reading = Reading(self)
        try:
            yield reading
        finally:
            self.held -= reading.held


@dataclass
class Reading:
    """What one body holds of the budget."""

    budget: Budget
    held: int = 0

    def expect(self, size: int) -> None:
        """Will there be room for a body of this size? Raises Refusal where there is none."""
        if self.budget.held - self.held + max(0, size - SMALL) > self.budget.most:
            raise Refusal(503, CROWDED)

    def hold(self, size: int) -> None:
        """So many bytes are there by now. Raises Refusal where the others leave no room."""
        self.expect(size)
        more = max(0, size - SMALL) - self.held
        self.held += more
        self.budget.held += more


BODIES = Budget()


async def bounded(request: Request, largest: int) -> bytes:
    """The raw body, given up as soon as it is larger than the vendor may send; compressed ones are not inflated."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "Send the body uncompressed.")
    declared = request.headers.get("content-length", "0")
    size = float(declared) if declared.isascii() and declared.isdigit() else 0  # int() refuses 5,000 digits
    if size > largest:
        raise Refusal(413, f"The body is larger than {largest} bytes.")
    with BODIES.reading() as reading:
        reading.expect(int(size))
        return await _read(request, largest, reading)


async def _read(request: Request, largest: int, reading: Reading) -> bytes:
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > largest:
                raise Refusal(413, f"The body is larger than {largest} bytes.")
            reading.hold(size)
            parts.append(part)
    except ClientDisconnect:
        raise Refusal(400, "The body came to no end.") from None
    return b"".join(parts)
