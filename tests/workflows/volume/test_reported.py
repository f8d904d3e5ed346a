"""What other tools report: later beats earlier in whatever order they come, and a wrong line keeps all of it out."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.rules.volume import Volume
from workflows.tables.volume import Actives, Count, DayCount, Source
from workflows.volume import counts, slots, sources
from workflows.volume.reports import Told, keep
from workflows.volume.slots import SLOT_MS


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


def begun(ago: int) -> int:
    """When the quarter hour began that was over so many quarter hours ago."""
    return slots.of(now_ms()) - (ago + 1) * SLOT_MS


def tell(world: World, at: int, n: int, said_at: int = 0, **themes: int) -> None:
    line = {"at": iso(at), "n": n, "themes": themes}
    world.stage.counts.tell(at=iso(said_at or now_ms()), counts=[line])


def told(source: str = "desk") -> dict[tuple[str, str], int]:
    """What is counted, by facet and name; when it was said apart."""
    rows = store.read(lambda s: s.exec(select(Count).where(Count.source == source)).all())
    return {(row.facet, row.name): row.n for row in rows if row.n and row.facet != "said"}


def quarter(at: int) -> counts.Quarter:
    [found] = store.read(partial(counts.series, since=at, until=at + SLOT_MS))
    return found


def source(name: str = "desk") -> Source:
    return store.read(lambda s: s.exec(select(Source).where(Source.name == name)).one())


def test_a_quarter_hour_is_kept_with_its_themes(world: World) -> None:
    with world.rules(volume=Volume(themes={"請求書": ("請求書",)})):
        tell(world, begun(1), 12, **{"請求書": 4, "返金": 2})
        world.settle()
    assert told() == {("all", ""): 12, ("theme", "word:請求書"): 4, ("theme", "tag:返金"): 2}
    assert quarter(begun(1)) == (begun(1), 12, True)
    assert world.reasons() == [("done", "Saved what desk reported: 1 quarter hours, 0 days of active accounts.")]


def test_nobody_wrote_is_known_and_what_was_not_told_is_missing(world: World) -> None:
    tell(world, begun(3), 0)
    tell(world, begun(1), 5)
    world.settle()
    found = store.read(partial(counts.series, since=begun(3), until=begun(1) + SLOT_MS))
    assert [(each.n, each.is_known) for each in found] == [(0, True), (0, False), (5, True)]


def test_a_quarter_hour_that_goes_on_is_counted_and_not_known_until_it_is_told_once_it_is_over(world: World) -> None:
    at = begun(1)
    tell(world, at, 3, said_at=at + SLOT_MS // 2)
    world.settle()
    assert quarter(at) == (at, 3, False) and source().covered_until is None
    tell(world, at, 7)
    world.settle()
    assert quarter(at) == (at, 7, True) and source().covered_until == at + SLOT_MS


@pytest.mark.fault("F93")
def test_what_was_said_later_counts_in_whatever_order_it_comes(world: World) -> None:
    at = begun(4)
    tell(world, at, 7, said_at=at + 3 * SLOT_MS, a=2)
    world.settle()
    tell(world, at, 5, said_at=at + 2 * SLOT_MS, b=1)
    world.settle()
    assert told() == {("all", ""): 7, ("theme", "tag:a"): 2}
    assert world.reasons()[-1][0] == "ignored"


@pytest.mark.fault("F93")
def test_a_report_that_comes_again_changes_nothing(world: World) -> None:
    tell(world, begun(1), 12, a=4)
    [(name, headers, body)] = world.held()
    assert world.together(name, headers, body, 5) == [200] * 5
    world.settle()
    assert told() == {("all", ""): 12, ("theme", "tag:a"): 4}
    assert len(world.runs()) == 1


@pytest.mark.fault("F93")
def test_one_wrong_line_is_named_and_nothing_of_it_is_kept(world: World) -> None:
    lines = [{"at": iso(begun(2)), "n": 1}, {"at": iso(begun(1)), "n": "many"}]
    world.stage.counts.tell(counts=lines, actives=[{"day": "2026-01-05", "n": 9}])
    world.settle()
    assert world.reasons() == [("dead", "counts[1].n: is text, not a whole number")]
    assert not told() and not actives()


def test_of_reports_that_are_kept_at_the_same_moment_the_latest_counts(world: World) -> None:
    at = begun(4)
    reports = [
        partial(keep, source="desk", said_at=at + SLOT_MS + 1000 * n, told=[Told(at, n, {"a": n})]) for n in range(12)
    ]
    threads = [threading.Thread(target=store.write, args=(report,)) for report in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told() == {("all", ""): 11, ("theme", "tag:a"): 11}
    days = store.read(lambda s: s.exec(select(DayCount).where(DayCount.source == "desk")).all())
    assert {(row.facet, row.n, row.known) for row in days} == {("all", 11, 1), ("theme", 11, 0)}


def test_a_tool_whose_clock_is_ahead_is_told_so(world: World) -> None:
    tell(world, begun(1), 3, said_at=now_ms() + 3_600_000)
    world.settle()
    assert world.reasons() == [("dead", "timestamp: is in the future")] and not told()


def test_nobody_reports_in_the_name_of_what_we_count_ourselves(world: World) -> None:
    world.stage.counts.source = "zendesk"
    tell(world, begun(1), 3)
    world.settle()
    assert world.reasons() == [("dead", "source: is counted by this service itself")]


def actives() -> dict[str, int]:
    return {row.day: row.n for row in store.read(lambda s: s.exec(select(Actives)).all())}


def test_active_accounts_are_kept_by_day_each_as_it_was_said_last(world: World) -> None:
    for minutes, n in ((30, 5000), (10, 5120), (20, 4000)):
        line: dict[str, Any] = {"day": "2026-01-05", "n": n}
        world.stage.counts.tell(at=iso(now_ms() - minutes * 60_000), actives=[line])
        world.settle()
    assert actives() == {"2026-01-05": 5120}


def test_a_thousand_quarter_hours_are_kept_and_known(world: World) -> None:
    first = begun(999)
    lines = [{"at": iso(first + n * SLOT_MS), "n": n % 3} for n in range(1000)]
    world.stage.counts.tell(counts=lines)
    assert len(json.dumps(lines)) < 1024 * 1024
    world.settle()
    found = store.read(partial(counts.series, since=first, until=first + 1000 * SLOT_MS))
    assert all(each.is_known for each in found) and sum(each.n for each in found) == sum(n % 3 for n in range(1000))
    [desk] = store.read(partial(sources.standing, now=now_ms()))
    assert (desk.name, desk.covered_until, desk.is_late) == ("desk", first + 1000 * SLOT_MS, False)
