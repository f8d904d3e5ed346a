"""The lives of many wishes: the facts on record, fetched in a few queries however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_
from sqlmodel import Session, col

from workflows.engine.rows import among
from workflows.overview.life import Facts, Life, life, stage_of
from workflows.rules.choices import FINAL
from workflows.tables.meeting import Decision
from workflows.tables.telling import Report, Telling
from workflows.tables.wish import Feedback, FeedbackFeature
from workflows.telling import promises
from workflows.telling.cause import stored_decision
from workflows.wish import awaited
from workflows.wish.awaited import EXCUSED, OPEN, TOLD

#: These wishes, or all.
Wishes = Sequence[int] | None


def of(session: Session, ids: Wishes = None) -> dict[int, Life]:
    """The life of each of these wishes."""
    return {id: life(each) for id, each in facts_of(session, ids).items()}


def stages(session: Session, ids: Wishes = None) -> dict[int, str]:
    """Where each of these wishes is: all that is needed to count them."""
    return {id: stage_of(each) for id, each in facts_of(session, ids).items()}


def facts_of(session: Session, ids: Wishes = None) -> dict[int, Facts]:
    """What is on record about each of these wishes."""
    issues, concluded = awaited.of(session, ids), _concluded(session, ids)
    wishes = sa.select(col(Feedback.id), col(Feedback.withdrawn_at), _IS_LINKED).where(_among(Feedback.id, ids))
    return {
        id: Facts(
            *concluded.get(id, ("", "", False)),
            linked=linked,
            issues=issues.get(id, ()),
            withdrawn=withdrawn_at is not None,
        )
        for id, withdrawn_at, linked in session.execute(wishes)
    }


def _among(column: Any, ids: Wishes) -> Any:
    return sa.true() if ids is None else among(col(column), ids)


#: Is a wish linked to a feature?
_IS_LINKED = sa.exists().where(col(FeedbackFeature.feedback_id) == col(Feedback.id))


# -- what the meeting means -----------------------------------------------------------------------


def holds() -> Any:
    """Is this the decision that holds for a Feedback, made about the wish in which it is?

    What was concluded is compared as an expression, which has no index: else SQLite meets every decision with every
    wish of the same conclusion, and that is most of them.
    """
    return and_(
        col(Decision.feedback_id) == sa.func.coalesce(col(Feedback.merged_into), col(Feedback.id)),
        col(Decision.conclusion) == col(Feedback.conclusion).concat(""),
        col(Decision.undone_at).is_(None),
    )


def tells_of_decision() -> Any:
    """Is this what a Feedback's conversation is owed because of a Decision?"""
    return and_(
        col(Telling.release_id) == stored_decision(col(Decision.id)),
        col(Telling.conversation_id) == col(Feedback.conversation_id),
    )


def _concluded(session: Session, ids: Wishes) -> dict[int, tuple[str, str, bool]]:
    """Per wish about which something was concluded and sent: what, what became of telling it, and is it owed?"""
    reports, found, unbegun = _reports(session, ids), {}, dict[int, Decision]()
    for id, decision, state in _sent(session, ids):
        how, at = reports.get(id, ("", 0))
        by_hand = "" if at < decision.decided_at else EXCUSED if how == promises.NOBODY else TOLD
        news = by_hand if state in (None, *OPEN) and by_hand else state or ""
        found[id] = decision.conclusion, news, state is not None
        unbegun.pop(id, None)
        if not news and state is None and decision.conclusion in FINAL:
            unbegun[id] = decision
    owed = promises.owed_of_decisions(session, unbegun) if unbegun else set()
    return found | {id: (found[id][0], "", True) for id in owed}


def _sent(session: Session, ids: Wishes) -> Any:
    """These wishes with the decisions that hold for them and that everybody has heard of, and what became of each."""
    return session.execute(
        sa.select(col(Feedback.id), Decision, col(Telling.state))
        .join(Decision, holds())
        .outerjoin(Telling, tells_of_decision())
        .where(_among(Feedback.id, ids), col(Decision.sent_at).is_not(None))
        .order_by(col(Decision.id))
    )


def _reports(session: Session, ids: Wishes) -> dict[int, tuple[str, int]]:
    """Per wish, how its customer was told by hand last ("nobody": was not, and will not be), and when."""
    columns = col(Report.feedback_id), col(Report.how), col(Report.reported_at)
    standing = sa.select(*columns).where(_among(Report.feedback_id, ids), col(Report.undone_at).is_(None))
    return {id: (how, at) for id, how, at in session.execute(standing.order_by(col(Report.id)))}
