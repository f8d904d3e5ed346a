"""The operator's command line: `python -m app --help`."""

from __future__ import annotations

import argparse
import logging
import sys

if sys.platform == "win32":  # said before anything is imported that only POSIX has
    sys.exit("Yamabiko runs on Linux and macOS; on Windows, inside WSL2.")

import resource

from sqlalchemy.exc import DatabaseError

from app.migrations import WrongDatabase
from app.operate import rights
from app.runtime import AlreadyRunning
from app.settings import BadSettings
from workflows.people import deeds
from workflows.people.may import may
from workflows.rules import BadRules

NO_DATABASE = "The database cannot be used ({said}): check DATABASE_URL, and run `python -m app migrate` once."

DAMAGED = "The database file is damaged ({said}): restore a backup (python -m app restore FILE)."
NOT_YOURS = "This command is not yours to use."


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code. A wrong configuration is one sentence, never a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of conflicts that we repeat
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold tokens and customers' words
    options = _parser().parse_args(arguments)
    act = rights.act(options.command.__name__, sys.argv[1:] if arguments is None else arguments)
    try:
        if not may(act.person, act.deed):
            print(NOT_YOURS, file=sys.stderr)
            return 2
        with deeds.at(act):
            return int(options.command(options) or 0)
    except (BadSettings, BadRules, AlreadyRunning, WrongDatabase) as error:
        print(error, file=sys.stderr)
        return 2
    except DatabaseError as error:  # nobody answers, there are no tables yet, or the file is damaged
        said = str(error.orig).partition("\n")[0]
        damaged = any(words in said for words in ("malformed", "not a database"))
        print((DAMAGED if damaged else NO_DATABASE).format(said=said), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    from app.operate import commands

    parser = argparse.ArgumentParser(prog="python -m app", description="Yamabiko: closes feedback loops.")
    commands.add_to(parser.add_subparsers(required=True, metavar="command"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
