"""Wordings and promises in the file of rules: a gap that nobody fills stops the start, and is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.rules.saying import told
from workflows.rules import load

FILE = '''\
[tags]
"要望" = "wish"

[wording.ja]
told = """
{name}様、お世話になっております。
「{wish}」が、ご利用いただけるようになりました。
{list}"""

[promises.report]
level = "report"
ja = """
{name}様、ありがとうございます。
{by}ご報告いたします。"""
en = "Thank you, {name}. We will tell you {by}."
'''
PROMISE = "it may use by, name, weekday"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "sentence"),
    [
        ("「{wish}」", "「{wisch}」", 7, "[wording.ja] told has an unknown gap {wisch}; it may use"),
        ("{list}", "{lists}", 8, "[wording.ja] told has an unknown gap {lists}; it may use"),
        ("{by}ご報告", "{how}ご報告", 14, f"[promises.report] ja has an unknown gap {{how}}; {PROMISE}"),
        ("{by}ご報告", "{by!r}ご報告", 14, f"[promises.report] ja has an unknown gap {{by!r}}; {PROMISE}"),
        ("{by}ご報告", "{by ご報告", 14, "[promises.report] ja has an unknown gap {by ご報告"),
        ("you {by}.", "you {by}}.", 15, f"[promises.report] en has an unknown gap }}; {PROMISE}"),
        ("you {by}.", "you {}.", 15, f"[promises.report] en has an unknown gap {{}}; {PROMISE}"),
    ],
)
def test_a_gap_that_nobody_fills_is_told_with_its_line(
    file: Path, right: str, wrong: str, line: int, sentence: str
) -> None:
    assert FILE.count(right) == 1
    file.write_text(FILE.replace(right, wrong), encoding="utf-8")
    assert told(file).startswith(f"{file}, line {line}: {sentence}")


def test_gaps_that_are_filled_stop_nothing(file: Path) -> None:
    file.write_text(FILE, encoding="utf-8")
    rules = load(file)
    assert "「{wish}」" in rules.words("told", "ja") and rules.promises[0].words["en"].endswith("{by}.")
