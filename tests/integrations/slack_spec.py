"""Slack's own descriptions of its Web API, and how our calls and the twin's answers are held against them.

Two of them are read: the method reference (arguments, errors, scopes, rates; of 2026) and the OpenAPI
description (shapes of answers; Slack stopped maintaining it, so it is read leniently), and beside them
the published answers in ../shared/samples, which win where they disagree.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from integrations.twin import Ask

SHARED = Path(__file__).parents[3] / "shared"
SPECS, SAMPLES = SHARED / "specs", SHARED / "samples" / "slack"
ABSENT = "the vendors' specifications are not here: they are expected in ../shared/specs and ../shared/samples"

Json = dict[str, Any]

#: Every method may answer these; the method reference leaves them out.
#: https://docs.slack.dev/reference/methods/auth.test lists them under "Errors".
COMMON_ERRORS = {
    *("not_authed", "invalid_auth", "missing_scope", "invalid_arguments", "invalid_json", "json_not_object"),
    *("ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "unknown_method"),
}


@cache
def read(name: str) -> Any:
    """A specification as JSON."""
    return json.loads((SPECS / name).read_text())


def reference(method: str) -> Json:
    """A method's entry in the method reference."""
    entry: Json = read("slack-web-methods-reference-2026-05.json")[method]
    return entry


def operation(method: str) -> Json:
    """A method's entry in the OpenAPI description."""
    [entry] = read("slack_web_openapi_v2.json")["paths"][f"/{method}"].values()
    return dict(entry)


def arguments(ask: Ask) -> Json:
    """The arguments of a call, as sent."""
    given: Json = dict(ask.query)
    if not ask.body:
        return given
    if is_json(ask):
        return {**given, **json.loads(ask.body)}
    return {**given, **dict(parse_qsl(ask.body.decode(), keep_blank_values=True))}


def is_json(ask: Ask) -> bool:
    """Did the arguments come as JSON?"""
    return bool(ask.body) and ask.headers["content-type"].startswith("application/json")


def request_problems(method: str, ask: Ask) -> list[str]:
    """What the method reference does not allow about a call."""
    known, given = reference(method)["args"], arguments(ask)
    unknown = [f"{name} is no argument" for name in given if name not in known]
    missing = [f"{name} is required" for name, entry in known.items() if entry.get("required") and name not in given]
    wrong = [
        f"{name} is no {known[name]['type']}"
        for name, value in given.items()
        if name in known and not _fits(value, known[name].get("type"), is_json(ask))
    ]
    if is_json(ask) and "application/json" not in operation(method)["consumes"]:
        wrong.append("the method takes no JSON")
    return unknown + missing + wrong


def _fits(value: Any, kind: str | None, from_json: bool) -> bool:
    if kind == "boolean":
        return isinstance(value, bool) if from_json else value in ("0", "1", "true", "false")
    if kind == "number":
        return str(value).isdigit()
    return kind != "string" or isinstance(value, str)


def answer_problems(method: str, body: Json) -> list[str]:
    """What the descriptions do not allow about an answer."""
    if not body["ok"]:
        allowed = COMMON_ERRORS | set(reference(method)["errors"])
        return [] if body["error"] in allowed else [f"{body['error']} is no error of {method}"]
    found = [f"{error.json_path}: {error.message[:200]}" for error in _validator(method).iter_errors(body)]
    return found + _unpublished(method, body)


@cache
def _validator(method: str) -> Any:
    description = _description()
    if f"/{method}" not in description["paths"]:
        return Draft4Validator({})  # younger than the description: functions.*
    [entry] = description["paths"][f"/{method}"].values()
    schema, definitions = entry["responses"]["200"]["schema"], description["definitions"]
    return Draft4Validator(_plain({**schema, "definitions": definitions}))


def _description() -> Json:
    """The OpenAPI description without what published answers prove wrong."""
    description: Json = json.loads(json.dumps(read("slack_web_openapi_v2.json")))
    # the published users.info has a profile without custom fields
    description["definitions"]["objs_user_profile"]["required"].remove("fields")
    # blocks are a list, as in every other message (docs and description of chat.postMessage)
    update = description["paths"]["/chat.update"]["post"]["responses"]["200"]["schema"]
    update["properties"]["message"]["properties"]["blocks"] = {"$ref": "#/definitions/blocks"}
    return description


def _plain(schema: Any) -> Any:
    """Slack's dialect as JSON Schema: `items` with a list means "one of these", everywhere.

    Additional properties are allowed: Slack's answers have grown since the description was written
    (`metadata`, `app_id`, more kinds of blocks). So are empty lists: the description forbids an empty history.
    """
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(part) for name, part in schema.items() if name not in ("additionalProperties", "minItems")}
    if isinstance(choices := plain.get("items"), list):
        del plain["items"]
        # a list is described by what its items may be, anything else by what it may be itself
        plain |= {"items": {"anyOf": choices}} if plain.get("type") == "array" else {"anyOf": choices}
    return plain


def _unpublished(method: str, body: Json) -> list[str]:
    """Fields that are in no published answer, or are there of another type."""
    path = SAMPLES / f"response-skeleton.{method}.json"
    return _differences("$", body, json.loads(path.read_text())) if path.exists() else []


def _differences(at: str, ours: Any, theirs: Any) -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        unknown = [f"{at}.{name} is in no published answer" for name in ours if name not in theirs]
        pairs = ((f"{at}.{name}", value, theirs[name]) for name, value in ours.items() if name in theirs)
        return unknown + [difference for pair in pairs for difference in _differences(*pair)]
    if isinstance(ours, list) and isinstance(theirs, list):
        return [difference for item in ours for difference in _differences(f"{at}[]", item, theirs[0])]
    return (
        [] if type(ours) is type(theirs) else [f"{at} is {type(ours).__name__}, published as {type(theirs).__name__}"]
    )
