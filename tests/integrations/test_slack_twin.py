"""The Slack twin: as strict as Slack, whatever a client sends; what people do there reaches the app, signed."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations import slack
from integrations.contract import Headers
from integrations.slack.twin import APP, BOT_USER, EVENTS, SCOPES, SlackTwin
from integrations.slack.twin.data import Stamps, micros
from integrations.twin import Ask

SECRET, TOKEN, TEAM = "a signing secret", "xoxb-a-token-of-the-twin", "T0YAMABIKO"
SUPPORT, ESCALATIONS, SATO, TANAKA = "C0SUPPORT1", "C0ESCALATE", "U0SATOMI01", "U0TANAKA02"


@pytest.fixture
def twin() -> SlackTwin:
    events = ("app_mention", "message.channels", "message.groups")
    twin = SlackTwin(
        signing_secret=SECRET, token=TOKEN, team_id=TEAM, scopes=(*SCOPES, "reactions:write"), events=events
    )
    twin.add_channel(SUPPORT, "support")
    twin.add_channel(ESCALATIONS, "escalations", private=True)
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    twin.add_user(TANAKA, "Sho Tanaka", "tanaka@example.co.jp", locale="en-US")
    return twin


FORM = "application/x-www-form-urlencoded"


def ask(method: str, body: bytes = b"", content_type: str = "application/json") -> Ask:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": content_type}
    return Ask("POST", f"/api/{method}", [], headers, body)


def call(twin: SlackTwin, method: str, **arguments: Any) -> dict[str, Any]:
    """Call a method as slack_sdk does: JSON for what may hold blocks, a form for the rest."""
    if method.startswith("chat.") and method != "chat.getPermalink":
        said, _ = twin.answer(ask(method, json.dumps(arguments).encode(), "application/json;charset=utf-8"))
    else:
        form = {name: int(value) if isinstance(value, bool) else value for name, value in arguments.items()}
        said, _ = twin.answer(ask(method, urlencode(form).encode(), FORM))
    body: dict[str, Any] = said.body
    return body


def error(twin: SlackTwin, method: str, **arguments: Any) -> str:
    said = call(twin, method, **arguments)
    assert said["ok"] is False
    return str(said["error"])


def heard(twin: SlackTwin) -> list[dict[str, Any]]:
    """What the app was sent, after checking each signature."""
    requests = []
    for headers, body in twin.held or []:
        raw = Headers([(name.encode(), value.encode()) for name, value in headers.items()])
        slack.verify(raw, body, [SECRET], time.time())
        slack.parse(raw, body)
        requests.append(json.loads(body) if headers["Content-Type"] == "application/json" else {"form": body})
    return requests


# -- how Slack refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer xoxb-wrong", TOKEN + "x"])
def test_calls_without_the_right_token_are_refused_in_a_200(twin: SlackTwin, token: str) -> None:
    said, _ = twin.answer(Ask("POST", "/api/auth.test", [], {"authorization": token}, b""))
    wanted = "not_authed" if token in ("", "Bearer ") else "invalid_auth"
    assert (said.status, said.body) == (200, {"ok": False, "error": wanted})
    assert dict(said.headers) == {"x-slack-failure": wanted}


def test_unknown_methods_are_named(twin: SlackTwin) -> None:
    assert call(twin, "foo.bar") == {"ok": False, "error": "unknown_method", "req_method": "foo.bar"}


def test_answers_tell_the_granted_scopes(twin: SlackTwin) -> None:
    said, _ = twin.answer(ask("auth.test"))
    assert said.headers["x-oauth-scopes"].split(",") == [*SCOPES, "reactions:write"]


@pytest.mark.parametrize(
    ("method", "scope", "arguments"),
    [
        ("chat.postMessage", "chat:write", {"channel": SUPPORT, "text": "x"}),
        ("conversations.history", "channels:history", {"channel": SUPPORT}),
        ("conversations.history", "groups:history", {"channel": ESCALATIONS}),
        ("conversations.info", "groups:read", {"channel": ESCALATIONS}),
        ("conversations.open", "im:write", {"users": SATO}),
        ("users.info", "users:read", {"user": SATO}),
        ("reactions.add", "reactions:write", {"channel": SUPPORT, "timestamp": "1.1", "name": "eyes"}),
    ],
)
def test_missing_scope_is_named(twin: SlackTwin, method: str, scope: str, arguments: dict[str, Any]) -> None:
    twin.scopes = tuple(one for one in SCOPES if one != scope)
    said = call(twin, method, **arguments)
    assert (said["error"], said["needed"]) == ("missing_scope", scope)
    assert scope not in said["provided"].split(",")


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0NOWHERE1", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": SUPPORT}, "no_text"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "x", "blocks": [{"type": "poster"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "x", "metadata": {"key": "1"}}, "invalid_metadata_format"),
        (
            "chat.postMessage",
            {"channel": SUPPORT, "text": "x", "metadata": {"event_type": "a", "event_payload": {"key": "x" * 8000}}},
            "metadata_too_large",
        ),
        ("chat.postMessage", {"channel": SUPPORT, "text": "x", "thread_ts": "1.1"}, "cannot_reply_to_message"),
        ("chat.update", {"channel": SUPPORT, "ts": "1.1", "text": "x"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": SUPPORT, "user": SATO, "text": "x"}, "user_not_in_channel"),
        ("chat.delete", {"channel": SUPPORT, "ts": "1.1"}, "message_not_found"),
        ("chat.getPermalink", {"channel": SUPPORT, "message_ts": "1.1"}, "message_not_found"),
        ("reactions.add", {"channel": SUPPORT, "timestamp": "1.1", "name": "eyes"}, "message_not_found"),
        ("conversations.history", {"channel": SUPPORT, "oldest": "yesterday"}, "invalid_ts_oldest"),
        ("conversations.replies", {"channel": SUPPORT, "ts": "1.1"}, "thread_not_found"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": f"{SATO},{TANAKA}"}, "invalid_user_combination"),
        ("conversations.open", {"users": "U0NOBODY01"}, "user_not_found"),
        ("conversations.list", {"types": "channels"}, "invalid_types"),
        ("conversations.list", {"cursor": "bmV4dDpuZXZlcg=="}, "invalid_cursor"),
        ("users.info", {}, "invalid_arguments"),
        ("users.lookupByEmail", {"email": "stranger@example.co.jp"}, "users_not_found"),
    ],
)
def test_refusal_is_slacks_own_and_changes_nothing(
    twin: SlackTwin, method: str, arguments: dict[str, Any], code: str
) -> None:
    twin.say(SUPPORT, TANAKA, "お疲れさまです")
    before = twin.messages(SUPPORT)
    assert error(twin, method, **arguments) == code
    assert twin.effects == []
    assert twin.messages(SUPPORT) == before


def test_refused_blocks_are_explained(twin: SlackTwin) -> None:
    said = call(twin, "chat.postMessage", channel=SUPPORT, text="x", blocks=[{"type": "poster"}])
    assert said["response_metadata"]["messages"] == ["[ERROR] unsupported type: poster [json-pointer:/blocks/0/type]"]


def test_latest_that_is_no_time_is_refused(twin: SlackTwin) -> None:
    twin.say(SUPPORT, SATO, "一件目")
    assert error(twin, "conversations.history", channel=SUPPORT, latest="soon") == "invalid_ts_latest"


@pytest.mark.parametrize(("body", "code"), [(b"{", "invalid_json"), (b"[7]", "json_not_object")])
def test_broken_json_is_refused(twin: SlackTwin, body: bytes, code: str) -> None:
    said, _ = twin.answer(ask("chat.postMessage", body))
    assert said.body["error"] == code


def test_methods_that_read_do_not_take_json(twin: SlackTwin) -> None:
    said, _ = twin.answer(ask("conversations.info", json.dumps({"channel": SUPPORT}).encode()))
    assert said.body["error"] == "invalid_arguments"


def test_deactivated_people_get_no_direct_messages(twin: SlackTwin) -> None:
    twin.deactivate(SATO)
    assert error(twin, "conversations.open", users=SATO) == "user_disabled"
    assert error(twin, "users.lookupByEmail", email="sato@example.co.jp") == "users_not_found"


def test_private_channel_without_the_bot_is_invisible(twin: SlackTwin) -> None:
    twin.remove_bot(ESCALATIONS)
    assert error(twin, "conversations.info", channel=ESCALATIONS) == "channel_not_found"
    assert error(twin, "chat.postMessage", channel=ESCALATIONS, text="x") == "channel_not_found"
    listed = call(twin, "conversations.list", types="public_channel,private_channel")["channels"]
    assert [channel["id"] for channel in listed] == [SUPPORT]


def test_public_channel_without_the_bot_can_be_seen_but_not_used(twin: SlackTwin) -> None:
    twin.remove_bot(SUPPORT)
    assert call(twin, "conversations.info", channel=SUPPORT)["channel"]["is_member"] is False
    assert error(twin, "chat.postMessage", channel=SUPPORT, text="x") == "not_in_channel"
    twin.scopes = (*SCOPES, "chat:write.public")
    assert call(twin, "chat.postMessage", channel=SUPPORT, text="x")["ok"]


def test_second_message_within_the_second_is_too_fast(twin: SlackTwin) -> None:
    twin.per_channel = 60
    call(twin, "chat.postMessage", channel=SUPPORT, text="x")
    said, _ = twin.answer(ask("chat.postMessage", json.dumps({"channel": SUPPORT, "text": "y"}).encode()))
    assert (said.status, said.body["error"], said.headers["Retry-After"]) == (429, "ratelimited", "1")
    assert call(twin, "chat.postMessage", channel=ESCALATIONS, text="x")["ok"]
    assert len(twin.did("chat.postMessage")) == 2


# -- what Slack keeps -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["json", "form", "query", "get"])
def test_arguments_are_taken_wherever_they_stand(twin: SlackTwin, how: str) -> None:
    blocks = json.dumps([{"type": "divider"}])
    given = {"channel": SUPPORT, "text": "x", "blocks": blocks, "team_id": TEAM}
    asked = {
        "json": ask("chat.postMessage", json.dumps(given | {"blocks": [{"type": "divider"}]}).encode()),
        "form": ask("chat.postMessage", urlencode(given).encode(), FORM),
        "query": replace(ask("chat.postMessage"), query=list(given.items())),
        "get": Ask("GET", "/api/chat.postMessage", list(given.items()), {"authorization": f"Bearer {TOKEN}"}, b""),
    }
    said, _ = twin.answer(asked[how])
    assert said.body["ok"]
    assert [block["type"] for block in twin.messages(SUPPORT)[0]["blocks"]] == ["divider"]


def test_every_ts_is_unique_and_later_than_all_before() -> None:
    moments = iter([1_795_226_640.5, 1_795_226_640.5, 1_795_226_600.0, 1_795_226_641.0])
    stamps = Stamps(lambda: next(moments))
    assert [stamps.next() for _ in range(4)] == [
        "1795226640.500000",
        "1795226640.500001",
        "1795226640.500002",
        "1795226641.000000",
    ]


@pytest.mark.parametrize(
    ("ts", "expected"),
    [("1.5", 1_500_000), ("1795226640.000100", 1_795_226_640_000_100), ("0", 0), ("1.23456789", 1_234_567)],
)
def test_ts_is_read_without_rounding(ts: str, expected: int) -> None:
    assert micros(ts) == expected


@pytest.mark.parametrize("ts", ["", "now", "1.", ".5", "-1", "1e9", "１"])
def test_what_is_no_ts_is_not_read_as_one(ts: str) -> None:
    assert micros(ts) is None


def test_metadata_is_shown_only_to_those_who_ask(twin: SlackTwin) -> None:
    metadata = {"event_type": "yamabiko", "event_payload": {"key": "feedback-12"}}
    call(twin, "chat.postMessage", channel=SUPPORT, text="x", metadata=metadata)
    [plain] = call(twin, "conversations.history", channel=SUPPORT)["messages"]
    [full] = call(twin, "conversations.history", channel=SUPPORT, include_all_metadata=True)["messages"]
    assert "metadata" not in plain
    assert full["metadata"] == metadata


def test_update_without_blocks_drops_them_and_keeps_the_metadata(twin: SlackTwin) -> None:
    metadata = {"event_type": "yamabiko", "event_payload": {"key": "feedback-12"}}
    posted = call(twin, "chat.postMessage", channel=SUPPORT, text="x", metadata=metadata, blocks=[{"type": "divider"}])
    call(twin, "chat.update", channel=SUPPORT, ts=posted["ts"], text="y")
    [message] = twin.messages(SUPPORT)
    assert (message["text"], message["metadata"], "blocks" in message) == ("y", metadata, False)


def test_refused_update_leaves_the_message_as_it_was(twin: SlackTwin) -> None:
    ts = call(twin, "chat.postMessage", channel=SUPPORT, text="x", blocks=[{"type": "divider"}])["ts"]
    before = twin.messages(SUPPORT)
    assert error(twin, "chat.update", channel=SUPPORT, ts=ts, text="y", blocks=[{"type": "poster"}]) == "invalid_blocks"
    assert error(twin, "chat.update", channel=SUPPORT, ts=ts, text="y" * 4001) == "msg_too_long"
    assert twin.messages(SUPPORT) == before


def test_history_shows_newest_first_and_no_replies(twin: SlackTwin) -> None:
    first, second = twin.say(SUPPORT, SATO, "一件目"), twin.say(SUPPORT, TANAKA, "二件目")
    reply = twin.say(SUPPORT, SATO, "一件目への返信", thread_ts=first)
    history = call(twin, "conversations.history", channel=SUPPORT)["messages"]
    assert [message["ts"] for message in history] == [second, first]
    assert {name: history[1][name] for name in ("thread_ts", "reply_count", "reply_users", "latest_reply")} == {
        "thread_ts": first,
        "reply_count": 1,
        "reply_users": [SATO],
        "latest_reply": reply,
    }
    thread = call(twin, "conversations.replies", channel=SUPPORT, ts=first)["messages"]
    assert [(message["ts"], message.get("parent_user_id")) for message in thread] == [(first, None), (reply, SATO)]


def test_history_is_bounded_by_times_that_are_not_included(twin: SlackTwin) -> None:
    one, two, three = (twin.say(SUPPORT, SATO, f"{number}件目") for number in (1, 2, 3))
    between = call(twin, "conversations.history", channel=SUPPORT, oldest=one, latest=three)["messages"]
    assert [message["ts"] for message in between] == [two]
    inclusive = call(twin, "conversations.history", channel=SUPPORT, oldest=one, latest=three, inclusive=True)
    assert [message["ts"] for message in inclusive["messages"]] == [three, two, one]


def test_pages_follow_each_other_while_new_messages_arrive(twin: SlackTwin) -> None:
    written = [twin.say(SUPPORT, SATO, f"{number}件目") for number in range(5)]
    seen, cursor = [], ""
    while True:
        page = call(twin, "conversations.history", channel=SUPPORT, limit=2, cursor=cursor)
        seen += [message["ts"] for message in page["messages"]]
        twin.say(SUPPORT, TANAKA, "割り込み")
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert seen == written[::-1]


def test_members_and_people_are_listed(twin: SlackTwin) -> None:
    twin.say(SUPPORT, TANAKA, "参加しました")
    assert call(twin, "conversations.members", channel=SUPPORT)["members"] == [BOT_USER, TANAKA]
    people = call(twin, "users.list", include_locale=True)["members"]
    assert [(person["id"], person["locale"]) for person in people[1:]] == [(SATO, "ja-JP"), (TANAKA, "en-US")]


def test_archived_channels_can_be_left_out_of_the_list(twin: SlackTwin) -> None:
    twin.archive(SUPPORT)
    assert len(call(twin, "conversations.list")["channels"]) == 1
    assert call(twin, "conversations.list", exclude_archived=True)["channels"] == []


def test_message_can_be_addressed_by_the_channels_name(twin: SlackTwin) -> None:
    assert call(twin, "chat.postMessage", channel="#support", text="x")["channel"] == SUPPORT


def test_message_only_one_person_sees_is_not_kept(twin: SlackTwin) -> None:
    twin.say(SUPPORT, SATO, "お願いします")
    assert call(twin, "chat.postEphemeral", channel=SUPPORT, user=SATO, text="確認しました")["message_ts"]
    assert [message["text"] for message in twin.messages(SUPPORT)] == ["お願いします"]
    assert twin.did("chat.postEphemeral", SUPPORT)[0].facts["user"] == SATO


def test_only_own_messages_can_be_deleted(twin: SlackTwin) -> None:
    theirs = twin.say(SUPPORT, SATO, "お願いします")
    ours = call(twin, "chat.postMessage", channel=SUPPORT, text="確認しました")["ts"]
    assert error(twin, "chat.delete", channel=SUPPORT, ts=theirs) == "cant_delete_message"
    assert call(twin, "chat.delete", channel=SUPPORT, ts=ours)["ok"]
    assert [message["ts"] for message in twin.messages(SUPPORT)] == [theirs]


def test_one_reaction_of_a_kind_is_enough(twin: SlackTwin) -> None:
    ts = twin.say(SUPPORT, SATO, "お願いします")
    assert call(twin, "reactions.add", channel=SUPPORT, timestamp=ts, name="eyes") == {"ok": True}
    assert error(twin, "reactions.add", channel=SUPPORT, timestamp=ts, name="eyes") == "already_reacted"
    assert twin.messages(SUPPORT)[0]["reactions"] == [{"name": "eyes", "users": [BOT_USER], "count": 1}]


# -- what the app hears ---------------------------------------------------------------------------


def test_what_people_say_reaches_the_app_signed(twin: SlackTwin) -> None:
    twin.held = []
    root = twin.say(SUPPORT, SATO, "進捗はいかがですか")
    twin.say(ESCALATIONS, TANAKA, "至急です")
    twin.say(SUPPORT, TANAKA, "明日です", thread_ts=root)
    requests = heard(twin)
    assert [request["event"]["channel_type"] for request in requests] == ["channel", "group", "channel"]
    assert [request["event"].get("thread_ts") for request in requests] == [None, None, root]
    assert len({request["event_id"] for request in requests}) == 3
    assert {(request["team_id"], request["api_app_id"]) for request in requests} == {(TEAM, APP)}


def test_app_hears_nothing_where_it_is_not_a_member(twin: SlackTwin) -> None:
    twin.held = []
    twin.remove_bot(SUPPORT)
    twin.say(SUPPORT, SATO, "内緒です")
    assert heard(twin) == []


def test_app_hears_its_own_messages_and_what_becomes_of_them(twin: SlackTwin) -> None:
    twin.held = []
    ts = call(twin, "chat.postMessage", channel=SUPPORT, text="x", metadata={"event_type": "a", "event_payload": {}})[
        "ts"
    ]
    call(twin, "chat.update", channel=SUPPORT, ts=ts, text="y")
    call(twin, "chat.delete", channel=SUPPORT, ts=ts)
    posted, changed, deleted = (request["event"] for request in heard(twin))
    assert (posted["user"], posted["ts"], "metadata" in posted) == (BOT_USER, ts, False)
    assert (changed["subtype"], changed["previous_message"]["text"]) == ("message_changed", "x")
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)


def test_mention_comes_as_a_message_and_as_a_mention(twin: SlackTwin) -> None:
    twin.held = []
    ts = twin.say(SUPPORT, SATO, f"<@{BOT_USER}> 状況を教えてください")
    events = [request["event"] for request in heard(twin)]
    assert [(event["type"], event["ts"]) for event in events] == [("message", ts), ("app_mention", ts)]


def test_an_app_that_did_not_ask_for_messages_hears_none(twin: SlackTwin) -> None:
    twin.held, twin.events = [], EVENTS
    twin.say(SUPPORT, SATO, f"<@{BOT_USER}> 状況を教えてください")
    posted = call(twin, "chat.postMessage", channel=SUPPORT, text="x")
    call(twin, "chat.delete", channel=SUPPORT, ts=posted["ts"])
    assert heard(twin) == []


def test_direct_messages_are_not_events_we_subscribed(twin: SlackTwin) -> None:
    twin.held = []
    call(twin, "chat.postMessage", channel=SATO, text="x")
    assert heard(twin) == []
    assert [message["text"] for message in twin.messages("D0SATOMI01")] == ["x"]


def test_commands_and_interactions_are_sent_as_signed_forms(twin: SlackTwin) -> None:
    twin.held = []
    twin.send_form({"command": "/yamabiko", "text": "青葉 & 製作所", "trigger_id": "1.2.3", "team_id": TEAM})
    twin.send_form({"type": "shortcut", "callback_id": "file_wish", "trigger_id": "1.2.4", "team": {"id": TEAM}})
    heard(twin)
    topics = [
        slack.parse(Headers([(b"content-type", headers["Content-Type"].encode())]), body).topic
        for headers, body in twin.held
    ]
    assert topics == ["command:/yamabiko", "shortcut:file_wish"]


def test_same_seed_gives_the_same_ids() -> None:
    def first_id(seed: int) -> str:
        twin = SlackTwin(signing_secret=SECRET, token=TOKEN, team_id=TEAM, seed=seed)
        twin.add_channel(SUPPORT, "support")
        twin.add_user(SATO, "佐藤", "")
        ts = twin.say(SUPPORT, SATO, "x")
        return str(twin.channels[SUPPORT].messages[ts]["client_msg_id"])

    assert first_id(1) == first_id(1) != first_id(2)
