"""The meeting's questions: what is undecided, who asks for it, and how much it weighs; now, or as of any past moment.

    agenda(session, now_ms(), sort="weight")       # one page of it, and the order of the whole

First everything is weighed from a few columns; words and people are fetched for the page that is shown. Two things are
as they are now, also in the past: the names of people, and links to issues that were taken away since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from workflows.customer import companies as customer_companies
from workflows.customer.companies import Firm
from workflows.engine.rows import among
from workflows.engine.store import DAY_MS
from workflows.meeting import past
from workflows.meeting import scales as weighed
from workflows.meeting.scales import Weighed
from workflows.tables.meeting import Decision
from workflows.tables.wish import FeedbackIssue, Issue
from workflows.wish import awaited
from workflows.wish.awaited import Waited
from workflows.wish.voices import Voice, voices

#: Rows of the agenda on one page.
MOST = 50
#: A company that asked for something within so many days is heard: a quarter, as product people plan.
HEARD_DAYS = 90


@dataclass(frozen=True)
class Item:
    """A wish as it is shown: `voices` are those who ask for it, the wish itself first, then the oldest."""

    weighed: Weighed
    voices: Sequence[Voice]
    decision: Decision | None
    issues: Sequence[Issue]
    waited: Sequence[Waited] = ()

    @property
    def is_available(self) -> bool:
        """Can customers use it by now?"""
        return awaited.is_available(self.waited)

    @property
    def is_told(self) -> bool:
        """Did somebody tell a customer that it is available?"""
        return awaited.is_told(self.waited)

    @property
    def id(self) -> int:
        """The wish's own record."""
        return self.weighed.id


@dataclass(frozen=True)
class Segment:
    """A tier of customers: how many companies it has, and how many of them were heard.

    Heard is who has a wish on the agenda, or had one filed within HEARD_DAYS, decided or not.
    """

    tier: str
    companies: int
    heard: int


@dataclass(frozen=True)
class Agenda:
    """A page of the agenda. `order`: all of it, by id; `total` and `handled` count the whole, before any filter."""

    items: Sequence[Item]
    order: Sequence[int]
    total: int
    handled: int
    meeting: int
    next_meeting: int
    segments: Sequence[Segment] = field(default=())
    #: The number of the first of these rows in the order of the whole.
    first: int = 0

    @property
    def silent(self) -> list[Segment]:
        """The tiers of which nobody was heard."""
        return [segment for segment in self.segments if not segment.heard]


#: By what the agenda may be sorted: what comes first is what is smallest here.
SORTS: dict[str, Callable[[Weighed], Any]] = {
    "age": lambda wish: wish.said_at,
    "weight": lambda wish: -wish.weight,
    "companies": lambda wish: -len(wish.firms),
    "money": lambda wish: -wish.mrr,
    "carried": lambda wish: -wish.carried,
}


def agenda(
    session: Session,
    at: int,
    *,
    sort: str = "age",
    kind: str = "",
    tier: str = "",
    first: int = 0,
    most: int = MOST,
    around: int | None = None,
    meeting: int = 0,
) -> Agenda:
    """What is undecided, what was handled in the present meeting last (or in the one that begins at `meeting`); the
    rows from number `first` on, or those of the page on which the wish `around` is."""
    firms = customer_companies.firms(session, at)
    everything = weighed.undecided(session, at, firms, meeting)
    shown = [wish for wish in everything if _fits(wish, kind, tier)]
    shown.sort(key=lambda wish: (wish.handled, SORTS[sort](wish), wish.said_at, wish.id))
    first, when = _page_of(shown, around, most) if around else first, weighed.meetings()
    return Agenda(
        items=items(session, shown[first : first + most], at),
        order=[wish.id for wish in shown],
        total=len(everything),
        handled=sum(wish.handled for wish in everything),
        meeting=when.present(at),
        next_meeting=when.next(at),
        segments=_segments(firms, past.heard(session, at - HEARD_DAYS * DAY_MS, at), everything),
        first=first,
    )


def _page_of(wishes: Sequence[Weighed], around: int, most: int) -> int:
    """The number of the first row of the page on which a wish is; that of the first page where it is on none."""
    return next((at for at, wish in enumerate(wishes) if around in wish.members), 0) // most * most


def _fits(wish: Weighed, kind: str, tier: str) -> bool:
    return (not kind or kind in wish.kinds) and (not tier or tier in {firm.tier for firm in wish.firms.values()})


def item(session: Session, feedback_id: int, at: int) -> Item | None:
    """One wish, decided or not, asked for by its own id or by that of one merged into it; None if there was none."""
    found = weighed.one(session, feedback_id, at)
    return next(iter(items(session, found, at)), None)


def items(session: Session, wishes: Sequence[Weighed], at: int) -> list[Item]:
    """These wishes with the words and people of everybody who asks for them."""
    members = [member for wish in wishes for member in wish.members]
    said = voices(session, members, {id: firm for wish in wishes for id, firm in wish.firms.items()}, at)
    decisions = past.decisions(session, [wish.id for wish in wishes], at)
    issues, waited = _issues(session, members, at), awaited.of(session, members, at)
    return [
        Item(
            wish,
            sorted((said[member] for member in wish.members), key=lambda voice: voice.feedback_id != wish.id),
            decisions.get(wish.id),
            list({issue.id: issue for member in wish.members for issue in issues[member]}.values()),
            [each for member in wish.members for each in waited.get(member, ())],
        )
        for wish in wishes
    ]


def _issues(session: Session, ids: Sequence[int], at: int) -> dict[int, list[Issue]]:
    found: dict[int, list[Issue]] = defaultdict(list)
    rows = session.exec(
        select(FeedbackIssue.feedback_id, Issue)
        .join(Issue, col(Issue.id) == FeedbackIssue.issue_id)
        .where(among(col(FeedbackIssue.feedback_id), ids), FeedbackIssue.linked_at <= at)
        .order_by(col(FeedbackIssue.linked_at), col(Issue.id))
    )
    for feedback_id, issue in rows:
        found[feedback_id].append(issue)
    return found


def _segments(firms: Mapping[str, Firm], lately: set[str], wishes: Sequence[Weighed]) -> list[Segment]:
    heard = lately.union(*(wish.firms for wish in wishes))
    tiers: dict[str, list[str]] = defaultdict(list)
    for id, firm in firms.items():
        tiers[firm.tier].append(id)
    return [Segment(tier, len(ids), len(heard.intersection(ids))) for tier, ids in sorted(tiers.items())]
