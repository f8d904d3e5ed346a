"""Fit: the three numbers that make a probability of a likeness, from what people of this company merged and told apart.

Every merged wish asks once: others that are one with it are right, those that come before them are wrong; and every
pair that was told apart is wrong. Nothing else is learnt from anybody's wishes: the encoders stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import log

import sqlalchemy as sa
from sqlmodel import Session

from workflows.engine.rows import table_of
from workflows.engine.store import store
from workflows.language.vectors.scale import Scale
from workflows.tables.similar import NotSame, WishVector
from workflows.tables.wish import Feedback
from workflows.wish.similar import engine, meaning, vectors
from workflows.wish.similar.matching import PERHAPS

#: Of fewer merged wishes nothing is learnt; the first of so many answers count; so much the numbers hold on to what
#: they were, as if that had been seen so often.
LEAST, FIRST, HOLD = 20, 3, 5.0
#: Steps at the most; and how small a share of one is not worth going.
ROUNDS, SMALLEST = 25, 1e-3


@dataclass(frozen=True)
class Sample:
    """One answer: how close it came, how far it stood out, and was it right?"""

    likeness: float
    gap: float
    is_right: bool


@dataclass(frozen=True)
class Quality:
    """How well a scale judges the samples: what it loses for each (log loss, less is better), how many of the right
    ones it names, and how many of those that it names are right (0 to 1)."""

    loss: float
    named: float
    precision: float


def samples() -> list[Sample]:
    """What the company's history teaches; none where no encoder answers."""
    if not engine.model():
        return []
    vectors.catch_up()
    groups, apart = store.read(_merged), store.read(_told_apart)
    scale = meaning.scale()
    return [sample for id, root in groups.items() for sample in _asked_by(id, root, groups, apart, scale)]


def fitted(found: Sequence[Sample], before: Scale) -> Scale:
    """The scale under which the samples are the most likely, not far from the one before without good reason."""
    now = before
    for _ in range(ROUNDS):
        step, share = _step(found, now, before), 1.0
        while share > SMALLEST and _lost(found, further := _moved(now, step, share), before) >= _lost(
            found, now, before
        ):
            share /= 2  # too far: the curve bends otherwise there
        if share <= SMALLEST:
            break
        now = further
    of_likeness, of_gap, constant = (round(number, 3) for number in _numbers(now))
    return Scale(of_likeness, of_gap, constant, before.floor)


def quality(found: Sequence[Sample], scale: Scale) -> Quality:
    """How well a scale judges these."""
    sure = [_sure(sample, scale) for sample in found]
    lost = [-log(max(p if sample.is_right else 1 - p, 1e-9)) for sample, p in zip(found, sure, strict=True)]
    named = [sample.is_right for sample, p in zip(found, sure, strict=True) if p >= PERHAPS]
    right = sum(sample.is_right for sample in found)
    return Quality(sum(lost) / len(lost), sum(named) / max(right, 1), sum(named) / max(len(named), 1))


def _numbers(scale: Scale) -> tuple[float, float, float]:
    return scale.of_likeness, scale.of_gap, scale.constant


def _moved(scale: Scale, step: Sequence[float], share: float) -> Scale:
    of_likeness, of_gap, constant = (now + share * each for now, each in zip(_numbers(scale), step, strict=True))
    return Scale(of_likeness, of_gap, constant, scale.floor)


def _lost(found: Sequence[Sample], scale: Scale, before: Scale) -> float:
    """What is to be made small: the loss over all samples, and how far the numbers have gone."""
    moved = sum((now - was) ** 2 for now, was in zip(_numbers(scale), _numbers(before), strict=True))
    return HOLD / 2 * moved + (quality(found, scale).loss * len(found) if found else 0.0)


def _step(found: Sequence[Sample], now: Scale, before: Scale) -> list[float]:
    """Newton's: where the loss would be least if it bent everywhere as it does here."""
    slope = [HOLD * (was - is_) for was, is_ in zip(_numbers(before), _numbers(now), strict=True)]
    bend = [[HOLD if row == column else 0.0 for column in range(3)] for row in range(3)]
    for sample in found:
        facts, sure = (sample.likeness, sample.gap, 1.0), _sure(sample, now)
        for row in range(3):
            slope[row] += (sample.is_right - sure) * facts[row]
            for column in range(3):
                bend[row][column] += sure * (1 - sure) * facts[row] * facts[column]
    return _solved(bend, slope)


def _sure(sample: Sample, scale: Scale) -> float:
    return scale.sure(sample.likeness, sample.likeness - sample.gap)


def _asked_by(
    id: int, root: int, groups: dict[int, int], apart: set[tuple[int, int]], scale: Scale
) -> Iterator[Sample]:
    vector = store.read(partial(vectors.of, feedback_id=id))
    ranked = [(likeness, other) for likeness, other in meaning.ranked(vector) if other != id] if vector else []
    beside = scale.beside([likeness for likeness, other in ranked if groups.get(other) != root])
    for place, (likeness, other) in enumerate(ranked):
        if place < FIRST or (min(id, other), max(id, other)) in apart:
            yield Sample(likeness, likeness - beside, groups.get(other) == root)


def _merged(session: Session) -> dict[int, int]:
    """The wishes that people made one with others, and in which each of them ended up."""
    feedback = table_of(Feedback).c
    children = sa.select(feedback.merged_into).where(feedback.merged_into.is_not(None))
    rows = session.execute(
        sa.select(feedback.id, feedback.merged_into)
        .where(feedback.merged_into.is_not(None) | feedback.id.in_(children), feedback.withdrawn_at.is_(None))
        .join(table_of(WishVector), table_of(WishVector).c.feedback_id == feedback.id)
    )
    return {row.id: row.merged_into or row.id for row in rows}


def _told_apart(session: Session) -> set[tuple[int, int]]:
    apart = table_of(NotSame).c
    return {(row.one, row.other) for row in session.execute(sa.select(apart.one, apart.other))}


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of matrix · x = right; the matrix is small, symmetric and positive."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for at, row in enumerate(rows):
        for other in rows[at + 1 :]:
            share = other[at] / row[at]
            other[:] = [value - share * pivot for value, pivot in zip(other, row, strict=True)]
    found = [0.0] * len(rows)
    for at in reversed(range(len(rows))):
        known = sum(rows[at][column] * found[column] for column in range(at + 1, len(rows)))
        found[at] = (rows[at][-1] - known) / rows[at][at]
    return found
