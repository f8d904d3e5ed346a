"""Pictures in Slack: what is sent and where to, what is refused, and how one is found that may have been posted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

import integrations.http as http
import integrations.slack.client as slack_client
from integrations import hands_off
from integrations.contract import Permanent, RateLimited, Transient, Unsure, Unwelcome
from integrations.slack import PictureRefused, SlackClient, files
from integrations.slack.twin import SCOPES, SlackTwin
from integrations.twin import Ask, Fault, Said
from integrations.twin_server import Serving, serve
from tests.silence import impatient

TOKEN, TEAM, SUPPORT, SATO = "xoxb-a-token-of-the-twin", "T0YAMABIKO", "C0SUPPORT1", "U0SATOMI01"
PNG, NAME, TITLE = b"\x89PNG" + b"x" * 40_000, "volume-20261120T1415-a17.png", "直近24時間の問い合わせ"
TICKET, BYTES = "POST /api/files.getUploadURLExternal", "POST /upload/v1/{code}"
SHARE = "POST /api/files.completeUploadExternal"
DONE = "files.completeUploadExternal"


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
    twin.add_channel(SUPPORT, "support")
    twin.add_user(SATO, "佐藤 みらい", "sato@example.co.jp")
    served[0]["slack"] = twin
    return twin


@pytest.fixture
def base_url(served: tuple[dict[str, Any], Serving]) -> str:
    return f"{served[1].url}/slack/api/"


@pytest.fixture
def client(twin: SlackTwin, base_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackClient]:
    monkeypatch.setattr(http, "_pause", lambda state: 0.0)
    monkeypatch.setattr(slack_client, "MESSAGE_SPACING", 0.0)
    with closing(SlackClient(base_url, TOKEN)) as client:
        impatient(client, twin)
        yield client


@pytest.fixture
def asked(twin: SlackTwin) -> list[Ask]:
    """What the twin is asked, in its order."""
    asked: list[Ask] = []
    twin.watchers.append(lambda ask, said: asked.append(ask))
    return asked


def upload(client: SlackClient, png: bytes = PNG, **other: Any) -> str:
    return client.upload(SUPPORT, NAME, png, TITLE, **other)


def paths(asked: list[Ask]) -> list[str]:
    return [ask.path.rpartition("/")[0] if "/upload/" in ask.path else ask.path for ask in asked]


# -- refusals -------------------------------------------------------------------------------------


def test_without_the_scope_for_files_no_picture_is_posted_and_messages_are(
    twin: SlackTwin, client: SlackClient
) -> None:
    twin.scopes = tuple(scope for scope in SCOPES if scope != "files:write")
    with pytest.raises(PictureRefused) as refused:
        upload(client)
    assert refused.value.code == "missing_scope" and "missing_scope" in str(refused.value)
    assert client.post(SUPPORT, "x", [], marker="m") is not None


@pytest.mark.parametrize("code", files.UNWANTED)
@pytest.mark.parametrize("route", [TICKET, SHARE])
def test_a_workspace_that_takes_no_such_picture_says_why(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, code: str, route: str
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: refusal(code) if route.endswith(ask.path) else None)
    with pytest.raises(PictureRefused, match=code):
        upload(client)
    assert twin.did(DONE) == []


def refusal(code: str) -> Said:
    return Said(200, {"ok": False, "error": code})


def test_a_picture_that_is_too_large_is_not_even_announced(
    client: SlackClient, monkeypatch: pytest.MonkeyPatch, asked: list[Ask]
) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", len(PNG) - 1)
    with pytest.raises(PictureRefused, match="file_upload_size_restricted"):
        upload(client)
    assert asked == []


def test_a_channel_without_the_bot_gets_no_picture(twin: SlackTwin, client: SlackClient) -> None:
    twin.remove_bot(SUPPORT)
    with pytest.raises(Permanent, match=f"not_in_channel to {DONE}") as refused:
        upload(client)
    assert not isinstance(refused.value, PictureRefused | Unwelcome)


def test_an_archived_channel_gets_no_picture(twin: SlackTwin, client: SlackClient) -> None:
    twin.archive(SUPPORT)
    with pytest.raises(Permanent, match="posting_to_channel_denied"):
        upload(client)


def test_a_token_that_is_worth_nothing_any_more_can_be_replaced(twin: SlackTwin, base_url: str) -> None:
    with closing(SlackClient(base_url, "xoxb-wrong")) as client, pytest.raises(Unwelcome, match="invalid_auth"):
        upload(client)


@pytest.mark.fault("F99")
@pytest.mark.parametrize(
    "address",
    [
        "http://files.slack.example/upload/v1/x",
        "ftp://files.slack.example/x",
        "/upload/v1/x",
        "file:///etc/passwd",
        "x",
    ],
)
def test_bytes_go_nowhere_unencrypted(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    said = Said(200, {"ok": True, "file_id": "F0FILE0001", "upload_url": address})
    monkeypatch.setattr(twin, "guard", lambda ask: said if TICKET.endswith(ask.path) else None)
    with pytest.raises(Permanent, match="not https"):
        upload(client)
    assert twin.did(DONE) == []


@pytest.mark.fault("F99")
def test_bytes_follow_no_redirect(twin: SlackTwin, client: SlackClient, asked: list[Ask]) -> None:
    twin.fail(BYTES, Fault("307", headers={"Location": f"{twin._address}/upload/v1/elsewhere"}))
    with pytest.raises(Permanent, match="answered 307 to the bytes"):
        upload(client)
    assert paths(asked) == ["/api/files.getUploadURLExternal", "/upload/v1"]


@pytest.mark.fault("F99")
@pytest.mark.parametrize(
    ("kind", "trouble"),
    [("429", RateLimited), ("500", Transient), ("503", Transient), ("reset", Transient), ("hang", Transient)],
)
def test_bytes_that_did_not_arrive_can_be_sent_again_with_another_ticket(
    twin: SlackTwin, client: SlackClient, kind: str, trouble: type[Exception]
) -> None:
    twin.fail(BYTES, Fault(kind, headers={"Retry-After": "30"} if kind == "429" else {}))
    with pytest.raises(trouble):
        upload(client)
    assert twin.did(DONE) == []
    assert upload(client)
    assert len(twin.did(DONE)) == 1


def test_what_becomes_of_a_picture_in_a_dry_run_is_known_and_nothing_is_sent(
    client: SlackClient, asked: list[Ask]
) -> None:
    with hands_off.off(), pytest.raises(hands_off.HandsOff) as refused:
        upload(client)
    assert (refused.value.how, refused.value.said) == (f"POST {DONE}", {"title": TITLE, "file": NAME})
    assert asked == []


# -- what is sent ---------------------------------------------------------------------------------


def test_a_picture_is_posted_in_three_steps_and_only_slack_itself_sees_our_token(
    twin: SlackTwin, client: SlackClient, asked: list[Ask]
) -> None:
    file = upload(client)
    [shown] = twin.messages(SUPPORT)
    assert shown["files"] == [{"id": file, "name": NAME, "title": TITLE, "size": len(PNG)}]
    assert paths(asked) == ["/api/files.getUploadURLExternal", "/upload/v1", "/api/files.completeUploadExternal"]
    ticket, sent, shared = asked
    assert sent.body == PNG
    assert (
        TOKEN not in str(sent.headers) and TOKEN in ticket.headers["authorization"] == shared.headers["authorization"]
    )


def test_a_picture_may_stand_in_a_thread(twin: SlackTwin, client: SlackClient) -> None:
    root = twin.say(SUPPORT, SATO, "急に増えました")
    upload(client, thread_ts=root)
    [_, reply] = twin.messages(SUPPORT)
    assert reply["thread_ts"] == root and reply["files"]


def test_a_title_that_is_too_long_is_cut(twin: SlackTwin, client: SlackClient) -> None:
    client.upload(SUPPORT, NAME, PNG, "長" * 5000)
    [shown] = twin.messages(SUPPORT)
    assert len(shown["files"][0]["title"]) == files.TITLE


# -- found again ----------------------------------------------------------------------------------


@pytest.mark.fault("F38")
@pytest.mark.parametrize("kind", ["reset", "truncated", "html", "late-500", "hang"])
def test_a_picture_whose_answer_was_lost_is_in_doubt_and_found(twin: SlackTwin, client: SlackClient, kind: str) -> None:
    twin.fail(SHARE, Fault(kind))
    with pytest.raises(Unsure):
        upload(client)
    assert client.find_file(SUPPORT, NAME, oldest=0) == twin.did(DONE)[0].facts["file"]
    assert client.find_file(SUPPORT, f"{NAME}.png", oldest=0) is None


def test_slack_that_failed_while_it_shared_leaves_doubt(
    twin: SlackTwin, client: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twin, "guard", lambda ask: refusal("file_update_failed") if SHARE.endswith(ask.path) else None)
    with pytest.raises(Unsure, match="file_update_failed"):
        upload(client)


def test_a_picture_in_a_thread_is_found_there(twin: SlackTwin, client: SlackClient) -> None:
    root = twin.say(SUPPORT, SATO, "急に増えました")
    twin.say(SUPPORT, SATO, "確認します", root)
    file = upload(client, thread_ts=root)
    assert client.find_file(SUPPORT, NAME, oldest=0, thread_ts=root) == file
    assert client.find_file(SUPPORT, NAME, oldest=0) is None


def test_a_picture_that_slack_still_looks_at_is_not_found_yet(twin: SlackTwin, client: SlackClient) -> None:
    twin.shares_at_once = False
    file = upload(client)
    assert client.find_file(SUPPORT, NAME, oldest=0) is None
    twin.share_files()
    assert client.find_file(SUPPORT, NAME, oldest=0) == file


def test_files_of_which_slack_tells_nothing_are_no_trouble(twin: SlackTwin, client: SlackClient) -> None:
    """https://docs.slack.dev/apis/slack-connect: a file of another company comes without a name."""
    twin.say(SUPPORT, SATO, "x")
    [message] = twin.channels[SUPPORT].messages.values()
    message["files"] = [{"id": "F0STRANGE1", "mode": "file_access", "file_access": "check_file_info"}]
    assert client.find_file(SUPPORT, NAME, oldest=0) is None


