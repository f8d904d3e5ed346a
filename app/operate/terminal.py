"""The operator's terminal: what customers and vendors wrote is text there, and tells the terminal nothing."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

#: Where there is no picture of a control character. A line break and a tab are what they are.
UNSEEN = "\N{REPLACEMENT CHARACTER}"
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: "␡"}
#: The terminal's second set of controls, and what turns the direction of a line.
_TURNING = (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_INERT = _PICTURES | dict.fromkeys(_TURNING, UNSEEN)


def inert(text: str) -> str:
    """The same text with each control character as something that can be seen: `␛[2J` clears no screen."""
    return text.translate(_INERT)


class Terminal(Console):
    """Prints what stands there: [slack] is a section, customers write [red] and :smile:, and none of it is a command.

    Every string that is printed, alone or in a table's cell, goes through `render_str`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as rich's text."""
        return super().render_str(inert(text), **options)
