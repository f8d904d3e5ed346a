"""Rules of manners: what is not written to customers, and what is written instead. Pure.

A rule has a stable name, a grade, a sentence for whoever reads the objection, and its words: each pattern with what to
write instead ("" where something is left out, or only a person knows). A pattern looks at a bounded piece of the text
from wherever it begins, so that no text takes more time than its length: tests hold that none repeats without end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

#: `MUST` keeps a text from being approved, `SHOULD` is advice.
MUST, SHOULD = "must", "should"
#: What to write instead: a template for a match, as `re` expands it, or a function of it.
Better = str | Callable[[re.Match[str]], str]


class Fault(NamedTuple):
    """Where a text breaks a rule, and what to write instead."""

    rule: Rule
    start: int
    end: int
    advice: str


@dataclass(frozen=True)
class Rule:
    """A rule. `allowed`: so many times its words may stand in a text. `words` is empty for what is found otherwise."""

    name: str
    grade: str
    sentence: str
    words: Mapping[str, Better] | None = None
    allowed: int = 0

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], Better]]:
        """Its words, ready to be looked for."""
        return [(re.compile(pattern), better) for pattern, better in (self.words or {}).items()]

    def faults(self, text: str) -> Iterator[Fault]:
        """Where a text breaks it."""
        found = [(match, better) for pattern, better in self.patterns for match in pattern.finditer(text)]
        if self.allowed:
            found = sorted(found, key=lambda each: each[0].start())[self.allowed :]
        for match, better in found:
            yield Fault(self, *match.span(), match.expand(better) if isinstance(better, str) else better(match))


def promising(words: Mapping[str, Better]) -> Rule:
    """The rule of words that promise something, in any language."""
    return Rule("promise", MUST, "“{found}” promises more than we have agreed to.", words)
