"""What each command does, in the words of `people.may`; who types it is at the machine, and is kept by that name."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from workflows.people import may
from workflows.people.deeds import COMMAND, Act
from workflows.people.person import OPERATOR, Person

OPERATING = ("init", "run", "worker", "migrate", "demo", "smoke", "check", "backup", "restore", "say_so", "similar")
#: By the function that carries the command out.
DEEDS = {
    **dict.fromkeys(OPERATING, may.OPERATE),
    **dict.fromkeys(("deliveries", "find", "trace", "dead", "listed", "politeness"), may.READ),
    **dict.fromkeys(("list_proposals", "list_hours"), may.READ),
    **dict.fromkeys(("login", "logins"), may.SESSIONS),
    "subscribe": may.CHECK,
    "replay": may.REPLAY,
    "reconcile": may.RECONCILE,
    "link": may.CORRECT,
    **dict.fromkeys(("bring_actives", "count_known", "give_up"), may.IMPORT),
    **dict.fromkeys(("bring_in", "switch_on", "bring_past", "file_proposals", "bring_counts"), may.IMPORT),
    "erase": may.ERASE,
    "export": may.EXPORT,
}


def act(command: str, arguments: Sequence[str]) -> Act:
    """Whoever is at the machine is at this command."""
    return Act(who(), DEEDS[command], COMMAND, about=" ".join(arguments))


def who() -> Person:
    """The account of the system under which the command runs."""
    try:
        return Person(OPERATOR, getpass.getuser())
    except (KeyError, OSError):  # a container may run as a number that has no name
        return Person(OPERATOR, OPERATOR)
