"""The Slack client against the twin, over a real socket: what it says, and what it makes of trouble."""

from __future__ import annotations

import email.utils
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx
import pytest

import integrations.http as http
import integrations.slack.api as api
import integrations.slack.client as slack_client
import integrations.slack.history as history
from integrations.contract import Permanent, RateLimited, Transient, Unsure, Unwelcome
from integrations.pace import Pace
from integrations.slack import Channel, Identity, Posted, SlackClient, User, View, blocks, views
from integrations.slack.twin import BOT_USER, SCOPES, SlackTwin
from integrations.slack.twin.modals import TRIGGER_SECONDS
from integrations.spacing import Spacing
from integrations.twin import Fault, Said
from integrations.twin_server import Serving, serve
from integrations.untrusted import Node
from tests.silence import impatient

TOKEN, TEAM = "xoxb-a-token-of-the-twin", "T0YAMABIKO"
SUPPORT, ESCALATIONS, SATO = "C0SUPPORT1", "C0ESCALATE", "U0SATOMI01"
TEXT = "青葉製作所 様のご要望に結論が出ました"
BLOCKS = [blocks.section(TEXT)]
FORM = views.modal(
    "judge", "解約リスク", [views.text_input("next_step", "次にすること")], submit="記録する", close="あとで"
)
LOADING = views.notice("経緯", [blocks.section("調べています。")], close="閉じる")


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
    twin.clock = lambda: 100.0  # nobody is late on a slow machine
    twin.add_channel(SUPPORT, "support")
    twin.add_channel(ESCALATIONS, "escalations", private=True)
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    served[0]["slack"] = twin
    return twin


class Unhurried(Pace):
    """A budget without end: these tests do not wait."""

    def wait(self) -> None:
        pass


@pytest.fixture
def base_url(served: tuple[dict[str, Any], Serving]) -> str:
    return f"{served[1].url}/slack/api/"


@pytest.fixture
def client(twin: SlackTwin, base_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackClient]:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    monkeypatch.setattr(slack_client, "MESSAGE_SPACING", 0.0)
    with closing(SlackClient(base_url, TOKEN, pace=Unhurried(1, 1.0))) as client:
        impatient(client, twin)
        yield client


@pytest.fixture
def hurried(base_url: str) -> Iterator[SlackClient]:
    """A client that keeps to Slack's budgets, and to a second between two messages."""
    with closing(SlackClient(base_url, TOKEN)) as client:
        yield client


def post(client: SlackClient) -> Posted:
    return client.post(SUPPORT, TEXT, BLOCKS, marker="feedback-12")


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "said"),
    [("xoxb-wrong", "Slack answered invalid_auth to auth.test"), ("", "Slack's address or token cannot be sent")],
)
def test_wrong_token_is_for_a_person_to_mend(twin: SlackTwin, base_url: str, token: str, said: str) -> None:
    with closing(SlackClient(base_url, token)) as client, pytest.raises(Permanent, match=said):
        client.whoami()


def test_missing_scope_is_named(twin: SlackTwin, client: SlackClient) -> None:
    twin.scopes = tuple(scope for scope in SCOPES if scope != "users:read.email")
    with pytest.raises(Permanent, match=r"missing_scope to users\.lookupByEmail: it needs the scope users:read\.email"):
        client.lookup("sato@example.co.jp")


def test_without_the_right_to_write_whatever_is_to_be_said_can_wait(twin: SlackTwin, client: SlackClient) -> None:
    twin.scopes = tuple(scope for scope in SCOPES if scope != "chat:write")
    with pytest.raises(Unwelcome, match="needs the scope chat:write"):
        post(client)


def test_archived_channel_refuses_messages(twin: SlackTwin, client: SlackClient) -> None:
    twin.archive(SUPPORT)
    with pytest.raises(Permanent, match="is_archived") as refused:
        post(client)
    assert not isinstance(refused.value, Unwelcome)  # it is about this channel, for good


def test_channel_without_the_bot_refuses_messages(twin: SlackTwin, client: SlackClient) -> None:
    twin.remove_bot(SUPPORT)
    with pytest.raises(Permanent, match="not_in_channel") as refused:
        post(client)
    assert not isinstance(refused.value, Unwelcome)  # other channels and people can be written to
    with pytest.raises(Permanent, match="not_in_channel"):
        client.find(SUPPORT, "feedback-12", oldest=0)


def test_unknown_channel_refuses_messages(client: SlackClient) -> None:
    with pytest.raises(Permanent, match="channel_not_found"):
        client.post("C0NOWHERE1", TEXT, BLOCKS, marker="feedback-12")


