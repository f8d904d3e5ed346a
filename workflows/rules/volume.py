"""[volume], [themes]: what enquiries are counted by, and how many accounts there are to count them against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.rules.file import Section

KNOWN: dict[str, set[str] | None] = {"volume": {"poll_minutes", "actives"}, "themes": None}
LONGEST_NAME = 60


@dataclass(frozen=True)
class Volume:
    """`poll_minutes`: how often a source that has to be asked is asked. `actives`: how many accounts are active, where
    nobody reports it day by day; 0 for nobody knows. `themes`: the words by which an enquiry is of a theme."""

    poll_minutes: int = 5
    actives: int = 0
    themes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def volume(file: Section) -> dict[str, Any]:
    """What of the rules these sections say."""
    section, usual = file.section("volume"), Volume()
    return {
        "volume": Volume(
            section.number("poll_minutes", usual.poll_minutes, 1, 1440),
            section.number("actives", usual.actives, 0, 1_000_000_000),
            _themes(file.section("themes")),
        )
    }


def _themes(section: Section) -> dict[str, tuple[str, ...]]:
    found = {name: tuple(section.texts(name, ())) for name in section.table}
    for name, words in found.items():
        if not name.strip() or len(name) > LONGEST_NAME:
            section.wrong(name, f"must be a name of 1 to {LONGEST_NAME} characters")
        if not words or not all(word.strip() for word in words):
            section.wrong(name, 'must be a list of the words that customers use for it, like ["invoice", "bill"]')
    return found
