"""The inbox: nothing is acknowledged that is not on disk, and nothing is there twice.

Storage that fails first, then redeliveries in every order and number.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.door import inbox
from app.door.inbox import Accepted, Inbox, record
from integrations import SOURCES
from integrations.intercom import ConversationStarted, ConversationTagged
from tests.door import Answer, Door, encoded, payload, sample, signed
from workflows.engine import lane, schedule
from workflows.engine.store import Store, create_engine

every_source = pytest.mark.parametrize("source", SOURCES)


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with Door(database_url) as door:
        yield door


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for the storage than the door does in production."""
    monkeypatch.setattr(inbox, "PATIENCE", 0.2)


def refused(answer: Answer) -> bool:
    """Is the vendor asked to send it again?"""
    said = b"The delivery could not be stored: send it again."
    return (answer.status, answer.headers.get("retry-after"), answer.body) == (503, "5", said)


# -- storage that fails ---------------------------------------------------------------------------


class Sick:
    """A store whose writes end as the test says."""

    def __init__(self, end: Callable[[Future[Any]], None]) -> None:
        self._end = end

    def submit(self, work: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._end(future)
        return future


FAILURES = [
    OSError(28, "No space left on device"),
    sa.exc.OperationalError("COMMIT", {}, Exception("gone")),
    ValueError(),
]


@every_source
@pytest.mark.parametrize("failure", FAILURES, ids=["disk", "database", "bug"])
async def test_a_write_that_fails_is_never_acknowledged(sqlite_url: str, source: str, failure: Exception) -> None:
    body = sample(source)
    async with Door(sqlite_url) as door:
        healthy, door.app.state.inbox = door.app.state.inbox, Inbox(Sick(lambda future: future.set_exception(failure)))  # type: ignore[arg-type]
        assert refused(await door.send(source, body))
        door.app.state.inbox = healthy
        assert [(await door.send(source, body)).status for _ in range(2)] == [200, 200]
        assert len(door.deliveries()) == 1


@pytest.mark.fault("F32")
@every_source
async def test_a_write_that_hangs_is_refused_in_time(sqlite_url: str, source: str, impatient: None) -> None:
    async with Door(sqlite_url) as door:
        door.app.state.inbox = Inbox(Sick(lambda future: None))  # type: ignore[arg-type]
        answers = [await door.send(source, sample(source)) for _ in range(2)]
        assert all(map(refused, answers))


@pytest.mark.fault("F22")
async def test_a_database_that_somebody_else_holds_is_not_waited_for(door: Door, impatient: None) -> None:
    """The real thing: another process has locked what we write to."""
    body = sample("jira")
    other = create_engine(door.settings.database_url, pool_size=1)
    with other.connect() as connection:
        lock = "BEGIN IMMEDIATE" if door.settings.is_sqlite else "LOCK TABLE delivery IN EXCLUSIVE MODE"
        connection.exec_driver_sql(lock)
        assert refused(await door.send("jira", body))
        assert refused(await door.send("jira", body))
        connection.rollback()
    other.dispose()
    assert await _until_taken(door, "jira", body)
    assert door.rows() == (1, 1, 1)


async def _until_taken(door: Door, source: str, body: bytes) -> bool:
    """Send it again, as vendors do, until the storage is well."""
    for _ in range(300):
        if (await door.send(source, body)).status == 200:
            return True
    return False


@pytest.mark.fault("F27")
async def test_a_database_that_is_not_there_is_said() -> None:
    async with Door("postgresql://yamabiko@127.0.0.1:1/none") as door:
        assert refused(await door.send("jira", sample("jira")))
        assert (await door.ask("GET", "/readyz")).status == 503
        assert (await door.ask("GET", "/livez")).status == 200


@pytest.mark.fault("F23")
async def test_a_full_disk_is_said_and_gets_over(sqlite_url: str) -> None:
    body = sample("jira").ljust(200_000)
    async with Door(sqlite_url) as door:
        engine = door.runtime.store.engine
        limit = event.listens_for(engine, "checkout")(_as_full_as_now)
        assert refused(await door.send("jira", body))
        assert door.rows() == (0, 0, 0)
        event.remove(engine, "checkout", limit)
        with engine.connect() as connection:
            engine.dispose()
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert (await door.send("jira", body)).status == 200
        assert door.rows() == (1, 1, 1)


def _as_full_as_now(connection: Any, *_: object) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")


# -- one transaction ------------------------------------------------------------------------------


@pytest.mark.fault("F02")
@pytest.mark.parametrize("source", ["intercom", "productboard", "jira"])
async def test_without_its_run_a_delivery_is_not_there_either(
    door: Door, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = sample(source)
    with monkeypatch.context() as patched:
        patched.setattr(schedule._client, "enqueue_in_transaction", _fail)
        assert refused(await door.send(source, body))
        assert door.rows() == (0, 0, 0)
    assert (await door.send(source, body)).status == 200
    assert door.rows() == (1, 1, 1)


def _fail(*_: object) -> None:
    raise sa.exc.OperationalError("INSERT", {}, Exception("the engine's table is gone"))


@pytest.mark.fault("F02")
async def test_what_fails_after_the_run_was_scheduled_takes_all_of_it_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = inbox.insert

    def insert_and_fail(*arguments: Any) -> set[str]:
        real(*arguments)
        raise OSError("at the last moment")

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "insert", insert_and_fail)
        assert refused(await door.send("jira", sample("jira")))
    assert door.rows() == (0, 0, 0)


async def test_deliveries_of_one_moment_share_a_commit(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    real = inbox.insert

    def insert(session: Any, batch: Any) -> set[str]:
        batches.append(len(batch))
        return real(session, batch)

    monkeypatch.setattr(inbox, "insert", insert)
    assert set(await door.together(_storm(150))) == {200}
    assert sum(batches) == 150
    assert len(batches) < 50
    assert door.rows() == (150, 150, 150)


def _storm(count: int) -> list[tuple[str, dict[str, str], bytes]]:
    bodies = [encoded(payload("intercom") | {"id": f"notif_{number}"}) for number in range(count)]
    return [("intercom", signed("intercom", body), body) for body in bodies]


# -- redeliveries ---------------------------------------------------------------------------------


@pytest.mark.fault("F48")
@pytest.mark.parametrize("times", [1, 2, 30, 1000])
async def test_one_delivery_sent_many_times_at_once_is_one(door: Door, times: int) -> None:
    body = sample("jira")
    assert await door.together([("jira", signed("jira", body), body)] * times) == [200] * times
    assert door.rows() == (1, 1, 1)
    assert await door.metric("yamabiko_deliveries_total", source="jira", state="open") >= 1


@pytest.mark.fault("F49", "F65")
@every_source
async def test_redelivered_later_it_gets_the_same_answer_and_changes_nothing(
    door: Door, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, now = sample(source), 1_795_226_640.0
    monkeypatch.setattr(time, "time", lambda: now)
    first = await door.send(source, body)
    before = door.deliveries()
    again = [await door.send(source, body) for _ in range(3)]
    assert {(answer.status, answer.body) for answer in (first, *again)} == {(200, b"")}
    assert door.deliveries() == before


@pytest.mark.fault("F50")
async def test_the_same_id_with_another_body_keeps_the_first(door: Door) -> None:
    first, second = (encoded(payload("intercom") | {"topic": topic}) for topic in _TOPICS)
    assert [(await door.send("intercom", body)).status for body in (first, second)] == [200, 200]
    [delivery], [run] = door.deliveries(), door.runs()
    assert (delivery.body, run.workflow) == (first, "feedback.file")


@pytest.mark.fault("F50")
async def test_another_meaning_under_a_known_id_is_counted_and_said(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (encoded(payload("intercom") | {"topic": topic}) for topic in _TOPICS)
    before = await door.metric(ANSWERED, **CONFLICT)
    assert [(await door.send("intercom", body)).status for body in (first, second)] == [200, 200]
    assert await door.metric(ANSWERED, **CONFLICT) == before + 1
    assert [record.getMessage() for record in caplog.records] == [
        f"{door.deliveries()[0].id} came again with another meaning: the first is kept"
    ]


async def test_the_same_that_counts_how_often_it_was_sent_is_no_conflict(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = [encoded(payload("intercom") | {"delivery_attempts": count}) for count in (1, 2, 2)]
    assert [(await door.send("intercom", body)).status for body in bodies] == [200] * 3
    assert await door.together([("intercom", signed("intercom", body), body) for body in bodies]) == [200] * 3
    assert (len(door.deliveries()), caplog.text) == (1, "")


async def test_two_meanings_at_the_same_moment_are_said_too(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    bodies = [encoded(payload("intercom") | {"topic": topic}) for topic in _TOPICS]
    assert await door.together([("intercom", signed("intercom", body), body) for body in bodies]) == [200, 200]
    assert "came again with another meaning" in caplog.text


ANSWERED, CONFLICT = "yamabiko_deliveries_total", {"source": "intercom", "state": "conflict"}
_TOPICS = ("conversation_part.tag.created", "conversation.admin.replied")


@pytest.mark.fault("F50")
async def test_the_same_id_with_another_body_at_the_same_moment_keeps_one_and_its_own_run(door: Door) -> None:
    stories = {"conversation_part.tag.created": "feedback.file", "conversation.admin.replied": "reopen.told"}
    for number in range(10):
        item = payload("intercom")["data"]["item"]["conversation"]
        for topics in (_TOPICS, _TOPICS[::-1]):
            said = payload("intercom") | {"id": f"notif_{number}_{topics[0]}"}
            bodies = [
                encoded(said | {"topic": topic, "data": {"item": {"type": "conversation", **item}}}) for topic in topics
            ]
            assert await door.together([("intercom", signed("intercom", body), body) for body in bodies]) == [200, 200]
    runs = {run.delivery_id: run.workflow for run in door.runs() if run.delivery_id}
    assert runs == {delivery.id: stories[delivery.topic] for delivery in door.deliveries()}
    assert len(runs) == 20


@pytest.mark.fault("F51", "F65")
async def test_the_same_body_under_another_id_is_the_same_delivery(door: Door) -> None:
    """Jira's identifier is a header, and its signature covers the body only."""
    body = sample("jira")
    ids = ["11111111-1111", "22222222-2222", "33333333-3333"]
    assert [(await door.send("jira", body, x_atlassian_webhook_identifier=id)).status for id in ids] == [200] * 3
    assert [delivery.id for delivery in door.deliveries()] == [f"jira:{ids[0]}"]


@pytest.mark.fault("F51")
async def test_the_same_body_under_other_ids_at_the_same_moment_is_one(door: Door) -> None:
    body = sample("jira")
    requests = [("jira", signed("jira", body) | {"x-atlassian-webhook-identifier": f"id-{n}"}, body) for n in range(30)]
    assert await door.together(requests) == [200] * 30
    assert door.rows() == (1, 1, 1)


@pytest.mark.fault("F65")
async def test_productboard_repeats_itself_and_a_later_minute_is_a_new_delivery(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = sample("productboard", "feature.updated__status")
    for seconds in (0, 1, 59, 60, 119, 86_400):
        monkeypatch.setattr(time, "time", lambda now=1_795_226_640 + seconds: float(now))
        assert (await door.send("productboard", body)).status == 200
    assert len(door.deliveries()) == 3


async def test_equal_ids_of_two_vendors_are_two_deliveries(door: Door) -> None:
    await door.send("intercom", encoded(payload("intercom") | {"id": "1"}))
    await door.send("jira", sample("jira"), x_atlassian_webhook_identifier="1")
    assert sorted(delivery.id for delivery in door.deliveries()) == ["intercom:1", "jira:1"]


@pytest.mark.fault("F29", "F48")
async def test_several_processes_take_the_same_deliveries_in_any_order(postgres_url: str) -> None:
    """Two web processes on one database: opposite orders must neither deadlock nor double anything."""
    async with Door(postgres_url) as door:
        stores = [Store(create_engine(postgres_url, pool_size=2)) for _ in range(2)]
        rows = [_accepted(number) for number in range(200)]
        boxes, orders = [Inbox(store) for store in stores], (rows, rows[::-1])
        new = await asyncio.gather(
            *(box.accept(row) for box, order in zip(boxes, orders, strict=True) for row in order)
        )
        for store in stores:
            store.close()
        assert new.count(True) == 200
        assert door.rows() == (200, 400, 400)  # each of them is followed beside its story


def _accepted(number: int) -> Accepted:
    change: ConversationStarted | ConversationTagged = ConversationStarted(str(number), "conversation.user.created")
    return Accepted(record("intercom", f"notif_{number:03}", "conversation.user.created", b"%d" % number, ""), change)


@pytest.mark.fault("F61")
async def test_runs_make_way_in_a_rush_and_only_then(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[float] = []
    monkeypatch.setattr(lane.lane, "close", closed.append)
    monkeypatch.setattr(inbox, "RUSH", 20)
    async with Door(database_url) as door:
        ping = payload("intercom", "ping")
        await door.send("intercom", encoded(ping))
        assert not closed
        for number in range(30):
            await door.send("intercom", encoded(ping | {"id": f"notif_{number}"}))
    assert closed
