"""What a request weighs: the sum that is shown, and the same sum where only its end is needed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflows.customer.companies import Firm
from workflows.meeting import weight
from workflows.rules.meeting import Weight

WORDS = st.sampled_from(("", "high", "medium", "low"))
FIRMS = st.lists(st.tuples(st.sampled_from(("A", "B", "C")), st.floats(0, 1_000_000)), max_size=4)
RULES = (Weight(), Weight(company=3, money=0, tier={"A": 7, "B": 0}, week=2, weeks=3))


@given(FIRMS, WORDS, WORDS, st.integers(0, 40), st.sampled_from(RULES))
def test_the_total_is_the_sum_of_the_lines(
    asking: list[tuple[str, float]], importance: str, temperature: str, weeks: int, rules: Weight
) -> None:
    firms = {str(n): Firm("", tier, mrr) for n, (tier, mrr) in enumerate(asking)}
    facts = (rules, firms, importance, temperature, 1_000, 1_000 + weeks * weight.WEEK_MS)
    assert weight.total(*facts) == sum(term.points for term in weight.terms(*facts))
