"""`python -m app import`: the past out of Intercom, silently; and wishes out of the tags of then, after a look.

import intercom --since DAY [--budget PERCENT] [--dry]      go on where it was, until it is here
import proposals [--since DAY] [--csv]                       old tagged messages that became no wish
import file CHAT/PART … | --all                              file them, as if they had been tagged now
import hours                                                 see `hours.py`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from app.operate import counting, hours
from app.operate.operators import visit, wait
from integrations.contract import Trouble
from integrations.intercom import IntercomClient
from workflows.customer import sheets
from workflows.engine.durable import spawn
from workflows.engine.vendors import vendors
from workflows.enquiry import past, proposals
from workflows.enquiry.past import Far
from workflows.enquiry.proposals import Proposal
from workflows.measure import past_ratings
from workflows.people import deeds
from workflows.rules import rules

#: Percent of Intercom's limit, unless somebody says otherwise; and letters of a message in a table.
BUDGET, SHOWN = 50, 60
#: Runs that are waited for at once.
TOGETHER = 20
OFF = "Intercom is not configured."
STOPPED = "Stopped: {why}. Nothing is lost; the same command goes on from here."
TO_IMPORT = "{n} conversations to import since {day}, in {time} at {budget}% of Intercom's limit. Nothing was imported."
ALREADY = "Everything that began since {day} has been imported."
IMPORTED = "Imported: {n} conversations with {messages} messages since {day}."
LONGER = "Of {n} of them only the newest 500 parts: Intercom tells no more of a conversation."
KEPT_SINCE = "[retention] keeps messages for {n} days only: older conversations are left out."
NO_PROPOSAL = "“{id}” is no CHAT/PART: python -m app import proposals lists them."
COLUMNS = ("chat/part", "tag", "text", "company", "day")


def add_to(commands: Any) -> None:
    """Tell the parser about every command."""
    parser = commands.add_parser("import", help="bring past conversations out of Intercom; file what was tagged then")
    actions = parser.add_subparsers(required=True, metavar="action")
    bringing = actions.add_parser("intercom", help="conversations, contacts and companies since a day, silently")
    bringing.add_argument("--since", type=date.fromisoformat, required=True, metavar="2025-01-01")
    bringing.add_argument("--dry", action="store_true", help="only say how many there are, and how long it takes")
    bringing.set_defaults(command=bring_past)
    _budget(bringing)
    listing = actions.add_parser("proposals", help="messages that were tagged in the past and have become no request")
    listing.add_argument("--csv", action="store_true", help="as a CSV file, on standard output")
    listing.set_defaults(command=list_proposals)
    filing = actions.add_parser("file", help="file them: CHAT/PART as they are listed, or all")
    filing.add_argument("id", nargs="*", metavar="CHAT/PART")
    filing.add_argument("--all", action="store_true", help="every proposal")
    filing.set_defaults(command=file_proposals)
    hours.add_to(actions)
    for command in (listing, filing):
        command.add_argument("--since", type=date.fromisoformat, default=None, metavar="2025-01-01")
        _budget(command)
    counting.add_to(actions)


def _budget(command: argparse.ArgumentParser) -> None:
    text = "how much of Intercom's limit of 10,000 calls a minute it may use, in percent"
    command.add_argument("--budget", type=int, choices=range(1, 101), default=BUDGET, metavar="1-100", help=text)


@contextmanager
def _intercom(options: argparse.Namespace) -> Iterator[tuple[IntercomClient | None, Console]]:
    """Intercom, within the budget; None, and a word to whoever typed it, where it is off."""
    with visit() as (_settings, console):
        if vendors.intercom is None:
            print(OFF, file=sys.stderr)
        yield vendors.intercom and vendors.intercom.within(options.budget), console


def _carefully(work: Callable[[], int]) -> int:
    """1 where Intercom does not answer, or refuses."""
    try:
        return work()
    except Trouble as trouble:
        print(STOPPED.format(why=str(trouble).rstrip(".")), file=sys.stderr)
        return 1


def _moment(day: date | None) -> int:
    return rules.calendar.moment(day) // 1000 if day else 0


# -- the past -------------------------------------------------------------------------------------


def bring_past(options: argparse.Namespace) -> int:
    """Bring what is not here yet, or with --dry say how much that is; 1 if it had to stop before the end."""
    with _intercom(options) as (client, console):
        if client is None:
            return 1
        since = _moment(options.since)
        if past.kept_since(since) > since:
            console.print(KEPT_SINCE.format(n=rules.retention.messages))
        return _carefully(partial(_count if options.dry else _bring, console, client, options))


def _count(console: Console, client: IntercomClient, options: argparse.Namespace) -> int:
    n = past.waiting(client, _moment(options.since))
    least = _time(past.least_seconds(n, options.budget))
    told = TO_IMPORT.format(n=f"{n:,}", day=options.since, time=least, budget=options.budget)
    console.print(told if n else ALREADY.format(day=options.since))
    return 0


def _bring(console: Console, client: IntercomClient, options: argparse.Namespace) -> int:
    with _shown(console) as tell:
        far = past.bring(client, _moment(options.since), tell, also=past_ratings.keep)
    deeds.finish()
    console.print(IMPORTED.format(n=f"{far.done:,}", messages=f"{far.messages:,}", day=options.since))
    if far.longer:
        console.print(LONGER.format(n=f"{far.longer:,}"))
    return 0


@contextmanager
def _shown(console: Console) -> Iterator[Callable[[Far], None]]:
    """A bar on a terminal; elsewhere a line for every percent."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Counting", total=None)
        yield lambda far: progress.update(bar, description=line(far), completed=far.done, total=far.of)


