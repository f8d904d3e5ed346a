"""How a run ends: what a story returns.

return done("Filed: {feedback}.", feedback="FB-12")      # or ignored, or dead: a sentence, and facts for its gaps
"""

from __future__ import annotations

import errno
import traceback
from dataclasses import dataclass, field
from typing import Any

from workflows.tables.runs import DEAD, DONE, IGNORED


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `state`, and the sentence that says why, with facts for its gaps."""

    state: str
    sentence: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def done(sentence: str = "", **facts: Any) -> Outcome:
    """The story did what it is for."""
    return Outcome(DONE, sentence, facts)


def ignored(sentence: str, **facts: Any) -> Outcome:
    """The story found nothing to do, and says why."""
    return Outcome(IGNORED, sentence, facts)


def dead(sentence: str, **facts: Any) -> Outcome:
    """The story cannot go on without a person."""
    return Outcome(DEAD, sentence, facts)


@dataclass(frozen=True)
class Later:
    """Not now: try again after `seconds` (None: the next pause)."""

    reason: str
    seconds: float | None = None


def place_of(error: BaseException) -> str:
    """What kind of error, and where; not its text, which may quote a customer."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{type(error).__name__} in {ours[-1].name}, {ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}"


#: What the system says when there is no file, no memory, no room left to give: somebody else has it, for now.
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENOSPC, errno.EDQUOT)


def is_shortage(error: BaseException) -> bool:
    """Does this pass by itself, because it says nothing about what was being worked on?"""
    return isinstance(error, OSError) and error.errno in SHORTAGES


class Refused(Exception):
    """Something cannot be done as things stand; `sentence` says why, with `facts` for its gaps."""

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence, self.facts = sentence, facts
