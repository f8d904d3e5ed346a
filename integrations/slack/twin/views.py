"""Modals as Slack keeps them: what it refuses about a view, the state of its fields, what people may enter.

https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from integrations.slack.twin.blocks import look_at
from integrations.slack.twin.check import Check, Json
from integrations.slack.twin.elements import LONGEST_INPUT, is_date, options_of

LONGEST_METADATA, LARGEST_VIEW, MOST_BLOCKS, LONGEST_TITLE = 3000, 250_000, 100, 24
#: What the app may say about a view; the rest (id, hash, state, …) is Slack's own.
FIELDS = (
    *("type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close"),
    *("notify_on_close", "external_id", "submit_disabled"),
)
#: Blocks that exist in messages only.
NOT_IN_VIEWS = ("markdown", "file")
#: What a person reads under a field that Slack itself does not let pass.
NEEDED = "Please complete this required field."
TOO_LONG = "Please enter no more than {most} characters."
TOO_SHORT = "Please enter at least {fewest} characters."


def problems(view: Any) -> list[str]:
    """What is wrong with a view that the app wants to show; empty if nothing is."""
    check = Check()
    if not isinstance(view, dict):
        return ["[ERROR] must be an object [json-pointer:/view]"]
    check.only(view, "/view", FIELDS)
    if view.get("type") != "modal":
        check.say(f"unsupported type: {view.get('type')}", "/view/type")
    check.text(view, "title", "/view", LONGEST_TITLE, plain=True)
    for name in ("close", "submit"):
        if view.get(name) is not None:
            check.text(view, name, "/view", LONGEST_TITLE, plain=True)
    check.strings({name: view[name] for name in ("callback_id", "external_id") if view.get(name)}, "/view")
    if view.get("private_metadata"):
        check.length(view["private_metadata"], "/view/private_metadata", LONGEST_METADATA)
    check.truth(view, "/view", "clear_on_close", "notify_on_close", "submit_disabled")
    look_at(check, view.get("blocks"), "/view/blocks", MOST_BLOCKS)
    _modal_only(check, view)
    return check.found


def _modal_only(check: Check, view: Json) -> None:
    """What holds for the blocks of a modal, besides what holds for all blocks."""
    blocks = view["blocks"] if isinstance(view.get("blocks"), list) else []
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    for number, kind in enumerate(kinds):
        if kind in NOT_IN_VIEWS:
            check.say(f"unsupported type: {kind}", f"/view/blocks/{number}/type")
    if "input" in kinds and view.get("submit") is None:
        check.say("missing required field: submit", "/view")
    if sum(bool(field.element.get("focus_on_load")) for field in fields(view)) > 1:
        check.say("focus_on_load may be set only once", "/view/blocks")


@dataclass(frozen=True)
class Field:
    """An element of a view in which a person enters something."""

    block_id: str
    element: Json
    #: Is it an input block? Others (a menu beside a text) are never required and take no errors.
    is_input: bool = True
    needed: bool = False

    @property
    def action_id(self) -> str:
        """Names the value within the block."""
        return str(self.element.get("action_id", ""))


def fields(view: Json) -> Iterator[Field]:
    """All fields of a view, in their order."""
    for block in view.get("blocks") or []:
        if not isinstance(block, dict):
            continue
        id, kind = str(block.get("block_id", "")), block.get("type")
        if kind == "input" and isinstance(block.get("element"), dict):
            yield Field(id, block["element"], needed=not block.get("optional", False))
            continue
        others = block.get("elements", []) if kind == "actions" else [block.get("accessory")]
        for one in others if isinstance(others, list) else []:
            if isinstance(one, dict) and one.get("type") in VALUES:
                yield Field(id, one, is_input=False)


# -- the state of a view ----------------------------------------------------------------------------

#: Per kind of element: under which name its value stands in the state, and its initial value in the element.
VALUES = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "checkboxes": ("selected_options", "initial_options"),
}


def state_of(view: Json, before: Json | None = None) -> Json:
    """`state.values` of a view: what was entered `before` into the same field stays, the rest is initial."""
    values: Json = {}
    for field in fields(view):
        kind = field.element["type"]
        kept = (before or {}).get(field.block_id, {}).get(field.action_id)
        if kind in VALUES:
            same = kept if kept and kept["type"] == kind else None
            values.setdefault(field.block_id, {})[field.action_id] = same or _initial(field.element)
    return values


def _initial(element: Json) -> Json:
    name, first = VALUES[element["type"]]
    empty: Any = [] if element["type"] == "checkboxes" else None
    return {"type": element["type"], name: element.get(first) or empty}


def is_empty(value: Json) -> bool:
    """Has nothing been entered?"""
    return not any(entered for name, entered in value.items() if name != "type")


# -- what people enter ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """What a person can choose from: the options suggested for a block, and the ids of people and channels."""

    suggested: dict[str, dict[str, Json]]
    people: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()


def entered(field: Field, text: str, offer: Offer) -> Json:
    """The state's value after a person entered or chose this ("" empties the field).

    Raises LookupError for what Slack does not let anybody choose: options that are not there, nobody's id.
    """
    kind = field.element["type"]
    if kind not in VALUES or kind == "checkboxes":
        raise LookupError(f"the twin does not know how people fill in a {kind}")
    if not text:
        return {"type": kind, VALUES[kind][0]: None}
    return {"type": kind, VALUES[kind][0]: CHOICES.get(kind, _typed)(field, text, offer)}


def complaint(field: Field, value: Json) -> str:
    """What Slack itself says under a field before it lets the form go; "" if nothing."""
    if is_empty(value):
        return NEEDED if field.needed else ""
    if field.element["type"] != "plain_text_input":
        return ""
    fewest, most = field.element.get("min_length", 0), field.element.get("max_length", LONGEST_INPUT)
    if len(value["value"]) > most:
        return TOO_LONG.format(most=most)
    return TOO_SHORT.format(fewest=fewest) if len(value["value"]) < fewest else ""


def _typed(field: Field, text: str, offer: Offer) -> Any:
    """Pasted lines become one where the field has only one."""
    return text if field.element.get("multiline") else " ".join(text.splitlines())


def _option(field: Field, value: str, offer: Offer) -> Any:
    known = {option["value"]: option for option in options_of(field.element)}
    if first := field.element.get("initial_option"):
        known.setdefault(first["value"], first)
    known |= offer.suggested.get(field.block_id, {})
    if value not in known:
        raise LookupError(f"{field.block_id} does not offer {value!r}, only {sorted(known)}")
    return known[value]


def _person(field: Field, id: str, offer: Offer) -> Any:
    if id not in offer.people:
        raise LookupError(f"{field.block_id}: nobody has the id {id!r}")
    return id


def _channel(field: Field, id: str, offer: Offer) -> Any:
    if id not in offer.channels:
        raise LookupError(f"{field.block_id}: no channel has the id {id!r}")
    return id


def _day(field: Field, day: str, offer: Offer) -> Any:
    if not is_date(day):
        raise LookupError(f"{field.block_id}: {day!r} is no day; write YYYY-MM-DD")
    return day


CHOICES: dict[str, Callable[[Field, str, Offer], Any]] = {
    "static_select": _option,
    "radio_buttons": _option,
    "external_select": _option,
    "users_select": _person,
    "channels_select": _channel,
    "conversations_select": _channel,
    "datepicker": _day,
}
