"""[release] gate, [release.projects]: what has to happen before a finished issue is available to customers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from workflows.rules.file import Section

KNOWN: dict[str, set[str] | None] = {"release": {"declined", "gate"}, "release.projects": None}
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


def gate(file: Section) -> dict[str, Any]:
    """What these sections say, as a field of the rules."""
    section = file.section("release")
    projects = section.section("projects")
    for name in projects.table:
        if not PROJECT.fullmatch(name):
            projects.wrong(name, 'must be the key of a project in Jira, such as "KNDE", left of the =')
    chosen = {name: projects.choice(name, DONE, GATES) for name in projects.table}
    return {"gate": Gate(section.choice("gate", DONE, GATES), chosen)}
