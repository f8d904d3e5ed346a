"""What both encoders are made of. All arrays are float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
#: Of a vector that has no length.
TINY = np.float32(1e-12)


@dataclass(frozen=True)
class Linear:
    """Numbers times weights, plus a bias."""

    weights: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        return x @ self.weights + self.bias


@dataclass(frozen=True)
class Level:
    """Layer normalization: each row gets mean 0 and variance 1, then a scale and a shift that were learned."""

    scale: Floats
    shift: Floats
    least: float

    def __call__(self, x: Floats) -> Floats:
        x = x - x.mean(-1, keepdims=True)
        levelled: Floats = x / np.sqrt((x * x).mean(-1, keepdims=True) + self.least) * self.scale + self.shift
        return levelled


def unit(x: Floats) -> Floats:
    """The same direction, with length 1."""
    scaled: Floats = x / max(np.float32(np.linalg.norm(x)), TINY)
    return scaled


def floats(x: NDArray[Any]) -> Floats:
    """Numbers of any kind, as ours, in one piece."""
    return np.ascontiguousarray(x, np.float32)
