"""What Slack refuses about buttons, menus and input fields.

https://docs.slack.dev/reference/block-kit/block-elements and …/composition-objects
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from integrations.slack.twin.check import Check, Json

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
LONGEST_INPUT = 3000

_ALL = ("type", "action_id", "focus_on_load")
_MENU = (*_ALL, "placeholder", "confirm")
#: The fields of the elements that the service uses; the others may have any.
KNOWN: dict[str, tuple[str, ...]] = {
    "button": ("type", "action_id", "text", "url", "value", "style", "confirm", "accessibility_label"),
    "overflow": ("type", "action_id", "options", "confirm"),
    "radio_buttons": (*_ALL, "confirm", "options", "initial_option"),
    "checkboxes": (*_ALL, "confirm", "options", "initial_options"),
    "static_select": (*_MENU, "options", "option_groups", "initial_option"),
    "external_select": (*_MENU, "initial_option", "min_query_length"),
    "users_select": (*_MENU, "initial_user"),
    "channels_select": (*_MENU, "initial_channel", "response_url_enabled"),
    "datepicker": (*_MENU, "initial_date"),
    "timepicker": (*_MENU, "initial_time", "timezone"),
    "plain_text_input": (
        *(*_ALL, "placeholder", "multiline", "initial_value"),
        *("min_length", "max_length", "dispatch_action_config"),
    ),
}


def element(check: Check, holder: Json, name: str, at: str, kinds: tuple[str, ...]) -> None:
    """A button, menu or input field in a field of `holder`."""
    if isinstance(holder.get(name), dict):
        interactive(check, holder[name], f"{at}/{name}", kinds)
    else:
        check.say(f"missing required field: {name}", at)


def interactive(check: Check, item: Json, at: str, kinds: tuple[str, ...]) -> None:
    """An element, which must be one of `kinds`."""
    kind = item.get("type", "")
    if kind not in kinds:
        check.say(f"unsupported type: {kind}", f"{at}/type")
        return
    check.only(item, at, KNOWN.get(kind, item))
    check.strings(item, at)
    check.truth(item, at, "focus_on_load")
    check.text(item, "placeholder", at, 150, plain=True, needed=False)
    if kind in OPTIONS:
        _options(check, item, at)
    if look := LOOKS.get(kind):
        look(check, item, at)
    if isinstance(item.get("confirm"), dict):
        _confirm(check, item["confirm"], f"{at}/confirm")


def option_list(check: Check, options: Any, at: str, most: int, *, plain: bool = True, fewest: int = 1) -> None:
    """The options of a menu, or those with which the app answers a request for options."""
    for place, option in check.items(options, at, most, fewest):
        one_option(check, option, place, plain=plain)


def one_option(check: Check, option: Any, at: str, *, plain: bool = True) -> None:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""
    if not isinstance(option, dict):
        check.say("must be an object", at)
        return
    check.text(option, "text", at, 75, plain=plain)
    check.text(option, "description", at, 75, plain=plain, needed=False)
    check.length(option.get("value"), f"{at}/value", 150)


def options_of(menu: Json) -> list[Json]:
    """All options of a menu, whether or not they stand in groups."""
    groups = menu.get("option_groups") or [menu]
    return [option for group in groups for option in group.get("options") or []]


def _options(check: Check, menu: Json, at: str) -> None:
    most, plain = OPTIONS[menu["type"]], menu["type"] not in ("radio_buttons", "checkboxes")
    before = len(check.found)
    if "option_groups" in menu:
        for place, group in check.items(menu["option_groups"], f"{at}/option_groups", 100):
            check.text(group, "label", place, 75, plain=True)
            option_list(check, group.get("options"), f"{place}/options", most, plain=plain)
    else:
        option_list(check, menu.get("options"), f"{at}/options", most, plain=plain)
    if len(check.found) == before:  # otherwise they cannot be compared
        _initial_options(check, menu, at)


def _initial_options(check: Check, menu: Json, at: str) -> None:
    """What is chosen at first must be one of the options, to the letter."""
    given = [("initial_option", menu[name]) for name in ("initial_option",) if name in menu]
    given += [(f"initial_options/{number}", one) for number, one in enumerate(menu.get("initial_options") or [])]
    for name, option in given:
        if option not in options_of(menu):
            check.say("initial_option was not found in the options", f"{at}/{name}")


def _button(check: Check, button: Json, at: str) -> None:
    check.text(button, "text", at, 75, plain=True)
    if "value" in button:
        check.length(button["value"], f"{at}/value", 2000)
    if button.get("style", "primary") not in ("primary", "danger"):
        check.say("must be a valid enum value", f"{at}/style")


def _confirm(check: Check, confirm: Json, at: str) -> None:
    check.text(confirm, "title", at, 100, plain=True)
    check.text(confirm, "text", at, 300)
    check.text(confirm, "confirm", at, 30, plain=True)
    check.text(confirm, "deny", at, 30, plain=True)


def _text_input(check: Check, field: Json, at: str) -> None:
    check.truth(field, at, "multiline")
    check.whole(field, "min_length", at, 0, LONGEST_INPUT)
    check.whole(field, "max_length", at, 1, LONGEST_INPUT)
    if "initial_value" in field and field["initial_value"] != "":
        most = field.get("max_length", LONGEST_INPUT)
        check.length(field["initial_value"], f"{at}/initial_value", most if isinstance(most, int) else LONGEST_INPUT)


def _external(check: Check, menu: Json, at: str) -> None:
    check.whole(menu, "min_query_length", at, 0, 255)
    if "initial_option" in menu:
        one_option(check, menu["initial_option"], f"{at}/initial_option")


def _users(check: Check, menu: Json, at: str) -> None:
    if "initial_user" in menu:
        check.length(menu["initial_user"], f"{at}/initial_user", 255)


def _date(check: Check, picker: Json, at: str) -> None:
    if "initial_date" in picker and not is_date(picker["initial_date"]):
        check.say("must be a valid date (YYYY-MM-DD)", f"{at}/initial_date")


def is_date(value: Any) -> bool:
    """Is this a day as Slack writes it, e.g. 2026-11-30?"""
    try:
        return isinstance(value, str) and datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


LOOKS: dict[str, Callable[[Check, Json, str], None]] = {
    "button": _button,
    "plain_text_input": _text_input,
    "external_select": _external,
    "users_select": _users,
    "datepicker": _date,
}
