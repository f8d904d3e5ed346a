"""Whether the process lives, whether it can take deliveries, and what it tells about itself, and to whom."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import update

from app import health
from app.settings import settings_of
from integrations import SOURCES
from integrations.breaker import MISSED, Breaker
from integrations.fence import moment
from tests.door import Door, encoded, payload, sample, signed
from workflows import upkeep
from workflows.engine import pulse, takeover
from workflows.engine.store import create_engine, now_ms, store
from workflows.tables.columns import copy_of
from workflows.tables.runs import Action, Executor, Run
from workflows.volume import counts

WORKER = "host-1-worker"


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with Door(database_url) as door:
        yield door


# -- ready ----------------------------------------------------------------------------------------


@pytest.mark.fault("F18")
async def test_not_ready_while_starting_and_stopping(sqlite_url: str) -> None:
    async with Door(sqlite_url) as door:
        door.app.state.ready = False
        answer = await door.ask("GET", "/readyz")
        assert (answer.status, answer.body) == (503, b"starting or stopping")


@pytest.mark.fault("F24")
async def test_not_ready_when_the_database_takes_no_writes(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(sa.exc.OperationalError("INSERT", {}, Exception("disk full")))
        return future

    async with Door(sqlite_url) as door:
        monkeypatch.setattr(door.runtime.store, "submit", refuse)
        answer = await door.ask("GET", "/readyz")
        assert (answer.status, answer.body) == (503, b"the database does not take writes")


@pytest.mark.fault("F32")
async def test_a_database_that_hangs_makes_us_unready_and_afterwards_all_is_well(door: Door) -> None:
    """The write that /readyz gave up must not take the writer down with it."""
    other = create_engine(door.settings.database_url, pool_size=1)
    with other.connect() as connection:
        lock = "BEGIN IMMEDIATE" if door.settings.is_sqlite else "LOCK TABLE lease IN ACCESS EXCLUSIVE MODE"
        connection.exec_driver_sql(lock)
        assert (await door.ask("GET", "/readyz")).status == 503
        connection.rollback()
    other.dispose()
    assert await _until_ready(door)
    assert (await door.send("jira", sample("jira"))).status == 200


async def _until_ready(door: Door) -> bool:
    """Ask again, as a load balancer does, until the database is well."""
    takeover.beat(WORKER)
    for _ in range(40):
        if (await door.ask("GET", "/readyz")).status == 200:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_not_ready_while_nobody_works(door: Door) -> None:
    takeover.beat(WORKER)
    store.write(lambda session: session.exec(update(Executor).values(heartbeat_at=now_ms() - 61_000)) and None)
    answer = await door.ask("GET", "/readyz")
    assert (answer.status, answer.body) == (503, b"no worker lives")


async def test_not_ready_while_a_run_waits_for_ever(door: Door) -> None:
    """Once every run stood still, and this said 200."""
    takeover.beat(WORKER)
    due = now_ms() - 47 * 60_000
    waiting = Run(id="jira:1", workflow="release.moved", due_at=due, created_at=due)
    store.write(lambda session: session.add(waiting))
    answer = await door.ask("GET", "/readyz")
    assert (answer.status, answer.body) == (503, b"a run has been due for 47 minutes")


@pytest.mark.fault("F45")
async def test_a_run_that_rests_until_later_is_not_overdue(door: Door) -> None:
    takeover.beat(WORKER)
    resting = Run(id="jira:1", workflow="release.moved", due_at=now_ms() + 60_000, created_at=now_ms() - 3_600_000)
    store.write(lambda session: session.add(resting))
    assert (await door.ask("GET", "/readyz")).status == 200


@pytest.mark.fault("F23")
async def test_not_ready_when_the_disk_is_nearly_full(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Door(sqlite_url) as door:
        takeover.beat(WORKER)
        monkeypatch.setattr(pulse, "_free", lambda _: 12 * 1024**2)
        answer = await door.ask("GET", "/readyz")
        assert (answer.status, answer.body) == (503, b"the disk is nearly full: 12 MB are free")


async def test_however_many_ask_the_database_is_asked_once_a_second(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    takeover.beat(WORKER)
    asked, real = [], door.runtime.store.submit
    monkeypatch.setattr(door.runtime.store, "submit", lambda work: asked.append(work) or real(work))
    answers = await asyncio.gather(*(door.ask("GET", "/readyz") for _ in range(50)))
    assert ([answer.status for answer in answers], len(asked)) == ([200] * 50, 1)


async def test_ready_means_that_a_row_was_put_on_disk(door: Door) -> None:
    takeover.beat(WORKER)
    answer = await door.ask("GET", "/readyz", client="203.0.113.9")
    assert (answer.status, answer.body) == (200, b"ok")


async def test_alive_whatever_the_database_does(sqlite_url: str) -> None:
    async with Door(sqlite_url) as door:
        door.app.state.ready = False
        answer = await door.ask("GET", "/livez", client="203.0.113.9")
        assert (answer.status, answer.body) == (200, b"the writer's last sign of life is 0 s old")


@pytest.mark.fault("F32")
async def test_not_alive_while_a_write_comes_to_no_end(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once every ack was a 503 for ever, and this said 200."""
    async with Door(sqlite_url) as door:
        for silent, status in ((29.0, 200), (31.0, 503)):
            monkeypatch.setattr(door.runtime.store, "_busy_since", moment() - silent)
            answer = await door.ask("GET", "/livez")
            assert (answer.status, answer.body.decode()) == (
                status,
                f"the writer's last sign of life is {silent:.0f} s old",
            )


