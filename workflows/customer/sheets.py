"""CSV files as people make them: saved by Excel or by hand, or copied out of a table and pasted.

    sheet = read(data, {"company": ("会社",), "owner": ("担当者",)})     # or Unreadable, with a sentence and its facts
    sheet.rows[0].cells["owner"], sheet.rows[0].number                   # the line on which the row begins

UTF-8 with or without a mark, UTF-16 with one, and what Excel in Japan saves (CP932); commas, tabs or semicolons.
Cells are text: what looks like a formula stays one that nobody calculates.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

#: The largest file, in bytes, and the most rows in it.
LARGEST, MOST = 2 * 1024 * 1024, 20_000
#: The longest cell: anything longer is no name, no address and no day.
LONGEST_CELL = 500

TOO_LARGE = "The file is larger than {n} MB. Split it and import the parts separately."
TOO_MANY = "The file has more than {n} rows. Split it and import the parts separately."
ENCODING = "The text encoding of this file is not supported. Save it as “CSV UTF-8” and import it again."
NO_TEXT = "This is not a CSV file. Save the table as “CSV UTF-8” and import that file."
NOTHING = "Choose a file, or paste a table."
EMPTY = "The file is empty. The first row must contain the column names."
BROKEN = "Row {line} cannot be read: a quotation mark is not closed or is followed by text, or a cell is far too long."
NO_COLUMN = "No column is called {columns}. The first row must contain the column names."
TWICE = "Two columns are called {column}. Remove one of them."

#: What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@")
#: Where a cell ends for some of them, although the file has commas: Excel knows the list separator of its country only.
_ENDS = re.compile(r"([;\t\r\n]+)")


class Unreadable(Exception):
    """A file in which nothing can be read: the sentence that says why, and the facts for its gaps."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence, facts)
        self.sentence, self.facts = sentence, facts


@dataclass(frozen=True)
class Row:
    """One row: the line of the file on which it begins, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """The rows that are not empty. `columns`: those we know; `ignored`: what the others are called."""

    rows: Sequence[Row]
    columns: Sequence[str]
    ignored: Sequence[str]


def decoded(data: bytes) -> str:
    """The text of a file. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(TOO_LARGE, n=LARGEST // 1024 // 1024)
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp932"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise Unreadable(NO_TEXT)
        return text.removeprefix("\ufeff")
    raise Unreadable(ENCODING)


def read(text: str, known: Mapping[str, Sequence[str]], bare: Sequence[str] = ()) -> Sheet:
    """A sheet with these columns, each found by its name or by what else it is called. Raises Unreadable.

    `bare`: where the first line names no column, it is a row already, and each row's first cell is all of these.
    """
    if "\0" in text:
        raise Unreadable(NO_TEXT)
    lines = _lines(text)
    header = next(lines, None)
    if header is None:
        raise Unreadable(EMPTY)
    names = [_column(cell, known) for cell in header[1]]
    if bare and not any(names):
        each = ((number, dict.fromkeys(bare, cells[0])) for number, cells in chain([header], lines))
        return Sheet(_rows(each), list(bare), [])
    columns = [name for name in names if name]
    for name in columns:
        if columns.count(name) > 1:
            raise Unreadable(TWICE, column=name)
    named = ((number, dict(zip(names, cells, strict=False))) for number, cells in lines)
    ignored = [cell for cell, name in zip(header[1], names, strict=True) if not name and cell]
    return Sheet(_rows(named), columns, ignored)


def _rows(numbered: Iterable[tuple[int, dict[str, str]]]) -> list[Row]:
    rows: list[Row] = []
    for number, cells in numbered:
        if len(rows) == MOST:
            raise Unreadable(TOO_MANY, n=f"{MOST:,}")
        rows.append(Row(number, {name: cell for name, cell in cells.items() if name}))
    return rows


def need(sheet: Sheet, *alternatives: str) -> None:
    """Raise Unreadable unless the sheet has one of these columns."""
    if not set(alternatives) & set(sheet.columns):
        raise Unreadable(NO_COLUMN, columns=" / ".join(alternatives))


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file that Excel opens as it is, and that `read` reads back."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with something in them, each with the line on which it begins."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            shown = [_shown(cell) for cell in cells]
            if any(shown):
                yield number, shown
    except csv.Error:
        raise Unreadable(BROKEN, line=before + 1) from None


def _column(cell: str, known: Mapping[str, Sequence[str]]) -> str:
    said = unicodedata.normalize("NFKC", cell).strip().casefold().replace(" ", "_")
    return next((name for name, others in known.items() if said == name or said in others), "")


def _shown(cell: str) -> str:
    """What a cell says, without what `_inert` put into it."""
    parts = _ENDS.split(cell.strip()[: LONGEST_CELL + 1])
    return "".join(part[1:] if part.startswith("'") and _is_formula(part) else part for part in parts).strip()


def _inert(cell: str) -> str:
    """A cell that no spreadsheet calculates, nor any part of it that one might take for a cell."""
    return "".join(f"'{part}" if _is_formula(part) else part for part in _ENDS.split(cell))


def _is_formula(cell: str) -> bool:
    """Does it begin like one: in full width too, which Excel in Japan reads alike, or behind what nobody sees?"""
    seen = (each for each in unicodedata.normalize("NFKC", cell) if each.isprintable() and each not in " '")
    return cell.lstrip("'").startswith(_FORMULA) or next(seen, "") in _FORMULA
