"""Deliveries and runs as operators ask for them. The pages and the command line use the same questions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from workflows.records.tables import DEAD, OPEN, Action, Delivery, Run


@dataclass(frozen=True)
class Trace:
    """What became of one delivery (or of a run that none started): its runs, children too, and what they did."""

    delivery: Delivery | None
    runs: list[Run]
    actions: list[Action]


def deliveries(session: Session, state: str = "", source: str = "", limit: int = 50) -> list[Delivery]:
    """The newest deliveries, of one state or source if given; without their bodies."""
    query = select(Delivery).order_by(col(Delivery.received_at).desc()).limit(limit)
    if state:
        query = query.where(Delivery.state == state)
    if source:
        query = query.where(Delivery.source == source)
    return list(session.exec(query))


def dead_letters(session: Session, limit: int = 200) -> list[Run | Delivery]:
    """What cannot go on without a person, newest first: dead runs, and deliveries that could not be read."""
    runs = session.exec(select(Run).where(Run.state == DEAD).order_by(col(Run.ended_at).desc()).limit(limit)).all()
    of_runs = {run.delivery_id for run in runs}
    unread = session.exec(
        select(Delivery).where(Delivery.state == DEAD).order_by(col(Delivery.received_at).desc()).limit(limit)
    ).all()
    return [*runs, *(delivery for delivery in unread if delivery.id not in of_runs)]


def trace(session: Session, id: str) -> Trace | None:
    """Everything known of a delivery or a run; None if there is neither."""
    delivery = session.get(Delivery, id)
    children = or_(col(Run.id) == id, col(Run.delivery_id) == id, col(Run.id).startswith(f"{id}/", autoescape=True))
    runs = list(session.exec(select(Run).where(children).order_by(col(Run.created_at), col(Run.id))))
    if delivery is None and not runs:
        return None
    ids = [run.id for run in runs]
    actions = session.exec(select(Action).where(col(Action.run_id).in_(ids)).order_by(col(Action.started_at)))
    return Trace(delivery, runs, list(actions))


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
