"""Atlassian's own description of Jira Cloud's REST API v3, and its samples."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from integrations.twin import Ask, Said
from tests.integrations.openapi import Spec

SHARED = Path(__file__).parents[2].parent / "shared"
SPEC = SHARED / "specs" / "jira-cloud-v3.json"
SAMPLES = SHARED / "samples" / "jira"

needs_spec = pytest.mark.skipif(not SPEC.exists(), reason="needs ../shared/specs, which is not here")
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/samples, which is not here")

#: Paths that Jira Cloud has and its description leaves out: admin webhooks are documented on a page of their own.
UNDESCRIBED = ("/rest/webhooks/", "/rest/applinks/")


class Description:
    """The description, read as the real service behaves where the two differ."""

    def __init__(self) -> None:
        self._spec = Spec(SPEC)

    def operation(self, ask: Ask) -> str:
        """E.g. `GET /rest/api/3/issue/{issueIdOrKey}`."""
        return self._spec.operation(ask.method, _path(ask))

    def check(self, ask: Ask, said: Said) -> None:
        """Fail unless Atlassian describes both the request and the answer."""
        self._spec.check_request(ask.method, _path(ask), ask.query, ask.body)
        # The description names no rate limits, and 410 for the old search only on its own page:
        # both were seen on the real service.
        if said.status not in (410, 429):
            self._spec.check_response(ask.method, _path(ask), said.status, said.content())


def _path(ask: Ask) -> str:
    """The path as it was sent (a twin sees it unquoted)."""
    return quote(ask.path, safe="/")


def sample(name: str) -> Any:
    """A sample, parsed."""
    return json.loads((SAMPLES / f"{name}.json").read_text())


def observed_errors() -> Iterator[Any]:
    """Refusals that the real service gave to a stranger, one by one; none where samples are absent."""
    if SAMPLES.exists():
        cases = sample("observed-errors.2026-10-08")["cases"]
        yield from (pytest.param(case, id=case["request"][:60]) for case in cases)
