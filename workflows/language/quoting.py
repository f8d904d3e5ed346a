"""Other people's words in a text of ours, hidden letter by letter: what is left stands where it stood. Pure.

hidden("「了解です」とのこと")      # 「￼￼￼￼」とのこと
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import accumulate

#: Stands for a letter that is not looked at.
HIDDEN = "\ufffc"
QUOTES = {"「": "」", "『": "』", "“": "”", '"': '"'}
PARENTHESES = {"(": ")", "（": "）"}
_ITEM = re.compile(r"[ \t\u3000]{0,8}(?:[・•*-]|\d{1,2}[.)．])")


def hidden(text: str, pairs: Mapping[str, str] = QUOTES) -> str:
    """The text with everything hidden that stands between these marks; what is not closed is not quoted."""
    turns = [0] * (len(text) + 1)
    for began, ended in _between(text, pairs):
        turns[began + 1] += 1
        turns[ended] -= 1
    deep = accumulate(turns)
    return "".join(HIDDEN if depth and letter != "\n" else letter for letter, depth in zip(text, deep, strict=False))


def _between(text: str, pairs: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Where marks that belong together stand, the inner ones first."""
    opened: list[int] = []
    for at, letter in enumerate(text):
        if opened and letter == pairs[text[opened[-1]]]:
            yield opened.pop(), at
        elif letter in pairs:
            opened.append(at)


def without(text: str, others: Collection[str]) -> str:
    """The text with these texts hidden, wherever they stand in it."""
    for other in others:
        text = text.replace(other, HIDDEN * len(other)) if other.strip() else text
    return text


def without_items(text: str) -> str:
    """The text with the lines of its lists hidden."""
    lines = text.splitlines(keepends=True)
    return "".join(HIDDEN * len(line) if _ITEM.match(line) else line for line in lines)
