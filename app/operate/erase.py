"""`python -m app erase --conversation 215 --yes`: what a customer said is gone, or everything of one person."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from app.operate.operators import visit, wait
from app.operate.rights import who
from workflows.customer import erasing, erasures, reach
from workflows.customer.erasures import CHAT, PERSON
from workflows.customer.reach import Subject
from workflows.engine.store import store

ELSEWHERE = (
    "Their requests' notes in Productboard are rewritten, and search forgets it. What went to Slack, Chatwork, Jira "
    "or email stays there; the last sentence names where to look. The company stays."
)


def add_to(commands: Any) -> None:
    """Tell the parser about the command."""
    parser = commands.add_parser("erase", help="erase what a customer said; without --yes only says what would go")
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument(f"--{CHAT}", metavar="ID", help="a conversation, by its id at Intercom")
    whom.add_argument(f"--{PERSON}", metavar="ID", help="a person with all conversations, by their id at Intercom")
    parser.add_argument("--yes", action="store_true", help="do it; this cannot be undone")
    parser.set_defaults(command=erase)


def erase(options: argparse.Namespace) -> int:
    """List what will be erased and, with --yes, have the service do it; 1 if there is nothing of that id."""
    whom = Subject(CHAT, options.conversation) if options.conversation else Subject(PERSON, options.contact)
    with visit() as (_settings, console):
        if not store.read(partial(erasures.is_known, kind=whom.kind, id=whom.id)):
            print(f"Nothing is stored about the {whom.kind} {whom.id}.", file=sys.stderr)
            return 1
        _list(console, whom)
        if not options.yes:
            console.print("Nothing was erased. To do it: the same command with --yes.")
            return 0
        runs = store.write(partial(erasures.ask, kind=whom.kind, id=whom.id, by=who()))
        if not runs:
            console.print("It is being erased already.")
            return 0
        return wait(console, runs)


def _list(console: Console, whom: Subject) -> None:
    found = reach.of(whom)
    table = Table("what", "how many", box=None)
    for label, rows in store.read(partial(erasing.count, reach=found)).items():
        table.add_row(label, str(rows))
    console.print(table if table.row_count else "No words are left here.")
    console.print(ELSEWHERE)
