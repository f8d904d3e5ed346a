"""What is said at the door: bodies that are too large, and bodies that are signed and hostile all the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import pytest

from app.demo.stage import ROOT
from integrations import SOURCES
from tests.door import FORM, UNHEARD, Door, encoded, kept, kept_of, payload, sample, signed
from workflows.tables.runs import Delivery

PIECE = b" " * 65_536
every_source = pytest.mark.parametrize("source", SOURCES)


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with Door(database_url) as door:
        yield door


@pytest.fixture
async def on_sqlite(sqlite_url: str) -> AsyncIterator[Door]:
    """For what never gets as far as the database."""
    async with Door(sqlite_url) as door:
        yield door


# -- too large ------------------------------------------------------------------------------------


@pytest.mark.fault("F53")
async def test_a_body_that_declares_itself_too_large_is_not_read_at_all(on_sqlite: Door) -> None:
    for name, source in SOURCES.items():
        for declared in (str(source.MAX_BODY + 1), "9" * 18, "9" * 5000):
            headers = signed(name, b"") | {"content-length": declared}
            answer = await on_sqlite.post(name, headers, [PIECE] * 600)
            assert (answer.status, answer.pulled) == (413, 0), (name, declared[:20])
            assert answer.body == f"The body is larger than {source.MAX_BODY} bytes.".encode()
    assert on_sqlite.rows() == (0, 0, 0)


@pytest.mark.fault("F53")
@pytest.mark.parametrize("declared", [None, "10", "", "-1", "+1", "1e3", "²", "0x10", "10, 10"])
async def test_a_body_that_lies_about_its_size_is_dropped_at_the_limit(on_sqlite: Door, declared: str | None) -> None:
    for name, source in SOURCES.items():
        headers = signed(name, b"") | ({} if declared is None else {"content-length": declared})
        answer = await on_sqlite.post(name, headers, [PIECE] * 600)
        assert answer.status == 413, name
        assert source.MAX_BODY < answer.pulled <= source.MAX_BODY + len(PIECE), name
    assert on_sqlite.rows() == (0, 0, 0)


@pytest.mark.fault("F53")
@every_source
async def test_the_largest_body_is_taken_and_one_byte_more_is_not(
    door: Door, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = sample(source)
    monkeypatch.setattr(SOURCES[source], "MAX_BODY", len(body) + 1000)
    larger, largest = body + b" " * 1001, body + b" " * 1000
    assert (await door.send(source, larger)).status == 413
    assert door.rows() == (0, 0, 0)
    assert (await door.send(source, largest)).status == 200
    assert [row.body for row in door.deliveries()] == [kept_of(source, largest)]


async def test_jiras_largest_body_fits_on_either_database(door: Door) -> None:
    body = sample("jira").ljust(SOURCES["jira"].MAX_BODY)
    assert (await door.send("jira", body)).status == 200
    assert [len(row.body) for row in door.deliveries()] == [25 * 1024 * 1024]


@pytest.mark.fault("F56")
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "gzip, identity", "identity, gzip", "zstd", "x"])
async def test_a_compressed_body_is_refused_unread(on_sqlite: Door, encoding: str) -> None:
    for source in SOURCES:
        answer = await on_sqlite.send(source, sample(source), content_encoding=encoding)
        assert (answer.status, answer.body, answer.pulled) == (415, b"Send the body uncompressed.", 0), source
    assert on_sqlite.rows() == (0, 0, 0)


async def test_a_body_in_many_pieces_is_put_together_before_it_is_verified(door: Door) -> None:
    body = sample("jira")
    pieces = [body[number : number + 1] for number in range(len(body))]
    assert (await door.post("jira", signed("jira", body), pieces)).status == 200
    assert [row.body for row in door.deliveries()] == [body]


@pytest.mark.fault("F01")
@every_source
async def test_who_hangs_up_in_the_middle_leaves_nothing_but_a_count(door: Door, source: str) -> None:
    body = sample(source)
    before = await door.metric("yamabiko_refusals_total", source=source, status="400")
    for pieces in ([], [body[:9]], [body]):
        await door.hang_up(source, signed(source, body), pieces)
    assert door.rows() == (0, 0, 0)
    assert await door.metric("yamabiko_refusals_total", source=source, status="400") == before + 3


# -- signed and hostile ---------------------------------------------------------------------------

DEEP = 100_000
HOSTILE = {
    "nothing": b"",
    "spaces": b"   ",
    "a list": b"[]",
    "null": b"null",
    "text": b'"text"',
    "a number": b"42",
    "a truth value": b"true",
    "cut off": b'{"id": "a',
    "two objects": b"{}{}",
    "deep lists": b"[" * DEEP,
    "deep closed lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep closed objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "NaN": b'{"id": NaN}',
    "Infinity": b'{"id": Infinity}',
    "minus Infinity": b'{"id": -Infinity}',
    "5,000 digits": b'{"id": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"id": "a"}'.encode("utf-16"),
    "UTF-32": '{"id": "a"}'.encode("utf-32"),
    "a byte order mark": '{"id": "a"}'.encode("utf-8-sig"),
    "Latin-1": '{"id": "é"}'.encode("latin-1"),
    "Shift JIS": '{"id": "要望"}'.encode("shift_jis"),
    "half a surrogate in UTF-8": b'{"id": "\xed\xa0\x80"}',
    "zeros": b"\0" * 100,
    "a form": b"payload=%7B%7D",
    "XML": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
}


@pytest.mark.fault("F54")
@every_source
async def test_signed_bodies_that_are_no_json_object_become_dead_letters(door: Door, source: str) -> None:
    answers = {what: (await door.send(source, body)).status for what, body in HOSTILE.items()}
    assert answers == dict.fromkeys(HOSTILE, 200)
    kept = {row.body: row for row in door.deliveries()}
    assert kept.keys() == set(HOSTILE.values())  # raw, byte for byte
    assert {row.state for row in kept.values()} == {"dead"}
    assert {row.facts["field"] for row in kept.values()} == {"body"}
    assert all(row.facts["why"] for row in kept.values())
    assert door.rows() == (len(HOSTILE), 0, 0)


@every_source
async def test_a_dead_letter_is_redelivered_without_a_second_one(door: Door, source: str) -> None:
    assert [(await door.send(source, b"[]")).status for _ in range(3)] == [200] * 3
    assert len(door.deliveries()) == 1


#: The fields without which a delivery means nothing, per source.
NEEDED = {
    "intercom": ["id", "topic", "app_id", "data.item.conversation.id"],
    "productboard": ["data.eventType", "data.id"],
    "jira": ["webhookEvent", "issue.id", "issue.key", "changelog.id"],
    "slack": ["event_id", "type", "event.type"],
    "deploy": ["type", "timestamp"],
    "zendesk": ["type", "id", "detail.id", "detail.created_at"],
    "counts": ["source", "timestamp"],
    "chatwork": ["webhook_event_type", "webhook_event.message_id"],
}
MISSING: Any = object()
#: Values that are not what the field should hold, and what is said about them.
WRONG: dict[str, tuple[Any, str]] = {
    "missing": (MISSING, "is missing"),
    "null": (None, "is null, not text"),
    "empty": ("", "is empty"),
    "a list": (["a"], "is a list, not text"),
    "an object": ({"a": 1}, "is an object, not text"),
    "a truth value": (True, "is a truth value, not text"),
    "a fraction": (1.5, "is a number, not text"),
    "infinity by overflow": (float("1e999"), ""),
    "a NUL": ("a\0b", "contains a NUL character"),
    "half a surrogate": ("a\ud800b", "contains half of a surrogate pair"),
    "4,000 digits": (10**4000, "is too large a number"),
}


@every_source
async def test_a_wrong_field_is_named_in_the_dead_letter(door: Door, source: str) -> None:
    wrong = {key: value for key, value in WRONG.items() if value[1]}
    sent = {
        _with(payload(source), field, value): (field, why) for field in NEEDED[source] for value, why in wrong.values()
    }
    assert {(await door.send(source, body)).status for body in sent} == {200}
    said = {row.body: _said(row) for row in door.deliveries()}
    expected = {kept(source, body): _expected(source, field, why) for body, (field, why) in sent.items()}
    assert said == expected
    assert door.rows() == (len(sent), 0, 0)


def _said(row: Delivery) -> tuple[str, str]:
    assert row.state == "dead"
    return str(row.facts["field"]), row.reason.format(**row.facts)


def _expected(source: str, field: str, why: str) -> tuple[str, str]:
    return field, f"{field}: {why}"


def _with(content: dict[str, Any], field: str, value: Any) -> bytes:
    """The payload with one field changed, as bytes that may hold anything JSON can say."""
    changed = deepcopy(content)
    *outer, last = field.split(".")
    inner = changed
    for name in outer:
        inner = inner[name]
    if value is MISSING:
        inner.pop(last)
    else:
        inner[last] = value
    return json.dumps(changed).encode()


@pytest.mark.fault("F42")
@every_source
async def test_ids_may_be_numbers(door: Door, source: str) -> None:
    fields = {"intercom": "data.item.conversation.id", "productboard": "data.id", "jira": "issue.id"}
    others = {"deploy": "data.flag", "zendesk": "detail.id", "chatwork": "webhook_event.message_id", "counts": "source"}
    field = (fields | others).get(source, "event_id")
    assert (await door.send(source, _with(payload(source), field, 215))).status == 200
    [delivery] = door.deliveries()
    assert delivery.state == ("ignored" if source in UNHEARD else "open")
    assert source in UNHEARD or "215" in door.runs()[0].arguments.values()


@every_source
async def test_what_we_do_not_read_may_hold_anything(door: Door, source: str) -> None:
    """NUL, halves of surrogates and endless keys are kept as they came: bodies are bytes on either database."""
    odd = {
        "nul": "\0",
        "half": "\ud800",
        "long": "x" * 100_000,
        "number": 10**30,
        "keys": dict.fromkeys(map(str, range(10_000))),
    }
    body = json.dumps(payload(source) | {"odd": odd}).encode()
    assert (await door.send(source, body)).status == 200
    [delivery] = door.deliveries()
    assert (delivery.state == "dead", delivery.body) == (False, kept_of(source, body))


async def test_very_long_names_are_kept_in_part(door: Door) -> None:
    assert (await door.send("intercom", encoded(payload("intercom") | {"topic": "長" * 5000}))).status == 200
    [delivery] = door.deliveries()
    assert (delivery.state, delivery.topic) == ("ignored", "長" * 120)


async def test_ids_that_differ_late_are_two_deliveries(door: Door) -> None:
    """An id may be longer than what we keep of it; none may be taken for another's redelivery."""
    for end in ("a", "b"):
        answer = await door.send("intercom", encoded(payload("intercom") | {"id": "notif_" + "0" * 300 + end}))
        assert answer.status == 200
    assert len(door.deliveries()) == 2


