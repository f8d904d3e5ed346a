"""Themes: what an enquiry is about, as far as its tags and the words of `[themes]` say.

themes.of(["請求"], "請求書が届きません")      # ["tag:請求", "word:請求書"]
themes.title("word:請求書")                   # "請求書"
"""

from __future__ import annotations

from collections.abc import Iterable

from workflows.language.folding import fold
from workflows.rules import rules

TAG, WORD = "tag:", "word:"
#: Tags of one enquiry that are counted; nobody puts on as many.
MOST = 30


def of(tags: Iterable[str], text: str) -> list[str]:
    """The themes of an enquiry with these tags, in which a customer wrote this."""
    tagged = sorted({TAG + tag.strip() for tag in tags if tag.strip()})[:MOST]
    return [*tagged, *(WORD + name for name in said_in(text))]


def said_in(text: str) -> list[str]:
    """The themes of the rules any of whose words stands in a text, whatever its letters' width and case."""
    folded = fold(text)
    return [name for name, words in rules.volume.themes.items() if any(fold(word) in folded for word in words)]


def named(name: str) -> str:
    """The theme that another tool calls so: one of the rules, else a tag."""
    if name.startswith((TAG, WORD)):
        return name
    return (WORD if name in rules.volume.themes else TAG) + name


def title(theme: str) -> str:
    """A theme as people call it."""
    return theme.removeprefix(TAG).removeprefix(WORD)


def is_twin(theme: str, among: Iterable[str]) -> bool:
    """Is it one by words that is called like a tag among these? Then it has to be said which of the two it is."""
    return theme.startswith(WORD) and f"{TAG}{title(theme)}" in among
