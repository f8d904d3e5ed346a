"""What the meeting changes: decisions, and which wishes are one. Each change in the caller's transaction.

Rows are added, or say when they were taken back; `Feedback.merged_into` and `.conclusion` say what follows from them
for each wish now, and `FeedbackIssue` rows of origin `merged` for which issues it waits with the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from workflows.engine import dry_run
from workflows.engine.rows import Values, insert_new
from workflows.engine.store import now_ms
from workflows.meeting import past
from workflows.search import documents
from workflows.tables.columns import copy_of
from workflows.tables.customer import Company
from workflows.tables.meeting import Decision, Merge
from workflows.tables.wish import Feedback
from workflows.wish import issues
from workflows.wish.issues import group_of, root_of
from workflows.wish.wishes import COUNTS

_UNSENT = (col(Decision.sent_at).is_(None)) & (col(Decision.undone_at).is_(None))
#: About what was filed by mistake nobody hears anything, unless it is restored.
_COUNTS = select(Feedback.id).where(Feedback.id == Decision.feedback_id, COUNTS).exists()


#: Later than every clock: what holds is what was written last, even by a process whose clock is ahead.
EVER = 2**62


def members(session: Session, feedback_id: int) -> list[Feedback]:
    """A wish, and all that were merged into it or into one of those, even if it was merged into another one since."""
    parents = dict(session.exec(select(Merge.feedback_id, Merge.into_id).where(col(Merge.unmerged_at).is_(None))).all())
    ids = {feedback_id}
    while more := {child for child, parent in parents.items() if parent in ids} - ids:
        ids |= more
    return list(session.exec(select(Feedback).where(col(Feedback.id).in_(ids)).order_by(col(Feedback.id))))


def members_in(session: Session, decision_id: int, conversation_id: str) -> list[Feedback]:
    """The wishes from one conversation that a decision is about."""
    decision = session.get_one(Decision, decision_id)
    return [wish for wish in members(session, decision.feedback_id) if wish.conversation_id == conversation_id]


def companies_of(session: Session, wishes: Sequence[Feedback]) -> dict[str, str]:
    """The names of the companies of these wishes, by id."""
    ids = {wish.company_id for wish in wishes if wish.company_id}
    return dict(session.exec(select(Company.id, Company.name).where(col(Company.id).in_(ids))).all())


# -- decisions ------------------------------------------------------------------------------------


def holding(session: Session, root: int) -> Decision | None:
    """The decision that holds for a wish now."""
    return past.decisions(session, [root], now_ms()).get(root)


def newest(session: Session, root: int) -> Decision | None:
    """The newest decision that was not taken back; a duplicate's too."""
    query = select(Decision).where(Decision.feedback_id == root, col(Decision.undone_at).is_(None))
    return session.exec(query.order_by(col(Decision.id).desc()).limit(1)).first()


def history(session: Session, root: int, at: int = EVER) -> list[Decision]:
    """All decisions about a wish, newest first, also those that were taken back; `at`: as they stood at that moment."""
    query = select(Decision).where(Decision.feedback_id == root, Decision.decided_at <= at)
    return [_as_of(decision, at) for decision in session.exec(query.order_by(col(Decision.id).desc()))]


def _as_of(decision: Decision, at: int) -> Decision:
    """A decision as it stood: nobody had taken it back who did so later."""
    stood = copy_of(decision)
    if stood.undone_at is not None and stood.undone_at > at:
        stood.undone_at, stood.undone_by = None, ""
    return stood


def latest(session: Session, most: int) -> list[Decision]:
    """The decisions of which everybody has heard, or is about to; the latest first."""
    sent = select(Decision).where(col(Decision.sent_at).is_not(None), col(Decision.undone_at).is_(None))
    return list(session.exec(sent.order_by(col(Decision.decided_at).desc(), col(Decision.id).desc()).limit(most)))


def by_origin(session: Session, origin: str) -> Decision | None:
    """The decision that this submission has made already."""
    return session.exec(select(Decision).where(Decision.origin == origin)).first()


def decide(session: Session, row: Values) -> Decision:
    """Keep a decision. One that nobody has heard of yet is replaced by it.

    It is later than all before it, whatever the clock of the process says that made them.
    """
    withdraw(session, row["feedback_id"], row["person_name"])
    latest = max((before.decided_at for before in history(session, row["feedback_id"])), default=0)
    decision = Decision(**row | {"decided_at": max(row["decided_at"], latest + 1)})
    session.add(decision)
    session.flush()
    settle(session, [root_of(session, decision.feedback_id) or decision.feedback_id])
    return decision


