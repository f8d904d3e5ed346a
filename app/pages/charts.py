"""Charts: Vega-Lite specifications, drawn as SVG by this process; their texts are text, their colours the page's.

    svg(spec(figures, say, theme="dark"))

A chart is a picture beside a table of the same figures. It is drawn for light or dark paper; fonts are the reader's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response

from app.pages.view import HEADERS, files
from workflows.measure import renderer
from workflows.measure.charts import FORMATS, Ink, framed, wall
from workflows.measure.charts import Spec as Spec
from workflows.rules.calendar import DAY_MS, HOUR_MS
from workflows.volume.slots import SLOT_MS

Say = Callable[..., str]

#: How wide the room of the figures is on a phone.
NARROW = 170
#: An axis of numbers of things has whole steps, and no more than these.
STEPS = 6


@cache
def colours(theme: str) -> Ink:
    """The colours of the light or the dark page, by name."""
    css = files()["tokens.css"][0].decode()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: dark if theme == "dark" else light for name, light, dark in pairs}


def svg(spec: Spec) -> str:
    """The picture. What was drawn before is not drawn again. Raises ImportError where there is no renderer."""
    return renderer.drawn(json.dumps(spec, ensure_ascii=False, sort_keys=True))


def answer(request: Request, spec: Spec, width: int = NARROW) -> Response:
    """The picture as a page asks for it (`size=narrow`: a phone, so wide). Raises 404 where there is no renderer."""
    try:
        drawn = svg(spec | {"width": width} if request.query_params.get("size") == "narrow" else spec)
    except ImportError as error:
        raise HTTPException(404) from error
    return Response(drawn, headers=HEADERS, media_type="image/svg+xml")


def paper(request: Request) -> str:
    """For which paper a picture is asked for: light, or dark."""
    return "dark" if request.query_params.get("theme") == "dark" else "light"


def narrow(spec: Spec) -> Spec:
    """The same as a phone shows it, with letters as large as its own."""
    return spec | {"width": NARROW}


def bars(rows: Sequence[tuple[str, int, int]], names: tuple[str, str], axis: str, theme: str) -> Spec:
    """Lying bars of two parts each: the first filled, the second an outline; the sum at the end."""
    ink = colours(theme)
    values = [
        {"row": label, "part": name, "order": order, "n": n}
        for label, *parts in rows
        for order, (name, n) in enumerate(zip(names, parts, strict=True))
    ]
    fill = {"field": "part", "type": "nominal", "title": None, "scale": {"domain": list(names)}}
    end = max((taken + running for _, taken, running in rows), default=0) + 1  # room for the sum at the end
    across = {"field": "n", "type": "quantitative", "title": axis, "scale": {"domain": [0, end]}}
    across["axis"] = {"values": list(range(0, end + 1, -(-end // STEPS))), "format": "d"}
    labels = [row[0] for row in rows]
    shared = {"y": {"field": "row", "type": "nominal", "sort": labels, "scale": {"domain": labels}, "title": None}}
    total = {
        "transform": [{"aggregate": [{"op": "sum", "field": "n", "as": "sum"}], "groupby": ["row"]}],
        "mark": {"type": "text", "align": "left", "dx": 6, "color": ink["ink"]},
        "encoding": {"x": {"field": "sum", "type": "quantitative"}, "text": {"field": "sum", "type": "quantitative"}},
    }
    fill["scale"] = {"domain": list(names), "range": [ink["accent"], ink["waiting-wash"]]}
    line = {"field": "part", "type": "nominal", "title": None}
    line["scale"] = {"domain": list(names), "range": [ink["accent"], ink["waiting"]]}  # type: ignore[assignment]
    encoding = {"x": across, "order": {"field": "order"}, "fill": fill, "stroke": line}
    bar = {"mark": {"type": "bar", "strokeWidth": 1}, "encoding": encoding}
    layers = [bar | {"transform": [{"filter": "datum.n > 0"}]}, total]  # a bar of nothing would be an outline
    return framed(ink, {"data": {"values": values}, "height": {"step": 28}, "encoding": shared, "layer": layers})


def intervals(rows: Sequence[dict[str, Any]], names: tuple[str, str], titles: tuple[str, str], theme: str) -> Spec:
    """Shares with their intervals, two beside each other: rows of `group`, `part`, `share`, `low`, `high`, `label`."""
    ink = colours(theme)
    order = list(dict.fromkeys(row["group"] for row in rows))
    colour = {"field": "part", "type": "nominal", "title": None}
    colour["scale"] = {"domain": list(names), "range": [ink["accent"], ink["attention"]]}  # type: ignore[assignment]
    beside = {"field": "part", "type": "nominal", "sort": list(names), "scale": {"paddingInner": 0.6}}
    up = {"type": "quantitative", "title": titles[1], "axis": {"format": "%"}, "scale": {"domain": [0, 1]}}
    encoding = {
        "x": {"field": "group", "type": "nominal", "sort": order, "title": titles[0], "axis": {"labelAngle": 0}},
        "xOffset": beside,
        "color": colour,
    }
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {"y": up | {"field": "low"}, "y2": {"field": "high"}}},
        {
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
            "encoding": {
                "y": up | {"field": "share"},
                "shape": {"field": "part", "type": "nominal", "title": None, "scale": {"domain": list(names)}},
            },
        },
        {
            "mark": {"type": "text", "dy": -8, "baseline": "bottom", "fontSize": 11},
            "encoding": {"y": up | {"field": "high"}, "text": {"field": "label"}, "color": {"value": ink["ink"]}},
        },
    ]
    return framed(ink, {"data": {"values": list(rows)}, "height": 220, "encoding": encoding, "layer": layers})


def curve(points: Sequence[tuple[float, float]], titles: tuple[str, str], theme: str) -> Spec:
    """A share that grows by steps: pairs of a number (of days, of requests) and which share by then."""
    ink = colours(theme)
    values = [{"n": n, "share": share} for n, share in points]
    encoding = {
        "x": {"field": "n", "type": "quantitative", "title": titles[0], "scale": {"domainMin": 0}},
        "y": {
            "field": "share",
            "type": "quantitative",
            "title": titles[1],
            "axis": {"format": "%"},
            "scale": {"domain": [0, 1]},
        },
    }
    mark = {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "color": ink["accent"]}
    return framed(ink, {"data": {"values": values}, "height": 220, "encoding": encoding, "mark": mark})


def curves(rows: Sequence[dict[str, Any]], names: Sequence[str], titles: tuple[str, str], theme: str) -> Spec:
    """Shares that grow by steps, a line of each name, three at most, told apart by their dashes: rows of `part`,
    `days`, `share`."""
    ink = colours(theme)
    part: Spec = {"field": "part", "type": "nominal", "title": None}
    inks = [ink["accent"], ink["attention"], ink["good"]][: len(names)]
    encoding = {
        "x": {"field": "days", "type": "quantitative", "title": titles[0], "scale": {"domainMin": 0}},
        "y": {"field": "share", "type": "quantitative", "title": titles[1], "axis": {"format": "%"}},
        "color": part | {"scale": {"domain": list(names), "range": inks}},
        "strokeDash": part | {"scale": {"domain": list(names), "range": [[1, 0], [6, 3], [2, 2]][: len(names)]}},
    }
    encoding["y"]["scale"] = {"domain": [0, 1]}
    mark = {"type": "line", "interpolate": "step-after", "strokeWidth": 2}
    return framed(ink, {"data": {"values": list(rows)}, "height": 220, "encoding": encoding, "mark": mark})


def lines(rows: Sequence[dict[str, Any]], names: Sequence[str], titles: tuple[str, str], theme: str) -> Spec:
    """Shares that come and go with whole numbers, a line of each name, two at most: rows of `part`, `at`, `share`."""
    ink = colours(theme)
    inks = [ink["accent"], ink["attention"]][: len(names)]
    end = max([1, *(row["at"] for row in rows)])
    part = {"field": "part", "type": "nominal", "title": None}
    across = {"field": "at", "type": "quantitative", "title": titles[0], "scale": {"domain": [0, end]}}
    across["axis"] = {"values": list(range(0, end + 1, -(-end // STEPS))), "format": "d"}
    up = {"field": "share", "type": "quantitative", "title": titles[1]}
    encoding = {
        "x": across,
        "y": up | {"axis": {"format": "%"}, "scale": {"domain": [0, 1]}},
        "color": part | {"scale": {"domain": list(names), "range": inks}},
    }
    shape = {"shape": part | {"scale": {"domain": list(names)}}}
    layers = [
        {"mark": {"type": "line", "strokeWidth": 2}},
        {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1}, "encoding": shape},
    ]
    return framed(ink, {"data": {"values": list(rows)}, "height": 220, "encoding": encoding, "layer": layers})


def area(points: Sequence[tuple[int, float]], step: int, theme: str) -> Spec:
    """Numbers that hold for a while each (`step`, ms), as an area with gaps: pairs of a moment and a number."""
    ink, there = colours(theme), {at for at, _ in points}
    ends = [(at + step, 0.0) for at in there if at + step not in there]
    values = [{"at": wall(at), "n": n} for at, n in sorted([*points, *ends])]
    length = values[-1]["at"] - values[0]["at"] if values else 0
    ticks = {"tickCount": 6, "format": FORMATS[HOUR_MS if length > 2 * DAY_MS else SLOT_MS], "labelOverlap": True}
    encoding = {
        "x": {"field": "at", "type": "temporal", "title": None, "scale": {"type": "utc"}, "axis": ticks},
        "y": {"field": "n", "type": "quantitative", "title": None, "scale": {"domainMin": 0}},
    }
    mark = {"type": "area", "interpolate": "step-after", "color": ink["accent"]}
    return framed(ink, {"data": {"values": values}, "height": 220, "encoding": encoding, "mark": mark})
