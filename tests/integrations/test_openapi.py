"""The specification checker refuses what a specification forbids, and names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.openapi import Spec

NOTE = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "title": {"type": "string"},
        "due": {"type": "string", "format": "date-time", "nullable": True},
        "mood": {"type": "string", "enum": ["good", "bad"], "nullable": True},
        "parent": {"$ref": "#/components/schemas/note", "nullable": True},
        "size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "extra": {"type": "object"},
    },
}
SHAPE = {
    "oneOf": [{"$ref": "#/components/schemas/circle"}, {"$ref": "#/components/schemas/square"}],
    "discriminator": {"propertyName": "kind"},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "servers": [{"url": "https://api.example/v2"}],
    "paths": {
        "/notes/{id}": {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": {
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer"}},
                    {"in": "query", "name": "tags", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
                    {"in": "query", "name": "who", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/note"}}}},
                    "204": {"description": "nothing"},
                    "4XX": {"content": {"application/json": {"schema": {"required": ["error"]}}}},
                },
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/note"}}},
                },
                "responses": {"default": {"description": "anything"}},
            },
        },
        "/notes/new": {"get": {"responses": {"200": {"description": "no body"}}}},
        "/shapes": {
            "post": {"requestBody": {"content": {"application/json": {"schema": SHAPE}}}, "responses": {"200": {}}}
        },
    },
    "components": {
        "parameters": {"id": {"in": "path", "name": "id", "required": True, "schema": {"type": "integer"}}},
        "schemas": {
            "note": NOTE,
            "circle": {
                "required": ["radius"],
                "properties": {"kind": {"type": "string"}, "radius": {"type": "number"}},
            },
            "square": {"required": ["side"], "properties": {"kind": {"type": "string"}, "side": {"type": "number"}}},
        },
    },
}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return Spec(path)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "/: 'title' is a required property"),
        ({"title": 1}, "/title: 1 is not of type 'string'"),
        ({"title": None}, "/title: None is not of type 'string'"),
        ({"title": "x", "titel": "x"}, "'titel' was unexpected"),
        ({"title": "x", "id": "1"}, "/id: is read-only"),
        ({"title": "x", "due": "tomorrow"}, "/due: .* is not valid|'tomorrow' is not a 'date-time'"),
        ({"title": "x", "size": 0}, "/size: 0 is less than or equal to"),
        ({"title": "x", "parent": {"title": "y", "colour": "z"}}, "'colour' was unexpected"),
        (None, "has no body"),
    ],
)
def test_a_request_that_is_not_allowed_is_named(spec: Spec, body: Any, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint) as refused:
        spec.check_request("PUT", "/v2/notes/7", [], json.dumps(body).encode() if body is not None else b"")
    assert str(refused.value).startswith("PUT /v2/notes/{id} request")


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x", "due": None, "mood": None, "parent": None},
        {"title": "x", "due": "2026-11-21T10:00:00Z", "mood": "good", "parent": {"title": "y"}, "size": 1},
        {"title": "x", "extra": {"anything": "goes"}},
    ],
)
def test_a_request_that_is_allowed_passes(spec: Spec, body: Any) -> None:
    spec.check_request("PUT", "/v2/notes/7", [], json.dumps(body).encode())


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ([], "query argument who: is missing"),
        ([("who", "me"), ("limit", "many")], "query argument limit"),
        ([("who", "me"), ("tags", "a,c")], "query argument tags"),
        ([("who", "me"), ("colour", "red")], r"unknown query arguments \['colour'\]"),
    ],
)
def test_a_query_that_is_not_allowed_is_named(spec: Spec, query: list[tuple[str, str]], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        spec.check_request("GET", "/v2/notes/7", query)


@pytest.mark.parametrize(
    "tags", [[("tags", "a")], [("tags", "a,b")], [("tags", "a"), ("tags", "b")], [("tags[]", "a")]]
)
def test_lists_in_a_query_are_read_in_each_style(spec: Spec, tags: list[tuple[str, str]]) -> None:
    spec.check_request("GET", "/v2/notes/7", [("who", "me"), ("limit", "5"), *tags])


@pytest.mark.parametrize(("method", "path"), [("GET", "/notes/7"), ("POST", "/v2/notes/7"), ("GET", "/v2/notes/7/x")])
def test_an_unknown_operation_fails(spec: Spec, method: str, path: str) -> None:
    with pytest.raises(AssertionError, match="no such operation"):
        spec.check_request(method, path)


def test_a_literal_path_comes_before_a_template_and_path_arguments_are_checked(spec: Spec) -> None:
    assert spec.operation("GET", "/v2/notes/new") == "GET /v2/notes/new"
    with pytest.raises(AssertionError, match="path argument id"):
        spec.check_request("GET", "/v2/notes/seven", {"who": "me"})


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (200, b'{"title": "x"}', "'id' is a required property"),
        (200, b"", "has no body"),
        (200, b"<html>", "is not JSON"),
        (204, b"{}", "takes no body"),
        (404, b"{}", "'error' is a required property"),
        (500, b"", "answers no 500"),
    ],
)
def test_an_answer_that_is_not_specified_is_named(spec: Spec, status: int, body: bytes, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        spec.check_response("GET", "/v2/notes/7", status, body)


@pytest.mark.parametrize(
    ("status", "body"), [(200, b'{"id": "1", "title": "x", "new": 1}'), (204, b""), (404, b'{"error": 1}')]
)
def test_an_answer_as_specified_passes(spec: Spec, status: int, body: bytes) -> None:
    spec.check_response("GET", "/v2/notes/7", status, body)


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [({"kind": "circle", "side": 1}, "'radius'"), ({"kind": "star"}, "'star'"), ({"radius": 1}, "'kind'")],
)
def test_a_choice_is_made_by_its_discriminator(spec: Spec, shape: Any, complaint: str) -> None:
    spec.check_request("POST", "/v2/shapes", [], b'{"kind": "circle", "radius": 1}')
    with pytest.raises(AssertionError, match=complaint):
        spec.check_request("POST", "/v2/shapes", [], json.dumps(shape).encode())


def test_an_open_checker_lets_unnamed_and_read_only_properties_pass(spec: Spec, tmp_path: Path) -> None:
    Spec(tmp_path / "openapi.json", closed=False).check_request(
        "PUT", "/v2/notes/7", [], b'{"id": "1", "title": "x", "titel": "x"}'
    )
