"""Offered: what stands beside a wish where somebody can say that it is the same as another, in Slack and on the card.

beside(12, most=3)              # what is like it, which of those has a decision, what was said of others before
among("CSVに部署コードを", most=3)   # the same for words that are no wish yet
Pair.read("FB-12/FB-7")         # what a button names: these two, and the decision that was shown
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, select

from workflows.engine.rows import table_of
from workflows.engine.store import store
from workflows.rules.choices import FINAL
from workflows.tables.similar import NotSame
from workflows.tables.wish import Feedback
from workflows.wish.similar import engine
from workflows.wish.similar.matching import Match
from workflows.wish.similar.search import like, similar
from workflows.wish.wishes import code

_PAIR = re.compile(r"FB-([1-9][0-9]{0,8})/FB-([1-9][0-9]{0,8})(?:/([a-z]{1,20}))?", re.ASCII)


@dataclass(frozen=True)
class Offered:
    """What stands beside a wish. `concluded`: the final decision about each of those that are offered, if any;
    `refused`: of which somebody said that they are not the same, the newest first."""

    matches: Sequence[Match] = ()
    concluded: Mapping[int, str] = field(default_factory=dict)
    merged_into: int | None = None
    refused: Sequence[int] = ()


@dataclass(frozen=True)
class Pair:
    """Two wishes: one that is compared, and another; `seen` is the final decision about the other that was shown."""

    one: int
    other: int
    seen: str = ""

    @classmethod
    def read(cls, value: str) -> Pair | None:
        """The two that a button or a choice names; None for anything else."""
        match = _PAIR.fullmatch(value)
        return cls(int(match[1]), int(match[2]), match[3] or "") if match else None

    def __str__(self) -> str:
        return f"{code(self.one)}/{code(self.other)}" + (f"/{self.seen}" if self.seen else "")


def beside(feedback_id: int, *, most: int, patience: float = engine.PATIENCE) -> Offered:
    """What stands beside a wish; nothing beside one that was withdrawn or erased."""
    wish = store.read(lambda session: session.get(Feedback, feedback_id))
    if is_gone(wish):
        return Offered()
    if wish is not None and wish.merged_into is not None:
        return Offered(merged_into=wish.merged_into)
    apart = store.read(partial(_apart, feedback_id=feedback_id, most=most))
    return _offered(like(feedback_id, most=most - len(apart), patience=patience), apart)


def among(text: str, *, most: int, patience: float = engine.PATIENCE) -> Offered:
    """What is offered for words that are to become a wish."""
    return _offered(similar(text, most=most, patience=patience), ())


def is_gone(wish: Feedback | None) -> bool:
    """Is there no such wish, or none any more?"""
    return wish is None or wish.withdrawn_at is not None or not wish.quote


def _offered(matches: Sequence[Match], apart: Sequence[int]) -> Offered:
    ids = [match.feedback_id for match in matches]
    concluded = store.read(partial(_concluded, ids=ids)) if ids else {}
    return Offered(matches, concluded, refused=apart)


def _concluded(session: Session, ids: Collection[int]) -> dict[int, str]:
    feedback = table_of(Feedback).c
    rows = session.execute(
        sa.select(feedback.id, feedback.conclusion).where(feedback.id.in_(ids), feedback.conclusion.in_(FINAL))
    )
    return {row.id: row.conclusion for row in rows}


def _apart(session: Session, feedback_id: int, most: int) -> list[int]:
    """Of which somebody said that they are not the same as this one, as far as they are there still."""
    rows = session.exec(
        select(NotSame)
        .where((col(NotSame.one) == feedback_id) | (col(NotSame.other) == feedback_id))
        .order_by(col(NotSame.said_at).desc(), col(NotSame.one), col(NotSame.other))
        .limit(most)
    ).all()
    others = [row.other if row.one == feedback_id else row.one for row in rows]
    return [id for id in others if not is_gone(session.get(Feedback, id))]
