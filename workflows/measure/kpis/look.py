"""Look: one reading of figures, of a period and as of a moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from workflows.measure.kpis.periods import Period


@dataclass(frozen=True)
class Look:
    """`now`: as of when, in milliseconds."""

    session: Session
    period: Period
    now: int
