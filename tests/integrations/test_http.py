"""The one way to call a vendor: every answer, and every lack of one, is named for what it means to the caller."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from integrations import http as module
from integrations import pace
from integrations.breaker import MISSED
from integrations.contract import Permanent, RateLimited, Transient, Trouble, Unsure, Unwelcome
from integrations.http import ATTEMPTS, LARGEST_ANSWER, Http, proxy_for, reason
from integrations.pace import Pace
from integrations.twin_server import Serving
from tests.crash.service import until

Answer = Callable[[Callable[[dict[str, Any]], Awaitable[None]]], Awaitable[None]]


class Vendor:
    """A vendor that answers each request with the next of its answers, and the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [status(200, b"{}")]
        self.asked: list[dict[str, Any]] = []
        self._serving = Serving(self)
        self.url = self._serving.url

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await send({"type": (await receive())["type"] + ".complete"})
            return
        body = b""
        while (message := await receive()).get("more_body") or message["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.asked.append({**scope, "body": body})
        await (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(send)

    def close(self) -> None:
        self._serving.stop()


def status(code: int, body: bytes = b"{}", **headers: str) -> Answer:
    """An answer with a status, a body and headers."""

    async def answer(send: Any) -> None:
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": code, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    return answer


async def cut(send: Any) -> None:
    """The beginning of an answer, and then the line is cut."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]})
    raise ConnectionResetError


async def silence(send: Any) -> None:
    """No answer for longer than anybody waits here."""
    await asyncio.sleep(5.0)


async def trickle(send: Any) -> None:
    """An answer a byte at a time: each byte is in time, the whole would take minutes."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(6000):
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.05)


async def flood(send: Any) -> None:
    """An answer that is far too large."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(100):
        await send({"type": "http.response.body", "body": b" " * 65_536, "more_body": True})


@pytest.fixture(scope="module")
def server() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def vendor(server: Vendor, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """A vendor that nobody has asked yet; pauses between attempts are kept, but short."""
    monkeypatch.setattr(module, "_pause", lambda state: 0.0)
    monkeypatch.setattr(pace, "SHORTEST_WAIT", 0.05)
    server.asked.clear()
    return server


@pytest.fixture
def http(vendor: Vendor) -> Iterator[Http]:
    http = Http("Kanade", vendor.url, {"authorization": "Bearer geheim"}, Pace(1000, 1.0), deadline=60.0)
    yield http
    http.close()


def in_trouble(http: Http, vendor: Vendor, answer: Answer) -> None:
    """The vendor answers so from now on; only of what never ends a deadline has to pass."""
    vendor.answers = [answer]
    if answer in (silence, trickle):
        wire = http._wire
        wire._deadline, wire._client.timeout = 0.3, httpx.Timeout(0.3)


def trouble(http: Http, method: str, **options: Any) -> Trouble:
    """What a call raises."""
    with pytest.raises(Trouble) as told:
        http.call(method, "/notes", **options)
    return told.value


class Drip:
    """A vendor, or a box in between, that sends its answer a byte at a time from the first letter of the head on."""

    def __init__(self, pause: float = 0.05) -> None:
        self._socket, self._pause = socket.create_server(("127.0.0.1", 0)), pause
        self.url, self.has_said_all = f"http://127.0.0.1:{self._socket.getsockname()[1]}", threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._drip, args=(self._socket.accept()[0],), daemon=True).start()

    def _drip(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            line.recv(65536)
            for letter in b"HTTP/1.1 200 OK\r\nx-filler: " + b"y" * 1000:
                line.sendall(bytes([letter]))
                time.sleep(self._pause)
            self.has_said_all.set()

    def close(self) -> None:
        self._socket.close()


@pytest.mark.fault("F37")
@pytest.mark.parametrize(("method", "kind"), [("GET", Transient), ("POST", Unsure)])
def test_a_head_that_drips_is_given_up_at_the_deadline(
    vendor: Vendor, method: str, kind: type[Trouble], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 1)
    drip = Drip()
    http = Http("Kanade", drip.url, {}, Pace(1000, 1.0), deadline=0.3)
    assert type(trouble(http, method, json={})) is kind
    assert not drip.has_said_all.is_set()  # the whole head would take more than fifty seconds
    http.close()
    drip.close()


@pytest.mark.fault("F43")
def test_half_of_an_expected_refusal_says_nothing_either(http: Http, vendor: Vendor) -> None:
    """Once "unknown customer", cut short, was a dead letter."""
    vendor.answers = [status(404, b'{"errors": [{"co'), status(404, b"{}")]
    assert http.call("GET", "/notes", expect=(404,)).json == {}
    vendor.answers = [status(404, b"<html>")]
    assert http.call("GET", "/notes", expect=(404,)).json is None
    assert type(trouble(http, "GET")) is Permanent


# -- what goes wrong ------------------------------------------------------------------------------

#: What happened, what a read makes of it, and what a write that adds something makes of it.
FAILURES: dict[str, tuple[Answer, type[Trouble], type[Trouble]]] = {
    "429": (status(429), RateLimited, RateLimited),
    "500": (status(500), Transient, Unsure),
    "502": (status(502, b"<html>"), Transient, Unsure),
    "503": (status(503), Transient, Unsure),
    "503 with a wait": (status(503, retry_after="7"), Transient, Unsure),
    "504": (status(504), Transient, Unsure),
    "408": (status(408), Transient, Unsure),
    "the line is cut": (cut, Transient, Unsure),
    "silence": (silence, Transient, Unsure),
    "a trickle": (trickle, Transient, Unsure),
    "a flood": (flood, Transient, Unsure),
    "half of the JSON": (status(200, b'{"id": "1'), Transient, Unsure),
    "half of a refusal": (status(400, b'{"errors": [{"co'), Transient, Unsure),
    "a web page": (status(200, b"<html><body>Welcome"), Transient, Unsure),
    "JSON without a floor": (status(200, b"[" * 100_000), Transient, Unsure),
    "JSON in another encoding": (status(200, '{"a": "é"}'.encode("latin-1")), Transient, Unsure),
    "400": (status(400), Permanent, Permanent),
    "401": (status(401), Unwelcome, Unwelcome),
    "403": (status(403), Permanent, Permanent),
    "404": (status(404), Permanent, Permanent),
    "409": (status(409), Permanent, Permanent),
    "422": (status(422), Permanent, Permanent),
    "a way to elsewhere": (status(302, location="http://169.254.169.254/"), Permanent, Permanent),
    "a way for ever": (status(308, location="/notes"), Permanent, Permanent),
    "something of before HTTP": (status(304), Permanent, Permanent),
}


def test_a_403_is_about_our_token_where_the_vendor_means_that(vendor: Vendor) -> None:
    http = Http(
        "Kanade", vendor.url, {}, Pace(1000, 1.0), deadline=0.3, bars_us=lambda answer: "barred" in answer.headers
    )
    for headers, trouble in (({"barred": "1"}, Unwelcome), ({}, Permanent)):
        vendor.answers[:] = [status(403, **headers)]
        with pytest.raises(Permanent) as refused:
            http.call("GET", "/notes")
        assert type(refused.value) is trouble
    http.close()


@pytest.mark.parametrize("what", FAILURES)
def test_a_read_that_fails_is_named(http: Http, vendor: Vendor, what: str) -> None:
    answer, wanted, _ = FAILURES[what]
    in_trouble(http, vendor, answer)
    told = trouble(http, "GET")
    assert type(told) is wanted
    assert str(told).startswith(("Kanade answered ", "Kanade did not answer ("))
    assert "geheim" not in str(told)


@pytest.mark.fault("F38", "F40")
@pytest.mark.parametrize("what", FAILURES)
def test_a_write_that_may_have_been_carried_out_is_never_said_to_be_harmless(
    http: Http, vendor: Vendor, what: str
) -> None:
    answer, _, wanted = FAILURES[what]
    in_trouble(http, vendor, answer)
    assert type(trouble(http, "POST", json={"text": "x"})) is wanted
    assert wanted is not Unsure or len(vendor.asked) == 1, "a write in doubt is not repeated here"


@pytest.mark.parametrize("what", FAILURES)
def test_a_write_that_says_a_state_is_as_harmless_as_a_read(http: Http, vendor: Vendor, what: str) -> None:
    answer, wanted, _ = FAILURES[what]
    in_trouble(http, vendor, answer)
    assert type(trouble(http, "PUT", json={}, safe=True)) is wanted


@pytest.mark.fault("F36")
def test_a_vendor_that_is_not_there_did_nothing(vendor: Vendor) -> None:
    for method in ("GET", "POST"):
        http = Http("Kanade", "http://127.0.0.1:1", {}, Pace(1000, 1.0), deadline=0.3)
        told = trouble(http, method)
        assert (type(told), str(told)) == (Transient, "Kanade cannot be reached (ConnectError)")
        http.close()


@pytest.mark.fault("F46")
def test_a_vendor_that_answers_nobody_is_not_waited_for_by_everybody(vendor: Vendor) -> None:
    http = Http("Kanade", vendor.url, {}, Pace(1000, 1.0), deadline=0.1)
    vendor.answers = [silence]
    told = [trouble(http, "POST", json={}) for _ in range(20)]
    until(lambda: len(vendor.asked) >= MISSED, "the vendor has heard the first of them")
    assert len(vendor.asked) == MISSED
    assert [type(each) for each in told] == [Unsure] * MISSED + [RateLimited] * (20 - MISSED)
    http.close()


@pytest.mark.fault("F37")
def test_nothing_is_read_beyond_what_is_allowed(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(200, b" " * LARGEST_ANSWER + b"{}")]
    assert type(trouble(http, "GET")) is Transient


@pytest.mark.fault("F43")
def test_a_compressed_bomb_is_given_up(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(200, gzip.compress(b" " * 50_000_000), content_encoding="gzip")]
    assert type(trouble(http, "GET")) is Transient


# -- again and again ------------------------------------------------------------------------------


@pytest.mark.fault("F47")
def test_a_read_is_tried_a_few_times(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(500), cut, status(200, b'{"id": 1}')]
    assert http.call("GET", "/notes").json == {"id": 1}
    assert len(vendor.asked) == ATTEMPTS == 3


def test_and_then_it_is_given_up(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(500)]
    assert type(trouble(http, "GET")) is Transient
    assert len(vendor.asked) == ATTEMPTS


def test_no_attempt_begins_so_late_that_a_repeat_could_overtake_it(
    http: Http, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds a write without an answer waits `quiet_seconds`, and then takes it for ended."""
    monkeypatch.setattr(module, "LAST_ATTEMPT", 0.1)
    monkeypatch.setattr(module, "_pause", lambda state: 0.3)
    vendor.answers = [status(500)]
    trouble(http, "GET")
    assert len(vendor.asked) == 1


def test_a_short_429_is_waited_for(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(429, retry_after="1"), status(200, b'{"id": 1}')]
    assert http.call("POST", "/notes", json={}).json == {"id": 1}


def test_a_long_429_is_left_to_the_schedule_and_keeps_everybody_out(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(429, retry_after="60"), status(200)]
    told = [trouble(http, "POST"), trouble(http, "GET")]
    assert [type(one) for one in told] == [RateLimited, RateLimited]
    assert all(isinstance(one, Transient) and 50 < (one.retry_after or 0) <= 60 for one in told)
    assert len(vendor.asked) == 1, "the second call does not even leave"


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
def test_a_refusal_is_not_asked_for_twice(http: Http, vendor: Vendor, code: int) -> None:
    vendor.answers = [status(code)]
    assert isinstance(trouble(http, "GET"), Permanent)
    assert len(vendor.asked) == 1


# -- what goes well -------------------------------------------------------------------------------


def test_an_answer_is_its_status_its_json_and_its_headers(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(201, '{"名": [1]}'.encode(), X_Request_Id="r1")]
    reply = http.call("POST", "/notes", json={"text": "要望"}, params={"a": "1", "b": None})
    assert (reply.status, reply.json, reply.headers["x-request-id"]) == (201, {"名": [1]}, "r1")
    [asked] = vendor.asked
    assert (asked["method"], asked["path"], asked["query_string"]) == ("POST", "/notes", b"a=1")
    assert json.loads(asked["body"]) == {"text": "要望"}
    assert dict(asked["headers"])[b"authorization"] == b"Bearer geheim"


@pytest.mark.parametrize("code", [200, 202, 204])
def test_an_empty_answer_is_none(http: Http, vendor: Vendor, code: int) -> None:
    vendor.answers = [status(code, b"")]
    assert http.call("DELETE", "/notes").json is None


def test_an_expected_refusal_is_a_value(http: Http, vendor: Vendor) -> None:
    vendor.answers = [status(404, b'{"errors": []}'), status(409, b"<html>")]
    assert (http.call("GET", "/notes", expect=(404,)).status, http.call("PUT", "/notes", expect=(409,)).json) == (
        404,
        None,
    )


def test_a_proxy_in_the_environment_does_not_see_our_tokens(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    vendor.answers = [status(200, b'{"id": 1}')]
    http = Http("Kanade", vendor.url, {}, Pace(1000, 1.0))
    assert http.call("GET", "/notes").json == {"id": 1}
    http.close()


@pytest.mark.parametrize(
    ("address", "proxy"),
    [
        ("https://api.vendor.example", "http://127.0.0.1:1"),
        ("https://api.inside.example/v2", None),
        ("http://127.0.0.1:8000/vendor", None),
        ("", None),
    ],
)
def test_a_proxy_for_https_is_gone_through_unless_no_proxy_names_the_vendor(
    monkeypatch: pytest.MonkeyPatch, address: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert proxy_for(address) == proxy


def test_without_one_vendors_are_called_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert proxy_for("https://api.vendor.example") is None


# -- reasons --------------------------------------------------------------------------------------

REASONS = [
    (b'{"errors": [{"code": "unauthorized", "message": "geheim"}]}', " (unauthorized)"),
    (b'{"errors": [{"code": "b"}, {"code": "a"}, {"code": "a"}]}', " (a, b)"),
    (b'{"errors": {"summary": "geheim"}}', " (summary)"),
    (b'{"errors": [{"message": "geheim"}]}', ""),
    (b'{"errors": ["geheim"]}', ""),
    (b'{"errors": 3}', ""),
    (b'{"errors": null}', ""),
    (b'["geheim"]', ""),
    (b"geheim", ""),
    (b"", ""),
    (b"\xff", ""),
    (b"[" * 100_000, ""),
    (b'{"errors": [{"code": "' + b"x" * 500 + b'"}]}', f" ({'x' * 60})"),
]


@pytest.mark.fault("F80")
@pytest.mark.parametrize(("content", "said"), REASONS)
def test_a_refusal_tells_codes_and_never_free_text(content: bytes, said: str) -> None:
    assert reason(content) == said
