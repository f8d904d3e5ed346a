"""A TOML file that people edit: every mistake in it becomes one sentence that names the file, the line and what to do.

file = read(path)                                      # the whole file is a section, too
section = file.section("reconcile")
section.number("minutes", 5, 0, 1440)                  # or BadRules
section.wrong("closed", "is no day", item="13-40")     # raises; the line is the item's
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from integrations.slack import models as slack

#: The keys that lead to a value, from the top of the file.
Keys = tuple[str, ...]

#: How people and channels are written; Slack's ids are capitals and digits.
PERSON, PERSON_IS = re.compile(r"[UW][A-Z0-9]{2,}|[^@\s]+@[^@\s]+"), "an e-mail address or a Slack id such as U012AB3CD"
USER, USER_IS = slack.PERSON, "a Slack id such as U012AB3CD (in Slack: profile, Copy member ID)"
CHANNEL, CHANNEL_IS = (
    re.compile(r"[CG][A-Z0-9]{2,}"),
    "a channel's id such as C012AB3CD (in Slack: channel details)",
)
EMAIL, EMAIL_IS = re.compile(r"[^@\s]+@[^@\s]+"), "an e-mail address in quotes"


class BadRules(Exception):
    """The rules cannot be used; the message names the file, the line and what to do."""


def read(path: Path) -> Section:
    """Read a file. Raises BadRules."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadRules(f"{path}, line {line}: the file is not in UTF-8; save it in that encoding.") from None
    except OSError:
        raise BadRules(
            f"{path} cannot be read: `python -m app init` writes one to begin with; or set YAMABIKO_CONFIG."
        ) from None
    try:
        return Section(path, text, (), tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"{path}: {error}") from None


@dataclass(frozen=True)
class Section:
    """One section of the file, and what may stand in it."""

    path: Path
    text: str
    keys: Keys
    table: dict[str, Any]

    def section(self, name: str) -> Section:
        """A section in this one; empty where it is missing."""
        table = self.table.get(name, {})
        if not isinstance(table, dict):
            self.wrong(name, f"must be a section: [{_spelt((*self.keys, name))}]")
        return Section(self.path, self.text, (*self.keys, name), table)

    def only(self, known: Collection[str]) -> None:
        """Nothing but these may stand here."""
        for name in self.table:
            if name not in known:
                self.wrong(name, f"is not known here; known are: {', '.join(sorted(known))}")

    def written(self, name: str, default: str) -> str:
        """A text."""
        return str(self._get(name, default, str, "text in quotes"))

    def choice(self, name: str, default: str, choices: Collection[str]) -> str:
        """One of these texts."""
        value = self.written(name, default)
        if value not in choices:
            self.wrong(name, f"must be one of: {', '.join(choices)}")
        return value

    def matching(self, name: str, default: str, shape: re.Pattern[str], what: str) -> str:
        """A text of this shape, or nothing: `what` says what must be written, with an example."""
        value = self.written(name, default).strip()
        if value and not shape.fullmatch(value):
            self.wrong(name, f"must be {what}")
        return value

    def texts(self, name: str, default: Collection[str]) -> list[str]:
        """A list of texts."""
        values = self._get(name, list(default), list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            self.wrong(name, "must be a list of texts in quotes")
        return list(values)

    def day(self, name: str) -> date | None:
        """A day, written as 2026-11-30; None where none is."""
        value = self.written(name, "").strip()
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.wrong(name, "must be a day such as 2026-11-30")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = int(self._get(name, default, int, "a whole number"))
        if not least <= value <= most:
            self.wrong(name, f"must be between {least} and {most}")
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        """True or false."""
        return bool(self._get(name, default, bool, "true or false, without quotes"))

    def numbers(self, name: str, default: Collection[int], least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers within bounds, at least one."""
        values = self._get(name, list(default), list, "a list of whole numbers, for example [15, 15, 30]")
        if not values or not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            self.wrong(name, "must be a list of whole numbers, for example [15, 15, 30]")
        for value in values:
            if not least <= value <= most:
                self.wrong(name, f"has {value}; each must be between {least} and {most}", item=str(value))
        return tuple(values)

    def wrong(self, name: str, why: str, item: str = "") -> NoReturn:
        """Raises BadRules about a key of this section (or about the section: ""), or about an item in its value."""
        raise BadRules(f"{self.path}, line {self.line(name, item)}: {self.spelt(name)} {why}.".replace("\n", " "))

    def line(self, name: str, item: str = "") -> int:
        """The line of a key of this section, or of what stands in its value; the section's where the key is absent."""
        return _line(self.text, tuple(filter(None, (*self.keys, name))), item)

    def spelt(self, name: str) -> str:
        """How people find a key of this section: [wording.ja] told."""
        return f"[{_spelt(self.keys)}] {name}".strip() if self.keys else name

    def _get(self, name: str, default: Any, kind: type, called: str) -> Any:
        value = self.table.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            self.wrong(name, f"must be {called}")
        return value


def _spelt(keys: Keys) -> str:
    """Keys as they are written in a header: those with more than letters in quotes."""
    return ".".join(key if re.fullmatch(r"[\w-]+", key, re.ASCII) else f'"{key}"' for key in keys)


def _line(text: str, keys: Keys, item: str) -> int:
    """The line of a key, or of an item in its value; where the key is absent, that of the section."""
    places = _places(text)
    while keys and keys not in places:
        keys, item = keys[:-1], ""
    first, last = places.get(keys, (1, 1))
    if item:
        shape = re.compile(rf"(?<!\w){re.escape(item)}(?!\w)", re.ASCII)  # Japanese has no spaces between words
        lines = text.split("\n")[first - 1 : last]
        return next((first + number for number, line in enumerate(lines) if shape.search(line)), first)
    return first


def _places(text: str) -> dict[Keys, tuple[int, int]]:
    """The first and the last line at which each key is written."""
    places: dict[Keys, tuple[int, int]] = {}
    header: Keys = ()
    for first, last, statement in _statements(text):
        table = tomllib.loads(statement)
        is_header = statement.lstrip().startswith("[")
        for keys in _paths(table):
            places.setdefault(keys if is_header else (*header, *keys), (first, last))
            header = keys if is_header else header
    return places


def _statements(text: str) -> Iterator[tuple[int, int, str]]:
    """A file's statements, one by one: what is complete by itself, over one line or several."""
    began, pending = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        began, pending = (began, f"{pending}\n{line}") if pending else (number, line)
        try:
            tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        yield began, number, pending
        pending = ""


def _paths(table: Any, keys: Keys = ()) -> Iterator[Keys]:
    """The keys of a table, and those of the tables in it, outermost first."""
    for name, value in table.items() if isinstance(table, dict) else ():
        yield (*keys, name)
        yield from _paths(value, (*keys, name))
