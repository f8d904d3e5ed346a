"""The sentence that an agent reads out or pastes: to whom, in which language, and how we come back to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from workflows.rules import rules
from workflows.rules.meeting import USUAL_PROMISES
from workflows.wish.promised import Customer, sentence, speaker


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """The sentences that are built in."""
    before = replace(rules)
    rules.promises, rules.language = USUAL_PROMISES, "ja"
    yield
    rules.bind(before)


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("phone", "結論が出ましたらお電話にてご報告いたします。"),
        ("mail", "結論が出ましたらメールにてご報告いたします。"),
        ("intercom", "結論が出ましたらこちらのチャットでご報告いたします。"),
        ("slack", "結論が出ましたらあらためてご報告いたします。"),
    ],
)
def test_we_come_back_the_way_they_came(source: str, how: str) -> None:
    said = sentence("report", Customer("山田 花子", "ja", source))
    assert said.startswith("山田様、ご要望をお聞かせいただき") and said.endswith(how) and "毎週水曜日" in said


def test_who_writes_english_hears_english() -> None:
    said = sentence("report", speaker("Keiko Yamamoto", "Please add dark mode", "phone"))
    assert said.startswith("Thank you for telling us, Keiko Yamamoto.")
    assert "every Wednesday" in said and said.endswith("we will tell you by phone what we decide.")


def test_a_name_that_nobody_knows_is_still_polite() -> None:
    assert sentence("listen", Customer()).startswith("ご担当者様、")
    assert sentence("nothing", Customer()) == ""
