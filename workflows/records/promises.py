"""What was promised to customers and is still to be done: it follows from contexts, decisions, tellings and reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from workflows.records import agenda, past
from workflows.records.agenda import Voice
from workflows.records.releases import DECISION
from workflows.records.tables import Feedback, FeedbackIssue, Release, Telling
from workflows.records.triage_tables import Context, Decision, Report
from workflows.store import now_ms

#: Nothing is concluded yet; or there is something to report.
OPEN, DUE = "open", "due"
#: The level of a wording that promises a report; and the report of a customer who is told nothing, for a reason.
REPORT, NOBODY = "report", "nobody"

#: By release: when an agent wrote to the customer because of it, None where nobody has.
Told = dict[str, int | None]


@dataclass(frozen=True)
class Debt:
    """One customer to whom a report is owed. `since`: when it was promised, or (due) when there was something to
    report; `draft`: what an agent may write, "" where none was made."""

    voice: Voice
    state: str
    since: int
    decision: Decision | None = None
    draft: str = ""


def debts(session: Session) -> list[Debt]:
    """Everybody who is owed a report: first what can be reported now, the longest wait first; then the others."""
    now = now_ms()
    promised, handed = _promised(session), _handed(session)
    ids = promised.keys() | handed.keys()
    found, voices = _decisions(session, ids), agenda.voices(session, sorted(ids), past.firms(session, now), now)
    told, reports = _told(session, ids), _reports(session, ids)
    debts = [
        _debt(voices[id], since, found.get(id), told[id], reports.get(id))
        for id, since in promised.items()
        if id not in handed
    ]
    owed = [debt for debt in debts if debt is not None]
    owed += [Debt(voices[id], DUE, it.owed_at, found.get(id), it.draft) for id, it in handed.items()]
    return sorted(owed, key=lambda debt: (debt.state != DUE, debt.since, debt.voice.feedback_id))


def _debt(voice: Voice, since: int, decision: Decision | None, told: Told, report: Report | None) -> Debt | None:
    if report is not None and report.how == NOBODY and report.reported_at > since:
        return None
    if decision is None or decision.conclusion not in past.FINAL or decision.sent_at is None:
        return Debt(voice, OPEN, since, decision)
    if report is not None and report.reported_at >= decision.decided_at:
        return None
    own = f"{DECISION}:{decision.id}"
    if own in told:  # the chat came back because of just this
        paid = told[own] is not None
    else:
        paid = any(at is not None and at >= decision.sent_at for at in told.values())
    return None if paid else Debt(voice, DUE, decision.decided_at, decision)


def settle(session: Session, wish: Feedback, by: str, at: int, *, is_told: bool) -> None:
    """Somebody noted what became of a wish: what its chat is owed because of just this wish is paid, or excused."""
    root = wish.merged_into or wish.id
    decisions = select(Decision.id).where(col(Decision.feedback_id).in_((wish.id, root)))
    mine = {f"{DECISION}:{id}" for id in session.exec(decisions)}
    issues = select(FeedbackIssue.issue_id).where(FeedbackIssue.feedback_id == wish.id)
    mine |= set(session.exec(select(Release.id).where(col(Release.issue_id).in_(issues))))
    owed = select(Telling).where(
        Telling.conversation_id == wish.conversation_id, col(Telling.state).in_(("owed", "drafted"))
    )
    for telling in session.exec(owed):
        if telling.release_id in mine:
            telling.state, telling.told_by, telling.told_at = ("told", by, at) if is_told else ("excused", "", None)


def excused_of(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these wishes about whose customers was noted last that they are told nothing."""
    return {id for id, report in _reports(session, ids).items() if report.how == NOBODY}


def _promised(session: Session) -> dict[int, int]:
    """The wishes with which a report was promised, and when that was said first."""
    said = select(Context.feedback_id, func.min(Context.said_at)).where(Context.level == REPORT)
    first = dict(session.exec(said.group_by(col(Context.feedback_id))).all())
    newest = past.contexts(session, list(first), now_ms())
    return {id: at for id, at in first.items() if id in newest and newest[id].level == REPORT}


def _handed(session: Session) -> dict[int, Telling]:
    """The wishes without a chat whose customer whoever took them was asked to tell."""
    rows = session.exec(
        select(Feedback.id, Telling)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(Telling.state == "drafted", col(Feedback.conversation_id).contains(":"))
        .order_by(col(Telling.owed_at))
    )
    return {id: telling for id, telling in rows if id is not None}


def _decisions(session: Session, ids: Collection[int]) -> dict[int, Decision]:
    """The decision that holds for each of these, made about the wish in which it is."""
    rows = session.exec(select(Feedback.id, Feedback.merged_into).where(col(Feedback.id).in_(ids)))
    roots = {id: merged_into or id for id, merged_into in rows if id is not None}
    found = past.decisions(session, list(roots.values()), now_ms())
    return {id: found[root] for id, root in roots.items() if root in found}


def _told(session: Session, ids: Collection[int]) -> dict[int, Told]:
    """What each customer was owed in their chat, and when an agent wrote to them about that."""
    rows = session.exec(
        select(Feedback.id, Telling.release_id, Telling.told_at)
        .join(Telling, col(Telling.conversation_id) == Feedback.conversation_id)
        .where(col(Feedback.id).in_(ids))
    )
    told: dict[int, Told] = defaultdict(dict)
    for id, release_id, at in rows:
        told[id or 0][release_id] = at
    return told


def _reports(session: Session, ids: Collection[int]) -> dict[int, Report]:
    rows = session.exec(select(Report).where(col(Report.feedback_id).in_(ids)).order_by(col(Report.reported_at)))
    return {report.feedback_id: report for report in rows}
