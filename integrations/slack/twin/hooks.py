"""response_url: addresses at which the app may answer five times within half an hour.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.slack.twin.calls import Arguments
from integrations.slack.twin.data import Json, Refusal
from integrations.slack.twin.modals import Modals
from integrations.slack.twin.workspace import URL
from integrations.twin import Ask, Fault, Said, route

USES, HOOK_SECONDS, PATH = 5, 1800.0, "/hooks/"


@dataclass
class Hook:
    """An address that was given out: to whom, where, and beside which message (`ts`)."""

    channel: str
    user: str
    at: float
    ts: str = ""
    uses: int = 0


class Hooks(Modals):
    """Gives out response URLs and takes what is posted to them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._hooks: dict[str, Hook] = {}
        #: Where the twin is served; it learns it from the first call.
        self._address = URL.rstrip("/")

    def answer(self, ask: Ask) -> tuple[Said, Fault | None]:
        """Remember under which address the app reaches the twin."""
        self._address = f"http://{ask.host}/{self.NAME}" if ask.host else self._address
        return super().answer(ask)

    def guard(self, ask: Ask) -> Said | None:
        """Whoever knows a response URL may use it."""
        return None if ask.path.startswith(PATH) else super().guard(ask)

    def stamp(self, ask: Ask, said: Said) -> Said:
        """Only the Web API tells scopes."""
        return said if ask.path.startswith(PATH) else super().stamp(ask, said)

    def new_hook(self, channel: str, user: str, ts: str = "") -> str:
        """A response URL for what somebody did in a channel."""
        code = self.uuid().replace("-", "")
        self._hooks[code] = Hook(channel, user, self.clock(), ts)
        return f"{self._address}{PATH}{code}"

    @route(f"POST {PATH}{{code}}")
    def _posted_to_hook(self, ask: Ask, code: str) -> Said:
        try:
            self._answer_by_hook(self._hook(code), Arguments(ask, True))
        except Refusal as refusal:
            missing = refusal.body["error"] in ("used_url", "expired_url", "no_such_url")
            return Said(404 if missing else 400, refusal.body)
        return Said(200, "ok")

    def _hook(self, code: str) -> Hook:
        hook = self._hooks.get(code)
        if hook is None:
            raise Refusal("no_such_url")
        if self.clock() - hook.at > HOOK_SECONDS:
            raise Refusal("expired_url")
        if hook.uses >= USES:
            raise Refusal("used_url")
        return hook

    def _answer_by_hook(self, hook: Hook, given: Arguments) -> None:
        """Delete or replace the message beside which the URL was given, or say something new."""
        original = self._original(hook)
        if given.flag("delete_original") and original is not None:
            self.forget(hook.channel, original)
        else:
            content = self.content(given)
            if given.flag("replace_original") and original is not None:
                original.pop("blocks", None)
                original |= content
            else:
                self.respond(hook.channel, hook.user, content, given.text("response_type"), given.text("thread_ts"))
        hook.uses += 1
        self.note_effect("response_url", hook.channel, user=hook.user, text=given.text("text"))

    def _original(self, hook: Hook) -> Json | None:
        whispers = [one for one in self.whispers if (one["to"], one["ts"]) == (hook.user, hook.ts)]
        return whispers[0] if whispers else self.channels[hook.channel].messages.get(hook.ts)

    def respond(self, channel: str, user: str, content: Mapping[str, Any], kind: str, thread_ts: str = "") -> None:
        """An answer of the app: to all where `kind` is in_channel, else to this person only."""
        message = self.ours(content) | ({"thread_ts": thread_ts} if thread_ts else {})
        if kind == "in_channel":
            self.channels[channel].add(message)
            self.announce(self.channels[channel], message)
        else:
            self.whisper(channel, user, message)
