"""Every payload that the Slack twin sends has the fields of those that Slack publishes, of the same types."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
import slack_spec as spec
from slack_app import SATO, SUPPORT, App, Json, company, form, furnished, option, plain, text

from integrations.slack.twin import SlackTwin

pytestmark = pytest.mark.skipif(not spec.SAMPLES.exists(), reason=spec.ABSENT)

#: Fields of the published payloads that are of an organisation (ours has none), of a user token, or of what
#: the example's app showed.
NOT_OURS = {
    *("$.team.enterprise_id", "$.team.enterprise_name", "$.enterprise_id", "$.enterprise_name", "$.authed_users"),
    *("$.function_data", "$.bot_access_token", "$.token", "$.event.inputs.stringToReverse"),
}
#: What the app put there itself.
OPAQUE = {"$.view.blocks", "$.view.state.values", "$.message.blocks", "$.event.function.output_parameters"}


@pytest.fixture
def twin() -> SlackTwin:
    return furnished()


@pytest.fixture
def app(twin: SlackTwin) -> App:
    return App(twin)


def lacks(published: Any, ours: Any, at: str = "$") -> list[str]:
    """Where ours lacks something, or has something of another type (null may stand for anything that is absent)."""
    if at in OPAQUE:
        return []
    if type(published) is not type(ours) and None not in (published, ours):
        return [f"{at} is {type(ours).__name__}, published as {type(published).__name__}"]
    if isinstance(published, dict) and isinstance(ours, dict):
        names = [name for name in published if f"{at}.{name}" not in NOT_OURS]
        missing = [f"{at}.{name} is missing" for name in names if name not in ours]
        found = [lacks(published[name], ours[name], f"{at}.{name}") for name in names if name in ours]
        return missing + [line for lines in found for line in lines]
    if isinstance(published, list) and isinstance(ours, list) and published:
        return [line for one in ours for line in lacks(published[0], one, at)] or ([] if ours else [f"{at} is empty"])
    return []


def published(name: str) -> Json:
    content: Json = json.loads((spec.SAMPLES / f"{name}.json").read_text())
    return content


BUTTON = {"type": "button", "action_id": "a", "text": plain("引き受ける"), "value": "1"}
ASKED = [{"type": "actions", "elements": [BUTTON]}]


def test_global_shortcut(twin: SlackTwin, app: App) -> None:
    twin.use_shortcut(SATO, "escalate")
    for name in ("interaction.shortcut.global", "docs.shortcut.global"):
        assert lacks(published(name), app.heard[-1]) == []
    assert not {"channel", "response_url", "message"} & set(app.heard[-1])


def test_message_shortcut(twin: SlackTwin, app: App) -> None:
    twin.use_message_shortcut(SATO, "escalate_message", SUPPORT, twin.say(SUPPORT, SATO, "x"))
    assert lacks(published("interaction.message_action"), app.heard[-1]) == ["$.message.blocks is missing"]


def test_command(twin: SlackTwin, app: App) -> None:
    fields = parse_qs((spec.SAMPLES / "slash_command.form.txt").read_text().strip())
    wanted = {name: values[0] for name, values in fields.items()}
    twin.command(SATO, SUPPORT, "/escalate", "ひかり食品")
    assert lacks(wanted, app.heard[-1]) == []


def test_button_in_a_message(twin: SlackTwin, app: App) -> None:
    ts = app.call("chat.postMessage", channel=SUPPORT, text="x", blocks=ASKED)["ts"]
    twin.press(SATO, SUPPORT, ts, "a")
    assert lacks(published("interaction.block_actions"), app.heard[-1]) == []


def test_form(twin: SlackTwin, app: App) -> None:
    app.showing(form(text("gist"), notify_on_close=True))
    twin.submit(SATO, {"gist": "x"})
    assert lacks(published("interaction.view_submission"), app.heard[-1]) == []
    [sent], [wanted] = (
        [value for actions in payload["view"]["state"]["values"].values() for value in actions.values()]
        for payload in (app.heard[-1], published("interaction.view_submission"))
    )
    assert set(sent) == set(wanted)


def test_closed_view(twin: SlackTwin, app: App) -> None:
    app.showing(form(text("gist"), notify_on_close=True))
    twin.close(SATO)
    assert lacks(published("interaction.view_closed"), app.heard[-1]) == ["$.response_urls is missing"]
    assert "trigger_id" not in app.heard[-1]


def test_typeahead(twin: SlackTwin, app: App) -> None:
    app.showing(form(company()))
    app.on("block_suggestion", lambda _: {"options": [option("7")]})
    twin.suggest(SATO, "company", "tech")
    assert lacks(published("docs.block_suggestion.function-scoped"), app.heard[-1]) == []
    assert "trigger_id" not in app.heard[-1]


def test_started_step(twin: SlackTwin) -> None:
    twin.held = []
    twin.start_step("escalate_complaint", {"gist": "x", "raised_by": SATO}, SATO)
    [(_, body)] = twin.held
    assert lacks(published("event.function_executed"), json.loads(body)) == []


@pytest.mark.parametrize("method", ["views.open", "views.update", "views.push"])
def test_view_in_an_answer(twin: SlackTwin, app: App, method: str) -> None:
    [operation] = spec.read("slack_web_openapi_v2.json")["paths"][f"/{method}"].values()
    wanted = operation["responses"]["200"]["examples"]["application/json"]
    app.showing(form(external_id="mine"))
    said = app.call(method, trigger_id=twin.new_trigger(SATO), external_id="mine", view=form())
    assert lacks(wanted, said) == []


def test_difference_would_be_noticed() -> None:
    """The tests above can fail."""
    ours = {"view": {"id": 7, "blocks": 7}, "response_urls": [], "user": None}
    wanted = {"view": {"id": "V1", "blocks": [], "hash": "x"}, "response_urls": [1], "user": {"id": "U1"}, "team": {}}
    assert lacks(wanted, ours) == [
        "$.team is missing",
        "$.view.hash is missing",
        "$.view.id is int, published as str",
        "$.response_urls is empty",
    ]
