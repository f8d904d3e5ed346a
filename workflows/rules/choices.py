"""What can be chosen: each value as it is kept, with its words, its mark on a page, and the key that chooses it there.

Whatever offers, shows, weighs or checks a choice reads it here; one more value is one more line. Its colour is a class
in the style sheets: `.urgency-now`, `.verdict-adopt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """The words are English; the catalogue has the Japanese."""

    words: str
    mark: str = ""
    key: str = ""


@dataclass(frozen=True)
class Conclusion(Choice):
    """What the meeting may conclude. `is_final`: the wish leaves the agenda. `draft` is the wording with which a
    customer is told, "" where none is.
    """

    is_final: bool = False
    draft: str = ""


REQUESTS = {
    "action": Choice("Action requested"),
    "consultation": Choice("Advice"),
    "information": Choice("For information"),
}
URGENCIES = {"now": Choice("Urgent", "‼"), "today": Choice("Today", "!"), "week": Choice("This week", "·")}
#: How important a wish is, and how warm a customer.
LEVELS = {"high": Choice("high", "▮▮▮"), "medium": Choice("medium", "▮▮▯"), "low": Choice("low", "▮▯▯")}
CHURN_RISKS = {"none": Choice("none"), "low": Choice("low"), "medium": Choice("medium"), "high": Choice("high")}

#: What an approved sentence lets a customer expect.
PROMISES = {
    "listen": Choice("No promise"),
    "discuss": Choice("Will be discussed"),
    "report": Choice("We report back"),
}

ADOPT, CONSIDER, DUPLICATE = "adopt", "consider", "duplicate"
#: In the order in which they are offered.
CONCLUSIONS = {
    ADOPT: Conclusion("Adopted", key="a", is_final=True, draft="adopted"),
    CONSIDER: Conclusion("Keep considering", key="c"),
    "decline": Conclusion("Not now", key="d", is_final=True, draft="declined"),
    "existing": Conclusion("Already possible", key="e", is_final=True, draft="existing"),
    DUPLICATE: Conclusion("Duplicate", key="m"),
}
#: Those with which a wish leaves the agenda; it stays there without any, and with the others.
FINAL = tuple(name for name, each in CONCLUSIONS.items() if each.is_final)
#: What holds of a wish about which nothing final was concluded; "" for nothing at all.
UNDECIDED = ("", *(name for name in CONCLUSIONS if name not in FINAL))


def words_of(choices: Mapping[str, Choice]) -> dict[str, str]:
    """Each value, and what it is called."""
    return {name: each.words for name, each in choices.items()}
