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
from functools import cache

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import among, said, table_of
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
#: From when until when each of them lasts.
ENDS = {
    WHOLE: ("requested", "heard"),
    DECIDED: ("requested", "decided"),
    DONE: ("decided", "done"),
    AVAILABLE: ("done", "available"),
    NOTIFIED: ("available", "notified"),
}
HALF, MOST = Fraction(1, 2), Fraction(9, 10)


@dataclass(slots=True)
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
    began, ended = (getattr(each, place) for place in ENDS[leg])
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


#: What is known of a request where its journey is looked for; see `journeys_of`.
ASKED = (_WISH.id, _WISH.said_at, _WISH.company_id)


def journeys(session: Session, since: int) -> list[Journey]:
    """The ways of all requests made since then (ms), the oldest first; what was filed by mistake is none."""
    query = sa.select(*ASKED).where(COUNTS, _WISH.said_at >= since).order_by(_WISH.id)
    return journeys_of(session, session.connection().execute(query).all())


def journeys_of(session: Session, asked: Iterable[tuple[int, int, str | None]]) -> list[Journey]:
    """The ways of these requests, in their order: of each its id, when it was made (ms), and its company's id."""
    found = {id: Journey(id, said_at, company) for id, said_at, company in asked}
    _decide(session, found)
    _finish(session, found)
    _tell(session, found)
    return list(found.values())


def _decide(session: Session, found: Mapping[int, Journey]) -> None:
    """Decided is what the meeting concluded, or what somebody linked to an issue: whichever came first."""
    about = _DECISION.feedback_id == sa.func.coalesce(_WISH.merged_into, _WISH.id)
    rows = session.connection().execute(
        sa.select(_WISH.id, _DECISION.decided_at, _DECISION.conclusion, stored_decision(_DECISION.id))
        .join(table_of(Decision), about)
        .where(among(_WISH.id, found), _DECISION.undone_at.is_(None), _DECISION.conclusion != DUPLICATE)
        .order_by(_DECISION.decided_at, _DECISION.id)
    )
    for id, at, conclusion, cause in rows.all():
        each = found[id]
        each.decided, each.is_declined = _first(each.decided, at), conclusion != ADOPT
        if conclusion != ADOPT:
            each.decisions.add(cause)
    linked = sa.select(col(FeedbackIssue.feedback_id), col(FeedbackIssue.linked_at))
    for id, at in session.connection().execute(linked.where(among(col(FeedbackIssue.feedback_id), found))).all():
        found[id].decided, found[id].is_declined = _first(found[id].decided, at), False


def _finish(session: Session, found: Mapping[int, Journey]) -> None:
    """Done when the first issue that it waits for was; available when the first of these was, to its company."""
    is_meant = sa.and_(
        col(Release.issue_id) == col(FeedbackIssue.issue_id), col(FeedbackIssue.from_cycle) < col(Release.cycle)
    )
    rows = session.connection().execute(
        sa.select(col(FeedbackIssue.feedback_id), col(Release.id), col(Release.happened_at))
        .join(Release, is_meant)
        .where(among(col(FeedbackIssue.feedback_id), found), col(Release.kind) == said(FINISHED))
    )
    for id, release_id, at in rows.all():
        found[id].releases[release_id] = at
        found[id].done = _first(found[id].done, at)
    reach = availability.reached(session, {id for each in found.values() for id in each.releases})
    since_when = cache(reach.since)  # a release is asked of by many requests of one company
    for each in found.values():
        for release_id in each.releases:
            if (since := since_when(release_id, each.company_id or None)) is not None:
                each.available = _first(each.available, since)


def _tell(session: Session, found: Mapping[int, Journey]) -> None:
    """Told of a release is the end of the way, and so is to be told that nothing will come of it."""
    rows = session.connection().execute(
        sa.select(_WISH.id, col(Telling.release_id), col(Telling.state), col(Telling.told_at), col(Telling.owed_at))
        .join(table_of(Telling), col(Telling.conversation_id) == _WISH.conversation_id)
        .where(among(_WISH.id, found), col(Telling.state).in_(said((TOLD, EXCUSED))))
    )
    excused = defaultdict[int, list[int]](list)
    for id, cause, state, told_at, owed_at in rows.all():
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
