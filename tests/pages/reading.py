"""Reading pages as a browser would: what is said, which elements and links there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from tests.world import World

#: Elements without an end.
VOID = {"meta", "link", "input", "br", "img", "path", "hr", "source"}
SAME_ORIGIN = {"Origin": "http://127.0.0.1:8000"}


@dataclass
class Element:
    """An element: its name, its attributes, and the text within it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str, /, **attributes: str) -> list[Element]:
        """Every element of this name within, with these attributes; `class_` has to be among the classes."""
        wanted = {key.rstrip("_"): value for key, value in attributes.items()}
        return [each for each in self.walk() if each.name == name and each._has(wanted)]

    def walk(self) -> list[Element]:
        """This element and all within, in order."""
        return [self, *(each for child in self.children for each in child.walk())]

    def _has(self, wanted: dict[str, str]) -> bool:
        return all(
            value in self.attributes.get(key, "").split() if key == "class" else self.attributes.get(key) == value
            for key, value in wanted.items()
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open[-1].name == tag, f"<{self._open[-1].name}> is not closed before </{tag}>"
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


def read(html: str) -> Element:
    """A page as a tree. Fails where elements are not closed as they were opened."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def get(world: World, path: str, status: int = 200, **headers: str) -> Element:
    """A page as a reader on this machine gets it, in Japanese unless `accept_language` says otherwise."""
    return _page(world.request("GET", path, headers=_spelled(headers)), status)


async def aget(world: World, path: str, status: int = 200, **headers: str) -> Element:
    """The same in a coroutine."""
    return _page(await world.arequest("GET", path, headers=_spelled(headers)), status)


def _spelled(headers: dict[str, str]) -> dict[str, str]:
    return {key.replace("_", "-"): value for key, value in headers.items()}


def _page(response: httpx.Response, status: int) -> Element:
    assert response.status_code == status, response.text[:300]
    return read(response.text)


def press(world: World, path: str, **form: str) -> httpx.Response:
    """A button of one of our pages, pressed in a browser without scripts."""
    return world.request("POST", path, data=form, headers=SAME_ORIGIN)


async def apress(world: World, path: str, **form: str) -> httpx.Response:
    """The same in a coroutine."""
    return await world.arequest("POST", path, data=form, headers=SAME_ORIGIN)


def stations(page: Element) -> dict[str, list[str]]:
    """The codes (FB-1) or companies of the cards at each station, top first."""
    return {
        station.attributes["id"]: [card.attributes["data-name"] for card in station.all("li", class_="card")]
        for station in page.all("section", class_="station")
    }


def where(page: Element, code: str) -> str:
    """The station of a card."""
    return next(station for station, names in stations(page).items() if code in names)


def card(page: Element, code: str) -> Element:
    """One card."""
    return next(each for each in page.all("li", class_="card") if each.attributes["data-name"] == code)


def flat(element: Element) -> str:
    """Its text on one line."""
    return " ".join(element.text.split())


def fields(form: Element) -> dict[str, str]:
    """What a form would send as it stands: what is hidden, typed and chosen."""
    found = {}
    for each in form.all("input"):
        chosen = each.attributes.get("type") not in ("radio", "checkbox") or "checked" in each.attributes
        if chosen and "name" in each.attributes:
            found[each.attributes["name"]] = each.attributes.get("value", "")
    return found | {each.attributes["name"]: each.text for each in form.all("textarea")}


def send(world: World, form: Element, **typed: str) -> Element:
    """A form of a page, filled in and sent; the page to which that leads."""
    answer = press(world, form.attributes["action"], **(fields(form) | typed))
    assert answer.status_code == 303, answer.text[:300]
    return get(world, answer.headers["location"])


def button(page: Element, verb: str) -> Element:
    """The form with this button."""
    return next(form for form in page.all("form") if form.attributes.get("action", "").endswith(f"/{verb}"))
