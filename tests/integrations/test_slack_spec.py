"""Client, twin and manifest against what Slack publishes about its Web API and its app manifests."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import slack_spec as spec
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

import integrations.slack.client as slack_client
from integrations.slack import Identity, Posted, SlackClient, User, blocks
from integrations.slack.api import BUDGET
from integrations.slack.twin import SCOPES, SlackTwin
from integrations.twin import Ask, Fault, Said
from integrations.twin_server import serve
from integrations.untrusted import Node

TOKEN, TEAM = "xoxb-a-token-of-the-twin", "T0YAMABIKO"
SUPPORT, ESCALATIONS, SATO = "C0SUPPORT1", "C0ESCALATE", "U0SATOMI01"
MANIFEST = Path(slack_client.__file__).parent / "slack-manifest.yaml"

needs_specifications = pytest.mark.skipif(not spec.SPECS.exists(), reason=spec.ABSENT)
needs_samples = pytest.mark.skipif(not spec.SAMPLES.exists(), reason=spec.ABSENT)

Exchange = tuple[str, Ask, Said]


def manifest() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return content


# -- every request of the client, every answer of the twin ----------------------------------------


@pytest.fixture(scope="module")
def exchanges() -> Iterator[tuple[list[Exchange], list[Exchange]]]:
    """What client and twin say to each other when everything is used once; then the twin's other methods."""
    twin = SlackTwin(signing_secret="s", token=TOKEN, team_id=TEAM, scopes=(*SCOPES, "reactions:write"))
    twin.add_channel(SUPPORT, "support")
    twin.add_channel(ESCALATIONS, "escalations", private=True)
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    said: list[Exchange] = []
    twin.watchers.append(lambda ask, answer: said.append((ask.path.removeprefix("/api/"), ask, answer)))
    server = serve({"slack": twin})
    patch = pytest.MonkeyPatch()
    patch.setattr(slack_client, "MESSAGE_SPACING", 0.0)
    patch.setattr(slack_client, "PAGE", 1)
    use_client(twin, SlackClient(f"{server.url}/slack/api/", TOKEN))
    ours = said.copy()
    use_rest(WebClient(TOKEN, f"{server.url}/slack/api/"), twin)
    yield ours, said
    patch.undo()
    server.stop()


def use_client(twin: SlackTwin, client: SlackClient) -> None:
    """Every verb, with its expected refusals and one real trouble each way."""
    client.whoami()
    client.channel_exists(SUPPORT)
    client.channel_exists("C0NOWHERE1")
    client.user(client.lookup("sato@example.co.jp") or "")
    client.lookup("stranger@example.co.jp")
    message = [
        blocks.header("結論が出ました"),
        blocks.section(blocks.quote("まとめて印刷したい")),
        blocks.context(blocks.link("https://yamabiko.example/feedback/12", "要望"), blocks.date(1_795_226_640, "昨日")),
        blocks.actions(blocks.button("引き受ける", "acknowledge", "feedback-12", style="primary")),
    ]
    root = client.post(SUPPORT, "結論が出ました", message, marker="feedback-12")
    reply = client.post(SUPPORT, "補足です", [], marker="feedback-13", thread_ts=root.ts)
    client.find(SUPPORT, "feedback-1", oldest=time.time() - 60)
    client.find(SUPPORT, "feedback-13", oldest=time.time() - 60, thread_ts=root.ts)
    client.find(SUPPORT, "feedback-13", oldest=0, thread_ts="1795226640.000100")
    client.update(SUPPORT, root.ts, "対応が終わりました", message[:1])
    client.update(SUPPORT, "1795226640.000100", "対応が終わりました", [])
    client.permalink(SUPPORT, reply.ts)
    client.post(client.direct(SATO), "お知らせです", message, marker="feedback-14")
    twin.fail("POST /api/users.info", Fault("429"), Fault("500"))
    client.user(SATO)


def use_rest(web: WebClient, twin: SlackTwin) -> None:
    """What the client does not use yet, and a refusal of each kind."""
    ts = twin.say(SUPPORT, SATO, "ありがとうございます")
    web.reactions_add(channel=SUPPORT, timestamp=ts, name="eyes")
    web.conversations_members(channel=SUPPORT, limit=1)
    web.conversations_list(types="public_channel,private_channel")
    web.users_list()
    web.conversations_open(users=SATO)
    web.chat_postEphemeral(channel=SUPPORT, user=SATO, text="確認しました")
    web.chat_delete(channel=SUPPORT, ts=str(web.chat_postMessage(channel=SUPPORT, text="x")["ts"]))
    refused: list[Callable[[], Any]] = [
        lambda: web.chat_postMessage(channel=SUPPORT, text="x", blocks=[{"type": "poster"}]),
        lambda: web.chat_postMessage(channel=SUPPORT, text="x", thread_ts="1.1"),
        lambda: web.chat_update(channel=SUPPORT, ts=ts, text="x"),
        lambda: web.chat_delete(channel=SUPPORT, ts=ts),
        lambda: web.reactions_add(channel=SUPPORT, timestamp=ts, name="eyes"),
        lambda: web.conversations_open(users="U0NOBODY01"),
        lambda: web.conversations_list(types="everything"),
    ]
    for act in refused:
        with pytest.raises(SlackApiError):
            act()


