"""Zendesk's tickets are counted once, by when they were created, whatever happens while they are read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import select

from integrations.twin import Fault
from integrations.zendesk.twin import Clock
from tests.world import World
from workflows.engine import durable, polls
from workflows.engine.durable import child, spawn
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.customer import Company
from workflows.tables.volume import Arrival, Source
from workflows.volume import counts, slots, zendesk
from workflows.volume.slots import SLOT_MS

HOUR = 3600


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def now(world: World) -> Iterator[int]:
    """The time (Unix seconds), at which Zendesk's clock stands; any number of exports."""
    now = int(time.time())
    world.zendesk.clock = Clock(now)
    yield now


def look(world: World, number: int = 1) -> str:
    """Read on, once; what it said."""
    spawn([child(f"look:{number}", "zendesk.look", name="zendesk")])
    world.settle(deliver=False)
    return {run.id: run.reason for run in world.runs()}[f"look:{number}"]


def arrived() -> dict[str, Arrival]:
    rows = store.read(lambda s: s.exec(select(Arrival).where(Arrival.source == "zendesk")).all())
    return {row.id: row for row in rows}


def source() -> Source:
    return store.read(lambda s: s.get_one(Source, "zendesk"))


def known_all(n: int) -> int:
    """How many came in in the last hours, all of which are known."""
    until = source().covered_until or 0
    found = store.read(partial(counts.series, since=until - n * HOUR * 1000, until=until, source="zendesk"))
    assert found and all(each.is_known for each in found)
    return sum(each.n for each in found)


def test_what_came_within_ten_weeks_is_counted_with_its_company_and_tags(world: World, now: int) -> None:
    store.write(lambda s: s.add(Company(id="c77", name="株式会社青葉")))
    store.write(lambda s: s.add(Company(id="c78", name="有限会社楓")))
    world.zendesk.add_organization(501, "別の名前", external_id="c77")
    world.zendesk.add_organization(502, "有限会社楓")
    first = world.zendesk.write("届きません", tags=("請求",), organization=501, at=now - 2 * HOUR)
    second = world.zendesk.write("消えました", channel="native_messaging", organization=502, at=now - 3 * HOUR)
    third = world.zendesk.write("電話", channel="voice", organization=None, at=now - 4 * HOUR)
    old = world.zendesk.write("昔", at=now - 11 * 7 * 24 * HOUR)
    world.zendesk.tag(old, "昔")
    world.zendesk.clock.move(300)
    look(world)
    found = arrived()
    assert set(found) == {f"zendesk/{id}" for id in (first, second, third)}
    row = found[f"zendesk/{first}"]
    assert (row.at, row.medium, row.company_id) == ((now - 2 * HOUR) * 1000, "mail", "c77")
    assert row.themes == ["tag:請求"] and row.url.endswith(f"kanade.zendesk.com/agent/tickets/{first}")
    assert [found[f"zendesk/{id}"].company_id for id in (second, third)] == ["c78", ""]
    assert [found[f"zendesk/{id}"].medium for id in (second, third)] == ["chat", "other"]
    assert known_all(5) == 3 and source().covered_until == slots.of((now + 180) * 1000)
    assert abs(now_ms() - 10 * 7 * DAY_MS - source().since) < 2 * SLOT_MS


def test_read_again_it_counts_once_and_what_is_deleted_or_an_agents_counts_no_more(world: World, now: int) -> None:
    tickets = [world.zendesk.write(f"困った{n}", at=now - HOUR) for n in range(4)]
    world.zendesk.agent_writes("お知らせ", requester=7001, at=now - HOUR)
    world.zendesk.clock.move(300)
    look(world, 1)
    assert known_all(2) == 4
    world.zendesk.delete(tickets[0])
    world.zendesk.mark_as_spam(tickets[1])
    world.zendesk.tag(tickets[2], "請求")
    world.zendesk.update_by_itself(tickets[3])
    world.zendesk.clock.move(300)
    look(world, 2)
    assert known_all(2) == 2 and arrived()[f"zendesk/{tickets[2]}"].themes == ["tag:請求"]
    assert look(world, 3) == zendesk.NO_NEWS


