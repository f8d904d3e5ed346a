"""Playing the demo's pages in a browser without scripts: forms are filled in as the page shows them, and sent."""

from __future__ import annotations

from tests.pages.reading import SAME_ORIGIN, Element, get
from tests.world import World


def filled(form: Element) -> dict[str, str]:
    """What a browser sends of a form as it stands, but for its buttons."""
    sent: dict[str, str] = {}
    for each in form.walk():
        name, kind = each.attributes.get("name", ""), each.attributes.get("type", "")
        if each.name == "input" and name and (kind != "radio" or "checked" in each.attributes):
            sent[name] = each.attributes.get("value", "")
        elif each.name == "textarea":
            sent[name] = each.text.removeprefix("\n")
        elif each.name == "select":
            chosen = [one for one in each.all("option") if "selected" in one.attributes] or each.all("option")
            sent[name] = chosen[0].attributes["value"]
    return sent


class Hand:
    """One person at the demo's Slack."""

    def __init__(self, world: World, me: str, place: str = "C0SUPPORT") -> None:
        self.world, self.me, self.place = world, me, place

    def look(self, **headers: str) -> Element:
        """The page as it is now."""
        return get(self.world, f"/demo/slack?me={self.me}&place={self.place}", **headers)

    def send(self, verb: str, form: Element | None = None, **fields: str) -> Element:
        """Press a button of a form; returns the page that one is led back to. `__` in a name is a dot."""
        sent = (filled(form) if form else {}) | {"me": self.me, "place": self.place}
        sent |= {name.replace("__", "."): value for name, value in fields.items()}
        answer = self.world.request("POST", f"/demo/slack/{verb}", data=sent, headers=SAME_ORIGIN)
        assert answer.status_code == 303, answer.text[:300]
        return get(self.world, answer.headers["location"])

    def write(self, text: str) -> Element:
        """Write into the place."""
        return self.send("say", text=text)

    def press(self, action: str) -> Element:
        """Press the newest button with this action."""
        page = self.look()
        message = next(each for each in reversed(page.all("li", class_="message")) if each.all("button", value=action))
        return self.send("press", message.all("form")[0], action=action)


def modal(page: Element) -> Element:
    """The form that is open."""
    [dialog] = page.all("dialog", class_="modal")
    return dialog


def errors(page: Element) -> dict[str, str]:
    """What stands under the fields of the form, by field."""
    said = modal(page).all("p", class_="error")
    return {
        each.attributes["id"].removeprefix("field-").removesuffix("-error"): each.text
        for each in said
        if "id" in each.attributes
    }


def told(page: Element) -> str:
    """What Slack or the demo says to the last thing done."""
    return next(each for each in page.all("div", class_="told")).text.strip()
