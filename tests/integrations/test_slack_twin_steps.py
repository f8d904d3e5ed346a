"""Custom steps and response URLs in the Slack twin."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from slack_app import ESCALATIONS, SATO, SECRET, SUPPORT, TEAM, TOKEN, App, Json, form, furnished, plain

from integrations import slack
from integrations.contract import Headers
from integrations.slack.twin import APP, SlackTwin
from integrations.twin import Ask, Said

INPUTS = {"company": "ひかり食品", "urgency": "now", "raised_by": SATO}


@pytest.fixture
def twin() -> SlackTwin:
    twin = furnished()
    twin.held = []
    return twin


@pytest.fixture
def app(twin: SlackTwin) -> App:
    return App(twin)


# -- steps: how Slack refuses ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("functions.completeSuccess", {"outputs": {}}), ("functions.completeError", {"error": "x"})],
)
def test_step_that_is_not_running_cannot_end(twin: SlackTwin, app: App, method: str, arguments: Json) -> None:
    assert app.error(method, function_execution_id="Fx1", **arguments) == "function_execution_not_found"
    assert app.error(method, **arguments) == "invalid_arguments"
    id = twin.start_step("escalate_complaint", INPUTS, SATO)
    assert app.call(method, function_execution_id=id, **arguments) == {"ok": True}
    before = twin.step(id)
    assert app.error(method, function_execution_id=id, **arguments) == "execution_not_in_running_state"
    assert twin.step(id) == before
    assert len(twin.did(method, id)) == 1


@pytest.mark.parametrize("outputs", [None, "{", "[]", 7, []])
def test_outputs_that_are_no_object_are_refused(twin: SlackTwin, app: App, outputs: Any) -> None:
    id = twin.start_step("escalate_complaint", INPUTS, SATO)
    said = app.error("functions.completeSuccess", function_execution_id=id, outputs=outputs)
    assert said == "parameter_validation_failed"
    assert twin.step(id)["state"] == "running"


def test_step_needs_a_reason_to_fail_and_somebody_to_start_it(twin: SlackTwin, app: App) -> None:
    id = twin.start_step("escalate_complaint", INPUTS, SATO)
    assert app.error("functions.completeError", function_execution_id=id) == "invalid_arguments"
    with pytest.raises(LookupError):
        twin.start_step("escalate_complaint", INPUTS, "U0NOBODY01")


DECLARED = {
    "escalate_complaint": {
        "title": "エスカレーション",
        "description": "担当者にお願いします。",
        "input_parameters": {
            "gist": {"type": "string", "title": "要点", "is_required": True},
            "tried": {"type": "string", "title": "対応済みのこと", "is_required": False},
        },
        "output_parameters": {"escalation": {"type": "string", "title": "受付番号", "is_required": True}},
    }
}


@pytest.mark.parametrize("outputs", [{}, {"escalation": 31}, {"escalation": "31", "id": "31"}])
def test_outputs_must_be_those_that_the_manifest_declares(twin: SlackTwin, app: App, outputs: Json) -> None:
    twin.declare(DECLARED)
    id = twin.start_step("escalate_complaint", {"gist": "x"}, SATO)
    said = app.error("functions.completeSuccess", function_execution_id=id, outputs=outputs)
    assert said == "parameter_validation_failed"
    assert app.call("functions.completeSuccess", function_execution_id=id, outputs={"escalation": "31"})["ok"]


@pytest.mark.parametrize(
    ("step", "inputs"),
    [("escalate", {"gist": "x"}), ("escalate_complaint", {}), ("escalate_complaint", {"gist": "x", "owner": "y"})],
)
def test_workflow_cannot_be_built_without_what_the_manifest_declares(twin: SlackTwin, step: str, inputs: Json) -> None:
    twin.declare(DECLARED)
    with pytest.raises(LookupError):
        twin.start_step(step, inputs, SATO)
    assert twin.held == []


# -- steps: what happens --------------------------------------------------------------------------


def test_app_hears_of_a_step_with_its_inputs_and_a_token(twin: SlackTwin) -> None:
    id = twin.start_step("escalate_complaint", INPUTS, SATO)
    [(headers, body)] = twin.held or []
    raw = Headers([(name.encode(), value.encode()) for name, value in headers.items()])
    slack.verify(raw, body, [SECRET], time.time())
    assert slack.parse(raw, body).topic == "function_executed"
    sent = json.loads(body)
    assert (sent["type"], sent["team_id"], sent["api_app_id"]) == ("event_callback", TEAM, APP)
    event = sent["event"]
    assert (event["function"]["callback_id"], event["function_execution_id"]) == ("escalate_complaint", id)
    assert event["inputs"] == INPUTS
    assert event["bot_access_token"].startswith("xwfp-")
    kinds = {one["name"]: one["type"] for one in event["function"]["input_parameters"]}
    assert kinds == {"company": "string", "urgency": "string", "raised_by": "slack#/types/user_id"}


def test_declared_step_comes_with_every_parameter_and_null_for_what_is_absent(twin: SlackTwin) -> None:
    twin.declare(DECLARED)
    twin.start_step("escalate_complaint", {"gist": "x"}, SATO)
    [(_, body)] = twin.held or []
    event = json.loads(body)["event"]
    assert event["inputs"] == {"gist": "x", "tried": None}
    assert [(one["name"], one["title"], one["is_required"]) for one in event["function"]["input_parameters"]] == [
        ("gist", "要点", True),
        ("tried", "対応済みのこと", False),
    ]
    assert [one["name"] for one in event["function"]["output_parameters"]] == ["escalation"]


def test_inputs_that_are_no_text_have_other_types(twin: SlackTwin) -> None:
    twin.start_step("escalate_complaint", {"a": 1, "b": 1.5, "c": True, "d": [1], "e": {}}, SATO)
    [(_, body)] = twin.held or []
    parameters = json.loads(body)["event"]["function"]["input_parameters"]
    assert [one["type"] for one in parameters] == ["integer", "number", "boolean", "array", "object"]


def test_step_ends_well_or_badly(twin: SlackTwin, app: App) -> None:
    good, bad = (twin.start_step("escalate_complaint", INPUTS, SATO) for _ in range(2))
    app.call("functions.completeSuccess", function_execution_id=good, outputs={"escalation": "31"})
    app.call("functions.completeError", function_execution_id=bad, error="会社が見つかりません")
    assert {name: twin.step(good)[name] for name in ("state", "outputs", "error", "user")} == {
        "state": "completed",
        "outputs": {"escalation": "31"},
        "error": "",
        "user": SATO,
    }
    assert (twin.step(bad)["state"], twin.step(bad)["error"]) == ("failed", "会社が見つかりません")


def test_token_of_a_step_is_good_until_it_ends_or_a_quarter_of_an_hour(twin: SlackTwin, app: App) -> None:
    ended, aged = (twin.start_step("escalate_complaint", INPUTS, SATO) for _ in range(2))
    tokens = [twin.step(id)["token"] for id in (ended, aged)]
    assert [app.call("auth.test", token)["ok"] for token in tokens] == [True, True]
    app.call("functions.completeSuccess", tokens[0], function_execution_id=ended, outputs={})
    assert app.call("auth.test", tokens[0])["error"] == "invalid_auth"
    app.wait(899)
    assert app.call("auth.test", tokens[1])["ok"]
    app.wait(2)
    assert app.call("auth.test", tokens[1])["error"] == "invalid_auth"
    assert app.call("functions.completeSuccess", function_execution_id=aged, outputs={})["ok"]  # the app's own token


# -- response_url ---------------------------------------------------------------------------------


def answer(twin: SlackTwin, url: str, **said: Any) -> Said:
    """Post to a response URL, without a token."""
    path = "/" + url.partition("/slack/")[2]
    answered, _ = twin.answer(
        Ask("POST", path, [], {"content-type": "application/json"}, json.dumps(said).encode(), "127.0.0.1:9")
    )
    return answered


def url_of_command(twin: SlackTwin, app: App) -> str:
    """The response URL that comes with a command."""
    twin.answer(Ask("POST", "/api/auth.test", [], {"authorization": f"Bearer {TOKEN}"}, b"", "127.0.0.1:9"))
    twin.command(SATO, SUPPORT, "/owner")
    url = str(app.heard[-1]["response_url"])
    assert url.startswith("http://127.0.0.1:9/slack/")
    return url


def test_response_url_is_good_five_times(twin: SlackTwin, app: App) -> None:
    url = url_of_command(twin, app)
    assert [answer(twin, url, text=str(n)).status for n in range(6)] == [200, 200, 200, 200, 200, 404]
    assert answer(twin, url, text="x").body == {"ok": False, "error": "used_url"}
    assert [one["text"] for one in twin.whispers_to(SATO)] == ["0", "1", "2", "3", "4"]


def test_response_url_is_good_for_half_an_hour(twin: SlackTwin, app: App) -> None:
    url = url_of_command(twin, app)
    app.wait(1799)
    assert answer(twin, url, text="x").status == 200
    app.wait(2)
    assert answer(twin, url, text="y").body["error"] == "expired_url"
    assert answer(twin, url + "0", text="y").status == 404


def test_what_slack_would_not_show_is_refused_and_does_not_count(twin: SlackTwin, app: App) -> None:
    url = url_of_command(twin, app)
    for _ in range(6):
        assert answer(twin, url).body["error"] == "no_text"
        assert answer(twin, url, blocks=[{"type": "poster"}]).body["error"] == "invalid_blocks"
    assert answer(twin, url, text="x").status == 200


def test_response_may_be_for_everybody_and_tells_no_scopes(twin: SlackTwin, app: App) -> None:
    said = answer(twin, url_of_command(twin, app), text="担当者は佐藤です", response_type="in_channel")
    assert (said.body, dict(said.headers)) == ("ok", {})
    assert [message["text"] for message in twin.messages(SUPPORT)] == ["担当者は佐藤です"]


def test_response_can_replace_and_delete_the_message_with_the_button(twin: SlackTwin, app: App) -> None:
    button = {"type": "button", "action_id": "a", "text": plain("x")}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = app.call("chat.postMessage", channel=ESCALATIONS, text="x", blocks=blocks)["ts"]
    twin.join(ESCALATIONS, SATO)
    app.call("chat.postEphemeral", channel=ESCALATIONS, user=SATO, text="x", blocks=blocks)
    twin.answer(Ask("POST", "/api/auth.test", [], {"authorization": f"Bearer {TOKEN}"}, b"", "127.0.0.1:9"))
    for at, look in (
        (ts, lambda: twin.messages(ESCALATIONS)),
        (twin.whispers[0]["ts"], lambda: twin.whispers_to(SATO)),
    ):
        twin.press(SATO, ESCALATIONS, at, "a")
        url = app.heard[-1]["response_url"]
        assert answer(twin, url, text="対応中です", replace_original=True).status == 200
        assert [(one["text"], "blocks" in one) for one in look()] == [("対応中です", False)]
        assert answer(twin, url, delete_original=True).status == 200
        assert look() == []


def test_global_shortcut_has_no_response_url(twin: SlackTwin, app: App) -> None:
    app.showing(form())
    assert "response_url" not in app.heard[-1]
