"""Files: counts and active accounts out of CSV files, checked line by line; one wrong line, and nothing is kept.

    read = counts_in(text)           # raises sheets.Unreadable
    read.wrong                       # [Wrong(12, "“{text}” is …", {…}), …]
    keep_counts("desk", read.told)

A file is kept in parts. Killed in between, it is imported again: what is the same changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from integrations.counts.events import LARGEST, LONGEST, MOST_ACCOUNTS
from workflows.customer import sheets
from workflows.customer.sheets import Row
from workflows.engine.store import now_ms, store
from workflows.rules import rules
from workflows.volume import reports, slots
from workflows.volume.reports import Told

AT = {"at": ("日時", "時刻", "time"), "n": ("件数", "count"), "theme": ("テーマ", "タグ", "tag")}
DAY = {"day": ("日付", "日", "date"), "n": ("件数", "アカウント数", "count")}
#: Quarter hours of one commit.
TOGETHER = 100
#: The years within which a moment may lie, so that it is one in every time zone.
FIRST, LAST = 1971, 9998

NO_TIME = "“{text}” is not a time. Use the format 2026-11-30 10:15."
NO_QUARTER = "“{text}” is not the beginning of a quarter hour: :00, :15, :30 or :45."
NO_DAY = "“{text}” is not a date. Use the format 2026-11-30."
NO_NUMBER = "“{text}” is not a number from 0 to {most}."
FUTURE = "{text} is in the future."
NO_THEME = "“{text}” is not a name of 1 to {n} printable characters."
REPEATED = "This is already in row {line}."
NO_TOTAL = "No row says how many came in at {text} in all: leave the theme of that row empty."
TOO_MANY = "More than the {n} that came in at that time."

#: Kept, so far, of all: for whoever watches.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wrong:
    """A line that is wrong: its number, and a sentence with its facts."""

    number: int
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class _Bad(Exception):
    """What is wrong with a cell."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.facts = sentence, facts


@dataclass(frozen=True)
class Counted:
    """Quarter hours as a file says them, and the lines that are wrong."""

    told: Sequence[Told]
    wrong: Sequence[Wrong]
    ignored: Sequence[str]


@dataclass(frozen=True)
class Active:
    """Active accounts by day as a file says them, and the lines that are wrong."""

    told: Mapping[str, int]
    wrong: Sequence[Wrong]
    ignored: Sequence[str]


def counts_in(text: str) -> Counted:
    """Read `at,n[,theme]`: a row without a theme says how many came in in all. Raises sheets.Unreadable."""
    sheet = sheets.read(text, AT)
    sheets.need(sheet, "at")
    sheets.need(sheet, "n")
    found: dict[tuple[int, str], tuple[Row, int]] = {}
    wrong = []
    for row in sheet.rows:
        try:
            key, n = (_at(row.cells.get("at", "")), _theme(row.cells.get("theme", ""))), _number(row, LARGEST)
            _once(found, key)
        except _Bad as bad:
            wrong.append(Wrong(row.number, bad.sentence, bad.facts))
            continue
        found[key] = (row, n)
    wrong += _themes_that_are_wrong(found) if not wrong else []
    return Counted(_told(found) if not wrong else (), wrong, sheet.ignored)


def actives_in(text: str) -> Active:
    """Read `day,n`. Raises sheets.Unreadable."""
    sheet = sheets.read(text, DAY)
    sheets.need(sheet, "day")
    sheets.need(sheet, "n")
    found: dict[str, tuple[Row, int]] = {}
    wrong = []
    for row in sheet.rows:
        try:
            day, n = _day(row.cells.get("day", "")), _number(row, MOST_ACCOUNTS)
            _once(found, day)
        except _Bad as bad:
            wrong.append(Wrong(row.number, bad.sentence, bad.facts))
            continue
        found[day] = (row, n)
    return Active({day: n for day, (_, n) in found.items()} if not wrong else {}, wrong, sheet.ignored)


def keep_counts(source: str, told: Sequence[Told], progress: Progress = lambda kept, of: None) -> int:
    """Keep quarter hours of a source as they are now; returns how many there were."""
    said_at = now_ms()
    for first in range(0, len(told), TOGETHER):
        some = told[first : first + TOGETHER]
        store.write(partial(reports.keep, source=source, said_at=said_at, told=some, is_past=True))
        progress(first + len(some), len(told))
    return len(told)


def keep_actives(told: Mapping[str, int]) -> int:
    """Keep active accounts by day as they are now; returns how many days there were."""
    store.write(partial(reports.keep_actives, said_at=now_ms(), told=told))
    return len(told)


# -- cells ----------------------------------------------------------------------------------------


def _at(text: str) -> int:
    """When a quarter hour began (ms): with a time zone, else on the company's clock."""
    try:
        found = datetime.fromisoformat(_dashed(text))
    except ValueError:
        raise _Bad(NO_TIME, text=_short(text)) from None
    if not FIRST <= found.year <= LAST:
        raise _Bad(NO_TIME, text=_short(text))
    at = int((found if found.tzinfo else found.replace(tzinfo=rules.calendar.zone)).timestamp() * 1000)
    if slots.of(at) != at:
        raise _Bad(NO_QUARTER, text=_short(text))
    if at + slots.SLOT_MS > now_ms():
        raise _Bad(FUTURE, text=_short(text))
    return at


def _day(text: str) -> str:
    try:
        found = date.fromisoformat(_dashed(text))
    except ValueError:
        raise _Bad(NO_DAY, text=_short(text)) from None
    if found > rules.calendar.local(now_ms()).date():
        raise _Bad(FUTURE, text=_short(text))
    return found.isoformat()


def _dashed(text: str) -> str:
    """2026/7/1 9:00, as Excel shows it, as 2026-07-01 09:00."""
    day, space, clock = text.replace("T", " ").partition(" ")
    parts = day.replace("/", "-").split("-")
    padded = "-".join(f"{part:0>2}" for part in parts) if len(parts) == 3 else day
    hour, colon, rest = clock.partition(":")
    return padded + space + f"{hour:0>2}" + colon + rest if space else padded


def _theme(text: str) -> str:
    if len(text) > LONGEST or not text.isprintable():
        raise _Bad(NO_THEME, text=_short(text), n=LONGEST)
    return text


def _number(row: Row, most: int) -> int:
    text = row.cells.get("n", "").replace(",", "")
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        raise _Bad(NO_NUMBER, text=_short(row.cells.get("n", "")), most=f"{most:,}")
    return int(text)


def _once(found: Mapping[Any, tuple[Row, int]], key: Any) -> None:
    if key in found:
        raise _Bad(REPEATED, line=found[key][0].number)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _themes_that_are_wrong(found: Mapping[tuple[int, str], tuple[Row, int]]) -> list[Wrong]:
    """Those of a quarter hour of which no row says how many came in, or less."""
    wrong = []
    for (at, theme), (row, n) in found.items():
        whole = found.get((at, ""))
        if whole is None:
            wrong.append(Wrong(row.number, NO_TOTAL, {"text": _short(row.cells.get("at", ""))}))
        elif theme and n > whole[1]:
            wrong.append(Wrong(row.number, TOO_MANY, {"n": f"{whole[1]:,}"}))
    return wrong


def _told(found: Mapping[tuple[int, str], tuple[Row, int]]) -> list[Told]:
    about: dict[int, dict[str, int]] = {at: {} for at, _ in found}
    for (at, theme), (_, n) in found.items():
        if theme:
            about[at][theme] = n
    return [Told(at, found[at, ""][1], about[at]) for at in sorted(about)]
