"""[similar] and [synonyms]: what they say, and which mistakes are told with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.rules import BadRules, load
from workflows.rules.similar import Similar

TAGS = '[tags]\n"要望" = "wish"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "yamabiko.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[similar]\nengine = "best"', "line 4: [similar] engine must be one of: full, light, words."),
        ("[similar]\nengine = 1", "line 4: [similar] engine must be text in quotes."),
        ("[similar]\nnumbers = [1, 2]", "line 4: [similar] numbers must be the three numbers that"),
        ('[similar]\nnumbers = ["1", 2, 3]', "line 4: [similar] numbers must be the three numbers that"),
        ("[similar]\nnumbers = [1, 2, 1e9]", "line 4: [similar] numbers must be the three numbers that"),
        ("[similar]\nnumbers = [true, 2, 3]", "line 4: [similar] numbers must be the three numbers that"),
        ("[similar]\nmodel = 1", "line 4: [similar] model is not known here; known are: engine, numbers."),
        ('[synonyms]\n"打刻" = "出退勤"', "line 4: [synonyms] 打刻 must be a list of texts."),
        ('[synonyms]\n"打刻" = []', "line 4: [synonyms] 打刻 must be a list of the other words for it"),
        ('[synonyms]\n"打刻" = [" "]', "line 4: [synonyms] 打刻 must be a list of the other words for it"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(file: Path, text: str, said: str) -> None:
    file.write_text(f"{TAGS}{text}\n", encoding="utf-8")
    with pytest.raises(BadRules) as error:
        load(file)
    assert said in str(error.value)


def test_both_encoders_are_used_where_nothing_else_is_said(file: Path) -> None:
    file.write_text(TAGS, encoding="utf-8")
    assert load(file).similar == Similar("full", (), {})


def test_all_that_can_be_said(file: Path) -> None:
    text = '[similar]\nengine = "light"\nnumbers = [-0.5, 2, -1.3]\n[synonyms]\n"打刻" = ["タイムカード", "出退勤"]\n'
    file.write_text(TAGS + text, encoding="utf-8")
    assert load(file).similar == Similar("light", (-0.5, 2.0, -1.3), {"打刻": ("タイムカード", "出退勤")})