def test_reply_to_a_reply_is_refused(client: SlackClient) -> None:
    root = post(client)
    reply = client.post(SUPPORT, TEXT, [], marker="feedback-13", thread_ts=root.ts)
    with pytest.raises(Permanent, match="cannot_reply_to_message"):
        client.post(SUPPORT, TEXT, [], marker="feedback-14", thread_ts=reply.ts)


def test_refusal_of_blocks_does_not_quote_them(twin: SlackTwin, client: SlackClient) -> None:
    wrong = [{"type": "section", "text": {"type": "plain_text", "text": TEXT, "verbatim": True}}]
    with pytest.raises(Permanent) as caught:
        client.post(SUPPORT, TEXT, wrong, marker="feedback-12")
    assert str(caught.value) == "Slack answered invalid_blocks to chat.postMessage"
    assert twin.effects == []


def test_somebody_elses_message_cannot_be_updated(twin: SlackTwin, client: SlackClient) -> None:
    ts = twin.say(SUPPORT, SATO, "お願いします")
    with pytest.raises(Permanent, match="cant_update_message"):
        client.update(SUPPORT, ts, TEXT, BLOCKS)


def test_message_that_is_gone_has_no_address(client: SlackClient) -> None:
    with pytest.raises(Permanent, match="message_not_found"):
        client.permalink(SUPPORT, "1795226640.000100")


# -- expected refusals ----------------------------------------------------------------------------


def test_update_of_a_message_that_is_gone_is_false(client: SlackClient) -> None:
    assert client.update(SUPPORT, "1795226640.000100", TEXT, BLOCKS) is False


def test_strangers_and_people_who_left_are_not_found(twin: SlackTwin, client: SlackClient) -> None:
    twin.deactivate(SATO)
    assert client.lookup("sato@example.co.jp") is None
    assert client.lookup("stranger@example.co.jp") is None


@pytest.mark.fault("F37")
def test_a_form_is_given_up_before_slack_gives_us_up(twin: SlackTwin, hurried: SlackClient) -> None:
    """The person who pressed waits three seconds for our answer, which waits for the form."""
    assert hurried._prompt._wire._deadline < TRIGGER_SECONDS
    impatient(hurried, twin)
    twin.fail("POST /api/views.open", Fault("hang"))
    with pytest.raises(Unsure):
        hurried.open_view("1.2.3", {})
    assert [route for route, _ in twin.calls] == ["POST /api/views.open"]


def test_channels_that_are_unknown_or_archived_do_not_exist(twin: SlackTwin, client: SlackClient) -> None:
    twin.archive(SUPPORT)
    twin.remove_bot(ESCALATIONS)
    assert client.channel(SUPPORT) is None
    assert client.channel(ESCALATIONS) is None
    assert client.channel("C0NOWHERE1") is None


def test_a_channel_that_the_bot_is_not_in_is_there_all_the_same(twin: SlackTwin, client: SlackClient) -> None:
    twin.remove_bot(SUPPORT)
    assert client.channel(SUPPORT) == Channel(SUPPORT, is_member=False)


@pytest.mark.parametrize("code", slack_client.SPENT_TRIGGERS)
def test_trigger_that_is_spent_opens_nothing(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer({"ok": False, "error": code}))
    assert client.open_view("1.2.3", FORM) is None


def test_trigger_is_good_once_and_for_three_seconds(twin: SlackTwin, client: SlackClient) -> None:
    used, late = twin.new_trigger(SATO), twin.new_trigger(SATO)
    assert client.open_view(used, FORM)
    assert client.open_view(used, FORM) is None
    twin.clock = lambda: 103.5
    assert client.open_view(late, FORM) is None
    assert client.open_view("1.2.3", FORM) is None
    assert len(twin.did("views.open")) == 1


def test_view_that_slack_refuses_is_for_a_person_to_mend(twin: SlackTwin, client: SlackClient) -> None:
    with pytest.raises(Permanent, match=r"^Slack answered invalid_arguments to views\.open$"):
        client.open_view(twin.new_trigger(SATO), FORM | {"title": blocks.plain("題" * 25, 30)})


def test_view_that_changed_or_was_closed_is_not_updated(twin: SlackTwin, client: SlackClient) -> None:
    view = client.open_view(twin.new_trigger(SATO), LOADING)
    assert view
    assert client.update_view(view.id, FORM, view.hash)
    assert client.update_view(view.id, LOADING, view.hash) is False
    twin.close(SATO)
    assert client.update_view(view.id, LOADING) is False


