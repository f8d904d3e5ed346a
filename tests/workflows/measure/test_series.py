"""Series: what is none is refused, and what was not counted is no zero."""

from __future__ import annotations

import numpy as np
import pytest

from workflows.measure.series import QUARTER_MS, Series

START = 1_000 * QUARTER_MS


def some(*values: float) -> Series:
    return Series(START, np.array(values, dtype=np.float64))


@pytest.mark.parametrize("wrong", [(-1.0,), (1.0, np.inf)])
def test_what_is_no_count_is_refused(wrong: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a count is 0 or more"):
        some(*wrong)


def test_a_start_between_two_quarter_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="on a quarter hour"):
        Series(START + 1, np.zeros(3))


def test_a_part_has_only_whole_quarter_hours() -> None:
    part = some(1, 2, 3, 4).between(START + 1, START + 3 * QUARTER_MS + 1)
    assert (part.start, part.values.tolist()) == (START + QUARTER_MS, [2, 3])
    assert len(some(1, 2).between(START + 9 * QUARTER_MS, START + 12 * QUARTER_MS)) == 0
    assert some(1, 2).between(0, START + 99 * QUARTER_MS).values.tolist() == [1, 2]


def test_what_is_left_out_is_as_if_nobody_had_counted() -> None:
    counts = some(1, 2, 3, 4)
    left = counts.without([(START + QUARTER_MS + 1, START + 2 * QUARTER_MS + 1), (0, START - 1)])
    assert np.isnan(left.values).tolist() == [False, True, True, False]
    assert counts.values.tolist() == [1, 2, 3, 4]
