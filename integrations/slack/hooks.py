"""response_url: the address at which a command may be answered later, five times within half an hour.

It comes with a signed request, and is visited only where Slack has its own; our token does not go there.
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from integrations.contract import Transient
from integrations.http import Wire
from integrations.slack.api import ANEW
from integrations.slack.blocks import Block

#: Slack itself, and where its addresses are; a twin has them beside its own.
SLACK, HOOKS = "slack.com", "https://hooks.slack.com"


class Hooks:
    """What is said at such addresses. Thread-safe; `base_url` is the Web API's, `deadline` in seconds."""

    def __init__(self, base_url: str, deadline: float) -> None:
        self._origin = HOOKS if urlsplit(base_url).hostname == SLACK else _origin(base_url)
        self._wire = Wire("Slack", self._origin, {}, deadline=deadline, limits=ANEW)

    def close(self) -> None:
        """Close all connections."""
        self._wire.close()

    def say(self, address: str, text: str, blocks: Sequence[Block]) -> bool:
        """Show it to whoever typed the command, and to nobody else. False for an address that is not Slack's, or not
        good any more. Raises Transient and Unsure."""
        if not _is_at(address, self._origin):
            return False
        answer = {"response_type": "ephemeral", "replace_original": False, "text": text, "blocks": list(blocks)}
        path = address.removeprefix(self._origin)
        said = self._wire.ask("POST", path, safe=False, reads=True, what=" response_url", json=answer)
        if said.status >= 500:
            raise Transient(f"Slack answered {said.status} to response_url")
        return said.status == 200


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _is_at(address: str, origin: str) -> bool:
    """Is this an address below the origin, and nothing but that?"""
    try:
        return address.startswith(f"{origin}/") and _origin(address) == origin and address.isprintable()
    except ValueError:
        return False
