"""Productboard's notifications: what is refused, what each one means, and how the handshake is answered."""

import json
from pathlib import Path

import pytest

from integrations import productboard
from integrations.contract import Answer, BadSignature, Event, Headers, Malformed
from integrations.productboard import FeatureChanged, NoteChanged, NoteLinked, NoteUnlinked

ROOT = Path(__file__).parents[2]
PAYLOADS = ROOT / "tests" / "payloads" / "productboard"
SAMPLES = sorted((ROOT.parent / "shared" / "samples" / "productboard").glob("webhook__*.json"))
SECRET, OLDER_SECRET = "Bearer k79f2c", "Basic b2xkOnNlY3JldA=="
NOTE, FEATURE = "7d0c6f4e-52b1-4c1f-9a57-1f0f6b8e2a10", "c4b1f3a2-0e6d-4f58-8a3b-5d9e7c21b604"


def headers(*authorization: bytes) -> Headers:
    return Headers([(b"content-type", b"application/json"), *((b"Authorization", value) for value in authorization)])


def meaning(body: bytes) -> Event | None:
    return productboard.parse(headers(), body).event


def notification(**data: object) -> bytes:
    return json.dumps({"data": data}).encode()


# -- who may speak ------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        [],
        [b""],
        [b"Bearer k79f2"],
        [b"Bearer k79f2cc"],
        [b"bearer k79f2c"],
        [b"k79f2c"],
        [b"Bearer k79f2c", b"Bearer k79f2c"],
        ["Bearer ｋ79f2c".encode()],
    ],
    ids=["none", "empty", "too short", "too long", "other case", "no scheme", "twice", "not ASCII"],
)
def test_a_request_without_the_agreed_authorization_is_refused(given: list[bytes]) -> None:
    with pytest.raises(BadSignature):
        productboard.verify(headers(*given), b"{}", [SECRET], 0.0)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_no_secret_lets_nobody_in(secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        productboard.verify(headers(b""), b"{}", secrets, 0.0)


def test_a_refusal_does_not_tell_the_secret() -> None:
    with pytest.raises(BadSignature) as refused:
        productboard.verify(headers(b"Bearer guess"), b"{}", [SECRET], 0.0)
    assert SECRET not in str(refused.value) and "guess" not in str(refused.value)


@pytest.mark.parametrize("secrets", [[SECRET], [SECRET, OLDER_SECRET], [OLDER_SECRET, SECRET]])
def test_either_secret_is_good_while_they_are_exchanged(secrets: list[str]) -> None:
    productboard.verify(headers(SECRET.encode()), b"{}", secrets, 0.0)


# -- what it says -------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"\xff{}", "body"),
        (b"[]", "body"),
        (b'{"data": {"eventType"', "body"),
        (b'{"data": ' * 100_000, "body"),
        (b"{}", "data.eventType"),
        (b'{"data": []}', "data.eventType"),
        (notification(eventType=["note.created"]), "data.eventType"),
        (notification(eventType="note.created"), "data.id"),
        (notification(eventType="note.updated", id=""), "data.id"),
        (notification(eventType="note.updated", id="../features/1"), "data.id"),
        (notification(eventType="note.updated", id="n" * 65), "data.id"),
        (notification(eventType="note.updated", id={"id": NOTE}), "data.id"),
        (notification(eventType="insight.created", id=NOTE), "data.links.note"),
        (notification(eventType="insight.created", links={"note": "https://[oops/notes/1"}), "data.links.note"),
        (notification(eventType="insight.deleted", links={"note": f"https://x/notes/{NOTE}"}), "data.links.feature"),
        (notification(eventType="insight.deleted", links={"note": "https://x/"}), "data.links.note"),
        (notification(eventType="feature.updated", id=FEATURE, updatedAttributes="status"), "data.updatedAttributes"),
        (notification(eventType="feature.updated", id=FEATURE, updatedAttributes=[None]), "data.updatedAttributes[0]"),
    ],
)
def test_a_malformed_notification_names_the_field(body: bytes, field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        productboard.parse(headers(), body)
    assert malformed.value.field == field


EVENTS: dict[str, Event | None] = {
    "note.created": NoteChanged(NOTE),
    "note.updated__archived": NoteChanged(NOTE),
    "note.deleted": None,
    "insight.created": NoteLinked(NOTE, FEATURE),
    "insight.created__component": NoteLinked(NOTE, FEATURE),
    "insight.deleted": NoteUnlinked(NOTE, FEATURE),
    "feature.created": None,
    "feature.updated__status": FeatureChanged(FEATURE, ("status", "timeframe")),
    "release.updated": None,
    "feature-release-assignment.updated__without_id": None,
}


@pytest.mark.parametrize("name", EVENTS)
def test_each_notification_means_one_thing(name: str) -> None:
    delivery = productboard.parse(headers(), (PAYLOADS / f"{name}.json").read_bytes())
    assert delivery.event == EVENTS[name]
    assert (delivery.source, delivery.topic, delivery.workspace) == ("productboard", name.partition("__")[0], "")


def test_every_payload_has_its_meaning() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == set(EVENTS)


def test_the_delivery_id_is_the_digest_of_the_body() -> None:
    first, second = ((PAYLOADS / f"{name}.json").read_bytes() for name in ("note.created", "feature.created"))
    ids = [productboard.parse(headers(), body).id for body in (first, first, second)]
    assert ids[0] == ids[1] != ids[2]
    assert all(len(id) == 24 and set(id) <= set("0123456789abcdef") for id in ids)


@pytest.mark.skipif(not SAMPLES, reason="needs ../shared/samples, which is not here")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_documented_notifications_are_understood(path: Path) -> None:
    assert meaning(path.read_bytes()) is not None


# -- are you there? -----------------------------------------------------------


@pytest.mark.fault("F79")
@pytest.mark.parametrize("token", ["", "a b", "<script>", "a" * 257, "トークン", "a\r\nX: y", "a\n"])
def test_a_validation_token_that_could_be_markup_is_refused(token: str) -> None:
    assert productboard.handshake("GET", {"validationToken": token}, b"") == Answer(400)


@pytest.mark.parametrize("token", ["t", "aZ09._~-", "a" * 256])
def test_the_validation_token_is_echoed_as_plain_text(token: str) -> None:
    answer = productboard.handshake("GET", {"validationToken": token}, b"")
    assert answer == Answer(200, token.encode(), "text/plain; charset=utf-8")


def test_head_is_answered() -> None:
    assert productboard.handshake("HEAD", {}, b"") == Answer(200)


@pytest.mark.parametrize(("method", "query"), [("GET", {}), ("POST", {}), ("POST", {"validationToken": "t"})])
def test_anything_else_is_no_handshake(method: str, query: dict[str, str]) -> None:
    assert productboard.handshake(method, query, b"") is None
