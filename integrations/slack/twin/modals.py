"""views.open, views.update and views.push: triggers that last three seconds, stacks of three, hashes.

https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass
from typing import Any

from integrations.slack.twin.calls import Arguments, explained, method
from integrations.slack.twin.data import Json, Refusal, with_emoji
from integrations.slack.twin.messages import Messages
from integrations.slack.twin.views import LARGEST_VIEW, Offer, problems, state_of
from integrations.slack.twin.workspace import APP, BOT

#: Seconds for which a trigger is good, and views that may lie upon each other.
TRIGGER_SECONDS, DEEPEST = 3.0, 3


@dataclass
class Trigger:
    """What allows the app to open one view, for a moment."""

    user: str
    at: float
    used: bool = False


class Modals(Messages):
    """The views that people see."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._triggers: dict[str, Trigger] = {}
        #: Per person the views that lie upon each other, the visible one last.
        self._stacks: dict[str, list[Json]] = {}
        #: Per view and block the options that the app suggested, by value.
        self._suggested: dict[str, dict[str, dict[str, Json]]] = {}
        self._views = 0

    def view_of(self, user: str) -> Json | None:
        """The view that a person sees now, with what they entered in `state.values`; None if there is none."""
        with self.lock:
            stack = self._stacks.get(user)
            return copy.deepcopy(stack[-1]) if stack else None

    # -- the Web API --------------------------------------------------------

    @method("views.open", takes_json=True)
    def _open_view(self, given: Arguments) -> Json:
        view, trigger = self._view(given), self._trigger(given)
        self._stacks[trigger.user] = []
        return {"view": self._laid("views.open", trigger, view)}

    @method("views.push", takes_json=True)
    def _push_view(self, given: Arguments) -> Json:
        view, trigger = self._view(given), self._trigger(given)
        stack = self._stacks.get(trigger.user)
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= DEEPEST:
            raise Refusal("push_limit_reached")
        return {"view": self._laid("views.push", trigger, view)}

    @method("views.update", takes_json=True)
    def _update_view(self, given: Arguments) -> Json:
        id, external, hash = given.text("view_id"), given.text("external_id"), given.text("hash")
        if not id and not external:
            raise Refusal("invalid_arguments", **explained(["[ERROR] missing required field: view_id"]))
        named = ("id", id) if id else ("external_id", external)
        found = [view for stack in self._stacks.values() for view in stack if view[named[0]] == named[1]]
        if not found:
            raise Refusal("not_found")
        view = self._view(given, instead_of=found[0])
        if hash and hash != found[0]["hash"]:
            raise Refusal("hash_conflict")
        self.replace_view(found[0], view)
        self.note_effect("views.update", found[0]["id"], view=copy.deepcopy(found[0]))
        return {"view": copy.deepcopy(found[0])}

    def _view(self, given: Arguments, instead_of: Json | None = None) -> Json:
        """The view of a call, found good."""
        view = given.data("view", "invalid_arguments")
        if view is None:
            raise Refusal("invalid_arguments", **explained(["[ERROR] missing required field: view"]))
        self.need_good_view(view, instead_of)
        return dict(view)

    def _trigger(self, given: Arguments) -> Trigger:
        """Exchange a trigger: good once, for three seconds."""
        trigger = self._triggers.get(given.text("trigger_id"))
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.clock() - trigger.at > TRIGGER_SECONDS:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger

    def _laid(self, verb: str, trigger: Trigger, view: Json) -> Json:
        laid = self.lay_view(trigger.user, view)
        self.note_effect(verb, laid["id"], user=trigger.user, view=copy.deepcopy(laid))
        return copy.deepcopy(laid)

    # -- what the people's verbs use too ------------------------------------

    def new_trigger(self, user: str) -> str:
        """The id of a trigger that somebody's click brought about."""
        id = f"{7_110_000_000_000 + len(self._triggers)}.7000000000001.{self.uuid().replace('-', '')}"
        self._triggers[id] = Trigger(user, self.clock())
        return id

    def need_good_view(self, view: Any, instead_of: Json | None = None) -> None:
        """Refuse a view that Slack would not show."""
        if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW:
            raise Refusal("view_too_large")
        if wrong := problems(view):
            raise Refusal("invalid_arguments", **explained(wrong))
        external = view.get("external_id")
        others = [other for stack in self._stacks.values() for other in stack if other is not instead_of]
        if external and external in [other["external_id"] for other in others]:
            raise Refusal("duplicate_external_id")

    def lay_view(self, user: str, view: Json) -> Json:
        """Show somebody a view, upon those that they see already."""
        stack = self._stacks.setdefault(user, [])
        self._views += 1
        id = f"V{self._views:010d}"
        laid = self._as_kept(view) | {"id": id, "root_view_id": stack[0]["id"] if stack else id}
        laid |= {"previous_view_id": stack[-1]["id"] if stack else None, "state": {"values": state_of(laid)}}
        stack.append(laid)
        return laid

    def replace_view(self, shown: Json, view: Json) -> None:
        """Show another view in the place of one; equal fields keep what was entered."""
        kept = self._as_kept(view)
        shown |= kept | {"state": {"values": state_of(kept, shown["state"]["values"])}}

    def offer(self, view: Json) -> Offer:
        """What can be chosen in a view."""
        people = frozenset(id for id, person in self.people.items() if not person.deleted)
        return Offer(self._suggested.get(view["id"], {}), people, frozenset(self.channels))

    def _as_kept(self, view: Json) -> Json:
        """A view of the app with everything that Slack adds, but for its place in the stack."""
        absent = {"callback_id": "", "private_metadata": "", "external_id": "", "close": None, "submit": None}
        flags = {"clear_on_close": False, "notify_on_close": False}
        owners = {"team_id": self.team_id, "app_id": APP, "app_installed_team_id": self.team_id, "bot_id": BOT}
        hash = f"{int(time.time())}.{self.uuid()[:8]}"
        kept: Json = absent | flags | with_emoji(view) | owners | {"hash": hash, "blocks": self.named(view["blocks"])}
        return kept
