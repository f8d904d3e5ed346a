"""The chart of how many enquiries come in, for a page (SVG) and for a message in Slack (PNG): one specification.

    spec = counts(points, marks, Titles("問い合わせ", "集計なし"), LIGHT, band)
    renderer.png(spec)                         # a page hands in its own colours, and the address that each point opens

Times on the axis are those of the company's wall: each is handed over as if the wall showed UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.rules import rules
from workflows.volume.periods import HOUR_MS
from workflows.volume.slots import SLOT_MS
from workflows.volume.views import AHEAD, KNOWN, MISSING, Point

Spec = dict[str, Any]
#: Colours by name.
Ink = Mapping[str, str]
#: Between which numbers a point is expected, by when it begins (ms).
Band = Mapping[int, tuple[float, float]]

FONT = "Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, sans-serif"
#: Pixels: how wide the room of the figures is beside a table, and how high that of the counts.
WIDTH, HEIGHT = 480, 240
#: What the axis shows of a moment, by how long a piece is.
FORMATS = {SLOT_MS: "%H:%M", HOUR_MS: "%m/%d"}
MONTHS = "%Y/%m"
#: The ink of pictures in Slack: that of the light page, of which it names what charts use.
LIGHT: Ink = {
    "surface": "#fffefb",
    "sunken": "#edeae2",
    "ink": "#22262c",
    "ink-soft": "#575d67",
    "line": "#dcd8cd",
    "line-strong": "#85837b",
    "accent": "#2a4f87",
    "attention": "#8a4300",
}


@dataclass(frozen=True)
class Titles:
    """The words of a chart: of its axis, and where something is missing."""

    n: str
    missing: str


def counts(
    points: Sequence[Point],
    marks: Sequence[int],
    titles: Titles,
    ink: Ink,
    band: Band | None = None,
    addresses: Sequence[str] = (),
) -> Spec:
    """How many came in, point by point. `marks`: when something happened (ms), numbered in order.

    `band`: the lower and the upper number that is expected of a point, by when it begins (ms). `addresses`: what each
    point opens; a picture opens nothing, so none.
    """
    across = _across(points)
    layers = [
        *_band(points, band or {}, titles, ink),
        *_missing(points, titles, ink),
        *_marks(marks, points, ink),
        *_line(points, titles, ink, addresses),
    ]
    layers = [layer | {"encoding": {"x": across} | layer["encoding"]} for layer in layers]
    return framed(ink, {"height": HEIGHT, "data": {"values": []}, "layer": layers})


def _across(points: Sequence[Point]) -> dict[str, Any]:
    """The wall's time; where a year is shown, month by month."""
    begins, ends = wall(points[0].begins), wall(points[-1].ends)
    length = points[0].ends - points[0].begins
    ticks = {"tickCount": 6, "format": FORMATS.get(length, MONTHS), "labelOverlap": True, "grid": False}
    scale = {"type": "utc", "domain": [begins, ends], "nice": False}
    return {"field": "at", "type": "temporal", "title": None, "scale": scale, "axis": ticks}


def upward(title: str, field: str = "n") -> dict[str, Any]:
    """The axis of how many: whole numbers from nothing on."""
    axis = {"format": "d", "tickMinStep": 1, "tickCount": 5}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, "scale": {"domainMin": 0}}


def _line(points: Sequence[Point], titles: Titles, ink: Ink, addresses: Sequence[str]) -> list[Spec]:
    """A line through what is known, broken where something is not; rings where at least so many came in."""
    values, run = [], 0
    for point, address in zip(points, addresses or [""] * len(points), strict=True):
        run += point.state != KNOWN
        if point.state != AHEAD:
            row = {"at": wall(point.begins), "n": point.n, "state": point.state, "run": run}
            values.append(row | ({"address": address} if address else {}))
    shared = {"y": upward(titles.n)} | ({"href": {"field": "address"}} if addresses else {})
    known, other = {"filter": f"datum.state == '{KNOWN}'"}, {"filter": f"datum.state != '{KNOWN}' && datum.n > 0"}
    line = {"type": "line", "strokeWidth": 2, "color": ink["accent"], "interpolate": "linear"}
    dot = {"type": "point", "opacity": 1, "color": ink["accent"]}
    data = {"values": values}
    return [
        {"data": data, "transform": [known], "mark": line, "encoding": {"y": shared["y"], "detail": {"field": "run"}}},
        {"data": data, "transform": [known], "mark": dot | {"filled": True, "size": 14}, "encoding": dict(shared)},
        {"data": data, "transform": [other], "mark": dot | {"size": 26, "fill": ink["surface"]}, "encoding": shared},
    ]


