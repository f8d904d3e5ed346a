"""Processes come and go: who lives, who goes on with the work of the dead, and what the engine has lost.

A process that works off runs beats every few seconds (`upkeep.live`). What a silent one had begun is
handed back to the engine's queue, from where any other takes it, and so is what was given to a living one that never
heard of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlmodel import Session, col, delete, select

from workflows.engine.at_work import is_in_hand
from workflows.engine.schedule import engine, engine_id, schedule
from workflows.engine.store import now_ms, store
from workflows.tables.runs import OPEN, Executor, Run

#: The engine is asked about a run that should have begun this long ago.
OVERDUE_MS = 60_000
#: Of a long backlog so many runs are looked at in one go, and so many pages of them in one round.
PAGE, PAGES = 500, 10
#: Nothing is put off for longer.
LONGEST_PAUSE_MS = 2 * 3600 * 1000
#: So long after the engine gave this process a run, one of its threads has it in hand.
CLAIMED_MS = 30_000
ALIVE = ["ENQUEUED", "PENDING", "DELAYED"]


def beat(executor_id: str) -> None:
    """Say that this process lives."""
    store.write(lambda session: session.merge(Executor(id=executor_id, heartbeat_at=now_ms())) and None)


def take_over(silent_ms: int, me: str) -> int:
    """Hand the work of processes that fell silent to those that live; returns how many runs that were."""
    begun = engine().list_workflows(status="PENDING", load_input=False, load_output=False)
    living = {me, *store.read(partial(_heard_of, now_ms() - silent_ms))}  # read last: who begins has beaten before
    moved = _hand_on([turn for turn in begun if turn.executor_id not in living])
    store.write(partial(_forget, now_ms() - silent_ms, me))
    return moved


def hand_over(executor_id: str) -> None:
    """Give what this process has not finished to the others, and say that it is gone."""
    _hand_on(engine().list_workflows(executor_id=executor_id, status="PENDING", load_input=False, load_output=False))
    store.write(lambda session: session.exec(delete(Executor).where(col(Executor.id) == executor_id)) and None)


def take_back(me: str, overdue_ms: int = OVERDUE_MS, claimed_ms: int = CLAIMED_MS) -> int:
    """Hand back what the engine gave this process and no thread of it has; returns how many runs that were.

    The engine claims a run in a transaction of its own. Where the answer to that commit is lost, or the disk was full
    just then, the run counts as begun by us for ever, and we never hear of it.
    """
    if not store.read(partial(_overdue, now_ms() - overdue_ms, "", 1)):
        return 0
    ours = engine().list_workflows(executor_id=me, status="PENDING", load_input=False, load_output=False)
    before = now_ms() - claimed_ms
    lost = [turn for turn in ours if not is_in_hand(_run_of(turn.workflow_id)) and (turn.updated_at or 0) < before]
    return _hand_on(lost)


def _run_of(turn: str) -> str:
    """The run whose turn the engine calls so; see `schedule.engine_id`."""
    return turn.rpartition("~")[0]


def _heard_of(since: int, session: Session) -> list[str]:
    return list(session.exec(select(Executor.id).where(Executor.heartbeat_at >= since)))


def _forget(since: int, me: str, session: Session) -> None:
    session.exec(delete(Executor).where(col(Executor.heartbeat_at) < since, col(Executor.id) != me))


def _hand_on(turns: Sequence[Any]) -> int:
    for queue in {turn.queue_name for turn in turns if turn.queue_name}:
        engine().resume_workflows([turn.workflow_id for turn in turns if turn.queue_name == queue], queue_name=queue)
    return len(turns)


@dataclass(frozen=True)
class Turn:
    """As much of a run as says what the engine calls its newest turn."""

    id: str
    scheduled: int


class _Reached:
    """How far down the backlog this process has looked: the next round goes on from there."""

    id = ""


def redrive(overdue_ms: int = OVERDUE_MS) -> int:
    """Schedule open runs again that the engine has lost; returns how many.

    Of a long backlog a part is looked at in each round, so that a round is short however long the backlog is.
    """
    before, count = now_ms() - overdue_ms, 0
    for _ in range(PAGES):
        late = store.read(partial(_overdue, before, _Reached.id, PAGE))
        count += sum(store.write(partial(_schedule_again, run_id)) for run_id in _unknown_to_the_engine(late))
        _Reached.id = late[-1].id if len(late) == PAGE else ""
        if not _Reached.id or count >= PAGE:
            break
    return count + sum(store.write(partial(_bring_forward, id)) for id in store.read(_put_off_too_long))


def _put_off_too_long(session: Session) -> list[str]:
    """Open runs that would begin later than any pause ends: the clock was ahead when they were put off."""
    late = select(Run.id).where(Run.state == OPEN, Run.due_at > now_ms() + LONGEST_PAUSE_MS)
    return list(session.exec(late.limit(PAGE)))


def _bring_forward(run_id: str, session: Session) -> int:
    run = session.get_one(Run, run_id)
    if run.state == OPEN:
        schedule(session, run)
    return int(run.state == OPEN)


def _overdue(before: int, after: str, most: int, session: Session) -> list[Turn]:
    """Some of the open runs that should have begun before a moment, by id, from behind `after` on."""
    page = select(Run.id, Run.scheduled).where(Run.state == OPEN, Run.due_at < before, col(Run.id) > after)
    return [Turn(*row) for row in session.exec(page.order_by(col(Run.id)).limit(most))]


def _unknown_to_the_engine(runs: list[Turn]) -> list[str]:
    if not runs:
        return []
    turns = [engine_id(run) for run in runs]
    known = engine().list_workflows(workflow_ids=turns, status=ALIVE, load_input=False, load_output=False)
    alive = {turn.workflow_id for turn in known}
    return [run.id for run in runs if engine_id(run) not in alive]


def _schedule_again(run_id: str, session: Session) -> int:
    run = session.get(Run, run_id)
    if run is None or run.state != OPEN or run.due_at > now_ms() - 1000:
        return 0
    schedule(session, run)
    return 1


def forget(before_ms: int, limit: int = 1000) -> int:
    """Delete the engine's rows of turns that ended before `before_ms`; returns how many."""
    until = datetime.fromtimestamp(before_ms / 1000, UTC).isoformat()
    ended = ["SUCCESS", "ERROR", "CANCELLED"]
    old = engine().list_workflows(end_time=until, status=ended, limit=limit, load_input=False, load_output=False)
    if old:
        engine().delete_workflows([turn.workflow_id for turn in old])
    return len(old)
