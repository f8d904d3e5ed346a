"""Chatwork's webhooks: who may send one, and what each is about. Nobody acts on any of them yet."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import chatwork
from integrations.chatwork.events import SIGNATURE, key_of, sign
from integrations.chatwork.twin import ChatworkTwin, token_from
from integrations.contract import BadSignature, Delivery, Headers, Malformed
from tests.integrations.chatwork_spec import needs_samples, sample

PAYLOADS = Path(__file__).parents[1] / "payloads" / "chatwork"
TOKEN, OTHER = token_from("of today"), token_from("of another webhook")
BODY = (PAYLOADS / "message_created.json").read_bytes()
MESSAGE = "1928374655918000101"


def headers(signature: str) -> Headers:
    return Headers([(b"X-ChatWorkWebhookSignature", signature.encode())])


def verify(signature: str, *tokens: str, body: bytes = BODY) -> None:
    chatwork.verify(headers(signature), body, tokens or [TOKEN], 0.0)


def parse(**event: Any) -> Delivery:
    told = {"webhook_event_type": "message_updated", "webhook_event": {"message_id": MESSAGE} | event}
    return chatwork.parse(Headers([]), json.dumps(told).encode())


# -- refusals -------------------------------------------------------------------------------------


def test_without_a_signature_nothing_is_genuine() -> None:
    with pytest.raises(BadSignature, match="is missing"):
        chatwork.verify(Headers([]), BODY, [TOKEN], 0.0)


@pytest.mark.parametrize("token", [OTHER, token_from("")])
def test_another_webhooks_token_signs_nothing(token: str) -> None:
    with pytest.raises(BadSignature):
        verify(sign(token, BODY))


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(sign(TOKEN, BODY), body=BODY + b" ")


@pytest.mark.parametrize("token", ["", "not base64", "日本"])
def test_a_token_that_is_no_base64_is_none(token: str) -> None:
    with pytest.raises(ValueError, match="in base64"):
        key_of(token)


@needs_samples
def test_what_must_fail_in_the_samples_fails() -> None:
    for vector in sample("signature_test_vectors")["must_fail"]:
        with pytest.raises(BadSignature):
            verify(vector["signature"], vector["token"], body=vector["raw_body"].encode())


@pytest.mark.parametrize(("id", "why"), [(None, "is null, not text"), ("", "is empty"), (["1"], "is a list, not text")])
def test_a_message_without_an_id_is_malformed(id: object, why: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(message_id=id)
    assert (refused.value.field, refused.value.why) == ("webhook_event.message_id", why)


json_bodies = st.recursive(st.none() | st.text(), st.lists, max_leaves=4).map(json.dumps).map(str.encode)


@given(st.binary(max_size=200) | json_bodies)
def test_no_body_does_more_harm_than_being_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert chatwork.parse(Headers([]), body).event is None


# -- what is let in -------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [TOKEN, OTHER])
def test_each_of_our_webhooks_is_heard(token: str) -> None:
    verify(sign(token, BODY), TOKEN, OTHER)


@needs_samples
def test_the_samples_are_signed_as_they_say() -> None:
    for vector in sample("signature_test_vectors")["vectors"]:
        verify(vector["signature"], vector["token"], body=vector["raw_body"].encode())


@pytest.mark.parametrize("name", ["message_created", "message_updated", "mention_to_me"])
def test_what_it_is_about_is_known_and_nobody_acts_on_it(name: str) -> None:
    delivery = chatwork.parse(Headers([]), (PAYLOADS / f"{name}.json").read_bytes())
    assert (delivery.source, delivery.topic, delivery.event) == ("chatwork", name, None)


def test_the_same_message_in_the_same_state_is_the_same_delivery() -> None:
    assert parse(update_time=5).id == parse(update_time=5, body="x").id == f"message_updated/{MESSAGE}/5"
    assert parse(update_time=6).id != parse(update_time=5).id


def test_a_topic_that_is_new_is_told_apart_by_its_bytes() -> None:
    bodies = [b'{"webhook_event_type": "room_created", "n": %d}' % n for n in (1, 2)]
    assert len({chatwork.parse(Headers([]), body).id for body in bodies}) == 2


def test_the_twin_signs_what_it_sends_and_tells_of_a_mention_twice() -> None:
    twin = ChatworkTwin(token="t", webhook_token=TOKEN)
    twin.held = []
    twin.add_room(1, "お客様の声")
    twin.add_member(1, 2, "佐藤")
    id = twin.say(1, 2, "[To:2739132] 誤報です")
    twin.change(1, id, "本当でした")
    topics = []
    for sent, body in twin.held:
        chatwork.verify(Headers((name.encode(), value.encode()) for name, value in sent.items()), body, [TOKEN], 0.0)
        topics.append(chatwork.parse(Headers([]), body).topic)
    assert topics == ["message_created", "mention_to_me", "message_updated"]
    assert SIGNATURE in twin.held[0][0]
