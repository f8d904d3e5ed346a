"""[chatwork] and [chatwork.rooms]: what the rules call the rooms in Chatwork, and which of them shows escalations."""

from __future__ import annotations

import re
from typing import Any

from workflows.rules.file import Section

KNOWN: dict[str, set[str] | None] = {"chatwork": {"escalation_room"}, "chatwork.rooms": None}
#: Rooms have whole numbers; larger ones are a slip of the pen.
LONGEST = 10**15
#: A name is used to name the room elsewhere, and in sentences.
NAME = re.compile(r"[^\s\[\]](?:[^\n\[\]]{0,58}[^\s\[\]])?")


def rooms(file: Section) -> dict[str, Any]:
    """What this section says, as a field of the rules: each room's number, as text, by its name."""
    section, found = file.section("chatwork").section("rooms"), dict[str, str]()
    for name in section.table:
        if not NAME.fullmatch(name):
            section.wrong(name, "must be a name of up to 60 characters without brackets, left of the =")
        number = str(section.number(name, 0, 1, LONGEST))
        if number in found.values():
            section.wrong(name, "is the same room as another one; name it once")
        found[name] = number
    return {"chatwork_rooms": found, "escalation_room": room_of(file.section("chatwork"), file, "escalation_room")}


def room_of(section: Section, file: Section, key: str = "room") -> str:
    """The name of a room that a section gives, which `[chatwork.rooms]` knows; "" for none."""
    name = section.written(key, "").strip()
    if name and name not in file.section("chatwork").section("rooms").table:
        section.wrong(key, "must be the name of a room in [chatwork.rooms]")
    return name
