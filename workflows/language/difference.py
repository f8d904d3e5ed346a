"""Difference: what was left out of a text, and what was put in, in pieces that people can read.

    pieces("Use it now.", "Try it now.")     # left "Use", added "Try", the same " it now."

Words of Latin letters stand together, and everything else goes by the character: Japanese has no spaces between words.
What stays the same between two changes is one with them where it is too short to be read by itself. Spaces and line
breaks are all alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, LEFT, ADDED = "same", "left", "added"
#: Fewer characters than these say nothing by themselves.
READABLE = 3
#: Of longer texts whole sentences are compared.
LONGEST = 1500
_TOKEN = re.compile(r"[^\W_぀-ヿ㐀-鿿ｦ-ﾟ]+|\s+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。\n.!?]*[。\n.!?]+\s*|[^。\n.!?]+")


@dataclass(frozen=True)
class Piece:
    """A piece of both texts: `how` it is the same, was left out of the first, or was added by the second."""

    how: str
    text: str


def pieces(before: str, after: str) -> list[Piece]:
    """How one text became the other."""
    return [Piece(how, text) for how, text in _merged(list(_runs(before, after)))]


#: A stretch of both texts: is it the same, and how it reads in each.
Run = tuple[bool, str, str]


def _runs(before: str, after: str) -> Iterator[Run]:
    one, other = _TOKEN.findall(before.strip()), _TOKEN.findall(after.strip())
    if max(len(one), len(other)) > LONGEST:
        one, other = _SENTENCE.findall(before.strip()), _SENTENCE.findall(after.strip())
    keys, others = [each.strip() and each for each in one], [each.strip() and each for each in other]
    for tag, start, end, first, last in SequenceMatcher(None, keys, others, autojunk=False).get_opcodes():
        yield tag == "equal", "".join(one[start:end]), "".join(other[first:last])


def _merged(runs: list[Run]) -> Iterator[tuple[str, str]]:
    left = added = ""
    for number, (is_same, was, is_now) in enumerate(runs):
        if is_same and not (0 < number < len(runs) - 1 and len(is_now.strip()) < READABLE):
            yield from _changed(left, added)
            left = added = ""
            yield SAME, is_now
        else:
            left, added = left + was, added + is_now
    yield from _changed(left, added)


def _changed(left: str, added: str) -> Iterator[tuple[str, str]]:
    """Spaces alone are no change."""
    if left.split() != added.split():
        yield from ((how, text) for how, text in ((LEFT, left), (ADDED, added)) if text)
    elif added:
        yield SAME, added
