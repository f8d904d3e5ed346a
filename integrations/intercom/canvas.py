"""A card in Intercom's Inbox (Canvas Kit): what its requests say, and the components that it is answered with.

    request = canvas.parse(body)  # after canvas.verify(headers, body, secrets)
    return canvas.canvas([canvas.textarea("gist", "要点"), canvas.button("send", "送る")], {"form": key})

https://developers.intercom.com/docs/canvas-kit
https://developers.intercom.com/docs/references/canvas-kit/responseobjects/canvas

Intercom asks twice: *initialize* whenever a teammate turns to a conversation, *submit* when they press a button. The
answer is the whole card, there is no other way to change it. Nothing numbers these requests; what `canvas` puts away
as stored data comes back with the next submit, so a form that is pressed twice can be told by a key in there.

Ids, choices and empty texts that cannot be right raise ValueError; long texts are cut, see `LONGEST_TEXT`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations import untrusted
from integrations.contract import BadSignature, Event, Headers
from integrations.intercom.events import claim, signed_by_one
from integrations.untrusted import Node

Component = dict[str, Any]

INITIALIZE, SUBMIT = "initialize", "submit"
#: A request holds the conversation without its parts, the contact and the card before.
MAX_BODY = 2 * 1024 * 1024
#: What Intercom takes ("64KB") of components, and again of stored data, as JSON. It does not say which kilobytes.
LARGEST = 64_000
#: Intercom limits no single text. These let a form of three long answers fit, whatever is typed into it.
LONGEST_TEXT, LONGEST_LABEL, LONGEST_VALUE = 2000, 150, 4000
#: How many options a choice offers.
FEWEST, MOST = 2, 10
#: Fields that a request is read for; our cards have a dozen.
MOST_VALUES = 100
STYLES = frozenset({"header", "paragraph", "muted", "error"})
BUTTONS = frozenset({"primary", "secondary", "link"})
SIZES = frozenset({"xs", "s", "m", "l", "xl"})

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udfff]")
#: Where Markdown would begin a link or bold print: after `]` and between two stars.
_MARKDOWN = re.compile(r"(?<=\])(?=[\[(:])|(?<=\*)(?=\*)")
_WORD_JOINER = "\u2060"


@dataclass(frozen=True)
class CardRequest:
    """A teammate looks at the card (`initialize`) or pressed a button in it (`submit`).

    `component_id` is the button, "" for initialize. `values` are all inputs by id: text as it was typed, the option's
    id of a choice, "" for what is empty; an input that nobody touched may be missing. `stored` is the stored data of
    the card that was answered. `contact_id` is the person whose details are open, "" where Intercom names nobody.
    """

    kind: str
    workspace: str
    conversation_id: str
    contact_id: str
    admin_id: str
    admin_name: str
    admin_email: str
    component_id: str
    values: dict[str, str]
    stored: dict[str, str]


@dataclass(frozen=True)
class CardSubmitted(Event):
    """A teammate sent a form in the card beside a conversation; `form` is what we call it."""

    form: str
    admin_id: str
    admin_name: str
    admin_email: str
    conversation_id: str
    values: dict[str, str]


def verify(headers: Headers, body: bytes, secrets: Sequence[str]) -> None:
    """Raise BadSignature unless one of the app's client secrets signed this body.

    `X-Body-Signature: <hex>` is an HMAC-SHA256 over the raw body, without prefix and time; webhooks are signed
    differently (see `events.verify`), and neither signature opens the other's door.
    """
    claimed = claim(headers, "X-Body-Signature")
    if not re.fullmatch(r"[0-9a-f]{64}", claimed):
        raise BadSignature("X-Body-Signature is not 64 hexadecimal digits")
    if not signed_by_one(secrets, body, "sha256", claimed):
        raise BadSignature("X-Body-Signature does not match")


def parse(body: bytes) -> CardRequest:
    """What a verified request says. Raises Malformed, naming the field."""
    said = untrusted.load(body)
    admin, component_id = said["admin"], said["component_id"].text(or_="")
    return CardRequest(
        kind=SUBMIT if component_id else INITIALIZE,
        workspace=_either(said, "workspace_id", "app_id").text(),
        conversation_id=said["conversation"]["id"].text(),
        contact_id=_either(said, "contact", "customer")["id"].text(or_=""),
        admin_id=admin["id"].text(),
        admin_name=admin["name"].text(or_=""),
        admin_email=admin["email"].text(or_=""),
        component_id=component_id,
        values=_texts(said["input_values"]),
        stored=_texts(said["current_canvas"]["stored_data"]),
    )


def submitted(request: CardRequest, form: str, about: str = "") -> CardSubmitted:
    """What a submit means for whoever acts on it; `about` is what the form was opened for."""
    values = request.values | ({"about": about} if about else {})
    return CardSubmitted(
        form, request.admin_id, request.admin_name, request.admin_email, request.conversation_id, values
    )


def _either(said: Node, name: str, other: str) -> Node:
    """A field that has two names: the documentation's tables and its samples differ, and so do versions."""
    return said[other] if said[other] and not said[name] else said[name]


