"""The pool answers as the formulas say, reckoned the slow way; and whatever way it came to hold what it holds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from workflows.language.vectors import files
from workflows.language.vectors.grades import NUMBERS, Grade
from workflows.language.vectors.likeness import Pool

Vectors = NDArray[np.float64]
Answer = tuple[float, int]


@pytest.fixture
def dice() -> np.random.Generator:
    """Random numbers; a test that fails shows their seed."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    return np.random.default_rng(seed)


def some(dice: np.random.Generator, grade: Grade, count: int) -> list[bytes]:
    """Random vectors of length 1, some of them alike, as they are stored."""
    middles = dice.standard_normal((max(count // 3, 1), NUMBERS[grade]))
    rows = middles[dice.integers(len(middles), size=count)] + 0.7 * dice.standard_normal((count, NUMBERS[grade])) + 0.1
    return [(row / np.linalg.norm(row)).astype("<f2").tobytes() for row in rows]


def read(blob: bytes) -> Vectors:
    return np.frombuffer(blob, "<f2").astype(np.float64)


def filled(grade: Grade, blobs: list[bytes]) -> Pool[int]:
    pool: Pool[int] = Pool(grade)
    pool.put(range(len(blobs)), blobs)
    return pool


def slowly(grade: Grade, blobs: dict[int, bytes], asked: bytes) -> list[Answer]:
    """Every row and how far it stands out, best first: by the mean and the covariance of all vectors, in float64."""
    known = np.load(files.place(files.BACKGROUND))
    share = float(known["use_share"]) if grade == "light" else 1.0
    part = slice(-NUMBERS[grade], None)
    mean, covariance = known["mean"][part].astype(float) / share, known["cov"][part, part].astype(float) / share**2
    known.close()
    rows, v = np.stack([read(blob) for blob in blobs.values()]), read(asked)
    total = len(rows) + 500
    second = (rows.T @ rows + 500 * (covariance + np.outer(mean, mean))) / total
    mean = (rows.sum(0) + 500 * mean) / total
    covariance = second - np.outer(mean, mean)

    def standing_out(of: Vectors, likeness: Vectors) -> Vectors:
        standard = np.sqrt(np.sum(of @ covariance * of, -1))
        return np.asarray((likeness - of @ mean) / standard)

    likeness = rows @ v
    z = (standing_out(rows, likeness) + standing_out(v, likeness)) / 2
    order = np.argsort(-z)
    ids = list(blobs)
    return [(float(z[at]), ids[at]) for at in order]


def same(fast: Sequence[Answer], slow: Sequence[Answer]) -> None:
    """Numbers alike within the rounding; and ids, unless two stand out equally far."""
    assert np.array([far for far, _ in fast]) == pytest.approx(np.array([far for far, _ in slow]), abs=2e-3)
    apart = [one for one, other in pairwise(slow) if one[0] - other[0] > 1e-3]
    assert {id for _, id in apart} <= {id for _, id in fast}


# -- refusals -------------------------------------------------------------------------------------


def odd(grade: Grade) -> list[bytes]:
    numbers = np.zeros(NUMBERS[grade], "<f2")
    none = numbers.tobytes()
    numbers[0] = np.nan
    nan = numbers.tobytes()
    numbers[0] = np.inf
    return [b"", b"\0", none, none + none, nan, numbers.tobytes()]


def test_what_is_no_vector_is_refused_and_changes_nothing(grade: Grade, dice: np.random.Generator) -> None:
    blobs = some(dice, grade, 30)
    pool = filled(grade, blobs)
    before = pool.ranked(blobs[0], 5)
    for blob in odd(grade):
        with pytest.raises(ValueError, match="not a vector of this pool"):
            pool.put([40, 41], [blobs[0], blob])
        with pytest.raises(ValueError, match="not a vector of this pool"):
            pool.ranked(blob, 5)
    with pytest.raises(ValueError):
        pool.put([40], [])
    assert pool.ranked(blobs[0], 5) == before and len(pool) == 30


def test_nothing_is_like_anything_in_an_empty_pool(grade: Grade, dice: np.random.Generator) -> None:
    pool: Pool[int] = Pool(grade)
    (blob,) = some(dice, grade, 1)
    pool.put([], [])
    pool.drop([3])
    assert pool.ranked(blob, 5) == []
    pool.put([3], [blob])
    assert pool.ranked(blob, 5, but=[3]) == []
    pool.drop([3, 3])
    assert pool.ranked(blob, 5) == [] and len(pool) == 0


# -- what it answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 5, 13, 100, 2500])
def test_it_answers_as_the_formulas_say(grade: Grade, count: int, dice: np.random.Generator) -> None:
    blobs = some(dice, grade, count)
    pool = filled(grade, blobs)
    for asked in [*blobs[:2], *some(dice, grade, 2)]:
        slow = slowly(grade, dict(enumerate(blobs)), asked)
        same(pool.ranked(asked, count), slow)
        same(pool.ranked(asked, 5), slow[:5])


def test_it_does_not_matter_how_it_came_to_hold_what_it_holds(grade: Grade, dice: np.random.Generator) -> None:
    blobs = some(dice, grade, 300)
    pool: Pool[int] = Pool(grade)
    for turn in range(30):
        ids = dice.choice(300, size=int(dice.integers(1, 40)), replace=False).tolist()
        if turn % 3 == 2:
            pool.drop(ids)
        else:
            pool.put(ids, [blobs[dice.integers(300)] if turn < 20 else blobs[id] for id in ids])
    kept = list(range(0, 300, 2))
    pool.drop(range(300, 400))
    pool.drop(set(range(300)) - set(kept))
    pool.put(kept[::-1], [blobs[id] for id in kept[::-1]])
    at_once: Pool[int] = Pool(grade)
    at_once.put(kept, [blobs[id] for id in kept])
    assert len(pool) == len(at_once) == 150
    for asked in some(dice, grade, 5):
        same(pool.ranked(asked, 20), slowly(grade, {id: blobs[id] for id in kept}, asked)[:20])
        same(pool.ranked(asked, 20), at_once.ranked(asked, 20))


def test_of_equals_the_first_id_is_named_first(grade: Grade, dice: np.random.Generator) -> None:
    """Of those whose numbers are equal as they are told; a product of equal rows may differ in its last digit."""
    blobs = some(dice, grade, 20)
    for ids in ([7, 3, 5], [5, 7, 3]):
        pool = filled(grade, blobs)
        pool.put([100 + id for id in ids], [blobs[0]] * 3)
        found = pool.ranked(blobs[0], 4)
        assert sorted(id for _, id in found) == [0, 103, 105, 107]
        assert [far for far, _ in found] == pytest.approx([found[0][0]] * 4, abs=2e-4)
        assert found == sorted(found, key=lambda each: (-each[0], each[1]))


def test_who_is_left_out_is_not_named_and_counts_for_the_others(grade: Grade, dice: np.random.Generator) -> None:
    blobs = some(dice, grade, 60)
    pool = filled(grade, blobs)
    slow = slowly(grade, dict(enumerate(blobs)), blobs[7])
    assert slow[0][1] == 7
    same(pool.ranked(blobs[7], 5, but={7}), slow[1:6])


def test_threads_may_share_it(dice: np.random.Generator) -> None:
    blobs = some(dice, "light", 400)
    pool = filled("light", blobs[:100])

    def busy(n: int) -> None:
        for id in range(100 + n, 400, 8):
            pool.put([id], [blobs[id]])
            assert pool.ranked(blobs[id], 1)[0][1] == id
            if id % 3 == 0:
                pool.drop([id])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(busy, range(8)))
    kept = {id: blobs[id] for id in range(400) if id < 100 or id % 3}
    assert len(pool) == len(kept)
    for asked in blobs[:5]:
        same(pool.ranked(asked, 20), slowly("light", kept, asked)[:20])
