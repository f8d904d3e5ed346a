"""What Slack refuses about blocks, so that a wrong message fails here and not in production.

    problems([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])
    # ['must be less than 151 characters [json-pointer:/blocks/0/text/text]'], each as Slack words it

Limits: https://docs.slack.dev/reference/block-kit/blocks and …/block-elements, …/composition-objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]

#: The most options of each kind of menu.
OPTIONS = {
    "static_select": 100,
    "multi_static_select": 100,
    "checkboxes": 10,
    "radio_buttons": 10,
    "overflow": 5,
}
#: Choosers whose options Slack or the app supplies.
PICKERS = (
    *("external_select", "users_select", "conversations_select", "channels_select"),
    *("multi_external_select", "multi_users_select", "multi_conversations_select", "multi_channels_select"),
    *("datepicker", "timepicker", "datetimepicker"),
)
FIELDS = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input")
ACCESSORIES = ("button", "image", "workflow_button", *OPTIONS, *PICKERS)
ACTIONS = tuple(kind for kind in ACCESSORIES if kind != "image" and not kind.startswith("multi_"))
INPUTS = tuple(kind for kind in (*OPTIONS, *PICKERS, *FIELDS) if kind != "overflow")
#: The most characters of a string that stands directly in a block or an element.
STRINGS = {"action_id": 255, "block_id": 255, "url": 3000, "image_url": 3000, "alt_text": 2000}


def problems(blocks: Any, most: int = 50) -> list[str]:
    """What is wrong with the blocks of a message (`most` 50) or of a view (100); empty if nothing is."""
    check = _Check()
    for at, block in check.items(blocks, "/blocks", most, fewest=0):
        check.strings(block, at)
        look = BLOCKS.get(block.get("type", ""))
        if look is None:
            check.say(f"unsupported type: {block.get('type')}", f"{at}/type")
        else:
            look(check, block, at)
    check.unique(blocks, "block_id", "/blocks")
    return check.found


class _Check:
    """Collects findings; `at` is always a JSON pointer."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def say(self, what: str, at: str) -> None:
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
        if not isinstance(value, str):
            self.say("must be a string", at)
        elif not value:
            self.say("must be more than 0 characters", at)
        elif len(value) > most:
            self.say(f"must be less than {most + 1} characters", at)

    def strings(self, item: Json, at: str) -> None:
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
        allowed = {"plain_text": ("type", "text", "emoji"), "mrkdwn": ("type", "text", "verbatim")}
        kind = text.get("type") if isinstance(text, dict) else None
        if kind not in allowed or (plain and kind != "plain_text"):
            self.say("must be a plain_text object" if plain else "must be a text object", at)
            return
        for name in sorted(set(text) - set(allowed[kind])):
            self.say(f"no more fields allowed: {name}", at)
        self.length(text.get("text"), f"{at}/text", most)

    def element(self, holder: Json, name: str, at: str, kinds: tuple[str, ...]) -> None:
        """A button, menu or input field in a field of `holder`."""
        if isinstance(holder.get(name), dict):
            self.interactive(holder[name], f"{at}/{name}", kinds)
        else:
            self.say(f"missing required field: {name}", at)

    def interactive(self, element: Json, at: str, kinds: tuple[str, ...]) -> None:
        kind = element.get("type", "")
        if kind not in kinds:
            self.say(f"unsupported type: {kind}", f"{at}/type")
            return
        self.strings(element, at)
        self.text(element, "placeholder", at, 150, plain=True, needed=False)
        if kind == "button":
            self._button(element, at)
        elif kind in OPTIONS:
            self._options(element, at, OPTIONS[kind])
        if isinstance(element.get("confirm"), dict):
            self._confirm(element["confirm"], f"{at}/confirm")

    def _button(self, button: Json, at: str) -> None:
        self.text(button, "text", at, 75, plain=True)
        if "value" in button:
            self.length(button["value"], f"{at}/value", 2000)
        if button.get("style", "primary") not in ("primary", "danger"):
            self.say("must be a valid enum value", f"{at}/style")

    def _options(self, menu: Json, at: str, most: int) -> None:
        if "option_groups" not in menu:
            self._option_list(menu.get("options"), f"{at}/options", most)
            return
        for place, group in self.items(menu["option_groups"], f"{at}/option_groups", 100):
            self.text(group, "label", place, 75, plain=True)
            self._option_list(group.get("options"), f"{place}/options", most)

    def _option_list(self, options: Any, at: str, most: int) -> None:
        for place, option in self.items(options, at, most):
            self.text(option, "text", place, 75)
            self.text(option, "description", place, 75, needed=False)
            self.length(option.get("value"), f"{place}/value", 150)

    def _confirm(self, confirm: Json, at: str) -> None:
        self.text(confirm, "title", at, 100, plain=True)
        self.text(confirm, "text", at, 300)
        self.text(confirm, "confirm", at, 30, plain=True)
        self.text(confirm, "deny", at, 30, plain=True)


def _section(check: _Check, block: Json, at: str) -> None:
    check.text(block, "text", at, 3000, needed="fields" not in block)
    if "fields" in block:
        for place, field in check.items(block["fields"], f"{at}/fields", 10):
            check.text_object(field, place, 2000)
    if "accessory" in block:
        check.element(block, "accessory", at, ACCESSORIES)


def _header(check: _Check, block: Json, at: str) -> None:
    check.text(block, "text", at, 150, plain=True)


def _context(check: _Check, block: Json, at: str) -> None:
    for place, element in check.items(block.get("elements"), f"{at}/elements", 10):
        if element.get("type") == "image":
            check.strings(element, place)
        else:
            check.text_object(element, place, 3000)


def _actions(check: _Check, block: Json, at: str) -> None:
    for place, element in check.items(block.get("elements"), f"{at}/elements", 25):
        check.interactive(element, place, ACTIONS)
    check.unique(block.get("elements"), "action_id", f"{at}/elements")


def _image(check: _Check, block: Json, at: str) -> None:
    check.text(block, "title", at, 2000, plain=True, needed=False)
    if "alt_text" not in block:
        check.say("missing required field: alt_text", at)
    if ("image_url" in block) == ("slack_file" in block):
        check.say("either image_url or slack_file is required", at)


def _input(check: _Check, block: Json, at: str) -> None:
    check.text(block, "label", at, 2000, plain=True)
    check.text(block, "hint", at, 2000, plain=True, needed=False)
    check.element(block, "element", at, INPUTS)


def _markdown(check: _Check, block: Json, at: str) -> None:
    check.length(block.get("text"), f"{at}/text", 12_000)


def _rich_text(check: _Check, block: Json, at: str) -> None:
    list(check.items(block.get("elements"), f"{at}/elements", 10_000))


def _nothing(check: _Check, block: Json, at: str) -> None:
    """Blocks that hold nothing we could get wrong."""


BLOCKS: dict[str, Callable[[_Check, Json, str], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "divider": _nothing,
}
