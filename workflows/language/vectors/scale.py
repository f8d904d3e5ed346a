"""How sure a likeness is: the probability that two texts say the same, from how close they and others come. Pure.

A likeness alone says little: some texts are close to many. So it counts how far it stands out from those that come
fourth to twelfth, which are seldom the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from workflows.language.vectors.grades import Grade

#: Whom a likeness has to stand out from: those who are fourth to twelfth.
BESIDE = slice(3, 12)


@dataclass(frozen=True)
class Scale:
    """The three numbers of a logistic, and how close others are at least.

    Where there are few texts, nobody comes near, and everything would stand out: then it stands out from `floor`, which
    is how close others come among a few hundred.
    """

    of_likeness: float
    of_gap: float
    constant: float
    floor: float

    def sure(self, likeness: float, beside: float) -> float:
        """The probability, 0 to 1, that two are the same whose likeness is that, where others come up to `beside`."""
        said = self.of_likeness * likeness + self.of_gap * (likeness - beside) + self.constant
        return 1 / (1 + exp(-max(-50.0, min(50.0, said))))

    def beside(self, likenesses: Sequence[float]) -> float:
        """How close those come who are not the answer; `likenesses`: the best first."""
        size = BESIDE.stop - BESIDE.start
        others = [max(each, self.floor) for each in likenesses[BESIDE]]
        return (sum(others) + self.floor * (size - len(others))) / size


#: Chosen by hand by requests of one trade that no encoder learned from (`tests/corpora`), alone and among ten thousand:
#: how far a likeness stands out does for both, how close it comes does not. Fitted to single pairs the constants would
#: be -3.02 and -3.35, which name fewer.
SCALES: Mapping[Grade, Scale] = {"full": Scale(0.0, 1.4, -2.42, 2.0), "light": Scale(0.0, 1.4, -2.45, 2.0)}
