"""How texts for customers read: the wordings of the company's file, and any text, at the operator's terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

from rich.console import Console

from app.operate.terminal import Terminal
from app.settings import load
from workflows import rules
from workflows.language.customers import is_japanese
from workflows.language.politeness import Objection, objections
from workflows.language.wording import say
from workflows.rules.file import Section, read
from workflows.telling.specimens import specimens

NOTE = "{file}, line {line}: {place}: {said}"
NOTHING = "Nothing to object to."


def add_to(commands: Any) -> None:
    """Tell the parser about the command."""
    command = commands.add_parser("politeness", help="what is wrong with a text before a customer reads it")
    command.add_argument("file", help="a file; - is standard input")
    command.add_argument("--name", default="", help="the customer's name, as it is known")
    command.add_argument("--language", choices=rules.LANGUAGES, default="", help="else that of the text")
    command.add_argument("--promise", action="store_true", help="something was promised")
    command.add_argument("--mail", action="store_true", help="an email, which may be long")
    command.set_defaults(command=politeness)


def politeness(options: argparse.Namespace) -> int:
    """Lint a text; 1 if something in it must be changed, 2 if it cannot be read."""
    settings = load()
    company = rules.load(settings.yamabiko_config)
    try:
        text = _read(options.file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not in UTF-8"
        print(f"{options.file} cannot be read: {why}.", file=sys.stderr)
        return 2
    found = objections(
        text,
        options.language or ("ja" if is_japanese(text) else "en"),
        name=options.name,
        allows_promise=options.promise,
        is_chat=not options.mail,
        internal=(settings.public_url, company.jira_project),
    )
    _tell(Terminal(), text, found)
    return int(any(each.blocks for each in found))


def _read(file: str) -> str:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return data.decode("utf-8-sig").strip()


def _tell(console: Console, text: str, found: tuple[Objection, ...]) -> None:
    for each in found:
        before = text[: each.start]
        place = f"{before.count(chr(10)) + 1}:{each.start - before.rfind(chr(10))}"
        console.print(f"{place:8}{each.grade:8}{_said(each)} ({each.rule})", soft_wrap=True)
    if not found:
        console.print(NOTHING)


def _said(objection: Objection) -> str:
    """What is wrong, and what to write instead."""
    sentence = say("en", objection.sentence, **objection.facts)
    return f"{sentence} Better: {objection.advice}" if objection.advice else sentence


def notes(file: Path) -> Iterator[str]:
    """What the lint says of the company's own wordings, each with its line; those that the file leaves out are ours."""
    whole = read(file)
    for specimen in specimens():
        *sections, name = specimen.keys
        section = reduce(Section.section, sections, whole)
        for each in specimen.objections() if name in section.table else ():
            line = section.line(name, each.facts.get("found", ""))
            yield NOTE.format(file=file.name, line=line, place=section.spelt(name), said=_said(each))
