"""What another tool tells of its enquiries: what is refused, and what each delivery means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from integrations import counts
from integrations.contract import BadSignature, Event, Headers, Malformed
from integrations.counts import CountsReported
from integrations.counts.events import Active, Told
from integrations.counts.twin import CountsTwin
from integrations.deploy.twin import secret_from

PAYLOADS = Path(__file__).parents[1] / "payloads" / "counts"
FIVE, TOLD_AT = 1_795_928_400_000, "2026-11-29T05:31:00Z"


def parsed(**body: Any) -> Event | None:
    return counts.parse(Headers([]), json.dumps({"timestamp": TOLD_AT, "source": "desk"} | body).encode()).event


def test_what_a_tool_sends_is_signed_by_the_standard() -> None:
    twin = CountsTwin(secret=secret_from("of today"))
    headers = twin.signed(b"{}")
    raw = Headers((name.encode(), value.encode()) for name, value in headers.items())
    now = float(headers["webhook-timestamp"])
    counts.verify(raw, b"{}", [twin.secret], now)
    for body, secret in ((b"{ }", twin.secret), (b"{}", secret_from("of yesterday"))):
        with pytest.raises(BadSignature):
            counts.verify(raw, body, [secret], now)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("counts", (Told(FIVE, 0, {}), Told(FIVE + 900_000, 12, {"請求書": 4, "tag:返金": 1}))),
        ("counts__actives", ()),
    ],
)
def test_what_each_payload_means(name: str, told: tuple[Told, ...]) -> None:
    delivery = counts.parse(Headers([(b"webhook-id", b"msg_7")]), (PAYLOADS / f"{name}.json").read_bytes())
    expected = CountsReported("desk", FIVE + 31 * 60_000, told, (Active("2026-11-28", 5120),))
    assert (delivery.event, delivery.id, delivery.topic) == (expected, "msg_7", "counts")


def line(**others: Any) -> dict[str, Any]:
    return {"counts": [{"at": "2026-11-29T05:00:00Z", "n": 3} | others]}


ACTIVE = {"day": "2026-11-28", "n": 1}


@pytest.mark.fault("F93")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "counts: is missing, and so is actives"),
        ({"counts": []}, "counts: is missing, and so is actives"),
        ({"counts": {}}, "counts: is an object, not a list"),
        ({"counts": [7]}, "counts[0]: is a number, not an object"),
        (line(at="2026-11-29T05:00:00"), "counts[0].at: has no time zone, such as +09:00 or Z"),
        (line(at="2026-11-29T05:10:00Z"), "counts[0].at: is not the beginning of a quarter of an hour"),
        (line(at="2026-11-29T05:45:00Z"), "counts[0].at: is in the future"),
        (line(n=-1), "counts[0].n: is not a number from 0 to 1000000"),
        (line(n=None), "counts[0].n: is null, not a whole number"),
        (line(n=1.5e300), "counts[0].n: is too large a number"),
        (line(themes=["請求書"]), "counts[0].themes: is a list, not an object"),
        (line(themes={"請求書": 4}), "counts[0].themes.請求書: is more than came in"),
        (line(themes={"": 1}), "counts[0].themes, a name: is empty"),
        (line(themes={" ": 1}), "counts[0].themes: has a name that is not of 1 to 100 printable characters"),
        (line(themes={"a\nb": 1}), "counts[0].themes: has a name that is not of 1 to 100 printable characters"),
        (line(themes={"a": 1, " a": 1}), "counts[0].themes: has a name twice"),
        ({"counts": line()["counts"] * 2}, "counts[1].at: is told twice"),
        ({"counts": line()["counts"] * 1001}, "counts: holds more than 1000 entries"),
        ({"actives": [ACTIVE, ACTIVE]}, "actives[1].day: is told twice"),
        ({"actives": [{"day": "2026-11-31", "n": 1}]}, "actives[0].day: is not a day such as 2026-11-30"),
        ({"actives": [{"day": "20261128", "n": 1}]}, "actives[0].day: is not a day such as 2026-11-30"),
        ({"actives": [{"day": "2026-12-01", "n": 1}]}, "actives[0].day: is in the future"),
        (line() | {"source": "intercom"}, "source: is counted by this service itself"),
        (line() | {"source": "zendesk"}, "source: is counted by this service itself"),
        (line() | {"source": "Desk"}, "source: is not a name of up to 40 of a-z, 0-9, _ and -"),
        (line() | {"source": "a" * 41}, "source: is not a name of up to 40 of a-z, 0-9, _ and -"),
        (line() | {"timestamp": "now"}, "timestamp: is not a time such as 2026-12-01T09:00:00+09:00"),
    ],
)
def test_a_line_that_is_wrong_is_named(body: dict[str, Any], said: str) -> None:
    with pytest.raises(Malformed) as error:
        parsed(**body)
    assert str(error.value) == said


def test_where_it_is_tomorrow_already_today_is_no_future() -> None:
    assert parsed(actives=[{"day": "2026-11-29", "n": 1}], timestamp="2026-11-28T10:00:00Z")
