"""Why a customer is to hear something: an issue became done, the meeting concluded something, or there is a notice.

It is stored as one text, the id of a `Release`: `4711:2` for the second time that an issue became done,
`decision:12` for a conclusion, `notice:7` for a notice. Nothing but this module takes that text apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_DECISION, _NOTICE = "decision", "notice"


@dataclass(frozen=True)
class Cause:
    """An issue in one of its cycles, a decision, or a notice; the others are "" or 0."""

    issue_id: str = ""
    cycle: int = 0
    decision_id: int = 0
    notice_id: int = 0

    @classmethod
    def read(cls, stored: str) -> Cause:
        """The cause that a text names."""
        name, _, number = stored.partition(":")
        first = int(number.partition(":")[0])
        if name == _DECISION:
            return cls(decision_id=first)
        return cls(notice_id=first) if name == _NOTICE else cls(name, first)

    @property
    def stored(self) -> str:
        """The text by which it is kept."""
        if self.decision_id:
            return f"{_DECISION}:{self.decision_id}"
        return f"{_NOTICE}:{self.notice_id}" if self.notice_id else f"{self.issue_id}:{self.cycle}"


def stored_decision(decision_id: Any) -> Any:
    """The same for a column with decisions' ids: the text by which each is kept as a cause."""
    return sa.literal(f"{_DECISION}:") + sa.cast(decision_id, sa.String)


def is_notice(release_id: Any) -> Any:
    """Is this the id of a notice, in a column?"""
    return release_id.startswith(f"{_NOTICE}:")


def second(release_id: str) -> str:
    """The release that reminds customers of a notice once more."""
    return f"{release_id}:again"
