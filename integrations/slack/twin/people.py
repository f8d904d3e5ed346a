"""What people do with the app: shortcuts, commands, buttons and forms. Each verb returns what they see then.

    screen = twin.use_shortcut("U0SATOMI01", "escalate")         # screen.view: the form that the app opened
    twin.suggest("U0SATOMI01", "company", "ひか")                 # [("company-7", "ひかり食品")]
    screen = twin.submit("U0SATOMI01", {"company": "company-7", "gist": "…"})
    screen.errors, screen.view                                    # complaints under fields; None once it closed

The request is sent before the verb returns, also while webhooks are held. LookupError is raised for what no
person could do: press a button that is not there, choose what is not offered.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from integrations.slack.twin.check import Check
from integrations.slack.twin.data import Json, Refusal, with_emoji
from integrations.slack.twin.door import COMMAND_FAILED, FAILED, OLD_TOKEN, TROUBLE, Door, Heard, Screen
from integrations.slack.twin.elements import option_list, options_of
from integrations.slack.twin.modals import DEEPEST
from integrations.slack.twin.views import Field, complaint, entered, fields
from integrations.slack.twin.workspace import APP, DOMAIN, without_metadata

MOST_SUGGESTED = 100


class Unanswered(Exception):
    """The app did not say what can be chosen; the message is what Slack shows."""


class People(Door):
    """The people's verbs."""

    # -- shortcuts and commands ---------------------------------------------

    def use_shortcut(self, user: str, callback_id: str) -> Screen:
        """Somebody picks a global shortcut. It knows no channel."""
        with self.lock:
            payload = self.about("shortcut", user) | self._started(user) | {"callback_id": callback_id}
            del payload["user"]["name"]
        return self.after(user, self.interact(payload))

    def use_message_shortcut(self, user: str, callback_id: str, channel: str, ts: str) -> Screen:
        """Somebody picks a shortcut from the menu of a message."""
        with self.lock:
            message = self.channels[channel].messages[ts]
            payload = self.about("message_action", user) | self._started(user) | {"callback_id": callback_id}
            payload |= {"channel": self.place(channel, user), "message_ts": ts}
            payload |= {"message": copy.deepcopy(without_metadata(message))}
            payload |= {"response_url": self.new_hook(channel, user, ts)}
        return self.after(user, self.interact(payload))

    def command(self, user: str, channel: str, command: str, text: str = "") -> Screen:
        """Somebody writes a slash command. https://docs.slack.dev/interactivity/implementing-slash-commands"""
        with self.lock:
            place, name = self.place(channel, user), self.name_of(user)
            form = {"token": OLD_TOKEN, "team_id": self.team_id, "team_domain": DOMAIN}
            form |= {"channel_id": channel, "channel_name": place["name"], "user_id": user, "user_name": name}
            form |= {"command": command, "text": text, "api_app_id": APP, "is_enterprise_install": "false"}
            form |= {"response_url": self.new_hook(channel, user), "trigger_id": self.new_trigger(user)}
        heard = self.request(form)
        if heard.trouble:
            return self.screen(user, error=COMMAND_FAILED.format(command=command, code=heard.trouble))
        with self.lock:
            return self._replied(user, channel, command, heard)

    def _started(self, user: str) -> Json:
        return {"trigger_id": self.new_trigger(user), "action_ts": self.stamps.next()}

    def _replied(self, user: str, channel: str, command: str, heard: Heard) -> Screen:
        """Show the answer to a command: text, or JSON with text and blocks; nothing if it is empty."""
        reply = _object(heard)
        if reply is None:
            reply = {"text": heard.body.decode()}
        if not reply.get("text") and not reply.get("blocks"):
            return self.screen(user)
        try:
            content = self.checked(reply.get("text", ""), reply.get("blocks") or [])
        except Refusal as refusal:
            return self.screen(user, error=COMMAND_FAILED.format(command=command, code=_worded(refusal)))
        self.respond(channel, user, content, reply.get("response_type", "ephemeral"))
        return self.screen(user, said=content["text"], blocks=content.get("blocks", []))

    # -- buttons ------------------------------------------------------------

    def press(self, user: str, channel: str, ts: str, action_id: str, seen: Json | None = None) -> Screen:
        """Somebody presses a button in a message, or in one that only they see.

        `seen` is the message as it was before it changed, for two people who press at the same moment.
        """
        with self.lock:
            whisper = next((one for one in self.whispers if (one["to"], one["ts"]) == (user, ts)), None)
            message = whisper or self.channels[channel].messages[ts]
            message = message | {name: seen[name] for name in ("text", "blocks") if seen and name in seen}
            payload = self._pressed(user, message, action_id)
            payload["container"] = {"type": "message", "message_ts": ts, "channel_id": channel}
            payload["container"] |= {"is_ephemeral": whisper is not None}
            payload |= {"channel": self.place(channel, user), "state": {"values": {}}}
            payload |= {} if whisper else {"message": copy.deepcopy(without_metadata(message))}
            payload |= {"response_url": self.new_hook(channel, user, ts)}
        return self.after(user, self.interact(payload))

    def press_in_view(self, user: str, action_id: str) -> Screen:
        """Somebody presses a button in the view that they see."""
        with self.lock:
            view = self._top(user)
            payload = self._pressed(user, view, action_id) | {"view": copy.deepcopy(view)}
            payload["container"] = {"type": "view", "view_id": view["id"]}
        return self.after(user, self.interact(payload))

    def _pressed(self, user: str, holder: Json, action_id: str) -> Json:
        """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
        block, button = _button(holder, action_id)
        action: Json = {
            name: button[name] for name in ("type", "action_id", "text", "value", "style") if name in button
        }
        action |= {"block_id": block["block_id"], "action_ts": self.stamps.next()}
        payload = self.about("block_actions", user) | {"trigger_id": self.new_trigger(user)}
        return payload | {"actions": [copy.deepcopy(action)]}

    # -- forms --------------------------------------------------------------

    def suggest(self, user: str, block_id: str, typed: str) -> list[tuple[str, str]]:
        """What the app offers as (value, text) while somebody types into a menu; Unanswered if it does not.

        https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
        """
        with self.lock:
            view = self._top(user)
            menu = _field(view, block_id).element
            if menu["type"] != "external_select":
                raise LookupError(f"{block_id} is no menu whose options the app supplies")
            if len(typed) < menu.get("min_query_length", 3):
                return []
            payload = self.about("block_suggestion", user) | {"view": copy.deepcopy(view)}
            payload |= {"container": {"type": "view", "view_id": view["id"]}, "value": typed}
            payload |= {"block_id": block_id, "action_id": menu["action_id"]}
        offered = _offered(self.interact(payload))
        with self.lock:
            known = self._suggested.setdefault(view["id"], {}).setdefault(block_id, {})
            known |= {option["value"]: option for option in offered}
        return [(option["value"], option["text"]["text"]) for option in offered]

    def fill(self, user: str, values: dict[str, str]) -> Screen:
        """Somebody fills in fields of the view that they see (by block_id; "" empties), and does not send it."""
        with self.lock:
            view = self._top(user)
            offer, state = self.offer(view), view["state"]["values"]
            changes = [(field, entered(field, text, offer)) for field, text in _chosen(view, values)]
            for field, value in changes:
                state[field.block_id][field.action_id] = value
        return self.screen(user)

    def submit(self, user: str, values: dict[str, str] | None = None) -> Screen:
        """Somebody fills in and sends the view that they see. Slack itself refuses required fields left empty."""
        self.fill(user, values or {})
        with self.lock:
            view = self._top(user)
            if view["submit"] is None:
                raise LookupError(f"the view {view['callback_id']!r} has no button to send it")
            if wrong := _complaints(view):
                return self.screen(user, errors=wrong)
            payload = self.about("view_submission", user) | {"trigger_id": self.new_trigger(user)}
            payload |= {"view": copy.deepcopy(view), "response_urls": []}
        heard = self.interact(payload)
        if heard.trouble:
            return self.after(user, heard)
        with self.lock:
            return self._answered(user, view, heard)

    def close(self, user: str, everything: bool = False) -> Screen:
        """Somebody closes the view that they see, or `everything` that is open."""
        with self.lock:
            cleared, stack = self._top(user)["clear_on_close"] or everything, self._stacks[user]
            closed = stack[::-1] if cleared else stack[-1:]
            self._stacks[user] = [] if cleared else stack[:-1]
            payloads = [self._closed(user, view, cleared) for view in closed if view["notify_on_close"]]
        for payload in payloads:
            self.interact(payload)
        return self.screen(user)

    def _closed(self, user: str, view: Json, cleared: bool) -> Json:
        """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_closed"""
        shown = copy.deepcopy(view) | {"state": {"values": {}}}
        return self.about("view_closed", user) | {"view": shown, "is_cleared": cleared}

    def _top(self, user: str) -> Json:
        stack = self._stacks.get(user)
        if not stack:
            raise LookupError(f"{user} sees no view")
        return stack[-1]

    # -- what the app answers to a form -------------------------------------

    def _answered(self, user: str, view: Json, heard: Heard) -> Screen:
        """Nothing happens where the view is gone. https://docs.slack.dev/surfaces/modals#response_actions"""
        if not any(one is view for one in self._stacks[user]):
            return self.screen(user)
        reply = _object(heard) if heard.body.strip() else {}
        verb = (reply or {}).get("response_action", "")
        try:
            if reply is None or (reply and verb not in ("errors", "update", "push", "clear")):
                raise Refusal("invalid_response", response_metadata={"messages": ["no response_action"]})
            if verb == "errors":
                return self.screen(user, errors=_errors(view, (reply or {}).get("errors")))
            self._show(user, view, verb, (reply or {}).get("view"))
        except Refusal as refusal:
            return self.screen(user, error=TROUBLE.format(code=_worded(refusal)))
        return self.screen(user)

    def _show(self, user: str, view: Json, verb: str, wanted: Any) -> None:
        """Close the view that was sent, put another in its place or upon it, or clear everything."""
        stack = self._stacks[user]
        if verb in ("update", "push"):
            self.need_good_view(wanted, view)
        if verb == "push" and len(stack) >= DEEPEST:
            raise Refusal("push_limit_reached")
        if verb == "update":
            self.replace_view(view, wanted)
        elif verb == "push":
            self.lay_view(user, wanted)
        else:
            self._stacks[user] = [] if verb == "clear" else [other for other in stack if other is not view]


