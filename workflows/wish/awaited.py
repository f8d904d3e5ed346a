"""What wishes wait for: how each issue stands towards each of them, and what became of the news of it.

An issue is finished towards a wish once what it brought is available to the wish's company; before that it is solved.

    awaited.of(session, [12])[12]     # (Waited(FINISHED, "drafted", …),): there, and its customer is still to be told

As things are now, or as they were at any past moment; links that were taken away since are gone in the past, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from workflows.engine.rows import among, said
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.wish import availability
from workflows.wish.availability import EVER

#: How an issue stands towards a wish that waits for it.
WAITING, DECLINED, LATE, TAKEN_BACK = "waiting", "declined", "late", "taken back"
SOLVED, FINISHED = "solved", "finished"
#: What became of the news that a customer is to hear: nothing yet, or one of the states of a `Telling`.
OPEN, TOLD, EXCUSED = ("", "owed", "drafted"), "told", "excused"
#: These wishes (ids, or a query for them), or all.
Wishes = Any


@dataclass(frozen=True)
class Waited:
    """An issue that the wish waits for: how it stands, and what became of the news of it. `started`: worked on.

    `since`: when it was released, or ended otherwise; `told_at`: when the customer heard of that; `draft`: what an
    agent may write; `release_id`: what ended it last, "" where nothing has.
    """

    standing: str
    news: str = ""
    started: bool = False
    since: int = 0
    told_at: int | None = None
    draft: str = ""
    release_id: str = ""

    @property
    def is_owed(self) -> bool:
        """Is it available, and nobody has told the customer so far?"""
        return self.standing == FINISHED and self.news in OPEN


def is_available(issues: Sequence[Waited]) -> bool:
    """Does a release with a finished resolution stand?"""
    return any(each.standing == FINISHED for each in issues)


def is_over(issues: Sequence[Waited]) -> bool:
    """Is everything available that was waited for, and nobody left who is still to be told?"""
    return all_finished(issues) and not any(each.is_owed for each in issues)


def all_finished(issues: Sequence[Waited]) -> bool:
    """Is everything available that anything was made of? For what ended with nothing to use, nobody waits any more."""
    made = [each for each in issues if each.standing != DECLINED]
    return bool(made) and all(each.standing == FINISHED for each in made)


def dropped_at(issues: Sequence[Waited]) -> int:
    """When the last of all that was waited for ended with nothing to use; 0 where something may still come."""
    is_dropped = all(each.standing in (DECLINED, LATE) for each in issues)
    return max((each.since for each in issues if each.standing == DECLINED), default=0) if is_dropped else 0


def is_told(issues: Sequence[Waited]) -> bool:
    """Did somebody tell the customer that it is available?"""
    return any(each.standing == FINISHED and each.news == TOLD for each in issues)


def overtaken(session: Session, decided: Mapping[int, int]) -> set[int]:
    """Those of these wishes (each with when it was decided) of which a release stands that came after that."""
    waited = of(session, list(decided)) if decided else {}
    return {id for id, issues in waited.items() if _is_released_since(issues, decided[id])}


def _is_released_since(issues: Sequence[Waited], at: int) -> bool:
    return any(each.standing == FINISHED and each.since > at for each in issues)


def of(session: Session, ids: Wishes = None, at: int = EVER) -> dict[int, tuple[Waited, ...]]:
    """What each of these wishes waits for, for those that wait for anything; as it was at a moment."""
    return {id: tuple(issues.values()) for id, issues in by_issue(session, ids, at).items()}


def by_issue(session: Session, ids: Wishes = None, at: int = EVER) -> dict[int, dict[str, Waited]]:
    """The same by the issues' ids."""
    links, found = _links(session, ids, at), defaultdict[int, dict[str, Waited]](dict)
    news = _news(session, ids, at) if links else {}
    reach = availability.reached(session, {link.id for link in links if link.kind == "finished"}, at)
    for wish, issue_id, from_cycle, category, cycle, kind, since, release_id, company_id in links:
        was = ("open" if kind == "reopened" else "done") if kind else category
        state, told_at, draft = news.get((wish, issue_id, cycle), ("", None, ""))
        there = reach.since(release_id, company_id) if kind == "finished" else None
        how = standing(was, cycle or 0, from_cycle, kind, there is not None)
        started, ended = category not in ("new", ""), there or since or 0
        found[wish][issue_id] = Waited(how, state, started, ended, told_at, draft, release_id or "")
    return dict(found)


def concerns(release_id: Any) -> Any:
    """Is this the id of a release that the wish of a FeedbackIssue waited for?"""
    return sa.and_(
        col(Release.id) == release_id,
        col(Release.issue_id) == col(FeedbackIssue.issue_id),
        col(Release.cycle) > col(FeedbackIssue.from_cycle),
    )


def standing(category: str, cycle: int, from_cycle: int, kind: str | None, is_there: bool) -> str:
    """How an issue stands towards a wish that was linked in its cycle `from_cycle`; `kind` is its newest release's, and
    `is_there` says whether the wish's company can use it."""
    news = cycle > from_cycle
    if category != "done":
        return TAKEN_BACK if news else WAITING
    if not news:
        return LATE
    if kind == "declined":
        return DECLINED
    return FINISHED if is_there else SOLVED


#: The wishes that wait, or waited, for an issue that ended with nothing to use.
SOME_DROPPED = (
    sa.select(col(FeedbackIssue.feedback_id))
    .join(Release, col(Release.issue_id) == col(FeedbackIssue.issue_id))
    .where(col(Release.kind) == said("declined"))
)


def _among(ids: Wishes) -> Any:
    return sa.true() if ids is None else among(col(FeedbackIssue.feedback_id), ids)


def _links(session: Session, ids: Wishes, at: int) -> Sequence[Any]:
    """Each link of these wishes with every release of its issue by then, the newest last."""
    link, release = FeedbackIssue, sa.and_(col(Release.issue_id) == col(Issue.id), col(Release.happened_at) <= at)
    columns: list[Any] = [link.feedback_id, link.issue_id, link.from_cycle, Issue.category]
    who = col(Release.id), col(Feedback.company_id)
    return session.execute(
        sa.select(*columns, col(Release.cycle), col(Release.kind), col(Release.happened_at), *who)
        .join(Feedback, col(Feedback.id) == col(link.feedback_id))
        .join(Issue, col(Issue.id) == col(link.issue_id))
        .outerjoin(Release, release)
        .where(_among(ids), col(link.linked_at) <= at)
        .order_by(col(link.linked_at), col(link.issue_id), col(Release.cycle), col(Release.kind) == "reopened")
    ).all()


def _news(session: Session, ids: Wishes, at: int) -> dict[tuple[int, str, int], tuple[str, int | None, str]]:
    """What became by then of the news of each issue in each of its cycles, for the wishes that waited for it."""
    state, told_at = col(Telling.state), col(Telling.told_at)
    by_then = sa.case((sa.and_(state == TOLD, told_at > at), "drafted"), else_=state)
    columns: list[Any] = [FeedbackIssue.feedback_id, FeedbackIssue.issue_id, Release.cycle, by_then, told_at]
    rows = session.execute(
        sa.select(*columns, col(Telling.draft))
        .join(Feedback, col(Feedback.id) == col(FeedbackIssue.feedback_id))
        .join(Telling, col(Telling.conversation_id) == col(Feedback.conversation_id))
        .join(Release, concerns(col(Telling.release_id)))
        .where(_among(ids), col(Telling.owed_at) <= at, col(Release.kind) != said("reopened"))
    )
    return {(wish, issue_id, cycle): (state, told, draft) for wish, issue_id, cycle, state, told, draft in rows}
