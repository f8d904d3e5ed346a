"""Durable runs, and the only face of DBOS for stories.

A *run* is one execution of a story for one delivery (or of one of its children). Our own table `run`
is the truth; DBOS rows are its schedule: which process works on it now, and what comes next. A run
may be begun again at any moment, by any process, so a story re-reads the state of the world and
writes to vendors through `workflows.engine.actions`, which never does the same thing twice.

    open ──► done | ignored                the story ended and said why
     ├─ Transient, Unsure ──► open         again later: 5 s, 30 s, 2 min … for 72 hours
     └─ Permanent, or 72 hours over ──► dead letter, until an operator replays it
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos._sys_db import SystemDatabase
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from integrations.contract import Malformed, Permanent, Transient, Unsure
from workflows.engine.at_work import at_work
from workflows.engine.bulk import Gathering
from workflows.engine.failpoints import hit
from workflows.engine.lane import lane
from workflows.engine.outcome import Later, Outcome, dead, is_shortage, place_of
from workflows.engine.rows import insert_new, table_of
from workflows.engine.store import now_ms, store
from workflows.tables.runs import DEAD, OPEN, Delivery, Run

log = logging.getLogger("yamabiko")

#: Seconds until the next attempt; the last one is repeated.
PAUSES = (5, 30, 120, 600, 1800, 3600)
GIVE_UP_AFTER_MS = 72 * 3600 * 1000
#: A story that fails for a reason that is ours is tried this often.
UNEXPECTED_ATTEMPTS = 8
#: What vendors tell, what follows from it, and what a person waits for.
DELIVERIES, FANOUT, PEOPLE = "deliveries", "fanout", "people"


Story = Callable[..., Outcome]
STORIES: dict[str, Story] = {}
#: The names of the stories that somebody waits for.
URGENT: set[str] = set()
#: The run that this thread works on, and which attempt at it this is.
_current: ContextVar[tuple[str, int]] = ContextVar("run", default=("", 1))


def name_of(function: Callable[..., Any]) -> str:
    """`workflows.telling.release.announce` is stored, listed and replayed as `release.announce`."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


#: A story's former names, by its name. What is stored under one of them goes on; rows are never rewritten.
FORMERLY = {
    **{f"to_jira.{act}": (f"triage_issues.{act}",) for act in ("create", "link", "shared")},
    **{f"erasure.{act}": (f"history.{act}",) for act in ("redacted", "deleted")},
}
#: … and so are the former names of arguments.
ARGUMENTS_FORMERLY = {"context": "about"}


def urgent(story: Story) -> Story:
    """Register a story that a person waits for: it has a queue of its own, and waits for no place in the lane."""
    URGENT.update(_names_of(story))
    return workflow(story)


def workflow(story: Story) -> Story:
    """Register a story. It stays an ordinary function; the engine runs it through `conduct`."""
    for name in _names_of(story):
        STORIES[name] = story
        _register(name, story)
    return story


def _names_of(story: Story) -> tuple[str, ...]:
    return (name_of(story), *FORMERLY.get(name_of(story), ()))


def _register(name: str, story: Story) -> None:
    def run(run_id: str) -> str:
        with at_work(run_id), nullcontext() if name in URGENT else lane.place():
            return conduct(run_id, story)

    run.__qualname__ = run.__name__ = name
    DBOS.workflow(name=name, max_recovery_attempts=1000)(run)


def current_run() -> str:
    """The id of the run that this thread works on; "" outside of any."""
    return _current.get()[0]


def is_repeated() -> bool:
    """Has an earlier attempt begun the run that this thread works on, and perhaps done a part of it?"""
    return _current.get()[1] > 1


# -- scheduling -----------------------------------------------------------------------------------

_client: DBOSClient | None = None


def bind(client: DBOSClient | None) -> None:
    """Tell by which client runs are handed to the engine (`app.runtime`, tests)."""
    global _client
    _client = client


def engine() -> DBOSClient:
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
    new = insert_new(session, Run, [vars(run) | times for run in runs])
    _enqueue(session, [run for run in runs if run.id in new])
    return len(new)


def schedule(session: Session, run: Run, delay: float = 0.0) -> None:
    """Hand a run to the engine once more, to be begun in `delay` seconds, in the caller's transaction."""
    run.scheduled += 1
    run.due_at = now_ms() + int(delay * 1000)
    _enqueue(session, [run], delay)


def _enqueue(session: Session, runs: Sequence[Run | NewRun], delay: float = 0.0) -> None:
    client: Any = engine()
    gathering = Gathering(session.connection())
    for run in runs:
        client.enqueue_in_transaction(gathering, _turn(run, delay), run.id)
    gathering.send()


def _turn(run: Run | NewRun, delay: float) -> Any:
    options: dict[str, Any] = {
        "workflow_name": run.workflow,
        "queue_name": run.queue,
        "workflow_id": engine_id(run),
        "app_version": APPLICATION_VERSION,
    }
    return options | {"delay_seconds": delay} if delay > 0 else options


#: Readable rows. `app.runtime` sees to it that a row which says that it is pickled is refused: that would be code.
SERIALIZER = DBOSPortableJSONSerializer()
#: Pinned: otherwise DBOS hashes the source and a deploy would strand what is in flight.
APPLICATION_VERSION = "1"


