"""The oracle: what was acknowledged, against what is there. Nothing here knows a vendor or a clock.

    claims = [Claim("tag 7", acked=True, effects={("internal note", "7"): 1})]
    judge(claims, seen).lost

Somebody was answered with 2xx: that is a claim upon everything that follows from it. Who was not answered has no claim,
but what was done for them is done wholly or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: What was done, and about what: ("internal note", "1000007").
Effect = tuple[str, str]
#: Effects that may come more than once: a mail server cannot be asked what it took.
AT_LEAST_ONCE = frozenset({"mail"})


@dataclass(frozen=True)
class Claim:
    """What somebody sent, whether it was acknowledged, and what has to come of it."""

    name: str
    acked: bool
    effects: Mapping[Effect, int]


@dataclass
class Verdict:
    """What is missing, what is there too often, and what was begun for somebody without being finished."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    halved: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Is nothing lost, doubled or half done?"""
        return not (self.lost or self.doubled or self.halved)


def judge(claims: Sequence[Claim], seen: Mapping[Effect, int], marks: Iterable[str] = ()) -> Verdict:
    """Compare. `marks` are the markers of all writes, one for each time that a vendor was made to do it."""
    owed, possible = Counter[Effect](), Counter[Effect]()
    for claim in claims:
        possible.update(claim.effects)
        owed.update(claim.effects if claim.acked else {})
    verdict = Verdict()
    for effect, most in possible.items():
        there = min(seen.get(effect, 0), most) if effect[0] in AT_LEAST_ONCE else seen.get(effect, 0)
        verdict.lost += [_named(effect)] * max(0, owed[effect] - there)
        verdict.doubled += [_named(effect)] * max(0, there - most)
    verdict.halved += [claim.name for claim in claims if not claim.acked and _is_half(claim, owed, seen)]
    verdict.doubled += [mark for mark, times in Counter(marks).items() for _ in range(times - 1)]
    return verdict


def missing(acked: Iterable[str], kept: Iterable[str]) -> list[str]:
    """The deliveries that were acknowledged and are not on record."""
    return sorted(set(acked) - set(kept))


def _is_half(claim: Claim, owed: Mapping[Effect, int], seen: Mapping[Effect, int]) -> bool:
    """Was a part of it done, beside what was owed to others, and a part not?"""
    done = [seen.get(effect, 0) - owed.get(effect, 0) >= count for effect, count in claim.effects.items()]
    return any(done) and not all(done)


def _named(effect: Effect) -> str:
    return f"{effect[0]} {effect[1]}"