def test_nobody_whispers_where_they_are_not(twin: SlackTwin, client: SlackClient) -> None:
    assert client.whisper(ESCALATIONS, SATO, TEXT) is False
    assert client.whisper("C0NOWHERE1", SATO, TEXT) is False
    twin.join(ESCALATIONS, SATO)
    twin.remove_bot(ESCALATIONS)
    assert client.whisper(ESCALATIONS, SATO, TEXT) is False
    assert twin.did("chat.postEphemeral") == []


def test_step_that_is_over_or_unknown_is_not_ended_again(twin: SlackTwin, client: SlackClient) -> None:
    execution = twin.start_step("escalate_complaint", {"gist": "x"}, SATO)
    assert client.complete_step(execution, {"escalation": "31"})
    assert client.complete_step(execution, {"escalation": "32"}) is False
    assert client.fail_step(execution, "会社が見つかりません。") is False
    assert client.complete_step("Fx0NOWHERE1", {}) is False
    assert client.fail_step("Fx0NOWHERE1", "会社が見つかりません。") is False
    assert twin.step(execution)["outputs"] == {"escalation": "31"}


def test_an_id_that_is_nobodys_is_nobody(client: SlackClient) -> None:
    assert client.user("U0NOBODY01") is None


# -- verbs ----------------------------------------------------------------------------------------


def test_modal_opens_and_gives_way_to_another(twin: SlackTwin, client: SlackClient) -> None:
    view = client.open_view(twin.new_trigger(SATO), LOADING)
    shown = twin.view_of(SATO)
    assert view and shown
    assert (view, shown["callback_id"]) == (View(shown["id"], shown["hash"]), "")
    assert client.update_view(view.id, FORM)
    shown = twin.view_of(SATO)
    assert shown
    assert (shown["callback_id"], shown["blocks"][0]["block_id"]) == ("judge", "next_step")


def test_whisper_is_heard_by_one_person_and_kept_by_nobody(twin: SlackTwin, client: SlackClient) -> None:
    twin.join(SUPPORT, SATO)
    assert client.whisper(SUPPORT, SATO, TEXT, BLOCKS)
    assert client.whisper(SUPPORT, SATO, " ")
    heard = twin.whispers_to(SATO)
    assert [message["text"] for message in heard] == [TEXT, "–"]
    assert [block["text"] for block in heard[0]["blocks"]] == [BLOCKS[0]["text"]]
    assert twin.messages(SUPPORT) == []


def test_a_whisper_in_a_thread_stands_there(twin: SlackTwin, client: SlackClient) -> None:
    ts = twin.say(SUPPORT, SATO, "お客様からの質問です")
    assert client.whisper(SUPPORT, SATO, TEXT, thread_ts=ts)
    assert [message["thread_ts"] for message in twin.whispers_to(SATO)] == [ts]


def test_step_ends_well_or_with_a_sentence(twin: SlackTwin, client: SlackClient) -> None:
    good, bad = (twin.start_step("escalate_complaint", {"gist": "x"}, SATO) for _ in range(2))
    assert client.complete_step(good, {"escalation": "31"})
    assert client.fail_step(bad, "会社「A&B」が見つかりません。")
    assert (twin.step(good)["state"], twin.step(good)["outputs"]) == ("completed", {"escalation": "31"})
    assert (twin.step(bad)["state"], twin.step(bad)["error"]) == ("failed", "会社「A&B」が見つかりません。")


def test_message_is_posted_as_said_and_marked(twin: SlackTwin, client: SlackClient) -> None:
    posted = post(client)
    [effect] = twin.did("chat.postMessage", SUPPORT)
    assert effect.facts["marker"] == "feedback-12"
    [shown] = twin.messages(SUPPORT)
    assert (posted, shown["text"], shown["name"]) == (Posted(SUPPORT, shown["ts"]), TEXT, "yamabiko")
    assert [block["text"] for block in shown["blocks"]] == [block["text"] for block in BLOCKS]


def test_reply_goes_into_its_thread(twin: SlackTwin, client: SlackClient) -> None:
    root = twin.say(SUPPORT, SATO, "進捗はいかがですか")
    client.post(SUPPORT, TEXT, BLOCKS, marker="feedback-12", thread_ts=root)
    assert [message.get("thread_ts") for message in twin.messages(SUPPORT)] == [root, root]


def test_message_to_a_person_tells_where_it_went(twin: SlackTwin, client: SlackClient) -> None:
    posted = client.post(SATO, TEXT, BLOCKS, marker="feedback-12")
    assert posted.channel == client.direct(SATO) == "D0SATOMI01"
    assert client.find(posted.channel, "feedback-12", oldest=time.time() - 60) == posted


