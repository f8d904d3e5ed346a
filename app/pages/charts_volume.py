"""The chart of what customers write about: themes upon each other, themes(rows, parts, addresses, title, theme)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.pages.charts import Spec, colours
from workflows.measure.charts import HEIGHT, framed, upward

#: Shades that colour-blind people tell apart, after Paul Tol's "muted"; the last is for all others. Each stands between
#: lines, so that neighbours are told apart without any colour.
SHADES = (*("#332288", "#88CCEE", "#117733", "#DDCC77", "#CC6677", "#44AA99", "#882255", "#999933"), "#BBBBBB")


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
        "y": upward(title) | {"aggregate": "sum"},
        "color": colour,
        "order": {"field": "order"},
        "href": {"field": "address"},
    }
    mark = {"type": "bar", "stroke": ink["ink-soft"], "strokeWidth": 0.75}
    return framed(ink, {"data": {"values": values}, "height": HEIGHT, "mark": mark, "encoding": encoding})
