"""The charts of how many enquiries come in: the line with its gaps and what happened; and themes upon each other.

    counts(points, marks, titles, band, theme)       # band: what is expected of each point, where anybody says so
    themes(stack, titles, theme)

Times on the axis are those of the company's wall: each is handed over as if the wall showed UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.pages.charts import Spec, colours, framed
from workflows.rules import rules
from workflows.volume.periods import HOUR_MS
from workflows.volume.slots import SLOT_MS
from workflows.volume.views import AHEAD, KNOWN, MISSING, Point

HEIGHT = 240
#: Shades that colour-blind people tell apart, after Paul Tol's "muted"; the last is for all others. Each stands between
#: lines, so that neighbours are told apart without any colour.
SHADES = (*("#332288", "#88CCEE", "#117733", "#DDCC77", "#CC6677", "#44AA99", "#882255", "#999933"), "#BBBBBB")
#: What the axis shows of a moment, by how long a piece is.
FORMATS = {SLOT_MS: "%H:%M", HOUR_MS: "%m/%d"}
MONTHS = "%Y/%m"


@dataclass(frozen=True)
class Titles:
    """The words of a chart: of its axis, and where something is missing."""

    n: str
    missing: str


def counts(
    points: Sequence[Point],
    addresses: Sequence[str],
    marks: Sequence[int],
    titles: Titles,
    theme: str,
    band: Mapping[int, tuple[float, float]] | None = None,
) -> Spec:
    """How many came in, point by point; each opens its address. `marks`: when something happened, numbered in order.

    `band`: the lower and the upper number that is expected of a point, by when it begins.
    """
    ink = colours(theme)
    across = _across(points)
    layers = [
        *_band(points, band or {}, titles, ink),
        *_missing(points, titles, ink),
        *_marks(marks, points, ink),
        *_line(points, addresses, titles, ink),
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


def _up(title: str, field: str = "n") -> dict[str, Any]:
    axis = {"format": "d", "tickMinStep": 1, "tickCount": 5}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, "scale": {"domainMin": 0}}


def _line(points: Sequence[Point], addresses: Sequence[str], titles: Titles, ink: Mapping[str, str]) -> list[Spec]:
    """A line through what is known, broken where something is not; rings where at least so many came in."""
    values, run = [], 0
    for point, address in zip(points, addresses, strict=True):
        run += point.state != KNOWN
        if point.state != AHEAD:
            row = {"at": wall(point.begins), "n": point.n, "state": point.state, "run": run, "address": address}
            values.append(row)
    shared = {"y": _up(titles.n), "href": {"field": "address"}}
    known, other = {"filter": f"datum.state == '{KNOWN}'"}, {"filter": f"datum.state != '{KNOWN}' && datum.n > 0"}
    line = {"type": "line", "strokeWidth": 2, "color": ink["accent"], "interpolate": "linear"}
    dot = {"type": "point", "opacity": 1, "color": ink["accent"]}
    data = {"values": values}
    return [
        {"data": data, "transform": [known], "mark": line, "encoding": {"y": shared["y"], "detail": {"field": "run"}}},
        {"data": data, "transform": [known], "mark": dot | {"filled": True, "size": 14}, "encoding": dict(shared)},
        {"data": data, "transform": [other], "mark": dot | {"size": 26, "fill": ink["surface"]}, "encoding": shared},
    ]


def _missing(points: Sequence[Point], titles: Titles, ink: Mapping[str, str]) -> list[Spec]:
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


def _marks(marks: Sequence[int], points: Sequence[Point], ink: Mapping[str, str]) -> list[Spec]:
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


def _band(
    points: Sequence[Point], band: Mapping[int, tuple[float, float]], titles: Titles, ink: Mapping[str, str]
) -> list[Spec]:
    """Between which numbers each is expected."""
    pairs = [(point, band[point.begins]) for point in points if point.begins in band]
    values = [{"at": wall(point.begins), "low": low, "high": high} for point, (low, high) in pairs]
    if not values:
        return []
    mark = {"type": "area", "color": ink["accent"], "opacity": 0.18, "interpolate": "linear"}
    up = {"y": _up(titles.n, "low"), "y2": {"field": "high"}}
    return [{"data": {"values": values}, "mark": mark, "encoding": up}]


def themes(
    rows: Sequence[tuple[str, Sequence[int]]],
    parts: Sequence[str],
    addresses: Mapping[tuple[str, int], str],
    title: str,
    theme: str,
) -> Spec:
    """Bars of themes upon each other: rows of a name and how many in each part, the most frequent at the bottom."""
    ink = colours(theme)
    names = [name for name, _ in rows]
    values = [
        {"part": parts[number], "theme": name, "n": n, "order": order, "address": addresses.get((name, number), "")}
        for order, (name, ns) in enumerate(rows)
        for number, n in enumerate(ns)
        if n
    ]
    shades = [*SHADES[: len(names) - 1], SHADES[-1]] if len(names) == len(SHADES) else SHADES[: len(names)]
    colour = {"field": "theme", "type": "nominal", "title": None, "sort": names}
    colour["scale"] = {"domain": names, "range": list(shades)}  # type: ignore[assignment]
    colour["legend"] = {"columns": 3, "symbolStrokeWidth": 1}  # type: ignore[assignment]
    across = {"field": "part", "type": "ordinal", "sort": list(parts), "scale": {"domain": list(parts)}, "title": None}
    across["axis"] = {"labelAngle": 0, "labelOverlap": True}  # type: ignore[dict-item]
    encoding = {
        "x": across,
        "y": _up(title) | {"aggregate": "sum"},
        "color": colour,
        "order": {"field": "order"},
        "href": {"field": "address"},
    }
    mark = {"type": "bar", "stroke": ink["ink-soft"], "strokeWidth": 0.75}
    return framed(ink, {"data": {"values": values}, "height": HEIGHT, "mark": mark, "encoding": encoding})


def wall(at: int) -> int:
    """What the wall shows at a moment, as if it were UTC; in milliseconds."""
    offset = rules.calendar.local(at).utcoffset()
    return at + int(offset.total_seconds() * 1000 if offset else 0)