def _object(heard: Heard) -> Json | None:
    """The answer as a JSON object; None if it is none."""
    if not heard.content_type.startswith("application/json"):
        return None
    try:
        value = json.loads(heard.body or b"{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _worded(refusal: Refusal) -> str:
    """A refusal with what Slack explains beside it."""
    explained = refusal.body.get("response_metadata", {}).get("messages", [])
    return ": ".join([refusal.body["error"], *explained])


def _button(holder: Json, action_id: str) -> tuple[Json, Json]:
    """A button in a message or view, and the block it is in."""
    for block in holder.get("blocks", []):
        for one in [*block.get("elements", []), block.get("accessory") or {}]:
            if one.get("type") == "button" and one.get("action_id") == action_id:
                return block, one
    raise LookupError(f"there is no button {action_id!r} here")


def _field(view: Json, block_id: str) -> Field:
    for field in fields(view):
        if field.block_id == block_id:
            return field
    raise LookupError(f"the view {view['callback_id']!r} has no field {block_id!r}")


def _chosen(view: Json, values: dict[str, str]) -> list[tuple[Field, str]]:
    return [(_field(view, block_id), text) for block_id, text in values.items()]


def _complaints(view: Json) -> dict[str, str]:
    """What Slack itself says under the fields of a form."""
    state = view["state"]["values"]
    said = {one.block_id: complaint(one, state[one.block_id][one.action_id]) for one in fields(view)}
    return {block_id: text for block_id, text in said.items() if text}


def _errors(view: Json, errors: Any) -> dict[str, str]:
    """The app's complaints. Slack takes them for input blocks only."""
    inputs = {field.block_id for field in fields(view) if field.is_input}
    if not isinstance(errors, dict) or not errors or not all(isinstance(text, str) for text in errors.values()):
        raise Refusal("invalid_response", response_metadata={"messages": ["errors must be texts by block_id"]})
    if strange := sorted(set(errors) - inputs):
        raise Refusal("invalid_response", response_metadata={"messages": [f"no input block: {', '.join(strange)}"]})
    return errors


def _offered(heard: Heard) -> list[Json]:
    """The options that the app offers, found good."""
    if heard.trouble:
        raise Unanswered(TROUBLE.format(code=heard.trouble))
    reply = _object(heard)
    if reply is None or not ({"options", "option_groups"} & set(reply)):
        raise Unanswered(TROUBLE.format(code=FAILED))
    check = Check()
    for at, group in enumerate(reply.get("option_groups") or [reply]):
        option_list(check, group.get("options"), f"/{at}/options", MOST_SUGGESTED, fewest=0)
    if check.found:
        raise Unanswered(TROUBLE.format(code=": ".join([FAILED, *check.found])))
    return [with_emoji(option) for option in options_of(reply)]
