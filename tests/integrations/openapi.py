"""Checking requests and answers against a vendor's own OpenAPI description (3.0 or 3.1, YAML or JSON).

    spec = Spec(Path("../shared/specs/intercom-2.16.yaml"))
    spec.check_request("POST", "/conversations/1/parts", [], b'{"message_type": "open", "admin_id": "7"}')
    spec.check_response("POST", "/conversations/1/parts", 200, b'{"type": "conversation"}')

Whatever the description does not allow is an AssertionError that names the operation and the JSON
pointer of the culprit; so are an unknown operation, query argument or status. It is strict where the
description is strict, and in one more thing: a request body may hold only properties that the
description names (`closed=False` turns that off), because a misspelt optional field is a bug of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

Query = Mapping[str, str] | Iterable[tuple[str, str]]
Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
#: Keywords that hold schemas: one schema, a list of them, a map of them.
ONE = ("items", "additionalProperties", "unevaluatedProperties", "not", "if", "then", "else", "contains")
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "dependentSchemas")
#: Keywords that say nothing about validity, or something that JSON Schema would misread.
SILENT = ("example", "examples", "default", "discriminator", "nullable", "xml", "externalDocs", "readOnly", "writeOnly")
#: The schema of a value that must not be there.
NEVER: Json = {"not": {}}

FORMATS = FormatChecker()


@FORMATS.checks("date-time", ValueError)  # type: ignore[untyped-decorator]
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@dataclass(frozen=True)
class Operation:
    """One method of one path template. `name` reads `POST /conversations/{id}/reply`."""

    name: str
    pattern: re.Pattern[str]
    parameters: tuple[Json, ...]
    body: Json | None
    responses: Mapping[str, Json]


class Spec:
    """An OpenAPI document, read once; checks are memoized per operation."""

    def __init__(self, path: str | Path, *, closed: bool = True) -> None:
        self._document = _read(Path(path))
        self._closed = closed
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}
        self._operations = sorted(self._all_operations(), key=lambda operation: operation.name.count("{"))

    def check_request(self, method: str, path: str, query: Query = (), body: bytes = b"") -> None:
        """Fail unless the description allows this request. `query` holds unquoted texts."""
        operation = self._find(method, path)
        self._check_parameters(operation, path, query)
        self._check_body(operation, "request", operation.body, body)

    def check_response(self, method: str, path: str, status: int, body: bytes = b"") -> None:
        """Fail unless the description allows this answer to this operation."""
        operation = self._find(method, path)
        known = operation.responses
        said = known.get(str(status)) or known.get(f"{status // 100}XX") or known.get("default")
        assert said is not None, f"{operation.name}: answers no {status}, only {', '.join(known)}"
        self._check_body(operation, f"response {status}", said, body)

    def operation(self, method: str, path: str) -> str:
        """The name of the operation that serves this request, e.g. `GET /conversations/{id}`."""
        return self._find(method, path).name

    # -- finding ------------------------------------------------------------

    def _all_operations(self) -> Iterator[Operation]:
        server = (self._document.get("servers") or [{"url": ""}])[0]["url"]
        prefix = urlsplit(server).path.rstrip("/")
        for template, item in self._document["paths"].items():
            shared = item.get("parameters", [])
            for method in set(METHODS) & set(item):
                yield self._operation(method.upper(), prefix + template, shared, item[method])

    def _operation(self, method: str, template: str, shared: list[Json], said: Json) -> Operation:
        parameters = [self._resolve(parameter) for parameter in [*shared, *said.get("parameters", [])]]
        latest = {(parameter["in"], parameter["name"]): parameter for parameter in parameters}
        return Operation(
            name=f"{method} {template}",
            pattern=re.compile(re.sub(r"\\{([^/]+?)\\}", _group, re.escape(template))),
            parameters=tuple(latest.values()),
            body=self._resolve(said["requestBody"]) if "requestBody" in said else None,
            responses={str(status): self._resolve(answer) for status, answer in said["responses"].items()},
        )

    def _find(self, method: str, path: str) -> Operation:
        for operation in self._operations:
            if operation.name.startswith(f"{method.upper()} ") and operation.pattern.fullmatch(path):
                return operation
        raise AssertionError(f"{method} {path}: the description has no such operation")

    def _resolve(self, value: Json) -> Json:
        """What a local `$ref` points to; everything else as it is."""
        while "$ref" in value:
            value = self._pointed(value["$ref"])
        return value

    def _pointed(self, ref: str) -> Any:
        assert ref.startswith("#/"), f"{ref}: only references into the document itself are followed"
        value: Any = self._document
        for key in ref[2:].split("/"):
            value = value[key.replace("~1", "/").replace("~0", "~")]
        return value

    # -- checking -----------------------------------------------------------

    def _check_parameters(self, operation: Operation, path: str, query: Query) -> None:
        given = {"path": _in_path(operation, path), "query": _collect(query)}
        for parameter in operation.parameters:
            where, name = parameter["in"], parameter["name"]
            if where not in given:
                continue
            texts = given[where].pop(name, None) or given[where].pop(f"{name}[]", None)
            label = f"{operation.name} {where} argument {name}"
            assert texts or not parameter.get("required"), f"{label}: is missing"
            if texts and "schema" in parameter:
                self._check_texts(label, parameter["schema"], texts)
        assert not given["query"], f"{operation.name}: unknown query arguments {sorted(given['query'])}"

    def _check_texts(self, label: str, schema: Json, texts: list[str]) -> None:
        validator = self._validator(label, schema, "request")
        readings = list(_readings(texts))
        assert any(validator.is_valid(reading) for reading in readings), f"{label}: {_explain(validator, readings[-1])}"

    def _check_body(self, operation: Operation, part: str, said: Json | None, body: bytes) -> None:
        label = f"{operation.name} {part}"
        content = (said or {}).get("content") or {}
        if not body:
            described = any(media.get("schema") for media in content.values())
            wanted = (said or {}).get("required") if part == "request" else described
            assert not wanted, f"{label}: has no body"
            return
        assert content, f"{label}: takes no body"
        media: Json = next((media for name, media in content.items() if "json" in name or name == "*/*"), {})
        if "schema" in media:
            validator = self._validator(label, media["schema"], part.partition(" ")[0])
            value = _parsed(label, body)
            assert validator.is_valid(value), f"{label}: {_explain(validator, value)}"

    def _validator(self, label: str, schema: Json, direction: str) -> Draft202012Validator:
        key = (label, direction)
        if key not in self._validators:
            converted = Conversion(self._pointed, direction, self._closed and direction == "request").root(schema)
            self._validators[key] = Draft202012Validator(converted, format_checker=FORMATS)
        return self._validators[key]


class Conversion:
    """Turns one OpenAPI schema, and all it refers to, into one self-contained JSON Schema (2020-12)."""

    def __init__(self, pointed: Any, direction: str, closed: bool) -> None:
        self._pointed = pointed
        self._hidden = "readOnly" if direction == "request" else "writeOnly"
        self._closed = closed
        self._definitions: Json = {}

    def root(self, schema: Json) -> Json:
        """The converted schema with everything it refers to under `$defs`."""
        converted = self._place(schema)
        return {"allOf": [converted], "$defs": self._definitions}

    def _place(self, schema: Any) -> Any:
        """A schema where a value of its own stands (not a part of a composition): may be closed."""
        converted = self._schema(schema)
        if self._closed and isinstance(schema, dict) and self._names_properties(schema, frozenset()):
            return {"allOf": [converted], "unevaluatedProperties": False}
        return converted

    def _schema(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            converted: Json = {"$ref": self._definition(schema["$ref"])}
        elif "discriminator" in schema and ("oneOf" in schema or "anyOf" in schema):
            converted = self._discriminated(schema)
        else:
            converted = dict(self._keywords(schema))
        return {"anyOf": [converted, {"type": "null"}]} if schema.get("nullable") is True else converted

    def _keywords(self, schema: Json) -> Iterator[tuple[str, Any]]:
        for key, value in schema.items():
            if key in ONE:
                yield key, self._place(value)
            elif key in MANY:
                yield key, [self._schema(part) for part in value]
            elif key in NAMED:
                yield key, {name: self._property(part) for name, part in value.items()}
            elif key == "required":
                yield key, [name for name in value if not self._is_hidden(schema, name)]
            elif key in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(value, bool):
                continue
            elif key in ("minimum", "maximum") and schema.get(f"exclusive{key.title()}") is True:
                yield f"exclusive{key.title()}", value
            elif key not in SILENT and not key.startswith("x-"):
                yield key, value

    def _property(self, schema: Any) -> Any:
        """A property that only the other side may write is refused altogether."""
        if isinstance(schema, dict) and schema.get(self._hidden) and self._closed:
            return NEVER
        return self._place(schema)

    def _is_hidden(self, schema: Json, name: str) -> bool:
        return bool(schema.get("properties", {}).get(name, {}).get(self._hidden))

    def _definition(self, ref: str) -> str:
        name = re.sub(r"\W", "_", ref)
        if name not in self._definitions:
            self._definitions[name] = {}
            self._definitions[name] = self._schema(self._pointed(ref))
        return f"#/$defs/{name}"

    def _discriminated(self, schema: Json) -> Json:
        """A choice by a property: the chosen branch alone has to hold, which also gives clear messages."""
        choices, key = schema.get("oneOf") or schema["anyOf"], schema["discriminator"]["propertyName"]
        mapping = schema["discriminator"].get("mapping") or {
            choice["$ref"].rsplit("/", 1)[-1]: choice["$ref"] for choice in choices if "$ref" in choice
        }
        branches = [
            {
                "if": {"properties": {key: {"const": value}}, "required": [key]},
                "then": {"$ref": self._definition(ref if "/" in ref else f"#/components/schemas/{ref}")},
            }
            for value, ref in mapping.items()
        ]
        return {"required": [key], "properties": {key: {"enum": list(mapping)}}, "allOf": branches}

    def _names_properties(self, schema: Json, seen: frozenset[str]) -> bool:
        """Does every way to read this schema name its properties?"""
        if "$ref" in schema:
            ref = schema["$ref"]
            return ref not in seen and self._names_properties(self._pointed(ref), seen | {ref})
        if schema.get("properties"):
            return True
        parts = [self._names_properties(part, seen) for part in schema.get("allOf", [])]
        choices = schema.get("oneOf") or schema.get("anyOf") or []
        ways = [self._names_properties(part, seen) for part in choices]
        return any(parts) or (bool(ways) and all(ways))


def _read(path: Path) -> Json:
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        return dict(json.loads(text))
    return dict(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def _group(found: re.Match[str]) -> str:
    return f"(?P<{re.sub(r'[^0-9a-zA-Z_]', '_', found[1])}>[^/]+)"


def _in_path(operation: Operation, path: str) -> dict[str, list[str]]:
    found = operation.pattern.fullmatch(path)
    names = re.findall(r"{([^/]+?)}", operation.name)
    return {name: [text] for name, text in zip(names, found.groups() if found else (), strict=True)}


def _collect(query: Query) -> dict[str, list[str]]:
    collected: dict[str, list[str]] = {}
    for name, text in query.items() if isinstance(query, Mapping) else query:
        collected.setdefault(name, []).append(text)
    return collected


def _readings(texts: list[str]) -> Iterator[Any]:
    """What an argument may mean: text, number or truth value, alone or as a list."""
    if len(texts) == 1:
        yield from (texts[0], _scalar(texts[0]))
    listed = texts if len(texts) > 1 else texts[0].split(",")
    yield from (listed, [_scalar(text) for text in listed])
    if len(texts) == 1:
        yield texts[0]


def _scalar(text: str) -> Any:
    return json.loads(text) if re.fullmatch(r"-?\d+(\.\d+)?|true|false", text) else text


def _explain(validator: Draft202012Validator, value: Any) -> str:
    """The most telling error and where it is, as a JSON pointer."""
    errors = list(validator.iter_errors(value))
    # A property also counts as unnamed when the schema that names it failed: that is an echo, not the cause.
    causes = [error for error in errors if error.validator != "unevaluatedProperties"]
    error: Any = best_match(causes) if causes else max(errors, key=lambda error: len(error.absolute_path))
    pointer = "".join(f"/{step}" for step in error.absolute_path) or "/"
    return f"{pointer}: {'is read-only' if error.schema == NEVER else error.message[:300]}"


def _parsed(label: str, body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise AssertionError(f"{label}: is not JSON") from None
