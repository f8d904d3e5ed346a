"""The company's rules, from one commented TOML file (`yamabiko.toml`), checked before anything starts."""

from __future__ import annotations

import re
import string
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NoReturn

KINDS = ("wish", "fault", "wording", "question")
LANGUAGES = ("ja", "en")
GAPS = {"told": {"name", "asked_on", "wish", "summary", "agent"}, "nobody": set()}
#: What each section may hold; [tags] holds the company's own names.
KNOWN = {
    "release": {"declined"},
    "slack": {"support_channel"},
    "reconcile": {"minutes"},
    "retention": {"bodies", "keys"},
    "wording": set(LANGUAGES),
}


class BadRules(Exception):
    """The rules cannot be used; the message names the file, the line and what to do."""


DEFAULT_WORDING = {
    "ja": {
        "told": "{name}様、お世話になっております。{asked_on}にご要望いただいておりました「{wish}」が、"
        "ご利用いただけるようになりました。",
        "nobody": "ご担当者",
    },
    "en": {
        "told": 'Hello {name}, on {asked_on} you asked us about "{wish}". It is available now.',
        "nobody": "there",
    },
}


@dataclass
class Rules:
    """What the company decided. `tags` maps a tag's name to one of KINDS."""

    language: str = "ja"
    tags: dict[str, str] = field(default_factory=lambda: {"要望": "wish"})
    declined: tuple[str, ...] = ("対応しない", "重複", "Won't Do", "Duplicate")
    support_channel: str = ""
    reconcile_minutes: int = 5
    keep_bodies_days: int = 30
    keep_keys_days: int = 90
    wording: dict[str, dict[str, str]] = field(default_factory=lambda: DEFAULT_WORDING)

    def kind_of(self, tag: str) -> str | None:
        """What a tag means; names are compared without case, as Intercom does."""
        return next((kind for name, kind in self.tags.items() if name.casefold() == tag.casefold()), None)

    def is_declined(self, *resolution: str) -> bool:
        """Does this resolution (its name, its id) mean that nothing became available?"""
        return bool({name.casefold() for name in self.declined} & {part.casefold() for part in resolution})

    def words(self, name: str) -> str:
        """A wording in the company's language."""
        return self.wording[self.language][name]

    def bind(self, others: Rules) -> None:
        """Use these rules from now on."""
        for entry in fields(self):
            setattr(self, entry.name, getattr(others, entry.name))


rules = Rules()


def load(path: Path) -> Rules:
    """Read and check a file. Raises BadRules."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadRules(f"{path}, line {line}: the file is not in UTF-8; save it in that encoding.") from None
    except OSError:
        raise BadRules(f"{path} cannot be read: put the company's rules there, or set YAMABIKO_CONFIG.") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"{path}: {error}") from None
    return _Reader(path, text, table).rules()


class _Reader:
    """Turns the parsed file into Rules, naming the line of whatever does not fit."""

    def __init__(self, path: Path, text: str, table: dict[str, Any]) -> None:
        self._path, self._lines, self._table = path, text.splitlines(), table

    def rules(self) -> Rules:
        self._only("", self._table, {"language", "tags", *KNOWN})
        for section, names in KNOWN.items():
            self._only(section, self._section(section), names)
        return Rules(
            language=self._choice("", "language", "ja", LANGUAGES),
            tags=self._tags(),
            declined=tuple(self._texts("release", "declined", list(Rules.declined))),
            support_channel=self._text("slack", "support_channel", ""),
            reconcile_minutes=self._number("reconcile", "minutes", 5, 0, 1440),
            keep_bodies_days=self._number("retention", "bodies", 30, 1, 3650),
            keep_keys_days=self._number("retention", "keys", 90, 1, 3650),
            wording={language: self._wording(language) for language in LANGUAGES},
        )

    def _tags(self) -> dict[str, str]:
        tags = self._section("tags")
        if not tags:
            self._wrong("tags", "", 'needs at least one tag, for example "要望" = "wish"')
        return {name: self._choice("tags", name, "", KINDS) for name in tags}

    def _wording(self, language: str) -> dict[str, str]:
        section = f"wording.{language}"
        given = {name: self._text(section, name, "") for name in self._section(section)}
        self._only(section, given, set(GAPS))
        for name, words in given.items():
            if unknown := _gaps(words) - GAPS[name]:
                known = ", ".join(sorted(GAPS[name])) or "no {braces} at all"
                self._wrong(section, name, f"has an unknown gap {{{unknown.pop()}}}; it may use {known}")
        return DEFAULT_WORDING[language] | {name: words.strip() for name, words in given.items()}

    def _section(self, name: str) -> dict[str, Any]:
        value: Any = self._table
        for part in filter(None, name.split(".")):
            value = value.get(part, {}) if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self._wrong("", name, f"must be a section: [{name}]")
        return value

    def _get(self, section: str, name: str, default: Any, kind: type, called: str) -> Any:
        value = self._section(section).get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            self._wrong(section, name, f"must be {called}")
        return value

    def _text(self, section: str, name: str, default: str) -> str:
        return str(self._get(section, name, default, str, "text in quotes"))

    def _number(self, section: str, name: str, default: int, least: int, most: int) -> int:
        value = int(self._get(section, name, default, int, "a whole number"))
        if not least <= value <= most:
            self._wrong(section, name, f"must be between {least} and {most}")
        return value

    def _texts(self, section: str, name: str, default: list[str]) -> list[str]:
        values = self._get(section, name, default, list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            self._wrong(section, name, "must be a list of texts in quotes")
        return list(values)

    def _choice(self, section: str, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self._text(section, name, default)
        if value not in choices:
            self._wrong(section, name, f"must be one of: {', '.join(choices)}")
        return value

    def _only(self, section: str, table: dict[str, Any], known: set[str]) -> None:
        for name in table:
            if name not in known:
                self._wrong(section, name, f"is not known here; known are: {', '.join(sorted(known))}")

    def _wrong(self, section: str, name: str, why: str) -> NoReturn:
        where = f"[{section}] {name}".strip() if section else name
        raise BadRules(f"{self._path}, line {self._line(section, name)}: {where} {why}.")

    def _line(self, section: str, name: str) -> int:
        """The line of a key in its section; the section's own line where the key is absent."""
        here, at = "", 1
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+([^\]]+)\]", line):
                here = header.group(1).strip()
                if here in (section, name, f"{section}.{name}"):
                    at = number
            elif here == section and _is_key(name, line):
                return number
            elif not here and _is_key(section, line):
                at = number
        return at


def _is_key(name: str, line: str) -> bool:
    return bool(name) and re.match(rf"""\s*["']?{re.escape(name)}["']?\s*=""", line) is not None


def _gaps(words: str) -> set[str]:
    try:
        gaps = [gap for gap in string.Formatter().parse(words) if gap[1] is not None]
    except ValueError:
        return {"…"}
    return {f"{name}:{form or how}" if form or how else str(name) for _, name, form, how in gaps}


def with_language(language: str) -> Rules:
    """The rules now in force, in another language (pages, tests)."""
    return replace(rules, language=language)