def test_text_that_is_too_long_or_empty_is_made_to_fit(twin: SlackTwin, client: SlackClient) -> None:
    posted = client.post(SUPPORT, "あ" * 50_000, [], marker="feedback-12")
    assert client.update(posted.channel, posted.ts, "い" * 50_000, [blocks.section("う")] * 60)
    client.post(SUPPORT, " ", [], marker="feedback-13")
    [long, empty] = twin.messages(SUPPORT)
    assert (len(long["text"]), long["text"][-2:], len(long["blocks"])) == (4000, "い…", 50)
    assert empty["text"] == "–"


def test_message_is_found_by_its_marker(twin: SlackTwin, client: SlackClient) -> None:
    started = time.time()
    client.post(SUPPORT, TEXT, BLOCKS, marker="feedback-11")
    posted = post(client)
    twin.say(SUPPORT, SATO, "feedback-12")
    assert client.find(SUPPORT, "feedback-12", oldest=started - 60) == posted
    assert client.find(SUPPORT, "feedback-1", oldest=started - 60) is None
    assert client.find(SUPPORT, "feedback-12", oldest=time.time() + 60) is None


def test_reply_is_found_in_its_thread_only(twin: SlackTwin, client: SlackClient) -> None:
    root = twin.say(ESCALATIONS, SATO, "至急です")
    reply = client.post(ESCALATIONS, TEXT, BLOCKS, marker="escalation-3", thread_ts=root)
    assert client.find(ESCALATIONS, "escalation-3", oldest=0, thread_ts=root) == reply
    assert client.find(ESCALATIONS, "escalation-3", oldest=0) is None
    assert client.find(ESCALATIONS, "escalation-4", oldest=0, thread_ts=root) is None


def test_thread_that_is_gone_holds_nothing(client: SlackClient) -> None:
    assert client.find(SUPPORT, "feedback-12", oldest=0, thread_ts="1795226640.000100") is None


def test_updated_message_keeps_its_marker(client: SlackClient) -> None:
    posted = post(client)
    assert client.update(posted.channel, posted.ts, "対応が終わりました", BLOCKS)
    assert client.find(SUPPORT, "feedback-12", oldest=0) == posted