def _texts(node: Node) -> dict[str, str]:
    return {name: value.written() for name, value in node.entries(MOST_VALUES)}


# -- what is shown ------------------------------------------------------------------------------


def text(words: str, *, style: str = "paragraph") -> Component:
    """A paragraph, a header, something muted or an error. Nothing in it is read as Markdown, whoever wrote it."""
    shown = _MARKDOWN.sub(_WORD_JOINER, _cut(words, LONGEST_TEXT))
    return {"type": "text", "text": _said(shown, "a text"), "style": _one_of(style, STYLES)}


def divider() -> Component:
    """A line."""
    return {"type": "divider"}


def spacer(size: str = "s") -> Component:
    """Empty space."""
    return {"type": "spacer", "size": _one_of(size, SIZES)}


# -- what is asked ------------------------------------------------------------------------------


def text_input(
    id: str, label: str, *, value: str = "", placeholder: str = "", failed: bool = False, disabled: bool = False
) -> Component:
    """A line to type into; `failed` marks it as the one to correct."""
    return _typed("input", id, label, value, placeholder, disabled) | ({"save_state": "failed"} if failed else {})


def textarea(
    id: str, label: str, *, value: str = "", placeholder: str = "", failed: bool = False, disabled: bool = False
) -> Component:
    """Several lines to type into."""
    return _typed("textarea", id, label, value, placeholder, disabled) | ({"error": True} if failed else {})


def dropdown(
    id: str,
    label: str,
    options: Sequence[tuple[str, str]],
    *,
    value: str = "",
    failed: bool = False,
    disabled: bool = False,
) -> Component:
    """One of 2 to 10 options (id, text), in a list that opens; a `value` that is none of them selects nothing."""
    ids = {one for one, _ in options}
    if not FEWEST <= len(options) <= MOST or len(ids) < len(options):
        raise ValueError(f"{id}: a choice has {FEWEST} to {MOST} options, and each id once")
    made: Component = {"type": "dropdown", "id": _said(id, "an id"), "label": _label(label)}
    made["options"] = [{"type": "option", "id": _said(one, "an id"), "text": _label(shown)} for one, shown in options]
    selected = {"value": value} if value in ids else {}
    return made | selected | ({"save_state": "failed"} if failed else {}) | _disabled(disabled)


def button(id: str, label: str, *, style: str = "primary", disabled: bool = False) -> Component:
    """A button that submits all inputs of the card; `id` is the request's `component_id` then."""
    return _button(id, label, style, disabled, {"type": "submit"})


def link(id: str, label: str, url: str) -> Component:
    """A button that looks like a link and opens a page in a new tab."""
    if not re.fullmatch(r"https?://[^\s\"<>\\]+", url):
        raise ValueError("a link leads to an http address")
    return _button(id, label, "link", False, {"type": "url", "url": url})


def canvas(components: Sequence[Component], stored: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The answer to a request: the card, and what is to come back with the next submit."""
    ids = [component["id"] for component in components if "id" in component]
    if not components or len(set(ids)) < len(ids):
        raise ValueError("a card has components, and each id once")
    content = {"components": list(components)}
    return {"canvas": {"content": _small(content)} | ({"stored_data": _small(dict(stored))} if stored else {})}


# -- under the components -----------------------------------------------------------------------


def _typed(type: str, id: str, label: str, value: str, placeholder: str, disabled: bool) -> Component:
    made = {"type": type, "id": _said(id, "an id"), "label": _label(label)}
    more = {"value": _cut(value, LONGEST_VALUE), "placeholder": _cut(placeholder, LONGEST_LABEL)}
    return made | {key: text for key, text in more.items() if text} | _disabled(disabled)


def _button(id: str, label: str, style: str, disabled: bool, action: Component) -> Component:
    made = {"type": "button", "id": _said(id, "an id"), "label": _label(label)}
    return made | {"style": _one_of(style, BUTTONS), "action": action} | _disabled(disabled)


def _disabled(disabled: bool) -> Component:
    return {"disabled": True} if disabled else {}


def _label(words: str) -> str:
    return _said(_cut(words, LONGEST_LABEL), "a label")


def _said(words: str, what: str) -> str:
    if not words.strip():
        raise ValueError(f"{what} is empty")
    return words


def _one_of(word: str, allowed: frozenset[str]) -> str:
    if word not in allowed:
        raise ValueError(f"{word} is none of {', '.join(sorted(allowed))}")
    return word


def _cut(words: str, longest: int) -> str:
    """What can be shown of a text; where it goes on, it ends in an ellipsis."""
    shown = _UNPRINTABLE.sub("", words.replace("\r\n", "\n"))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _small(content: dict[str, Any]) -> dict[str, Any]:
    size = len(json.dumps(content, ensure_ascii=False).encode())
    if size > LARGEST:
        raise ValueError(f"{size} bytes do not fit into a card; Intercom takes {LARGEST}")
    return content
