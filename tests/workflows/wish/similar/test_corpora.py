"""How much is found by meaning in sets that the encoders have never seen, with the real encoders."""

from __future__ import annotations

import pytest

from tests.corpora import meaning
from tests.training import texts
from workflows.language.vectors import grades
from workflows.language.vectors.grades import Grade

SET, OTHER_SET = "wishes_ja.json", "other_trades_ja.json"


def test_what_measures_was_not_learned_from() -> None:
    learned = {text for file in texts.topics() for topic in file for text in (*topic.wordings, *topic.near)}
    for file in (SET, OTHER_SET):
        measuring = {wish.text for wish in meaning.requests(file)}
        assert len(measuring) > 400 and not measuring & learned


def test_there_is_enough_to_learn_from_and_each_file_has_look_alikes() -> None:
    files = texts.topics()
    assert sum(map(len, files)) >= 560 and all(len(topic.wordings) >= 2 for file in files for topic in file)
    assert sum(len(topic.near) for file in files for topic in file) >= 300


@pytest.mark.parametrize(("grade", "recall"), [("light", 0.56), ("full", 0.68)])
def test_most_of_what_was_asked_for_before_is_found_without_a_synonym(grade: Grade, recall: float) -> None:
    if grade == "full" and grades.installed() != "full":
        pytest.skip("the larger encoder is not installed here: make similar")
    found = meaning.measure(grade, SET)
    assert found.recall[1] >= recall
    assert found.named >= 0.4 and found.precision >= 0.3 and found.alone >= 0.28