def _missing(points: Sequence[Point], titles: Titles, ink: Ink) -> list[Spec]:
    """Strips where nobody knows how many there were, and a word that says so."""
    strips: list[dict[str, Any]] = []
    for point in points:
        if point.state == MISSING and strips and strips[-1]["until"] == wall(point.begins):
            strips[-1]["until"] = wall(point.ends)
        elif point.state == MISSING:
            strips.append({"at": wall(point.begins), "until": wall(point.ends), "word": titles.missing})
    if not strips:
        return []
    middle = [{"at": (each["at"] + each["until"]) // 2, "word": each["word"]} for each in _longest(strips)]
    edge = {"stroke": ink["line-strong"], "strokeDash": [3, 3], "fill": ink["sunken"]}
    top = {"value": 4}
    return [
        {"data": {"values": strips}, "mark": {"type": "rect"} | edge, "encoding": {"x2": {"field": "until"}}},
        {
            "data": {"values": middle},
            "mark": {"type": "text", "fontSize": 11, "color": ink["ink-soft"], "baseline": "top"},
            "encoding": {"y": top, "text": {"field": "word"}},
        },
    ]


def _longest(strips: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The one strip on which the word stands."""
    return [max(strips, key=lambda each: int(each["until"] - each["at"]))]


def _marks(marks: Sequence[int], points: Sequence[Point], ink: Ink) -> list[Spec]:
    """A dashed line for whatever happened, with its number in the list below."""
    begins, ends = points[0].begins, points[-1].ends
    values = [{"at": wall(max(at, begins)), "number": str(n)} for n, at in enumerate(marks, 1) if at < ends]
    if not values:
        return []
    data, colour = {"values": values}, ink["attention"]
    rule = {"type": "rule", "strokeDash": [4, 3], "color": colour}
    words = {"type": "text", "color": colour, "fontWeight": "bold", "baseline": "bottom", "fontSize": 11, "dy": -2}
    return [
        {"data": data, "mark": rule, "encoding": {}},
        {"data": data, "mark": words, "encoding": {"y": {"value": 0}, "text": {"field": "number"}}},
    ]


def _band(points: Sequence[Point], band: Band, titles: Titles, ink: Ink) -> list[Spec]:
    """Between which numbers each is expected."""
    pairs = [(point, band[point.begins]) for point in points if point.begins in band]
    values = [{"at": wall(point.begins), "low": low, "high": high} for point, (low, high) in pairs]
    if not values:
        return []
    mark = {"type": "area", "color": ink["accent"], "opacity": 0.18, "interpolate": "linear"}
    up = {"y": upward(titles.n, "low"), "y2": {"field": "high"}}
    return [{"data": {"values": values}, "mark": mark, "encoding": up}]


def wall(at: int) -> int:
    """What the wall shows at a moment, as if it were UTC; in milliseconds."""
    offset = rules.calendar.local(at).utcoffset()
    return at + int(offset.total_seconds() * 1000 if offset else 0)


def framed(ink: Ink, body: Spec) -> Spec:
    """What all charts share."""
    soft, line = ink["ink-soft"], ink["line"]
    axis = {"labelColor": ink["ink"], "titleColor": soft, "gridColor": line, "domainColor": ink["line-strong"]}
    config = {
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis
        | {"tickColor": ink["line-strong"], "labelFontSize": 13, "titleFontSize": 12, "labelLimit": 160}
        | {"titleFontWeight": "normal"},
        "legend": {"labelColor": ink["ink"], "labelFontSize": 13, "orient": "top", "labelLimit": 200},
        "text": {"fontSize": 13},
    }
    schema = "https://vega.github.io/schema/vega-lite/v6.json"
    return {"$schema": schema, "background": None, "width": WIDTH, "padding": 4, "config": config} | body
