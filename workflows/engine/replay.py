"""Another chance for a run that ended as a dead letter, or is stuck."""

from __future__ import annotations

from sqlmodel import Session

from workflows.engine import dry_run
from workflows.engine.schedule import schedule
from workflows.engine.store import store
from workflows.tables.runs import OPEN, Delivery, Run


def replay(run_id: str) -> bool:
    """Give a dead (or stuck) run another chance from its start; False if there is no such run."""

    def work(session: Session) -> bool:
        run = session.get(Run, run_id)
        if run is None:
            return False
        run.state, run.reason, run.facts, run.ended_at, run.failing_since = OPEN, "", {}, None, None
        run.unfinished = run.failures = 0
        run.dry = dry_run.begins_dry(run.workflow)  # whoever replays means what the rules say now
        if run.delivery_id is not None:
            delivery = session.get_one(Delivery, run.delivery_id)
            delivery.state, delivery.reason, delivery.facts = OPEN, "", {}
        schedule(session, run)
        return True

    return store.write(work)
