"""The operator's command line: `python -m app --help`."""

from __future__ import annotations

import argparse
import logging
import sys

from app.runtime import AlreadyRunning
from app.settings import BadSettings
from workflows.rules import BadRules


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code. A wrong configuration is one sentence, never a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options) or 0)
    except (BadSettings, BadRules, AlreadyRunning) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    from app import commands

    parser = argparse.ArgumentParser(prog="python -m app", description="Yamabiko: closes feedback loops.")
    commands.add_to(parser.add_subparsers(required=True, metavar="command"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