# -- Slack's forms --------------------------------------------------------------------------------

FORMS = {
    "no form": (b"%ff%fe", "body"),
    "bytes beyond ASCII": ("text=要望".encode(), "body"),
    "a field twice": (b"command=%2Fa&command=%2Fb", "body"),
    "too many fields": (urlencode({f"f{number}": "x" for number in range(101)}).encode(), "body"),
    "an empty payload": (b"payload=", "body"),
    "a payload that is a list": (b"payload=%5B%5D", "body"),
    "a deep payload": (b"payload=" + b"%5B" * DEEP, "body"),
    "a payload with NUL": (urlencode({"payload": '{"type": "a\\u0000b"}'}).encode(), "type"),
    "no actions": (urlencode({"payload": '{"type": "block_actions", "actions": []}'}).encode(), "actions"),
    "no command": (b"team_id=T0YAMABIKO", "command"),
    "a command with NUL": (b"team_id=T0YAMABIKO&command=%00", "command"),
}


async def test_signed_forms_that_say_nothing_become_dead_letters(door: Door) -> None:
    answers = {what: (await door.send("slack", body, content_type=FORM)).status for what, (body, _) in FORMS.items()}
    assert answers == dict.fromkeys(FORMS, 200)
    assert {row.body: row.facts["field"] for row in door.deliveries()} == dict(FORMS.values())


