"""Deliveries and runs as operators ask for them. The pages and the command line use the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal_column, tuple_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select

from workflows.tables.runs import DEAD, DONE, IGNORED, OPEN, Action, Delivery, Run
from workflows.tables.telling import Release

#: A row's moment and id: where a list goes on.
Before = tuple[int, str]
STATES = (OPEN, DEAD, IGNORED, DONE)
#: What somebody was concerned with: all but what nobody acts on.
TELLING = (OPEN, DEAD, DONE)
#: A run that has not ended is given so long to have noticed a release.
LATEST_MS = 3600_000


@dataclass(frozen=True)
class Trace:
    """What became of one delivery (or of a run that none started): its runs, children too, and what they did."""

    delivery: Delivery | None
    runs: list[Run]
    actions: list[Action]


def deliveries(
    session: Session, states: Sequence[str] = (), source: str = "", limit: int = 50, before: Before | None = None
) -> list[Delivery]:
    """The newest deliveries (before another one), of these states or a source if given; without their bodies."""
    when, id = col(Delivery.received_at), col(Delivery.id)
    query = select(Delivery).options(_without_body()).order_by(when.desc(), id.desc()).limit(limit)
    if before:
        query = query.where(tuple_(when, id) < tuple_(*before))
    if states:
        query = query.where(col(Delivery.state).in_(states))
    if source:
        query = query.where(Delivery.source == source)
    return list(session.exec(query))


def runs(
    session: Session,
    states: Sequence[str] = STATES,
    limit: int = 50,
    before: Before | None = None,
    *,
    alone: bool = False,
) -> list[Run]:
    """The runs that were due last (before another one), of these states, newest first; or those `alone` that no
    delivery began."""
    when, id = col(Run.due_at), col(Run.id)
    found: list[Run] = []
    for each in states:  # each is the end of an index
        query = select(Run).where(*_runs(each, alone)).order_by(when.desc(), id.desc()).limit(limit)
        found += session.exec(query.where(tuple_(when, id) < tuple_(*before)) if before else query)
    return sorted(found, key=lambda run: (run.due_at, run.id), reverse=True)[:limit]


def body(session: Session, id: str, most: int) -> tuple[bytes, int]:
    """The first `most` bytes of a delivery's body, and how many it has; none where it is no longer kept."""
    start, size = func.substr(col(Delivery.body), 1, most), func.length(col(Delivery.body))
    row = session.execute(select(start, size).where(Delivery.id == id)).one()
    return bytes(row[0] or b""), int(row[1] or 0)


def _without_body() -> Any:
    return defer(Delivery.body)  # type: ignore[arg-type]


def dead_letters(session: Session, limit: int = 200) -> list[Run | Delivery]:
    """What cannot go on without a person, newest first: dead runs, and deliveries that could not be read."""
    runs = session.exec(select(Run).where(Run.state == DEAD).order_by(col(Run.ended_at).desc()).limit(limit)).all()
    of_runs = {run.delivery_id for run in runs}
    unread = session.exec(
        select(Delivery)
        .options(_without_body())
        .where(Delivery.state == DEAD)
        .order_by(col(Delivery.received_at).desc())
        .limit(limit)
    ).all()
    return [*runs, *(delivery for delivery in unread if delivery.id not in of_runs)]


def dead_count(session: Session) -> tuple[int, int]:
    """How many deliveries need a person, and how many runs that no delivery began."""
    deliveries = select(func.count()).select_from(Delivery).where(_is_dead())
    alone = select(func.count()).select_from(Run).where(*_runs(DEAD, alone=True))
    return session.exec(deliveries).one(), session.exec(alone).one()


def _runs(state: str, alone: bool) -> list[Any]:
    """Which runs are counted, and listed: those of a delivery end as it does, and are counted with that."""
    return [col(Run.state) == state, *([col(Run.delivery_id).is_(None)] if alone else [])]


def _is_dead() -> Any:
    """Said as the index over them says it: a parameter would not be known to be that."""
    return col(Delivery.state) == literal_column(f"'{DEAD}'")


def trace(session: Session, id: str) -> Trace | None:
    """Everything known of a delivery or a run; None if there is neither."""
    delivery = session.get(Delivery, id, options=[_without_body()])
    family = or_(col(Run.id) == id, col(Run.delivery_id) == id, col(Run.id).startswith(f"{id}/", autoescape=True))
    runs = list(session.exec(select(Run).where(family).order_by(col(Run.created_at), col(Run.id))))
    if delivery is None and not runs:
        return None
    runs += _reopenings(session, runs)
    ids = [run.id for run in runs]
    actions = session.exec(select(Action).where(col(Action.run_id).in_(ids)).order_by(col(Action.started_at)))
    return Trace(delivery, runs, list(actions))


def _reopenings(session: Session, runs: list[Run]) -> list[Run]:
    """The runs of a release are named after it, not after the delivery that told of it: one for each conversation."""
    found: dict[str, Run] = {}
    for parent in runs:
        releases = session.exec(
            select(Release.id).where(
                Release.issue_id == parent.arguments.get("issue_id", ""),
                col(Release.happened_at).between(parent.created_at, parent.ended_at or parent.due_at + LATEST_MS),
            )
        )
        for release in releases:
            query = select(Run).where(col(Run.id).startswith(f"{release}/", autoescape=True))
            found |= {run.id: run for run in session.exec(query.order_by(col(Run.id)))}
    return [run for id, run in found.items() if id not in {known.id for known in runs}]


def open_among(session: Session, ids: list[str]) -> int:
    """How many of these runs, and of their children, have not ended."""
    total = 0
    for id in ids:
        family = or_(col(Run.id) == id, col(Run.id).startswith(f"{id}/", autoescape=True))
        total += len(session.exec(select(Run.id).where(family, Run.state == OPEN)).all())
    return total


def runs_of(session: Session, ids: list[str]) -> list[Run]:
    """These runs."""
    return list(session.exec(select(Run).where(col(Run.id).in_(ids)).order_by(col(Run.created_at))))