def test_marker_is_found_pages_back(twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    posted = post(client)
    for number in range(6):
        twin.say(SUPPORT, SATO, f"{number}件目")
    assert client.find(SUPPORT, "feedback-12", oldest=0) == posted
    assert twin.calls.count(("POST /api/conversations.history", 200)) == 4


def test_search_that_cannot_reach_the_end_says_so(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 1)
    for number in range(11):
        twin.say(SUPPORT, SATO, f"{number}件目")
    with pytest.raises(Permanent, match="not among the first 10 messages"):
        client.find(SUPPORT, "feedback-12", oldest=0)


def test_other_apps_metadata_is_passed_over(twin: SlackTwin, client: SlackClient) -> None:
    ts = twin.say(SUPPORT, SATO, "別のアプリです")
    foreign: Any
    for foreign in ({"event_type": "task", "event_payload": {"key": "feedback-12"}}, {"event_payload": []}, None):
        twin.channels[SUPPORT].messages[ts]["metadata"] = foreign
        assert client.find(SUPPORT, "feedback-12", oldest=0) is None


def test_update_replaces_text_and_blocks(twin: SlackTwin, client: SlackClient) -> None:
    posted = post(client)
    assert client.update(posted.channel, posted.ts, "対応が終わりました", [blocks.section("完了")])
    [shown] = twin.messages(SUPPORT)
    assert (shown["text"], shown["edited"]) == ("対応が終わりました", True)
    assert [block["text"]["text"] for block in shown["blocks"]] == ["完了"]
    assert client.update(posted.channel, posted.ts, "取り消しました", [])
    assert "blocks" not in twin.messages(SUPPORT)[0]


def test_message_has_an_address(client: SlackClient) -> None:
    root = post(client)
    reply = client.post(SUPPORT, TEXT, [], marker="feedback-13", thread_ts=root.ts)
    digits = root.ts.replace(".", "")
    assert client.permalink(SUPPORT, root.ts) == f"https://yamabiko-shokai.slack.com/archives/{SUPPORT}/p{digits}"
    assert client.permalink(SUPPORT, reply.ts).endswith(f"?thread_ts={root.ts}&cid={SUPPORT}")


def test_person_is_found_by_address_and_described(twin: SlackTwin, client: SlackClient) -> None:
    assert client.lookup("SATO@example.co.jp") == SATO
    described = User(SATO, "佐藤 みらい", "Asia/Tokyo", "ja-JP", deleted=False)
    described = replace(described, email="sato@example.co.jp", workspaces=(TEAM,))
    assert client.user(SATO) == client.user(SATO, soon=True) == described
    twin.deactivate(SATO)
    left = client.user(SATO)
    assert left is not None and left.deleted


@pytest.mark.parametrize(
    "flags",
    [
        {"is_guest": True},
        {"is_single_channel_guest": True},
        {"team_id": "T0ELSEWHERE"},
        {"deleted": True},
        {"is_bot": True},
    ],
)
def test_only_a_full_member_is_one(twin: SlackTwin, client: SlackClient, flags: dict[str, Any]) -> None:
    member = client.user(SATO)
    assert member is not None and member.is_member(TEAM) and member.is_member("")
    twin.estrange(SATO, **flags)
    other = client.user(SATO)
    assert other is not None and not other.is_member(TEAM)


@pytest.mark.parametrize(
    ("said", "is_member"),
    [
        ({"team_id": TEAM, "is_stranger": True}, False),
        ({"team_id": "T0ORGANISATION", "enterprise_user": {"teams": [TEAM, "T0OTHER"]}}, True),
        ({"team_id": "T0ORGANISATION", "enterprise_user": {"teams": ["T0OTHER"]}}, False),
        ({}, True),
    ],
)
def test_a_workspace_of_an_organisation_counts_and_a_stranger_does_not(said: dict[str, Any], is_member: bool) -> None:
    user = User.read(Node({"user": {"id": SATO, "name": "sato"} | said}, ""))
    assert user.is_member(TEAM) == is_member


@pytest.mark.parametrize(("confirmed", "email"), [(True, "a@x.example"), (False, ""), (None, "a@x.example")])
def test_an_address_that_nobody_confirmed_is_none(confirmed: bool | None, email: str) -> None:
    said = {"id": SATO, "name": "sato", "profile": {"email": "A@x.example"}, "is_email_confirmed": confirmed}
    assert User.read(Node({"user": said}, "")).email == email


def test_identity_tells_workspace_bot_and_scopes(client: SlackClient) -> None:
    assert client.whoami() == Identity(TEAM, "山びこ商会", BOT_USER, SCOPES)


def test_channels_of_both_kinds_exist(client: SlackClient) -> None:
    assert client.channel(SUPPORT) == Channel(SUPPORT, is_member=True)
    assert client.channel(ESCALATIONS) == Channel(ESCALATIONS, is_member=True)


def test_a_channel_tells_whether_another_company_is_in_it(twin: SlackTwin, client: SlackClient) -> None:
    twin.channels[SUPPORT].shared = True
    assert client.channel(SUPPORT) == Channel(SUPPORT, is_member=True, is_shared=True)


@pytest.mark.parametrize("kind", ["is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared"])
def test_every_way_of_sharing_a_channel_counts(kind: str) -> None:
    said = {"channel": {"id": SUPPORT, "is_member": True, kind: True}}
    assert Channel.read(Node(said, "")).is_shared


def test_everybody_in_a_channel_is_told_page_by_page(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_client, "PAGE", 1)
    twin.join(SUPPORT, SATO)
    assert set(client.members(SUPPORT, most=2) or ()) == {BOT_USER, SATO}
    assert client.members(SUPPORT, most=1) is None
    assert client.members("C0NOWHERE1", most=2) is None


def test_opening_direct_messages_twice_opens_them_once(twin: SlackTwin, client: SlackClient) -> None:
    assert client.direct(SATO) == client.direct(SATO)
    assert len(twin.did("conversations.open")) == 1


# -- trouble while writing ------------------------------------------------------------------------

#: What leaves a write unclear, and whether it was carried out.
UNCLEAR = {
    "500": False,
    "503": False,
    "lost": False,
    "hang": True,
    "late": True,
    "reset": True,
    "truncated": True,
    "html": True,
    "late-500": True,
}

Act = Callable[[SlackClient, Posted], Any]
STATES: dict[str, tuple[str, Act]] = {
    "update": ("POST /api/chat.update", lambda client, posted: client.update(posted.channel, posted.ts, TEXT, BLOCKS)),
    "direct": ("POST /api/conversations.open", lambda client, posted: client.direct(SATO)),
}
READS: dict[str, tuple[str, Act]] = {
    "find": ("POST /api/conversations.history", lambda client, posted: client.find(SUPPORT, "feedback-12", oldest=0)),
    "permalink": ("POST /api/chat.getPermalink", lambda client, posted: client.permalink(SUPPORT, posted.ts)),
    "lookup": ("POST /api/users.lookupByEmail", lambda client, posted: client.lookup("sato@example.co.jp")),
    "user": ("POST /api/users.info", lambda client, posted: client.user(SATO)),
    "whoami": ("POST /api/auth.test", lambda client, posted: client.whoami()),
    "channel": ("POST /api/conversations.info", lambda client, posted: client.channel(SUPPORT)),
    "members": ("POST /api/conversations.members", lambda client, posted: client.members(SUPPORT, 10)),
}
REPEATABLE = STATES | READS


@pytest.mark.parametrize("kind", UNCLEAR)
def test_message_without_clear_answer_is_looked_for_not_repeated(
    twin: SlackTwin, client: SlackClient, kind: str
) -> None:
    twin.fail("POST /api/chat.postMessage", Fault(kind))
    with pytest.raises(Unsure):
        post(client)
    assert [route for route, _ in twin.calls] == ["POST /api/chat.postMessage"]
    found = client.find(SUPPORT, "feedback-12", oldest=time.time() - 60)
    assert (found is not None, len(twin.did("chat.postMessage"))) == (UNCLEAR[kind], int(UNCLEAR[kind]))


@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("verb", STATES)
def test_write_that_states_something_outlasts_a_hiccup(
    twin: SlackTwin, client: SlackClient, verb: str, kind: str
) -> None:
    posted, (route, act) = post(client), STATES[verb]
    twin.fail(route, Fault(kind))
    assert act(client, posted)
    assert [called for called, _ in twin.calls].count(route) == 2
    assert len(twin.messages(SUPPORT)) == 1


@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("verb", READS)
def test_read_outlasts_a_hiccup(twin: SlackTwin, client: SlackClient, verb: str, kind: str) -> None:
    posted, (route, act) = post(client), READS[verb]
    expected = act(client, posted)
    twin.fail(route, Fault(kind))
    assert act(client, posted) == expected


@pytest.mark.fault("F47")
@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("verb", REPEATABLE)
def test_what_may_be_repeated_is_given_up_after_three_attempts(
    twin: SlackTwin, client: SlackClient, verb: str, kind: str
) -> None:
    posted, (route, act) = post(client), REPEATABLE[verb]
    twin.fail(route, *[Fault(kind)] * 3)
    before = len(twin.calls)
    with pytest.raises(Transient):
        act(client, posted)
    assert len(twin.calls) - before == 3


@pytest.mark.parametrize("kind", UNCLEAR)
def test_view_whispers_and_guarded_changes_without_clear_answer_are_not_repeated(
    twin: SlackTwin, client: SlackClient, kind: str
) -> None:
    """A second attempt would find the trigger used and the hash changed, by nobody but us."""
    view = client.open_view(twin.new_trigger(SATO), LOADING)
    assert view
    acts: dict[str, Callable[[], Any]] = {
        "views.open": lambda: client.open_view(twin.new_trigger(SATO), FORM),
        "views.update": lambda: client.update_view(view.id, FORM, view.hash),
        "chat.postEphemeral": lambda: client.whisper(SUPPORT, SATO, TEXT),
    }
    for method, act in reversed(acts.items()):
        twin.fail(f"POST /api/{method}", Fault(kind))
        before = len(twin.calls)
        with pytest.raises(Unsure, match=method):
            act()
        assert len(twin.calls) - before == 1


@pytest.mark.parametrize("kind", UNCLEAR)
def test_view_is_replaced_after_a_hiccup_where_no_hash_guards_it(
    twin: SlackTwin, client: SlackClient, kind: str
) -> None:
    view = client.open_view(twin.new_trigger(SATO), LOADING)
    assert view
    twin.fail("POST /api/views.update", Fault(kind))
    assert client.update_view(view.id, FORM)
    shown = twin.view_of(SATO)
    assert shown
    assert shown["callback_id"] == "judge"


@pytest.mark.parametrize("kind", UNCLEAR)
def test_step_ends_once_after_a_hiccup(twin: SlackTwin, client: SlackClient, kind: str) -> None:
    """False where the lost answer was to the attempt that ended it: it is over either way."""
    execution = twin.start_step("escalate_complaint", {"gist": "x"}, SATO)
    twin.fail("POST /api/functions.completeSuccess", Fault(kind))
    assert client.complete_step(execution, {"escalation": "31"}) is not UNCLEAR[kind]
    assert twin.step(execution)["outputs"] == {"escalation": "31"}
    assert len(twin.did("functions.completeSuccess")) == 1


@pytest.mark.parametrize("rest", [{}, {"view": []}, {"view": {"hash": "1.a"}}, {"view": {"id": 7, "hash": []}}])
def test_open_view_without_its_id_is_unclear(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, rest: dict[str, Any]
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer({"ok": True} | rest))
    with pytest.raises(Unsure, match="cannot be read"):
        client.open_view("1.2.3", FORM)


@pytest.mark.parametrize("code", api.FAILURES)
def test_slacks_own_failure_leaves_a_message_unclear_and_a_read_for_later(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer({"ok": False, "error": code}))
    with pytest.raises(Unsure, match=code):
        post(client)
    with pytest.raises(Transient, match=code):
        client.whoami()


@pytest.mark.parametrize("rest", [{}, {"channel": SUPPORT}, {"ts": "1795226640.000100", "channel": []}])
def test_posted_message_without_its_ts_is_unclear(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, rest: dict[str, Any]
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer({"ok": True} | rest))
    with pytest.raises(Unsure, match="cannot be read"):
        post(client)


@pytest.mark.parametrize("answer", [[], ["ok"], "text", 7, None, {}, {"ok": False}, {"ok": False, "error": "Text"}])
def test_answer_that_is_not_slacks_is_unclear(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer(answer))
    with pytest.raises(Unsure):
        post(client)
    with pytest.raises(Transient):
        client.whoami()


def api_answer(body: Any) -> Said:
    return Said(200, b"null" if body is None else body)


@pytest.mark.fault("F36")
def test_refused_connection_is_for_later_even_when_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}/api/"
        with closing(SlackClient(nowhere, TOKEN)) as client, pytest.raises(Transient, match="cannot be reached"):
            post(client)


