"""What was put together of Chatwork's own documentation: a description of its API, and samples."""

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2].parent / "shared"
SPEC = SHARED / "specs" / "chatwork_v2.json"
SAMPLES = SHARED / "samples" / "chatwork"

needs_spec = pytest.mark.skipif(not SPEC.exists(), reason="needs ../shared/specs, which is not here")
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/samples, which is not here")


def sample(name: str) -> dict[str, Any]:
    """One of the samples."""
    value: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return value
