"""Plain: the few figures of the whole company that need no explanation, each with the one of the period before.

plain(session, Period.of("week", day), now)     # [Plain("enquiries", "count", 240, 210, …), …]
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from workflows.measure.kpis import board
from workflows.measure.kpis.board import Shown
from workflows.measure.kpis.cases import ALL, HITS
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import Period
from workflows.volume import periods, views

#: A figure is a number, a length in business minutes, or a share in percent.
COUNT, MINUTES, PERCENT = "count", "minutes", "percent"
ENQUIRIES = "enquiries"
#: Each of the figures of `board` that stand here, and what of it.
SHOWN = {
    "first_response": MINUTES,
    "satisfied": PERCENT,
    "inflow": COUNT,
    "notified": COUNT,
    "in_target": PERCENT,
}


@dataclass(frozen=True)
class Plain:
    """`now`, `before`: None where there is nothing to say. `n`: of how many; `part`: which list is behind it."""

    name: str
    kind: str
    now: int | None
    before: int | None
    n: int
    part: str = ALL

    @property
    def change(self) -> int | None:
        """By how much it is more than before; None where one of them is not known."""
        return None if self.now is None or self.before is None else self.now - self.before


def plain(session: Session, period: Period, now: int) -> list[Plain]:
    """In the order of the page."""
    here, before = (board.figures(Look(session, each, now), SHOWN) for each in (period, period.before))
    came, then = (_enquiries(session, each) for each in (period, period.before))
    first = Plain(ENQUIRIES, COUNT, came, then, came or 0)
    return [first, *(_plain(name, kind, here[name], before[name]) for name, kind in SHOWN.items())]


def _enquiries(session: Session, period: Period) -> int | None:
    """How many came in; None where nobody counted then."""
    since = views.counted_since(session)
    if since is None or since >= period.ends:
        return None
    return views.total(session, periods.Period(periods.YEAR, period.first, period.last))


def _plain(name: str, kind: str, here: Shown, before: Shown) -> Plain:
    part = HITS if kind == PERCENT else ALL
    return Plain(name, kind, _value(kind, here), _value(kind, before), here.number.n, part)


def _value(kind: str, shown: Shown) -> int | None:
    if kind == COUNT:
        return shown.number.n
    return shown.number.business.half if kind == MINUTES else shown.number.percent
