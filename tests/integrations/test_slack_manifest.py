"""The manifest of the Slack app: one that Slack accepts, that asks for what we use, and that matches the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import slack_spec as spec
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

import integrations.slack.client as slack_client
from integrations.slack.api import BUDGET
from integrations.slack.twin import EVENTS, SCOPES

MANIFEST = Path(slack_client.__file__).parent / "slack-manifest.yaml"
DOOR = "https://YOUR-HOST/slack/events"

needs_specifications = pytest.mark.skipif(not spec.SPECS.exists(), reason=spec.ABSENT)


def manifest() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return content


def step() -> dict[str, Any]:
    """The only custom step."""
    [(name, content)] = manifest()["functions"].items()
    assert name == "escalate_complaint"
    found: dict[str, Any] = content
    return found


# -- what Slack refuses ---------------------------------------------------------------------------


def in_the_second_form() -> dict[str, Any]:
    """The manifest as version 2 of the schema writes it: a step's parameters lie deeper, the needed ones are listed."""

    def deeper(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "properties": {
                name: {key: value for key, value in parameter.items() if key != "is_required"}
                for name, parameter in parameters.items()
            },
            "required": [name for name, parameter in parameters.items() if parameter["is_required"]],
        }

    content, function = manifest(), step()
    content["_metadata"]["major_version"] = 2
    for side in ("input_parameters", "output_parameters"):
        content["functions"]["escalate_complaint"][side] = deeper(function[side])
    return content


def problems(version: int, content: dict[str, Any]) -> list[str]:
    schema = spec.read(f"slack-manifest.schema.{version}.0.0.json")
    return [error.message for error in Draft7Validator(schema).iter_errors(content)]


@needs_specifications
def test_manifest_is_one_slack_accepts() -> None:
    assert manifest()["_metadata"]["major_version"] == 1
    assert problems(1, manifest()) == []


@needs_specifications
def test_manifest_is_one_slack_accepts_in_the_second_form_too() -> None:
    """The versions write a step's parameters in ways that exclude each other; all else must please both."""
    assert problems(2, in_the_second_form()) == []
    assert problems(2, {name: part for name, part in manifest().items() if name != "functions"}) == []


@needs_specifications
@pytest.mark.parametrize("version", [1, 2])
def test_schemas_would_notice_what_is_wrong(version: int) -> None:
    content = manifest() if version == 1 else in_the_second_form()
    content["features"]["shortcuts"][0]["name"] = "エ" * 25
    content["features"]["slash_commands"][0]["command"] = "escalate"
    del content["functions"]["escalate_complaint"]["title"]
    assert len(problems(version, content)) == 3


# -- what Slack requires without its schema saying so ---------------------------------------------


def test_app_with_a_step_is_ready_for_it() -> None:
    """https://docs.slack.dev/workflows/workflow-steps"""
    settings = manifest()["settings"]
    assert settings["org_deploy_enabled"]
    assert settings["function_runtime"] == "remote"
    assert "function_executed" in settings["event_subscriptions"]["bot_events"]
    assert settings["interactivity"]["is_enabled"]


def test_parameters_of_the_step_carry_their_own_name_and_explain_themselves() -> None:
    for side in ("input_parameters", "output_parameters"):
        for name, parameter in step()[side].items():
            assert parameter["name"] == name
            assert {"type", "title", "description", "is_required"} <= parameter.keys(), name


#: https://docs.slack.dev/reference/events: the scope that each event needs.
NEEDS = {
    "function_executed": "",
}


@needs_specifications
def test_manifest_asks_for_what_the_clients_methods_need() -> None:
    granted = set(manifest()["oauth_config"]["scopes"]["bot"])
    for method in BUDGET:
        needed = {scope["name"] for scope in spec.reference(method)["scopes"].get("bot", [])}
        assert not needed or needed & granted, method


def test_manifest_asks_for_what_its_events_and_features_need_and_the_twin_grants() -> None:
    granted = manifest()["oauth_config"]["scopes"]["bot"]
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert {NEEDS[event] for event in events} - {""} <= set(granted)
    assert events == list(EVENTS)
    assert "commands" in granted  # shortcuts and slash commands
    assert granted == list(SCOPES) == sorted(granted)


# -- what we agreed with ourselves ----------------------------------------------------------------


def test_everything_goes_to_one_door() -> None:
    settings, commands = manifest()["settings"], manifest()["features"]["slash_commands"]
    doors = {
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
        *(command["url"] for command in commands),
    }
    assert doors == {DOOR}
    assert not settings["socket_mode_enabled"]


def test_four_ways_lead_to_an_escalation_one_to_a_wish_one_to_an_answer_and_one_to_a_customer() -> None:
    features = manifest()["features"]
    shortcuts = {(shortcut["type"], shortcut["callback_id"]) for shortcut in features["shortcuts"]}
    on_messages = {("message", name) for name in ("escalate_message", "file_wish", "mark_answer", "send_as_reply")}
    assert shortcuts == {("global", "escalate"), *on_messages}
    assert [command["command"] for command in features["slash_commands"]] == [
        "/escalate",
        "/owner",
        "/dossier",
        "/定型文",
        "/声",
        "/voice",
    ]
    assert step()["output_parameters"].keys() == {"escalation"}


def test_step_asks_what_the_form_asks() -> None:
    inputs = step()["input_parameters"]
    optional = {name for name, parameter in inputs.items() if not parameter["is_required"]}
    asked = "company request urgency temperature gist history tried conversation_url raised_by"
    assert list(inputs) == asked.split()
    assert optional == {"tried", "conversation_url"}
    assert inputs["raised_by"]["type"] == "slack#/types/user_id"
    assert {parameter["type"] for name, parameter in inputs.items() if name != "raised_by"} == {"string"}


def test_every_label_speaks_both_languages_in_one_line() -> None:
    features, function = manifest()["features"], step()
    parameters = [*function["input_parameters"].values(), *function["output_parameters"].values()]
    labels = [
        *(shortcut[key] for shortcut in features["shortcuts"] for key in ("name", "description")),
        *(command[key] for command in features["slash_commands"] for key in ("description", "usage_hint")),
        *(part[key] for part in (function, *parameters) for key in ("title", "description")),
    ]
    for label in labels:
        assert "\n" not in label
        assert re.search("[ぁ-んァ-ヶ一-龠]", label), label
        assert re.search("[A-Za-z]{2}", label), label


def test_people_can_be_sent_direct_messages() -> None:
    assert manifest()["features"]["app_home"]["messages_tab_enabled"]
