"""Releases: what is done, what is holding it, whom it has reached so far, and how many of those who asked were told.

found(session, "held")          # a page of them, the longest wait first
story(session, "10012")         # one of them, with its waves as they came and went
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from workflows.engine.rows import said
from workflows.tables.runs import Action
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.telling import audience, ledger, requesters, waves
from workflows.telling.requesters import IS_SILENT, PENDING
from workflows.wish import availability
from workflows.wish.wishes import COUNTS

#: Available to nobody; people are being told; everybody has been; and it was undone, Jira says that it is not done, or
#: it has ended there since with nothing to use.
HELD, MOVING, OVER, UNDONE, REOPENED, ENDED = "held", "moving", "over", "undone", "reopened", "ended"
ALL = "all"
SHOWS = (ALL, HELD, MOVING, OVER)
#: These in words.
WORDS = {
    HELD: "Waiting for release",
    MOVING: "Notifying customers",
    OVER: "Everybody notified",
    UNDONE: "Release undone",
    REOPENED: "No longer done in Jira",
    ENDED: "Closed in Jira with nothing to release",
}
#: Whom a wave is for, in words.
AUDIENCES = {
    availability.ALL: "Everybody",
    availability.COMPANIES: "{n} companies",
    availability.TIER: "Plan: {names}",
    availability.SHARE: "{n}% of companies",
    availability.FLAG: "Flag: {names}",
}
#: So many on a page.
MOST = 50


@dataclass(frozen=True)
class Row:
    """One of them: its waves that are open or to come, and how those who asked stand (in sum all of them)."""

    release: Release
    issue: Issue
    waves: Sequence[Wave]
    counts: Mapping[str, int]
    is_undone: bool

    @property
    def state(self) -> str:
        """How it stands as a whole."""
        if self.issue.category != "done":
            return REOPENED
        if self.issue.cycle != self.release.cycle:
            return ENDED
        if self.is_undone:
            return UNDONE
        if not self.open:
            return HELD
        return MOVING if any(self.counts.get(each) for each in PENDING) else OVER

    @property
    def open(self) -> list[Wave]:
        """To whom it is available."""
        return [] if self.is_undone else [wave for wave in self.waves if wave.opened_at is not None]

    @property
    def coming(self) -> list[Wave]:
        """The waves that open later."""
        return [wave for wave in self.waves if wave.opened_at is None and wave.called_off_at is None]

    @property
    def asked(self) -> int:
        """Everybody who asked for it."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Event:
    """A wave, or (None) that the release was undone; when, and by whom ("" where nobody did it by hand)."""

    at: int
    wave: Wave | None
    by: str
    why: str = ""


@dataclass(frozen=True)
class Story:
    """One of them, and all that came and went, the newest first."""

    row: Row
    events: Sequence[Event]

    @property
    def can_publish(self) -> bool:
        """Is there anything left that can be made available?"""
        return self.row.state not in (REOPENED, ENDED)


# -- the list -------------------------------------------------------------------------------------

_BACK = aliased(Release)
_IS_UNDONE = (
    sa.select(col(_BACK.id)).where(col(_BACK.id) == col(Release.id) + f":{ledger.REOPENED}").correlate(Release).exists()
)
_IS_OPEN = col(Release.id).in_(sa.select(col(Wave.release_id)).where(col(Wave.opened_at).is_not(None)))
_ASKED = (
    sa.select(col(FeedbackIssue.feedback_id))
    .join(Feedback, col(Feedback.id) == col(FeedbackIssue.feedback_id))
    .outerjoin(
        Telling,
        sa.and_(
            col(Telling.release_id) == col(Release.id), col(Telling.conversation_id) == col(Feedback.conversation_id)
        ),
    )
    .where(
        col(FeedbackIssue.issue_id) == col(Release.issue_id), col(FeedbackIssue.from_cycle) < col(Release.cycle), COUNTS
    )
    .correlate(Release)
)
_IS_HELD = sa.or_(_IS_UNDONE, ~_IS_OPEN)
#: The releases of which somebody who asked is owed word: all of them at once, as few tellings are left to be told. The
#: link's issue is compared as an expression, which has no index: else SQLite looks for everybody who asked for each.
_OWING = (
    sa.select(col(Telling.release_id))
    .join(Feedback, col(Feedback.conversation_id) == col(Telling.conversation_id))
    .join(FeedbackIssue, col(FeedbackIssue.feedback_id) == col(Feedback.id))
    .join(Release, col(Release.id) == col(Telling.release_id))
    .where(col(FeedbackIssue.issue_id).concat("") == col(Release.issue_id))
    .where(col(FeedbackIssue.from_cycle) < col(Release.cycle))
    .where(col(Telling.state).in_(said(ledger.OWING)), COUNTS)
    .correlate(None)
)
#: Where nobody is, those who asked are gone through for somebody for whom there is nothing yet.
_IS_LEFT = sa.case((col(Release.id).in_(_OWING), True), else_=_ASKED.where(IS_SILENT).exists())
_HOW = sa.case((_IS_HELD, HELD), (_IS_LEFT, MOVING), else_=OVER).label("how")


