"""What was promised to customers and is still to be done: it follows from contexts, decisions, tellings and reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.customer import companies
from workflows.engine.rows import table_of
from workflows.engine.store import now_ms
from workflows.rules.choices import DUPLICATE, FINAL
from workflows.tables.meeting import Decision
from workflows.tables.telling import Release, Report, Telling
from workflows.tables.wish import Context, Feedback, FeedbackIssue
from workflows.telling.cause import Cause
from workflows.wish import voices as wish_voices
from workflows.wish.voices import Voice
from workflows.wish.wishes import COUNTS

#: Nothing is concluded yet; or there is something to report.
OPEN, DUE = "open", "due"
#: The level of a wording that promises a report; and the report of a customer who is told nothing, for a reason.
REPORT, NOBODY = "report", "nobody"

#: By release: when an agent wrote to the customer because of it, None where nobody has.
Told = dict[str, int | None]


@dataclass(frozen=True)
class Owing:
    """A customer to whom a report is owed. `since`: when it was promised, or (due) when there was something to report;
    `decision_id`: what was concluded, 0 for nothing yet; `draft`: what an agent may write, "" where none was made."""

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
        """Nothing is concluded yet, or there is something to report."""
        return self.owing.state

    @property
    def since(self) -> int:
        """When it was promised, or when there was something to report."""
        return self.owing.since

    @property
    def draft(self) -> str:
        """What an agent may write."""
        return self.owing.draft


def owing(session: Session) -> list[Owing]:
    """Everybody who is owed a report: first what can be reported now, the longest wait first; then the others."""
    promised, handed = _promised(session), _handed(session)
    held, told, reports = _held(session), _told(session), _reports(session, REPORT_PROMISED)
    found = [
        _owing(id, since, held.get(id), told[id], reports.get(id)) for id, since in promised.items() if id not in handed
    ]
    owed = [each for each in found if each is not None]
    owed += [Owing(id, DUE, it.owed_at, Cause.read(it.release_id).decision_id, it.draft) for id, it in handed.items()]
    return sorted(owed, key=lambda each: (each.state != DUE, each.since, each.feedback_id))


def debts(session: Session, some: Sequence[Owing] | None = None) -> list[Debt]:
    """These debts (all of them by default), with who it is and what was concluded."""
    some = owing(session) if some is None else some
    now, ids = now_ms(), [each.feedback_id for each in some]
    voices = wish_voices.voices(session, ids, companies.firms(session, now), now)
    wanted = {each.decision_id for each in some}
    decisions = {row.id: row for row in session.exec(select(Decision).where(col(Decision.id).in_(wanted)))}
    return [Debt(each, voices[each.feedback_id], decisions.get(each.decision_id)) for each in some]


def _owing(id: int, since: int, decision: Any, told: Told, report: Any) -> Owing | None:
    """What one customer is owed to whom a report was promised then."""
    if report is not None and report.how == NOBODY and report.reported_at > since:
        return None
    if decision is None or decision.conclusion not in FINAL or decision.sent_at is None:
        return Owing(id, OPEN, since, decision.id if decision else 0)
    if report is not None and report.reported_at >= decision.decided_at:
        return None
    own = Cause(decision_id=decision.id).stored
    if own in told:  # the chat came back because of just this
        paid = told[own] is not None
    else:
        paid = any(at is not None and at >= decision.sent_at for at in told.values())
    return None if paid else Owing(id, DUE, decision.decided_at, decision.id)


def settle(session: Session, wish: Feedback, by: str, at: int, *, is_told: bool) -> None:
    """Somebody noted what became of a wish: what its chat is owed because of just this wish is paid, or excused."""
    mine = causes_of(session, wish)
    owed = select(Telling).where(
        Telling.conversation_id == wish.conversation_id, col(Telling.state).in_(("owed", "drafted"))
    )
    for telling in session.exec(owed):
        if telling.release_id in mine:
            telling.state, telling.told_by, telling.told_at = ("told", by, at) if is_told else ("excused", "", None)


def causes_of(session: Session, wish: Feedback) -> set[str]:
    """Everything because of which a wish's customer may be owed word: decisions about it, releases of its issues."""
    root = wish.merged_into or wish.id
    decisions = select(Decision.id).where(col(Decision.feedback_id).in_((wish.id, root)))
    issues = select(FeedbackIssue.issue_id).where(FeedbackIssue.feedback_id == wish.id)
    releases = session.exec(select(Release.id).where(col(Release.issue_id).in_(issues)))
    return {Cause(decision_id=id or 0).stored for id in session.exec(decisions)} | set(releases)


