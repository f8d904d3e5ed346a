"""How many began in each quarter hour. What was not counted is not a number (NaN), and never zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from workflows.measure.tails import Floats

QUARTER_MS = 15 * 60_000
QUARTERS_A_DAY, QUARTERS_A_WEEK = 96, 672
#: From when until when, as moments.
Span = tuple[int, int]


@dataclass(frozen=True)
class Series:
    """Quarter hour after quarter hour from a moment on (ms since 1970, on a quarter hour); NaN: not counted.

    Raises ValueError for a start between two quarter hours, and for what is no count.
    """

    start: int
    values: Floats

    def __post_init__(self) -> None:
        if self.start % QUARTER_MS:
            raise ValueError("counts begin on a quarter hour")
        if (self.values < 0).any() or np.isinf(self.values).any():
            raise ValueError("a count is 0 or more, or NaN where nobody counted")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def end(self) -> int:
        """When the last quarter hour is over."""
        return self.start + len(self) * QUARTER_MS

    def between(self, start: int, end: int) -> Series:
        """Those quarter hours that lie between two moments, as far as there are any."""
        first, last = max(-(-(start - self.start) // QUARTER_MS), 0), max((end - self.start) // QUARTER_MS, 0)
        return Series(self.start + first * QUARTER_MS, self.values[first:last])

    def without(self, spans: Iterable[Span]) -> Series:
        """As if nobody had counted in these spans. A quarter hour that is partly in one is left out whole."""
        values = self.values.copy()
        for start, end in spans:
            first, last = (start - self.start) // QUARTER_MS, -(-(end - self.start) // QUARTER_MS)
            values[max(first, 0) : max(last, 0)] = np.nan
        return Series(self.start, values)
