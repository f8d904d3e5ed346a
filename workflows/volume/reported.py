"""Reported: another tool says how many enquiries came to it, and how many accounts were active.

a signed POST ─► take ─► reports.keep, some quarter hours in each commit
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from workflows.engine.durable import workflow
from workflows.engine.failpoints import hit
from workflows.engine.outcome import Outcome, dead, done, ignored
from workflows.engine.store import now_ms, store
from workflows.volume import reports
from workflows.volume.reports import Told

SAVED = "Saved what {source} reported: {n} quarter hours, {days} days of active accounts."
KNOWN_BETTER = "{source} has reported the same quarter hours or days at a later time: nothing was changed."
FUTURE = "timestamp: is in the future"
#: How far a clock may be ahead of ours.
TOLERANCE_MS = 5 * 60_000
#: Quarter hours of one commit.
TOGETHER = 100


@workflow
def take(
    source: str, said_at: int, counts: Sequence[Mapping[str, Any]], actives: Sequence[Mapping[str, Any]]
) -> Outcome:
    """Keep a tool's numbers. Begun again, it keeps them again, which changes nothing."""
    if said_at > now_ms() + TOLERANCE_MS:
        return dead(FUTURE)
    told = [Told(each["at"], each["n"], each["themes"]) for each in counts]
    n = 0
    for first in range(0, len(told), TOGETHER):
        some = told[first : first + TOGETHER]
        n += store.write(partial(reports.keep, source=source, said_at=said_at, told=some))
        hit("reported.kept")
    by_day = {each["day"]: each["n"] for each in actives}
    days = store.write(partial(reports.keep_actives, said_at=said_at, told=by_day)) if by_day else 0
    return done(SAVED, source=source, n=n, days=days) if n or days else ignored(KNOWN_BETTER, source=source)
