"""`python -m app import counts | actives | counted | over`: what is counted, out of files and out of what is here.

import counts FILE --source NAME      at,n[,theme]: how many came in in each quarter hour, as another tool says
import actives FILE                   day,n: how many accounts were active
import counted                        conversations that were here before they were counted
import over --source NAME             a tool tells no more, and is not waited for
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from app.operate.operators import visit
from app.operate.terminal import inert
from integrations.counts.events import named
from workflows.customer import sheets
from workflows.engine.store import store
from workflows.enquiry import counted
from workflows.language.wording import say
from workflows.people import deeds
from workflows.rules import rules
from workflows.volume import files, sources
from workflows.volume.files import Wrong
from workflows.volume.reports import Told

#: Lines with a mistake that are told one by one.
TOLD = 50
NO_SOURCE = "“{name}” is no name of a tool: up to 40 of a-z, 0-9, _ and -, and neither intercom nor zendesk."
NOTHING_KEPT = "Rows with errors: {n}. Nothing was imported."
UNKNOWN = "No source of counts is called {name}."
OVER = "{name} is not waited for any more. What it told stays; it counts again once it tells something."
COUNTED = "Counted: {n} conversations that were here before. All that came to Intercom since {day} is known."
COUNTED_PART = "Counted: {n} conversations that were here before."


def add_to(actions: Any) -> None:
    """Tell the parser of `import` about every command."""
    counts = actions.add_parser("counts", help="how many enquiries came to another tool: a CSV file, at,n[,theme]")
    counts.set_defaults(command=bring_counts)
    _source_of(counts)
    actives = actions.add_parser("actives", help="how many accounts were active: a CSV file, day,n")
    actives.set_defaults(command=bring_actives)
    for command in (counts, actives):
        command.add_argument("file", metavar="FILE", help="- is standard input")
        command.add_argument("--dry-run", action="store_true", help="show errors, and save nothing")
    text = "count conversations that were here before conversations were counted"
    actions.add_parser("counted", help=text).set_defaults(command=count_known)
    over = actions.add_parser("over", help="a tool tells no more counts, and is not waited for")
    over.set_defaults(command=give_up)
    _source_of(over)


def _source_of(command: argparse.ArgumentParser) -> None:
    command.add_argument("--source", required=True, metavar="NAME", help="what the tool is called")


def bring_counts(options: argparse.Namespace) -> int:
    """Import a file of quarter hours; 1 if a line of it is wrong, 2 if nothing of it can be read."""
    if not named(options.source):
        print(inert(NO_SOURCE.format(name=options.source)), file=sys.stderr)
        return 2
    return _bring(options, "Quarter hours", files.counts_in, partial(_keep, options.source))


def _keep(source: str, console: Console, told: Sequence[Told]) -> None:
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("keeping", total=len(told))
        files.keep_counts(source, told, lambda kept, of: progress.update(bar, completed=kept, total=of))


def bring_actives(options: argparse.Namespace) -> int:
    """Import a file of days; 1 if a line of it is wrong, 2 if nothing of it can be read."""
    return _bring(options, "Days", files.actives_in, lambda _, told: files.keep_actives(told))


def _bring(
    options: argparse.Namespace, what: str, read: Callable[[str], Any], keep: Callable[[Console, Any], object]
) -> int:
    """All of a file, or nothing of it."""
    data = _data(options.file)
    if data is None:
        return 2
    with visit() as (_settings, console):
        try:
            found = read(sheets.decoded(data))
        except sheets.Unreadable as error:
            return _unreadable(error)
        if _tell(console, found.wrong, found.ignored):
            return 1
        if not options.dry_run:
            deeds.finish()
            keep(console, found.told)
        console.print(f"{what} {'that can be ' if options.dry_run else ''}imported: {len(found.told)}.")
        return 0


def _data(file: str) -> bytes | None:
    try:
        return sys.stdin.buffer.read(sheets.LARGEST + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        print(f"{file} cannot be read: {error.strerror}.", file=sys.stderr)
        return None


def _unreadable(error: sheets.Unreadable) -> int:
    print(inert(say("en", error.sentence, **error.facts)), file=sys.stderr)
    return 2


def _tell(console: Console, wrong: Sequence[Wrong], ignored: Sequence[str]) -> bool:
    """Say which lines are wrong; True where there are any."""
    if ignored:
        console.print(f"Columns that are ignored: {', '.join(ignored)}")
    for line in wrong[:TOLD]:
        console.print(f"row {line.number}: {say('en', line.sentence, **line.facts)}", soft_wrap=True)
    if len(wrong) > TOLD:
        console.print(f"… and {len(wrong) - TOLD} more rows with errors.")
    if wrong:
        console.print(NOTHING_KEPT.format(n=len(wrong)))
    return bool(wrong)


def count_known(_: argparse.Namespace) -> int:
    """Count the conversations that were here before they were counted."""
    with visit() as (_settings, console):
        deeds.finish()
        n, since = counted.count()
        day = rules.calendar.local(since).date() if since is not None else None
        console.print(COUNTED.format(n=f"{n:,}", day=day) if day else COUNTED_PART.format(n=f"{n:,}"))
    return 0


def give_up(options: argparse.Namespace) -> int:
    """Wait for a tool no more; 1 if there is none of that name."""
    with visit() as (_settings, console):
        deeds.finish()
        is_known = store.write(partial(sources.end, name=options.source))
        console.print((OVER if is_known else UNKNOWN).format(name=options.source))
        return 0 if is_known else 1