# -- metrics --------------------------------------------------------------------------------------


@pytest.mark.fault("F83")
async def test_strangers_get_no_metrics(sqlite_url: str) -> None:
    async with Door(sqlite_url) as door:
        for client in ("203.0.113.9", "10.0.0.1", "2001:db8::1", ""):
            assert (await door.ask("GET", "/metrics", client=client)).status == 404, client


@pytest.mark.fault("F77")
@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "X-Forwarded-For"])
async def test_behind_a_proxy_nobody_is_local(sqlite_url: str, header: str) -> None:
    async with Door(sqlite_url) as door:
        headers = [(header.lower().encode(), b"127.0.0.1")]
        assert (await door.speak("GET", "/metrics", headers, b"", "127.0.0.1")).status == 404


TOKEN = "t" * 32


async def test_with_a_token_metrics_are_for_whoever_brings_it(sqlite_url: str) -> None:
    """Behind a proxy on the same machine that says nothing of whom it speaks for, everybody looks local."""
    async with Door(sqlite_url, metrics_token=f"{TOKEN},{'u' * 32}") as door:
        for brought in (f"Bearer {TOKEN}", "Bearer " + "u" * 32):
            headers = [(b"authorization", brought.encode()), (b"host", b"yamabiko.example")]
            assert (await door.speak("GET", "/metrics", headers, b"", "203.0.113.9")).status == 200
        for wrong in ("", TOKEN, f"Bearer {TOKEN}x", "Bearer ", "Bearer é", f"Basic {TOKEN}"):
            headers = [(b"authorization", wrong.encode()), (b"host", b"127.0.0.1")]
            assert (await door.speak("GET", "/metrics", headers, b"", "127.0.0.1")).status == 404, wrong


def test_a_token_that_can_be_guessed_is_none() -> None:
    with pytest.raises(ValidationError, match="at least 32 characters"):
        settings_of(_env_file=None, metrics_token="short")


async def test_a_worker_tells_how_it_is_and_nothing_else(door: Door) -> None:
    takeover.beat(WORKER)
    worker = httpx.ASGITransport(health.application(door.settings), client=("127.0.0.1", 1))
    client = httpx.AsyncClient(transport=worker, base_url="http://127.0.0.1")
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await client.get(path)).status_code == 200
    for path in ("/", "/sign-in", "/docs", "/openapi.json"):
        assert (await client.get(path)).status_code == 404
    assert "yamabiko_workers 1.0" in (await client.get("/metrics")).text


@pytest.mark.fault("F80")
async def test_metrics_count_and_name_nobody(door: Door) -> None:
    for source in SOURCES:
        await door.send(source, sample(source))
        await door.send(source, sample(source))
        await door.post(source, signed(source, b"{}", "wrong"), b"{}")
    await door.send("intercom", encoded(payload("intercom") | {"id": "notif_geheim", "topic": "topic_geheim"}))
    for source in SOURCES:
        assert await door.metric("yamabiko_deliveries_total", source=source, state="seen") >= 1
        assert await door.metric("yamabiko_refusals_total", source=source, status="401") >= 1
        assert await door.metric("yamabiko_ack_seconds_count", source=source) >= 3
    said = (await door.ask("GET", "/metrics", client="::1")).body.decode()
    assert not [word for word in ("geheim", "215470000000101", "佐藤", "AOS-31") if word in said]