def withdraw(session: Session, feedback_id: int, by: str, but: str = "") -> list[Decision]:
    """Take back what was decided about a wish and nobody has heard of; except what was decided with `but` (origin)."""
    mine = select(Decision).where(Decision.feedback_id == feedback_id, Decision.origin != but, _UNSENT)
    taken = list(session.exec(mine.with_for_update()))
    for decision in taken:
        decision.undone_at, decision.undone_by = now_ms(), by
    session.flush()
    _forget(session, taken)
    return taken


def _forget(session: Session, taken: Sequence[Decision]) -> None:
    """Nobody finds by its words what was taken back."""
    documents.remove(session, [("decision", str(decision.id)) for decision in taken])


def sent_since(session: Session, decision: Decision) -> bool:
    """Has another decision about the same wish been carried out since?"""
    newer = select(Decision.id).where(
        Decision.feedback_id == decision.feedback_id,
        col(Decision.id) > decision.id,
        col(Decision.sent_at).is_not(None),
        col(Decision.undone_at).is_(None),
    )
    return session.exec(newer.limit(1)).first() is not None


def undo(session: Session, decision_id: int, by: str) -> Decision | None:
    """Take a decision back that nobody has heard of yet; None where that is too late, or there is none."""
    decision = session.get(Decision, decision_id, with_for_update=True)
    if decision is None or decision.sent_at is not None or decision.undone_at is not None:
        return None
    decision.undone_at, decision.undone_by = now_ms(), by
    session.flush()
    _forget(session, [decision])
    merger = active(session, decision.feedback_id)
    if merger is not None and merger.origin == decision.origin:
        unmerge(session, decision.feedback_id, by)
    settle(session, [root_of(session, decision.feedback_id) or decision.feedback_id])
    return decision


def hurry(session: Session, decision_id: int) -> bool:
    """Let a decision be carried out now rather than at the end of its time for undoing."""
    decision = session.get(Decision, decision_id, with_for_update=True)
    if decision is None or decision.sent_at is not None or decision.undone_at is not None:
        return False
    decision.due_at = min(decision.due_at, now_ms())
    return True


def is_due(session: Session, now: int) -> bool:
    """Is there a decision of which people should hear by now?"""
    due = select(Decision.id).where(_UNSENT, Decision.due_at <= now, _COUNTS)
    return session.exec(due.limit(1)).first() is not None


def take_due(session: Session, now: int, most: int) -> list[Decision]:
    """The decisions of which people should hear by now; from then on they cannot be taken back."""
    query = select(Decision).where(_UNSENT, Decision.due_at <= now, _COUNTS).order_by(col(Decision.due_at)).limit(most)
    taken = list(session.exec(query.with_for_update(skip_locked=True)))
    for decision in taken:
        decision.sent_at, decision.dry = now, dry_run.begins_dry("conclusion.tell")
    return taken


# -- mergers --------------------------------------------------------------------------------------


def merge(session: Session, row: Values) -> bool:
    """Merge a wish (with all that are in it) into another one that is not in it; False if that is done already."""
    if not insert_new(session, Merge, [row]):
        return False
    group, into = group_of(session, row["feedback_id"]), row["into_id"]
    _place(session, {wish.id or 0: into for wish in group})
    settle(session, [into])
    return True


def active(session: Session, feedback_id: int) -> Merge | None:
    """By what a wish is merged into another one now."""
    query = select(Merge).where(Merge.feedback_id == feedback_id, col(Merge.unmerged_at).is_(None))
    return session.exec(query).first()


def unmerge(session: Session, feedback_id: int, by: str) -> bool:
    """Take a wish (with all that were merged into it before) out of the one it was merged into."""
    merger = active(session, feedback_id)
    if merger is None:
        return False
    whole = group_of(session, root_of(session, feedback_id) or feedback_id)
    merger.unmerged_at, merger.unmerged_by = now_ms(), by
    session.flush()
    roots = past.roots(session, EVER)
    places = {wish.id or 0: roots.get(wish.id or 0, wish.id or 0) for wish in whole}
    _place(session, places)
    settle(session, sorted(set(places.values())))
    return True


def _place(session: Session, roots: dict[int, int]) -> None:
    for wish in session.exec(select(Feedback).where(col(Feedback.id).in_(list(roots)))):
        root = roots[wish.id or 0]
        wish.merged_into = None if root == wish.id else root
    session.flush()


def settle(session: Session, roots: Sequence[int]) -> None:
    """Let each wish say what holds for it now: the conclusion of the one it is in, and the issues of all in there."""
    held = past.conclusions_of(session, roots, EVER)
    for root in roots:
        group = group_of(session, root)
        for wish in group:
            wish.conclusion = held.get(root, "")
        issues.share(session, [wish.id or 0 for wish in group])
    session.flush()
