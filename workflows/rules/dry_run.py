"""[dry_run]: which stories decide everything and write nothing, so that a team can look before it trusts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.rules.file import Section

#: What can run dry by itself, by the name that the file gives it, and in words.
STORIES = {
    "feedback": "Requests and background",
    "meeting": "Meeting",
    "conclusion": "Decisions",
    "release": "Releases",
    "escalation": "Escalations",
    "survey": "Surveys",
    "digest": "Digests",
    "alert": "Alerts",
}
KNOWN: dict[str, set[str] | None] = {"dry_run": {"on", "stories"}}


@dataclass(frozen=True)
class DryRun:
    """`on`: the whole service runs dry; else these `stories` do."""

    on: bool = False
    stories: tuple[str, ...] = ()

    def covers(self, story: str) -> bool:
        """Does a story run dry? One that has no name here ("") only with the whole service."""
        return self.on or story in self.stories

    def __bool__(self) -> bool:
        """Does anything run dry?"""
        return self.on or bool(self.stories)


def dry_run(file: Section) -> dict[str, Any]:
    """What of the rules this section says."""
    section = file.section("dry_run")
    stories = tuple(dict.fromkeys(section.texts("stories", ())))
    for story in stories:
        if story not in STORIES:
            section.wrong("stories", f"has {story!r}; each must be one of: {', '.join(STORIES)}", item=story)
    return {"dry_run": DryRun(section.switch("on", default=False), stories)}
