"""Client and twin against what Slack publishes about its Web API."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import slack_spec as spec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

import integrations.slack.client as slack_client
import integrations.slack.history as history
from integrations.slack import Identity, Posted, SlackClient, User, blocks, views
from integrations.slack.api import BUDGET
from integrations.slack.twin import SCOPES, SlackTwin
from integrations.twin import Ask, Fault, Said
from integrations.twin_server import serve
from integrations.untrusted import Node

TOKEN, TEAM = "xoxb-a-token-of-the-twin", "T0YAMABIKO"
SUPPORT, ESCALATIONS, SATO = "C0SUPPORT1", "C0ESCALATE", "U0SATOMI01"

needs_specifications = pytest.mark.skipif(not spec.SPECS.exists(), reason=spec.ABSENT)
needs_samples = pytest.mark.skipif(not spec.SAMPLES.exists(), reason=spec.ABSENT)

Exchange = tuple[str, Ask, Said]


# -- every request of the client, every answer of the twin ----------------------------------------


@pytest.fixture(scope="module")
def exchanges() -> Iterator[tuple[list[Exchange], list[Exchange]]]:
    """What client and twin say to each other when everything is used once; then the twin's other methods."""
    twin = SlackTwin(signing_secret="s", token=TOKEN, team_id=TEAM, scopes=(*SCOPES, "reactions:write"))
    twin.add_channel(SUPPORT, "support")
    twin.add_channel(ESCALATIONS, "escalations", private=True)
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    said: list[Exchange] = []

    def watch(ask: Ask, answer: Said) -> None:
        if ask.path.startswith("/api/"):  # an address for bytes is no method
            said.append((ask.path.removeprefix("/api/"), ask, answer))

    twin.watchers.append(watch)
    server = serve({"slack": twin})
    patch = pytest.MonkeyPatch()
    patch.setattr(slack_client, "MESSAGE_SPACING", 0.0)
    patch.setattr(slack_client, "PAGE", 1)
    patch.setattr(history, "PAGE", 1)
    with closing(SlackClient(f"{server.url}/slack/api/", TOKEN)) as client:
        use_client(twin, client)
    ours = said.copy()
    use_rest(WebClient(TOKEN, f"{server.url}/slack/api/"), twin)
    yield ours, said
    patch.undo()
    server.stop()


