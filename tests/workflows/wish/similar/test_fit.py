"""The three numbers are fitted on what people merged and told apart, and hold on to what they were without reason."""

from __future__ import annotations

import random

import pytest

from tests.meeting import LEAD, filed, merge
from workflows.language.vectors.scale import Scale
from workflows.rules import rules
from workflows.rules.similar import Similar
from workflows.wish import similar
from workflows.wish.similar import fit, meaning, refused
from workflows.wish.similar.fit import Sample

SCALE = Scale(-0.487, 1.94, -1.302, 2.0)


def simulated(seed: int, truth: Scale, count: int = 4_000) -> list[Sample]:
    """Answers that are right as often as this scale says."""
    dice = random.Random(seed)
    drawn = [(likeness := dice.gauss(3, 1), likeness - dice.gauss(2.5, 0.4)) for _ in range(count)]
    return [Sample(like, gap, dice.random() < truth.sure(like, like - gap)) for like, gap in drawn]


def test_without_samples_nothing_changes() -> None:
    assert fit.fitted([], SCALE) == SCALE


@pytest.mark.parametrize("seed", range(3))
def test_what_the_history_says_is_found_again(seed: int) -> None:
    print(f"seed {seed}")
    truth = Scale(0.6, 0.9, -3.0, 2.0)
    found = simulated(seed, truth)
    after = fit.fitted(found, SCALE)
    for likeness, beside in ((2.0, 2.0), (3.0, 2.0), (4.0, 2.5), (5.0, 2.5)):
        assert abs(after.sure(likeness, beside) - truth.sure(likeness, beside)) < 0.08
    assert fit.quality(found, after).loss < fit.quality(found, SCALE).loss


def test_a_few_samples_move_it_a_little() -> None:
    after = fit.fitted([Sample(3.0, 0.5, is_right=False)] * 3, SCALE)
    assert 0 < abs(after.constant - SCALE.constant) < 0.4


def test_where_all_are_right_or_wrong_the_numbers_stay_finite() -> None:
    for is_right in (True, False):
        after = fit.fitted([Sample(3.0, 0.5, is_right)] * 500, SCALE)
        assert max(map(abs, (after.of_likeness, after.of_gap, after.constant))) < 20


def test_quality_says_how_many_are_named_and_right() -> None:
    said = fit.quality([Sample(6.0, 4.0, is_right=True), Sample(1.0, 0.0, is_right=True)], SCALE)
    assert (said.named, said.precision) == (0.5, 1.0) and said.loss > 0


@pytest.mark.usefixtures("world", "letters")
def test_merged_wishes_ask_and_who_was_told_apart_is_wrong() -> None:
    words = ("CSVの部署コード", "夜勤の暗い画面", "有休の残りを印刷")
    groups = [[filed(f"{text}{number}") for number in range(3)] for text in words]
    alone = filed("CSVの部署コードの並び順")
    similar.catch_up()
    assert fit.samples() == []
    for root, *others in groups:
        for other in others:
            merge(other, root)
    refused.refuse(groups[0][0], alone, by=LEAD)
    found = fit.samples()
    assert sum(sample.is_right for sample in found) == 18  # each of nine finds two
    assert any(not sample.is_right and sample.likeness > 0 for sample in found)
    assert fit.quality(found, fit.fitted(found, meaning.scale())).loss <= fit.quality(found, meaning.scale()).loss


@pytest.mark.usefixtures("records")
def test_where_words_answer_there_is_nothing_to_fit() -> None:
    before, rules.similar = rules.similar, Similar(engine="words")
    assert fit.samples() == []
    rules.similar = before
