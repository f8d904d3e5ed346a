"""What a stranger may do on a connection before anybody knows who it is: uvicorn's protocol, with limits that it lacks.

    uvicorn.Config(app, http=wire(Limits()), …)

A head has so many bytes and seconds, a body and the taking of an answer so many seconds, and there are so many
connections. When there are as many as may be, the one that has been silent for longest makes room for the next: who
means something says it at once. More than that, a limit for each address above all, only the proxy in front can do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TOO_MUCH = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """Of one connection: the bytes of a head (address and headers), the seconds that it may take, those of a body,
    those in which an answer must be taken, and how many requests may be sent ahead. Of all: how many there are.
    """

    head: int = 32 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    answer_seconds: float = 60.0
    ahead: int = 16
    lines: int = 2048


class TooMany(Exception):
    """Requests that were sent before earlier ones are answered."""


class Deadline:
    """What happens unless it is put off, or called off, in time.

    Both happen with every request, and a timer each time would cost more than the rest of this: so one timer runs on,
    and looks whether there is still something to wait for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, missed: Callable[[], None]) -> None:
        self._loop, self._missed = loop, missed
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at, self._due = 0.0, 0.0

    @property
    def is_set(self) -> bool:
        """Does it run?"""
        return self._due > 0

    def set(self, seconds: float) -> None:
        """From now on there are so many seconds."""
        self._due = self._loop.time() + seconds
        if self._timer is None or self._looks_at > self._due:
            self._look_at(self._due)

    def clear(self) -> None:
        """There is as much time as it takes."""
        self._due = 0.0

    def forget(self) -> None:
        """Nobody is there any more for whom it could be missed."""
        self.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _look_at(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._looks_at, self._timer = moment, self._loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due > self._loop.time():
            self._look_at(self._due)
        elif self._due:
            self.clear()
            self._missed()


class Wire(HttpToolsProtocol):
    """One connection."""

    limits: ClassVar[Limits]
    #: Connections that have not said a whole head yet, oldest first.
    silent: ClassVar[dict[Wire, None]]

    _in_head, _head = True, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come."""
        super().connection_made(transport)
        self._asking = Deadline(self.loop, transport.abort)
        self._taking = Deadline(self.loop, self._not_taken)
        self._asking.set(self.limits.head_seconds)
        if self.silent and len(self.connections) >= self.limits.lines:
            next(iter(self.silent)).leave()
        self.silent[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._asking.forget()
        self._taking.forget()
        self.silent.pop(self, None)
        super().connection_lost(exc)

    def leave(self) -> None:
        """Make room, without a word."""
        self.silent.pop(self, None)
        self.connections.discard(self)  # it counts until the loop comes round otherwise
        self.transport.abort()

    # -- they ask -----------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """A head is read as far as it may go, and not a byte further."""
        self._head_begins()
        most = self.limits.head - self._head if self._in_head else len(data)
        now, rest = data[:most], data[most:]
        self._head += len(now) if self._in_head else 0
        super().data_received(now)
        if self.transport.is_closing():
            return
        if self._in_head and self._head >= self.limits.head:
            self.transport.write(TOO_MUCH)
            self.transport.close()
        elif rest:
            self.data_received(rest)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._head_begins()

    def _head_begins(self) -> None:
        """With its first byte, even where that is an empty line before it."""
        if self._in_head and not self._asking.is_set:
            self._asking.set(self.limits.head_seconds)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head, self._head = False, 0
        self.silent.pop(self, None)
        self._asking.set(self.limits.body_seconds)
        if len(self.pipeline) >= self.limits.ahead:
            raise TooMany  # the parser stops there, and says 400
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole; how long the next request takes to come is a matter of `timeout_keep_alive`."""
        self._in_head = True
        self._asking.clear()
        super().on_message_complete()

    # -- we answer ----------------------------------------------------------

    def on_response_complete(self) -> None:
        """All is said; what the system could not send yet lies with us."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._taking.set(self.limits.answer_seconds)

    def pause_writing(self) -> None:
        """So much of an answer lies with us that the page waits for whoever should take it; but not for ever."""
        super().pause_writing()
        self._taking.set(self.limits.answer_seconds)

    def resume_writing(self) -> None:
        """They take it."""
        self._taking.clear()
        super().resume_writing()

    def _not_taken(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()


def wire(limits: Limits) -> type[Wire]:
    """The protocol of one server."""
    return type("Wire", (Wire,), {"limits": limits, "silent": {}})