#: Slack never heard us, or may have: what httpx raises.
UNHEARD = (httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("all are taken"))
PERHAPS_HEARD = (
    httpx.ReadTimeout("silence"),
    httpx.WriteError("broken pipe"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("no answer"),
)


def breaking_off(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[str]:
    """Let every request end in an error; returns where they went."""
    asked: list[str] = []

    def handle(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        raise error

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    return asked


@pytest.mark.parametrize("error", UNHEARD, ids=repr)
def test_message_that_never_left_is_tried_again(
    client: SlackClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asked = breaking_off(monkeypatch, error)
    with pytest.raises(Transient, match="cannot be reached"):
        post(client)
    assert len(asked) == 3


@pytest.mark.parametrize("error", PERHAPS_HEARD, ids=repr)
def test_message_that_may_have_left_is_sent_once(
    client: SlackClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asked = breaking_off(monkeypatch, error)
    with pytest.raises(Unsure, match=r"did not answer chat\.postMessage"):
        post(client)
    assert len(asked) == 1
    with pytest.raises(Transient):
        client.whoami()


@pytest.mark.fault("F40")
def test_a_redirect_takes_our_token_nowhere(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Said(302, b"{}", {"location": "https://elsewhere.example/api/auth.test"})
    monkeypatch.setattr(twin, "guard", lambda ask: elsewhere)
    with pytest.raises(Permanent, match=r"Slack answered 302 to auth\.test"):
        client.whoami()


@pytest.mark.fault("F37")
def test_an_answer_that_is_far_too_large_is_not_read_to_its_end(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client._api._wire, "_largest", 1000)
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer({"ok": True, "filler": "x" * 2000}))
    with pytest.raises(Transient, match=r"did not answer auth\.test"):
        client.whoami()


# -- rate limits ----------------------------------------------------------------------------------

SOON: dict[str, Callable[[], dict[str, str]]] = {
    "seconds": lambda: {"Retry-After": "1"},
    "zero": lambda: {"Retry-After": "0"},
    "negative": lambda: {"Retry-After": "-5"},
    "a date": lambda: {"Retry-After": email.utils.formatdate(time.time() + 2, usegmt=True)},
    "nonsense": lambda: {"Retry-After": "soon"},
    "nothing": lambda: {},
}


@pytest.mark.parametrize("verb", ["post", *STATES])
@pytest.mark.parametrize("form", SOON)
def test_short_rate_limit_is_waited_for(twin: SlackTwin, client: SlackClient, verb: str, form: str) -> None:
    routes = STATES | {"post": ("POST /api/chat.postMessage", lambda client, posted: post(client))}
    posted, (route, act) = post(client), routes[verb]
    twin.fail(route, Fault("429", headers=SOON[form]()))
    before = len(twin.effects)
    assert act(client, posted)
    assert len(twin.effects) == before + 1


@pytest.mark.parametrize(("asked", "understood"), [("120", 120.0), ("1e9", 900.0)])
def test_long_rate_limit_is_handed_back_at_once(
    twin: SlackTwin, client: SlackClient, asked: str, understood: float
) -> None:
    twin.fail("POST /api/chat.postMessage", Fault("429", headers={"Retry-After": asked}))
    with pytest.raises(RateLimited) as caught:
        post(client)
    assert caught.value.retry_after == understood
    assert twin.effects == []


def test_rate_limit_closes_its_own_method_only(twin: SlackTwin, hurried: SlackClient) -> None:
    twin.fail("POST /api/users.info", Fault("429", headers={"Retry-After": "60"}))
    for _ in range(2):
        with pytest.raises(RateLimited):
            hurried.user(SATO)
    assert twin.calls.count(("POST /api/users.info", 429)) == 1
    assert hurried.lookup("sato@example.co.jp") == SATO


def test_rate_limit_in_a_200_is_one_all_the_same(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: api_answer({"ok": False, "error": "rate_limited"}))
    with pytest.raises(RateLimited):
        post(client)


def test_unavailable_service_says_when_to_come_back(twin: SlackTwin, client: SlackClient) -> None:
    twin.fail("POST /api/auth.test", Fault("503", headers={"Retry-After": "30"}))
    with pytest.raises(Transient) as caught:
        client.whoami()
    assert caught.value.retry_after == 30


# -- one message per second and channel -----------------------------------------------------------


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_first_message_and_other_channels_do_not_wait() -> None:
    clock = Clock()
    spacing = Spacing(1.0, clock=clock, sleep=clock.sleep)
    for channel in (SUPPORT, ESCALATIONS, SATO):
        spacing.wait(channel)
    assert clock.slept == []


def test_second_message_waits_for_what_is_left_of_the_second() -> None:
    clock = Clock()
    spacing = Spacing(1.0, clock=clock, sleep=clock.sleep)
    spacing.wait(SUPPORT)
    clock.now += 0.25
    spacing.wait(SUPPORT)
    clock.now += 1.0
    spacing.wait(SUPPORT)
    assert clock.slept == [0.75]


def test_turn_that_is_far_away_is_handed_back() -> None:
    clock = Clock()
    spacing = Spacing(1.0, clock=clock, sleep=lambda seconds: None)  # six threads at the same moment
    for _ in range(6):
        spacing.wait(SUPPORT)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            spacing.wait(SUPPORT)
        assert caught.value.retry_after == 6.0


def test_client_keeps_slacks_pace(twin: SlackTwin, hurried: SlackClient) -> None:
    twin.per_channel, twin.clock = 0.9, (clock := Clock())
    hurried._spacing = Spacing(slack_client.MESSAGE_SPACING, clock=clock, sleep=clock.sleep)
    for number in range(3):
        hurried.post(SUPPORT, TEXT, [], marker=f"feedback-{number}")
    assert [status for route, status in twin.calls if "postMessage" in route] == [200, 200, 200]


def test_hurried_client_would_meet_the_limit(twin: SlackTwin, client: SlackClient) -> None:
    twin.per_channel = 60
    post(client)
    with pytest.raises(RateLimited):
        post(client)


# -- discretion -----------------------------------------------------------------------------------


@pytest.mark.fault("F69")
def test_nothing_is_unfolded_linked_or_retried_behind_our_back(twin: SlackTwin, client: SlackClient) -> None:
    asked: list[Any] = []
    twin.watchers.append(lambda ask, said: asked.append(ask.json()))
    posted = post(client)
    client.update(posted.channel, posted.ts, TEXT, BLOCKS)
    client.whisper(SUPPORT, SATO, TEXT, BLOCKS)
    unfolded = [(ask.get("unfurl_links"), ask.get("unfurl_media")) for ask in asked]
    assert unfolded == [(False, False), (None, None), (None, None)]
    for ask in asked:
        assert "link_names" not in ask
        assert ask["parse"] == "none"


@pytest.mark.fault("F80")
@pytest.mark.parametrize("kind", [None, "truncated", "html", "500", "reset"])
def test_neither_token_nor_text_is_logged_or_raised(
    twin: SlackTwin, client: SlackClient, caplog: pytest.LogCaptureFixture, kind: str | None
) -> None:
    caplog.set_level(logging.DEBUG)
    if kind:
        twin.fail("POST /api/chat.postMessage", Fault(kind))
    said = ""
    try:
        post(client)
    except Unsure as error:
        said = repr(error) + repr(error.__cause__)
    assert bool(said) == bool(kind)
    for secret in (TEXT, TEXT[:4], TOKEN, "feedback-12"):
        assert secret not in caplog.text + said


def test_closing_twice_is_fine(client: SlackClient) -> None:
    client.close()
    client.close()
