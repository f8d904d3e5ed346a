"""Slack's requests: who may send them, what is refused, and what each of them is called."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import slack
from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed
from integrations.slack import ButtonPressed, FormSubmitted, StepStarted
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


@pytest.mark.fault("F64")
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


@pytest.mark.fault("F55")
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
    "function_executed__escalate_complaint": ("Ev0FUNCTION1", "function_executed"),
    "shortcut__escalate": ("shortcut-7110000000001.7000000000001.0f3ac1", "shortcut:escalate"),
    "message_action__escalate": (
        "message_action-7110000000002.7000000000001.5bd210",
        "message_action:escalate_message",
    ),
    "block_actions__acknowledge": ("block_actions-7110000000004.7000000000001.77aa01", "block_actions:acknowledge"),
    "block_actions__judge_in_view": ("block_actions-7110000000014.7000000000001.77aa02", "block_actions:judge"),
    "block_actions__chosen_in_view": ("block_actions-7110000000015.7000000000001.77aa03", "block_actions:request"),
    "view_submission__escalate": ("view-V0ESCALATE-1795227500.aX9kQm2L", "view_submission:escalate"),
    "view_submission__org_install": ("view-V0ESCALATE-1795227600.bY8jRn3M", "view_submission:escalate"),
    "view_submission__judge": ("view-V0JUDGE001-1795227700.cZ7kSo4N", "view_submission:judge"),
    "view_submission__hand_on": ("view-V0HANDON01-1795227710.dA6lTp5O", "view_submission:hand_on"),
    "view_submission__owners": ("view-V0OWNERS01-1795227720.eB5mUq6P", "view_submission:owners"),
    "command__escalate": ("command-7110000000016.7000000000001.abc123", "command:/escalate"),
    "command__owner": ("command-7110000000017.7000000000001.abc123", "command:/owner"),
    "command__dossier": ("command-7110000000009.7000000000001.abc123", "command:/dossier"),
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

SATO, TANAKA, SUZUKI = "U0SATOMI01", "U0TANAKA02", "U0SUZUKI03"
GIST = "納品データが開けず、本日の出荷が止まっています"
HISTORY = """9時にお電話。
昨日の更新のあと、納品データが開けないとのことです。
「このままでは解約も考える」とおっしゃっています。"""
FORM_VALUES = {
    "company": "12",
    "request": "action",
    "urgency": "now",
    "temperature": "high",
    "gist": GIST,
    "history": HISTORY,
    "tried": "",
    "conversation": "",
}
NEW_COMPANY = {
    "company": "new:みなと物産",
    "tried": "再送を試しました",
    "conversation": "https://app.intercom.com/a/inbox/yamabiko1/inbox/conversation/215470000000001",
}
OWNERS = {"company": "12", "owner": TANAKA, "deputy": SUZUKI, "manager": ""}
JUDGEMENT = {
    "churn_risk": "medium",
    "next_step": "17時までに折り返し、原因をお伝えする",
    "next_date": "2026-11-30",
}
STEP_INPUTS = {
    "company": "株式会社ひかり食品",
    "request": "action",
    "urgency": "now",
    "temperature": "high",
    "gist": GIST,
    "history": "9時にお電話。昨日の更新のあと、納品データが開けないとのことです。",
    "tried": "",
    "raised_by": SATO,
}
#: What it means to us; nothing, where it is not named here.
EVENTS: dict[str, Event] = {
    "function_executed__escalate_complaint": StepStarted("escalate_complaint", "Fx0ESCALATE1", STEP_INPUTS),
    "block_actions__acknowledge": ButtonPressed("acknowledge", "31", SATO, "C0ESCALATE", "1795227400.000100"),
    "block_actions__judge_in_view": ButtonPressed("judge", "31", TANAKA, "", ""),
    "view_submission__escalate": FormSubmitted("escalate", SATO, FORM_VALUES, ""),
    "view_submission__org_install": FormSubmitted("escalate", SATO, FORM_VALUES | NEW_COMPANY, ""),
    "view_submission__judge": FormSubmitted("judge", TANAKA, JUDGEMENT, "ack:31"),
    "view_submission__hand_on": FormSubmitted("hand_on", TANAKA, {"person": SUZUKI, "note": ""}, "31"),
    "view_submission__owners": FormSubmitted("owners", SATO, OWNERS, ""),
}


def test_every_payload_is_spoken_for() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == {*TOPICS, *WITHOUT_ID}
    assert EVENTS.keys() <= TOPICS.keys()


@pytest.mark.parametrize("name", TOPICS)
def test_delivery_is_named_after_what_happened(name: str) -> None:
    id, topic = TOPICS[name]
    assert slack.parse(*request(name, payload(name))) == Delivery("slack", id, topic, EVENTS.get(name), "T0YAMABIKO")


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


# -- what somebody filled in, pressed or started --------------------------------------------------

SUBMISSION, PRESS, STEP = (
    "view_submission__judge",
    "block_actions__acknowledge",
    "function_executed__escalate_complaint",
)
VALUES = "view.state.values"
GONE: Any = object()


def named(wrong: Any) -> str:
    """What a case is called: the same in every process."""
    return "gone" if wrong is GONE else repr(wrong)


def changed(name: str, path: str, value: Any) -> tuple[Headers, bytes]:
    """One of our payloads as a request in which the field at `path` is another, or GONE."""
    content = payload(name)
    *parents, last = path.split(".")
    where: Any = content
    for step in parents:
        where = where[int(step)] if isinstance(where, list) else where[step]
    key: Any = int(last) if isinstance(where, list) else last
    if value is GONE:
        del where[key]
    else:
        where[key] = value
    text = json.dumps(content)  # in ASCII, so that half a surrogate pair can be sent
    if name.startswith(FORMS):
        return headers(FORM), urlencode({"payload": text}).encode()
    return headers(JSON), text.encode()


def refusal(name: str, path: str, value: Any) -> str:
    """The field that is named when one of our payloads holds another value there."""
    with pytest.raises(Malformed) as caught:
        slack.parse(*changed(name, path, value))
    return caught.value.field


INPUT = {"type": "plain_text_input", "value": "x"}
#: Fields without which a payload cannot be acted on, and fields that people may leave empty.
NEEDED = [
    (SUBMISSION, "user.id"),
    (SUBMISSION, f"{VALUES}.next_step.next_step.type"),
    (SUBMISSION, f"{VALUES}.churn_risk.churn_risk.selected_option.value"),
    (PRESS, "user.id"),
    (PRESS, "actions.0.type"),
    (PRESS, "actions.0.action_id"),
    (PRESS, "container.type"),
    (PRESS, "container.channel_id"),
    (PRESS, "container.message_ts"),
    (STEP, "event.function.callback_id"),
    (STEP, "event.function_execution_id"),
]
OPTIONAL = [
    (SUBMISSION, "view.callback_id"),
    (SUBMISSION, "view.private_metadata"),
    (SUBMISSION, f"{VALUES}.next_step.next_step.value"),
    (SUBMISSION, f"{VALUES}.next_date.next_date.selected_date"),
    (PRESS, "actions.0.value"),
    (STEP, "event.inputs.company"),
]


@pytest.mark.parametrize("wrong", [GONE, None, "", [], {}, True, "a\0b", "\ud83d"], ids=named)
@pytest.mark.parametrize(("name", "path"), NEEDED, ids=lambda part: part)
def test_what_must_be_there_is_text_and_named_if_it_is_not(name: str, path: str, wrong: Any) -> None:
    assert refusal(name, path, wrong) == path.replace("actions.0.", "actions[0].")


@pytest.mark.parametrize("wrong", ["a\0b", "\udc00"], ids=repr)
@pytest.mark.parametrize(("name", "path"), OPTIONAL, ids=lambda part: part)
def test_what_may_be_empty_holds_nothing_that_no_database_takes(name: str, path: str, wrong: str) -> None:
    assert refusal(name, path, wrong) == path.replace("actions.0.", "actions[0].")


@pytest.mark.parametrize("wrong", [[], {}, True, ["x"]], ids=repr)
@pytest.mark.parametrize(("name", "path"), OPTIONAL[:-1], ids=lambda part: part)
def test_what_may_be_empty_is_text_all_the_same(name: str, path: str, wrong: Any) -> None:
    assert refusal(name, path, wrong) == path.replace("actions.0.", "actions[0].")


@pytest.mark.parametrize("wrong", [None, [], "message", 7], ids=repr)
def test_press_that_does_not_say_where_is_refused(wrong: Any) -> None:
    assert refusal(PRESS, "container", wrong) == "container.type"


@pytest.mark.parametrize(
    ("wrong", "field"), [([], ""), ({}, ""), (True, ".value"), ("x", ".value"), (["x"], ".value")], ids=repr
)
def test_choice_that_is_no_option_names_the_field(wrong: Any, field: str) -> None:
    chosen = f"{VALUES}.churn_risk.churn_risk.selected_option"
    assert refusal(SUBMISSION, chosen, wrong) == chosen + field


@pytest.mark.parametrize(
    ("path", "wrong", "field"),
    [
        ("view.state.values", [], VALUES),
        ("view.state.values", "text", VALUES),
        ("view.state.values", {str(number): {"a": INPUT} for number in range(1000)}, VALUES),
        ("view.state.values", {"a" * 256: {"a": INPUT}}, VALUES),
        ("view.state.values", {"": {"a": INPUT}}, f"{VALUES}, a name"),
        ("view.state.values", {"a\0": {"a": INPUT}}, f"{VALUES}, a name"),
        ("view.state.values", {"\ud800": {"a": INPUT}}, f"{VALUES}, a name"),
        (f"{VALUES}.next_step", [INPUT], f"{VALUES}.next_step"),
        (f"{VALUES}.next_step", {}, f"{VALUES}.next_step"),
        (f"{VALUES}.next_step", None, f"{VALUES}.next_step"),
        (f"{VALUES}.next_step", {"a": INPUT, "b": INPUT}, f"{VALUES}.next_step"),
        (f"{VALUES}.next_step.next_step", None, f"{VALUES}.next_step.next_step.type"),
        (f"{VALUES}.next_step.next_step.type", "file_input", f"{VALUES}.next_step.next_step.type"),
    ],
    ids=range(13),
)
def test_form_of_another_shape_names_the_field(path: str, wrong: Any, field: str) -> None:
    assert refusal(SUBMISSION, path, wrong) == field


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ([], "event.inputs"),
        ("text", "event.inputs"),
        ({str(number): "x" for number in range(101)}, "event.inputs"),
        ({"gist": "a\0b"}, "event.inputs.gist"),
        ({"gist": "\ud800"}, "event.inputs.gist"),
        ({"gist": ["\ud800"]}, "event.inputs.gist"),
        ({"g\0st": "x"}, "event.inputs, a name"),
    ],
    ids=range(7),
)
def test_step_with_inputs_of_another_shape_names_the_field(inputs: Any, field: str) -> None:
    assert refusal(STEP, "event.inputs", inputs) == field


def test_step_with_a_number_without_end_names_the_field() -> None:
    name, content = STEP, payload(STEP)
    content["event"]["inputs"] = {"gist": ["here"]}
    _, body = request(name, content)
    with pytest.raises(Malformed) as caught:
        slack.parse(headers(JSON), body.replace(b'"here"', b"1e999"))
    assert caught.value.field == "event.inputs.gist"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
    max_leaves=8,
)


def paths(value: Any, path: str = "") -> list[str]:
    """The address of everything in a payload."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [(f"{path}.{key}".removeprefix("."), inner) for key, inner in inside]
    return [address for address, _ in below] + [deeper for address, inner in below for deeper in paths(inner, address)]


