"""The short title that is proposed for a wish: what is asked for, without greetings, cut where words end."""

from __future__ import annotations

import json

import pytest

from tests.door import ROOT
from workflows.language.titles import LONGEST, is_cut, proposed

CORPUS = json.loads((ROOT / "tests" / "corpora" / "wishes_ja.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("quote", "title"),
    [
        ("", ""),
        ("お世話になっております。", ""),
        ("勤務表をExcelでも出力したいです。監査のたびに、手で写しています。", "勤務表をExcelでも出力したい"),
        (
            "いつもお世話になっております。経理の者です。CSVに部署コードを付けてほしいです。",
            "CSVに部署コードを付けてほしい",
        ),
        ("こんにちは!\n打刻を忘れたときに通知が欲しいのですが", "打刻を忘れたときに通知が欲しい"),
        (
            "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。毎月手で足しています。",
            "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか",
        ),
        (
            "現在は上長が一人OKすれば通ってしまいますが、金額や日数によっては部長の決裁も必要になることがあります。",
            "現在は上長が一人OKすれば通ってしまいますが…",
        ),
        ("Hi there, please add dark mode. My eyes hurt.", "Add dark mode"),
        (
            "Good morning. We would like to export shifts as Excel because our auditors ask for it.",
            "Export shifts as Excel",
        ),
        ("Thank you for the new release! Can you sort the list by name?", "Sort the list by name?"),
        (
            "The approval screen takes extraordinarily long to open on Monday mornings",
            "The approval screen takes…",
        ),
    ],
)
def test_what_is_asked_for_is_the_title(quote: str, title: str) -> None:
    assert proposed(quote) == title


def test_every_wish_of_the_corpus_has_a_title_that_is_short() -> None:
    quotes = [wording for topic in CORPUS["topics"] for wording in topic["wordings"]]
    titles = [proposed(quote) for quote in quotes]
    assert all(0 < len(title) <= LONGEST for title in titles)
    assert not any(title.startswith("お世話") for title in titles)


def test_a_title_that_leaves_something_out_says_so() -> None:
    assert is_cut(proposed("あ" * 60)) and not is_cut(proposed("CSVに列が欲しい"))
    assert len(proposed("あ" * 60)) == LONGEST