def test_a_cursor_that_is_not_accepted_any_more_is_begun_again_an_hour_before(world: World, now: int) -> None:
    world.zendesk.write("前", at=now - HOUR)
    world.zendesk.clock.move(300)
    look(world, 1)
    late = world.zendesk.write("後")
    world.zendesk.clock.move(HOUR)
    world.zendesk.fail("GET /api/v2/incremental/tickets/cursor", Fault("400"))
    assert look(world, 2) == zendesk.READ
    assert f"zendesk/{late}" in arrived() and len(arrived()) == 2 and known_all(3) == 2


@pytest.mark.fault("F95")
@pytest.mark.parametrize("place", ["zendesk.read", "zendesk.kept"])
def test_killed_between_two_pages_it_goes_on_where_it_was(
    world: World, now: int, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zendesk, "MANY", 3)
    tickets = [world.zendesk.write(f"困った{n}", at=now - HOUR + n) for n in range(10)]
    world.zendesk.clock.move(300)
    spawn([child("look:1", "zendesk.look", name="zendesk")])
    for hits in (1, 2, 1):
        monkeypatch.setattr(zendesk, "hit", _dying(place, hits))
        with pytest.raises(Killed):
            durable.conduct("look:1", durable.STORIES["zendesk.look"])
    monkeypatch.undo()
    monkeypatch.setattr(zendesk, "MANY", 3)
    world.settle(deliver=False)
    assert set(arrived()) == {f"zendesk/{id}" for id in tickets} and known_all(2) == 10


def _dying(place: str, hits: int) -> object:
    left = [hits]

    def hit(*parts: str) -> None:
        left[0] -= parts == (place,)
        if not left[0]:
            raise Killed

    return hit


def test_within_ten_requests_a_minute_it_reads_on_in_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zendesk, "MANY", 2)
    now = int(time.time())
    world.zendesk.clock = Clock(now - HOUR)
    for n in range(60):
        world.zendesk.write(f"困った{n}", at=now - 2 * HOUR + n)
    world.zendesk.clock.move(300)
    said = look(world)
    assert said == zendesk.MORE and 0 < len(arrived()) < 60
    assert source().covered_until is None and not store.read(polls.standing)
    for number in range(2, 9):
        world.zendesk.clock.move(60)
        world.clock.sleep(60)
        look(world, number)
    assert len(arrived()) == 60 and source().covered_until is not None


@pytest.mark.fault("F94")
def test_zendesk_refuses_and_what_it_did_not_tell_is_missing(world: World, now: int) -> None:
    look(world, 1)
    until = source().covered_until
    world.zendesk.role = "agent"
    world.zendesk.clock.move(2 * HOUR)
    look(world, 2)
    assert source().covered_until == until and "zendesk" in store.read(polls.standing)
    world.zendesk.role = "admin"
    look(world, 3)
    assert (source().covered_until or 0) > (until or 0) and not store.read(polls.standing)


# -- webhooks -------------------------------------------------------------------------------------


def test_a_webhook_counts_at_once_and_the_export_tells_the_rest(world: World, now: int) -> None:
    look(world, 1)
    ticket = world.zendesk.write("請求の件", tags=("請求",))
    world.zendesk.agent_writes("お知らせ", requester=7001)
    world.settle()
    assert set(arrived()) == {f"zendesk/{ticket}"}
    world.zendesk.clock.move(600)
    look(world, 2)
    assert set(arrived()) == {f"zendesk/{ticket}"}
    world.zendesk.mark_as_spam(ticket)
    world.settle()
    assert arrived() == {}


def test_a_webhook_that_comes_after_the_export_changes_nothing(world: World, now: int) -> None:
    look(world, 1)
    ticket = world.zendesk.write("消える")
    world.zendesk.delete(ticket)
    created, deleted = world.held()
    world.zendesk.clock.move(1800)
    look(world, 2)
    for name, headers, body in (deleted, created, created):
        world.post(name, headers, body)
    world.settle()
    assert arrived() == {} and "dead" not in {state for state, _ in world.reasons()}


def test_before_it_was_ever_read_a_webhook_waits_for_that(world: World, now: int) -> None:
    world.zendesk.write("最初")
    world.settle()
    assert arrived() == {}
    world.zendesk.clock.move(300)
    look(world)
    assert len(arrived()) == 1


# -- when -----------------------------------------------------------------------------------------


def test_one_look_at_a_time_every_few_minutes(world: World, now: int) -> None:
    [run] = store.write(zendesk.looks)
    spawn([run])
    assert store.write(zendesk.looks) == []
    world.settle()
    assert store.write(zendesk.looks) == []
