"""The commands of `python -m app`. Each takes the parsed options and returns an exit code."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from contextlib import closing
from typing import Any, NoReturn

from rich.table import Table

from app import auth, health, migrations
from app.operate import backups, erase, export, files, init, operators, past, similar, wordings
from app.runtime import Runtime
from app.serving import end_at_once, raise_descriptors, serve, serve_beside
from app.settings import load
from workflows.engine.store import store
from workflows.language.wording import time
from workflows.people import accounts, deeds

NO_SIGN_IN = (
    "Signing in with Slack is not set up (SLACK_LOGIN_CLIENT_ID): “python -m app login” prints a link that signs "
    "you in as an admin."
)


AS_ROOT = (
    "The service runs as root, and needs no such rights: give it a user of its own (deploy/yamabiko.service does)."
)


def add_to(commands: Any) -> None:
    """Tell the parser about every command."""
    for name, function, text in (
        ("run", run, "the service: web and worker in one process on SQLite, web on PostgreSQL"),
        ("worker", worker, "work off runs (PostgreSQL; as many processes as wanted)"),
        ("migrate", migrate, "create or change the tables"),
        ("demo", demo, "the service with twins and a seeded company; prints one address"),
        ("smoke", smoke, "play the loop headless"),
        ("login", login, "print a link that signs you in as an admin, once, within ten minutes"),
        ("logins", logins, "who is signed in where; --end ID ends a session"),
        ("check", check, "test the configuration: every secret, token and webhook"),
        ("subscribe", subscribe, "register the webhooks that Productboard and Jira let us register"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(command=function)
        if function is logins:
            command.add_argument("--end", default="", metavar="ID", help="end this session")
        if function is run:
            command.add_argument("--host", default="", help="listen there, not where HOST says")
        if function is smoke:
            command.add_argument("--late", type=float, default=0.0, metavar="SECONDS", help="vendors answer so late")
    init.add_to(commands)
    operators.add_to(commands)
    files.add_to(commands)
    erase.add_to(commands)
    export.add_to(commands)
    backups.add_to(commands)
    wordings.add_to(commands)
    similar.add_to(commands)
    past.add_to(commands)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop. Everything that can be wrong is found before the first request."""
    from app.main import create

    settings = load()
    runtime = Runtime(settings, worker=settings.is_sqlite)
    runtime.start()
    app = create(settings, runtime)
    _warn_of_root()
    if not settings.signs_in_by_slack:
        print(NO_SIGN_IN, flush=True)
    host = options.host or settings.host
    serve(app, host, settings.port)
    return 0


def worker(_: argparse.Namespace) -> NoReturn:
    """Work off runs until told to stop; told twice, it stops at once."""
    raise_descriptors()
    settings = load()
    runtime = Runtime(settings)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: end_at_once(number) if ending.is_set() else ending.set())
    runtime.start()
    _warn_of_root()
    if settings.health_port:
        serve_beside(health.application(settings), settings.host, settings.health_port)
    ending.wait()
    runtime.stop()
    os._exit(0)  # a thread may hang in a call for as long as a vendor likes; what it was at has been handed over


def _warn_of_root() -> None:
    if os.geteuid() == 0:
        print(AS_ROOT, file=sys.stderr, flush=True)


def migrate(_: argparse.Namespace) -> int:
    """Bring the tables to the newest shape."""
    migrations.upgrade(load().database_url)
    return 0


#: What the demo prints: where it is, and what to press first.
DEMO = """
  山びこ Yamabiko   {url}

  1.  {url}/             今日の対応 · what waits for you today
  2.  {url}/board        青いボタンを順に押す · press the blue button, again and again
  3.  {url}/triage       検討会 · the meeting (? shows the keys)
  4.  {url}/demo/slack   Slackで全員を演じる · play everybody in Slack

  Ctrl-C ends it."""


def demo(_: argparse.Namespace) -> int:
    """The demo, until Ctrl-C."""
    from app.demo import complaints, counted, know_how, learning, meeting, notices
    from app.demo.show import Show
    from app.demo.stage import Stage, database_url

    with closing(Stage()) as stage:
        chats = meeting.begin(stage)
        with Show(stage, database_url(), port=load().port) as show:
            meeting.file(chats)
            notices.write()
            know_how.write()
            learning.write()
            counted.seed()
            stage.open()
            complaints.hand_in(stage)
            print(DEMO.format(url=show.url), flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def smoke(options: argparse.Namespace) -> int:
    """The loop, headless."""
    from app.demo.smoke.play import play

    return play(options.late)


def login(_: argparse.Namespace) -> int:
    """A one-time address: for the first set-up, and for the day when Slack is down."""
    with operators.visit() as (settings, _console):
        base = settings.public_url or f"http://127.0.0.1:{settings.port}"
        print(f"{base}/sign-in/once#key={auth.offer()}")  # behind the #: browsers send that nowhere, so no log has it
    return 0


def logins(options: argparse.Namespace) -> int:
    """Who is signed in where; with --end, one of these sessions ends. 1 if there is none of that id."""
    with operators.visit() as (_settings, console):
        if options.end:
            name = auth.end_one(options.end)
            console.print(f"Ended: {name}" if name else "No session has this id: python -m app logins")
            return 0 if name else 1
        table = Table("id", "who", "since", "last active", box=None)
        for login, name in store.read(accounts.everywhere):
            if not auth.has_ended(login):
                seen = (time("en", moment) for moment in (login.began_at, login.seen_at))
                table.add_row(login.hash[: accounts.SHOWN], name, *seen)
        console.print(table if table.row_count else "Nobody is signed in.")
    return 0


def check(_: argparse.Namespace) -> int:
    """Look at every part of the configuration."""
    from app.operate import check as checks

    with operators.visit() as (settings, console):
        return checks.run(settings, console)


def subscribe(_: argparse.Namespace) -> int:
    """Register webhooks where the vendor has an API for it."""
    from app.operate import check as checks

    with operators.visit() as (settings, console):
        deeds.finish()
        return checks.subscribe(settings, console)
