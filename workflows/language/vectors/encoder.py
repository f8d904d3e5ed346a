"""A text as a vector, in this process: loads what a grade needs (seconds, hundreds of megabytes).

`process` does this in a process of its own; only that one and the tests come here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from workflows.language.vectors import files
from workflows.language.vectors.e5 import E5
from workflows.language.vectors.e5_file import E5File
from workflows.language.vectors.files import checked
from workflows.language.vectors.grades import Grade
from workflows.language.vectors.layers import Floats, floats, unit
from workflows.language.vectors.use import Use

#: Letters of a text that are looked at: of a longer one no more pieces would be read anyhow.
LETTERS = 2000


class Encoder:
    """Texts to vectors. Raises Unusable at once if anything that it needs is not what it should be."""

    def __init__(self, grade: Grade) -> None:
        known = _arrays(files.BACKGROUND)
        use_share = float(known["use_share"]) if grade == "full" else 1.0
        self._parts = [_Part(_use().of, known["use_mean"], use_share)]
        if grade == "full":
            self._parts.insert(0, _Part(_e5().of, known["e5_mean"], float(known["e5_share"])))

    def of(self, text: str) -> bytes:
        """What a text means, as it is stored: numbers of two bytes, little endian."""
        return self.vector(text).astype("<f2").tobytes()

    def vector(self, text: str) -> Floats:
        """What a text means: a vector of length 1."""
        beginning = _beginning(text)
        return np.concatenate([part.of(beginning) for part in self._parts])


@dataclass(frozen=True)
class _Part:
    """One encoder's: what all texts have in common is taken off, and the rest has its share of the length."""

    encode: Callable[[str], Floats]
    mean: Floats
    share: float

    def of(self, text: str) -> Floats:
        return floats(unit(self.encode(text) - self.mean) * self.share)


def both() -> tuple[Callable[[str], Floats], Callable[[str], Floats]]:
    """The encoders as they are, e5 and USE, before anything is taken off or shared out."""
    return _e5().of, _use().of


def _beginning(text: str) -> str:
    """What is looked at; less of it, where single letters are spelled out as many (﷼, ㌖), which takes long to read."""
    beginning = text[:LETTERS]
    while len(normalize("NFKC", beginning)) > 2 * LETTERS:
        beginning = beginning[: len(beginning) // 2]
    return beginning


def _e5() -> E5:
    adapter = _arrays(files.E5_ADAPTER)
    with checked(files.E5) as path:
        return E5(E5File(path), adapter)


def _use() -> Use:
    adapter = _arrays(files.USE_ADAPTER)
    with checked(files.USE_PIECES) as pieces, checked(files.USE_WEIGHTS) as path, np.load(path) as weights:
        return Use(pieces, weights, adapter)


def _arrays(name: str) -> dict[str, NDArray[Any]]:
    with checked(name) as path, np.load(path) as arrays:
        return dict(arrays)
