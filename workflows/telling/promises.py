"""What was promised to customers and is still to be done, in one list: reports, word of a release, promised days.

    outstanding(session)              # everything; outstanding(session, "101") is what one company may expect
    outstanding(session, people=ids)  # what somebody promised, or took the request of

It follows from contexts, decisions, releases, tellings, reports and escalations; nothing is kept beside these.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from workflows.customer import companies
from workflows.engine.rows import among, table_of
from workflows.engine.store import now_ms
from workflows.escalation import ladder
from workflows.rules.choices import ADOPT, FINAL
from workflows.tables.escalation import Escalation
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feedback, FeedbackIssue
from workflows.telling import records
from workflows.telling.cause import Cause
from workflows.telling.gathering import name_of
from workflows.telling.records import Held, People, Told
from workflows.wish import awaited
from workflows.wish import voices as wish_voices
from workflows.wish.awaited import FINISHED, Waited
from workflows.wish.voices import Voice

#: There is something to report, and it is still to be written; or a draft says it, which is among those to approve; it
#: was adopted, and the next word is due at the release; nothing is concluded yet, or what was made of it is no use.
DUE, READY, RELEASE, OPEN = STATES = ("due", "ready", "release", "open")
#: What can be reported now.
NOW = (DUE, READY)
#: These in words.
WORDS = {
    DUE: "Due now",
    READY: "Draft ready",
    RELEASE: "Adopted, awaiting release",
    OPEN: "Awaiting a decision",
}
#: The report of a customer who is told nothing, for a reason.
NOBODY = "nobody"
#: Of each kind so many are shown at once; those that are most pressing come first.
MOST = 100


@dataclass(frozen=True)
class Owing:
    """A customer to whom a report is owed. `since`: when it was promised, when there was something to report (due), or
    when they heard that it will come (release). `decision_id`: what was concluded, 0 for nothing yet; `draft`: what
    an agent may write, "" where none was made; `cause`: what there is to report, as it is stored; `name`: of the
    draft that waits to be approved."""

    feedback_id: int
    state: str
    since: int
    decision_id: int = 0
    draft: str = ""
    cause: str = ""
    name: str = ""


@dataclass(frozen=True)
class Debt:
    """The same with who it is and what was concluded, to be shown."""

    owing: Owing
    voice: Voice
    decision: Decision | None

    @property
    def state(self) -> str:
        """Due, or what it waits for."""
        return self.owing.state

    @property
    def since(self) -> int:
        """Since when it is as it is."""
        return self.owing.since

    @property
    def draft(self) -> str:
        """What an agent may write."""
        return self.owing.draft

    @property
    def name(self) -> str:
        """How addresses name the draft that waits to be approved; "" where there is none."""
        return self.owing.name


@dataclass(frozen=True)
class Outstanding:
    """Everything that is promised and not yet kept: reports by state, the longest wait first, and escalations with
    the day that was promised, the soonest first. `totals` counts by state (and "days") what is not shown, too."""

    reports: Sequence[Debt]
    days: Sequence[Escalation]
    totals: Mapping[str, int]

    def __len__(self) -> int:
        return sum(self.totals.values())

    @property
    def due(self) -> list[Debt]:
        """What is still to be written."""
        return self.of(DUE)

    @property
    def owed(self) -> int:
        """How many reports can be made now, written or not."""
        return sum(self.totals[state] for state in NOW)

    def of(self, state: str) -> list[Debt]:
        """The reports that are due, or that wait for the same."""
        return [debt for debt in self.reports if debt.state == state]


def outstanding(session: Session, company_id: str = "", most: int = MOST, people: People = None) -> Outstanding:
    """Everything that was promised (to one company, by these people) and is still to be kept."""
    owed = owing(session, company_id, people)
    shown = [each for state in STATES for each in [one for one in owed if one.state == state][:most]]
    days, count = _days(session, company_id, people, most)
    totals = {state: sum(each.state == state for each in owed) for state in STATES} | {"days": count}
    return Outstanding(debts(session, shown), days, totals)


def _days(session: Session, company_id: str, people: People, most: int) -> tuple[Sequence[Escalation], int]:
    """Escalations with a promised day that are not done, however old they are; and how many there are."""
    mine = [col(Escalation.company_id) == company_id] if company_id else []
    mine += [] if people is None else [col(Escalation.person).in_(people)]
    which: Any = sa.and_(col(Escalation.next_date) != "", col(Escalation.state).in_(ladder.UNFINISHED), *mine)
    rows = select(Escalation).where(which).order_by(col(Escalation.next_date), col(Escalation.id)).limit(most)
    return session.exec(rows).all(), session.exec(select(func.count()).where(which)).one()


def owing(session: Session, company_id: str = "", people: People = None) -> list[Owing]:
    """Everybody who is owed a report: first what can be reported now, the longest wait first; then the others."""
    mine = records.narrowed(company_id, people)
    ids, handed = records.wishes(session, mine), records.handed(session, mine)
    owed = [each for each in _owings(session, _promised(session, ids)) if each.feedback_id not in handed]
    owed = [*_with_drafts(session, owed), *(_handed(id, telling) for id, telling in handed.items())]
    return sorted(owed, key=lambda each: (STATES.index(each.state), each.since, each.feedback_id))


def _handed(id: int, telling: Telling) -> Owing:
    """Whoever took a wish without a chat has a draft of what to say."""
    decision_id, draft = Cause.read(telling.release_id).decision_id, telling.draft
    return Owing(id, READY, telling.owed_at, decision_id, draft, telling.release_id, name_of(telling))


def _with_drafts(session: Session, owed: Sequence[Owing]) -> list[Owing]:
    """What is due and stands in a draft is among the drafts, and nobody has to write it as well."""
    names = records.drafted(session, [each.feedback_id for each in owed if each.state == DUE])
    found = ((each, names.get((each.feedback_id, each.cause), "")) for each in owed)
    return [replace(each, state=READY, name=name) if name else each for each, name in found]


def owed_of_decisions(session: Session, sent: Mapping[int, Decision]) -> set[int]:
    """Of these wishes, with the decisions about them that nobody has begun to tell: whose customers are to be told.

    So it is from the moment of a decision on, whenever its run comes to them.
    """
    due = {each.feedback_id for each in _owings(session, _promised(session, list(sent))) if each.state == DUE}
    everybody = {id: decision.decided_at for id, decision in sent.items() if decision.tells_all}
    return due | (everybody.keys() - awaited.overtaken(session, everybody) - excused_of(session, everybody))


def _promised(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Those of these wishes with whose customers something was promised, and since when."""
    return records.adopted(session, ids) | records.promised(session, ids) if ids else {}


