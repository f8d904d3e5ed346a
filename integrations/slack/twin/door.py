"""How what people do reaches the app at once: one signed request, and an answer within three seconds.

https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import httpx

from integrations.slack.twin.data import DIRECT, PRIVATE, Json
from integrations.slack.twin.hooks import Hooks
from integrations.slack.twin.workspace import APP, DOMAIN

#: Seconds after which Slack no longer waits for an answer.
PATIENCE = 3.0
TIMEOUT, FAILED = "operation_timeout", "dispatch_failed"
#: What people read when the app did not answer as it must; {code} is Slack's word for what went wrong.
COMMAND_FAILED = '{command} failed with the error "{code}"'
TROUBLE = "We had some trouble connecting ({code}). Try again?"
#: Requests still carry the token from before there were signatures.
OLD_TOKEN = "not-used-any-more"

Sender = Callable[[dict[str, str], bytes], tuple[int, dict[str, str], bytes]]


@dataclass(frozen=True)
class Heard:
    """The app's answer; `trouble` is Slack's word for an answer that came late, not at all, or not as 2xx."""

    body: bytes = b""
    content_type: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Screen:
    """What a person sees after they did something.

    `said` and `blocks` are the reply to a command, `view` is the view that is open now, `errors` stand under
    its fields by block_id, and `error` is what Slack says if the app did not do its part ("" if it did).
    """

    view: Json | None = None
    said: str = ""
    blocks: list[Json] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""


class Door(Hooks):
    """Sends interactions and reads their answers. The lock must not be held meanwhile: the app calls back."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        #: How a request is sent; None means over HTTP, to the address for webhooks.
        self.sender: Sender | None = None

    def request(self, fields: Mapping[str, Any]) -> Heard:
        """Send a form, signed, and wait for its answer as long as Slack would."""
        body = urlencode(fields).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | self.signed(body)
        began = self.clock()
        try:
            status, answered, content = (self.sender or self._over_http)(headers, body)
        except httpx.TimeoutException:
            return Heard(trouble=TIMEOUT)
        except httpx.HTTPError:
            return Heard(trouble=FAILED)
        if self.clock() - began > PATIENCE:
            return Heard(trouble=TIMEOUT)
        if not 200 <= status < 300:
            return Heard(trouble=FAILED)
        kinds = [value for name, value in answered.items() if name.lower() == "content-type"]
        return Heard(content, kinds[0] if kinds else "")

    def interact(self, payload: Mapping[str, Any]) -> Heard:
        """Send an interaction's payload."""
        return self.request({"payload": json.dumps(payload, ensure_ascii=False)})

    def _over_http(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.webhook_url is None:
            raise httpx.ConnectError("the twin is not connected")
        with httpx.Client(timeout=PATIENCE, trust_env=False, verify=_trust()) as client:
            said = client.post(self.webhook_url, headers=headers, content=body)
        return said.status_code, dict(said.headers), said.content

    # -- what every payload says --------------------------------------------

    def about(self, kind: str, user: str) -> Json:
        """The part that all interactions share. https://docs.slack.dev/reference/interaction-payloads"""
        name = self.name_of(user)
        return {
            "type": kind,
            "token": OLD_TOKEN,
            "team": {"id": self.team_id, "domain": DOMAIN},
            "user": {"id": user, "username": name, "name": name, "team_id": self.team_id},
            "api_app_id": APP,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def name_of(self, user: str) -> str:
        """The name under which payloads know a person. Raises LookupError for people who are not here (any more)."""
        if user not in self.people or self.people[user].deleted:
            raise LookupError(f"nobody here has the id {user!r}")
        return str(self.people[user].seen(self.team_id, False)["name"])

    def place(self, channel: str, user: str) -> Json:
        """Where somebody did something; whoever does is a member there, as with `say`.

        Slack does not tell the names of private conversations.
        """
        found = self.channels[channel]
        if found.kind == DIRECT and user not in found.members:
            raise LookupError(f"{user} does not see the direct messages of somebody else")
        if user not in found.members:
            self.join(channel, user)
        hidden = {PRIVATE: "privategroup", DIRECT: "directmessage"}
        return {"id": channel, "name": hidden.get(found.kind, found.name)}

    def screen(self, user: str, **seen: Any) -> Screen:
        """What somebody sees now."""
        return Screen(view=self.view_of(user), **seen)

    def after(self, user: str, heard: Heard) -> Screen:
        """What somebody sees after an interaction whose answer says nothing but that it arrived."""
        return self.screen(user, error=TROUBLE.format(code=heard.trouble) if heard.trouble else "")


@cache
def _trust() -> ssl.SSLContext:
    """Reading the certificates takes longer than a request, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)