def engine_id(run: Run | NewRun) -> str:
    """The engine's name for a run's newest turn."""
    return f"{run.id}~{run.scheduled}"


def spawn(children: Sequence[NewRun]) -> int:
    """Start runs, each once however often this is called; returns how many are new."""
    some = [children[first : first + 200] for first in range(0, len(children), 200)]
    return sum(store.write(partial(start, runs=runs)) for runs in some)


def child(run_id: str, workflow: str, **arguments: Any) -> NewRun:
    """A run that a story starts."""
    return NewRun(run_id, workflow, arguments, FANOUT)


# -- conducting -----------------------------------------------------------------------------------


def conduct(run_id: str, story: Story) -> str:
    """Work on a run once, and write down how it went. Returns its state afterwards."""
    begun = store.write(partial(_begin, run_id))
    if begun is None:
        return "ended before"
    attempt, arguments = begun
    hit("run.begun", story.__name__)
    token = _current.set((run_id, attempt))
    try:
        result = _tell(run_id, story, arguments, attempt)
    finally:
        _current.reset(token)
    hit("run.told", story.__name__)
    state = store.write(partial(_end, run_id, attempt, result))
    hit("run.ended", story.__name__)
    return state


_RUNS, _DELIVERIES = table_of(Run), table_of(Delivery)
_THIS_RUN = (_RUNS.c.id == sa.bindparam("run")) & (_RUNS.c.state == OPEN)
_BEGIN = (
    sa.update(_RUNS)
    .where(_THIS_RUN, _RUNS.c.unfinished < UNEXPECTED_ATTEMPTS)
    .values(attempts=_RUNS.c.attempts + 1, unfinished=_RUNS.c.unfinished + 1)
    .returning(_RUNS.c.attempts, _RUNS.c.arguments)
)


def _begin(run_id: str, session: Session) -> tuple[int, dict[str, Any]] | None:
    if begun := session.connection().execute(_BEGIN, {"run": run_id}).first():
        return begun.attempts, begun.arguments
    run = session.get(Run, run_id)
    if run is not None and run.state == OPEN:
        died = dead("The process stopped {count} times while working on this.", count=run.unfinished)
        close(session, run_id, run.attempts, died)
    return None


def _tell(run_id: str, story: Story, arguments: dict[str, Any], attempt: int) -> Outcome | Later:
    try:
        return story(**{ARGUMENTS_FORMERLY.get(name, name): value for name, value in arguments.items()})
    except Transient as trouble:
        return Later(str(trouble), trouble.retry_after)
    except Unsure as trouble:
        return Later(str(trouble))
    except (Permanent, Malformed) as trouble:
        return dead(str(trouble))
    except DBAPIError:
        raise  # the storage is unwell: the engine's turn fails, the reconciler gives the run another one
    except Exception as error:
        place = place_of(error)
        log.error("run %s failed: %s", run_id, place)
        return Later(place) if attempt < UNEXPECTED_ATTEMPTS or is_shortage(error) else dead(place)


def _end(run_id: str, attempt: int, result: Outcome | Later, session: Session) -> str:
    if isinstance(result, Later):
        return _postpone(session, run_id, attempt, result)
    return result.state if close(session, run_id, attempt, result) else "taken over"


_CLOSE = sa.update(_RUNS).where(_THIS_RUN, _RUNS.c.attempts == sa.bindparam("attempt")).returning(_RUNS.c.delivery_id)
_CLOSE_DELIVERY = sa.update(_DELIVERIES).where(_DELIVERIES.c.id == sa.bindparam("delivery"))


def close(session: Session, run_id: str, attempt: int, outcome: Outcome) -> bool:
    """End a run, and with it the delivery that it was for; False if it has ended, or another attempt is under way."""
    connection = session.connection()
    ending = {"state": outcome.state, "reason": outcome.sentence, "facts": outcome.facts}
    this = {"run": run_id, "attempt": attempt, "unfinished": 0, "ended_at": now_ms()}
    closed = connection.execute(_CLOSE, this | ending).first()
    if closed and closed.delivery_id is not None:
        connection.execute(_CLOSE_DELIVERY, {"delivery": closed.delivery_id} | ending)
    return closed is not None


def _postpone(session: Session, run_id: str, attempt: int, later: Later) -> str:
    run, now = session.get_one(Run, run_id, with_for_update=True), now_ms()
    if run.state != OPEN or run.attempts != attempt:
        return "taken over"
    run.unfinished = 0
    run.failing_since = run.failing_since or now
    if now - run.failing_since > GIVE_UP_AFTER_MS:
        close(session, run_id, attempt, dead(later.reason))
        return DEAD
    run.reason = later.reason
    pause = PAUSES[min(run.attempts, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)
    schedule(session, run, delay=pause if later.seconds is None else later.seconds)
    return run.state


def create_engine_tables(engine: sa.Engine) -> None:
    """Bring the engine's own tables to the shape that this version of DBOS wants."""
    database = SystemDatabase.create(
        system_database_url="sqlite:///" if engine.dialect.name == "sqlite" else "postgresql://",
        engine_kwargs={},
        engine=engine,
        schema="dbos",
        serializer=SERIALIZER,
        executor_id=None,
        use_listen_notify=False,
    )
    database.run_migrations()
