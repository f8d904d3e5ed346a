"""Which of many texts are the most like this one: a pool of vectors.

How alike two vectors are says little by itself, since some are like everything. So each likeness is measured by what is
usual for either of the two: it says by how many standard deviations it stands out, on both sides' mean.

What is usual is reckoned over the pool and over a background that counts as 500 vectors, so that a young pool behaves.
Of each row two sums are kept: of its likenesses to all rows, and of their squares. They follow every change, so what is
answered depends on what is in the pool, and not on how it got there.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from integrations.waiting import Lock
from workflows.language.vectors import files
from workflows.language.vectors.files import checked
from workflows.language.vectors.grades import NUMBERS, Grade
from workflows.language.vectors.layers import Floats, floats

Id = TypeVar("Id", int, str)
Sums = NDArray[np.float64]

#: As how many vectors of the pool the background counts.
BACKGROUND = 500
#: For how many rows there is room at first.
FIRST_ROOM = 1000
NOT_OURS = "not a vector of this pool: of another grade, or of another length than 1"


class Pool(Generic[Id]):
    """Vectors by the ids of what they are of. Threads may share it."""

    def __init__(self, grade: Grade) -> None:
        self._width = NUMBERS[grade]
        self._mean, self._covariance = _background(grade)
        self._lock = Lock("the pool of vectors")
        self._ids: list[Id] = []
        self._places: dict[Id, int] = {}
        self._room = _empty(FIRST_ROOM, self._width)
        self._usual = np.empty((FIRST_ROOM, 2))  # of each row: the sums of its likenesses, and of their squares

    def __len__(self) -> int:
        return len(self._ids)

    def put(self, ids: Sequence[Id], blobs: Sequence[bytes]) -> None:
        """Add vectors, or replace them. Much faster for many at once. Raises ValueError for what is none of ours."""
        new = dict(zip(ids, blobs, strict=True))
        rows = self._read(new.values())
        with self._lock:
            self._drop(new)
            before, after = len(self), len(self) + len(new)
            self._grow(after)
            self._room[before:after] = rows
            self._usual[:before] += _met(self._room[:before], rows)
            self._usual[before:after] = self._by_background(rows) + _met(rows, self._room[:after])
            self._places.update(zip(new, range(before, after), strict=True))
            self._ids += new

    def drop(self, ids: Iterable[Id]) -> None:
        """Take vectors out; ids that are not in it are passed over."""
        with self._lock:
            self._drop(ids)

    def ranked(self, vector: bytes, most: int, but: Collection[Id] = ()) -> list[tuple[float, Id]]:
        """The most alike, and how far each stands out: the best first. `but`: what is not looked for."""
        (asked,) = self._read([vector])
        left_out = set(but)
        with self._lock:
            outstanding = self._outstanding(asked)
            enough = min(most + len(left_out), len(outstanding))
            best = np.argpartition(-outstanding, enough - 1)[:enough].tolist() if enough else []
            found = [(round(float(outstanding[at]), 4), self._ids[at]) for at in best if self._ids[at] not in left_out]
        found.sort(key=lambda each: (-each[0], each[1]))
        return found[:most]

    def _outstanding(self, asked: Floats) -> Sums:
        """How far each row stands out."""
        likeness = (self._room[: len(self)] @ asked).astype(np.float64)
        sums = self._by_background(asked[None])[0] + (likeness.sum(), likeness @ likeness)
        theirs, spread = self._mean_and_spread(self._usual[: len(self)])
        ours, our_spread = self._mean_and_spread(sums)
        outstanding: Sums = ((likeness - theirs) / spread + (likeness - ours) / our_spread) / 2
        return outstanding

    def _mean_and_spread(self, sums: Sums) -> tuple[Sums, Sums]:
        """Of likenesses, out of their sums."""
        mean, squares = np.moveaxis(sums / (len(self) + BACKGROUND), -1, 0)
        return mean, np.sqrt(np.maximum(squares - mean * mean, 1e-9))

    def _by_background(self, rows: Floats) -> Sums:
        """What the sums of rows begin with: as if they had met the background's vectors."""
        mean = (rows @ self._mean).astype(np.float64)
        return np.stack([mean, _squares(rows, self._covariance) + mean * mean], -1) * BACKGROUND

    def _read(self, blobs: Collection[bytes]) -> Floats:
        if any(len(blob) != 2 * self._width for blob in blobs):
            raise ValueError(NOT_OURS)
        rows = np.frombuffer(b"".join(blobs), "<f2").reshape(-1, self._width).astype(np.float32)
        lengths = np.einsum("ij,ij->i", rows, rows)
        if not (np.abs(lengths - 1) < 0.02).all():  # what is no number is not less either
            raise ValueError(NOT_OURS)
        return rows

    def _drop(self, ids: Iterable[Id]) -> None:
        gone = [id for id in dict.fromkeys(ids) if id in self._places]
        rows = self._room[[self._places[id] for id in gone]]
        for id in gone:
            self._move_last_to(self._places.pop(id))
        self._usual[: len(self)] -= _met(self._room[: len(self)], rows)

    def _move_last_to(self, place: int) -> None:
        last, id = len(self) - 1, self._ids.pop()
        if place < last:
            self._ids[place], self._places[id] = id, place
            self._room[place], self._usual[place] = self._room[last], self._usual[last]

    def _grow(self, size: int) -> None:
        """Have room for so many rows; twice as much as before, so that it is seldom copied."""
        if size > len(self._room):
            room, usual, had = self._room, self._usual, len(self)
            self._room = _empty(max(size, 2 * len(room)), self._width)
            self._usual = np.empty((len(self._room), 2))
            self._room[:had], self._usual[:had] = room[:had], usual[:had]


def _empty(rows: int, width: int) -> Floats:
    """Room for rows. Not from the heap, which would keep what was outgrown; and what is not used takes no memory."""
    memory = mmap.mmap(-1, rows * width * 4, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return np.frombuffer(memory, np.float32).reshape(rows, width)


def _met(rows: Floats, others: Floats) -> Sums:
    """Of each row, the sums of its likenesses to the others, and of their squares."""
    few, many = sorted((len(rows), len(others)))
    if few * many > rows.shape[1] * (few + many):  # then it is less work through the others' second moments
        return np.stack([rows @ others.sum(0), _squares(rows, others.T @ others)], -1).astype(np.float64)
    sums = np.empty((len(rows), 2))
    for some in _slices(len(rows)):
        likeness = rows[some] @ others.T
        sums[some, 0] = likeness.sum(1, dtype=np.float64)
        sums[some, 1] = np.einsum("ij,ij->i", likeness, likeness, dtype=np.float64)
    return sums


def _squares(rows: Floats, moments: Floats) -> Sums:
    """Of each row v the number vᵀMv."""
    squares = np.empty(len(rows))
    for some in _slices(len(rows)):
        squares[some] = np.einsum("ij,ij->i", rows[some] @ moments, rows[some])
    return squares


def _slices(count: int) -> Iterator[slice]:
    """So many rows, a thousand at a time: so that no product of theirs is as large as the pool."""
    return (slice(start, start + 1000) for start in range(0, count, 1000))


def _background(grade: Grade) -> tuple[Floats, Floats]:
    """The mean and the covariance of the background's vectors; of a light one only USE's part, which is all of it."""
    with checked(files.BACKGROUND) as path, np.load(path) as known:
        share = float(known["use_share"]) if grade == "light" else 1.0
        part = slice(-NUMBERS[grade], None)
        return floats(known["mean"][part]) / share, floats(known["cov"][part, part]) / share**2
