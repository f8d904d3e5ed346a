"""Imports: who answers for which company, and which companies left, from a CSV file; checked line by line, then kept.

    checked = check(OWNERS, text)          # nothing is kept yet; raises sheets.Unreadable
    keep(checked, by="…")                  # the lines that are right

A line with a mistake is told with its number and its reason, and does not keep the others back. Importing the same
file twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlmodel import Session

from workflows.customer import owners, sheets
from workflows.customer.fields import is_day, today
from workflows.customer.sheets import Row, Sheet
from workflows.engine.store import now_ms, store
from workflows.rules.file import PERSON

#: Lines that are kept in one transaction.
TOGETHER = 500

NO_COMPANY = "This row has no company."
UNKNOWN_ID = "No registered company has this ID."
UNKNOWN_NAME = "No registered company has exactly this name."
UNKNOWN = "No registered company has this ID or exactly this name."
SEVERAL = "Several companies have this name. Specify the company_id."
REPEATED = "This company is already in row {line}."
NO_PERSON = "“{text}” is neither an email address nor a Slack ID such as U012AB3CD."
EMPTY_DAY = "The date is missing. Use the format 2026-11-30."
NO_DAY = "“{text}” is not a date. Use the format 2026-11-30."
FUTURE = "{text} is in the future."
TOO_LONG = "A cell in this row is longer than {n} characters."

#: Kept, so far, of all: for whoever watches.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Line:
    """One line of a file: the company it is about, what it says of it, and what is wrong with it ("": nothing)."""

    number: int
    company_id: str
    company: str
    said: Mapping[str, str]
    wrong: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """A file as it was understood."""

    kind: Kind
    lines: Sequence[Line]
    ignored: Sequence[str]

    @property
    def good(self) -> list[Line]:
        """Lines that can be kept."""
        return [line for line in self.lines if not line.wrong]

    @property
    def bad(self) -> list[Line]:
        """Lines that cannot."""
        return [line for line in self.lines if line.wrong]


@dataclass(frozen=True)
class Kind:
    """What is imported: its columns besides the company's, what is wrong with a cell, and how lines are kept."""

    name: str
    columns: Mapping[str, Sequence[str]]
    wrong: Callable[[str], str]
    put: Callable[[Session, Sequence[Line], str], None]
    #: A cell as it is kept.
    meant: Callable[[str], str] = str
    #: What is said besides the file, by the name of its field.
    besides: Mapping[str, str] = field(default_factory=dict)
    #: May it be a mere list, without names of columns: an id or a name on each line?
    may_be_bare: bool = False


COMPANY = {"company_id": ("会社id", "id"), "company": ("会社", "会社名", "company_name")}


def check(kind: Kind, text: str) -> Checked:
    """Read a file and look at every line. Raises sheets.Unreadable."""
    sheet = sheets.read(text, {**COMPANY, **kind.columns}, bare=list(COMPANY) if kind.may_be_bare else ())
    sheets.need(sheet, *COMPANY)
    if kind.columns:
        sheets.need(sheet, *kind.columns)
    found = store.read(partial(owners.companies_of, cells=[row.cells for row in sheet.rows]))
    return Checked(kind, _numbered(kind, sheet, found), sheet.ignored)


def keep(checked: Checked, by: str = "", progress: Progress = lambda kept, of: None) -> int:
    """Keep the lines that are right; returns how many there were."""
    good = checked.good
    for first in range(0, len(good), TOGETHER):
        some = good[first : first + TOGETHER]
        store.write(partial(_put, checked.kind, some, by))
        progress(first + len(some), len(good))
    return len(good)


def _put(kind: Kind, lines: Sequence[Line], by: str, session: Session) -> None:
    kind.put(session, lines, by)


def _numbered(kind: Kind, sheet: Sheet, found: owners.Companies) -> list[Line]:
    seen: dict[str, int] = {}
    lines = []
    for row in sheet.rows:
        line = _line(kind, sheet, row, found)
        if not line.wrong and line.company_id in seen:
            line = Line(row.number, line.company_id, line.company, line.said, REPEATED, {"line": seen[line.company_id]})
        elif not line.wrong:
            seen[line.company_id] = row.number
        lines.append(line)
    return lines


def _line(kind: Kind, sheet: Sheet, row: Row, found: owners.Companies) -> Line:
    id, name = row.cells.get("company_id", ""), row.cells.get("company", "")
    said = {column: row.cells.get(column, "") for column in kind.columns if column in sheet.columns}
    told = partial(Line, row.number, id, name, said)
    if any(len(cell) > sheets.LONGEST_CELL for cell in row.cells.values()):
        shortened = {column: cell[:40] + "…" for column, cell in said.items()}
        return Line(row.number, id[:40], name[:40], shortened, TOO_LONG, {"n": sheets.LONGEST_CELL})
    if not id and not name:
        return told(NO_COMPANY)
    by_id = bool(id) and id != name  # a mere list says one of both, and not which
    same = [(id, found.by_id[id])] if id in found.by_id else [] if by_id else found.by_name.get(name, [])
    if len(same) != 1:
        return told(UNKNOWN_ID if by_id else SEVERAL if same else UNKNOWN if id else UNKNOWN_NAME)
    for text in said.values():
        if why := kind.wrong(text):
            return told(why, {"text": text})
    return Line(row.number, *same[0], {column: kind.meant(text) for column, text in said.items()})


# -- who answers ----------------------------------------------------------------------------------


def _wrong_person(text: str) -> str:
    return "" if not text or PERSON.fullmatch(text) else NO_PERSON


def _put_owners(session: Session, lines: Sequence[Line], by: str) -> None:
    owners.import_all(session, {line.company_id: line.said for line in lines}, by)


OWNERS = Kind(
    "owners",
    {"owner": ("顧客担当", "担当者", "主担当", "担当"), "deputy": ("副担当", "代理"), "manager": ("責任者", "上長")},
    _wrong_person,
    _put_owners,
)


# -- who left -------------------------------------------------------------------------------------


def _day(text: str) -> str:
    """2026/7/1, as Excel shows a day, as 2026-07-01."""
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts):
        return f"{parts[0]}-{parts[1]:0>2}-{parts[2]:0>2}"
    return text


def _wrong_day(text: str) -> str:
    if not is_day(_day(text)):
        return NO_DAY if text.strip() else EMPTY_DAY
    return FUTURE if date.fromisoformat(_day(text)) > today() else ""


def _put_churned(session: Session, lines: Sequence[Line], by: str) -> None:
    owners.import_churned(session, {line.company_id: line.said["churned_on"] for line in lines}, now_ms())


CHURN = Kind("churn", {"churned_on": ("解約日",)}, _wrong_day, _put_churned, _day)
KINDS = {kind.name: kind for kind in (OWNERS, CHURN)}
