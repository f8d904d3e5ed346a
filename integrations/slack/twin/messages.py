"""What the app writes in the workspace: its messages, found good or refused, and what it tells one person only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.slack.twin.blocks import problems
from integrations.slack.twin.calls import Arguments, explained
from integrations.slack.twin.data import Json, Refusal, with_emoji
from integrations.slack.twin.workspace import APP, BOT, BOT_USER, Workspace

LONGEST_TEXT = 40_000


class Messages(Workspace):
    """The app's messages."""

    def ours(self, content: Mapping[str, Any]) -> Json:
        """A message of the app, not yet anywhere."""
        message: Json = {"type": "message", "ts": self.stamps.next(), "user": BOT_USER, "bot_id": BOT}
        return message | {"app_id": APP, "team": self.team_id, **content}

    def content(self, given: Arguments) -> Json:
        """The text and the blocks of a call, found good."""
        return self.checked(given.text("text"), given.data("blocks", "invalid_blocks_format") or [])

    def checked(self, text: str, blocks: Any) -> Json:
        """Text and blocks as Slack keeps them. Refuses what Slack refuses."""
        if not text.strip() and not blocks:
            raise Refusal("no_text")
        if wrong := problems(blocks):
            raise Refusal("invalid_blocks", **explained(wrong))
        return {"text": text[:LONGEST_TEXT]} | ({"blocks": self.named(blocks)} if blocks else {})

    def named(self, blocks: list[Json]) -> list[Json]:
        """Blocks and their elements with the ids that they lacked."""
        kept = [{"block_id": self.uuid()[:5], **with_emoji(block)} for block in blocks]
        for block in kept:
            if block["type"] == "input":
                block |= {
                    "optional": block.get("optional", False),
                    "dispatch_action": block.get("dispatch_action", False),
                }
            elements = block.get("elements", []) if block["type"] == "actions" else []
            for element in [*elements, block.get("element"), block.get("accessory")]:
                if isinstance(element, dict) and element["type"] != "image":
                    element.setdefault("action_id", self.uuid()[:5])
        return kept

    def whisper(self, channel: str, user: str, message: Json) -> None:
        """Show a message to one person only. Slack does not keep it in the channel."""
        self.whispers.append(message | {"channel": channel, "to": user})

    def forget(self, channel: str, message: Json) -> None:
        """Delete a message, or what only one person sees."""
        self.whispers = [one for one in self.whispers if one is not message]
        if self.channels[channel].messages.pop(message["ts"], None):
            where = self.channels[channel]
            self.announce_change(where, "message_deleted", deleted_ts=message["ts"], previous_message=message)
