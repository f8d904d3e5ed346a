"""The door against anything: whatever comes, there is one of five answers, and only 200 leaves rows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete

from integrations import SOURCES
from tests.door import FORM, PAYLOADS, PROOFS, Door, RawHeaders, kept, payload, raw, signed
from workflows.engine.store import store
from workflows.tables.runs import Delivery, Run

#: 400 is the answer to a signed `url_verification` whose challenge is none; nothing is kept then.
ANSWERS = {200, 400, 401, 403, 413, 415}

many = settings(
    max_examples=60,
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
async def door(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    for source in SOURCES.values():
        monkeypatch.setattr(source, "MAX_BODY", 20_000)
    async with Door(database_url) as door:
        yield door


# -- what comes -----------------------------------------------------------------------------------

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["", "\0", "\ud800", 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
header_values = st.binary(max_size=80) | st.sampled_from(
    [b"gzip", b"identity", b"application/json", FORM.encode(), b"9" * 5000, b"-1", b"sha1=", b"sha256=", b"v0=", b""]
)
header_names = st.sampled_from(
    [b"content-type", b"content-encoding", b"content-length", b"x-atlassian-webhook-identifier", b"x-slack-retry-num"]
    + [name.encode() for name, _ in PROOFS.values()]
) | st.binary(min_size=1, max_size=12)
headers = st.lists(st.tuples(header_names, header_values), max_size=6)
bodies = st.binary(max_size=300) | st.just(b" " * 20_001) | values.map(lambda value: json.dumps(value).encode())


@st.composite
def mutated(draw: st.DrawFn, source: str) -> bytes:
    """A captured payload in which something, somewhere, has become something else."""
    name = draw(st.sampled_from(sorted(path.stem for path in (PAYLOADS / source).glob("*.json"))))
    content: Any = payload(source, name)
    for _ in range(draw(st.integers(1, 3))):
        place = content
        while isinstance(place, (dict, list)) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if draw(st.booleans()) or not isinstance(place[key], (dict, list)):
                place[key] = draw(values)
                break
            place = place[key]
    return json.dumps(content).encode()


# -- what is said ---------------------------------------------------------------------------------


@pytest.mark.fault("F62")
@pytest.mark.parametrize("source", SOURCES)
@many
@given(spoken=headers, body=bodies)
async def test_whatever_strangers_send_leaves_nothing(door: Door, source: str, spoken: RawHeaders, body: bytes) -> None:
    assert (await door.post(source, spoken, [body])).status in ANSWERS - {200, 400}
    assert door.rows() == (0, 0, 0)


@pytest.mark.fault("F54")
@pytest.mark.parametrize("source", SOURCES)
@many
@given(data=st.data(), more=headers)
async def test_whatever_is_signed_is_kept_or_refused(
    door: Door, source: str, data: st.DataObject, more: RawHeaders
) -> None:
    body = data.draw(st.one_of(mutated(source), bodies), label="body")
    store.write(_forget_all)
    before = await _elsewhere(door, source)
    answer = await door.post(source, raw(signed(source, body)) + more, [body])
    rows, runs = door.deliveries(), door.runs()
    assert answer.status in ANSWERS
    greets = b"url_verification" in body or b"ssl_check=1" in body.split(b"&")
    shaken = source == "slack" and not rows and greets
    is_another_workspaces = await _elsewhere(door, source) > before
    assert len(rows) == (answer.status == 200 and not shaken and not is_another_workspaces)
    assert all(row.body == (b"" if row.state == "ignored" else kept(source, body)) for row in rows)
    assert {row.state for row in rows} <= {"open", "ignored", "dead"}
    assert len(runs) - _beside(runs) == sum(row.state == "open" for row in rows)
    assert _beside(runs) <= len(rows)


def _beside(runs: list[Run]) -> int:
    """How many of them follow beside the story that ends the delivery."""
    return sum(run.id.endswith("/beside") for run in runs)


async def _elsewhere(door: Door, source: str) -> float:
    """How many deliveries of other workspaces came so far: the door answers 200 and keeps nothing of them."""
    return await door.metric("yamabiko_deliveries_total", source=source, state="elsewhere")


def _forget_all(session: Session) -> None:
    for table in (Run, Delivery):
        session.execute(delete(table))