def excused_of(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these wishes about whose customers was noted last that they are told nothing."""
    return {id for id, report in _reports(session, ids).items() if report.how == NOBODY}


#: The wishes with which a report was promised at some time.
_CONTEXT, _WISH, _DECISION = table_of(Context).c, table_of(Feedback).c, table_of(Decision).c
_WITHDRAWN = sa.select(_WISH.id).where(_WISH.withdrawn_at.is_not(None))
REPORT_PROMISED = sa.select(_CONTEXT.feedback_id).where(_CONTEXT.level == REPORT)


def _promised(session: Session) -> dict[int, int]:
    """The wishes with which a report was promised, and when that was said first."""
    rows = session.execute(
        sa.select(_CONTEXT.feedback_id, _CONTEXT.level, _CONTEXT.said_at)
        .where(_CONTEXT.feedback_id.in_(REPORT_PROMISED), _CONTEXT.feedback_id.not_in(_WITHDRAWN))
        .order_by(_CONTEXT.said_at, _CONTEXT.id)
    )
    first: dict[int, int] = {}
    newest: dict[int, str] = {}
    for row in rows:
        newest[row.feedback_id] = row.level
        if row.level == REPORT:
            first.setdefault(row.feedback_id, row.said_at)
    return {id: at for id, at in first.items() if newest[id] == REPORT}


def _handed(session: Session) -> dict[int, Telling]:
    """The wishes without a chat whose customer whoever took them was asked to tell."""
    rows = session.exec(
        select(Feedback.id, Telling)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(Telling.state == "drafted", col(Feedback.source) != "intercom", COUNTS)
        .where(col(Feedback.conversation_id).contains(":"))
        .order_by(col(Telling.owed_at))
    )
    return {id: telling for id, telling in rows if id is not None}


def _held(session: Session) -> dict[int, Any]:
    """For each of those wishes, the decision that holds for the one in which it is."""
    rows = session.execute(
        sa.select(_WISH.id.label("wish"), _DECISION.id, _DECISION.conclusion, _DECISION.decided_at, _DECISION.sent_at)
        .join(table_of(Decision), _DECISION.feedback_id == sa.func.coalesce(_WISH.merged_into, _WISH.id))
        .where(_WISH.id.in_(REPORT_PROMISED), _DECISION.undone_at.is_(None), _DECISION.conclusion != DUPLICATE)
        .order_by(_DECISION.decided_at, _DECISION.id)
    )
    return {row.wish: row for row in rows}


def _told(session: Session) -> dict[int, Told]:
    """What each of those customers was owed in their chat, and when an agent wrote to them about that."""
    rows = session.exec(
        select(Feedback.id, Telling.release_id, Telling.told_at)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(_WISH.id.in_(REPORT_PROMISED))
    )
    told: dict[int, Told] = defaultdict(dict)
    for id, release_id, at in rows:
        told[id or 0][release_id] = at
    return told


def _reports(session: Session, ids: Any) -> dict[int, Any]:
    """What was noted last about each of these wishes (ids, or a query for them)."""
    report = table_of(Report).c
    rows = session.execute(
        sa.select(report.feedback_id, report.how, report.reported_at)
        .where(report.feedback_id.in_(ids))
        .order_by(report.reported_at, report.id)
    )
    return {row.feedback_id: row for row in rows}
