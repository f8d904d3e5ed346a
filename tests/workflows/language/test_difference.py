"""What was approved against what was sent, in pieces that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.language.difference import ADDED, LEFT, SAME, pieces


def marked(before: str, after: str) -> str:
    """The pieces in one line: [-left-] and {+added+}."""
    frames = {SAME: "{}", LEFT: "[-{}-]", ADDED: "{{+{}+}}"}
    return "".join(frames[piece.how].format(piece.text) for piece in pieces(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("同じです。", "同じです。", "同じです。"),
        ("", "はい", "{+はい+}"),
        ("はい", "", "[-はい-]"),
        (
            "山本様、CSV出力に列を追加しました。",
            "山本様、Excel出力に列を追加しました。",
            "山本様、[-CSV-]{+Excel+}出力に列を追加しました。",
        ),
        ("列を追加しました。", "列を追加しました。ぜひお試しください。", "列を追加しました。{+ぜひお試しください。+}"),
        ("You can use it now.", "You can try it now.", "You can [-use-]{+try+} it now."),
        ("a  b\nc", "a b c", "a b c"),
        ("<b>一</b>", "<i>一</i>", "<[-b-]{+i+}>一</[-b-]{+i+}>"),
    ],
)
def test_how_it_reads(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_scattered_characters_become_one_change() -> None:
    said = marked("ご確認をお願いします。", "お手数ですがご覧ください。")
    assert said.count("[-") <= 2 and said.count("{+") <= 2


@given(st.text("あい、a b\n", max_size=40), st.text("あい、a b\n", max_size=40))
def test_nothing_is_lost_of_either(before: str, after: str) -> None:
    found = pieces(before, after)
    new = "".join(piece.text for piece in found if piece.how != LEFT)
    old = "".join(piece.text for piece in found if piece.how != ADDED)
    assert ("".join(new.split()), "".join(old.split())) == ("".join(after.split()), "".join(before.split()))


def test_of_long_texts_whole_sentences_are_compared() -> None:
    long = "ご連絡いたします。" * 200
    assert marked(long + "列を追加しました。", long + "列を削除しました。").endswith(
        "[-列を追加しました。-]{+列を削除しました。+}"
    )