class _Lines:
    """Tells how far it is, in lines."""

    def __init__(self, console: Console) -> None:
        self._console, self._told = console, -1

    def __call__(self, far: Far) -> None:
        percent = 100 * far.done // max(1, far.of)
        if percent != self._told:
            self._told = percent
            self._console.print(f"{percent}%  {line(far)}")


def line(far: Far) -> str:
    """How far it is, and how long the rest will take."""
    return f"{far.done:,} of {far.of:,} conversations, {_time(far.seconds_left)} left"


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"about {minutes} min"
    return f"about {minutes / 60:.1f} h"


# -- wishes of then -------------------------------------------------------------------------------


def list_proposals(options: argparse.Namespace) -> int:
    """List what was tagged in the past and has become no wish; 1 if Intercom does not answer."""
    with _intercom(options) as (client, console):
        return 1 if client is None else _carefully(partial(_list, console, client, options))


def _list(console: Console, client: IntercomClient, options: argparse.Namespace) -> int:
    found = list(proposals.proposals(client, _moment(options.since)))
    if options.csv:
        sys.stdout.buffer.write(sheets.write(COLUMNS, found))
        return 0
    table = Table(*COLUMNS, box=None)
    for each in found:
        table.add_row(*each._replace(text=_short(each.text)))
    console.print(table if found else "No message with a tag from [tags] is left to file.")
    return 0


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"


def file_proposals(options: argparse.Namespace) -> int:
    """Let the service file those named, or all; 1 if it or Intercom does not answer, 2 if nothing is named."""
    if bool(options.id) == options.all:
        print("Name what to file, or --all: python -m app import proposals lists it.", file=sys.stderr)
        return 2
    with _intercom(options) as (client, console):
        return 1 if client is None else _carefully(partial(_file, console, client, options))


def _file(console: Console, client: IntercomClient, options: argparse.Namespace) -> int:
    try:
        runs = proposals.runs(options.id or _ids(proposals.proposals(client, _moment(options.since))))
    except ValueError as error:
        print(NO_PROPOSAL.format(id=error), file=sys.stderr)
        return 2
    for first in range(0, len(runs), TOGETHER):
        some = runs[first : first + TOGETHER]
        spawn(some)
        if wait(console, [run.id for run in some]):
            return 1
    console.print(f"Conversations looked through: {len(runs)}.")
    return 0


def _ids(found: Iterator[Proposal]) -> Sequence[str]:
    return [each.id for each in found]
