"""What a file of rules with a mistake in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.rules import BadRules, load


def told(path: Path) -> str:
    """What is said about a file that cannot be used."""
    with pytest.raises(BadRules) as mistake:
        load(path)
    return str(mistake.value)
