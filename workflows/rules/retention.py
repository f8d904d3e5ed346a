"""[retention]: for how many days what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.rules.file import Section

KNOWN = {"retention": {"bodies", "keys", "messages", "contacts", "arguments", "enquiries"}}
#: Ten years; more is a slip of the pen.
LONGEST = 3650


@dataclass(frozen=True)
class Retention:
    """Days. Of the last four 0 means: as long as the row that it stands in."""

    #: Raw bodies of webhooks; and the keys that recognise a redelivery, with the runs that it began.
    bodies: int = 30
    keys: int = 90
    #: What was said in chats; names and addresses of people who have not written since; forms as they were sent.
    messages: int = 0
    contacts: int = 0
    arguments: int = 0
    #: What was said in conversations solved since, if neither a request nor an escalation came of them.
    enquiries: int = 0


def retention(file: Section) -> dict[str, Any]:
    """What this section says, as a field of the rules."""
    section, usual = file.section("retention"), Retention()
    bodies, keys = (section.number(name, getattr(usual, name), 1, LONGEST) for name in ("bodies", "keys"))
    kept = {name: section.number(name, 0, 0, LONGEST) for name in ("messages", "contacts", "arguments", "enquiries")}
    return {"retention": Retention(bodies, keys, **kept)}
