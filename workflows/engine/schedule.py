"""Which run has to be begun when: rows of ours, and the turns that the engine gives them.

    start(session, [NewRun("jira:1", "release.moved", {…})])      # recorded and handed to the engine, in one commit
    spawn([child("escalation:7/remind", "reminders.remind", …)])  # the same, in commits of its own

A run's turn is the engine's workflow `<run>~<n>` in one of four queues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sqlmodel import Session

from workflows.engine import dry_run
from workflows.engine.bulk import Gathering
from workflows.engine.rows import insert_new
from workflows.engine.store import now_ms, store
from workflows.tables.runs import Run

#: What vendors tell, what follows from it, and what a person waits for; and what may have killed its process.
DELIVERIES, FANOUT, PEOPLE, SUSPECTS = "deliveries", "fanout", "people", "suspects"
#: Stories in which a person waits or a promised clock runs: a release to thousands does not stand before them.
PRESSING = ("escalation.", "reminders.", "warning.", "conclusion.tell")
#: So many attempts that never come to an end a run has beside others. Who of those in flight killed the process is not
#: known, so after these each of them is suspected, and goes on alone.
IN_COMPANY = 2

_client: Any = None


def bind(client: Any) -> None:
    """Tell by which client runs are handed to the engine (`app.runtime`, tests)."""
    global _client
    _client = client


def engine() -> Any:
    """The client that is bound."""
    assert _client is not None, "no engine is bound: app.runtime does that at start"
    return _client


@dataclass(frozen=True)
class NewRun:
    """A run that is to start: `workflow` is the story's name (`release.moved`); one run for one id, ever."""

    id: str
    workflow: str
    arguments: dict[str, Any]
    queue: str = DELIVERIES
    delivery_id: str | None = None
    scheduled: int = 1


def start(session: Session, runs: Sequence[NewRun]) -> int:
    """Record runs and schedule them, in the caller's transaction, each once for ever; returns how many are new."""
    times = {"due_at": now_ms(), "created_at": now_ms()}
    new = insert_new(session, Run, [vars(run) | times | {"dry": dry_run.begins_dry(run.workflow)} for run in runs])
    _enqueue(session, [run for run in runs if run.id in new])
    return len(new)


def schedule(session: Session, run: Run, delay: float = 0.0) -> None:
    """Hand a run to the engine once more, to be begun in `delay` seconds, in the caller's transaction."""
    run.scheduled += 1
    run.due_at = now_ms() + int(delay * 1000)
    _enqueue(session, [run], delay)


def _enqueue(session: Session, runs: Sequence[Run | NewRun], delay: float = 0.0) -> None:
    gathering = Gathering(session.connection())
    for run in runs:
        how = [True] if _is_suspect(run) else []
        engine().enqueue_in_transaction(gathering, _turn(run, delay), run.id, *how)
    gathering.send()


def _turn(run: Run | NewRun, delay: float) -> Any:
    options: dict[str, Any] = {
        "workflow_name": run.workflow,
        "queue_name": SUSPECTS if _is_suspect(run) else run.queue,
        "workflow_id": engine_id(run),
        "app_version": APPLICATION_VERSION,
    }
    return options | {"delay_seconds": delay} if delay > 0 else options


def _is_suspect(run: Run | NewRun) -> bool:
    """May this be what its process died of?"""
    return isinstance(run, Run) and run.unfinished >= IN_COMPANY


#: Pinned: otherwise DBOS hashes the source and a deploy would strand what is in flight.
APPLICATION_VERSION = "1"


class Scheduled(Protocol):
    """What has turns: a run, or as much of one."""

    @property
    def id(self) -> str: ...

    @property
    def scheduled(self) -> int: ...


def engine_id(run: Scheduled) -> str:
    """The engine's name for a run's newest turn."""
    return f"{run.id}~{run.scheduled}"


def spawn(children: Sequence[NewRun]) -> int:
    """Start runs, each once however often this is called; returns how many are new."""
    some = [children[first : first + 200] for first in range(0, len(children), 200)]
    return sum(store.write(partial(start, runs=runs)) for runs in some)


def child(run_id: str, workflow: str, **arguments: Any) -> NewRun:
    """A run that a story starts."""
    return NewRun(run_id, workflow, arguments, PEOPLE if workflow.startswith(PRESSING) else FANOUT)
