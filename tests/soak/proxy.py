"""The network between one process and its database: a line that can be cut, swallow everything, or stand still."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

FORWARD, HOLE, STILL, LOSE = "forward", "hole", "still", "lose"
#: Closing a socket that lingers for no time sends a reset.
RESET = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on loopback and connects each line to PostgreSQL: `to` is its socket's folder, or its host and port."""

    def __init__(self, to: str | tuple[str, int]) -> None:
        self._to, self.state = to, FORWARD
        #: How many answers to a COMMIT were lost.
        self.lost = 0
        self._lines: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._loop.call_soon(self._flows.set)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self) -> None:
        """All lines are reset; new ones may be opened at once."""
        self._loop.call_soon_threadsafe(self._reset)

    def become(self, state: str) -> None:
        """From now on: `forward` | `hole` (what is sent is gone for good) | `still` (it comes later) | `lose`
        (the answer to the next COMMIT, with the line; then forward again)."""
        self._loop.call_soon_threadsafe(self._become, state)

    def close(self) -> None:
        """End."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # -- in the loop --------------------------------------------------------

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        self._reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _become(self, state: str) -> None:
        self.state = state
        (self._flows.clear if state == STILL else self._flows.set)()

    def _reset(self) -> None:
        for writer in self._lines:
            _reset(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there[1]}
        self._lines |= ends
        await asyncio.gather(self._flow(reader, there[1], writer), self._flow(there[0], writer))
        self._lines -= ends

    def _reach(self) -> Coroutine[Any, Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if isinstance(self._to, str):
            return asyncio.open_unix_connection(f"{self._to}/.s.PGSQL.5432")
        return asyncio.open_connection(*self._to)

    async def _flow(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter | None = None
    ) -> None:
        """One direction; `back` to who asks, if this is the one to the database.

        What a hole has swallowed is never sent again, so that line is of no use afterwards.
        """
        is_broken = False
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                is_broken |= self.state == HOLE
                if not is_broken:
                    writer.write(data)
                    await writer.drain()
                if back and self.state == LOSE and b"COMMIT" in data:
                    self.state, self.lost = FORWARD, self.lost + 1
                    _reset(back)
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
