"""What grew: many parts at once, and which of them says the most."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.measure.companies import CALENDAR, START, counted, means
from workflows.measure.looks import recent
from workflows.measure.model import fit
from workflows.measure.parts import alone, fair, grown, of_part
from workflows.measure.series import QUARTER_MS, QUARTERS_A_WEEK, Series


def by_hand(scores: list[float]) -> list[float]:
    """Benjamini and Hochberg, as it is written: the least of p·m/j among those at least as large."""
    chances = [10**-score for score in scores]
    ranked = sorted(chances)
    adjusted = [
        min(1.0, *(each * len(ranked) / (j + 1) for j, each in enumerate(ranked) if each >= p)) for p in chances
    ]
    return [-float(np.log10(p)) for p in adjusted]


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.3, 2.0, 2.2, 3.7, 5.0]), min_size=1, max_size=12))
def test_many_parts_are_judged_as_benjamini_and_hochberg_do(scores: list[float]) -> None:
    assert fair(np.array(scores)[:, None])[:, 0].tolist() == pytest.approx(by_hand(scores), abs=1e-9)


def test_one_of_fifty_needs_to_be_so_much_rarer() -> None:
    scores = np.zeros((50, 2))
    scores[7] = 4.0
    scores[8, 0] = np.nan
    found = fair(scores)
    assert found[7] == pytest.approx(4 - np.log10(50)) and np.isnan(found[8, 0]) and found[0, 0] == 0


def test_by_chance_alone_few_of_fifty_alarm() -> None:
    dice = np.random.default_rng(11)
    scores = -np.log10(dice.random((50, 4_000)))
    assert 0.005 < (fair(scores).max(0) >= 2).mean() < 0.02


# -- which -----------------------------------------------------------------------------------------


def test_what_did_not_grow_is_not_named() -> None:
    assert grown({}) == [] and grown({"a": (2, 2.0), "b": (0, 1.0)}) == []


def test_the_most_telling_is_first_not_the_largest_nor_the_rarest() -> None:
    found = grown({"all": (30, 24.0), "login": (14, 2.5), "new": (2, 0.01)})
    assert [each.name for each in found] == ["login", "new", "all"]
    assert found[0].ratio == pytest.approx(14 * np.log(14 / 2.5) - 11.5)


def test_the_order_hangs_on_nothing_else() -> None:
    parts = {name: (5, 1.0) for name in "edcba"}
    dice = random.Random(3)
    for _ in range(5):
        names = list(parts)
        dice.shuffle(names)
        assert [each.name for each in grown({name: parts[name] for name in names})] == list("abcde")


@pytest.mark.parametrize(
    ("companies", "excess", "who"),
    [
        ({}, 5.0, None),
        ({"c1": 3}, 3.0, None),  # too few to be told of
        ({"c1": 9, "c2": 1}, 8.0, "c1"),
        ({"c1": 5, "c2": 4, "c3": 4}, 8.0, None),
        ({"c1": 4, **{f"c{n}": 1 for n in range(2, 12)}}, 1.0, None),  # most of all came from others
    ],
)
def test_one_company_that_writes_many_times_is_told_apart(
    companies: dict[str, int], excess: float, who: str | None
) -> None:
    assert alone(companies, excess) == who


# -- a part's own model ----------------------------------------------------------------------------


def test_a_part_is_as_the_whole_at_its_own_level() -> None:
    whole = fit(counted(1, 7), CALENDAR)
    dice = np.random.default_rng(2)
    part = Series(START, dice.poisson(means(7) / 5).astype(np.float64))
    model, later = of_part(whole, part), START + 7 * QUARTERS_A_WEEK * QUARTER_MS
    usual, all_usual = (each.expect(later, QUARTERS_A_WEEK).mean for each in (model, whole))
    assert usual.sum() == pytest.approx(all_usual.sum() / 5, rel=0.12)
    spike = np.zeros(96)
    spike[40:44] = 9
    assert recent(Series(later, spike), model).score[43] > 5


def test_what_never_came_is_rare_and_not_impossible() -> None:
    whole = fit(counted(1, 7), CALENDAR)
    usual = of_part(whole, Series(START, np.zeros(7 * QUARTERS_A_WEEK))).expect(START, 96).mean
    assert 0 < usual.max() < 0.05
    unknown = of_part(whole, Series(START, np.full(QUARTERS_A_WEEK, np.nan))).expect(START, 96).mean
    assert np.isfinite(unknown).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_topic_that_grew_is_found_where_the_whole_says_little(seed: int) -> None:
    dice, later = np.random.default_rng(seed), START + 7 * QUARTERS_A_WEEK * QUARTER_MS
    past = dice.poisson(means(7)[None, :] / 10, (10, 7 * QUARTERS_A_WEEK)).astype(np.float64)
    whole = fit(Series(START, past.sum(0)), CALENDAR)
    day = np.tile(np.round(means(8)[7 * QUARTERS_A_WEEK :][:96] / 10), (10, 1))
    day[3, 42:46] += 4
    topics = [of_part(whole, Series(START, each)) for each in past]
    scores = fair(np.stack([recent(Series(later, each), topic).score for each, topic in zip(day, topics, strict=True)]))
    assert scores[3, 45] > 3 and np.delete(scores, 3, 0).max() < 2
    assert recent(Series(later, day.sum(0)), whole).score[45] < scores[3, 45]