@dataclass(frozen=True)
class Listed:
    """How every release stands (its id: HELD, MOVING or OVER), in the order of the list: found once for a page."""

    hows: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """How many each list has."""
        known = Counter(self.hows.values())
        return {ALL: known.total()} | {name: known[name] for name in (HELD, MOVING, OVER)}

    def ids(self, show: str) -> list[str]:
        """Those on one of the lists."""
        return [id for id, how in self.hows.items() if show in (ALL, how)]


def listed(session: Session) -> Listed:
    """All of them, first where somebody still waits, the longest wait first."""
    rows = session.execute(_done(col(Release.id), _HOW).order_by(col(Release.happened_at), col(Release.id))).all()
    return Listed({id: how for id, how in sorted(rows, key=lambda row: row.how == OVER)})


def found(
    session: Session, show: str = ALL, start: int = 0, most: int = MOST, known: Listed | None = None
) -> tuple[Sequence[Row], int]:
    """Some of them in that order, and where they go on (0: nowhere)."""
    ids = (known or listed(session)).ids(show)
    some = ids[start : start + most]
    query = sa.select(Release, Issue).join(Issue, col(Issue.id) == col(Release.issue_id))
    rows = {row.Release.id: (row.Release, row.Issue) for row in session.execute(query.where(col(Release.id).in_(some)))}
    return _rows(session, [rows[id] for id in some]), start + most if len(ids) > start + most else 0


def counts(session: Session) -> dict[str, int]:
    """How many each list has."""
    return listed(session).counts


def _done(*columns: Any) -> Any:
    """A query over the releases of issues that are done and that somebody asked for."""
    is_current = sa.and_(col(Issue.id) == col(Release.issue_id), col(Issue.cycle) == col(Release.cycle))
    return (
        sa.select(*columns)
        .select_from(Release)
        .join(Issue, is_current)
        .where(col(Release.kind) == ledger.FINISHED, col(Issue.category) == "done", _ASKED.exists())
    )


def _rows(session: Session, shown: Sequence[tuple[Release, Issue]]) -> list[Row]:
    ids = [release.id for release, _ in shown]
    counted = requesters.counted(session, ids)
    undone = set(session.exec(select(Release.id).where(col(Release.id).in_([ledger.reopening(id) for id in ids]))))
    some = defaultdict[str, list[Wave]](list)
    for wave in session.exec(select(Wave).where(col(Wave.release_id).in_(ids)).order_by(col(Wave.opens_at))):
        some[wave.release_id].append(wave)
    return [
        Row(
            release,
            issue,
            some[release.id],
            counted.get(release.id, Counter()),
            ledger.reopening(release.id) in undone,
        )
        for release, issue in shown
    ]


# -- one of them ----------------------------------------------------------------------------------


def story(session: Session, issue_id: str) -> Story | None:
    """The newest release of an issue, and all that was made available of it; None where nothing was ever finished."""
    issue, release = session.get(Issue, issue_id), audience.latest(session, issue_id)
    if issue is None or release is None:
        return None
    [row] = _rows(session, [(release, issue)])
    return Story(row, sorted(_events(session, issue_id), key=lambda each: each.at, reverse=True))


def _events(session: Session, issue_id: str) -> list[Event]:
    releases = list(session.exec(select(Release).where(Release.issue_id == issue_id)))
    events = []
    for release in releases:
        events += [
            Event(wave.opened_at or wave.opens_at, wave, wave.person_name) for wave in waves.of(session, release.id)
        ]
    acts = {f"taken-back:{each.id}" for each in releases}
    people = {
        row.key: str(row.facts.get("agent", ""))
        for row in session.exec(select(Action).where(col(Action.key).in_(acts)))
    }
    backs = [each for each in releases if each.kind == ledger.REOPENED]
    for back in backs:
        of = f"taken-back:{back.id.removesuffix(f':{ledger.REOPENED}')}"
        events.append(Event(back.happened_at, None, people.get(of, ""), back.resolution))
    return events
