"""The story of one wish: who said it, where it is, and every action and non-action in the order they happened.

story(session, 12)       # all of it
days(found)              # the same day by day; what the service did by itself in a row is one group
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from workflows.overview import cards
from workflows.overview.cards import Card
from workflows.rules import rules
from workflows.tables.customer import Company, Contact
from workflows.tables.runs import DONE, Action, Run
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


@dataclass(frozen=True)
class Entry:
    """One thing that was done or left undone: when, and by whom ("" for the service itself)."""

    action: Action
    at: int
    by: str

    @property
    def is_routine(self) -> bool:
        """Did the service do it by itself, and as it was meant to be?"""
        return not self.by and self.action.state == DONE


@dataclass
class Day:
    """What happened on one day: `at` is a moment of it. Several entries in one group are the service's own."""

    at: int
    groups: list[list[Entry]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """It happened next."""
        if entry.is_routine and self.groups and self.groups[-1][-1].is_routine:
            self.groups[-1].append(entry)
        else:
            self.groups.append([entry])


def days(found: Story) -> list[Day]:
    """The story day by day, from the one on which the customer wrote."""
    made = [Day(found.card.said_at)]
    for action in found.actions:
        at = action.ended_at or action.started_at
        if rules.calendar.local(at).date() != rules.calendar.local(made[-1].at).date():
            made.append(Day(at))
        made[-1].add(Entry(action, at, who(action)))
    return made


def who(action: Action) -> str:
    """Who did it: a person where we know one, product people, or "" for the service itself."""
    if action.verb in ("intercom.tag", "intercom.tell") or action.verb.startswith("us."):
        return str(action.facts.get("agent", ""))
    return "The product team" if action.verb == "productboard.link" else ""


def story(session: Session, feedback_id: int) -> Story | None:
    """The story of a wish; None if there is no such wish."""
    row = session.exec(_whose().where(col(Feedback.id) == feedback_id)).first()
    if row is None:
        return None
    wish, contact, company = row
    [card] = cards.of(session, [feedback_id])
    actions = _actions(session, wish)
    in_flight = {action.run_id for action in actions if action.state in ("started", "planned")}
    return Story(
        wish,
        card,
        contact,
        company,
        actions,
        {run.id: run for run in session.exec(select(Run).where(col(Run.id).in_(in_flight)))} if in_flight else {},
    )


def _whose() -> Any:
    """Wishes with who asked for each, and for which company."""
    return (
        select(Feedback, Contact, Company)
        .outerjoin(Contact, col(Contact.id) == Feedback.contact_id)
        .outerjoin(Company, col(Company.id) == Feedback.company_id)
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
