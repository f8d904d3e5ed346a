"""The wishes of `wishes_ja.json`, and how well similar ones are found among them.

Every wording of a topic asks among all others: topics, singles and fresh ones. It is a hit if at least one other
wording of its topic is among the first three. The topics are split once into a half for development and
one that is held out.

What the synonyms know decides most of it, so this is asked in five ways:

* the half for development, whose words the synonyms were made from;
* the half that is held out, as it ships. The synonyms and the corpus have one author, so this half is not unknown to
  them: it says how well wishes are found that the synonyms have words for, and no more;
* the same half blind: without every word of the synonyms that is found in this half alone. This is a lower bound, for
  common words are lost with it;
* the half for development, each topic without every meaning that two of its wordings share, while the other meanings
  lead astray as before: what is found where they do not know the matter. The weights of `language.signs` were chosen
  by this, by taking words out as for the blind half, fold by fold, and by the plain figure of this half;
* fresh topics, written when the synonyms were finished. No weight was chosen by them, but that the synonyms did harm
  here was the reason to look for weights that do none, and for the way to choose them that is described above.

Of the half that is held out it was asked only that it stays above 80 %; two settings were ruled out by that.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workflows.language.folding import fold
from workflows.language.signs import Words, meaning, signs, words_of
from workflows.language.synonyms import MEANINGS
from workflows.wish.similar.words import THRESHOLD, Index

SEED, FIRST = 20261, 3


@dataclass(frozen=True)
class Wish:
    """One customer's wording. `topic`: what it wishes for, "" for a single; `near`: the topic that it looks like."""

    text: str
    topic: str
    near: str


@dataclass(frozen=True)
class Found:
    """What the wordings of some topics find: in so many cases (`recall`), and in so many among what is named, because
    it is above the threshold (`named`); of what is named, so much is right (`precision`). For so many of the singles
    that look like these topics nothing is named (`quiet`)."""

    asked: int
    recall: float
    named: float
    precision: float
    quiet: float


@cache
def wishes() -> Sequence[Wish]:
    """All of them, in the file's order."""
    said = json.loads(Path(__file__).with_name("wishes_ja.json").read_text(encoding="utf-8"))
    topics = [*said["topics"], *said["fresh"]]
    worded = [Wish(text, topic["topic"], topic["topic"]) for topic in topics for text in topic["wordings"]]
    return [*worded, *(Wish(single["text"], "", single["near"]) for single in said["singles"])]


@cache
def fresh() -> frozenset[str]:
    """The topics that were written last."""
    said = json.loads(Path(__file__).with_name("wishes_ja.json").read_text(encoding="utf-8"))
    return frozenset(topic["topic"] for topic in said["fresh"])


@cache
def halves() -> tuple[frozenset[str], frozenset[str]]:
    """The topics for development, and those that are held out."""
    names = sorted({wish.near for wish in wishes()} - fresh())
    random.Random(SEED).shuffle(names)
    middle = len(names) // 2
    return frozenset(names[:middle]), frozenset(names[middle:])


def blind() -> Words:
    """The synonyms without what is found in the half that is held out, and not in the other one."""
    known, unknown = ("\n".join(fold(wish.text) for wish in wishes() if wish.near in half) for half in halves())
    lines = ([word for word in line.split() if fold(word) in known or fold(word) not in unknown] for line in MEANINGS)
    return words_of(" ".join(line) for line in lines if len(line) > 1)


def unaware(topic: str) -> Words:
    """The synonyms without the meanings that two wordings of this topic share."""
    said = Counter(sign for wish in wishes() if wish.topic == topic for sign in signs(wish.text))
    return words_of("" if said[meaning(number)] > 1 else line for number, line in enumerate(MEANINGS))


def found_unaware(topics: Collection[str]) -> float:
    """In so many cases wordings of these topics are found by synonyms that do not know the matter."""
    each = [measure([topic], unaware(topic)) for topic in sorted(topics)]
    return sum(found.recall * found.asked for found in each) / sum(found.asked for found in each)


def index(known: Words | None = None) -> Index:
    """All wishes, numbered from 1."""
    made = Index(known)
    for number, wish in enumerate(wishes(), start=1):
        made.put(number, wish.text)
    return made


def measure(topics: Collection[str], known: Words | None = None) -> Found:
    """What is found of these topics among all wishes. For precision the singles ask too: nothing is right for them."""
    made, every = index(known), wishes()
    worded: list[list[tuple[float, bool]]] = []
    single: list[list[tuple[float, bool]]] = []
    for number, wish in enumerate(every, start=1):
        if wish.near in topics:
            ranked = [(score, id) for score, id in made.ranked(signs(wish.text, known), 0) if id != number][:FIRST]
            first = [(score, bool(wish.topic) and every[id - 1].topic == wish.topic) for score, id in ranked]
            (worded if wish.topic else single).append(first)
    named = [[right for score, right in first if score >= THRESHOLD] for first in (*worded, *single)]
    return Found(
        asked=len(worded),
        recall=sum(any(right for _, right in first) for first in worded) / len(worded),
        named=sum(map(any, named)) / len(worded),
        precision=sum(map(sum, named)) / max(sum(map(len, named)), 1),
        quiet=sum(not first for first in named[len(worded) :]) / max(len(single), 1),
    )
