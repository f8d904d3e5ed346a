"""[enquiry], [clock], [skills]: where chats are shown in Slack, how soon somebody answers, who can be asked what.

rules.enquiry.channel_for(medium="chat", tier="Enterprise", language="ja", text="請求書が…", inbox="12")
rules.enquiry.target("first", "chat", "Enterprise")     # business minutes; 0 where none was set
rules.skills["billing"]                                 # ("sato@kanade.example", "U012AB3CD")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.rules.file import CHANNEL, CHANNEL_IS, PERSON, PERSON_IS, Section

#: How customers reach us, and the two answers that they wait for.
CHAT, MAIL, OTHER = MEDIA = ("chat", "mail", "other")
FIRST, NEXT = KINDS = ("first", "next")
#: What of a customer may stand in Slack.
FIELDS = NAME, COMPANY, TIER, TEXT = ("name", "company", "tier", "text")
CONDITIONS = ("media", "tiers", "languages", "inboxes", "words")
KNOWN: dict[str, set[str] | None] = {
    "enquiry": {"channel", "window", "window_names", "fields", "mask", "most_open"},
    "enquiry.channels": None,
    "clock": {"warn"},
    "clock.first": set(MEDIA),
    "clock.next": set(MEDIA),
    "clock.tiers": None,
    "skills": None,
}
#: Business minutes: a year of them is a slip of the pen.
LONGEST = 100_000
USUAL_TARGETS = {(FIRST, CHAT): 5, (FIRST, MAIL): 480, (NEXT, CHAT): 15, (NEXT, MAIL): 480}


@dataclass(frozen=True)
class Route:
    """A channel, and which enquiries it takes: all that meet each of its conditions. `names`: may customers' names
    stand there? None for as usual: only where nobody but colleagues reads along."""

    channel: str
    media: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    inboxes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    names: bool | None = None

    def takes(self, medium: str, tier: str, language: str, inbox: str, text: str) -> bool:
        """Does an enquiry meet each condition that is set?"""
        asked = ((self.media, medium), (self.tiers, tier), (self.languages, language), (self.inboxes, inbox))
        if any(wanted and given.casefold() not in map(str.casefold, wanted) for wanted, given in asked):
            return False
        return not self.words or any(word.casefold() in text.casefold() for word in self.words)


@dataclass(frozen=True)
class Enquiry:
    """`channel` takes what no route does ("" for none: then nothing is shown in Slack), and `window` all of it once
    more, to read along. `window_names`: may customers' names stand there? As `Route.names`.
    `fields`: what of a customer may stand in Slack; `mask`: addresses and numbers are hidden there.
    `most_open`: more open conversations than that are too many for one agent, 0 for no limit.

    `targets`: business minutes by KINDS and MEDIA, 0 for none; `tiers`: those of a tier come before. `warn`: at which
    percent of the time somebody is warned.
    """

    channel: str = ""
    window: str = ""
    routes: tuple[Route, ...] = ()
    fields: frozenset[str] = frozenset(FIELDS)
    mask: bool = True
    most_open: int = 4
    window_names: bool | None = None
    targets: Mapping[tuple[str, str], int] = field(default_factory=lambda: USUAL_TARGETS)
    tiers: Mapping[str, Mapping[tuple[str, str], int]] = field(default_factory=dict)
    warn: tuple[int, ...] = (50, 80, 100)

    def route_for(self, *, medium: str, tier: str, language: str, inbox: str, text: str) -> Route:
        """Where an enquiry is shown: the first route that takes it, in the file's order, else the usual channel."""
        taking = (route for route in self.routes if route.takes(medium, tier, language, inbox, text))
        return next(taking, Route(self.channel))

    def may_name(self, channel: str, *, others_read: bool = False) -> bool:
        """May customers' names stand in this channel? Where others read along, only if it says so."""
        said = self.names_in(channel)
        return NAME in self.fields and (not others_read if said is None else said)

    def names_in(self, channel: str) -> bool | None:
        """What is said of names in this channel; None for nothing."""
        of_routes = (route.names for route in self.routes if route.channel == channel)
        of_window = (self.window_names for window in (self.window,) if channel == window)
        return next((said for said in (*of_routes, *of_window) if said is not None), None)

    def target(self, kind: str, medium: str, tier: str) -> int:
        """Within how many business minutes somebody wants to answer; 0 where no target is set."""
        own = next((each for name, each in self.tiers.items() if name.casefold() == tier.casefold()), {})
        return own.get((kind, medium), self.targets.get((kind, medium), 0))


def enquiry(file: Section) -> dict[str, Any]:
    """What of the rules these sections say."""
    section, clock, usual = file.section("enquiry"), file.section("clock"), Enquiry()
    fields = section.texts("fields", FIELDS)
    for name in fields:
        if name not in FIELDS:
            section.wrong("fields", f"has {name!r}; each must be one of: {', '.join(FIELDS)}", item=name)
    made = Enquiry(
        section.matching("channel", "", CHANNEL, CHANNEL_IS),
        section.matching("window", "", CHANNEL, CHANNEL_IS),
        _routes(section.section("channels")),
        frozenset(fields),
        section.switch("mask", default=usual.mask),
        section.number("most_open", usual.most_open, 0, 1000),
        _names(section, "window_names"),
        {**USUAL_TARGETS, **_targets(clock)},
        _tiers(clock.section("tiers")),
        tuple(sorted(set(clock.numbers("warn", usual.warn, 1, 1000)))),
    )
    if made.window_names is not None and not made.window:
        section.wrong("window_names", "needs [enquiry] window, too: the channel that it is about")
    if made.routes and not made.channel:
        section.wrong("channels", "needs [enquiry] channel, too: where everything else is shown")
    return {"enquiry": made, "skills": _skills(file.section("skills"))}


def _routes(section: Section) -> tuple[Route, ...]:
    routes = []
    for name in section.table:
        if not CHANNEL.fullmatch(name):
            section.wrong(name, f"must be {CHANNEL_IS}")
        given = section.section(name)
        given.only({*CONDITIONS, "names"})
        wanted = {condition: tuple(given.texts(condition, ())) for condition in CONDITIONS}
        for medium in wanted["media"]:
            if medium not in MEDIA:
                given.wrong("media", f"has {medium!r}; each must be one of: {', '.join(MEDIA)}", item=medium)
        routes.append(Route(name, **wanted, names=_names(given)))
    return tuple(routes)


def _names(given: Section, name: str = "names") -> bool | None:
    return given.switch(name, default=True) if name in given.table else None


def _targets(clock: Section) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for kind in KINDS:
        given = clock.section(kind)
        given.only(MEDIA)
        found |= {(kind, medium): given.number(medium, 0, 0, LONGEST) for medium in given.table}
    return found


def _tiers(section: Section) -> dict[str, dict[tuple[str, str], int]]:
    found = {}
    for name in section.table:
        section.section(name).only(KINDS)
        found[name] = _targets(section.section(name))
    return found


def _skills(section: Section) -> dict[str, tuple[str, ...]]:
    """Who can be asked what."""
    found = {skill: tuple(section.texts(skill, ())) for skill in section.table}
    for skill, people in found.items():
        if not people:
            section.wrong(skill, "needs at least one person")
        for person in people:
            if not PERSON.fullmatch(person):
                section.wrong(skill, f"has {person!r}; each must be {PERSON_IS}", item=person)
    return found
