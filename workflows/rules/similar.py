"""[similar]: who finds similar requests; and [synonyms]: what customers of this company call the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.rules.file import Section

#: Both encoders, the small one alone, or words that two requests share. What is not installed is replaced by the next.
ENGINES = FULL, LIGHT, WORDS = ("full", "light", "words")
KNOWN: dict[str, set[str] | None] = {"similar": {"engine", "numbers"}, "synonyms": None}


@dataclass(frozen=True)
class Similar:
    """`numbers`: the three that make a probability of a likeness, as `app similar fit` printed them; () for those that
    the encoders came with. `synonyms`: for each word, the other words that mean it here."""

    engine: str = FULL
    numbers: tuple[float, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def similar(file: Section) -> dict[str, Any]:
    """What of the rules these sections say."""
    section = file.section("similar")
    engine = section.choice("engine", FULL, ENGINES)
    return {"similar": Similar(engine, _numbers(section), _synonyms(file.section("synonyms")))}


def _numbers(section: Section) -> tuple[float, ...]:
    said = section.table.get("numbers", [])
    is_right = isinstance(said, list) and all(type(each) in (int, float) and abs(each) < 100 for each in said)
    if not is_right or len(said) not in (0, 3):
        section.wrong("numbers", "must be the three numbers that “python -m app similar fit” prints")
    return tuple(map(float, said))


def _synonyms(section: Section) -> dict[str, tuple[str, ...]]:
    found = {word: tuple(section.texts(word, ())) for word in section.table}
    for word, others in found.items():
        if not word.strip() or not others or not all(other.strip() for other in others):
            section.wrong(word, 'must be a list of the other words for it, like ["timecard"]')
    return found
