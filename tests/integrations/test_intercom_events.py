"""What Intercom's webhooks mean: first who is turned away, then what each body says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import intercom
from integrations.contract import Answer, BadSignature, Delivery, Event, Headers, Malformed
from integrations.intercom import (
    AgentReplied,
    ContactDeleted,
    ConversationChanged,
    ConversationClosed,
    ConversationDeleted,
    ConversationRated,
    ConversationStarted,
    ConversationTagged,
    CustomerReplied,
    PartRedacted,
    TeammateRemoved,
)

PAYLOADS = Path(__file__).parents[1] / "payloads" / "intercom"
CONVERSATION = "215470000000101"

#: Computed with `openssl dgst -sha1 -hmac intercom-client-secret`.
SECRET, BODY = "intercom-client-secret", '{"topic":"ping","text":"こんにちは"}'.encode()
SIGNATURE = "sha1=f829a76b0f1d003c7ca4aa56a80079ae68298d85"


def headers(*values: str) -> Headers:
    return Headers((b"X-Hub-Signature", value.encode()) for value in values)


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8")))


def parse(said: dict[str, Any]) -> Delivery:
    return intercom.parse(headers(), json.dumps(said).encode())


# -- the signature ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claimed",
    [
        pytest.param([], id="missing"),
        pytest.param([""], id="empty"),
        pytest.param(["sha1=" + "0" * 40], id="wrong"),
        pytest.param([SIGNATURE.removeprefix("sha1=")], id="without its prefix"),
        pytest.param([SIGNATURE.replace("sha1", "sha256")], id="named after another hash"),
        pytest.param([SIGNATURE.upper()], id="upper case"),
        pytest.param(["sha1=" + SIGNATURE[5:].upper()], id="upper-case digits"),
        pytest.param([SIGNATURE[:-1]], id="cut short"),
        pytest.param([SIGNATURE + "\n"], id="with a line break"),
        pytest.param([SIGNATURE, SIGNATURE], id="twice"),
        pytest.param([SIGNATURE + "é"], id="not ASCII"),
    ],
)
def test_a_request_that_does_not_prove_where_it_comes_from_is_turned_away(claimed: list[str]) -> None:
    with pytest.raises(BadSignature):
        intercom.verify(headers(*claimed), BODY, [SECRET], 0.0)


@pytest.mark.parametrize(
    ("body", "secrets"),
    [
        pytest.param(BODY + b" ", [SECRET], id="a body with one byte more"),
        pytest.param(BODY, ["another"], id="another app's secret"),
        pytest.param(BODY, ["another", "yet another"], id="two other secrets"),
        pytest.param(BODY, [], id="no secret at all"),
    ],
)
def test_a_signature_holds_for_one_body_and_one_secret(body: bytes, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        intercom.verify(headers(SIGNATURE), body, secrets, 0.0)


def test_the_signature_of_the_inbox_app_opens_no_webhook_door() -> None:
    only_canvas = Headers([(b"X-Body-Signature", SIGNATURE.encode())])
    with pytest.raises(BadSignature):
        intercom.verify(only_canvas, BODY, [SECRET], 0.0)


@pytest.mark.parametrize("secrets", [[SECRET], [SECRET, "new"], ["old", SECRET]])
def test_either_of_two_live_secrets_is_enough(secrets: list[str]) -> None:
    intercom.verify(headers(SIGNATURE), BODY, secrets, 0.0)


# -- bodies that do not say what they should ----------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("topic", "topic"),
        ("id", "id"),
        ("app_id", "app_id"),
        ("data", "data.item.id"),
        ("data.item", "data.item.id"),
        ("data.item.id", "data.item.id"),
    ],
)
def test_a_missing_field_is_named(path: str, field: str) -> None:
    said = payload("conversation.admin.closed")
    *above, last = path.split(".")
    holder = said
    for step in above:
        holder = holder[step]
    del holder[last]
    with pytest.raises(Malformed) as refused:
        parse(said)
    assert refused.value.field == field


@pytest.mark.parametrize("rating", [{"rating": "good"}, {"rating": True}, {"rating": [5]}])
def test_a_rating_that_is_no_number_is_named(rating: Any) -> None:
    said = payload("conversation.rating.added")
    said["data"]["item"]["conversation_rating"] = rating
    with pytest.raises(Malformed, match=r"data\.item\.conversation_rating\.rating"):
        parse(said)


@pytest.mark.parametrize("rating", [6, -1, 10**12])
def test_a_rating_beyond_the_scale_is_named(rating: int) -> None:
    said = payload("conversation.rating.added")
    said["data"]["item"]["conversation_rating"]["rating"] = rating
    with pytest.raises(Malformed, match="between 1 and 5"):
        parse(said)


@pytest.mark.parametrize("remark", [[], {}, True, "\0", "\ud800"])
def test_a_remark_that_is_no_text_is_named(remark: Any) -> None:
    said = payload("conversation.rating.added")
    said["data"]["item"]["conversation_rating"]["remark"] = remark
    with pytest.raises(Malformed, match=r"conversation_rating\.remark"):
        parse(said)


@pytest.mark.parametrize("name", ["conversation.deleted", "contact.deleted", "admin.removed_from_workspace"])
@pytest.mark.parametrize("wrong", [[], {}, True, 1.5e300, "", "\0", "\ud800"])
def test_an_id_of_the_wrong_kind_is_named(wrong: Any, name: str) -> None:
    said = payload(name)
    said["data"]["item"]["id"] = wrong
    with pytest.raises(Malformed, match=r"data\.item\.id"):
        parse(said)


def test_a_part_without_its_conversation_is_malformed() -> None:
    said = payload("conversation_part.redacted")
    said["data"]["item"] = {"type": "conversation_part", "id": "2990003"}
    with pytest.raises(Malformed, match=r"data\.item\.conversation"):
        parse(said)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff{}", b"[" * 100_000, b'{"topic": NaN}'])
def test_what_is_not_a_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="body"):
        intercom.parse(headers(), body)


FIELDS = ["type", "id", "conversation", "tag", "tags", "tags_added", "name", "conversation_parts"]
FIELDS += ["conversation_rating", "rating", "remark"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


TOPICS = [
    "contact.deleted",
    "conversation_part.tag.created",
    "conversation.deleted",
    "conversation.rating.added",
    "ping",
]


@pytest.mark.fault("F42")
@given(item=ANYTHING, topic=st.sampled_from(TOPICS))
def test_whatever_an_item_holds_it_is_understood_or_named(item: Any, topic: str) -> None:
    try:
        delivery = parse({"topic": topic, "id": "notif_1", "app_id": "yb12cd34", "data": {"item": item}})
    except Malformed as refused:
        assert refused.field.startswith("data.item")
    else:
        assert delivery.topic == topic


# -- what the bodies say ------------------------------------------------------------------------

MEANINGS: dict[str, Event | None] = {
    "conversation_part.tag.created": ConversationTagged(CONVERSATION, ("要望",), "2990003"),
    "conversation_part.tag.created__legacy": ConversationTagged(CONVERSATION, ("重要",), "2990001"),
    "conversation_part.tag.created__legacy_two_tags": ConversationTagged(CONVERSATION, ("要望", "重要"), "2990001"),
    "conversation_part.tag.created__legacy_empty": ConversationTagged(CONVERSATION, (), ""),
    "conversation.deleted": ConversationDeleted(CONVERSATION),
    "contact.deleted": ContactDeleted("66f1a2b3c4d5e6f708192a3b"),
    "admin.removed_from_workspace": TeammateRemoved("7009"),
    "conversation.rating.added": ConversationRated(CONVERSATION, 5, "早くて助かりました"),
    "ticket.created": None,
    "ping": None,
    "conversation.user.created": ConversationStarted(CONVERSATION, "conversation.user.created"),
    "conversation.user.replied": CustomerReplied(CONVERSATION, "conversation.user.replied"),
    "conversation.admin.replied": AgentReplied(CONVERSATION, "conversation.admin.replied"),
    "conversation.admin.closed": ConversationClosed(CONVERSATION, "conversation.admin.closed"),
    "conversation_part.redacted": PartRedacted(CONVERSATION, "conversation_part.redacted"),
}
for topic in intercom.CHANGES - MEANINGS.keys():
    MEANINGS[topic] = ConversationChanged(CONVERSATION, topic)


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_each_payload_means_one_thing(name: str) -> None:
    said = payload(name)
    expected = Delivery("intercom", said["id"], name.partition("__")[0], MEANINGS[name], "yb12cd34")
    assert parse(said) == expected


def test_every_meaning_has_a_payload() -> None:
    assert MEANINGS.keys() == {path.stem for path in PAYLOADS.glob("*.json")}


def test_a_redelivery_has_the_same_id_and_says_the_same() -> None:
    said = payload("conversation_part.tag.created")
    again = said | {"delivery_attempts": 2, "delivery_status": "retried"}
    assert parse(again) == parse(said)


def test_ids_may_be_numbers_and_optional_fields_may_be_missing() -> None:
    said = payload("conversation_part.tag.created")
    item = {"conversation": {"id": int(CONVERSATION)}, "tag": {"id": 9001, "name": "要望"}}
    bare = {"topic": said["topic"], "id": said["id"], "app_id": said["app_id"], "data": {"item": item}}
    assert parse(bare).event == ConversationTagged(CONVERSATION, ("要望",), "")


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        (None, ConversationRated(CONVERSATION, 0, "")),
        ({}, ConversationRated(CONVERSATION, 0, "")),
        ({"rating": None}, ConversationRated(CONVERSATION, 0, "")),
        ({"rating": 1}, ConversationRated(CONVERSATION, 1, "")),
        ({"rating": "2", "remark": None}, ConversationRated(CONVERSATION, 2, "")),
        ({"rating": 3, "remark": "長" * 501}, ConversationRated(CONVERSATION, 3, "長" * 500)),
    ],
)
def test_a_rating_may_come_without_a_number_or_remark_and_a_long_one_is_cut(
    rating: dict[str, Any] | None, expected: ConversationRated
) -> None:
    said = payload("conversation.rating.added")
    said["data"]["item"]["conversation_rating"] = rating
    assert parse(said).event == expected


def test_where_several_parts_came_along_nobody_guesses_which_was_tagged() -> None:
    said = payload("conversation_part.tag.created")
    said["data"]["item"]["conversation"]["conversation_parts"]["conversation_parts"] *= 2
    assert parse(said).event == ConversationTagged(CONVERSATION, ("要望",), "")


def test_a_topic_that_nobody_knows_is_kept_without_an_event() -> None:
    said = payload("ping") | {"topic": "conversation.something.new"}
    assert parse(said).event is None


# -- handshakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_intercom_may_look_whether_we_are_there(method: str) -> None:
    assert intercom.handshake(method, {}, b"") == Answer(200)


def test_a_webhook_is_no_handshake() -> None:
    assert intercom.handshake("POST", {}, BODY) is None
