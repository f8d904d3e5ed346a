"""Who is let in at the door. Refusals first: whatever does not prove its origin leaves no trace but a count."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
from pydantic import SecretStr

from app.door.replay import replay
from integrations import SOURCES
from integrations.contract import BadSignature, Headers
from tests.door import (
    FORM,
    OLD_SECRET,
    PROOFS,
    SECRET,
    UNHEARD,
    Door,
    RawHeaders,
    encoded,
    given,
    kept_of,
    path_of,
    payload,
    raw,
    sample,
    signed,
)

NOW = 1_795_226_640.0
every_source = pytest.mark.parametrize("source", SOURCES)


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with Door(database_url) as door:
        yield door


# -- signatures -----------------------------------------------------------------------------------


def forgeries(source: str, body: bytes) -> dict[str, RawHeaders]:
    """Requests that do not prove that they come from the source, by what is wrong with them."""
    right = signed(source, body)
    name, prefix = PROOFS[source]
    proof = right[name]

    def instead(value: str) -> RawHeaders:
        return raw(right | {name: value})

    cases = {
        "no proof at all": raw({key: value for key, value in right.items() if key != name}),
        "an empty proof": instead(""),
        "the prefix alone": instead(prefix or " "),
        "a proof that is too short": instead(proof[:-1]),
        "a proof that is too long": instead(proof + "0"),
        "another secret": raw(signed(source, body, "somebody else's")),
        "a secret that was rotated out": raw(signed(source, body, OLD_SECRET)),
        "no secret": raw(signed(source, body, "")),
        "upper case": instead(prefix + proof.removeprefix(prefix).upper()),
        "an unknown method": instead("md5=" + proof.removeprefix(prefix)),
        "no method": instead(proof.removeprefix(prefix) if prefix else f"Bearer {proof}"),
        "the proof twice": [*raw(right), (name.encode(), proof.encode())],
        "a right and a wrong proof": [*raw(right), (name.encode(), b"0")],
        "letters beyond ASCII": instead(proof[:-1] + "é"),
        "digits beyond ASCII": [
            *raw({k: v for k, v in right.items() if k != name}),
            (name.encode(), "٣".encode() * 40),
        ],
    }
    if source != "productboard":  # it signs no body
        cases |= {
            "another body's": instead(signed(source, body + b" ")[name]),
            "sha1 for sha256, or the reverse": instead(_other_method(source, body)),
        }
    return cases


def _other_method(source: str, body: bytes) -> str:
    other = "jira" if source == "intercom" else "intercom"
    return signed(other, body)[PROOFS[other][0]]


@pytest.mark.fault("F63")
@pytest.mark.parametrize("number", [1, 2])
@every_source
def test_a_wrong_proof_costs_what_a_right_one_costs(source: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are compared in constant time, and with every secret there is, whichever of them fits."""
    body, secrets = sample(source), [SECRET, OLD_SECRET][:number]
    compared: list[tuple[type, ...]] = []
    real = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((type(one), type(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for secret in (SECRET, OLD_SECRET, "somebody else's", ""):
        compared.clear()
        headers = Headers(raw(signed(source, body, secret)))
        with nullcontext() if secret in secrets else pytest.raises(BadSignature):
            SOURCES[source].verify(headers, body, [given(source, each) for each in secrets], time.time())
        assert compared == [(bytes, bytes)] * number, secret


@pytest.mark.fault("F62")
@every_source
async def test_forgeries_are_refused_and_leave_nothing(door: Door, source: str) -> None:
    body = sample(source)
    cases = forgeries(source, body)
    before = await door.metric("yamabiko_refusals_total", source=source, status="401")
    answers = {what: await door.post(source, headers, body) for what, headers in cases.items()}
    assert {what: answer.status for what, answer in answers.items()} == dict.fromkeys(cases, 401)
    assert {answer.body for answer in answers.values()} == {
        b"The signature does not fit: check the secret on both sides."
    }
    assert door.rows() == (0, 0, 0)
    assert await door.metric("yamabiko_refusals_total", source=source, status="401") == before + len(cases)


@every_source
async def test_the_same_request_with_its_proof_is_let_in(door: Door, source: str) -> None:
    body = sample(source)
    assert (await door.post(source, signed(source, body), body)).status == 200
    assert [row.body for row in door.deliveries()] == [kept_of(source, body)]


# -- Slack's clock --------------------------------------------------------------------------------

STALE = {
    "301 seconds old": "1795226339",
    "301 seconds early": "1795226941",
    "long ago": "0",
    "in another age": "99999999999",
    "empty": "",
    "not a number": "soon",
    "a fraction": "1795226640.5",
    "negative": "-1795226640",
    "signed": "+1795226640",
    "with an exponent": "1795226e3",
    "endless": "9" * 5000,
    "with underscores": "1_795_226_640",
    "padded": " 1795226640",
}


@pytest.mark.fault("F64")
async def test_stale_timestamps_are_refused_although_they_are_signed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    body = sample("slack")
    answers = {what: (await door.post("slack", _signed_at(body, stamp), body)).status for what, stamp in STALE.items()}
    assert answers == dict.fromkeys(STALE, 401)
    assert door.rows() == (0, 0, 0)


def _signed_at(body: bytes, stamp: str) -> dict[str, str]:
    proof = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={proof}",
    }


@pytest.mark.fault("F64")
async def test_a_timestamp_that_occurs_twice_is_refused(door: Door) -> None:
    body = sample("slack")
    headers = raw(signed("slack", body))
    stamp = next(value for name, value in headers if name == b"x-slack-request-timestamp")
    assert (await door.post("slack", [*headers, (b"x-slack-request-timestamp", stamp)], body)).status == 401


@pytest.mark.fault("F64")
async def test_five_minutes_are_just_fresh_enough(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    body = sample("slack")
    moments = (NOW - 300, NOW, NOW + 300)
    answers = [await door.post("slack", signed("slack", body, at=moment), body) for moment in moments]
    assert [answer.status for answer in answers] == [200] * 3
    assert len(door.deliveries()) == 1


# -- secrets --------------------------------------------------------------------------------------

FIELDS = {
    "intercom": "intercom_client_secret",
    "productboard": "productboard_webhook_authorization",
    "jira": "jira_webhook_secret",
    "slack": "slack_signing_secret",
    "deploy": "deploy_webhook_secret",
    "zendesk": "zendesk_webhook_secret",
    "counts": "counts_webhook_secret",
    "chatwork": "chatwork_webhook_tokens",
}


@pytest.mark.parametrize("secret", [None, SecretStr(""), SecretStr(" , ")], ids=["none", "empty", "commas"])
async def test_a_source_without_a_secret_has_no_door(sqlite_url: str, secret: SecretStr | None) -> None:
    async with Door(sqlite_url, **dict.fromkeys(FIELDS.values(), secret)) as door:
        for source in SOURCES:
            body = sample(source)
            answers = [(await door.ask(method, path_of(source))).status for method in ("GET", "HEAD")]
            answers += [(await door.post(source, signed(source, body, key), body)).status for key in (SECRET, "", " ")]
            assert answers == [404] * 5, source
        assert door.rows() == (0, 0, 0)


@pytest.mark.fault("F44", "F66")
async def test_while_a_secret_is_rotated_both_are_good_and_no_third(database_url: str) -> None:
    pair = f"{SECRET}, {OLD_SECRET}"
    both = {field: SecretStr(given(source, pair)) for source, field in FIELDS.items()}
    async with Door(database_url, **both) as door:
        for source in SOURCES:
            body = sample(source)
            answers = [
                (await door.post(source, signed(source, body, key), body)).status for key in (pair, SECRET, OLD_SECRET)
            ]
            assert answers == [401, 200, 200], source
        assert len(door.deliveries()) == len(SOURCES)


@pytest.mark.fault("F57")
async def test_an_unknown_address_is_404_whatever_is_sent(door: Door) -> None:
    body = sample("slack")
    paths = ["/webhooks/linear", "/webhooks/slack", "/webhooks/Jira", "/webhooks/jira/x", "/slack/event"]
    answers = [(await door.post("slack", signed("slack", body), body, path)).status for path in paths]
    assert answers == [404] * len(paths)
    assert door.rows() == (0, 0, 0)


async def test_strangers_cannot_make_the_metrics_grow(door: Door) -> None:
    for number in range(50):
        await door.ask("GET", f"/webhooks/linear-{number}")
    said = (await door.ask("GET", "/metrics")).body.decode()
    assert "linear-" not in said
    assert await door.metric("yamabiko_refusals_total", source="unknown", status="404") >= 50


# -- workspaces -----------------------------------------------------------------------------------

STRANGERS = {"intercom": ("app_id", "zz99zz99"), "slack": ("team_id", "T0STRANGER")}


@pytest.mark.fault("F57", "F75")
@pytest.mark.parametrize("source", STRANGERS)
async def test_another_workspaces_news_are_not_kept_and_not_sent_again(door: Door, source: str) -> None:
    field, stranger = STRANGERS[source]
    before = await door.metric("yamabiko_deliveries_total", source=source, state="elsewhere")
    answer = await door.send(source, encoded(payload(source) | {field: stranger}))
    assert (answer.status, answer.body) == (200, b"")
    assert (answer.headers.get("x-slack-no-retry") == "1") is (source == "slack")
    assert door.rows() == (0, 0, 0)
    assert await door.metric("yamabiko_deliveries_total", source=source, state="elsewhere") == before + 1


async def test_what_names_no_workspace_is_nobodys_news(door: Door) -> None:
    answer = await door.send("slack", encoded({k: v for k, v in payload("slack").items() if k != "team_id"}))
    assert (answer.status, door.rows()) == (200, (0, 0, 0))
    command = b"command=%2Fescalate&text=&user_id=U0LEAD&trigger_id=1.2"
    headers = signed("slack", command) | {"content-type": FORM}
    assert ((await door.post("slack", headers, command)).status, door.rows()) == (403, (0, 0, 0))
    check = b"ssl_check=1&token=x"
    assert (await door.post("slack", signed("slack", check) | {"content-type": FORM}, check)).status == 200


@pytest.mark.parametrize("source", STRANGERS)
async def test_without_a_configured_workspace_whoever_signs_is_served(sqlite_url: str, source: str) -> None:
    field, stranger = STRANGERS[source]
    async with Door(sqlite_url, intercom_app_id="", slack_team_id="") as door:
        assert (await door.send(source, encoded(payload(source) | {field: stranger}))).status == 200


# -- handshakes -----------------------------------------------------------------------------------

TOKEN = "a1B2.c3_d4~e5-f6"
HANDSHAKES = [
    ("HEAD", "/webhooks/intercom", 200, b""),
    ("GET", "/webhooks/intercom", 200, b""),
    ("HEAD", "/webhooks/jira", 200, b""),
    ("GET", "/webhooks/jira", 200, b""),
    ("HEAD", "/webhooks/deploy", 200, b""),
    ("GET", "/webhooks/deploy", 200, b""),
    ("HEAD", "/webhooks/counts", 200, b""),
    ("GET", "/webhooks/counts", 200, b""),
    ("HEAD", "/webhooks/productboard", 200, b""),
    ("GET", f"/webhooks/productboard?validationToken={TOKEN}", 200, TOKEN.encode()),
    ("GET", "/webhooks/productboard?validationToken=%3Cscript%3E", 400, b""),
    ("GET", "/webhooks/productboard?validationToken=", 400, b""),
    ("GET", "/webhooks/productboard?validationToken=" + "a" * 257, 400, b""),
    ("GET", "/webhooks/productboard", 405, b"Only POST is answered here."),
    ("HEAD", "/slack/events", 405, b"Only POST is answered here."),
    ("GET", "/slack/events", 405, b"Only POST is answered here."),
]


async def test_handshakes(door: Door) -> None:
    for method, path, status, said in HANDSHAKES:
        answer = await door.ask(method, path, client="203.0.113.9")
        assert (method, path, answer.status, answer.body) == (method, path, status, said)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert door.rows() == (0, 0, 0)


@pytest.mark.fault("F79")
async def test_slack_gets_its_challenge_back_and_nothing_is_kept(door: Door) -> None:
    answer = await door.send("slack", sample("slack", "url_verification"))
    assert (answer.status, answer.body.decode()) == (200, payload("slack", "url_verification")["challenge"])
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert door.rows() == (0, 0, 0)


@pytest.mark.fault("F79")
async def test_an_unsigned_challenge_is_not_echoed(door: Door) -> None:
    body = sample("slack", "url_verification")
    answer = await door.post("slack", signed("slack", body, "somebody else's"), body)
    assert answer.status == 401
    assert payload("slack", "url_verification")["challenge"].encode() not in answer.body


@pytest.mark.fault("F79")
async def test_a_challenge_that_could_be_markup_is_not_echoed(door: Door) -> None:
    for challenge in ("<script>", "a" * 257, "a b"):
        answer = await door.send("slack", encoded({"type": "url_verification", "challenge": challenge}))
        assert answer.status == 400
        assert challenge.encode() not in answer.body
    assert door.rows() == (0, 0, 0)


# -- what is let in -------------------------------------------------------------------------------


@every_source
async def test_a_delivery_that_somebody_acts_on_starts_one_run(door: Door, source: str) -> None:
    body = sample(source)
    assert (await door.send(source, body)).status == 200
    [delivery] = door.deliveries()
    assert delivery.id.startswith(f"{source}:")
    assert (delivery.body, delivery.content_type) == (kept_of(source, body), "application/json")
    if source in UNHEARD:  # recorded, and acted on by nobody yet
        assert (delivery.state, door.runs()) == ("ignored", [])
    else:
        [run] = door.runs()
        assert (delivery.state, run.id, run.delivery_id) == ("open", delivery.id, delivery.id)
        assert door.turns() == [f"{delivery.id}~1"]


async def test_of_what_nobody_acts_on_no_words_are_kept_and_a_redelivery_is_still_known(door: Door) -> None:
    """A tool may be set to send every line that people write; that it came is all that we need."""
    body = sample("intercom", "ticket.created")
    for _ in range(2):
        assert (await door.send("intercom", body)).status == 200
    [delivery] = door.deliveries()
    assert (delivery.body, delivery.topic) == (b"", "ticket.created")
    assert replay(delivery.id) == "No handler for ticket.created."


@pytest.mark.fault("F57")
async def test_a_topic_that_nobody_acts_on_is_kept_and_says_so(door: Door) -> None:
    assert (await door.send("intercom", sample("intercom", "ticket.created"))).status == 200
    [delivery] = door.deliveries()
    assert (delivery.state, delivery.reason.format(**delivery.facts)) == (
        "ignored",
        "No handler for ticket.created.",
    )
    assert door.runs() == []
