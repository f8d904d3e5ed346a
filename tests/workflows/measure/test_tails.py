"""Tails of the negative binomial distribution, beside sums of fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.measure.tails import log_lower, log_upper, quantile


def exact(count: int, mean: Fraction, size: int) -> tuple[Fraction, Fraction]:
    """P(X ≥ count) and P(X < count), term by term."""
    q = mean / (mean + size)
    term, below = (1 - q) ** size, Fraction(0)
    for k in range(count):
        below += term
        term *= q * Fraction(k + size, k + 1)
    return 1 - below, below


def log(share: Fraction) -> float:
    return math.log(share.numerator) - math.log(share.denominator)


def close(found: object, aim: float) -> bool:
    return math.isclose(float(found), aim, rel_tol=1e-10, abs_tol=1e-12)  # type: ignore[arg-type]


# -- at the edges ---------------------------------------------------------------------------------


def test_none_or_more_is_certain_and_fewer_than_none_impossible() -> None:
    assert log_upper(0, 4.0, 6.0) == 0 and log_upper(-3, 4.0) == 0
    assert log_lower(-1, 4.0, 6.0) == -math.inf


def test_where_nothing_is_usual_nothing_comes() -> None:
    assert log_lower(0, 0.0, 6.0) == pytest.approx(0)
    assert log_upper(1, 0.0, 6.0) < -600


def test_no_number_stays_none() -> None:
    assert np.isnan(log_upper(np.nan, 4.0)) and np.isnan(log_upper(3, np.nan))


# -- beside exact sums ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 6, 50, 1000])
@pytest.mark.parametrize(
    "mean", [Fraction(1, 100), Fraction(1, 2), Fraction(4), Fraction(19, 2), Fraction(40), Fraction(300)]
)
def test_both_tails_are_the_sums(mean: Fraction, size: int) -> None:
    for count in (1, 2, 5, 10, 30, 100, 400):
        upper, below = exact(count, mean, size)
        assert close(log_upper(count, float(mean), size), log(upper)), count
        assert close(log_lower(count - 1, float(mean), size), log(below)), count


@given(st.integers(1, 60), st.fractions(Fraction(1, 50), Fraction(80), max_denominator=50), st.integers(1, 40))
@settings(max_examples=60)
def test_both_tails_are_the_sums_of_whatever(count: int, mean: Fraction, size: int) -> None:
    upper, below = exact(count, mean, size)
    assert close(log_upper(count, float(mean), size), log(upper))
    assert close(log_lower(count - 1, float(mean), size), log(below))


@pytest.mark.parametrize(("count", "mean"), [(9, 4.0), (20, 40.0), (1, 0.01), (1200, 1000.0), (150, 30.0)])
def test_without_an_end_of_size_it_is_poissons(count: int, mean: float) -> None:
    terms = [math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(count + 4000)]
    assert close(log_upper(count, mean), math.log(math.fsum(terms[count:])))
    assert close(log_lower(count, mean), math.log(math.fsum(terms[: count + 1])))


@given(st.integers(0, 10_000), st.floats(1e-6, 5_000), st.floats(0.05, 1e9))
@settings(max_examples=80)
def test_tails_are_chances_and_fall_with_the_count(count: int, mean: float, size: float) -> None:
    upper, more = float(log_upper(count, mean, size)), float(log_upper(count + 1, mean, size))
    assert more <= upper + 1e-12 <= 2e-12
    # P(X ≥ n + 1) + P(X ≤ n) = 1
    assert math.isclose(math.exp(more) + math.exp(float(log_lower(count, mean, size))), 1, rel_tol=1e-9)


# -- quantiles ------------------------------------------------------------------------------------


@given(st.floats(0.001, 0.9999), st.floats(0.01, 500), st.floats(0.2, 1e6))
@settings(max_examples=60)
def test_a_quantile_is_the_smallest_count_with_so_much_below(share: float, mean: float, size: float) -> None:
    found = float(quantile(share, mean, size))
    assert log_upper(found + 1, mean, size) <= math.log1p(-share)
    assert found == 0 or log_upper(found, mean, size) > math.log1p(-share)


def test_arrays_are_answered_at_once() -> None:
    counts, means = np.arange(50)[:, None], np.linspace(0.1, 30, 40)[None, :]
    both = log_upper(counts, means, 6.0)
    assert both.shape == (50, 40)
    assert float(both[7, 9]) == pytest.approx(float(log_upper(7, means[0, 9], 6.0)))
    assert quantile(0.995, means, 6.0).shape == (1, 40)
