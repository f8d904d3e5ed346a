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
    "telling": {"undo_seconds", "at_any_hour", "lead_temperature", "lead_tiers", "tell_owners", "tag"},
}
#: A finished issue is available at once; or only when a version, a hook, a date or a person says so.
DONE, RELEASE = GATES = ("done", "release")
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
    `tell_owners`: account owners hear what has become available to their companies. `tag`: what Intercom shows on the
    conversations that we reopened, so that its reports can leave them out; "" for no tag."""

    undo_seconds: int = 30
    at_any_hour: bool = False
    lead_temperature: str = ""
    lead_tiers: tuple[str, ...] = ()
    tell_owners: bool = False
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
            section.choice("tell_owners", "no", ("no", "yes")) == "yes",
            _tag(file, section),
        )
    }


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
