"""The story of one wish: who said it, where it is, and every action and non-action in the order they happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from workflows.overview import cards
from workflows.overview.cards import Card
from workflows.tables.customer import Company, Contact
from workflows.tables.runs import Action, Run
from workflows.tables.wish import Feedback, FeedbackIssue


@dataclass(frozen=True)
class Story:
    """One wish and all that happened to it. `runs`: those that still work on an action, by id."""

    wish: Feedback
    card: Card
    contact: Contact | None
    company: Company | None
    actions: Sequence[Action]
    runs: dict[str, Run]


def story(session: Session, feedback_id: int) -> Story | None:
    """The story of a wish; None if there is no such wish."""
    wish = session.get(Feedback, feedback_id)
    if wish is None:
        return None
    [card] = cards.of(session, [feedback_id])
    actions = _actions(session, wish)
    in_flight = {action.run_id for action in actions if action.state in ("started", "planned")}
    return Story(
        wish,
        card,
        session.get(Contact, wish.contact_id) if wish.contact_id else None,
        session.get(Company, wish.company_id) if wish.company_id else None,
        actions,
        {run.id: run for run in session.exec(select(Run).where(col(Run.id).in_(in_flight)))},
    )


def _actions(session: Session, wish: Feedback) -> list[Action]:
    """What concerns the wish itself, its conversation in the matter of its issues, or those issues as a whole."""
    issues = select(FeedbackIssue.issue_id).where(FeedbackIssue.feedback_id == wish.id)
    of_its_issues = and_(
        col(Action.feedback_id).is_(None),
        col(Action.issue_id).in_(issues),
        or_(col(Action.conversation_id) == wish.conversation_id, _of_nobody_in_particular(wish)),
    )
    moment = func.coalesce(col(Action.ended_at), col(Action.started_at))
    query = select(Action).where(or_(col(Action.feedback_id) == wish.id, of_its_issues))
    return list(session.exec(query.order_by(moment, col(Action.key))))


def _of_nobody_in_particular(wish: Feedback) -> Any:
    """A message about the issue, since the wish was taken."""
    return and_(col(Action.conversation_id).is_(None), col(Action.started_at) >= wish.taken_at)
