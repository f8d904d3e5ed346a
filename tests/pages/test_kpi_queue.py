"""`/kpis?view=queue`: both queues with their spend, the requests of one, and what is said where nobody waits."""

from __future__ import annotations

import pytest

from app.pages import kpi_queue
from tests.meeting import decide, filed, firm
from tests.pages.reading import Element, flat, get
from tests.world import World

PATH = "/kpis?view=queue"


def rows(page: Element) -> list[str]:
    return [row.attributes["data-name"] for row in page.all("tr") if "data-name" in row.attributes]


def summary(page: Element) -> dict[str, str]:
    return {row.attributes["data-queue"]: flat(row) for row in page.all("tr") if "data-queue" in row.attributes}


@pytest.mark.parametrize("query", ["queue=x", "queue=<script>", "start=x", "start=-1", "start=999999", "on=x"])
def test_an_address_takes_what_it_knows(sqlite_world: World, query: str) -> None:
    for path in (f"{PATH}&{query}", f"/kpis/queue.svg?{query}"):
        assert sqlite_world.request("GET", path).status_code == 200


def test_where_nobody_waits_it_says_so_and_leads_to_the_agenda(sqlite_world: World) -> None:
    for name, words in (("", "Nothing is undecided."), ("planned", "All that was adopted is available")):
        page = get(sqlite_world, f"{PATH}&queue={name}&lang=en")
        assert words in flat(page) and not rows(page) and not page.all("picture")
        assert any(link.attributes["href"] == "/triage" for link in page.all("a"))


def test_each_queue_says_what_waits_for_it_and_how_few_requests_most_of_it_is(sqlite_world: World) -> None:
    firm("901", mrr=480_000), firm("902", mrr=120_000)
    small, large, planned = filed("小さな要望", "902"), filed("大きな要望", "901"), filed("採用した要望", "902")
    decide(planned, "adopt")
    page = get(sqlite_world, f"{PATH}&lang=en")
    assert rows(page) == [str(large), str(small)]
    assert summary(page) == {
        "undecided": "Undecided 2 2 ¥600,000",
        "planned": "Adopted, not available yet 1 1 ¥120,000",
    }
    assert "80% of this spend waits for 1 of 2 requests." in flat(page)
    [first, second] = [flat(row) for row in page.all("tr") if "data-name" in row.attributes]
    assert first.endswith("1 ¥480,000 80%") and second.endswith("1 ¥120,000 100%")
    assert rows(get(sqlite_world, f"{PATH}&queue=planned")) == [str(planned)]


def test_where_intercom_knows_no_spend_it_says_where_that_is_kept(sqlite_world: World) -> None:
    firm("901"), filed("要望", "901")
    page = get(sqlite_world, f"{PATH}&lang=en")
    assert "Intercom knows no monthly spend" in flat(page) and len(rows(page)) == 1 and not page.all("picture")


def test_a_long_queue_has_more_pages(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kpi_queue, "MOST", 2)
    wishes = [str(filed(f"要望{n}", firm(str(900 + n), mrr=10 - n))) for n in range(5)]
    page, seen = get(sqlite_world, PATH), []
    while more := [link for part in page.all("p") if part.attributes.get("class") == "more" for link in part.all("a")]:
        seen += rows(page)
        page = get(sqlite_world, more[0].attributes["href"])
    assert seen + rows(page) == wishes


def test_the_period_of_the_other_views_is_kept(sqlite_world: World) -> None:
    page = get(sqlite_world, "/kpis?period=week&on=2026-03-09&view=queue")
    addresses = [link.attributes["href"] for link in page.all("a") if "queue=" in link.attributes.get("href", "")]
    assert addresses == [f"/kpis?period=week&on=2026-03-09&view=queue&queue={name}" for name in kpi_queue.TITLES]


def test_a_curve_of_many_requests_has_no_more_points_than_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    item = kpi_queue.Item(1, 1, 1, 1.0, 0.5)
    for n in (0, 1, 199, 200, 201, 5_000):
        points = kpi_queue.points(kpi_queue.Queue([item] * n, n, float(n)))
        assert len(points) <= kpi_queue.POINTS + 2 and points[0] == (0, 0.0)
        assert points[-1][0] == n
