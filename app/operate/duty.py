"""What `check` says of the shifts: at which hours of the coming days nobody is there."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.vendor import Finding
from workflows.engine.store import now_ms
from workflows.language.wording import hour, time
from workflows.people import duty
from workflows.people.duty import Gap
from workflows.rules import rules

#: How far it looks ahead, and how many times it names.
DAYS, NAMED = 14, 5
COVERED = "Shifts: somebody is on shift at all business hours of the next {n} days."
NOBODY = (
    "Shifts: in the next {n} days nobody is on shift at these business hours: {times}. "
    "Give somebody these hours in [calendar.people], or close them in [calendar]."
)
MORE = "and {n} more"


def findings() -> Iterator[Finding]:
    """Nothing where the rules name no agents: then the company's hours are everybody's."""
    if not duty.agents():
        return
    now = now_ms()
    left = [gap for gap in duty.gaps(rules.calendar.local(now).date(), DAYS) if gap.end_ms > now]
    if not left:
        yield Finding(True, COVERED, {"n": str(DAYS)})
        return
    times = [*map(_written, left[:NAMED]), *([MORE.format(n=len(left) - NAMED)] if len(left) > NAMED else [])]
    yield Finding(None, NOBODY, {"n": str(DAYS), "times": ", ".join(times)})


def _written(gap: Gap) -> str:
    """Sat 21 Nov 12:00-13:00, on the company's clock."""
    return f"{time('en', gap.start_ms)}-{hour(gap.end_ms)}"
