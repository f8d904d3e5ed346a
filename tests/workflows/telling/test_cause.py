"""Why a customer is to hear something: kept as one text, that every row there is reads as before."""

from __future__ import annotations

import pytest

from workflows.telling.cause import Cause


@pytest.mark.parametrize(
    ("stored", "cause"),
    [
        ("4711:2", Cause(issue_id="4711", cycle=2)),
        ("10207:1", Cause(issue_id="10207", cycle=1)),
        ("decision:12", Cause(decision_id=12)),
    ],
)
def test_a_cause_is_kept_as_it_always_was(stored: str, cause: Cause) -> None:
    assert Cause.read(stored) == cause and cause.stored == stored


def test_an_issue_taken_back_is_of_the_same_cycle() -> None:
    assert Cause.read("4711:2:reopened") == Cause(issue_id="4711", cycle=2)