@pytest.mark.fault("F55")
async def test_slack_in_another_content_type_becomes_a_dead_letter(door: Door) -> None:
    for value in ("", "text/plain", "multipart/form-data; boundary=x", "application/xml", ";;;"):
        assert (await door.send("slack", encoded({"said in": value}), content_type=value)).status == 200
    assert [(row.state, row.facts["field"]) for row in door.deliveries()] == [("dead", "content-type")] * 5


@pytest.mark.fault("F55")
async def test_an_odd_content_type_never_breaks_the_door(door: Door) -> None:
    odd = ["application/json; charset=utf-16", "a" * 5000, "\x01\x7f", "application/json;" * 9]
    for source in SOURCES:
        sent = {f"[{number}]".encode(): content_type for number, content_type in enumerate(odd)}
        answers = [(await door.send(source, body, content_type=value)).status for body, value in sent.items()]
        kept = {row.body: row.content_type for row in door.deliveries() if row.source == source}
        assert answers == [200] * len(sent), source
        assert kept == {body: value[:80] for body, value in sent.items()}


def test_the_rules_for_bodies_hold_for_every_source() -> None:
    """A new source needs its samples and fields in these tests as well."""
    assert NEEDED.keys() == SOURCES.keys()
    assert all((ROOT / "tests" / "payloads" / source).is_dir() for source in SOURCES)
