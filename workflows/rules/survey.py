"""[survey]: whether customers are asked, once their conversation is solved, how it went, and how often at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.rules.file import Section

KNOWN: dict[str, set[str] | None] = {"survey": {"on", "after_minutes", "good_days", "per_person_days", "reasons"}}
#: What somebody can press who is not satisfied, where the company names nothing else.
USUAL_REASONS = (
    "It took too long",
    "The problem was not solved",
    "It was hard to understand",
    "How I was treated",
    "Something is missing in the product",
)
MOST_REASONS, LONGEST_REASON = 12, 60


@dataclass(frozen=True)
class Survey:
    """`after_minutes`: how long after a conversation was closed its customer is asked; `good_days`: how long they can
    answer. `per_person_days`: nobody is asked again within so many days; 0 for at each solved conversation.

    `reasons`: what can be chosen besides a remark, in the company's own words; none for USUAL_REASONS.
    """

    on: bool = False
    after_minutes: int = 10
    good_days: int = 14
    per_person_days: int = 30
    reasons: tuple[str, ...] = ()

    @property
    def offered(self) -> tuple[str, ...]:
        """What can be chosen."""
        return self.reasons or USUAL_REASONS


def survey(file: Section) -> dict[str, Any]:
    """What of the rules this section says."""
    section, usual = file.section("survey"), Survey()
    return {
        "survey": Survey(
            section.switch("on", default=usual.on),
            section.number("after_minutes", usual.after_minutes, 0, 1440),
            section.number("good_days", usual.good_days, 1, 365),
            section.number("per_person_days", usual.per_person_days, 0, 3650),
            _reasons(section),
        )
    }


def _reasons(section: Section) -> tuple[str, ...]:
    found = [reason.strip() for reason in section.texts("reasons", ())]
    if len(found) > MOST_REASONS:
        section.wrong("reasons", f"has more than {MOST_REASONS}; nobody reads as many")
    for reason in found:
        if not 0 < len(reason) <= LONGEST_REASON or found.count(reason) > 1:
            section.wrong("reasons", f"must be different texts of 1 to {LONGEST_REASON} characters", item=reason)
    return tuple(dict.fromkeys(found))
