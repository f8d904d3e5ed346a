"""A person: whoever does something by hand, on a page or in Slack."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.slack import is_person
from workflows.engine.vendors import vendors
from workflows.people import agents, colleagues

#: Who comes in by a one-time address, or types a command: somebody at the machine itself.
OPERATOR = "operator"

#: Stands for the Slack id of somebody whom Slack does not know.
STRANGER = "?"


@dataclass(frozen=True)
class Person:
    """Somebody of the company. `id` is what is kept: a Slack id, or an account's where there is none."""

    id: str
    name: str
    email: str = ""
    slack_id: str = ""


def somebody(user_id: str) -> Person:
    """Who somebody in Slack is, by name."""
    known = colleagues.met(user_id)
    return Person(user_id, known.name or user_id, known.email, user_id)


def teammate(admin_id: str, name: str, email: str) -> Person:
    """A teammate in Intercom, whom Slack has to know by their address: else nobody who may do anything.

    Where Slack is off, their address alone says who they are. Raises Trouble where Slack does not answer.
    """
    in_slack = colleagues.with_address(email) if vendors.slack is not None else ""
    return Person(admin_id, name or admin_id, email, in_slack or (STRANGER if vendors.slack is not None else ""))


def reach(taken_by: str) -> tuple[str, str]:
    """The Slack id of whoever took a wish, and their name; "" where they are not in Slack, or not here any more."""
    if is_person(taken_by):
        known = colleagues.met(taken_by)
        return ("" if known.left else taken_by), known.name
    agent = agents.named(taken_by) if taken_by else None
    return (colleagues.find(agent.email) if agent and agent.email else ""), agent.name if agent else ""


def ids_of(person: Person) -> tuple[str, ...]:
    """Under which ids somebody takes wishes and promises things: their own, in Slack, and in Intercom."""
    found = (person.id, person.slack_id, agents.with_address(person.email))
    return tuple(dict.fromkeys(id for id in found if id and id != STRANGER))
