"""What customers of one company call the same thing is one word, and which words two texts share is said."""

from __future__ import annotations

import pytest

from workflows.language.company_words import canonical
from workflows.language.shared_words import shared_words

SYNONYMS = {"打刻": ("タイムカード", "タイムカードを押す"), "CSV": ("しーえすぶい", "エクスポート(表)")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("打刻したい", "打刻したい"),
        ("タイムカードを直したい", "打刻を直したい"),
        ("タイムカードを押すとき", "打刻とき"),
        ("エクスポート(表)がほしい", "CSVがほしい"),
        ("シーエスブイ", "シーエスブイ"),
    ],
)
def test_other_words_become_the_one_that_counts(text: str, said: str) -> None:
    assert canonical(text, SYNONYMS) == said
    assert canonical(text, {}) == text


def test_case_does_not_matter() -> None:
    assert canonical("TIMECARDと timecard", {"打刻": ("TimeCard",)}) == "打刻と 打刻"


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("", "", ()),
        ("CSVに部署コードを出したい", "部署ｺｰﾄﾞの列をcsvに", ("CSV", "部署コード"[:2], "コード")),
        ("画面の表示を追加する機能", "画面に機能を追加して表示", ()),
        ("部長の承認", "課長の承認", ("承認",)),
        ("I would like the report in CSV", "please export the report as csv", ("report", "CSV")),
        ("部署\x00<script>", "署", ()),
    ],
)
def test_words_that_both_say_are_named_as_the_first_writes_them(one: str, other: str, shared: tuple[str, ...]) -> None:
    assert shared_words(one, other) == shared
