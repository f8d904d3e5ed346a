"""How customers are written to: in which language, and by which name."""

from __future__ import annotations

import pytest

from workflows.language.customers import addressed, language_of


@pytest.mark.parametrize(
    ("declared", "written", "language"),
    [
        ("", "勤務表をExcelでも出力したい", "ja"),
        ("en-US", "勤務表をExcelでも出力したい", "ja"),  # so they write, whatever their browser is set to
        ("ja", "Please add a column to the CSV export", "ja"),
        ("ja-JP", "", "ja"),
        ("en_GB", "CSV", "en"),
        ("fr", "Bonjour", "en"),
        ("", "Please add a column to the export", "en"),
        ("", "CSV", "ja"),
        ("", "", "ja"),
    ],
)
def test_customers_are_written_to_in_their_language(declared: str, written: str, language: str) -> None:
    assert language_of(declared, written, usual="ja") == language


def test_where_nothing_tells_it_is_the_companys() -> None:
    assert language_of("", "", usual="en") == "en"


@pytest.mark.parametrize(
    ("language", "name", "address"),
    [
        ("ja", "山本 恵子", "山本"),
        ("ja", "山本　恵子", "山本"),
        ("ja", "山本恵子", "山本恵子"),
        ("ja", "Keiko Yamamoto", "Keiko Yamamoto"),
        ("en", "Keiko Yamamoto", "Keiko Yamamoto"),
        ("en", "山本 恵子", "山本 恵子"),
        ("ja", "keiko@aoba.example", ""),
        ("ja", "yamamoto01", ""),
        ("en", "k.yamamoto", ""),
        ("en", "keiko_y", ""),
        ("en", "Keiko", "Keiko"),
        ("en", "Jean-Luc", "Jean-Luc"),
        ("en", "J. Smith", "J. Smith"),
        ("ja", "山本2", "山本2"),
        ("ja", "  ", ""),
    ],
)
def test_customers_are_addressed_by_their_family_name(language: str, name: str, address: str) -> None:
    assert addressed(language, name) == address
