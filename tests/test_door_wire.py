"""The door behind its real server: what only bytes on a socket can say."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from app.main import create
from app.runtime import Runtime
from app.serving import config
from app.wire import Limits
from integrations.twin_server import Serving
from tests.door import Door, sample, signed


class Wire:
    """A door that is served over TCP as the service serves it, within these limits. One process, one database."""

    def __init__(self, door: Door, limits: Limits | None = None) -> None:
        self.door = door
        runtime = Runtime(door.settings, worker=False)
        runtime.start()
        app = create(door.settings, runtime)
        self._serving = Serving(app, config=config(app, "127.0.0.1", 0, limits))

    def close(self) -> None:
        self._serving.stop()

    def line(self) -> socket.socket:
        """A connection on which nothing has been said."""
        return socket.create_connection(("127.0.0.1", self._serving.port), timeout=60)

    def say(self, *pieces: bytes, hang_up: bool = False) -> bytes:
        """Send bytes as they are; returns what comes back, b"" when the line is cut."""
        with self.line() as line:
            for piece in pieces:
                line.sendall(piece)
            if hang_up:
                return b""
            said = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := line.recv(65_536):
                    said += piece
            return said

    def status(self, *pieces: bytes) -> int:
        """The status of the answer; 0 when the line was cut without one."""
        said = self.say(*pieces)
        return int(said.split(b" ", 2)[1]) if said else 0


@pytest.fixture
def wire(sqlite_url: str) -> Iterator[Wire]:
    wire = Wire(Door(sqlite_url))
    yield wire
    wire.close()


def head(source: str, body: bytes, *more: bytes, length: int | None = None) -> bytes:
    """The head of a signed webhook."""
    fields = [f"{name}: {value}".encode() for name, value in signed(source, body).items()]
    size = b"content-length: %d" % (len(body) if length is None else length)
    path = b"/slack/events" if source == "slack" else b"/webhooks/" + source.encode()
    lines = [
        b"POST " + path + b" HTTP/1.1",
        b"host: door",
        b"connection: close",
        *fields,
        *([size] if length != -1 else []),
        *more,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


BODY = sample("jira")


@pytest.mark.fault("F01")
def test_who_hangs_up_in_the_middle_leaves_nothing(wire: Wire) -> None:
    for cut in (0, 1, len(BODY) // 2, len(BODY) - 1):
        wire.say(head("jira", BODY), BODY[:cut], hang_up=True)
    assert wire.status(b"GET /livez HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n") == 200
    assert wire.door.rows() == (0, 0, 0)


@pytest.mark.fault("F77")
def test_a_request_that_could_be_read_in_two_ways_is_not_read(wire: Wire) -> None:
    chunked = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"
    assert wire.status(head("jira", BODY, b"transfer-encoding: chunked"), chunked) == 400
    assert wire.status(head("jira", BODY, b"content-length: 3"), BODY) == 400
    assert (
        wire.status(head("jira", BODY, length=-1).replace(b"host: door", b"host: door\r\nContent-Length: -5"), BODY)
        == 400
    )
    assert wire.door.rows() == (0, 0, 0)


@pytest.mark.fault("F77")
@pytest.mark.parametrize("field", [b"x-a: a\0b", b"x-a\0: b", b"content-type: \0", b"x a: b", b": b", b"no colon"])
def test_a_broken_head_is_refused_by_the_server(wire: Wire, field: bytes) -> None:
    assert wire.status(head("jira", BODY, field), BODY) == 400
    assert wire.door.rows() == (0, 0, 0)


def test_a_chunked_body_is_taken_whole(wire: Wire) -> None:
    chunks = b"".join(b"%x\r\n" % len(part) + part + b"\r\n" for part in (BODY[:7], BODY[7:])) + b"0\r\n\r\n"
    assert wire.status(head("jira", BODY, b"transfer-encoding: chunked", length=-1), chunks) == 200
    assert [row.body for row in wire.door.deliveries()] == [BODY]


@pytest.mark.fault("F53")
def test_a_body_without_end_is_cut_off_at_the_limit(wire: Wire) -> None:
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    said = b""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # it may hang up while we are still talking
        said = wire.say(head("intercom", b"", b"transfer-encoding: chunked", length=-1), *[piece] * 200)
    assert said[:12] in (b"", b"HTTP/1.1 413")
    assert wire.door.rows() == (0, 0, 0)


def test_a_body_in_two_packets_is_put_together(wire: Wire) -> None:
    assert wire.status(head("jira", BODY), BODY[:100], BODY[100:]) == 200
    assert [row.body for row in wire.door.deliveries()] == [BODY]