# -- the twin -------------------------------------------------------------------------------------


def told(base_url: str, method: str, **arguments: Any) -> dict[str, Any]:
    """An answer of the twin to a call as slack_sdk makes it."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    said = httpx.post(f"{base_url}{method}", params=arguments, headers=headers, trust_env=False).json()
    return dict(said)


def sent(address: str, content: bytes) -> int:
    return httpx.post(address, content=content, trust_env=False).status_code


def test_the_twin_takes_exactly_what_was_announced_and_only_once(twin: SlackTwin, base_url: str) -> None:
    ticket = told(base_url, "files.getUploadURLExternal", filename="a.png", length=4)
    said = [sent(ticket["upload_url"], content) for content in (b"abc", b"abcde", b"abcd", b"abcd")]
    assert said == [400, 400, 200, 404]
    assert sent(f"{ticket['upload_url']}0", b"abcd") == 404


def test_the_twin_shares_what_arrived_and_only_once(twin: SlackTwin, base_url: str) -> None:
    ticket = told(base_url, "files.getUploadURLExternal", filename="a.png", length=4)
    shared = {"files": f'[{{"id": "{ticket["file_id"]}"}}]', "channel_id": SUPPORT}
    assert told(base_url, DONE, **shared)["error"] == "file_not_found"
    sent(ticket["upload_url"], b"abcd")
    assert told(base_url, DONE, **shared | {"channel_id": "C0NOWHERE1"})["error"] == "channel_not_found"
    assert told(base_url, DONE, **shared)["files"] == [{"id": ticket["file_id"], "title": "a.png"}]
    assert told(base_url, DONE, **shared)["error"] == "file_not_found"
    assert len(twin.messages(SUPPORT)) == 1


@pytest.mark.parametrize("listed", ["", "[]", "{}", "[1]", "no JSON"])
def test_the_twin_wants_to_know_which_files(twin: SlackTwin, base_url: str, listed: str) -> None:
    assert told(base_url, DONE, files=listed, channel_id=SUPPORT)["error"] == "invalid_arguments"


def test_a_file_that_is_shared_nowhere_is_seen_nowhere(twin: SlackTwin, base_url: str) -> None:
    ticket = told(base_url, "files.getUploadURLExternal", filename="a.png", length=4)
    sent(ticket["upload_url"], b"abcd")
    assert told(base_url, DONE, files=f'[{{"id": "{ticket["file_id"]}"}}]')["ok"]
    assert twin.messages(SUPPORT) == []
