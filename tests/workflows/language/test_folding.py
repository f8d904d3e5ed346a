"""Folding: what counts as the same word, and the exact way back to what was typed."""

from __future__ import annotations

import random

import pytest

from workflows.language.folding import fold, grams, span, unfold

SAME = [
    ("ＣＳＶ", "csv"),
    ("ﾛｸﾞｲﾝ", "ろぐいん"),
    ("ログイン", "ろぐいん"),
    ("か\u3099くせい", "がくせい"),
    ("サーバー", "サーバ"),
    ("ｻｰﾊﾞｰ", "さば"),
    ("ヴァイオリン", "バイオリン"),
    ("ｳﾞｨﾗ", "ビラ"),
    ("レヴュー", "れびゅ"),
    ("㈱山びこ", "株式会社山びこ"),
    ("（株）山びこ", "(株)山びこ"),
    ("㍿山びこ", "（ 株 ）山びこ".replace(" ", "")),
    ("㈲川", "有限会社川"),
    ("Ｅ－１０２３", "e-1023"),
    ("E−1023", "E‐1023"),
    ("Eー1023", "E–1023"),
    ("給与　 \n明細", "給与 明細"),
    ("葛\U000e0100飾", "葛飾"),
    ("ロ\u200bグ\ufeffイン", "ログイン"),
    ("①", "1"),
    ("Straße", "STRASSE"),
    ("㌔", "キロ"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_word_however_it_was_typed(one: str, other: str) -> None:
    assert fold(one) == fold(other) == fold(fold(one))


@pytest.mark.parametrize(("one", "other"), [("要望", "要請"), ("は", "ば"), ("E-1023", "E-1024"), ("株", "株式会社")])
def test_other_words_stay_other_words(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_nothing_is_left_of_what_cannot_be_seen() -> None:
    assert fold("") == fold("\u200b\u200d\ufe0f") == ""
    assert fold("\x00") == " "


@pytest.mark.parametrize(
    ("text", "word", "typed"),
    [
        ("㈱山びこの要望", "株式会社", "㈱"),
        ("㈱山びこの要望", "会社山", "㈱山"),
        ("新しいﾛｸﾞｲﾝ画面", "ログイン", "ﾛｸﾞｲﾝ"),
        ("ストラーセ Straße 要", "strasse", "Straße"),
        ("サーバーが落ちた", "サーバ", "サーバー"),
        ("レヴュー待ち", "びゅ", "ヴュー"),
        ("<b>要望</b>", "要望", "要望"),
        ("👩‍👩‍👧要\u200b望", "要望", "要\u200b望"),
    ],
)
def test_a_hit_is_found_again_in_what_was_typed(text: str, word: str, typed: str) -> None:
    there, places = unfold(text)
    at = there.index(fold(word))
    begin, end = span(places, at, at + len(fold(word)))
    assert text[begin:end] == typed


#: Letters that become none, several, or one with their neighbours.
HOSTILE = "aＡßﬃİ㈱（株）(有)ｶﾞﾊﾟﾞか\u3099\u0301ヴァーー―-−〜 \n\x00\u200b\u200d\ufe0f\U000e0100\ud800㌔①한ᄒ𝒜👩<&\"'要望"


def test_the_way_back_is_exact_whatever_was_typed() -> None:
    dice = random.Random(7)
    for _ in range(2000):
        text = "".join(dice.choices(HOSTILE, k=dice.randint(0, 24)))
        there, places = unfold(text)
        assert there == fold(text)
        assert len(places) == len(there) + 1
        assert places == sorted(places)
        for at, letter in enumerate(there):
            begin, end = span(places, at, at + 1)
            assert 0 <= begin < end <= len(text)
            assert letter in fold(text[begin:end]) or letter in "-ぶ "


def test_grams_are_all_runs_of_letters() -> None:
    assert grams("要望です", 2) == ["要望", "望で", "です"]
    assert grams("税", 1) == ["税"]
    assert grams("税", 2) == ["税"]
    assert grams("給与 明細", 2) == ["給与", "明細"]


def test_a_very_long_text_is_folded_at_once() -> None:
    assert len(fold("ログイン画面 " * 20_000)) == 140_000
    assert fold("a" + "\u0301" * 50_000).startswith("á")
