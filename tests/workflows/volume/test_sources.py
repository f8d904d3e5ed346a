"""Sources: one that falls silent is told, one that is over is not waited for."""

from __future__ import annotations

from functools import partial

import pytest

from app.operate import check
from tests.pages.reading import get
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.language.wording import time
from workflows.tables.volume import Source
from workflows.volume import counts, slots, sources
from workflows.volume.reports import Told, keep
from workflows.volume.slots import SLOT_MS

NOON = slots.of(1_750_000_000_000)
MINUTE = 60_000


def covered(name: str, until: int, since: int = NOON) -> None:
    store.write(partial(counts.cover, source=name, until=until, since=since))


def late(now: int) -> list[str]:
    return [each.name for each in store.read(partial(sources.late, now=now))]


@pytest.mark.fault("F94")
def test_a_source_that_says_nothing_for_three_polls_is_late(world: World) -> None:
    until = NOON + 4 * SLOT_MS
    with world.rules(reconcile_minutes=10):
        for name in ("intercom", "zendesk", "desk"):
            covered(name, until)
        assert late(until + SLOT_MS) == []
        assert late(until + SLOT_MS + 16 * MINUTE) == ["zendesk"]
        assert late(until + SLOT_MS + 31 * MINUTE) == ["intercom", "zendesk"]
        assert late(until + SLOT_MS + 46 * MINUTE) == ["desk", "intercom", "zendesk"]
        found = store.read(partial(sources.standing, now=until))
        assert found == [(name, until, False, until) for name in ("desk", "intercom", "zendesk")]


@pytest.mark.fault("F94")
def test_what_a_late_source_did_not_tell_is_missing_and_never_zero(world: World) -> None:
    covered("intercom", NOON + 4 * SLOT_MS)
    covered("desk", NOON + 2 * SLOT_MS)
    found = store.read(partial(counts.series, since=NOON, until=NOON + 4 * SLOT_MS))
    assert [each.is_known for each in found] == [True, True, False, False]


@pytest.mark.fault("F94")
def test_a_source_that_is_late_is_told_on_the_page_and_by_check(world: World) -> None:
    covered("intercom", NOON)
    said = "No counts from Intercom since {time}: what came in since then is missing, and not zero."
    said = said.format(time=time("en", NOON))
    assert said in get(world, "/setup?lang=en").text
    assert "Intercomの件数が" in get(world, "/setup?lang=ja").text
    assert [found.ok for found in check.look(world.settings) if str(found) == said] == [False]


@pytest.mark.fault("F94")
def test_a_source_that_is_late_stands_on_the_home_of_who_looks_after_the_service(world: World) -> None:
    covered("intercom", NOON)
    covered("desk", NOON)
    [part] = get(world, "/?lang=ja").all("section", id="counts")
    links = [each.attributes["href"] for each in part.all("li") for each in each.all("a")]
    assert links == ["/setup#counts", "/setup#vendor-intercom"]
    assert "python -m app import over --source" in part.text and "接続を確認してください" in part.text
    [n] = [each.text for each in part.all("a") if each.attributes.get("data-total") == "counts"]
    assert n == "2" and len(get(world, "/setup").all("p", class_="mark-attention")) == 2
    assert get(world, "/?lang=en").all("section", id="counts")


@pytest.mark.fault("F94")
def test_whoever_does_not_look_after_the_service_is_not_bothered(world: World) -> None:
    covered("intercom", NOON)
    real(world)
    world.sign_in("U0MORI")
    assert not get(world, "/").all("section", id="counts")


def test_a_tool_that_was_given_up_is_not_waited_for_until_it_tells_something(world: World) -> None:
    covered("intercom", NOON + 4 * SLOT_MS)
    covered("desk", NOON + 2 * SLOT_MS)
    assert store.write(partial(sources.end, name="desk")) and not store.write(partial(sources.end, name="nobody"))
    found = store.read(partial(counts.series, since=NOON, until=NOON + 4 * SLOT_MS))
    assert all(each.is_known for each in found) and late(NOON + 99 * SLOT_MS) == ["intercom"]
    told = [Told(NOON + 5 * SLOT_MS, 1, {})]
    store.write(partial(keep, source="desk", said_at=NOON + 6 * SLOT_MS, told=told))
    assert late(NOON + 99 * SLOT_MS) == ["desk", "intercom"]


def test_a_vendor_that_is_switched_off_is_over_and_begins_again_when_it_is_on(world: World) -> None:
    covered("zendesk", NOON + SLOT_MS)
    client, vendors.zendesk = vendors.zendesk, None
    try:
        store.write(sources.keep_up)
        assert late(NOON + 99 * SLOT_MS) == []
    finally:
        vendors.zendesk = client
    store.write(sources.keep_up)
    assert store.read(lambda s: s.get_one(Source, "zendesk")).cursor == "" and late(NOON + 99 * SLOT_MS) == ["zendesk"]
