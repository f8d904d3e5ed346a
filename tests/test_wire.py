"""Strangers who fill memory, or who come and say nothing: each is bounded, and honest requests are answered."""

from __future__ import annotations

import contextlib
import itertools
import resource
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from starlette.types import Receive, Scope, Send

from app import serving
from app.door import bodies
from app.wire import Limits
from integrations.twin_server import Serving
from tests.crash.service import until
from tests.door import Door
from tests.test_door_wire import BODY, Wire, head

#: Whoever is late is given up soon; or whoever is not, however slow the machine.
LIMITS = Limits(head=8 * 1024, head_seconds=0.6, body_seconds=1.5, answer_seconds=0.6, ahead=4, lines=12)
PATIENT = replace(LIMITS, head_seconds=60, body_seconds=60, answer_seconds=60)
ALIVE = b"GET /livez HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n"
BEGUN = b"GET /livez HTTP/1.1\r\nhost: door\r\n"


@pytest.fixture
def wire(sqlite_url: str) -> Iterator[Wire]:
    wire = Wire(Door(sqlite_url), LIMITS)
    yield wire
    wire.close()


@pytest.fixture
def patient(sqlite_url: str) -> Iterator[Wire]:
    wire = Wire(Door(sqlite_url), PATIENT)
    yield wire
    wire.close()


def is_cut(line: socket.socket) -> bool:
    """Is this line cut, with an answer or without?"""
    line.settimeout(60)
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


# -- heads ----------------------------------------------------------------------------------------


def in_the_address() -> Iterator[bytes]:
    yield b"GET /"
    yield from itertools.repeat(b"a" * 4096)


def in_a_header() -> Iterator[bytes]:
    yield BEGUN + b"x-a: "
    yield from itertools.repeat(b"a" * 4096)


def in_a_headers_name() -> Iterator[bytes]:
    yield BEGUN + b"x-"
    yield from itertools.repeat(b"a" * 4096)


def in_many_headers() -> Iterator[bytes]:
    yield BEGUN
    yield from itertools.repeat(b"a: b\r\n" * 700)


def in_empty_lines() -> Iterator[bytes]:
    yield from itertools.repeat(b"\r\n" * 2048)


@pytest.mark.fault("F78")
@pytest.mark.parametrize("flood", [in_the_address, in_a_header, in_a_headers_name, in_many_headers, in_empty_lines])
def test_a_head_without_end_is_cut_off(patient: Wire, flood: Callable[[], Iterator[bytes]]) -> None:
    sent = 0
    with patient.line() as line, contextlib.suppress(ConnectionError):
        for piece in itertools.islice(flood(), 4096):
            line.sendall(piece)
            sent += len(piece)
    assert sent < 8 * 1024**2  # what the system itself holds for a connection
    assert patient.status(ALIVE) == 200


def test_who_sends_too_long_a_head_is_told_so(patient: Wire) -> None:
    most = LIMITS.head - len(ALIVE)
    assert patient.status(ALIVE.replace(b"\r\n\r\n", b"\r\nx: " + b"a" * (most - 6) + b"\r\n\r\n")) == 200
    assert patient.status(ALIVE.replace(b"\r\n\r\n", b"\r\nx: " + b"a" * most)) == 431


def test_a_large_body_in_the_same_packet_is_no_head(patient: Wire) -> None:
    large = BODY + b" " * 3 * LIMITS.head
    assert patient.status(head("jira", large) + large) == 200


@pytest.mark.fault("F78")
def test_who_does_not_finish_a_head_in_time_is_gone(wire: Wire) -> None:
    with wire.line() as silent, wire.line() as slow:
        slow.sendall(BEGUN)
        for letter in b"x-a: ":
            time.sleep(LIMITS.head_seconds / 10)
            slow.sendall(bytes([letter]))
        assert is_cut(slow) and is_cut(silent)


def test_a_kept_connection_may_rest_between_requests(wire: Wire) -> None:
    with wire.line() as line:
        for _ in range(2):
            line.sendall(BEGUN + b"\r\n")
            assert line.recv(65_536).startswith(b"HTTP/1.1 200")
            time.sleep(2 * LIMITS.head_seconds)


def test_an_empty_line_between_requests_does_not_hold_a_connection(wire: Wire) -> None:
    with wire.line() as line:
        line.sendall(BEGUN + b"\r\n")
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")
        line.sendall(b"\r\n")
        assert is_cut(line)


