"""[release] gate, [release.projects]: what has to happen before a finished issue is available to customers.

[telling]: how a draft that a person approved goes out to the customer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from workflows.rules.choices import LEVELS
from workflows.rules.file import Section

KNOWN: dict[str, set[str] | None] = {
    "release": {"declined", "gate"},
    "release.projects": None,
    "telling": {
        *("undo_seconds", "at_any_hour", "lead_temperature", "lead_tiers", "tell_owners"),
        *("per_day", "open_per_day", "open_at_any_hour", "gather_days", "tag"),
    },
}
#: A finished issue is available at once; or only when a version, a hook, a date or a person says so.
DONE, RELEASE = GATES = ("done", "release")
#: What account owners may hear of.
RELEASED, DECLINED, WITHDRAWN = NEWS = ("released", "declined", "withdrawn")
#: More than anybody writes in a day is a slip of the pen.
MOST_A_DAY = 10_000
#: The key of a project in Jira.
PROJECT = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Gate:
    """What a finished issue waits for: usually, and in the projects (by key) that are named."""

    usual: str = DONE
    projects: dict[str, str] = field(default_factory=dict)

    def holds(self, project: str) -> bool:
        """Does a finished issue of this project wait for its release?"""
        return self.projects.get(project, self.usual) == RELEASE


@dataclass(frozen=True)
class Sending:
    """How what was approved goes out. `undo_seconds`: it can be taken back so long; `at_any_hour`: also at night and on
    closed days. A lead approves as well where the customer was that angry, or their company has one of these plans.
    `tell_owners`: of which NEWS for their companies account owners hear. `tag`: what Intercom shows on conversations
    that we reopened, so that its reports can leave them out; "" for no tag.

    No noise, 0 for no limit: so many messages a day go out in one teammate's name (`per_day`), and so many
    conversations a day come back to one agent because of releases (`open_per_day`; `open_at_any_hour`: also at night
    and on holidays). What becomes available to one person within `gather_days` is told in one message.
    """

    undo_seconds: int = 30
    at_any_hour: bool = False
    lead_temperature: str = ""
    lead_tiers: tuple[str, ...] = ()
    tell_owners: tuple[str, ...] = ()
    per_day: int = 0
    open_per_day: int = 0
    open_at_any_hour: bool = True
    gather_days: int = 0
    tag: str = ""


def sending(file: Section) -> dict[str, Any]:
    """What [telling] says, as a field of the rules."""
    section, usual = file.section("telling"), Sending()
    return {
        "sending": Sending(
            section.number("undo_seconds", usual.undo_seconds, 0, 3600),
            section.choice("at_any_hour", "no", ("no", "yes")) == "yes",
            section.choice("lead_temperature", "", ("", *LEVELS)),
            tuple(section.texts("lead_tiers", ())),
            _tell_owners(section),
            section.number("per_day", usual.per_day, 0, MOST_A_DAY),
            section.number("open_per_day", usual.open_per_day, 0, MOST_A_DAY),
            section.choice("open_at_any_hour", "yes", ("no", "yes")) == "yes",
            section.number("gather_days", usual.gather_days, 0, 60),
            _tag(file, section),
        )
    }


def _tell_owners(section: Section) -> tuple[str, ...]:
    """A list of news; "yes" was the way to say releases alone, "no" to say none."""
    if isinstance(section.table.get("tell_owners"), str):
        return (RELEASED,) if section.choice("tell_owners", "no", ("no", "yes")) == "yes" else ()
    chosen = section.texts("tell_owners", ())
    for name in chosen:
        if name not in NEWS:
            section.wrong("tell_owners", f"has {name!r}; each must be one of: {', '.join(NEWS)}", item=name)
    return tuple(dict.fromkeys(chosen))


def _tag(file: Section, section: Section) -> str:
    """The tag of what we reopened. One that files requests would file each of these conversations anew."""
    tag = section.written("tag", Sending().tag).strip()
    if tag.casefold() in {name.casefold() for name in file.section("tags").table}:
        section.wrong("tag", "must be another tag than those in [tags], which file requests")
    return tag


def gate(file: Section) -> dict[str, Any]:
    """What these sections say, as a field of the rules."""
    section = file.section("release")
    projects = section.section("projects")
    for name in projects.table:
        if not PROJECT.fullmatch(name):
            projects.wrong(name, 'must be the key of a project in Jira, such as "KNDE", left of the =')
    chosen = {name: projects.choice(name, DONE, GATES) for name in projects.table}
    return {"gate": Gate(section.choice("gate", DONE, GATES), chosen)}
