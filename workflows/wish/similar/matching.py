"""Matching: from wishes in the order of their likeness to those that are named, each once, and how sure that is.

A wish is named as the one that it was merged into; none is named that is one with those who ask, or of which somebody
said that it is not the same. How sure it is depends on how far it stands out from others that are close as well: so
what was merged is made one before it is judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.language.shared_words import shared_words
from workflows.language.vectors.scale import BESIDE, Scale
from workflows.tables.wish import Feedback
from workflows.wish.similar import refused

#: How sure a likeness is: from here on it is the same in six of ten cases, is it related perhaps, is it anything.
LIKELY, PERHAPS, ANY = 0.4, 0.2, 0.0
#: So many are looked at before who was merged is made one.
PAGE = 60

Ranked = Sequence[tuple[float, int]]


@dataclass(frozen=True)
class Match:
    """A wish that is similar: the one that it was merged into, where it was. `sure`: the probability that it is the
    same, 0 to 1; `shared`: words that both say, none where they are alike in meaning only."""

    feedback_id: int
    quote: str
    sure: float
    shared: tuple[str, ...] = ()

    @property
    def is_likely(self) -> bool:
        """Is it the same more often than not?"""
        return self.sure >= LIKELY

    @property
    def is_named(self) -> bool:
        """Is it close enough to be named without being asked for?"""
        return self.sure >= PERHAPS


def matches(
    session: Session, ranked: Ranked, scale: Scale | None, text: str, *, most: int, but: Collection[int], least: float
) -> list[Match]:
    """The first few; without a scale all that is ranked is perhaps related."""
    best = _best(session, ranked, but, BESIDE.stop + most)
    beside = scale.beside(list(best.values())) if scale else 0.0
    sure = {id: scale.sure(likeness, beside) if scale else PERHAPS for id, likeness in best.items()}
    chosen = [id for id in sure if sure[id] >= least][:most]
    quotes = _quotes(session, chosen)  # an index remembers what was erased since
    return [Match(id, quotes[id], sure[id], shared_words(text, quotes[id])) for id in chosen if id in quotes]


def _best(session: Session, ranked: Ranked, but: Collection[int], most: int) -> dict[int, float]:
    """How close each wish comes, under the name of the one in which it ended up; the closest first."""
    best: dict[int, float] = {}
    hidden = set(_roots(session, {*but, *refused.by(session, but)}).values())
    for at in range(0, len(ranked), PAGE):
        page = ranked[at : at + PAGE]
        roots = _roots(session, [id for _, id in page])
        for score, id in page:
            if id in roots and roots[id] not in hidden:
                best.setdefault(roots[id], score)
        if len(best) >= most:
            break
    return best


def _roots(session: Session, ids: Collection[int]) -> Mapping[int, int]:
    """In which wish each of these ended up."""
    feedback = table_of(Feedback).c
    counted = feedback.id.in_(ids) & feedback.withdrawn_at.is_(None)
    rows = session.execute(sa.select(feedback.id, feedback.merged_into).where(counted)) if ids else ()
    return {row.id: row.merged_into or row.id for row in rows}


def _quotes(session: Session, ids: Collection[int]) -> dict[int, str]:
    feedback = table_of(Feedback).c
    rows = session.execute(sa.select(feedback.id, feedback.quote).where(feedback.id.in_(ids))) if ids else ()
    return {row.id: row.quote for row in rows if row.quote}
