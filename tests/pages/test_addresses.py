"""Wrong addresses, and errors of ours: always a page in plain words, never a trace of what is behind it."""

from __future__ import annotations

import httpx
import pytest

from tests.pages.reading import get
from tests.world import World

NOWHERE = (
    *("/feedback/0", "/feedback/999999999", "/feedback/abc", "/feedback/1%00", "/feedback/%EF%BC%91"),
    *("/feedback/" + "9" * 5000, "/deliveries/none", "/deliveries/%00", "/board?part=first", "/nowhere"),
    *(
        "/escalations/0",
        "/escalations/E-999999999",
        "/escalations/abc",
        "/escalations/1%00",
        "/escalations/E-%EF%BC%91",
    ),
    *("/triage?at=FB-404", "/triage/wish/0", "/triage/wish/abc", "/triage/wish/1%00"),
    *("/companies/none", "/companies/%00", "/companies/../etc", "/measures/nothing.svg", "/owners?part=first"),
)


def test_a_wrong_address_is_answered_in_plain_words(world: World) -> None:
    for path in NOWHERE:
        page = get(world, path, 404)
        assert "ページが見つかりません" in page.text, path


def test_wrong_wishes_of_a_reader_are_ignored(world: World) -> None:
    for query in ("part=-5", "part=" + "9" * 40, "station=nowhere", "chat=%00&did=%3Cb%3E", "lang=fr&theme=pink"):
        assert len(get(world, f"/board?{query}").all("section", class_="station")) == 6, query


def test_a_wrong_place_in_a_list_is_its_beginning_or_its_end(world: World) -> None:
    for before in ("", "x", "-1~a", "9" * 30 + "~a", "1~%00", "1"):
        get(world, f"/deliveries?before={before}&state=nothing&source=nobody")
        get(world, f"/deliveries?kind=runs&before={before}")


async def test_an_error_of_ours_is_told_without_its_text(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("山本様の電話番号")

    monkeypatch.setattr("app.pages.wish.timeline.story", fail)
    async with World(database_url) as world:
        transport = httpx.ASGITransport(app=world.app, client=("127.0.0.1", 1), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
            answer = await browser.get("/feedback/1")
    assert answer.status_code == 500
    assert "表示に失敗しました" in answer.text and "電話番号" not in answer.text