def _owings(session: Session, since: Mapping[int, int]) -> list[Owing]:
    """What is owed to the customers of these wishes, to whom something was promised since then."""
    if not since:
        return []
    ids = list(since)
    held, told, reports, issues = (
        records.held(session, ids),
        records.told(session, ids),
        records.reports(session, ids),
        awaited.of(session, ids),
    )
    found = (
        _owing(id, at, held.get(id), told.get(id, {}), reports.get(id, []), issues.get(id, ()))
        for id, at in since.items()
    )
    return [each for each in found if each is not None]


def debts(session: Session, some: Sequence[Owing] | None = None) -> list[Debt]:
    """These debts (all of them by default), with who it is and what was concluded."""
    some = owing(session) if some is None else some
    if not some:
        return []
    now, ids = now_ms(), [each.feedback_id for each in some]
    voices = wish_voices.voices(session, ids, companies.firms(session, now, among(table_of(Feedback).c.id, ids)), now)
    wanted = {each.decision_id for each in some}
    decisions = {row.id: row for row in session.exec(select(Decision).where(among(col(Decision.id), wanted)))}
    return [Debt(each, voices[each.feedback_id], decisions.get(each.decision_id)) for each in some]


# -- what one customer is owed --------------------------------------------------------------------


def _owing(
    id: int, since: int, decision: Held | None, told: Told, reports: Sequence[Any], issues: Sequence[Waited]
) -> Owing | None:
    """What one customer is owed to whom a report was promised then."""
    if reports and reports[-1].how == NOBODY and reports[-1].reported_at >= since:
        return None
    final = decision if decision and decision.conclusion in FINAL and decision.sent_at is not None else None
    if news := next((each for each in issues if each.is_owed), None):
        return Owing(id, DUE, news.since, final.id if final else 0, news.draft, news.release_id)
    released = max(each.since for each in issues if each.standing == FINISHED) if awaited.is_over(issues) else 0
    if released and (final is None or final.decided_at <= released):
        is_told = awaited.is_told(issues) or any(each.reported_at >= released for each in reports)
        return None if is_told else Owing(id, DUE, released, final.id if final else 0)
    if final is None:
        return Owing(id, OPEN, since, decision.id if decision else 0)
    heard_at = _heard_at(final, told, reports)
    if heard_at is None:
        return Owing(id, DUE, final.decided_at, final.id, cause=Cause(decision_id=final.id).stored)
    is_kept = final.conclusion != ADOPT or released or any(each.reported_at > heard_at for each in reports)
    is_dropped = final.decided_at < awaited.dropped_at(issues)  # then there is something to conclude again
    return None if is_kept else Owing(id, OPEN if is_dropped else RELEASE, heard_at, final.id)


def _heard_at(decision: Held, told: Told, reports: Sequence[Any]) -> int | None:
    """When a customer heard of a conclusion first; None where nobody has told them."""
    by_hand = [each.reported_at for each in reports if each.reported_at >= decision.decided_at]
    own = Cause(decision_id=decision.id).stored
    # Where the chat came back because of just this, no other answer counts.
    written = [told[own]] if own in told else [at for at in told.values() if at and at >= (decision.sent_at or 0)]
    return min((at for at in (*by_hand, *written) if at is not None), default=None)


def causes_of(session: Session, wish: Feedback) -> set[str]:
    """Everything because of which a wish's customer may be owed word: decisions about it, releases of its issues."""
    root = wish.merged_into or wish.id
    decisions = select(Decision.id).where(col(Decision.feedback_id).in_((wish.id, root)))
    issues = select(FeedbackIssue.issue_id).where(FeedbackIssue.feedback_id == wish.id)
    releases = session.exec(select(Release.id).where(col(Release.issue_id).in_(issues)))
    return {Cause(decision_id=id or 0).stored for id in session.exec(decisions)} | set(releases)


def excused_of(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these wishes about whose customers was noted last that they are told nothing."""
    reports = records.reports(session, ids) if ids else {}
    return {id for id, standing in reports.items() if standing[-1].how == NOBODY}
