"""Durable runs, and the only face of DBOS for stories.

A *run* is one execution of a story for one delivery (or of one of its children). Our own table `run`
is the truth; DBOS rows are its schedule: which process works on it now, and what comes next. A run
may be begun again at any moment, by any process, so a story re-reads the state of the world and
writes to vendors through `workflows.engine.actions`, which never does the same thing twice.

    open ──► done | ignored                the story ended and said why
     ├─ Transient, Unsure ──► open         again later: 5 s, 30 s, 2 min … for 72 hours
     ├─ Unwelcome ──► open                 our token is not accepted, or not for this: every five minutes, as long
     └─ Permanent, or 72 hours over ──► dead letter, until an operator replays it
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSPortableJSONSerializer
from dbos._sys_db import SystemDatabase
from sqlmodel import Session

from integrations import fence
from integrations.contract import Malformed, Permanent, Transient, Unsure, Unwelcome
from integrations.hands_off import HandsOff
from workflows.engine import dry_run
from workflows.engine.at_work import at_work
from workflows.engine.company import company
from workflows.engine.failpoints import hit
from workflows.engine.lane import lane
from workflows.engine.outcome import Later, Outcome, dead, is_shortage, place_of
from workflows.engine.rows import table_of
from workflows.engine.schedule import IN_COMPANY, schedule
from workflows.engine.schedule import NewRun as NewRun
from workflows.engine.schedule import child as child
from workflows.engine.schedule import spawn as spawn
from workflows.engine.schedule import start as start
from workflows.engine.store import now_ms, store
from workflows.tables.runs import DEAD, OPEN, Delivery, Run

log = logging.getLogger("yamabiko")

#: Seconds until the next attempt; the last one is repeated.
PAUSES = (5, 30, 120, 600, 1800, 3600)
#: Seconds after which a vendor is asked again that does not accept our token, or not for what we asked.
UNTIL_RENEWED = 300.0
GIVE_UP_AFTER_MS = 72 * 3600 * 1000
#: A story that fails for a reason that is ours is tried this often, and so is one whose process dies each time.
UNEXPECTED_ATTEMPTS = 8
#: The storage's own troubles. What else a database says no to is a mistake of ours.
STORAGE_ERRORS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError)
STORAGE_FAILED = "The database could not be used."
#: A story of ours forgot that it runs dry, and was stopped by the client: a mistake of ours, and nothing was sent.
PAST_THE_DRY_RUN = "Stopped before it was sent, because of the dry run: {call}."


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
    def run(run_id: str, alone: bool = False) -> str:
        there = company.alone() if alone else company.joined()
        with at_work(run_id), there as is_alone, nullcontext() if name in URGENT else lane.place():
            return conduct(run_id, story, alone=is_alone)

    run.__qualname__ = run.__name__ = name
    DBOS.workflow(name=name, max_recovery_attempts=1000)(run)


def current_run() -> str:
    """The id of the run that this thread works on; "" outside of any."""
    return _current.get()[0]


def is_repeated() -> bool:
    """Has an earlier attempt begun the run that this thread works on, and perhaps done a part of it?"""
    return _current.get()[1] > 1


#: Readable rows. `app.runtime` sees to it that a row which says that it is pickled is refused: that would be code.
SERIALIZER = DBOSPortableJSONSerializer()


# -- conducting -----------------------------------------------------------------------------------


def conduct(run_id: str, story: Story, *, alone: bool = True) -> str:
    """Work on a run once, and write down how it went. Returns its state afterwards.

    Is it not `alone` in this process, and is it suspected, it gets a turn alone instead.
    """
    since = fence.moment()
    begun = store.write(partial(_begin, run_id, UNEXPECTED_ATTEMPTS if alone else IN_COMPANY))
    if begun is None:
        return "not begun"
    attempt, failures, arguments, is_dry = begun
    hit("run.begun", story.__name__)
    token = _current.set((run_id, attempt))
    try:
        ours = fence.around(lambda: store.read(partial(_is_ours, run_id, attempt)), since)
        with ours, dry_run.working_on(name_of(story), is_dry):
            result = _tell(run_id, story, arguments, failures)
    finally:
        _current.reset(token)
    hit("run.told", story.__name__)
    try:
        state = store.write(partial(_end, run_id, attempt, result))
    except STORAGE_ERRORS:
        _innocent.put(run_id)
        raise  # the engine's turn fails; the reconciler gives the run another one
    hit("run.ended", story.__name__)
    return state


_RUNS, _DELIVERIES = table_of(Run), table_of(Delivery)
_THIS_RUN = (_RUNS.c.id == sa.bindparam("run")) & (_RUNS.c.state == OPEN)
_BEGIN = (
    sa.update(_RUNS)
    .where(_THIS_RUN, _RUNS.c.unfinished < sa.bindparam("most"))
    .values(attempts=_RUNS.c.attempts + 1, unfinished=_RUNS.c.unfinished + 1)
    .returning(_RUNS.c.attempts, _RUNS.c.failures, _RUNS.c.arguments, _RUNS.c.dry)
)


def _begin(run_id: str, most: int, session: Session) -> tuple[int, int, dict[str, Any], bool] | None:
    """The number of this attempt, how many failed before, what to do, and whether that is dry.

    None where there is nothing (more) to do, or not in company.
    """
    if begun := session.connection().execute(_BEGIN, {"run": run_id, "most": most}).first():
        return begun.attempts, begun.failures, begun.arguments, begun.dry
    run = session.get(Run, run_id)
    if run is None or run.state != OPEN:
        return None
    if run.unfinished < UNEXPECTED_ATTEMPTS:
        schedule(session, run)
    else:
        died = dead("The process stopped {count} times while working on this.", count=run.unfinished)
        close(session, run_id, run.attempts, died)
    return None


def _is_ours(run_id: str, attempt: int, session: Session) -> bool:
    """Has nobody begun the run anew meanwhile?"""
    run = session.get(Run, run_id)
    return run is not None and (run.state, run.attempts) == (OPEN, attempt)


def _tell(run_id: str, story: Story, arguments: dict[str, Any], failures: int) -> Outcome | Later:
    try:
        told = story(**{ARGUMENTS_FORMERLY.get(name, name): value for name, value in arguments.items()})
        return replace(told, facts=dry_run.marked(told.facts)) if dry_run.is_on() else told
    except Transient as trouble:
        return Later(str(trouble), trouble.retry_after)
    except Unsure as trouble:
        return Later(str(trouble))
    except Unwelcome as trouble:
        return Later(str(trouble), UNTIL_RENEWED)
    except (Permanent, Malformed) as trouble:
        return dead(str(trouble))
    except HandsOff as refused:
        return dead(PAST_THE_DRY_RUN, call=str(refused))
    except STORAGE_ERRORS:
        return Later(STORAGE_FAILED)
    except Exception as error:
        place = place_of(error)
        log.error("run %s failed: %s", run_id, place)
        return Later(place) if failures + 1 < UNEXPECTED_ATTEMPTS or is_shortage(error) else dead(place)


def _end(run_id: str, attempt: int, result: Outcome | Later, session: Session) -> str:
    if isinstance(result, Later):
        return _postpone(session, run_id, attempt, result)
    return result.state if close(session, run_id, attempt, result) else "taken over"


#: Runs whose attempts ended, but could not be written down: their process has not died of them.
_innocent: SimpleQueue[str] = SimpleQueue()
_ACQUIT = sa.update(_RUNS).where(_THIS_RUN, _RUNS.c.unfinished > 0).values(unfinished=_RUNS.c.unfinished - 1)


def acquit() -> None:
    """Now that the storage can be used: nobody suspects a run on account of the storage's troubles."""
    while not _innocent.empty():
        run_id = _innocent.get()
        try:
            store.write(partial(_acquit, run_id))
        except STORAGE_ERRORS:
            _innocent.put(run_id)
            raise


def _acquit(run_id: str, session: Session) -> None:
    session.connection().execute(_ACQUIT, {"run": run_id})


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
    schedule(session, run, delay=_pause(run) if later.seconds is None else later.seconds)
    return run.state


def _pause(run: Run) -> float:
    """Longer after each failure: being told when to come again is none, and neither is the end of a process."""
    run.failures += 1
    return PAUSES[min(run.failures, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)


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
