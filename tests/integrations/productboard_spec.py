"""Productboard's own description of its API v2, one file for each resource."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from integrations.twin import Ask, Said
from tests.integrations.openapi import FORMATS, Conversion, Spec

SHARED = Path(__file__).parents[2].parent / "shared"
SPECS = SHARED / "specs" / "productboard-v2"
SAMPLES = SHARED / "samples" / "productboard"

needs_specs = pytest.mark.skipif(not SPECS.exists(), reason="needs ../shared/specs, which is not here")
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/samples, which is not here")


class Description:
    """All resources together: the first part of a path says in which file it is described."""

    def __init__(self) -> None:
        self._specs = {path.stem: Spec(path) for path in SPECS.glob("*.yaml")}

    def operation(self, ask: Ask) -> str:
        """E.g. `GET /v2/notes/{id}`."""
        return self._of(ask).operation(ask.method, ask.path)

    def check_request(self, ask: Ask) -> None:
        self._of(ask).check_request(ask.method, ask.path, ask.query, ask.body)

    def check_answer(self, ask: Ask, said: Said) -> None:
        self._of(ask).check_response(ask.method, ask.path, said.status, said.content())

    def _of(self, ask: Ask) -> Spec:
        return self._specs[ask.path.split("/")[2]]


def notifications() -> Draft202012Validator:
    """What a webhook may say; it is described as a schema of `webhooks.yaml`, not as an operation."""
    document = yaml.load((SPECS / "webhooks.yaml").read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def pointed(ref: str) -> Any:
        value = document
        for key in ref.removeprefix("#/").split("/"):
            value = value[key]
        return value

    schema = Conversion(pointed, "response", False).root(
        {"$ref": "#/components/schemas/WebhookNotificationRequestBody"}
    )
    return Draft202012Validator(schema, format_checker=FORMATS)
