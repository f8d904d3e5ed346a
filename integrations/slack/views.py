"""Block Kit for modals as pure functions: a form's frame and inputs, and what a form answers when it is sent.

    modal("judge", "見通し", [choice("churn_risk", "解約の兆し", levels)], submit="記録する", close="やめる")

As in `blocks.py`, texts that are too long are cut and end in an ellipsis, while identifiers and values,
which come back to us, raise ValueError. An input's `action_id` is its `block_id`, so that `events` can
say `values["churn_risk"]`. All texts here are plain: nothing in them becomes markup.

https://docs.slack.dev/reference/views/modal-views · https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.slack.blocks import ACTION_ID, ELLIPSIS, EMPTY, Block, clean, fit, plain, section, within

VIEW_TITLE, VIEW_BLOCKS, PRIVATE_METADATA, CALLBACK_ID = 24, 100, 3000, 255
INPUT_LABEL, INPUT_HINT, PLACEHOLDER, INPUT_TEXT = 2000, 2000, 150, 3000
OPTION_TEXT, OPTION_NOTE, OPTION_VALUE, RADIO_OPTIONS, SELECT_OPTIONS = 75, 75, 150, 10, 100
#: Slack names no limit for what stands under an input that is wrong; a label's will do.
ERROR_TEXT = INPUT_LABEL

#: What comes back, and what people read.
Option = tuple[str, str]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


# -- frames -------------------------------------------------------------------------------------


def modal(form: str, title: str, blocks: Sequence[Block], *, submit: str, close: str, about: str = "") -> Block:
    """A form. `form` and `about` come back when it is sent.

    Raises ValueError for none or more than 100 blocks and for two of the same `block_id`: an input that
    is left out silently would be an answer that nobody gave.
    """
    within("form", form, CALLBACK_ID)
    within("about", about, PRIVATE_METADATA)
    if not 1 <= len(blocks) <= VIEW_BLOCKS:
        raise ValueError(f"{len(blocks)} blocks in a modal; 1 to {VIEW_BLOCKS} are allowed")
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(names)) < len(names):
        raise ValueError("two blocks of a modal have the same block_id")
    frame = _frame(title, blocks, close) | {"callback_id": form, "submit": plain(submit, VIEW_TITLE)}
    return frame | ({"private_metadata": about} if about else {})


def notice(title: str, blocks: Sequence[Block], *, close: str) -> Block:
    """A modal to be read: without inputs, with at most 100 blocks, the last one an ellipsis where some had to go."""
    return _frame(title, fit(blocks or [section(EMPTY)], VIEW_BLOCKS), close)


def _frame(title: str, blocks: Sequence[Block], close: str) -> Block:
    return {
        "type": "modal",
        "title": plain(title, VIEW_TITLE),
        "close": plain(close, VIEW_TITLE),
        "blocks": list(blocks),
    }


# -- inputs -------------------------------------------------------------------------------------


def text_input(
    block_id: str,
    label: str,
    *,
    multiline: bool = False,
    initial: str = "",
    placeholder: str = "",
    hint: str = "",
    optional: bool = False,
    longest: int = INPUT_TEXT,
) -> Block:
    """A field to write in, of at most `longest` characters; `initial` is cut to that."""
    if not 1 <= longest <= INPUT_TEXT:
        raise ValueError(f"an input of {longest} characters; 1 to {INPUT_TEXT} are allowed")
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": longest}
    if text := _filled_in(initial, longest, multiline):
        element["initial_value"] = text
    return _input(block_id, label, element, placeholder=placeholder, hint=hint, optional=optional)


def choice(
    block_id: str,
    label: str,
    options: Sequence[Option],
    *,
    initial: str = "",
    optional: bool = False,
    hint: str = "",
    notes: Mapping[str, str] | None = None,
) -> Block:
    """Radio buttons: one to ten values, `initial` being one of them; `notes` stand below some, by their value."""
    if not 1 <= len(options) <= RADIO_OPTIONS:
        raise ValueError(f"{len(options)} options to choose from; 1 to {RADIO_OPTIONS} are allowed")
    below = notes or {}
    shown = {value: _option(value, text, below.get(value, "")) for value, text in options}
    element: Block = {"type": "radio_buttons", "options": list(shown.values())}
    if initial:
        if initial not in shown:
            raise ValueError("what is chosen at first is none of the options")
        element["initial_option"] = shown[initial]
    return _input(block_id, label, element, hint=hint, optional=optional)


def menu(block_id: str, label: str, options: Sequence[Option], *, initial: str = "", hint: str = "") -> Block:
    """A menu of one to a hundred values, `initial` being one of them."""
    if not 1 <= len(options) <= SELECT_OPTIONS:
        raise ValueError(f"{len(options)} options in a menu; 1 to {SELECT_OPTIONS} are allowed")
    shown = {value: _option(value, text) for value, text in options}
    if initial and initial not in shown:
        raise ValueError("what is chosen at first is none of the options")
    first = {"initial_option": shown[initial]} if initial else {}
    return _input(block_id, label, {"type": "static_select", "options": list(shown.values())} | first, hint=hint)


def typeahead(
    block_id: str,
    label: str,
    *,
    placeholder: str,
    initial: Option | None = None,
    hint: str = "",
    optional: bool = False,
) -> Block:
    """A field that asks us for `options` from the first character on."""
    element: Block = {"type": "external_select", "min_query_length": 1}
    if initial:
        element["initial_option"] = _option(*initial)
    return _input(block_id, label, element, placeholder=placeholder, hint=hint, optional=optional)


def user_select(block_id: str, label: str, *, initial: str = "", optional: bool = False, hint: str = "") -> Block:
    """A field for a person of the workspace; `initial` is a user's id."""
    element: Block = {"type": "users_select"} | ({"initial_user": initial} if initial else {})
    return _input(block_id, label, element, hint=hint, optional=optional)


