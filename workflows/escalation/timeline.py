"""The story of one escalation: how it stands, what people thought, and every action and non-action in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from workflows.escalation.lists import names as names_of
from workflows.tables.customer import Company, Conversation
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.runs import Action, Run


@dataclass(frozen=True)
class Story:
    """One escalation and all that happened to it. `runs`: those that still work on an action, by id."""

    escalation: Escalation
    #: Is its company on record, so that there is a page about it?
    is_known: bool
    #: And its conversation?
    has_chat: bool
    actions: Sequence[Action]
    judgements: Sequence[Judgement]
    runs: dict[str, Run]
    names: dict[str, str]


def story(session: Session, escalation_id: int) -> Story | None:
    """The story of an escalation; None if there is no such escalation."""
    escalation = session.get(Escalation, escalation_id)
    if escalation is None:
        return None
    actions = _actions(session, escalation)
    in_flight = {action.run_id for action in actions if action.state in ("started", "planned")}
    judgements = session.exec(
        select(Judgement).where(Judgement.escalation_id == escalation_id).order_by(col(Judgement.judged_at))
    ).all()
    return Story(
        escalation,
        bool(escalation.company_id and session.get(Company, escalation.company_id)),
        bool(escalation.conversation_id and session.get(Conversation, escalation.conversation_id)),
        actions,
        judgements,
        {run.id: run for run in session.exec(select(Run).where(col(Run.id).in_(in_flight)))},
        names_of(session, [*_people(escalation), *(judgement.person for judgement in judgements)]),
    )


def _actions(session: Session, escalation: Escalation) -> list[Action]:
    """What was done or left undone about it, and the message in the channel that shows it among others."""
    whose = [col(Action.escalation_id) == escalation.id]
    if escalation.post:
        whose.append(col(Action.key) == escalation.post)
    moment = func.coalesce(col(Action.ended_at), col(Action.started_at))
    query = select(Action).where(or_(*whose), Action.sentence != "")
    return list(session.exec(query.order_by(moment, col(Action.key))))


def _people(escalation: Escalation) -> list[str]:
    who = (escalation.person, escalation.next_person, escalation.acknowledged_by, escalation.done_by)
    return [*who, escalation.raised_by, *(step["person"] for step in escalation.chain)]
