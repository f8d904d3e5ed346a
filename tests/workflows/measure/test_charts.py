"""Charts as pictures: one specification for a page and a message; where nothing can be drawn, nothing is raised."""

from __future__ import annotations

import json
import logging
import struct
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from workflows.measure import renderer
from workflows.measure.charts import LIGHT, Spec, Titles, counts
from workflows.volume.slots import SLOT_MS
from workflows.volume.views import AHEAD, KNOWN, MISSING, Point

START = 1_700_000_100_000 // SLOT_MS * SLOT_MS
STATES = (KNOWN, KNOWN, MISSING, MISSING, KNOWN, AHEAD)
POINTS = [
    Point(START + number * SLOT_MS, START + (number + 1) * SLOT_MS, number, state)
    for number, state in enumerate(STATES)
]


def drawn(title: str = "Enquiries", **other: Any) -> Spec:
    """Everything that a chart of counts can show."""
    band = {point.begins: (1.0, 4.0) for point in POINTS}
    return counts(POINTS, [POINTS[1].begins], Titles(title, "No counts"), LIGHT, band, **other)


def size(picture: bytes | None) -> tuple[int, int]:
    """Width and height in pixels, as the first chunk of a PNG says them."""
    assert picture is not None and picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_without_the_renderer_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setattr(renderer, "_broken", [])
    assert renderer.png(drawn()) is None
    assert not renderer.is_there()


def test_what_cannot_be_drawn_is_no_picture_and_its_words_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert renderer.png({"mark": "請求書が届きません"}) is None
    assert "a chart could not be drawn" in caplog.text
    assert "請求書" not in caplog.text


def test_a_picture_is_so_many_times_as_large_and_stands_on_white() -> None:
    once, twice = size(renderer.png(drawn(), scale=1)), size(renderer.png(drawn()))
    assert twice == (2 * once[0], 2 * once[1])
    on_nothing, on_white, on_black = (renderer.png(drawn() | paper) for paper in papers())
    assert on_nothing == on_white != on_black


def papers() -> list[dict[str, str | None]]:
    return [{"background": None}, {"background": "#ffffff"}, {"background": "#000000"}]


def test_japanese_letters_are_letters_in_a_picture() -> None:
    if not renderer.has_japanese():
        pytest.skip("no font for Japanese letters: apt install fonts-noto-cjk")
    assert renderer.png(drawn("日")) != renderer.png(drawn("曜"))


def test_a_picture_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    recorder = SimpleNamespace(vegalite_to_png=lambda spec, **_: asked.append(spec) or b"png")
    monkeypatch.setitem(sys.modules, "vl_convert", recorder)
    of_a_page = drawn(addresses=[f"/volume/list?n={number}" for number in range(len(POINTS))])
    assert renderer.png(of_a_page) == b"png"
    assert '"href"' in json.dumps(of_a_page) and '"href"' not in asked[0]


def test_without_addresses_a_chart_has_none() -> None:
    assert '"href"' not in json.dumps(drawn()) and '"address"' not in json.dumps(drawn())


def test_each_point_has_one_address_or_none_has() -> None:
    with pytest.raises(ValueError, match="zip"):
        drawn(addresses=["/volume/list"])
