"""CSV files from the command line; `-` is standard input.

`owners import FILE`, `owners list`, `churn import FILE`, `flag NAME FILE`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.operate.operators import visit
from app.operate.terminal import inert
from workflows.customer import imports, owners, sheets
from workflows.engine.store import store
from workflows.escalation import gaps
from workflows.language.wording import say
from workflows.telling import flags

#: Lines with a mistake that are told one by one.
TOLD = 50


def add_to(commands: Any) -> None:
    """Tell the parser about every command."""
    parser = commands.add_parser("owners", help="who owns which company: import a CSV file, or list")
    actions = parser.add_subparsers(required=True, metavar="action")
    _importing(actions, imports.OWNERS, "columns: company_id or company; owner, deputy, manager (e-mail or Slack id)")
    actions.add_parser("list", help="account owners, gaps first").set_defaults(command=listed)
    churn = commands.add_parser("churn", help="churned companies: import a CSV file")
    _importing(
        churn.add_subparsers(required=True, metavar="action"),
        imports.CHURN,
        "columns: company_id or company; churned_on",
    )
    flag = commands.add_parser("flag", help="the companies that have a flag: a CSV file, an id or a name on each line")
    flag.add_argument("name", metavar="NAME")
    flag.set_defaults(command=switch_on)
    _file_of(flag)


def _importing(actions: Any, kind: imports.Kind, text: str) -> None:
    command = actions.add_parser("import", help=text)
    command.set_defaults(command=bring_in, kind=kind)
    _file_of(command)


def _file_of(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE")
    command.add_argument("--dry-run", action="store_true", help="show errors, and save nothing")


def switch_on(options: argparse.Namespace) -> int:
    """Import the list of a flag's companies; 2 where that is no name of one, else as `bring_in`."""
    try:
        options.kind = flags.list_of(options.name)
    except sheets.Unreadable as error:
        return _unreadable(error)
    return bring_in(options)


def bring_in(options: argparse.Namespace) -> int:
    """Import a file; 1 if a line of it was left out, 2 if nothing of it can be read."""
    try:
        data = sys.stdin.buffer.read(sheets.LARGEST + 1) if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        print(f"{options.file} cannot be read: {error.strerror}.", file=sys.stderr)
        return 2
    with visit() as (_settings, console):
        try:
            checked = imports.check(options.kind, sheets.decoded(data))
        except sheets.Unreadable as error:
            return _unreadable(error)
        _tell(console, checked)
        if options.dry_run:
            console.print(f"Rows that can be imported: {len(checked.good)}.")
        else:
            console.print(f"Rows imported: {_keep(console, checked)}.")
        return 1 if checked.bad else 0


def _unreadable(error: sheets.Unreadable) -> int:
    print(inert(say("en", error.sentence, **error.facts)), file=sys.stderr)
    return 2


def _tell(console: Console, checked: imports.Checked) -> None:
    if checked.ignored:
        console.print(f"Columns that are ignored: {', '.join(checked.ignored)}")
    for line in checked.bad[:TOLD]:
        said = f"row {line.number}: {say('en', line.wrong, **line.facts)} {line.company_id or line.company}"
        console.print(said.rstrip(), soft_wrap=True)
    if len(checked.bad) > TOLD:
        console.print(f"… and {len(checked.bad) - TOLD} more rows with errors.")


def _keep(console: Console, checked: imports.Checked) -> int:
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("keeping", total=len(checked.good))
        return imports.keep(checked, "operator", lambda kept, of: progress.update(bar, completed=kept, total=of))


def listed(_: argparse.Namespace) -> int:
    """Print the gaps, then who answers for which company."""
    with visit() as (_settings, console):
        for gap in store.read(gaps.gaps):
            console.print(f"{gap.why}: {gap.company_id or '-'} {gap.company} ({gap.escalations})")
        table = Table("company_id", "company", *owners.ROLES, box=None)
        for row in store.read(owners.listed):
            people = [row.people.get(role, ("", "")) for role in owners.ROLES]
            table.add_row(row.company_id, row.company, *(_from(*known) for known in people))
        console.print(table if table.row_count else "No account owners are registered.")
    return 0


def _from(person: str, origin: str) -> str:
    return f"{person} ({origin})" if person else ""
