"""What no longer moves: a thread that never comes back is noticed, and its process ends, so that another goes on.

Nothing is lost with it: what it had in hand is open in the database, and whose fault it was is found out when its
runs are begun again (`company`). The watchdog itself waits for nobody.
"""

from __future__ import annotations

from workflows.engine.lane import Lane
from workflows.engine.store import Store

#: Seconds after which something is stuck: one commit, and one run's computing between two waits. Both take
#: milliseconds, a few seconds on the worst of days; what waits for the database itself gives up after half a minute.
COMMIT, COMPUTING = 60.0, 300.0
WRITER = "the database has not come to an end with a write for %.0f s"
RUN = "a run has been computing for %.0f s without an end"


def stuck(store: Store, lane: Lane) -> str:
    """What has to end with its process, in words for the log; "" while all is well."""
    if store.silent_for > COMMIT:
        return WRITER % store.silent_for
    if lane.longest_turn > COMPUTING:
        return RUN % lane.longest_turn
    return ""
