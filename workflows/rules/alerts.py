"""[alerts]: where it is told that unusually many write, or nobody, and how often that may happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.rules.chatwork import room_of
from workflows.rules.file import CHANNEL, CHANNEL_IS, Section

KNOWN: dict[str, set[str] | None] = {"alerts": {"channel", "room", "per_week", "ceiling", "silence", "themes"}}
#: Alerts a week that may be wished for; more are read by nobody.
MOST = 20


@dataclass(frozen=True)
class Alerts:
    """`channel` in Slack and `room`, the name of one in `[chatwork.rooms]`, hear of it; without both they are off.

    `per_week`: how often the past would have alarmed, each of too many, too few, and by themes. `ceiling`: so many in
    half an hour alarm whatever is usual; 0 for none. `silence`: is it told that unusually few write? `themes`: are
    themes watched by themselves?
    """

    channel: str = ""
    room: str = ""
    per_week: int = 1
    ceiling: int = 0
    silence: bool = True
    themes: bool = True

    @property
    def on(self) -> bool:
        """Is there anybody to tell?"""
        return bool(self.channel or self.room)


def alerts(file: Section) -> dict[str, Any]:
    """What of the rules this section says."""
    section, usual = file.section("alerts"), Alerts()
    return {
        "alerts": Alerts(
            section.matching("channel", usual.channel, CHANNEL, CHANNEL_IS),
            room_of(section, file),
            section.number("per_week", usual.per_week, 1, MOST),
            section.number("ceiling", usual.ceiling, 0, 1_000_000),
            section.switch("silence", default=usual.silence),
            section.switch("themes", default=usual.themes),
        )
    }
