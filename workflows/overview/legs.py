"""Legs: the way of a request from the wish to the customer who is told, and how long each part of it takes.

requested ─► decided ─► done ─► available ─► told

journeys(session, since)                 # of every request made since then
spans(journeys, DONE, now)               # one leg of them, with those that are still on it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import table_of
from workflows.overview import survival
from workflows.overview.survival import Span
from workflows.rules.choices import ADOPT, DUPLICATE
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.telling.cause import stored_decision
from workflows.telling.drafts import EXCUSED, TOLD
from workflows.telling.ledger import FINISHED
from workflows.wish import availability
from workflows.wish.wishes import COUNTS

#: The whole way, and its legs by where each ends.
WHOLE, DECIDED, DONE, AVAILABLE, NOTIFIED = "whole", "decided", "done", "available", "notified"
LEGS = (DECIDED, DONE, AVAILABLE, NOTIFIED)
#: These in words.
WORDS = {
    WHOLE: "Request to notification",
    DECIDED: "Request to decision",
    DONE: "Decision to done",
    AVAILABLE: "Done to available",
    NOTIFIED: "Available to notified",
}
HALF, MOST = Fraction(1, 2), Fraction(9, 10)


@dataclass
class Journey:
    """When a request came to each place first (ms); None: not yet. `heard`: the customer was told how it ended.

    `stopped`: nobody can tell them any more. `news`: the causes of which they can be told.
    """

    feedback_id: int
    requested: int
    company_id: str | None
    decided: int | None = None
    done: int | None = None
    available: int | None = None
    notified: int | None = None
    heard: int | None = None
    stopped: int | None = None
    is_declined: bool = False
    releases: dict[str, int] = field(default_factory=dict)
    decisions: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Leg:
    """One leg in figures: how many have come to its end, and how many are on it; None: that has not been seen yet."""

    name: str
    over: int
    open: int
    half: int | None
    most: int | None


def spans(found: Iterable[Journey], leg: str, now: int) -> dict[int, Span]:
    """How long each request took for a leg, or is on it; those that never came to its beginning are left out."""
    return {each.feedback_id: span for each in found if (span := _span(each, leg, now))}


def _span(each: Journey, leg: str, now: int) -> Span | None:
    if (found := stretch(each, leg, now)) is None:
        return None
    began, until, is_over = found
    return Span(max(0, until - began), is_over)


def stretch(each: Journey, leg: str, now: int) -> tuple[int, int, bool] | None:
    """From when until when a request was on a leg, or is, and whether it came to its end; None where it never was."""
    began, ended = {
        WHOLE: (each.requested, each.heard),
        DECIDED: (each.requested, each.decided),
        DONE: (each.decided, each.done),
        AVAILABLE: (each.done, each.available),
        NOTIFIED: (each.available, each.notified),
    }[leg]
    if began is None or (leg == DONE and each.is_declined and ended is None):
        return None
    until = ended if ended is not None else each.stopped if each.stopped is not None else now
    return began, until, ended is not None


def figures(found: Iterable[Journey], leg: str, now: int) -> Leg:
    """One leg in figures."""
    some = list(spans(found, leg, now).values())
    curve, over = survival.steps(some), sum(each.is_over for each in some)
    half, most = (survival.by_when(curve, share) for share in (HALF, MOST))
    return Leg(leg, over, len(some) - over, half, most)


# -- what is on record ----------------------------------------------------------------------------

_WISH, _DECISION = table_of(Feedback).c, table_of(Decision).c


def journeys(session: Session, since: int) -> list[Journey]:
    """The ways of all requests made since then (ms), the oldest first; what was filed by mistake is none."""
    return journeys_of(session, col(Feedback.said_at) >= since)


def journeys_of(session: Session, narrowed: Any) -> list[Journey]:
    """The same of the requests of which this is true."""
    which = sa.and_(COUNTS, narrowed)
    rows = session.execute(sa.select(_WISH.id, _WISH.said_at, _WISH.company_id).where(which).order_by(_WISH.id))
    found = {id: Journey(id, said_at, company) for id, said_at, company in rows}
    _decide(session, which, found)
    _finish(session, which, found)
    _tell(session, which, found)
    return list(found.values())


def _decide(session: Session, which: Any, found: Mapping[int, Journey]) -> None:
    """Decided is what the meeting concluded, or what somebody linked to an issue: whichever came first."""
    about = _DECISION.feedback_id == sa.func.coalesce(_WISH.merged_into, _WISH.id)
    rows = session.execute(
        sa.select(_WISH.id, _DECISION.decided_at, _DECISION.conclusion, stored_decision(_DECISION.id))
        .join(table_of(Decision), about)
        .where(which, _DECISION.undone_at.is_(None), _DECISION.conclusion != DUPLICATE)
        .order_by(_DECISION.decided_at, _DECISION.id)
    )
    for id, at, conclusion, cause in rows:
        each = found[id]
        each.decided, each.is_declined = _first(each.decided, at), conclusion != ADOPT
        if conclusion != ADOPT:
            each.decisions.add(cause)
    linked = sa.select(col(FeedbackIssue.feedback_id), sa.func.min(col(FeedbackIssue.linked_at)))
    linked = linked.join(Feedback, col(Feedback.id) == col(FeedbackIssue.feedback_id))
    for id, at in session.execute(linked.where(which).group_by(col(FeedbackIssue.feedback_id))):
        found[id].decided, found[id].is_declined = _first(found[id].decided, at), False


def _finish(session: Session, which: Any, found: Mapping[int, Journey]) -> None:
    """Done when the first issue that it waits for was; available when the first of these was, to its company."""
    is_meant = sa.and_(
        col(Release.issue_id) == col(FeedbackIssue.issue_id), col(FeedbackIssue.from_cycle) < col(Release.cycle)
    )
    rows = session.execute(
        sa.select(col(FeedbackIssue.feedback_id), col(Release.id), col(Release.happened_at))
        .join(Release, is_meant)
        .join(Feedback, col(Feedback.id) == col(FeedbackIssue.feedback_id))
        .where(which, col(Release.kind) == FINISHED)
    )
    for id, release_id, at in rows:
        found[id].releases[release_id] = at
        found[id].done = _first(found[id].done, at)
    reach = availability.reached(session, {id for each in found.values() for id in each.releases})
    for each in found.values():
        for id in each.releases:
            if (since := reach.since(id, each.company_id or None)) is not None:
                each.available = _first(each.available, since)


def _tell(session: Session, which: Any, found: Mapping[int, Journey]) -> None:
    """Told of a release is the end of the way, and so is to be told that nothing will come of it."""
    rows = session.execute(
        sa.select(_WISH.id, col(Telling.release_id), col(Telling.state), col(Telling.told_at), col(Telling.owed_at))
        .join(table_of(Telling), col(Telling.conversation_id) == _WISH.conversation_id)
        .where(which, col(Telling.state).in_((TOLD, EXCUSED)))
    )
    excused = defaultdict[int, list[int]](list)
    for id, cause, state, told_at, owed_at in rows:
        each = found[id]
        if cause not in each.releases and cause not in each.decisions:
            continue
        if state == EXCUSED:
            excused[id].append(owed_at)
        elif told_at is not None:
            each.heard = _first(each.heard, told_at)
            each.notified = _first(each.notified, told_at) if cause in each.releases else each.notified
    for id, moments in excused.items():
        found[id].stopped = min(moments)


def _first(known: int | None, at: int) -> int:
    return at if known is None else min(known, at)
