"""What a deployment tells us: who may tell it, what is refused, and what each delivery means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import deploy
from integrations.contract import BadSignature, Event, Headers, Malformed
from integrations.deploy import FeatureUsed, FlagEnabled, ReleaseAvailable, ReleaseWithdrawn
from integrations.deploy.twin import secret_from
from integrations.standard_webhooks import key_of, sign

PAYLOADS = Path(__file__).parents[1] / "payloads" / "deploy"
SECRET, OLD_SECRET = secret_from("of today"), secret_from("of yesterday")
ID, NOW, BODY = "msg_1", 1_795_226_640, b'{"type": "release.withdrawn"}'


def headers(**others: str) -> Headers:
    """Right headers, but for those that are given; "-" leaves one out."""
    right = {"id": ID, "timestamp": str(NOW), "signature": sign(SECRET, ID, str(NOW), BODY)} | others
    return Headers((f"Webhook-{name}".encode(), value.encode()) for name, value in right.items() if value != "-")


def signed_at(stamp: str, id: str = ID, secret: str = SECRET) -> Headers:
    return headers(id=id, timestamp=stamp, signature=sign(secret, id, stamp, BODY))


def verify(told: Headers, *secrets: str, body: bytes = BODY) -> None:
    deploy.verify(told, body, secrets or [SECRET], float(NOW))


# -- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "timestamp", "signature"])
def test_without_one_of_the_three_headers_nothing_is_genuine(name: str) -> None:
    with pytest.raises(BadSignature, match=f"webhook-{name} is missing"):
        verify(headers(**{name: "-"}))


@pytest.mark.fault("F64")
@pytest.mark.parametrize("stamp", [str(NOW - 301), str(NOW + 301), "0", "9" * 12])
def test_what_is_stale_or_from_the_future_is_refused_although_it_is_signed(stamp: str) -> None:
    with pytest.raises(BadSignature, match="stale"):
        verify(signed_at(stamp))


@pytest.mark.parametrize("stamp", ["", "soon", "1795226640.5", "-1", "+1795226640", "9" * 13, " 1795226640"])
def test_a_timestamp_is_a_number_of_seconds(stamp: str) -> None:
    with pytest.raises(BadSignature, match="not a number"):
        verify(signed_at(stamp))


@pytest.mark.parametrize("stamp", [NOW - 300, NOW + 300])
def test_five_minutes_are_just_fresh_enough(stamp: int) -> None:
    verify(signed_at(str(stamp)))


@pytest.mark.parametrize("id", ["", "a.1", "a/b", "a b", "x" * 129])
def test_an_id_holds_nothing_that_could_be_taken_for_something_else(id: str) -> None:
    with pytest.raises(BadSignature, match="webhook-id"):
        verify(signed_at(str(NOW), id))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1",
        "v1,",
        sign(SECRET, ID, str(NOW), BODY).removeprefix("v1,"),
        sign(SECRET, ID, str(NOW), BODY).replace("v1,", "v1a,"),
        sign(SECRET, ID, str(NOW), BODY) + "0",
        sign(SECRET, ID, str(NOW), BODY).upper(),
        sign(SECRET, ID, str(NOW), BODY).replace("v1,", "V1,"),
        sign(SECRET, "msg_2", str(NOW), BODY),
        sign(SECRET, ID, str(NOW - 1), BODY),
        sign(SECRET, ID, str(NOW), BODY + b" "),
        sign(OLD_SECRET, ID, str(NOW), BODY),
        "v1," + base64.b64encode(hmac.digest(SECRET.encode(), f"{ID}.{NOW}.".encode() + BODY, "sha256")).decode(),
    ],
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature, match="does not match"):
        verify(headers(signature=signature))


def test_a_body_that_was_changed_on_its_way_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(headers(), body=BODY.replace(b"withdrawn", b"available"))


def test_while_secrets_are_rotated_both_are_good_on_either_side() -> None:
    now = str(NOW)
    verify(signed_at(now, secret=OLD_SECRET), SECRET, OLD_SECRET)
    new, old = sign(SECRET, ID, now, BODY), sign(OLD_SECRET, ID, now, BODY)
    verify(headers(signature=f"v1a,other {old} {new}"))
    with pytest.raises(BadSignature):
        verify(headers(signature=f"{old} v1,{'A' * 43}="))


def test_it_is_signed_as_the_standard_says() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks, of which every library has a test."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, not at all", SECRET[6:]])
def test_a_secret_that_the_standard_does_not_know_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="must be whsec_ and 24 to 64 bytes in base64"):
        key_of(secret)


def test_a_secret_has_24_to_64_bytes() -> None:
    for length, fits in ((23, False), (24, True), (64, True), (65, False)):
        secret = "whsec_" + base64.b64encode(b"k" * length).decode()
        with nullcontext() if fits else pytest.raises(ValueError, match="24 to 64 bytes"):
            assert key_of(secret) == b"k" * length


# -- meaning -------------------------------------------------------------------------------------


def parsed(body: Any) -> Event | None:
    return deploy.parse(Headers([]), json.dumps(body).encode()).event


def sent(minute: int) -> int:
    """When a payload says that it was sent."""
    return 1_795_928_400_000 + minute * 60_000


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("release.available", ReleaseAvailable(("KNDE-12",), sent_at=sent(20))),
        (
            "release.available__companies",
            ReleaseAvailable(
                ("KNDE-12", "AOS-31"), companies=("101", "青葉商事株式会社"), at=1_796_083_200_000, sent_at=sent(21)
            ),
        ),
        (
            "release.available__tiers",
            ReleaseAvailable(version="2026.12", tiers=("Enterprise", "Business"), sent_at=sent(22)),
        ),
        ("release.available__share", ReleaseAvailable(version="2026.12", share=20, sent_at=sent(23))),
        ("release.available__flag", ReleaseAvailable(("KNDE-12",), flag="new-csv", sent_at=sent(24))),
        ("release.withdrawn", ReleaseWithdrawn(("KNDE-12",), sent(60))),
        ("flag.enabled", FlagEnabled("new-csv", ("101", "102"))),
        ("flag.enabled__add", FlagEnabled("new-csv", add=("103",))),
        ("feature.used", FeatureUsed("KNDE-12", company="101", person="c101", at=1_795_932_179_500)),
        ("feature.used__version", FeatureUsed(version="2026.12", person="sato@aoba.example", at=1_795_932_240_000)),
        ("deploy.started", None),
    ],
)
def test_what_each_payload_means(name: str, event: Event | None) -> None:
    delivery = deploy.parse(Headers([(b"webhook-id", b"msg_7")]), (PAYLOADS / f"{name}.json").read_bytes())
    assert (delivery.event, delivery.id, delivery.topic) == (event, "msg_7", name.partition("__")[0])


def test_read_again_without_its_headers_it_is_named_by_its_body() -> None:
    body = (PAYLOADS / "release.withdrawn.json").read_bytes()
    assert deploy.parse(Headers([]), body).id == hashlib.sha256(body).hexdigest()[:24]


AVAILABLE, FLAG, USED = "release.available", "flag.enabled", "feature.used"
ISSUES: dict[str, Any] = {"issues": ["KNDE-12"]}


@pytest.mark.parametrize(
    ("type", "data", "said"),
    [
        (AVAILABLE, None, "data: is missing"),
        (AVAILABLE, [], "data: is a list, not an object"),
        (AVAILABLE, {}, "data: is missing"),
        (AVAILABLE, {"share": 20}, "data.issues: is missing, and so is version"),
        (AVAILABLE, ISSUES | {"version": "1"}, "data.version: cannot be said together with issues"),
        (AVAILABLE, {"issues": []}, "data.issues: is empty"),
        (AVAILABLE, {"issues": "KNDE-12"}, "data.issues: is text, not a list"),
        (AVAILABLE, {"issues": ["KNDE-12", None]}, "data.issues[1]: is null, not text"),
        (AVAILABLE, {"issues": [" "]}, "data.issues[0]: is empty"),
        (AVAILABLE, {"issues": ["K"] * 101}, "data.issues: holds more than 100 entries"),
        (AVAILABLE, {"version": ""}, "data.version: is empty"),
        (AVAILABLE, {"version": "a\nb"}, "data.version: is not a name of up to 200 printable characters"),
        (AVAILABLE, {"version": "x" * 201}, "data.version: is not a name of up to 200 printable characters"),
        (AVAILABLE, ISSUES | {"companies": []}, "data.companies: is empty"),
        (AVAILABLE, ISSUES | {"companies": {"id": 1}}, "data.companies: is an object, not a list"),
        (AVAILABLE, ISSUES | {"companies": ["1"] * 1001}, "data.companies: holds more than 1000 entries"),
        (AVAILABLE, ISSUES | {"tiers": ["A"], "share": 5}, "data.share: cannot be said together with tiers"),
        (AVAILABLE, ISSUES | {"companies": ["1"], "flag": "f"}, "data.flag: cannot be said together with companies"),
        (AVAILABLE, ISSUES | {"share": 0}, "data.share: is not a percentage from 1 to 100"),
        (AVAILABLE, ISSUES | {"share": 101}, "data.share: is not a percentage from 1 to 100"),
        (AVAILABLE, ISSUES | {"share": "half"}, "data.share: is text, not a whole number"),
        (AVAILABLE, ISSUES | {"flag": ["f"]}, "data.flag: is a list, not text"),
        (AVAILABLE, ISSUES | {"at": "soon"}, "data.at: is not a time such as 2026-12-01T09:00:00+09:00"),
        (AVAILABLE, ISSUES | {"at": "2026-12-01T09:00:00"}, "data.at: has no time zone, such as +09:00 or Z"),
        (AVAILABLE, ISSUES | {"at": "0001-01-01T00:00:00+23:00"}, "data.at: is in another age"),
        ("release.withdrawn", {"version": "2026.12"}, "data.issues: is missing"),
        (FLAG, {"companies": ["1"]}, "data.flag: is missing"),
        (FLAG, {"flag": "f"}, "data.companies: is missing, and so is add"),
        (FLAG, {"flag": "f", "companies": ["1"], "add": ["2"]}, "data.add: cannot be said together with companies"),
        (USED, {"company": "101"}, "data.issue: is missing, and so is version"),
        (USED, {"issue": "K-1", "version": "1", "company": "1"}, "data.version: cannot be said together with issue"),
        (USED, {"issue": "K-1"}, "data.company: is missing, and so is person"),
        (USED, {"issue": "K-1", "company": True}, "data.company: is a truth value, not text"),
        (USED, {"issue": "K-1", "person": "c1", "at": 5.5}, "data.at: is a number, not text"),
    ],
)
def test_a_field_that_is_wrong_is_named(type: str, data: Any, said: str) -> None:
    with pytest.raises(Malformed) as error:
        parsed({"type": type, "timestamp": "2026-11-29T05:20:00Z", "data": data})
    assert str(error.value) == said


@pytest.mark.parametrize("field", ["type", "timestamp"])
def test_every_body_says_what_and_when(field: str) -> None:
    whole = {"type": "deploy.started", "timestamp": "2026-11-29T05:20:00Z"}
    assert parsed(whole) is None
    with pytest.raises(Malformed, match=f"{field}: is missing"):
        parsed({name: value for name, value in whole.items() if name != field})


def test_nothing_and_null_are_the_same() -> None:
    data = ISSUES | {"version": None, "companies": None, "share": None, "at": None}
    event = parsed({"type": AVAILABLE, "timestamp": "2026-11-29T05:20:00Z", "data": data})
    assert event == ReleaseAvailable(("KNDE-12",), sent_at=sent(20))


moments = st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())


@given(st.text(max_size=40) | moments)
def test_a_moment_is_one_or_is_told(text: str) -> None:
    try:
        parsed({"type": "deploy.started", "timestamp": text})
    except Malformed as error:
        assert error.field == "timestamp"