async def test_metrics_tell_how_the_service_is(door: Door) -> None:
    takeover.beat(WORKER)
    due = now_ms() - 60_000
    waiting = Run(id="jira:1", workflow="release.moved", due_at=due, created_at=due)
    store.write(lambda session: session.add(waiting))
    assert await door.metric("yamabiko_workers") == 1
    assert await door.metric("yamabiko_open_runs") == 1
    assert 60 <= await door.metric("yamabiko_overdue_seconds") < 600
    assert await door.metric("yamabiko_dead_letters") == 0


async def test_metrics_tell_what_waits_and_what_is_in_doubt(door: Door) -> None:
    long_ago, soon = now_ms() - 3600_000, now_ms() + 3600_000
    rows = [
        Run(id="jira:1", workflow="release.moved", queue="deliveries", due_at=long_ago, created_at=long_ago),
        Run(id="jira:1/a", workflow="release.announce", queue="fanout", due_at=long_ago, created_at=long_ago),
        Run(id="jira:1/b", workflow="release.announce", queue="fanout", due_at=soon, created_at=long_ago),
        Action(key="note:1", verb="intercom.note", state="started", sentence="", started_at=long_ago),
        Action(key="note:2", verb="intercom.note", state="started", sentence="", started_at=now_ms()),
        Action(key="note:3", verb="intercom.note", state="done", sentence="", started_at=long_ago, ended_at=long_ago),
        Executor(id=WORKER, heartbeat_at=now_ms() - 15_000),
    ]
    store.write(lambda session: session.add_all([copy_of(row) for row in rows]))
    due = {queue: await door.metric("yamabiko_due_runs", queue=queue) for queue in ("deliveries", "fanout", "people")}
    assert due == {"deliveries": 1, "fanout": 1, "people": 0}
    assert await door.metric("yamabiko_doubts") == 1
    assert 15 <= await door.metric("yamabiko_heartbeat_seconds") < 600


async def test_metrics_tell_what_the_database_takes(door: Door) -> None:
    assert await door.metric("yamabiko_database_connections") >= 0
    for name in ("yamabiko_wal_bytes", "yamabiko_disk_free_bytes"):
        told = await door.metric(name)
        assert told >= 0 if door.settings.is_sqlite else math.isnan(told)


async def test_metrics_tell_who_does_not_answer(sqlite_url: str) -> None:
    async with Door(sqlite_url) as door:
        silent = Breaker("Jira")
        for _ in range(MISSED):
            with pytest.raises(TimeoutError), silent.calling():
                raise TimeoutError
        told = {name: await door.metric("yamabiko_vendor_silent", vendor=name) for name in ("jira", "intercom")}
        assert told == {"jira": 1, "intercom": 0}


@pytest.mark.fault("F94")
async def test_metrics_tell_which_source_of_counts_is_late_and_name_no_tool(door: Door) -> None:
    async def told() -> dict[str, float]:
        names = ("intercom", "zendesk", "other")
        return {name: await door.metric("yamabiko_counts_late_seconds", source=name) for name in names}

    assert set((await told()).values()) == {0}
    long_ago = now_ms() // 900_000 * 900_000 - 3 * 3600_000
    for source in ("intercom", "the desk of ABC"):
        store.write(partial(counts.cover, source=source, until=long_ago, since=long_ago - 900_000))
    late = await told()
    assert late["zendesk"] == 0 and all(3 * 3600 <= late[name] < 5 * 3600 for name in ("intercom", "other"))
    assert "the desk" not in (await door.ask("GET", "/metrics", client="::1")).body.decode()


async def test_metrics_count_what_was_brought_back_once(sqlite_url: str) -> None:
    async with Door(sqlite_url) as door:
        before = await door.metric("yamabiko_rescued_runs_total", how=upkeep.TAKEN_OVER)
        upkeep.rescued[upkeep.TAKEN_OVER] += 2
        for _ in range(2):
            assert await door.metric("yamabiko_rescued_runs_total", how=upkeep.TAKEN_OVER) == before + 2


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
async def test_the_readme_says_what_each_metric_is(sqlite_url: str, page: str) -> None:
    async with Door(sqlite_url) as door:
        said = (await door.ask("GET", "/metrics")).body.decode()
    told = set(re.findall(r"^# TYPE (yamabiko_\w+)(?<!_created) ", said, re.M))
    explained = (Path(__file__).parents[1] / page).read_text(encoding="utf-8")
    assert len(told) > 10 and sorted(name for name in told if f"`{name}`" not in explained) == []


@pytest.mark.fault("F83")
@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_there_is_no_machine_made_documentation(sqlite_url: str, path: str) -> None:
    async with Door(sqlite_url) as door:
        assert (await door.ask("GET", path)).status == 404