@needs_specifications
def test_every_request_of_the_client_is_one_slack_describes(exchanges: tuple[list[Exchange], list[Exchange]]) -> None:
    ours, _ = exchanges
    problems = {(method, problem) for method, ask, _ in ours for problem in spec.request_problems(method, ask)}
    assert problems == set()
    assert {method for method, _, _ in ours} == set(BUDGET)


@needs_specifications
@needs_samples
def test_every_answer_of_the_twin_is_one_slack_describes(exchanges: tuple[list[Exchange], list[Exchange]]) -> None:
    _, everything = exchanges
    problems = {
        (method, problem) for method, _, said in everything for problem in spec.answer_problems(method, said.body)
    }
    assert problems == set()
    methods = {getattr(handler, "_twin_route", "").removeprefix("POST /api/") for handler in vars(SlackTwin).values()}
    assert {method for method, _, _ in everything} == methods - {""}


@needs_specifications
@needs_samples
def test_wrong_requests_and_answers_would_be_noticed() -> None:
    """The two tests above can fail."""
    headers = {"content-type": "application/json"}
    body = b'{"channel": "C0SUPPORT1", "txt": "x", "unfurl_links": 1}'
    assert spec.request_problems("chat.postMessage", Ask("POST", "", [], headers, body)) == [
        "txt is no argument",
        "unfurl_links is no boolean",
    ]
    info = Ask("POST", "", [], headers, b'{"user": 7}')
    assert spec.request_problems("users.info", info) == ["user is no string", "the method takes no JSON"]
    assert spec.request_problems("users.info", Ask("POST", "", [], {}, b"")) == ["user is required"]
    assert spec.answer_problems("users.info", {"ok": False, "error": "nobody_home"}) == [
        "nobody_home is no error of users.info"
    ]
    assert spec.answer_problems("chat.getPermalink", {"ok": True, "channel": "X1", "permalink": "https://a.example"})
    assert spec.answer_problems("auth.test", {"ok": True, "is_nice": True})
    members = {"ok": True, "members": ["not an id"], "response_metadata": {"next_cursor": 7}}
    assert len(spec.answer_problems("conversations.members", members)) == 3


@needs_specifications
def test_budget_of_each_method_is_within_slacks_tier() -> None:
    for method, calls in BUDGET.items():
        tier = re.match(r"Tier \d: (\d+)\+ per minute", spec.reference(method)["rate_limit"]["label"])
        assert tier is None or calls <= int(tier[1]), method


# -- what Slack publishes about answers -----------------------------------------------------------


def sample(name: str) -> Node:
    return Node(json.loads((spec.SAMPLES / name).read_text()), "")


@needs_samples
def test_published_answers_are_readable() -> None:
    assert Posted.read(sample("docs.chat.postMessage.response.json")) == Posted("C123ABC456", "1503435956.000247")
    assert User.read(sample("response-skeleton.users.info.json")) == User("U00000000", "", "", "", deleted=False)
    assert User.read(sample("response-skeleton.users.lookupByEmail.json")).id == "U00000000"
    assert Identity.read(sample("response-skeleton.auth.test.json")) == Identity("T00000000", "", "U00000000", ())


@needs_samples
def test_twin_refuses_in_the_words_that_were_recorded_from_slack() -> None:
    twin = SlackTwin(signing_secret="s", token=TOKEN, team_id=TEAM)
    recorded = json.loads((spec.SAMPLES / "observed.web-api-errors.2026-10-08.json").read_text())
    asked = {
        "not_authed": Ask("POST", "/api/chat.postMessage", [], {}, b""),
        "invalid_auth": Ask("GET", "/api/auth.test", [], {"authorization": "Bearer xoxb-unknown"}, b""),
        "unknown_method": Ask("GET", "/api/foo.bar", [], {"authorization": f"Bearer {TOKEN}"}, b""),
    }
    for name, ask in asked.items():
        said, _ = twin.answer(ask)
        assert (said.status, said.body) == (recorded[name]["status"], recorded[name]["body"])
        assert said.headers["x-slack-failure"] == recorded[name]["headers"]["x-slack-failure"]


# -- the app's manifest ---------------------------------------------------------------------------

#: https://docs.slack.dev/reference/events: the scope that each event needs.
NEEDS = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}


@needs_specifications
@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_manifest_is_one_slack_accepts(version: str) -> None:
    schema = spec.read(f"slack-manifest.schema.{version}.json")
    assert [error.message for error in Draft7Validator(schema).iter_errors(manifest())] == []


@needs_specifications
def test_manifest_asks_for_what_the_clients_methods_need() -> None:
    granted = set(manifest()["oauth_config"]["scopes"]["bot"])
    for method in BUDGET:
        needed = {scope["name"] for scope in spec.reference(method)["scopes"].get("bot", [])}
        assert not needed or needed & granted, method


def test_manifest_asks_for_what_its_events_need_and_the_twin_grants() -> None:
    granted = manifest()["oauth_config"]["scopes"]["bot"]
    assert {NEEDS[event] for event in manifest()["settings"]["event_subscriptions"]["bot_events"]} <= set(granted)
    assert granted == list(SCOPES) == sorted(granted)


def test_manifest_sends_everything_to_one_door() -> None:
    settings = manifest()["settings"]
    interactivity = settings["interactivity"]
    doors = {
        settings["event_subscriptions"]["request_url"],
        interactivity["request_url"],
        interactivity["message_menu_options_url"],
    }
    assert doors == {"https://YOUR-HOST/slack/events"}
    assert interactivity["is_enabled"]
    assert not settings["socket_mode_enabled"]
