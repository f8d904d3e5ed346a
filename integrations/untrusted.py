"""Reading JSON that anybody may have written: no value is used before its type is claimed.

    item = untrusted.load(body)["data"]["item"]
    item["id"].text()          # '215' also when the vendor sent the number 215
    item["name"].text(or_="")  # absent or null

A wrong type raises Malformed with the path of the field, e.g. `data.item.id: is a list, not text`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from integrations.contract import Malformed

_MISSING: Any = object()
_LONGEST_NAME = 255
_DIGITS = re.compile(r"-?[0-9]{1,18}")
_NAMES = {dict: "an object", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}


def load(body: bytes) -> Node:
    """Parse a JSON object in UTF-8. Raises Malformed for everything else, however hostile."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Malformed("body", "is not UTF-8") from None
    except RecursionError:
        raise Malformed("body", "is nested too deeply") from None
    except ValueError as error:
        raise Malformed("body", f"is not JSON ({str(error)[:80]})") from None
    if not isinstance(value, dict):
        raise Malformed("body", f"is {_name(value)}, not an object")
    return Node(value, "")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _name(value: object) -> str:
    return "missing" if value is _MISSING else "null" if value is None else _NAMES[type(value)]


class Node:
    """A JSON value and where it stood. Indexing into nothing gives nothing, never an error."""

    def __init__(self, value: Any, path: str) -> None:
        self._value = value
        self.path = path

    def __getitem__(self, key: str) -> Node:
        value = self._value.get(key, _MISSING) if isinstance(self._value, dict) else _MISSING
        return Node(value, f"{self.path}.{key}" if self.path else key)

    def __bool__(self) -> bool:
        """Is there anything at all (not absent, null or empty)?"""
        return self._value is not _MISSING and bool(self._value)

    @property
    def is_there(self) -> bool:
        """Is there something, if only an empty list or text (not absent, not null)?"""
        return self._value is not _MISSING and self._value is not None

    def items(self) -> Iterator[Node]:
        """The elements of a list; none when it is absent or null."""
        if self._value is _MISSING or self._value is None:
            return
        if not isinstance(self._value, list):
            self._wrong("a list")
        for number, value in enumerate(self._value):
            yield Node(value, f"{self.path}[{number}]")

    def entries(self, most: int) -> Iterator[tuple[str, Node]]:
        """The names and values of an object with at most `most` of them; none when it is absent or null."""
        if self._value is _MISSING or self._value is None:
            return
        if not isinstance(self._value, dict):
            self._wrong("an object")
        if len(self._value) > most:
            raise Malformed(self.path, f"holds {len(self._value)} entries; {most} are allowed")
        for name in self._value:
            if len(name) > _LONGEST_NAME:  # refused before it becomes part of a path, hence of a message
                raise Malformed(self.path, f"has a name of more than {_LONGEST_NAME} characters")
            yield Node(name, f"{self.path}, a name").text(), self[name]

    def written(self) -> str:
        """Text as it stands, numbers as their digits, lists and objects as JSON; "" for absent and null."""
        if self._value is _MISSING or self._value is None or isinstance(self._value, str):
            return self.text(or_="")
        try:
            text = json.dumps(self._value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except (RecursionError, ValueError):  # nested deeper than may be written; 1e999
            raise Malformed(self.path, "cannot be written as JSON") from None
        return Node(text, self.path).text()

    def text(self, or_: str | None = None) -> str:
        """A text; numbers become their digits. `or_` stands in for absent, null and empty."""
        if isinstance(self._value, int) and not isinstance(self._value, bool):
            return str(self.number())
        if or_ is not None and (self._value is _MISSING or self._value is None or self._value == ""):
            return or_
        if not isinstance(self._value, str):
            self._wrong("text")
        if not self._value:
            raise Malformed(self.path, "is empty")
        if "\0" in self._value:
            raise Malformed(self.path, "contains a NUL character")
        try:
            self._value.encode()
        except UnicodeEncodeError:
            raise Malformed(self.path, "contains half of a surrogate pair") from None
        return self._value

    def number(self, or_: int | None = None) -> int:
        """A whole number of at most 18 digits; text made of digits counts."""
        value = self._value
        if or_ is not None and (value is _MISSING or value is None or value == ""):
            return or_
        if isinstance(value, float) and math.isfinite(value):
            value = int(value)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong("a whole number")
        if abs(value) >= 10**18:
            raise Malformed(self.path, "is too large a number")
        return value

    def _wrong(self, wanted: str) -> NoReturn:
        found = _name(self._value)
        raise Malformed(self.path or "body", "is missing" if found == "missing" else f"is {found}, not {wanted}")
