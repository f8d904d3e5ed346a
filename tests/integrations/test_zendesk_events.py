"""Zendesk's webhooks: what is refused, what each one means, and which of their words are not kept."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.door.inbox import KEPT
from integrations import zendesk
from integrations.contract import Answer, BadSignature, Headers, Malformed
from integrations.zendesk import TicketChanged
from integrations.zendesk.events import PREFIX, PUBLIC_SECRET, SIGNATURE, STAMP, sign
from integrations.zendesk.keeping import without_words
from integrations.zendesk.moments import seconds_of
from integrations.zendesk.twin import ZendeskTwin

ROOT = Path(__file__).parents[2]
PAYLOADS = ROOT / "tests" / "payloads" / "zendesk"
SAMPLES = ROOT.parent / "shared" / "samples" / "zendesk"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/samples, which is not here")

SECRET, OLDER_SECRET = "c2VjcmV0IG9mIGEgd2ViaG9vaw==", "b2xkZXI="
STAMPED = "2026-11-18T05:05:04Z"
NOW = seconds_of(STAMPED) or 0.0
BODY = (PAYLOADS / "ticket.created.json").read_bytes()


def headers(signature: str | None = None, stamp: str | None = STAMPED, *more: tuple[bytes, bytes]) -> Headers:
    said = {SIGNATURE: sign(SECRET, STAMPED, BODY) if signature is None else signature, STAMP: stamp}
    return Headers([*((name.encode(), value.encode()) for name, value in said.items() if value is not None), *more])


def verify(given: Headers, body: bytes = BODY, secrets: list[str] | None = None, now: float = NOW) -> None:
    zendesk.verify(given, body, [SECRET] if secrets is None else secrets, now)


def payload(name: str = "ticket.created", **detail: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_bytes())
    told["detail"] |= detail
    return told


def parse(told: object) -> Any:
    return zendesk.parse(Headers([]), json.dumps(told).encode())


# -- who may speak --------------------------------------------------------------------------------

REFUSED = {
    "no signature": Headers([(STAMP.encode(), STAMPED.encode())]),
    "no time": headers(stamp=None),
    "an empty signature": headers(""),
    "another's signature": headers(sign("somebody else's", STAMPED, BODY)),
    "of the body alone": headers(sign(SECRET, "", BODY)),
    "of another moment": headers(sign(SECRET, "2026-11-18T05:05:05Z", BODY)),
    "twice": headers(None, STAMPED, (SIGNATURE.encode(), b"x")),
    "a time that is none": headers(sign(SECRET, "soon", BODY), "soon"),
    "a time without a zone": headers(sign(SECRET, "2026-11-18T05:05:04", BODY), "2026-11-18T05:05:04"),
    "a date": headers(sign(SECRET, "2026-11-18", BODY), "2026-11-18"),
    "Unix seconds": headers(sign(SECRET, str(int(NOW)), BODY), str(int(NOW))),
    "a month that is none": headers(sign(SECRET, "2026-13-18T05:05:04Z", BODY), "2026-13-18T05:05:04Z"),
    "another age": headers(sign(SECRET, "0001-01-01T00:00:00Z", BODY), "0001-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_request_that_proves_nothing_is_refused(case: str) -> None:
    with pytest.raises(BadSignature) as refused:
        verify(REFUSED[case])
    assert SECRET not in str(refused.value)


@pytest.mark.fault("F64")
@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_stale_request_is_refused_although_it_is_signed(seconds: float) -> None:
    with pytest.raises(BadSignature, match="stale"):
        verify(headers(), now=NOW + seconds)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_fresh(seconds: float) -> None:
    verify(headers(), now=NOW + seconds)


def test_a_fraction_of_a_second_is_a_time() -> None:
    stamp = "2026-11-18T05:05:04.120Z"
    verify(headers(sign(SECRET, stamp, BODY), stamp))


@pytest.mark.parametrize("secrets", [[SECRET, OLDER_SECRET], [OLDER_SECRET, SECRET]])
def test_either_secret_is_good_while_they_are_exchanged(secrets: list[str]) -> None:
    verify(headers(), secrets=secrets)


def test_the_secret_that_everybody_knows_lets_nobody_in_even_where_it_was_set() -> None:
    with pytest.raises(BadSignature):
        verify(headers(sign(PUBLIC_SECRET, STAMPED, BODY)), secrets=[PUBLIC_SECRET])


def test_a_body_is_signed_as_it_came() -> None:
    with pytest.raises(BadSignature):
        verify(headers(), json.dumps(json.loads(BODY)).encode())


@needs_samples
def test_published_signatures_are_ours() -> None:
    vectors = json.loads((SAMPLES / "signature_test_vectors.json").read_text())
    for each in vectors["vectors"]:
        assert sign(each["secret"], each["timestamp"], each["body"].encode()) == each["signature"], each["name"]
    good = {each["signature"] for each in vectors["vectors"]}
    assert not good & {each["signature"] for each in vectors["must_fail"]}


@given(st.binary(max_size=200), st.text(max_size=40).filter(bool), st.integers(0, 7))
def test_whatever_is_changed_about_a_request_it_is_refused(body: bytes, secret: str, bit: int) -> None:
    signature = sign(secret, STAMPED, body)
    zendesk.verify(headers(signature), body, [secret], NOW)
    for changed in (body + b" ", bytes([bit]) + body):
        with pytest.raises(BadSignature):
            zendesk.verify(headers(signature), changed, [secret], NOW)


# -- what it says ---------------------------------------------------------------------------------

PERSON, COMPANY, BRAND = "420000000311", "380000000101", "360000000031"
CREATED, AT = 1794978302, 1794978303
CASES = {
    "ticket.created": TicketChanged(
        "30417", "created", CREATED, AT, "email", "new", PERSON, PERSON, COMPANY, BRAND, ("勤怠", "締め")
    ),
    "ticket.created__nothing_known": TicketChanged("30417", "created", CREATED, AT, "", "", "", "", "", "", ()),
    "ticket.created__outbound": TicketChanged(
        "30417", "created", CREATED, AT, "web", "pending", PERSON, "350000000901", COMPANY, BRAND, ("proactive", "案内")
    ),
    "ticket.marked_as_spam": TicketChanged(
        "30417", "spam", CREATED, AT, "email", "new", PERSON, PERSON, COMPANY, BRAND, ("勤怠", "締め")
    ),
    "ticket.soft_deleted": TicketChanged(
        "30417", "deleted", CREATED, AT, "email", "deleted", PERSON, PERSON, COMPANY, BRAND, ("勤怠", "締め")
    ),
    "ticket.merged": TicketChanged(
        "30417", "merged", CREATED, AT, "email", "closed", PERSON, PERSON, COMPANY, BRAND, ("closed_by_merge", "勤怠")
    ),
    "ticket.tags_changed": None,
}


@pytest.mark.parametrize("name", CASES)
def test_each_delivery_means_one_thing(name: str) -> None:
    delivery = zendesk.parse(Headers([]), (PAYLOADS / f"{name}.json").read_bytes())
    assert delivery.event == CASES[name]
    assert (delivery.source, delivery.topic) == ("zendesk", name.partition("__")[0])
    assert delivery.id.startswith("5e0c9d1a-")


def test_every_payload_has_a_case() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == CASES.keys()


WRONG: dict[str, tuple[object, str]] = {
    "a trigger's body": ({"ticket_id": "9001", "tags": "a b"}, "type"),
    "no ticket": (payload(id=None), "detail.id"),
    "a ticket that is an address": (payload(id="../users/1"), "detail.id"),
    "a ticket in other digits": (payload(id="９００１"), "detail.id"),
    "no creation": (payload(created_at=None), "detail.created_at"),
    "a creation without a zone": (payload(created_at="2026-11-18T05:05:02"), "detail.created_at"),
    "a creation in another age": (payload(created_at="9999-12-31T23:59:59-23:59"), "detail.created_at"),
    "a moment that is none": (payload() | {"time": "yesterday"}, "time"),
    "a channel that is a list": (payload(via={"channel": ["mail"]}), "detail.via.channel"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_say_what_it_should_names_the_field(case: str) -> None:
    told, field = WRONG[case]
    with pytest.raises(Malformed) as malformed:
        parse(told)
    assert malformed.value.field == field


def test_a_kind_of_event_that_we_do_not_know_is_kept_by_its_name() -> None:
    delivery = parse({"type": f"{PREFIX}ticket.invented", "id": "1"})
    assert (delivery.topic, delivery.event) == ("ticket.invented", None)


def test_someone_who_only_looks_is_told_that_we_are_there() -> None:
    assert [zendesk.handshake(method, {}, b"") for method in ("HEAD", "GET", "POST")] == [Answer(), Answer(), None]


@needs_samples
def test_documented_deliveries_are_readable() -> None:
    created = json.loads((SAMPLES / "representative.webhook.ticket_created.json").read_text())
    given = Headers([(name.encode(), value.encode()) for name, value in created["headers"].items()])
    body = created["raw_body"].encode()
    at = seconds_of(created["headers"][STAMP]) or 0.0
    with pytest.raises(BadSignature):  # it is signed with what everybody knows
        zendesk.verify(given, body, [PUBLIC_SECRET], at)
    event = zendesk.parse(given, body).event
    assert isinstance(event, TicketChanged)
    assert (event.ticket_id, event.change, event.channel) == ("9001", "created", "email")
    others = json.loads((SAMPLES / "representative.webhook.other_ticket_events.json").read_text())["bodies"]
    meant = [parse(body).event for body in others]
    assert [event.change if event else "" for event in meant] == ["", "spam", "deleted", "merged", ""]


# -- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_no_word_of_a_customer_is_kept_and_the_meaning_is(name: str) -> None:
    body = (PAYLOADS / f"{name}.json").read_bytes()
    kept = KEPT["zendesk"](body)
    assert zendesk.parse(Headers([]), kept) == zendesk.parse(Headers([]), body)
    assert not [word for word in ("部署コード", "終わらない") if word in kept.decode()]


@given(st.text(), st.text())
def test_words_are_taken_out_however_they_are_written(description: str, comment: str) -> None:
    secret = "お客様の秘密"
    told = payload(description=f"{description}{secret}", subject=secret)
    told["event"] = {"comment": {"body": f"{comment}{secret}", "html_body": secret}}
    for plain in (True, False):
        body = json.dumps(told, ensure_ascii=plain, indent=None if plain else 2).encode("utf-8", "surrogatepass")
        kept = without_words(body)
        assert secret.encode() not in kept and json.dumps(secret)[1:-1].encode() not in kept
        assert json.loads(kept.decode("utf-8", "surrogatepass"))["detail"]["id"] == "30417"


def test_what_is_no_delivery_stays_as_it_is() -> None:
    for body in (b"", b"[]", b"\xff\xfe", b'{"type": 1}'):
        assert without_words(body) == body


def test_what_the_twin_sends_is_let_in() -> None:
    twin = ZendeskTwin(client_id="c", client_secret="c", secret=SECRET)
    twin.held = []
    first, second = twin.write("締めが終わらない", tags=("締め",)), twin.agent_writes("ご案内")
    twin.merge(first, second)
    twin.mark_as_spam(first)
    twin.delete(second)
    meant = []
    for said, body in twin.held:
        raw = Headers([(name.encode(), value.encode()) for name, value in said.items()])
        zendesk.verify(raw, body, [SECRET], time.time())
        event = zendesk.parse(raw, body).event
        assert isinstance(event, TicketChanged)
        meant.append((event.ticket_id, event.change))
    told = [(first, "created"), (second, "created"), (first, "merged"), (first, "spam"), (second, "deleted")]
    assert meant == [(str(ticket), change) for ticket, change in told]
