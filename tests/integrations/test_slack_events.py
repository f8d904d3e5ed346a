"""Slack's requests: who may send them, what is refused, and what each of them is called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations import slack
from integrations.contract import Answer, BadSignature, Delivery, Headers, Malformed
from integrations.slack.events import sign

PAYLOADS = Path(__file__).parents[1] / "payloads" / "slack"
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "slack"
SECRET, OLD_SECRET = "8f742231b10e8888abcd99yyyzzz85a5", "an-older-signing-secret"
NOW = 1_795_226_640
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

FORMS = ("shortcut", "message_action", "block_actions", "view_", "block_suggestion")


def payload(name: str) -> dict[str, Any]:
    """One of our payloads, by file name."""
    value: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return value


def request(name: str, content: dict[str, Any]) -> tuple[Headers, bytes]:
    """A payload in the form in which Slack sends this kind."""
    if name.startswith("command"):
        return headers(FORM), urlencode(content).encode()
    if name.startswith(FORMS):
        return headers(FORM), urlencode({"payload": json.dumps(content, ensure_ascii=False)}).encode()
    return headers(JSON), json.dumps(content, ensure_ascii=False).encode()


def headers(content_type: str, *more: tuple[str, str]) -> Headers:
    return Headers([(name.encode(), value.encode()) for name, value in (("Content-Type", content_type), *more)])


def signed(body: bytes, *, at: str = str(NOW), secret: str = SECRET, signature: str | None = None) -> Headers:
    return headers(
        JSON,
        ("X-Slack-Request-Timestamp", at),
        ("X-Slack-Signature", sign(secret, at, body) if signature is None else signature),
    )


# -- signatures -----------------------------------------------------------------------------------

BODY = b'{"type":"event_callback"}'


def test_unsigned_request_is_refused() -> None:
    with pytest.raises(BadSignature, match="Timestamp is missing"):
        slack.verify(headers(JSON), BODY, [SECRET], NOW)


def test_request_without_signature_is_refused() -> None:
    with pytest.raises(BadSignature, match="Signature is missing"):
        slack.verify(headers(JSON, ("X-Slack-Request-Timestamp", str(NOW))), BODY, [SECRET], NOW)


def test_signature_of_another_secret_is_refused() -> None:
    with pytest.raises(BadSignature, match="does not match"):
        slack.verify(signed(BODY, secret="somebody else's"), BODY, [SECRET], NOW)


def test_signature_of_another_body_is_refused() -> None:
    with pytest.raises(BadSignature, match="does not match"):
        slack.verify(signed(BODY), BODY + b" ", [SECRET], NOW)


def test_signature_of_another_moment_is_refused() -> None:
    moved = headers(
        JSON, ("X-Slack-Request-Timestamp", str(NOW + 1)), ("X-Slack-Signature", sign(SECRET, str(NOW), BODY))
    )
    with pytest.raises(BadSignature, match="does not match"):
        slack.verify(moved, BODY, [SECRET], NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_nothing_is_genuine(secrets: list[str]) -> None:
    with pytest.raises(BadSignature, match="does not match"):
        slack.verify(signed(BODY, secret=""), BODY, secrets, NOW)


@pytest.mark.parametrize("away", [-301, 301, -86_400, 10**9])
def test_stale_request_is_refused(away: int) -> None:
    with pytest.raises(BadSignature, match="stale"):
        slack.verify(signed(BODY, at=str(NOW + away)), BODY, [SECRET], NOW)


@pytest.mark.parametrize(
    "stamp",
    ["", "now", "-5", "+1795226640", "1795226640.5", " 1795226640", "1795226640\n", "0x6b", "1_795_226_640", "1" * 12],
)
def test_timestamp_that_is_not_plain_digits_is_refused(stamp: str) -> None:
    with pytest.raises(BadSignature, match="not a number of seconds"):
        slack.verify(signed(BODY, at=stamp), BODY, [SECRET], NOW)


def test_timestamp_in_other_digits_than_ascii_is_refused() -> None:
    with pytest.raises(BadSignature, match="not ASCII"):
        slack.verify(signed(BODY, at="１７９５２２６６４０"), BODY, [SECRET], NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        sign(SECRET, str(NOW), BODY).upper(),
        sign(SECRET, str(NOW), BODY).replace("v0=", "v1="),
        sign(SECRET, str(NOW), BODY)[3:],
        sign(SECRET, str(NOW), BODY)[:-1],
        sign(SECRET, str(NOW), BODY) + "0",
        sign(SECRET, str(NOW), BODY) + "\n",
    ],
    ids=["empty", "upper case", "v1", "no version", "short", "long", "line end"],
)
def test_misshapen_signature_is_refused(wrong: str) -> None:
    with pytest.raises(BadSignature, match="not of the form"):
        slack.verify(signed(BODY, signature=wrong), BODY, [SECRET], NOW)


@pytest.mark.parametrize("name", ["X-Slack-Request-Timestamp", "X-Slack-Signature"])
def test_repeated_header_is_refused(name: str) -> None:
    stamp, signature = ("X-Slack-Request-Timestamp", str(NOW)), ("X-Slack-Signature", sign(SECRET, str(NOW), BODY))
    twice = stamp if name == stamp[0] else signature
    with pytest.raises(BadSignature, match="occurs 2 times"):
        slack.verify(headers(JSON, stamp, signature, twice), BODY, [SECRET], NOW)


@pytest.mark.parametrize("away", [-300, 0, 300])
def test_genuine_request_is_believed_for_five_minutes_either_way(away: int) -> None:
    slack.verify(signed(BODY, at=str(NOW + away)), BODY, [SECRET], NOW)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_both_secrets_are_good_while_they_are_rotated(secret: str) -> None:
    slack.verify(signed(BODY, secret=secret), BODY, [SECRET, OLD_SECRET], NOW)


def test_signature_agrees_with_slacks_own_library() -> None:
    from slack_sdk.signature import SignatureVerifier

    theirs = SignatureVerifier(SECRET).generate_signature(timestamp=str(NOW), body=BODY)
    assert sign(SECRET, str(NOW), BODY) == theirs


# -- handshake ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_unsigned_probe_gets_no_answer(method: str) -> None:
    assert slack.handshake(method, {}, json.dumps(payload("url_verification")).encode()) is None


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"type":7}', b'{"type":"url_verification"}', BODY])
def test_anything_else_is_no_handshake(body: bytes) -> None:
    assert slack.handshake("POST", {}, body) is None


@pytest.mark.parametrize("challenge", ["<script>", "a" * 257, "two words", "山びこ", "line\nend"])
def test_challenge_that_slack_would_not_send_is_not_echoed(challenge: str) -> None:
    body = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
    answer = slack.handshake("POST", {}, body)
    assert answer is not None
    assert answer.status == 400
    assert challenge.encode() not in answer.body


def test_challenge_is_returned_as_plain_text() -> None:
    request = payload("url_verification")
    answer = slack.handshake("POST", {}, json.dumps(request).encode())
    assert answer == Answer(200, request["challenge"].encode(), "text/plain; charset=utf-8")


# -- what cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "application/jsonp"])
def test_other_content_types_are_malformed(content_type: str) -> None:
    with pytest.raises(Malformed) as caught:
        slack.parse(headers(content_type), BODY)
    assert caught.value.field == "content-type"


def test_missing_and_repeated_content_types_are_malformed() -> None:
    for raw in ([], [(b"content-type", b"application/json")] * 2):
        with pytest.raises(Malformed) as caught:
            slack.parse(Headers(raw), BODY)
        assert caught.value.field == "content-type"


@pytest.mark.parametrize(
    ("content_type", "body", "field"),
    [
        (JSON, b"", "body"),
        (JSON, b"{", "body"),
        (JSON, b"[]", "body"),
        (JSON, b'{"type":"event_callback","event":{"type":"message"}}', "event_id"),
        (JSON, b'{"type":"event_callback","event_id":"Ev1"}', "event.type"),
        (JSON, b'{"type":"event_callback","event_id":"Ev1","team_id":[],"event":{"type":"message"}}', "team_id"),
        (JSON, b'{"event_id":"Ev1"}', "type"),
        (FORM, b"", "command"),
        (FORM, b"text=hello", "command"),
        (FORM, b"command=%2Fa&command=%2Fb", "body"),
        (FORM, b"command=%ff", "body"),
        (FORM, "command=山".encode(), "body"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(101)), "body"),
        (FORM, b"payload=", "body"),
        (FORM, b"payload=7", "body"),
        (FORM, b"payload=%7B%7D", "type"),
        (FORM, b'payload={"type":"block_actions"}', "actions"),
        (FORM, b'payload={"type":"block_actions","actions":[{}]}', "actions[0].action_id"),
        (FORM, b'payload={"type":"block_suggestion"}', "action_id"),
    ],
)
def test_what_cannot_be_read_names_the_field(content_type: str, body: bytes, field: str) -> None:
    with pytest.raises(Malformed) as caught:
        slack.parse(headers(content_type), body)
    assert caught.value.field == field


# -- what arrives ---------------------------------------------------------------------------------

TOPICS = {
    "message": ("Ev0MESSAGE01", "message"),
    "message__reply": ("Ev0MESSAGE02", "message"),
    "message.message_changed": ("Ev0CHANGED01", "message.message_changed"),
    "message.bot_message__workflow": ("Ev0WORKFLOW1", "message.bot_message"),
    "app_mention": ("Ev0MENTION01", "app_mention"),
    "shortcut__file_wish": ("shortcut-7110000000001.7000000000001.0f3ac1", "shortcut:file_wish"),
    "message_action__file_wish": (
        "message_action-7110000000002.7000000000001.5bd210",
        "message_action:file_wish_message",
    ),
    "block_actions__acknowledge": ("block_actions-7110000000004.7000000000001.77aa01", "block_actions:acknowledge"),
    "view_submission__escalate": ("view-V0ESCALATE-1795227500.aX9kQm2L", "view_submission:escalate"),
    "view_submission__org_install": ("view-V0ESCALATE-1795227600.bY8jRn3M", "view_submission:escalate"),
    "command__yamabiko": ("command-7110000000009.7000000000001.abc123", "command:/yamabiko"),
}
#: What Slack gives no id: the body's digest stands in.
WITHOUT_ID = {
    "app_rate_limited": "app_rate_limited",
    "url_verification": "url_verification",
    "view_closed__escalate": "view_closed:escalate",
    "block_suggestion__company": "block_suggestion:company",
    "command__ssl_check": "ssl_check",
}
#: Slack does not say for whom it sends these.
NOBODYS = ("url_verification", "command__ssl_check")


def test_every_payload_is_spoken_for() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == {*TOPICS, *WITHOUT_ID}


@pytest.mark.parametrize("name", TOPICS)
def test_delivery_is_named_after_what_happened(name: str) -> None:
    id, topic = TOPICS[name]
    assert slack.parse(*request(name, payload(name))) == Delivery("slack", id, topic, None, "T0YAMABIKO")


@pytest.mark.parametrize("name", WITHOUT_ID)
def test_delivery_without_an_id_is_recognised_by_its_body(name: str) -> None:
    first, again = (slack.parse(*request(name, payload(name))) for _ in range(2))
    other = slack.parse(*request(name, payload(name) | {"token": "another"}))
    assert first == again
    assert len(first.id) == 24
    assert first.id != other.id
    assert (first.topic, first.event) == (WITHOUT_ID[name], None)
    assert first.workspace == ("" if name in NOBODYS else "T0YAMABIKO")


def test_retry_of_an_event_keeps_its_id() -> None:
    _, body = request("message", payload("message"))
    retry = headers("application/json; charset=utf-8", ("X-Slack-Retry-Num", "1"))
    assert slack.parse(retry, body) == slack.parse(headers(JSON), body)


def test_two_presses_of_one_button_are_two_deliveries() -> None:
    press = payload("block_actions__acknowledge")
    first = slack.parse(*request("block_actions", press))
    second = slack.parse(*request("block_actions", press | {"trigger_id": "7110000000099.7000000000001.77aa02"}))
    assert first.id != second.id


def test_submission_of_a_view_without_hash_is_known_by_its_trigger() -> None:
    submission = payload("view_submission__escalate")
    del submission["view"]["hash"]
    delivery = slack.parse(*request("view_submission", submission))
    assert delivery.id == "view_submission-7110000000006.7000000000001.c0ffee"


def test_interaction_that_we_named_nothing_keeps_its_type_as_topic() -> None:
    delivery = slack.parse(*request("shortcut", {"type": "something_new", "trigger_id": "1.2.3"}))
    assert (delivery.topic, delivery.id, delivery.workspace) == ("something_new", "something_new-1.2.3", "")


# -- the shapes Slack publishes -------------------------------------------------------------------

REQUESTS = ("event.*", "interaction.*", "docs.event_callback.*", "docs.shortcut.*", "docs.block_suggestion.*")
ABSENT = "the vendors' samples are not here: they are expected in ../shared/samples"


@pytest.mark.parametrize("pattern", REQUESTS)
def test_published_requests_are_readable(pattern: str) -> None:
    paths = sorted(SAMPLES.glob(f"{pattern}json"))
    if not SAMPLES.exists():
        pytest.skip(ABSENT)
    assert paths
    for path in paths:
        content = json.loads(path.read_text())
        is_event = content["type"] in ("event_callback", "url_verification")
        delivery = slack.parse(*request("" if is_event else content["type"], content))
        assert delivery.id, path.name
        assert delivery.topic.startswith(content.get("event", content)["type"]), path.name
        assert (delivery.workspace == "") == (content["type"] == "url_verification"), path.name


def test_published_slash_command_is_readable() -> None:
    path = SAMPLES / "slash_command.form.txt"
    if not path.exists():
        pytest.skip(ABSENT)
    delivery = slack.parse(headers(FORM), path.read_bytes().strip())
    assert delivery == Delivery("slack", "command-111.111.xxx", "command:/hello-world", None, "T111")
