"""`python -m app export person c101 --out person.json`: everything that is stored about one customer, as JSON."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

from app.operate.operators import visit
from app.operate.terminal import inert
from workflows.customer import exporting
from workflows.engine.store import store
from workflows.people import deeds


def add_to(commands: Any) -> None:
    """Tell the parser about the command."""
    parser = commands.add_parser("export", help="everything that is stored about one person, as JSON")
    kinds = parser.add_subparsers(required=True, metavar="what")
    person = kinds.add_parser("person", help="a customer, by their id at Intercom or their email address")
    person.add_argument("who", metavar="ID|EMAIL")
    person.add_argument(
        "--out", default="", metavar="FILE", help="a new file that only you can read; else it is printed"
    )
    person.set_defaults(command=export)


def export(options: argparse.Namespace) -> int:
    """Print it or write it into a file; 1 if nothing is stored about such a person, 2 if the file cannot be made."""
    with visit():
        ids = store.read(partial(exporting.found, who=options.who))
        if not ids:
            print(inert(f"Nothing is stored about {options.who}."), file=sys.stderr)
            return 1
        deeds.told(exporting.EXPORTED, id=", ".join(ids))
        deeds.finish()
        text = exporting.as_text([exporting.everything(id) for id in ids])
    if not options.out:
        print(text if not sys.stdout.isatty() else inert(text), end="")
        return 0
    return _written(options.out, text)


def _written(path: str, text: str) -> int:
    """Never over another file: what stands in it cannot be taken back."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(inert(f"{path} cannot be written: {error.strerror}."), file=sys.stderr)
        return 2
    print(f"Written: {inert(path)}")
    return 0
