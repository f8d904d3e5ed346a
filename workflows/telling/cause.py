"""Why a customer is to hear something: an issue became done, or the meeting concluded something.

It is stored as one text, the id of a `Release`: `4711:2` for the second time that an issue became done,
`decision:12` for a conclusion. Nothing but this module takes that text apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_DECISION = "decision"


@dataclass(frozen=True)
class Cause:
    """An issue in one of its cycles, or a decision; the other is "" or 0."""

    issue_id: str = ""
    cycle: int = 0
    decision_id: int = 0

    @classmethod
    def read(cls, stored: str) -> Cause:
        """The cause that a text names."""
        name, _, number = stored.partition(":")
        return cls(decision_id=int(number)) if name == _DECISION else cls(name, int(number.partition(":")[0]))

    @property
    def stored(self) -> str:
        """The text by which it is kept."""
        return f"{_DECISION}:{self.decision_id}" if self.decision_id else f"{self.issue_id}:{self.cycle}"


def stored_decision(decision_id: Any) -> Any:
    """The same for a column with decisions' ids: the text by which each is kept as a cause."""
    return sa.literal(f"{_DECISION}:") + sa.cast(decision_id, sa.String)
