"""What tests of imports share: a file sent, what was wrong with it, what was kept."""

from __future__ import annotations

from typing import Any

import httpx

from tests.pages.reading import SAME_ORIGIN, Element, read
from tests.world import World


def sent(world: World, kind: str, data: bytes | str, **options: Any) -> httpx.Response:
    """A file that somebody chose."""
    data = data.encode() if isinstance(data, str) else data
    return world.request("POST", f"/imports/{kind}", files={"file": ("a.csv", data)}, headers=SAME_ORIGIN, **options)


def kept(world: World, kind: str, data: bytes | str) -> httpx.Response:
    """That file, looked at, and then kept by the button of the page."""
    page = read(sent(world, kind, data).text)
    [form] = page.all("form", action=f"/imports/{kind}/keep")
    [field] = form.all("input", name="text")
    parts = {"text": (None, field.attributes["value"])}
    return world.request("POST", form.attributes["action"], files=parts, headers=SAME_ORIGIN)


def mistakes(page: Element) -> dict[int, str]:
    """What is wrong, by line."""
    rows = [row.all("td") for row in page.all("tr") if row.all("td", class_="why")]
    return {int(cells[0].text.split()[-1]): cells[-1].text.strip() for cells in rows}
