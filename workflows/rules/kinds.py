"""[kinds.…]: who hears of the requests of one kind (要望, 不具合, 文言, 質問), and of what.

rules.kinds["wording"].channel      # "" for none of its own
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.rules.file import CHANNEL, CHANNEL_IS, PERSON, PERSON_IS, Section

#: What they may hear of: a request was filed, the meeting decided something about it, it is available.
NEW, CONCLUDED, RELEASED = NEWS = ("new", "concluded", "released")


@dataclass(frozen=True)
class Hearers:
    """A channel ("" for none), which takes the place of the support channel for this kind's news, and people (e-mail
    addresses or Slack ids); `hear`: of which NEWS."""

    channel: str = ""
    people: tuple[str, ...] = ()
    hear: tuple[str, ...] = NEWS

    @property
    def places(self) -> tuple[str, ...]:
        """Everybody who hears, the channel first."""
        return tuple(filter(None, (self.channel, *self.people)))


def kinds(file: Section, known: tuple[str, ...], tags: Mapping[str, str]) -> dict[str, Any]:
    """What these sections say, by the kind, as a field of the rules. A section is called by a kind, or by a tag."""
    sections, found = file.section("kinds"), dict[str, Hearers]()
    for name in sections.table:
        kind = name if name in known else tags.get(name, "")
        if not kind:
            sections.wrong(name, f"is no kind of request; known are: {', '.join((*known, *tags))}")
        if kind in found:
            sections.wrong(name, "means a kind that another section names already")
        found[kind] = _hearers(sections.section(name))
    return {"kinds": found}


def _hearers(section: Section) -> Hearers:
    section.only({"channel", "people", "hear"})
    people, hear = section.texts("people", ()), section.texts("hear", NEWS)
    for person in people:
        if not PERSON.fullmatch(person):
            section.wrong("people", f"has {person!r}; each must be {PERSON_IS}", item=person)
    for news in hear:
        if news not in NEWS:
            section.wrong("hear", f"has {news!r}; each must be one of: {', '.join(NEWS)}", item=news)
    channel = section.matching("channel", "", CHANNEL, CHANNEL_IS)
    if not channel and not people:
        section.wrong("", "needs a channel, or people")
    return Hearers(channel, tuple(people), tuple(hear))
