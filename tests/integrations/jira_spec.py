"""Atlassian's own description of Jira Cloud's REST API v3, and its samples."""

import json
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
        if ask.path.endswith("/search"):
            return  # described as if it still answered; the real service says 410, and so does a sample
        self._spec.check_response(ask.method, _path(ask), said.status, self._described(ask, said))

    def _described(self, ask: Ask, said: Said) -> bytes:
        """The body, where one is described: for most errors none is, though the samples show them all."""
        answer = self._spec._find(ask.method, _path(ask)).responses.get(str(said.status), {})
        if said.status >= 400 and not any(media.get("schema") for media in answer.get("content", {}).values()):
            return b""
        if ask.path.endswith("/changelog"):
            # Described as text throughout, but null in the sample where a field had no value before.
            return json.dumps(json.loads(said.content(), object_hook=_without_nulls)).encode()
        return said.content()


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    return {name: held for name, held in value.items() if held is not None}


def _path(ask: Ask) -> str:
    """The path as it was sent (a twin sees it unquoted)."""
    return quote(ask.path, safe="/")


def sample(name: str) -> Any:
    """A sample, parsed."""
    return json.loads((SAMPLES / f"{name}.json").read_text())


def observed_errors() -> list[Any]:
    """Refusals that the real service gave to a stranger; none where samples are absent.

    Without the one for transitions: only people move issues, so the twin has no such operation.
    """
    cases = sample("observed-errors.2026-10-08")["cases"] if SAMPLES.exists() else []
    return [pytest.param(case, id=case["request"][:60]) for case in cases if "/transitions" not in case["request"]]
