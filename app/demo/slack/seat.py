"""A seat in Slack: what one person of the demo has read, and what Slack told them last.

The twin knows what Slack knows. What is here is only between a person and their screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.slack.twin.door import Screen


@dataclass
class Seat:
    """Where one person sits."""

    #: The newest ts that was seen, by channel.
    read: dict[str, str] = field(default_factory=dict)
    #: What Slack or the demo said to the last thing done, and whether it went wrong.
    told: str = ""
    failed: bool = False
    #: Complaints under the fields of the view `view`, by block_id.
    errors: dict[str, str] = field(default_factory=dict)
    view: str = ""
    #: What was typed into a menu and is offered there, by block_id: shown where no script does it.
    typed: dict[str, str] = field(default_factory=dict)
    found: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    #: The steps of workflows that they started, oldest first.
    steps: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Something else is done now."""
        self.told, self.failed, self.errors, self.view = "", False, {}, ""
        self.typed, self.found = {}, {}

    def hear(self, screen: Screen) -> None:
        """What is seen after it was done."""
        self.told, self.failed = screen.error, bool(screen.error)
        self.errors, self.view = screen.errors, str((screen.view or {}).get("id", ""))

    def see(self, channel: str, ts: str) -> None:
        """The channel is on the screen, as far as this message."""
        self.read[channel] = max(self.read.get(channel, ""), ts)
