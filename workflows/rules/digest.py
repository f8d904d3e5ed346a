"""[digest]: when digests are sent, and to whom beside those who chose them for themselves.

rules.digest.daily          # on the clock of whoever reads it
rules.digest.channel        # a channel in Slack; "" for none
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

from workflows.rules.chatwork import room_of
from workflows.rules.file import CHANNEL, CHANNEL_IS, EMAIL, EMAIL_IS, Section
from workflows.rules.meeting import time_of, weekday_of

KNOWN: dict[str, set[str] | None] = {"digest": {"daily", "weekly_day", "weekly", "channel", "room", "mail"}}


@dataclass(frozen=True)
class Digests:
    """When the two digests are due (0 is Monday), and the company's own: a channel, a room of `[chatwork.rooms]` by its
    name, addresses; each gets both. "" and () for none."""

    daily: time = time(9)
    weekly_day: int = 0
    weekly: time = time(9)
    channel: str = ""
    room: str = ""
    mail: tuple[str, ...] = ()


def digest(file: Section) -> dict[str, Any]:
    """What of the rules this section says."""
    section, usual = file.section("digest"), Digests()
    return {
        "digest": Digests(
            time_of(section, "daily", usual.daily),
            weekday_of(section, "weekly_day", usual.weekly_day),
            time_of(section, "weekly", usual.weekly),
            section.matching("channel", usual.channel, CHANNEL, CHANNEL_IS),
            room_of(section, file),
            _mail(section),
        )
    }


def _mail(section: Section) -> tuple[str, ...]:
    mail = tuple(dict.fromkeys(each.strip() for each in section.texts("mail", ())))
    for address in mail:
        if not EMAIL.fullmatch(address):
            section.wrong("mail", f"has {address!r}; each must be {EMAIL_IS}")
    return mail
