"""What was promised to customers and is still to be done, in one list: reports, word of a release, promised days.

    outstanding(session)              # everything; outstanding(session, "101") is what one company may expect

It follows from contexts, decisions, releases, tellings, reports and escalations; nothing is kept beside these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from workflows.customer import companies
from workflows.engine.rows import table_of
from workflows.engine.store import now_ms
from workflows.escalation import ladder
from workflows.rules.choices import ADOPT, DUPLICATE, FINAL
from workflows.tables.escalation import Escalation
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Report, Telling
from workflows.tables.wish import Context, Feedback, FeedbackIssue
from workflows.telling.cause import Cause, stored_decision
from workflows.wish import awaited
from workflows.wish import voices as wish_voices
from workflows.wish.awaited import FINISHED, Waited
from workflows.wish.voices import Voice
from workflows.wish.wishes import COUNTS

#: There is something to report; it was adopted, and the next word is due at the release; nothing is concluded yet, or
#: what was made of it came to nothing.
DUE, RELEASE, OPEN = STATES = ("due", "release", "open")
#: These in words.
WORDS = {DUE: "Due now", RELEASE: "Adopted, awaiting release", OPEN: "Awaiting a decision"}
#: The level of a wording that promises a report; and the report of a customer who is told nothing, for a reason.
REPORT, NOBODY = "report", "nobody"
#: Of each kind so many are shown at once; those that are most pressing come first.
MOST = 100

#: By what they were told of (a cause, as it is stored): when an agent wrote to the customer, None where nobody has.
Told = Mapping[str, int | None]


@dataclass(frozen=True)
class Owing:
    """A customer to whom a report is owed. `since`: when it was promised, when there was something to report (due), or
    when they heard that it will come (release). `decision_id`: what was concluded, 0 for nothing yet; `draft`: what
    an agent may write, "" where none was made."""

    feedback_id: int
    state: str
    since: int
    decision_id: int = 0
    draft: str = ""


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
        """What can be reported now."""
        return self.of(DUE)

    def of(self, state: str) -> list[Debt]:
        """The reports that are due, or that wait for the same."""
        return [debt for debt in self.reports if debt.state == state]


def outstanding(session: Session, company_id: str = "", most: int = MOST) -> Outstanding:
    """Everything that was promised (to one company) and is still to be kept."""
    owed = owing(session, company_id)
    shown = [each for state in STATES for each in [one for one in owed if one.state == state][:most]]
    days, count = _days(session, company_id, most)
    totals = {state: sum(each.state == state for each in owed) for state in STATES} | {"days": count}
    return Outstanding(debts(session, shown), days, totals)


def _days(session: Session, company_id: str, most: int) -> tuple[Sequence[Escalation], int]:
    """Escalations with a promised day that are not done, however old they are; and how many there are."""
    mine = [col(Escalation.company_id) == company_id] if company_id else []
    which: Any = sa.and_(col(Escalation.next_date) != "", col(Escalation.state).in_(ladder.UNFINISHED), *mine)
    rows = select(Escalation).where(which).order_by(col(Escalation.next_date), col(Escalation.id)).limit(most)
    return session.exec(rows).all(), session.exec(select(func.count()).where(which)).one()


def owing(session: Session, company_id: str = "") -> list[Owing]:
    """Everybody who is owed a report: first what can be reported now, the longest wait first; then the others."""
    ids = _wishes(company_id)
    promised, handed, adopted = _promised(session, ids), _handed(session, company_id), _adopted(session, ids)
    since = {id: at for id, at in (adopted | promised).items() if id not in handed}
    held, told, reports, issues = (
        _held(session, ids),
        _told(session, ids),
        _reports(session, ids),
        awaited.of(session, ids),
    )
    found = [
        _owing(id, at, held.get(id), told.get(id, {}), reports.get(id, []), issues.get(id, ()))
        for id, at in since.items()
    ]
    owed = [each for each in found if each is not None]
    owed += [Owing(id, DUE, it.owed_at, Cause.read(it.release_id).decision_id, it.draft) for id, it in handed.items()]
    return sorted(owed, key=lambda each: (STATES.index(each.state), each.since, each.feedback_id))


def debts(session: Session, some: Sequence[Owing] | None = None) -> list[Debt]:
    """These debts (all of them by default), with who it is and what was concluded."""
    some = owing(session) if some is None else some
    now, ids = now_ms(), [each.feedback_id for each in some]
    voices = wish_voices.voices(session, ids, companies.firms(session, now), now) if ids else {}
    wanted = {each.decision_id for each in some}
    decisions = {row.id: row for row in session.exec(select(Decision).where(col(Decision.id).in_(wanted)))}
    return [Debt(each, voices[each.feedback_id], decisions.get(each.decision_id)) for each in some]


# -- what one customer is owed --------------------------------------------------------------------


def _owing(
    id: int, since: int, decision: Any, told: Told, reports: Sequence[Any], issues: Sequence[Waited]
) -> Owing | None:
    """What one customer is owed to whom a report was promised then."""
    if reports and reports[-1].how == NOBODY and reports[-1].reported_at > since:
        return None
    final = decision if decision and decision.conclusion in FINAL and decision.sent_at is not None else None
    if news := next((each for each in issues if each.is_owed), None):
        return Owing(id, DUE, news.since, final.id if final else 0, news.draft)
    released = max(each.since for each in issues if each.standing == FINISHED) if awaited.is_over(issues) else 0
    if released and (final is None or final.decided_at <= released):
        is_told = awaited.is_told(issues) or any(each.reported_at >= released for each in reports)
        return None if is_told else Owing(id, DUE, released, final.id if final else 0)
    if final is None:
        return Owing(id, OPEN, since, decision.id if decision else 0)
    heard_at = _heard_at(final, told, reports)
    if heard_at is None:
        return Owing(id, DUE, final.decided_at, final.id)
    is_kept = final.conclusion != ADOPT or released or any(each.reported_at > heard_at for each in reports)
    is_dropped = final.decided_at < awaited.dropped_at(issues)  # then there is something to conclude again
    return None if is_kept else Owing(id, OPEN if is_dropped else RELEASE, heard_at, final.id)


def _heard_at(decision: Any, told: Told, reports: Sequence[Any]) -> int | None:
    """When a customer heard of a conclusion first; None where nobody has told them."""
    by_hand = [each.reported_at for each in reports if each.reported_at >= decision.decided_at]
    own = Cause(decision_id=decision.id).stored
    # Where the chat came back because of just this, no other answer counts.
    written = [told[own]] if own in told else [at for at in told.values() if at and at >= decision.sent_at]
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
    return {id for id, reports in _reports(session, ids).items() if reports[-1].how == NOBODY}


# -- the rows from which it follows ---------------------------------------------------------------

_CONTEXT, _WISH, _DECISION = table_of(Context).c, table_of(Feedback).c, table_of(Decision).c
#: The wishes with which a report was promised at some time.
REPORT_PROMISED = sa.select(_CONTEXT.feedback_id).where(_CONTEXT.level == REPORT)
#: The decision that holds for a wish was made about the one in which it is.
_ABOUT = _DECISION.feedback_id == sa.func.coalesce(_WISH.merged_into, _WISH.id)
#: The wishes (of whose customers it is known when) that were told that it will come, and we will be in touch again.
_TOLD_TO_COME = (
    sa.select(_WISH.id, col(Telling.told_at).label("told_at"))
    .join(table_of(Telling), col(Telling.conversation_id) == _WISH.conversation_id)
    .join(table_of(Decision), sa.and_(_ABOUT, col(Telling.release_id) == stored_decision(_DECISION.id)))
    .where(col(Telling.state) == "told", _DECISION.conclusion == ADOPT)
)


def _wishes(company_id: str) -> Any:
    """The wishes (of a company) whose customers were promised anything."""
    told = _TOLD_TO_COME.subquery()
    some = sa.select(_WISH.id).where(_WISH.id.in_(REPORT_PROMISED) | _WISH.id.in_(sa.select(told.c.id)))
    some = some.where(_WISH.withdrawn_at.is_(None))
    return some.where(_WISH.company_id == company_id) if company_id else some


def _promised(session: Session, ids: Any) -> dict[int, int]:
    """The wishes with which a report was promised, and when that was said first."""
    rows = session.execute(
        sa.select(_CONTEXT.feedback_id, _CONTEXT.level, _CONTEXT.said_at)
        .where(_CONTEXT.feedback_id.in_(ids))
        .order_by(_CONTEXT.said_at, _CONTEXT.id)
    )
    first: dict[int, int] = {}
    newest: dict[int, str] = {}
    for row in rows:
        newest[row.feedback_id] = row.level
        if row.level == REPORT:
            first.setdefault(row.feedback_id, row.said_at)
    return {id: at for id, at in first.items() if newest[id] == REPORT}


def _adopted(session: Session, ids: Any) -> dict[int, int]:
    """The wishes whose customers were told that it will come, and when that was."""
    return {row.id: row.told_at for row in session.execute(_TOLD_TO_COME.where(_WISH.id.in_(ids)))}


def _handed(session: Session, company_id: str) -> dict[int, Telling]:
    """The wishes without a chat whose customer whoever took them was asked to tell."""
    mine = [Feedback.company_id == company_id] if company_id else []
    rows = session.exec(
        select(Feedback.id, Telling)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(Telling.state == "drafted", col(Feedback.source) != "intercom", COUNTS, *mine)
        .where(col(Feedback.conversation_id).contains(":"))
        .order_by(col(Telling.owed_at))
    )
    return {id: telling for id, telling in rows if id is not None}


def _held(session: Session, ids: Any) -> dict[int, Any]:
    """For each of those wishes, the decision that holds for the one in which it is."""
    rows = session.execute(
        sa.select(_WISH.id.label("wish"), _DECISION.id, _DECISION.conclusion, _DECISION.decided_at, _DECISION.sent_at)
        .join(table_of(Decision), _ABOUT)
        .where(_WISH.id.in_(ids), _DECISION.undone_at.is_(None), _DECISION.conclusion != DUPLICATE)
        .order_by(_DECISION.decided_at, _DECISION.id)
    )
    return {row.wish: row for row in rows}


def _told(session: Session, ids: Any) -> dict[int, Told]:
    """What each of those customers was owed in their chat, and when an agent wrote to them about that."""
    rows = session.exec(
        select(Feedback.id, Telling.release_id, Telling.told_at)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(_WISH.id.in_(ids))
    )
    told: dict[int, dict[str, int | None]] = defaultdict(dict)
    for id, release_id, at in rows:
        told[id or 0][release_id] = at
    return dict(told)


def _reports(session: Session, ids: Any) -> dict[int, list[Any]]:
    """What was noted about each of these wishes (ids, or a query for them) and stands, the oldest first."""
    report = table_of(Report).c
    rows = session.execute(
        sa.select(report.feedback_id, report.how, report.reported_at)
        .where(report.feedback_id.in_(ids), report.undone_at.is_(None))
        .order_by(report.reported_at, report.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.feedback_id].append(row)
    return dict(found)
