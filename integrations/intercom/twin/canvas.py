"""What a teammate sees of the app in the Inbox: the twin asks for a card, judges the answer, and presses its buttons.

    card = twin.open_card("101", "7002")                                   # initialize
    card = twin.press_card("101", "7002", "send", {"gist": "帳票が出ない"})  # submit

https://developers.intercom.com/docs/canvas-kit

A service that answers what Intercom would not show gets a `CardRefused`; pressing what is not on the card is a KeyError
or a ValueError: a mistake in a test. Nothing is locked while the service is asked, it may call back meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from integrations.intercom.twin.as_json import admin_json, contact_json, conversation_json
from integrations.intercom.twin.data import Json
from integrations.intercom.twin.people import People

Sender = Callable[[str, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]

INITIALIZE, SUBMIT = "/intercom/canvas/initialize", "/intercom/canvas/submit"
WEBHOOKS = "/webhooks/intercom"
#: Seconds until the Inbox gives up; Intercom documents none.
PATIENCE = 10.0
#: Bytes of components, and again of stored data ("64KB"); the smaller of the two readings of that.
LARGEST = 64_000
FEWEST_OPTIONS, MOST_OPTIONS = 2, 10

#: What each component needs, and what it may have besides `type` and `id`.
COMPONENTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(needs.split()), frozenset(may.split()))
    for name, needs, may in (
        ("text", "text", "align style bottom_margin"),
        ("divider", "", "bottom_margin"),
        ("spacer", "", "size"),
        ("image", "url height width", "align rounded action bottom_margin"),
        ("list", "items", "disabled"),
        ("data-table", "items", ""),
        ("button", "id label action", "style disabled"),
        ("input", "id", "label placeholder value action save_state disabled"),
        ("textarea", "id", "label placeholder value error disabled"),
        ("dropdown", "id options", "label value save_state disabled"),
        ("single-select", "id options", "label value save_state disabled action"),
        ("checkbox", "id label option", "value save_state disabled"),
    )
}
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("text", "align"): ("left", "center", "right"),
    ("text", "style"): ("header", "paragraph", "muted", "error"),
    ("button", "style"): ("primary", "secondary", "link"),
    ("spacer", "size"): ("xs", "s", "m", "l", "xl"),
}
#: The same wherever it occurs.
FLAGS, STATES = frozenset({"disabled", "error"}), ("unsaved", "saved", "failed")
TYPED, CHOSEN = frozenset({"input", "textarea"}), frozenset({"dropdown", "single-select"})


class CardRefused(Exception):
    """The Inbox does not show this answer: `problems` say why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Cards(People):
    """A workspace whose teammates have the app's card beside their conversations.

    `sender` is how a request reaches the service (path, headers, body → status, headers, body); None for HTTP to where
    the webhooks go. Each teammate has a card of their own for each conversation.
    """

    def __init__(self, *, secret: str, app_id: str, admin: str, seed: int = 0) -> None:
        super().__init__(secret=secret, app_id=app_id, admin=admin, seed=seed)
        self.sender: Sender | None = None
        self._cards: dict[tuple[str, str], Json] = {}

    def open_card(self, conversation_id: str, admin_id: str) -> Json:
        """A teammate turns to a conversation, which asks the service for its card. Returns the canvas."""
        return self._show(conversation_id, admin_id, INITIALIZE, {})

    def press_card(
        self, conversation_id: str, admin_id: str, component_id: str, values: Mapping[str, str], *, times: int = 1
    ) -> Json:
        """A teammate fills in inputs (by id; a choice takes an option's id) and presses a button.

        With `times` the very same request is sent as often: an impatient finger. Returns the canvas shown at last.
        """
        card = self._cards[conversation_id, admin_id]
        components = {one["id"]: one for one in card["content"]["components"] if "id" in one}
        _press(components[component_id])
        said = {
            "component_id": component_id,
            "current_canvas": card,
            "input_values": _filled(components, values),
        }
        return self._show(conversation_id, admin_id, SUBMIT, said, times)

    def card_of(self, conversation_id: str, admin_id: str) -> Json | None:
        """The canvas that a teammate sees now; None before the first."""
        return self._cards.get((conversation_id, admin_id))

    def _show(self, conversation_id: str, admin_id: str, path: str, said: Json, times: int = 1) -> Json:
        body = json.dumps(self._asked(conversation_id, admin_id) | said, ensure_ascii=False).encode()
        digest = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Body-Signature": digest}
        send = self.sender or self._over_http
        *_, (status, _, answer) = [send(path, headers, body) for _ in range(times)]
        canvas = _read(status, answer)
        self._cards[conversation_id, admin_id] = canvas
        return canvas

    def _asked(self, conversation_id: str, admin_id: str) -> Json:
        """What every request says: who looks at which conversation with whom."""
        with self.lock:
            talk = self.books.conversations[conversation_id]
            return {
                "workspace_id": self.app_id,
                "workspace_region": "US",
                "admin": admin_json(self.books.admins[admin_id]),
                "conversation": conversation_json(self.books, talk, []),
                "contact": contact_json(talk.contact),
            }

    def _over_http(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.webhook_url is None:
            raise CardRefused(["no service is connected"])
        url = self.webhook_url.removesuffix(WEBHOOKS) + path
        try:
            said = httpx.post(url, headers=headers, content=body, timeout=PATIENCE, trust_env=False)
        except httpx.HTTPError as error:
            raise CardRefused([f"the service did not answer ({type(error).__name__})"]) from None
        return said.status_code, dict(said.headers), said.content


def _press(component: Json) -> None:
    """Can this be pressed? Only what submits, and is not greyed out."""
    if component.get("action", {}).get("type") != "submit":
        raise ValueError(f"pressing {component['id']} submits nothing")
    if component.get("disabled") or component.get("save_state") == "saved":
        raise ValueError(f"{component['id']} cannot be pressed now")


def _filled(components: Mapping[str, Json], values: Mapping[str, str]) -> Json:
    """All inputs of a card, after somebody filled in some; a choice that nobody made is not among them."""
    typed = {id: one.get("value", "") for id, one in components.items() if one["type"] in TYPED}
    chosen = {id: one["value"] for id, one in components.items() if one["type"] in CHOSEN and "value" in one}
    for id, value in values.items():
        component = components[id]
        if component["type"] not in TYPED | CHOSEN or component.get("disabled"):
            raise ValueError(f"{id} cannot be filled in")
        if component["type"] in CHOSEN and value not in [option["id"] for option in component["options"]]:
            raise ValueError(f"{value} is no option of {id}")
    return typed | chosen | dict(values)


# -- what the Inbox does not show ---------------------------------------------------------------


def _read(status: int, answer: bytes) -> Json:
    """The canvas in an answer. Raises CardRefused, naming all that is wrong with it."""
    if status != 200:
        raise CardRefused([f"the service answered {status}"])
    try:
        said = json.loads(answer)
        json.dumps(said, ensure_ascii=False).encode()  # fails for half of a surrogate pair
    except (ValueError, RecursionError):
        raise CardRefused(["the answer is not JSON"]) from None
    if found := problems(said):
        raise CardRefused(found)
    canvas: Json = said["canvas"]
    return canvas


def problems(said: Any) -> list[str]:
    """Why Intercom would not show this answer; [] where it would."""
    if not isinstance(said, dict) or not isinstance(said.get("canvas"), dict):
        return ["canvas is not an object"]
    canvas = said["canvas"]
    found = _unknown("the answer", said, {"canvas", "event", "card_creation_options"})
    found += _unknown("canvas", canvas, {"content", "stored_data"})  # content_url: only in the Messenger
    found += _too_large("content", canvas.get("content")) + _too_large("stored_data", canvas.get("stored_data", {}))
    if "event" in said and said["event"] != {"type": "completed"}:
        found.append("event is not completed")
    content = canvas.get("content")
    if not isinstance(content, dict) or not isinstance(content.get("components"), list):
        return [*found, "content.components is not a list"]
    for number, component in enumerate(content["components"]):
        found += _component(f"components[{number}]", component)
    return found + _repeated("components", content["components"])


def _too_large(where: str, content: Any) -> list[str]:
    if not isinstance(content, dict):
        return [f"{where} is not an object"]
    size = len(json.dumps(content, ensure_ascii=False).encode())
    return [f"{where} has {size} bytes, more than {LARGEST}"] if size > LARGEST else []


def _component(where: str, said: Any) -> list[str]:
    if not isinstance(said, dict) or said.get("type") not in tuple(COMPONENTS):
        return [f"{where} is no component"]
    kind = said["type"]
    needs, may = COMPONENTS[kind]
    found = [f"{where}.{name} is missing" for name in sorted(needs) if said.get(name) in (None, "", [])]
    found += _unknown(where, said, needs | may | {"type", "id"})
    found += [problem for name, value in said.items() for problem in _field(f"{where}.{name}", kind, name, value)]
    return found + (_options(where, said) if kind in CHOSEN else [])


def _field(where: str, kind: str, name: str, value: Any) -> list[str]:
    """What is wrong with one field of a component, as far as the field alone can tell."""
    if name in FLAGS:
        return [] if isinstance(value, bool) else [f"{where} is not a truth value"]
    if name == "action":
        return _action(where, value)
    if name in ("options", "option", "items", "height", "width", "rounded") or (kind, name) == ("checkbox", "value"):
        return []
    if not isinstance(value, str):
        return [f"{where} is not text"]
    words = STATES if name == "save_state" else ("none",) if name == "bottom_margin" else WORDS.get((kind, name))
    return [f"{where} is none of {', '.join(words)}"] if words and value not in words else []


def _action(where: str, action: Any) -> list[str]:
    """A submit, or a page of the web; sheets exist only in the Messenger."""
    if action == {"type": "submit"}:
        return []
    if not isinstance(action, dict) or action.get("type") != "url":
        return [f"{where} is neither submit nor url"]
    return [] if re.match(r"https?://[^/\s]", str(action.get("url"))) else [f"{where}.url is no address"]


def _options(where: str, said: Json) -> list[str]:
    options = said.get("options")
    if not isinstance(options, list) or not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        return [f"{where}.options are not {FEWEST_OPTIONS} to {MOST_OPTIONS}"]
    for number, option in enumerate(options):
        texts = [option.get("id"), option.get("text")] if isinstance(option, dict) else [None]
        if not all(isinstance(text, str) and text for text in texts) or option.get("type") != "option":
            return [f"{where}.options[{number}] is no option"]
    if "value" in said and said["value"] not in [option["id"] for option in options]:
        return [f"{where}.value is no option"]
    return _repeated(f"{where}.options", options)


def _repeated(where: str, ones: list[Any]) -> list[str]:
    ids = [one["id"] for one in ones if isinstance(one, dict) and isinstance(one.get("id"), str)]
    return [f"{where}: {id} occurs twice" for id in sorted({id for id in ids if ids.count(id) > 1})]


def _unknown(where: str, said: Json, known: frozenset[str] | set[str]) -> list[str]:
    return [f"{where}.{name} is unknown" for name in sorted(said.keys() - known)]
