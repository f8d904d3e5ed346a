"""Refused: two wishes that somebody found not to be the same are never offered for each other again.

refuse(12, 34, by=person)       # and whoever was merged with either
allow(12, 34, by=person)        # that was a slip
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.actions import Intent, happened
from workflows.engine.rows import insert_new, table_of
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.tables.similar import NotSame
from workflows.tables.wish import Feedback
from workflows.wish.wishes import code

NOT_SAME = "{agent} marked {code} as not the same request."
SAME_AGAIN = "{agent} undid that {code} is not the same request."


def refuse(one: int, other: int, *, by: Person) -> bool:
    """These two are not the same; False where that is known, where one of them is not there, or both are one."""

    def work(session: Session) -> bool:
        if len({_root(session, one), _root(session, other), None}) < 3:
            return False
        row = _pair(one, other) | {"person": by.id, "person_name": by.name, "said_at": now_ms()}
        return bool(insert_new(session, NotSame, [row])) and _said(session, one, other, NOT_SAME, by)

    return store.write(work)


def allow(one: int, other: int, *, by: Person) -> bool:
    """They may be the same after all; False where nobody had said anything else."""

    def work(session: Session) -> bool:
        row = session.get(NotSame, tuple(_pair(one, other).values()), with_for_update=True)
        if row is None:
            return False
        session.delete(row)
        return _said(session, one, other, SAME_AGAIN, by)

    return store.write(work)


def by(session: Session, wishes: Collection[int]) -> set[int]:
    """Of which wishes somebody said that they are not the same as one of these, or as one that is one with them."""
    if not wishes:
        return set()
    group = _group(session, wishes)
    return {id for row in said(session, group) for id in (row.one, row.other)} - group


def said(session: Session, wishes: Collection[int]) -> list[NotSame]:
    """What people said of these: each pair of which one is among them, and the other is not."""
    is_about = col(NotSame.one).in_(wishes) | col(NotSame.other).in_(wishes)
    rows = session.exec(select(NotSame).where(is_about))
    return [row for row in rows if not {row.one, row.other} <= set(wishes)]


def _group(session: Session, wishes: Collection[int]) -> set[int]:
    """These, those that they were merged into, and all that was merged into those."""
    feedback = table_of(Feedback).c
    asked = session.execute(sa.select(feedback.id, feedback.merged_into).where(feedback.id.in_(wishes))).all()
    roots = {row.merged_into or row.id for row in asked}
    merged = session.execute(sa.select(feedback.id).where(feedback.merged_into.in_(roots))).scalars()
    return {*wishes, *roots, *merged}


def _root(session: Session, id: int) -> int | None:
    wish = session.get(Feedback, id)
    return (wish.merged_into or wish.id) if wish else None


def _pair(one: int, other: int) -> dict[str, int]:
    return {"one": min(one, other), "other": max(one, other)}


def _said(session: Session, one: int, other: int, sentence: str, by: Person) -> bool:
    """Both of them tell it in their history."""
    for here, there in ((one, other), (other, one)):
        wish = session.get_one(Feedback, here)
        happened(
            session,
            Intent(
                "us",
                "tell_apart",
                key=f"not-same:{here}:{there}:{now_ms()}",
                target=code(there),
                sentence=sentence,
                facts={"agent": by.name or by.id, "code": code(there)},
                feedback_id=here,
                conversation_id=wish.conversation_id,
            ),
        )
    return True