def test_only_so_many_requests_are_taken_ahead_of_their_answers(patient: Wire) -> None:
    """Each costs a hundred times the bytes that it has."""
    said = patient.say((BEGUN + b"\r\n") * 100)
    assert said.count(b"HTTP/1.1 200") <= LIMITS.ahead + 1 and said.count(b"HTTP/1.1 400") == 1


# -- answers --------------------------------------------------------------------------------------


async def talkative(scope: Scope, receive: Receive, send: Send) -> None:
    """An application whose one answer is long."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(200):
            await send({"type": "http.response.body", "body": b" " * 100_000, "more_body": True})
        await send({"type": "http.response.body"})


#: Seconds in which some of an answer has to be taken.
TAKING = 2.0


@pytest.fixture
def talking() -> Iterator[Serving]:
    settings = serving.config(talkative, "127.0.0.1", 0, replace(LIMITS, answer_seconds=TAKING))
    settings.lifespan = "off"
    serving_ = Serving(talkative, config=settings)
    yield serving_
    serving_.stop()


def test_who_does_not_take_an_answer_is_gone(talking: Serving) -> None:
    with socket.create_connection(("127.0.0.1", talking.port), timeout=60) as line:
        line.sendall(ALIVE)
        until(lambda: not talking.connections, "it is cut")


def test_who_takes_an_answer_slowly_gets_all_of_it(talking: Serving) -> None:
    said = 0
    with socket.create_connection(("127.0.0.1", talking.port), timeout=60) as line:
        line.sendall(ALIVE)
        while piece := line.recv(1024 * 1024):
            said += len(piece)
            time.sleep(TAKING / 20)
    assert said > 20_000_000


# -- bodies ---------------------------------------------------------------------------------------


@pytest.mark.fault("F78")
def test_who_does_not_finish_a_body_in_time_is_gone(wire: Wire) -> None:
    with wire.line() as line:
        line.sendall(head("jira", BODY) + BODY[:-1])
        assert is_cut(line)
    assert wire.door.rows() == (0, 0, 0)


@pytest.mark.fault("F53")
def test_half_sent_bodies_fill_no_more_than_their_budget(patient: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once 40 of 24 MB each held a gigabyte before anybody had looked at a signature."""
    monkeypatch.setattr(bodies, "BODIES", budget := bodies.Budget(most=1024 * 1024))
    large = BODY + b" " * 800_000
    with contextlib.ExitStack() as lines:
        first = lines.enter_context(patient.line())
        first.sendall(head("jira", large) + large[:-10])
        until(lambda: budget.held > 700_000, "the first body is held")
        refused = patient.say(head("jira", large))
        assert refused.startswith(b"HTTP/1.1 503") and b"retry-after: 5" in refused.lower()
        assert patient.status(head("jira", BODY), BODY) == 200, "an honest webhook beside it"
    until(lambda: budget.held == 0, "the room is free again")
    assert patient.status(head("jira", large), large) == 200, "once there is room again"


def test_bodies_that_do_not_say_how_large_they_are_share_the_budget(
    patient: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODIES", budget := bodies.Budget(most=300_000))
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    said = b""
    with contextlib.suppress(ConnectionError):
        said = patient.say(head("jira", b"", b"transfer-encoding: chunked", length=-1), *[chunk] * 12)
    assert said[:12] in (b"", b"HTTP/1.1 503")
    until(lambda: budget.held == 0, "the room is free again")


# -- connections ----------------------------------------------------------------------------------


@pytest.mark.fault("F78")
def test_however_many_lines_are_silent_who_says_something_is_heard(patient: Wire) -> None:
    with contextlib.ExitStack() as lines:
        for _ in range(5 * LIMITS.lines):
            lines.enter_context(patient.line()).sendall(b"GET /")
        assert [patient.status(ALIVE) for _ in range(5)] == [200] * 5


@pytest.mark.fault("F61")
def test_who_comes_while_all_lines_are_in_use_is_asked_to_come_again(patient: Wire) -> None:
    with contextlib.ExitStack() as lines:
        for _ in range(LIMITS.lines):
            lines.enter_context(patient.line()).sendall(head("jira", BODY) + BODY[:-1])
        assert patient.status(ALIVE) == 503
    until(lambda: patient.status(ALIVE) == 200, "there is room again")


def test_a_process_may_open_as_many_files_as_the_system_lets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    for limits in ((1024, 4096), (1024, resource.RLIM_INFINITY), (4096, 4096)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        serving.raise_descriptors()
    assert asked == [(4096, 4096), (serving.DESCRIPTORS, resource.RLIM_INFINITY)]