@pytest.mark.fault("F42")
@given(st.data())
def test_whatever_stands_where_is_read_or_refused_by_name(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(EVENTS)))
    path = data.draw(st.sampled_from(paths(payload(name))))
    try:
        event = slack.parse(*changed(name, path, data.draw(anything | st.just(GONE)))).event
    except Malformed as error:
        assert error.field
    else:
        assert event is None or all(is_storable(getattr(event, field.name)) for field in fields(event))


def is_storable(value: Any) -> bool:
    """Text, or texts by name, that any database can hold."""
    texts = [value] if isinstance(value, str) else [*value.keys(), *value.values()]
    return all(isinstance(text, str) and "\0" not in text and text.encode() is not None for text in texts)


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": "  二行\n目 "}, "  二行\n目 "),
        ({"type": "url_text_input", "value": "https://a.example"}, "https://a.example"),
        ({"type": "number_input", "value": "7"}, "7"),
        ({"type": "static_select", "selected_option": {"value": "a", "text": {}}}, "a"),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "channels_select", "selected_channel": "C1"}, "C1"),
        ({"type": "timepicker", "selected_time": "09:30"}, "09:30"),
        ({"type": "datetimepicker", "selected_date_time": 1795227700}, "1795227700"),
    ],
    ids=lambda part: part["type"] if isinstance(part, dict) else "",
)
def test_each_kind_of_input_tells_its_value(element: dict[str, Any], value: str) -> None:
    event = slack.parse(*changed(SUBMISSION, VALUES, {"field": {"field": element}})).event
    assert isinstance(event, FormSubmitted)
    assert event.values == {"field": value}


