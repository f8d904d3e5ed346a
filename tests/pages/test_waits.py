"""How long customers wait until they are notified: each figure's list holds exactly what it counts."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as xml

import pytest
from sqlmodel import select

from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.releasing import released, soon
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.wish import Feedback


@pytest.fixture
def waiting(world: World) -> World:
    """Three requests of forty days ago: one customer was told, one has a draft, one waits for a decision."""
    released(world, 0, 2)
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    world.wish(3)

    def earlier(session: Any) -> None:
        for wish in session.exec(select(Feedback)):
            wish.said_at = now_ms() - 40 * DAY_MS

    store.write(earlier)
    return world


def listed(page: Element) -> list[str]:
    return [
        row.attributes["data-name"] for row in page.all("tr") if row.attributes.get("data-name", "").startswith("FB-")
    ]


def links(page: Element, name: str) -> list[Element]:
    return [link for link in page.all("a") if name in link.attributes]


@pytest.mark.parametrize("query", ["days=8", "leg=x", "state=x", "least=x", "least=-1", "start=x", "leg=%00"])
def test_what_the_address_says_wrongly_is_left_out(world: World, query: str) -> None:
    world.wish(0)
    assert listed(get(world, f"/waits?{query}")) == []
    assert world.request("GET", f"/waits/curve.svg?{query}").status_code == 200


def test_without_requests_it_says_so(world: World) -> None:
    assert "この期間のご要望はありません" in get(world, "/waits").text
    assert xml.fromstring(world.request("GET", "/waits/curve.svg").text) is not None


def test_each_figure_leads_to_exactly_what_it_counts(waiting: World) -> None:
    page = get(waiting, "/waits?lang=en")
    numbers = {(it.attributes["data-leg"], it.attributes["data-state"]): it for it in links(page, "data-leg")}
    assert {name: int(flat(link)) for name, link in numbers.items()} == {
        ("whole", "over"): 1,
        ("whole", "open"): 2,
        ("decided", "over"): 2,
        ("decided", "open"): 1,
        ("done", "over"): 2,
        ("available", "over"): 2,
        ("notified", "over"): 1,
        ("notified", "open"): 1,
    }
    for link in (*numbers.values(), *links(page, "data-waited")):
        behind = get(waiting, link.attributes["href"].partition("#")[0])
        assert len(listed(behind)) == int(flat(link)), link.attributes["href"]


def test_the_curve_counts_those_who_still_wait(waiting: World) -> None:
    page = get(waiting, "/waits?lang=en")
    told = {cell.attributes["data-after"]: flat(cell) for cell in page.all("td") if "data-after" in cell.attributes}
    assert told == {"7": "0%", "14": "0%", "30": "0%"}
    assert [flat(link) for link in links(page, "data-waited")] == ["3", "3", "3"]
    whole = next(row for row in page.all("tr") if row.attributes.get("data-name") == "whole")
    assert flat(whole).startswith("Request to notification 40 days")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_curve_is_a_picture_for_either_paper(waiting: World, theme: str) -> None:
    drawn = waiting.request("GET", f"/waits/curve.svg?theme={theme}&lang=ja")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "ご要望からの日数" in "".join(xml.fromstring(drawn.text).itertext())
    narrow = waiting.request("GET", "/waits/curve.svg?size=narrow").text
    assert float(xml.fromstring(narrow).attrib["width"]) < 390


def test_whoever_is_signed_in_sees_it(waiting: World) -> None:
    real(waiting)
    assert waiting.request("GET", "/waits").status_code != 200
    waiting.sign_in()
    assert "連絡までの時間" in get(waiting, "/waits?lang=ja").text
