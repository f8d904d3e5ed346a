"""How well similar requests are found by meaning, in sets that the encoders have never seen.

Every wording of a topic asks among all others, as in `wishes`; so does every single, for which nothing is right. Of
`wishes_ja.json` nothing was learned but the three numbers of the scale; of `other_trades_ja.json`, nothing at all.

`among` so many: the others are requests of other trades, see `others`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.corpora.wishes import SEED, Wish
from tests.training import texts
from workflows.language.vectors.grades import Grade
from workflows.language.vectors.likeness import Pool
from workflows.language.vectors.process import Encoding
from workflows.language.vectors.scale import BESIDE, SCALES, Scale
from workflows.wish.similar.matching import PERHAPS

FIRST, MOST = 3, 5
BATCH, PATIENCE = 50, 120.0


@dataclass(frozen=True)
class Judged:
    """Shares of those that asked: a right one is first, among the first three, among the first five; is named (PERHAPS
    or surer, of the first three). `precision`: of all that is named, what is right; `quiet`: singles for which nothing
    is named; `alone`: wordings for which nothing is named, when nobody else has asked for it."""

    asked: int
    recall: tuple[float, float, float]
    named: float
    precision: float
    quiet: float
    alone: float


@dataclass(frozen=True)
class Answer:
    """One that was found: how likely, how far it stands out, and is it the same?"""

    likeness: float
    beside: float
    is_right: bool


@cache
def requests(file: str) -> tuple[Wish, ...]:
    """Those of a set in this folder."""
    said = json.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    topics = [*said["topics"], *said["fresh"]]
    worded = [Wish(text, topic["topic"], topic["topic"]) for topic in topics for text in topic["wordings"]]
    return (*worded, *(Wish(single["text"], "", single["near"]) for single in said["singles"]))


@cache
def others(count: int) -> tuple[str, ...]:
    """So many requests of other trades, no two with the same words: those that the adapters learned from, and where
    these are not enough, the beginnings of some with the ends of others."""
    dice, learned = random.Random(SEED), [text for file in texts.topics() for topic in file for text in topic.texts]
    found = dict.fromkeys(learned)
    while len(found) < count:
        one, other = dice.sample(learned, 2)
        found[f"{one[: len(one) * 2 // 3]}{other[len(other) // 3 :]}"] = None
    return tuple(found)[:count]


@cache
def encoded(grade: Grade, said: tuple[str, ...]) -> tuple[bytes, ...]:
    """Their vectors, by the process that the service uses."""
    encoding = Encoding(grade)
    try:
        parts = (encoding.of(said[at : at + BATCH], PATIENCE) for at in range(0, len(said), BATCH))
        return tuple(vector for part in parts for vector in part)
    finally:
        encoding.close()


def measure(grade: Grade, file: str, among: int = 0, by: Scale | None = None) -> Judged:
    """How well a set is found in itself, or among so many."""
    every, by = requests(file), by or SCALES[grade]
    answers = [_sure(each, by) for each in answered(grade, file, among)]
    alone = [_sure(each, by) for each in answered(grade, file, among, alone=True)]
    worded, single = answers[: _worded(every)], answers[_worded(every) :]
    named = [[right for sure, right in each[:FIRST] if sure >= PERHAPS] for each in answers]
    return Judged(
        len(worded),
        recall=(_recall(worded, 1), _recall(worded, FIRST), _recall(worded, MOST)),
        named=sum(map(any, named)) / len(worded),
        precision=sum(map(sum, named)) / max(sum(map(len, named)), 1),
        quiet=sum(not each for each in named[len(worded) :]) / max(len(single), 1),
        alone=sum(each[0][0] < PERHAPS for each in alone) / len(alone),
    )


def answered(grade: Grade, file: str, among: int = 0, *, alone: bool = False) -> Iterator[list[Answer]]:
    """What each finds, the closest first. `alone`: each wording as if nobody else had asked for the same."""
    every = requests(file)
    vectors = encoded(grade, tuple(wish.text for wish in every))
    more = encoded(grade, others(among - len(every))) if among else ()
    pool: Pool[int] = Pool(grade)
    pool.put(range(len(every) + len(more)), [*vectors, *more])
    for number, wish in enumerate(every[: _worded(every)] if alone else every):
        same = {n for n, each in enumerate(every) if wish.topic and each.topic == wish.topic}
        found = pool.ranked(vectors[number], BESIDE.stop, but=same if alone else {number})
        beside = SCALES[grade].beside([likeness for likeness, _ in found])
        yield [Answer(likeness, beside, id in same) for likeness, id in found[:MOST]]


def _recall(asked: Sequence[Sequence[tuple[float, bool]]], first: int) -> float:
    return sum(any(right for _, right in each[:first]) for each in asked) / len(asked)


def _sure(answers: Sequence[Answer], by: Scale) -> list[tuple[float, bool]]:
    return [(by.sure(each.likeness, each.beside), each.is_right) for each in answers]


def _worded(every: Sequence[Wish]) -> int:
    return sum(bool(wish.topic) for wish in every)
