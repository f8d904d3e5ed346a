"""How the twin collects what Slack would refuse, each finding with the JSON pointer that Slack gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Json = dict[str, Any]

#: The most characters of a string that stands directly in a view, a block or an element.
STRINGS = {"action_id": 255, "block_id": 255, "callback_id": 255, "external_id": 255}
STRINGS |= {"url": 3000, "image_url": 3000, "alt_text": 2000}


class Check:
    """Collects findings; `at` is always a JSON pointer."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def say(self, what: str, at: str) -> None:
        """Note a finding."""
        self.found.append(f"[ERROR] {what} [json-pointer:{at}]")

    def items(self, value: Any, at: str, most: int, fewest: int = 1) -> Iterator[tuple[str, Json]]:
        """The objects of a list, with their pointers."""
        if not isinstance(value, list):
            self.say("must be an array", at)
            return
        if len(value) > most:
            self.say(f"no more than {most} items allowed", at)
        if len(value) < fewest:
            self.say(f"no fewer than {fewest} items allowed", at)
        for number, item in enumerate(value):
            if isinstance(item, dict):
                yield f"{at}/{number}", item
            else:
                self.say("must be an object", f"{at}/{number}")

    def unique(self, items: Any, name: str, at: str) -> None:
        """No two objects of a list may have the same identifier."""
        listed = items if isinstance(items, list) else []
        names = [str(item[name]) for item in listed if isinstance(item, dict) and name in item]
        for twice in sorted({given for given in names if names.count(given) > 1}):
            self.say(f"`{name}` {twice} already exists", at)

    def length(self, value: Any, at: str, most: int) -> None:
        """A string of 1 … `most` characters."""
        if not isinstance(value, str):
            self.say("must be a string", at)
        elif not value:
            self.say("must be more than 0 characters", at)
        elif len(value) > most:
            self.say(f"must be less than {most + 1} characters", at)

    def strings(self, item: Json, at: str) -> None:
        """Identifiers and addresses."""
        for name, most in STRINGS.items():
            if name in item:
                self.length(item[name], f"{at}/{name}", most)

    def text(self, holder: Json, name: str, at: str, most: int, *, plain: bool = False, needed: bool = True) -> None:
        """A text object in a field of `holder`."""
        if name in holder:
            self.text_object(holder[name], f"{at}/{name}", most, plain=plain)
        elif needed:
            self.say(f"missing required field: {name}", at)

    def text_object(self, text: Any, at: str, most: int, *, plain: bool = False) -> None:
        """A text object. https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
        allowed = {"plain_text": ("type", "text", "emoji"), "mrkdwn": ("type", "text", "verbatim")}
        kind = text.get("type") if isinstance(text, dict) else None
        if kind not in allowed or (plain and kind != "plain_text"):
            self.say("must be a plain_text object" if plain else "must be a text object", at)
            return
        self.only(text, at, allowed[kind])
        self.length(text.get("text"), f"{at}/text", most)

    def only(self, item: Json, at: str, fields: Collection[str]) -> None:
        """Slack refuses fields that it does not know."""
        for name in sorted(set(item) - set(fields)):
            self.say(f"no more fields allowed: {name}", at)

    def truth(self, item: Json, at: str, *names: str) -> None:
        """Fields that are true or false, where they are there."""
        for name in names:
            if not isinstance(item.get(name, False), bool):
                self.say("must be a boolean", f"{at}/{name}")

    def whole(self, item: Json, name: str, at: str, fewest: int, most: int) -> None:
        """A whole number, where it is there."""
        value = item.get(name, fewest)
        if not isinstance(value, int) or isinstance(value, bool):
            self.say("must be an integer", f"{at}/{name}")
        elif not fewest <= value <= most:
            self.say(f"must be between {fewest} and {most}", f"{at}/{name}")
