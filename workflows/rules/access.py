"""[access]: who may do what, on the pages, in Slack, and on the card in Intercom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.rules.file import PERSON, PERSON_IS, Section

#: Each may do what those before it may; what that is: `workflows.people.may`.
ROLES = ("viewer", "agent", "operator")
KNOWN = {"access": {"operators", "agents", "everyone"}}


@dataclass(frozen=True)
class Access:
    """People by e-mail address (small letters) or Slack id, and the role of everybody else in the workspace."""

    operators: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    #: "" for nobody: whoever is not listed stays outside, and without this section everybody does.
    everyone: str = ""

    @property
    def has_operator(self) -> bool:
        """May anybody do what only operators may?"""
        return bool(self.operators) or self.everyone == "operator"

    @property
    def has_somebody(self) -> bool:
        """Is there anybody who may do anything?"""
        return bool(self.operators or self.agents or self.everyone)

    def role_of(self, id: str, email: str, colleagues: Mapping[str, str]) -> str:
        """What somebody may do; `colleagues`: Slack ids by e-mail address. "" for nothing at all."""
        names = {id.casefold(), email.casefold(), *(mail for mail, user in colleagues.items() if user == id)} - {""}
        if names & set(self.operators):
            return "operator"
        return "agent" if names & set(self.agents) and self.everyone != "operator" else self.everyone


def access(file: Section) -> dict[str, Any]:
    """What this section says, as a field of the rules."""
    section = file.section("access")
    operators, agents = _people(section, "operators"), _people(section, "agents")
    everyone = section.choice("everyone", Access.everyone, (*ROLES, ""))
    return {"access": Access(operators, agents, everyone)}


def _people(section: Section, name: str) -> tuple[str, ...]:
    people = tuple(person.strip() for person in section.texts(name, ()))
    for person in people:
        if not PERSON.fullmatch(person):
            section.wrong(name, f"has {person!r}; each must be {PERSON_IS}", item=person)
    return tuple(person.casefold() for person in people)