def date_input(block_id: str, label: str, *, initial: str = "", optional: bool = False, hint: str = "") -> Block:
    """A field for a day, written as 2026-11-30."""
    if initial and not _DATE.fullmatch(initial):
        raise ValueError("the day that is shown at first is not written as 2026-11-30")
    element: Block = {"type": "datepicker"} | ({"initial_date": initial} if initial else {})
    return _input(block_id, label, element, hint=hint, optional=optional)


def _input(
    block_id: str, label: str, element: Block, *, placeholder: str = "", hint: str = "", optional: bool = False
) -> Block:
    if not block_id:
        raise ValueError("an input needs a block_id")
    within("block_id", block_id, ACTION_ID)
    element |= {"action_id": block_id}
    if placeholder:
        element["placeholder"] = plain(placeholder, PLACEHOLDER)
    block = {"type": "input", "block_id": block_id, "label": plain(label, INPUT_LABEL), "element": element}
    block |= {"hint": plain(hint, INPUT_HINT)} if hint else {}
    return block | ({"optional": True} if optional else {})


def _filled_in(text: str, longest: int, multiline: bool) -> str:
    """What stands in a field at first: no character that nobody sees, and no more than the field holds."""
    visible = clean(text).strip() if multiline else " ".join(clean(text).split())
    return visible if len(visible) <= longest else visible[: longest - 1].rstrip() + ELLIPSIS


def _option(value: str, text: str, note: str = "") -> Block:
    if not value:
        raise ValueError("an option needs a value")
    within("value", value, OPTION_VALUE)
    described = {"description": plain(note, OPTION_NOTE)} if note else {}
    return {"text": plain(text, OPTION_TEXT), "value": value} | described


# -- answers ------------------------------------------------------------------------------------


def options(found: Sequence[Option]) -> Block:
    """The answer to what was typed into a `typeahead`: the first hundred of what was found."""
    return {"options": [_option(value, text) for value, text in found[:SELECT_OPTIONS]]}


def errors(found: Mapping[str, str]) -> dict[str, Any]:
    """The answer to a form that cannot be accepted: what is wrong, by the `block_id` of the input."""
    if not found:
        raise ValueError("a form without errors is accepted, not answered with none")
    return {
        "response_action": "errors",
        "errors": {block_id: str(plain(text, ERROR_TEXT)["text"]) for block_id, text in found.items()},
    }


def replace(view: Block) -> dict[str, Any]:
    """The answer to a form that gives way to another view."""
    return {"response_action": "update", "view": view}


def push(view: Block) -> dict[str, Any]:
    """The answer to a form upon which another view is laid; closing that one leads back, and nothing is lost.

    Slack lays at most three upon each other.
    """
    return {"response_action": "push", "view": view}


def clear() -> dict[str, Any]:
    """The answer to a form with which everything below it closes, too."""
    return {"response_action": "clear"}
