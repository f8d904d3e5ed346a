"""Answers that follow a command: only to Slack's own address, without our token, and to whoever typed it alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from integrations.contract import Transient, Unsure
from integrations.slack import SlackClient, blocks
from integrations.slack.hooks import Hooks
from integrations.slack.twin import SlackTwin
from integrations.twin import Fault
from integrations.twin_server import Serving, serve
from tests.silence import impatient

TOKEN, TEAM = "xoxb-a-token-of-the-twin", "T0YAMABIKO"
SUPPORT, SATO = "C0SUPPORT1", "U0SATOMI01"
BLOCKS = [blocks.section("請求書: 12")]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[dict[str, Any], Serving]]:
    """One server for all tests; each puts its own twin into it."""
    twins: dict[str, Any] = {}
    server = serve(twins)
    yield twins, server
    server.stop()


@pytest.fixture
def twin(served: tuple[dict[str, Any], Serving]) -> SlackTwin:
    twin = SlackTwin(signing_secret="a signing secret", token=TOKEN, team_id=TEAM)
    twin.clock = lambda: 100.0
    twin.add_channel(SUPPORT, "support")
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    served[0]["slack"] = twin
    return twin


@pytest.fixture
def client(twin: SlackTwin, served: tuple[dict[str, Any], Serving]) -> Iterator[SlackClient]:
    client = SlackClient(f"{served[1].url}/slack/api/", TOKEN)
    impatient(client, twin)
    client.whoami()  # from then on the twin knows where it is
    yield client
    client.close()


def test_it_is_seen_by_whoever_typed_the_command_alone(twin: SlackTwin, client: SlackClient) -> None:
    assert client.respond(twin.new_hook(SUPPORT, SATO), "請求書", BLOCKS)
    assert [each["text"] for each in twin.whispers_to(SATO)] == ["請求書"] and twin.messages(SUPPORT) == []


def test_five_times_and_then_it_is_too_late(twin: SlackTwin, client: SlackClient) -> None:
    address = twin.new_hook(SUPPORT, SATO)
    assert [client.respond(address, "請求書") for _ in range(6)] == [True] * 5 + [False]


@pytest.mark.fault("F106")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://127.0.0.1:1/slack/hooks/x",
        "https://hooks.slack.com.evil.example/commands/x",
        "https://hooks.slack.com@evil.example/commands/x",
        "http://hooks.slack.com/commands/x",
        "https://hooks.slack.com:8443/commands/x",
        "https://hooks.slack.com",
        "https://[/x",
        "https://hooks.slack.com/a\nb",
        "file:///etc/passwd",
    ],
)
def test_another_address_is_not_visited(address: str) -> None:
    asked: list[str] = []
    hooks = Hooks("https://slack.com/api/", 5.0)
    hooks._wire.ask = lambda *given, **others: asked.append(str(given))  # type: ignore[method-assign,assignment,func-returns-value]
    assert not hooks.say(address, "x", []) and asked == []
    hooks.close()


def test_our_token_does_not_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(200, text="ok")

    hooks = Hooks("https://slack.com/api/", 5.0)
    hooks._wire._client = httpx.Client(base_url="https://hooks.slack.com", transport=httpx.MockTransport(answer))
    assert hooks.say("https://hooks.slack.com/commands/T1/2/x?a=b", "x", BLOCKS)
    assert (
        str(heard[0].url) == "https://hooks.slack.com/commands/T1/2/x?a=b" and "authorization" not in heard[0].headers
    )
    hooks.close()


@pytest.mark.parametrize("fault", ["500", "reset", "lost", "hang"])
def test_what_slack_could_not_take_is_told(twin: SlackTwin, client: SlackClient, fault: str) -> None:
    address = twin.new_hook(SUPPORT, SATO)
    twin.fail("POST /hooks/{code}", Fault(fault))
    with pytest.raises((Transient, Unsure)):
        client.respond(address, "請求書")
