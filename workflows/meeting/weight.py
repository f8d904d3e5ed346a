"""Weight: how much a wish weighs, in points that can be added up by hand. Pure.

    companies × company + the tiers' points + money ÷ money + importance + temperature + weeks × week

Each company counts once, however often it asks. Importance and temperature are the highest that was noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workflows.customer.companies import Firm
from workflows.engine.store import DAY_MS
from workflows.rules.choices import LEVELS
from workflows.rules.meeting import Weight

WEEK_MS = 7 * DAY_MS


class Term(NamedTuple):
    """One line of the sum. `name`: company | tier | money | importance | temperature | age; `counted` is what
    was (a number, or the word that was noted), `each` what one of it is worth (money: how much one point takes)."""

    name: str
    counted: int | str
    each: int
    points: int


def highest(words: Sequence[str]) -> str:
    """The highest of high, medium, low; "" where nothing was noted."""
    for word in LEVELS:
        if word in words:
            return word
    return ""


def terms(
    weight: Weight, firms: Mapping[str, Firm], importance: str, temperature: str, said_at: int, at: int
) -> tuple[Term, ...]:
    """The sum of one wish; `firms` are the companies that ask for it, by their id."""
    return tuple(Term(*line) for line in _lines(weight, firms, importance, temperature, said_at, at))


def total(weight: Weight, firms: Mapping[str, Firm], importance: str, temperature: str, said_at: int, at: int) -> int:
    """What they come to: of the thousands that are sorted by it, nobody reads the terms."""
    return (
        len(firms) * weight.company
        + sum([weight.tier.get(firm.tier, 0) for firm in firms.values()])
        + (int(sum([firm.mrr for firm in firms.values()])) // weight.money if weight.money else 0)
        + weight.importance.get(importance, 0)
        + weight.temperature.get(temperature, 0)
        + min(_weeks(said_at, at), weight.weeks) * weight.week
    )


#: What a term says, as a plain tuple.
Line = tuple[str, int | str, int, int]


def _lines(
    weight: Weight, firms: Mapping[str, Firm], importance: str, temperature: str, said_at: int, at: int
) -> tuple[Line, ...]:
    money = int(sum([firm.mrr for firm in firms.values()]))
    weeks = _weeks(said_at, at)
    return (
        ("company", len(firms), weight.company, len(firms) * weight.company),
        *_tiers(weight, firms),
        ("money", money, weight.money, money // weight.money if weight.money else 0),
        _noted("importance", importance, weight.importance),
        _noted("temperature", temperature, weight.temperature),
        ("age", weeks, weight.week, min(weeks, weight.weeks) * weight.week),
    )


def _weeks(said_at: int, at: int) -> int:
    return max(0, at - said_at) // WEEK_MS


def _tiers(weight: Weight, firms: Mapping[str, Firm]) -> list[Line]:
    """A line for each tier that is worth something and asks: `counted` is its name, `each` its points per company."""
    asking = [firm.tier for firm in firms.values()]
    return [
        ("tier", tier, each, asking.count(tier) * each) for tier, each in weight.tier.items() if each and tier in asking
    ]


def _noted(name: str, word: str, points: Mapping[str, int]) -> Line:
    each = points.get(word, 0)
    return name, word, each, each
