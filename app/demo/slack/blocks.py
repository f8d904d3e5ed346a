"""Block Kit as the demo's pages show it: messages and forms as plain facts, their texts as safe HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from app.demo.slack.mrkdwn import Reader, plain, render
from integrations.slack.twin.data import Json
from integrations.slack.twin.elements import options_of
from integrations.slack.twin.views import VALUES

Choice = tuple[str, str]
#: How an input is shown, by Slack's name for it; others cannot be played here.
KINDS = {
    "plain_text_input": "line",
    "email_text_input": "line",
    "url_text_input": "line",
    "number_input": "line",
    "radio_buttons": "radios",
    "static_select": "menu",
    "users_select": "menu",
    "external_select": "search",
    "datepicker": "day",
}


@dataclass(frozen=True)
class Sure:
    """What is asked before a button counts as pressed, and the word for yes."""

    title: str
    text: str
    yes: str


@dataclass(frozen=True)
class Button:
    """A button: its words, its action, how much it matters, and what is asked first."""

    text: str
    action: str
    style: str = ""
    sure: Sure | None = None


@dataclass(frozen=True)
class Field:
    """An input of a form. `kind`: line, text, radios, menu, search, day or other; `choices` are (value, words)."""

    id: str
    kind: str
    label: str
    value: str = ""
    #: The words for the value, where it is not what is read.
    words: str = ""
    hint: str = ""
    placeholder: str = ""
    choices: Sequence[Choice] = ()
    longest: int = 3000
    needed: bool = False
    error: str = ""
    #: What was typed to find a choice, and was it looked for?
    typed: str = ""
    searched: bool = False


@dataclass(frozen=True)
class Block:
    """A block. `kind`: text, header, small, buttons, line, field or picture; `pieces` are its texts, side by side, or
    what is said instead of the `picture`, an address."""

    kind: str
    pieces: Sequence[Markup] = ()
    buttons: Sequence[Button] = ()
    field: Field | None = None
    picture: str = ""


@dataclass(frozen=True)
class Form:
    """What an input needs to know besides its block: what was entered, complaints, people, what was looked for."""

    state: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[Choice] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, Sequence[Choice]] = field(default_factory=dict)


def blocks_of(blocks: Sequence[Json], reader: Reader, form: Form | None = None) -> list[Block]:
    """The blocks of a message, or of a form."""
    return [shown for block in blocks for shown in _block(block, reader, form or Form())]


def _block(block: Json, reader: Reader, form: Form) -> list[Block]:
    kind = block["type"]
    if kind == "input":
        return [Block("field", field=_field(block, form))]
    if kind == "divider":
        return [Block("line")]
    if kind == "header":
        return [Block("header", [text_of(block["text"], reader)])]
    if kind == "context":
        return [Block("small", [text_of(one, reader) for one in block["elements"]])]
    if kind == "actions":
        return [Block("buttons", buttons=_buttons(block["elements"]))]
    if kind == "section":
        texts = [block["text"]] if block.get("text") else []
        beside = _buttons([block["accessory"]]) if block.get("accessory") else []
        return [Block("text", [text_of(one, reader) for one in [*texts, *block.get("fields", [])]], beside)]
    return [Block("small", [plain(str(block.get("alt_text") or block.get("text") or kind))])]


def text_of(said: Json, reader: Reader) -> Markup:
    """A text object; of a picture what is said instead of it."""
    if said.get("type") == "mrkdwn":
        return render(str(said["text"]), reader)
    return plain(str(said.get("text") or said.get("alt_text") or ""))


def _buttons(elements: Sequence[Json]) -> list[Button]:
    return [
        Button(one["text"]["text"], one["action_id"], one.get("style", ""), _sure(one.get("confirm")))
        for one in elements
        if one.get("type") == "button"
    ]


def _sure(confirm: Json | None) -> Sure | None:
    return Sure(*(confirm[name]["text"] for name in ("title", "text", "confirm"))) if confirm else None


# -- forms ------------------------------------------------------------------------------------------


def _field(block: Json, form: Form) -> Field:
    id, element = block["block_id"], block["element"]
    kind = KINDS.get(element["type"], "other")
    value, words = _entered(element, form.state.get(id, {}).get(element["action_id"], {}))
    return Field(
        id=id,
        kind="text" if kind == "line" and element.get("multiline") else kind,
        label=block["label"]["text"],
        value=value,
        words=words,
        hint=block.get("hint", {}).get("text", ""),
        placeholder=element.get("placeholder", {}).get("text", ""),
        choices=_choices(element, form, id, (value, words)),
        longest=element.get("max_length", 3000),
        needed=not block.get("optional", False),
        error=form.errors.get(id, ""),
        typed=form.typed.get(id, words),
        searched=id in form.found,
    )


def _entered(element: Json, state: Json) -> Choice:
    """What stands in a field now: the value, and the words for it."""
    name = VALUES.get(element["type"], ("", ""))[0]
    entered: Any = state.get(name)
    if isinstance(entered, dict):
        return str(entered["value"]), str(entered["text"]["text"])
    return (str(entered), "") if isinstance(entered, str) else ("", "")


def _choices(element: Json, form: Form, id: str, chosen: Choice) -> Sequence[Choice]:
    if element["type"] == "users_select":
        return form.people
    if element["type"] == "external_select":
        found = form.found.get(id, ())
        return [*([chosen] if chosen[0] and chosen not in found else []), *found]
    return [(option["value"], _words(option)) for option in options_of(element)]


def _words(option: Json) -> str:
    """What an option is called, and what stands below it."""
    return " · ".join(option[name]["text"] for name in ("text", "description") if name in option)
