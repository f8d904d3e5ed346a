"""What operators do from the command line, beside the running service: look, search, trace, replay, reconcile, link."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.door.replay import replay as replay_one
from app.operate.terminal import Terminal
from app.runtime import Runtime
from app.settings import Settings, load
from workflows import upkeep
from workflows.engine.durable import child, spawn
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.language.wording import say
from workflows.language.wording import time as clock
from workflows.overview import deliveries as inbox
from workflows.people import deeds
from workflows.rules import rules
from workflows.search import search
from workflows.search.documents import KINDS
from workflows.tables.runs import Delivery, Run
from workflows.wish import wishes

#: How long a command waits for the service to work off what it started, in seconds.
PATIENCE = 120.0


def add_to(commands: Any) -> None:
    """Tell the parser about every command."""
    listing = commands.add_parser("deliveries", help="the newest deliveries")
    listing.add_argument("--state", choices=["open", "done", "ignored", "dead"], default="")
    listing.add_argument("--source", default="")
    listing.add_argument("--limit", type=int, default=50)
    listing.set_defaults(command=deliveries)
    finding = commands.add_parser("search", help='what contains all of these words: search 給与 "年末 調整"')
    finding.add_argument("words", nargs="+", help="an argument of several words is a phrase")
    finding.add_argument("--kind", action="append", choices=KINDS, default=[])
    finding.add_argument("--limit", type=int, default=20)
    finding.set_defaults(command=find)
    tracing = commands.add_parser("trace", help="everything that became of a delivery or a run")
    tracing.add_argument("id")
    tracing.set_defaults(command=trace)
    commands.add_parser("dead", help="dead letters, with their reasons").set_defaults(command=dead)
    again = commands.add_parser("replay", help="run dead letters again, by id or all of them")
    again.add_argument("id", nargs="*")
    again.add_argument("--all", action="store_true", help="every dead letter")
    again.set_defaults(command=replay)
    healing = commands.add_parser("reconcile", help="ask every vendor for what webhooks missed")
    healing.add_argument("--days", type=float, default=1.0, help="how far back to look")
    healing.set_defaults(command=reconcile)
    linking = commands.add_parser("link", help="let a request wait for a Jira issue: link FB-12 PROD-7")
    linking.add_argument("feedback")
    linking.add_argument("issue")
    linking.set_defaults(command=link)


@contextmanager
def visit() -> Iterator[tuple[Settings, Console]]:
    """The service's database and clients, for the length of one command."""
    settings = load()
    runtime = Runtime(settings, visitor=True)
    runtime.start()
    try:
        yield settings, Terminal()
    finally:
        runtime.stop()


def deliveries(options: argparse.Namespace) -> int:
    """List deliveries, newest first."""
    with visit() as (_settings, console):
        table = Table("received", "id", "topic", "state", "why", box=None)
        states = (options.state,) if options.state else ()
        query = partial(inbox.deliveries, states=states, source=options.source, limit=options.limit)
        for row in store.read(query):
            table.add_row(clock("en", row.received_at), row.id, row.topic, row.state, _why(row))
        console.print(table if table.row_count else "No delivery fits.")
    return 0


def find(options: argparse.Namespace) -> int:
    """List what was said, wished, decided or escalated; 1 if nothing holds the words, 2 if they are none."""
    query = " ".join(f'"{word}"' if " " in word else word for word in options.words)
    with visit() as (_settings, console):
        if wrong := search.problem(query):
            print(say("en", wrong, most=search.LONGEST, words=search.MOST_WORDS), file=sys.stderr)
            return 2
        table = Table("when", "what", "where", "text", box=None)
        for hit in search.search(query, kinds=options.kind, most=max(1, options.limit)).hits:
            text = "".join(piece.text for piece in hit.excerpt).replace("\n", " ")
            table.add_row(clock("en", hit.document.at), hit.document.kind, hit.document.place, text)
        console.print(table if table.row_count else "Nothing contains all of these words.")
        return 0 if table.row_count else 1


def trace(options: argparse.Namespace) -> int:
    """Print a delivery's story; 1 if there is none of that id."""
    with visit() as (_settings, console):
        found = store.read(partial(inbox.trace, id=options.id))
        if found is None:
            print(f"There is no delivery or run {options.id}: python -m app deliveries", file=sys.stderr)
            return 1
        if found.delivery is not None:
            row = found.delivery
            console.print(f"{clock('en', row.received_at)}  {row.id}  {row.topic}  {row.state}  {_why(row)}")
        for run in found.runs:
            console.print(f"  run {run.id}  {run.workflow}  {run.state}  attempts {run.attempts}  {_why(run)}")
            for action in found.actions:
                if action.run_id == run.id:
                    sentence = say(rules.language, action.sentence, **action.facts)
                    console.print(f"    {clock('en', action.started_at)}  {action.state:8} {sentence}")
    return 0


def dead(_: argparse.Namespace) -> int:
    """List what waits for an operator."""
    with visit() as (_settings, console):
        letters = store.read(inbox.dead_letters)
        table = Table("id", "what", "why", box=None)
        for row in letters:
            table.add_row(row.id, row.workflow if isinstance(row, Run) else row.topic, _why(row))
        console.print(table if letters else "No dead letters.")
        if letters:
            console.print("\nAfter the fix: python -m app replay <id>")
    return 0


def replay(options: argparse.Namespace) -> int:
    """Replay the named dead letters, or all."""
    with visit() as (_settings, console):
        ids = [row.id for row in store.read(inbox.dead_letters)] if options.all else options.id
        if not ids:
            console.print("Nothing to replay: name an id, or --all.")
            return 0 if options.all else 2
        with Progress(console=console, transient=True) as progress:
            for id in progress.track(ids, description="replaying"):
                progress.console.print(f"{id}: {replay_one(id)}")
        deeds.finish()
    return 0


def reconcile(options: argparse.Namespace) -> int:
    """Start a look at each vendor and wait until the service has worked it off."""
    with visit() as (_settings, console):
        started = upkeep.reconcile(now_ms() - int(options.days * DAY_MS))
        if not started:
            console.print("No vendor is configured.")
            return 0
        return wait(console, started)


def link(options: argparse.Namespace) -> int:
    """Link by hand: the service does it as it would after a webhook."""
    id = wishes.id_of(options.feedback)
    with visit() as (_settings, console):
        if id is None or not store.read(partial(wishes.of_ids, ids=[id])):
            print(f"There is no request {options.feedback}.", file=sys.stderr)
            return 1
        run = child(
            f"link:{id}:{options.issue}:{now_ms()}",
            "links.by_hand",
            feedback_id=id,
            issue_key=options.issue,
            who="operator",
        )
        spawn([run])
        return wait(console, [run.id])


def wait(console: Console, ids: list[str]) -> int:
    """Follow runs (and their children) until they have ended, with a bar; then say how each of them went."""
    ends = time.monotonic() + PATIENCE
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("working", total=None)
        while left := store.read(partial(inbox.open_among, ids=ids)):
            progress.update(bar, description=f"{left} runs left")
            if time.monotonic() > ends:
                console.print("Nobody works on it: is the service running?")
                return 1
            time.sleep(0.3)
    for row in store.read(partial(inbox.runs_of, ids=ids)):
        console.print(f"{row.workflow}: {row.state}  {_why(row)}")
    return 0


def _why(row: Delivery | Run) -> str:
    return say(rules.language, row.reason, **row.facts)
