"""How many conversations are open for each colleague on shift: every number leads to what it counts."""

from __future__ import annotations

import pytest

from tests.clock import Hands
from tests.pages.reading import flat, get
from tests.pages.test_kpis import listed
from tests.world import World
from workflows.engine.store import store
from workflows.rules import rules
from workflows.rules.calendar import DAY_MS, Calendar
from workflows.tables.customer import Conversation
from workflows.tables.enquiry import Course

#: A Monday, at nine.
MONDAY = 1_780_272_000_000
WEEK = "period=week&on=2026-06-01"


@pytest.fixture
def open_ones(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two of us, and three conversations: one is open, one was closed at ten, one is older than anybody's work."""
    monkeypatch.setattr(rules, "skills", {"billing": ("U0SATO", "U0MORI")})
    monkeypatch.setattr(rules, "calendar", Calendar.of(hours={"mon": ("9:00-12:00",)}))

    def rows(id: str, began_at: int, closed_at: int | None) -> list[Conversation | Course]:
        chat = Conversation(id=id, url="", opening=f"締めができません {id}", created_at=began_at)
        closed = {"is_closed": True, "last_closed_at": closed_at, "last_closed_minutes": 60} if closed_at else {}
        return [chat, Course(conversation_id=id, began_at=began_at, **closed)]

    some = [
        *rows("1", MONDAY - DAY_MS, None),
        *rows("2", MONDAY, MONDAY + 3_600_000),
        *rows("3", MONDAY - 40 * DAY_MS, None),
    ]
    store.write(lambda session: session.add_all(some))
    return sqlite_world


@pytest.mark.parametrize("at", ["x", "-1", "0", "9" * 13, "9" * 40, ""])
def test_a_wrong_moment_is_now_or_lists_nothing(sqlite_world: World, at: str) -> None:
    assert sqlite_world.request("GET", f"/kpis/load/open?at={at}").status_code == 200


def test_where_nobody_is_named_it_says_who_could_be(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "skills", {})
    [row] = get(sqlite_world, f"/kpis?{WEEK}").all("tr", id="load")
    assert "シフト中の人がいません" in flat(row)


def test_each_hour_leads_to_what_was_open_then(open_ones: World) -> None:
    hands = Hands()
    hands.set("2026-06-01 11:30")
    try:
        page = get(open_ones, f"/kpis?{WEEK}")
        [row] = page.all("tr", id="load")
        assert "中央値 0.5" in flat(row) and "1.0" in flat(row)
        assert open_ones.request("GET", f"/kpis/load.svg?{WEEK}").status_code == 200
        hours = get(open_ones, row.all("a")[0].attributes["href"])
        assert len(listed(hours)) == 3
        opened = [link for link in hours.all("a") if link.attributes["href"].startswith("/kpis/load/open")]
        assert [flat(link) for link in opened] == ["1", "1", "2"]
        for link in opened:
            there = get(open_ones, link.attributes["href"])
            assert len(listed(there)) == int(flat(link)) and "締めができません 1" in there.text
    finally:
        hands.release()