@pytest.mark.parametrize("kind", ["plain_text_input", "radio_buttons", "external_select", "users_select", "datepicker"])
@pytest.mark.parametrize("nothing", [None, GONE], ids=["null", "absent"])
def test_input_that_was_left_empty_keeps_its_name(kind: str, nothing: Any) -> None:
    kept = {"value", "selected_option", "selected_user", "selected_date"}
    element = {"type": kind} | ({} if nothing is GONE else dict.fromkeys(kept))
    event = slack.parse(*changed(SUBMISSION, VALUES, {"field": {"field": element}})).event
    assert isinstance(event, FormSubmitted)
    assert event.values == {"field": ""}


@pytest.mark.parametrize("state", [GONE, None, {}, {"values": None}, {"values": {}}], ids=named)
def test_form_without_inputs_has_no_values(state: Any) -> None:
    event = slack.parse(*changed(SUBMISSION, "view.state", state)).event
    assert event == FormSubmitted("judge", TANAKA, {}, "ack:31")


@pytest.mark.parametrize("nameless", [GONE, None, ""], ids=named)
def test_form_that_we_gave_no_name_means_nothing(nameless: Any) -> None:
    delivery = slack.parse(*changed(SUBMISSION, "view.callback_id", nameless))
    assert (delivery.topic, delivery.event) == ("view_submission", None)