def use_client(twin: SlackTwin, client: SlackClient) -> None:
    """Every verb, with its expected refusals and one real trouble each way."""
    client.whoami()
    client.channel(SUPPORT)
    client.channel("C0NOWHERE1")
    client.members(SUPPORT, 10)
    client.members("C0NOWHERE1", 10)
    client.user(client.lookup("sato@example.co.jp") or "")
    client.lookup("stranger@example.co.jp")
    message = [
        blocks.header("結論が出ました"),
        blocks.section(blocks.quote("まとめて印刷したい")),
        blocks.small(blocks.link("https://yamabiko.example/feedback/12", "要望"), blocks.date(1_795_226_640, "昨日")),
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
    client.upload(SUPPORT, "volume-17.png", b"\x89PNG", "直近24時間の問い合わせ", root.ts)
    client.find_file(SUPPORT, "volume-17.png", oldest=time.time() - 60, thread_ts=root.ts)
    use_modals_and_steps(twin, client)
    twin.fail("POST /api/users.info", Fault("429"), Fault("500"))
    client.user(SATO)


def use_modals_and_steps(twin: SlackTwin, client: SlackClient) -> None:
    """The verbs of forms, whispers and steps, with their expected refusals."""
    twin.join(SUPPORT, SATO)
    client.whisper(SUPPORT, SATO, "確認しました", [blocks.section("確認しました")])
    client.whisper("C0NOWHERE1", SATO, "確認しました")
    client.user("U0NOBODY01")
    inputs = [
        views.typeahead("company", "会社", placeholder="会社名", initial=("12", "ひかり食品")),
        views.choice("urgency", "緊急度", [("now", "至急"), ("today", "本日中")], initial="now", hint="迷ったら本日中"),
        views.text_input("history", "経緯", multiline=True, initial="一行目\n二行目", optional=True),
        views.user_select("person", "担当者", initial=SATO),
        views.date_input("next_date", "期日", initial="2026-11-30"),
    ]
    form = views.modal("escalate", "エスカレーション", inputs, submit="依頼する", close="やめる", about="31")
    trigger = twin.new_trigger(SATO)
    view = client.open_view(trigger, views.notice("経緯", [blocks.section("調べています。")], close="閉じる"))
    assert view
    client.open_view(trigger, form)
    client.update_view(view.id, form, view.hash)
    client.update_view(view.id, form, view.hash)
    client.update_view("V0NOWHERE1", form)
    for end in (
        lambda id: client.complete_step(id, {"escalation": "31"}),
        lambda id: client.fail_step(id, "不明な会社です。"),
    ):
        execution = twin.start_step("escalate_complaint", {"gist": "x"}, SATO)
        for id in (execution, execution, "Fx0NOWHERE1"):
            end(id)


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
        lambda: web.files_getUploadURLExternal(filename="a.png", length=0),
        lambda: web.files_getUploadURLExternal(filename="a.png", length=1, alt_txt="x" * 1001),
        lambda: web.files_completeUploadExternal(files=[{"id": "F0NOWHERE1"}], channel_id=SUPPORT),
    ]
    refused += use_rest_of_modals_and_steps(web, twin)
    for act in refused:
        with pytest.raises(SlackApiError):
            act()


def use_rest_of_modals_and_steps(web: WebClient, twin: SlackTwin) -> list[Callable[[], Any]]:
    """The same for forms and steps; returns what is to be refused."""
    text = views.text_input("gist", "要点")
    form = views.modal("escalate", "お願い", [text], submit="依頼する", close="やめる") | {"external_id": "one"}
    web.views_open(trigger_id=twin.new_trigger(SATO), view=form)
    for name in ("two", "three"):
        web.views_push(trigger_id=twin.new_trigger(SATO), view=form | {"external_id": name})
    web.views_update(external_id="two", view=form | {"external_id": "two"})
    large = form | {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "大" * 3000}}] * 30}
    other, used = form | {"external_id": "four"}, twin.new_trigger(SATO)
    step = twin.start_step("escalate_complaint", {"gist": "x"}, SATO)
    return [
        lambda: web.views_push(trigger_id=used, view=other),  # one too many
        lambda: web.views_push(trigger_id=used, view=other),
        lambda: web.views_open(trigger_id=used, view=other),
        lambda: web.views_open(trigger_id="1.2.3", view=other),
        lambda: web.views_open(trigger_id=twin.new_trigger(SATO), view=form),
        lambda: web.views_open(trigger_id=twin.new_trigger(SATO), view=large),
        lambda: web.views_open(trigger_id=twin.new_trigger(SATO), view=form | {"type": "home"}),
        lambda: web.views_push(trigger_id=twin.new_trigger("U0NOBODY01"), view=other),
        lambda: web.views_update(external_id="two", view=other, hash="0.0"),
        lambda: web.views_update(external_id="five", view=other),
        lambda: web.views_update(external_id="two", view=form),
        lambda: web.functions_completeSuccess(function_execution_id=step, outputs=[]),
    ]


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
    routes = [getattr(getattr(SlackTwin, name), "_twin_route", "") for name in dir(SlackTwin)]
    methods = {route.removeprefix("POST /api/") for route in routes if route.startswith("POST /api/")}
    assert {method for method, _, _ in everything} == methods


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
    read = User.read(sample("response-skeleton.users.info.json"))
    assert read == User("U00000000", "", "", "", deleted=False, workspaces=("T00000000",))
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