@pytest.mark.parametrize("kind", ["static_select", "users_select", "overflow", "datepicker", "something_new"])
def test_what_is_chosen_from_a_menu_is_recorded_and_means_nothing(kind: str) -> None:
    delivery = slack.parse(*changed(PRESS, "actions.0.type", kind))
    assert (delivery.topic, delivery.event) == ("block_actions:acknowledge", None)


def test_button_without_a_value_says_so() -> None:
    event = slack.parse(*changed(PRESS, "actions.0.value", GONE)).event
    assert event == ButtonPressed("acknowledge", "", SATO, "C0ESCALATE", "1795227400.000100")


def test_of_several_actions_the_first_counts() -> None:
    content = payload(PRESS)
    second = content["actions"][0] | {"action_id": "finish", "value": "32"}
    event = slack.parse(*changed(PRESS, "actions", [content["actions"][0], second])).event
    assert event == EVENTS[PRESS]


def test_inputs_of_a_step_that_are_no_text_are_written_out() -> None:
    inputs = {
        "count": 7,
        "rate": 0.5,
        "urgent": True,
        "tags": ["解約", 1],
        "who": {"id": "U1"},
        "none": None,
        "empty": "",
    }
    event = slack.parse(*changed(STEP, "event.inputs", inputs)).event
    assert isinstance(event, StepStarted)
    assert event.inputs == {
        "count": "7",
        "rate": "0.5",
        "urgent": "true",
        "tags": '["解約",1]',
        "who": '{"id":"U1"}',
        "none": "",
        "empty": "",
    }


@pytest.mark.parametrize("nothing", [GONE, None, {}], ids=named)
def test_step_without_inputs_has_none(nothing: Any) -> None:
    event = slack.parse(*changed(STEP, "event.inputs", nothing)).event
    assert event == StepStarted("escalate_complaint", "Fx0ESCALATE1", {})


# -- the shapes Slack publishes -------------------------------------------------------------------

REQUESTS = ("event.*", "interaction.*", "docs.event_callback.*", "docs.shortcut.*", "docs.block_suggestion.*")
ABSENT = "the vendors' samples are not here: they are expected in ../shared/samples"


#: What the published requests mean to us: by file, the event.
PUBLISHED: dict[str, Event] = {
    "event.function_executed.json": StepStarted("reverse", "Fx111", {"stringToReverse": "hello"}),
    "interaction.block_actions.json": ButtonPressed("a", "click_me_123", "W111", "C111", "111.222"),
    "interaction.view_submission.json": FormSubmitted("view-id", "W111", {"hspI": "test"}, "This is for you!"),
    "interaction.view_submission.response_urls.json": FormSubmitted("view-id", "U111", {}, ""),
}


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
        assert delivery.event == PUBLISHED.get(path.name), path.name


def test_published_slash_command_is_readable() -> None:
    path = SAMPLES / "slash_command.form.txt"
    if not path.exists():
        pytest.skip(ABSENT)
    delivery = slack.parse(headers(FORM), path.read_bytes().strip())
    assert delivery == Delivery("slack", "command-111.111.xxx", "command:/hello-world", None, "T111")
