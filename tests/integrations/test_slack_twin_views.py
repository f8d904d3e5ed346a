"""Modals in the Slack twin: what Slack refuses about them, triggers, stacks and hashes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_app import SATO, TANAKA, App, Json, company, field, form, furnished, option, plain, text

from integrations.slack.twin import SlackTwin
from integrations.slack.twin.blocks import problems
from integrations.slack.twin.views import problems as problems_of_view


@pytest.fixture
def twin() -> SlackTwin:
    return furnished()


@pytest.fixture
def app(twin: SlackTwin) -> App:
    return App(twin)


def trigger(app: App, user: str = SATO) -> str:
    """A fresh trigger, as the app gets it."""
    app.twin.use_shortcut(user, "escalate")
    return str(app.heard[-1]["trigger_id"])


def trigger_without_view(app: App) -> str:
    """A trigger from a shortcut to which the app answers nothing."""
    app.on("shortcut", lambda payload: None)
    return trigger(app)


# -- what Slack refuses about a view --------------------------------------------------------------

BUTTONS = {"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": plain("開く")}]}
REFUSED: list[tuple[str, Json, str]] = [
    ("home", form(type="home"), "unsupported type: home [json-pointer:/view/type]"),
    ("no title", form(title=None), "must be a plain_text object [json-pointer:/view/title]"),
    ("long title", form(title=plain("題" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
    ("long submit", form(submit=plain("送" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
    ("long close", form(close=plain("閉" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
    (
        "marked title",
        form(title={"type": "mrkdwn", "text": "題"}),
        "must be a plain_text object [json-pointer:/view/title]",
    ),
    ("no submit", form(submit=None), "missing required field: submit [json-pointer:/view]"),
    (
        "long metadata",
        form(private_metadata="x" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    ("metadata", form(private_metadata={"a": 1}), "must be a string [json-pointer:/view/private_metadata]"),
    (
        "long callback_id",
        form(callback_id="x" * 256),
        "must be less than 256 characters [json-pointer:/view/callback_id]",
    ),
    ("an id", form(id="V1"), "no more fields allowed: id [json-pointer:/view]"),
    ("notify", form(notify_on_close="yes"), "must be a boolean [json-pointer:/view/notify_on_close]"),
    ("no blocks", form(blocks=None), "must be an array [json-pointer:/view/blocks]"),
    (
        "101 blocks",
        form(*({"type": "divider"} for _ in range(101))),
        "no more than 100 items allowed [json-pointer:/view/blocks]",
    ),
    ("same block", form(text("gist"), text("gist")), "`block_id` gist already exists [json-pointer:/view/blocks]"),
    (
        "markdown",
        form({"type": "markdown", "text": "x"}),
        "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
    ),
    (
        "two focused",
        form(text("a", focus_on_load=True), text("b", focus_on_load=True)),
        "focus_on_load may be set only once [json-pointer:/view/blocks]",
    ),
    (
        "inner limit",
        form({"type": "header", "text": plain("x" * 151)}),
        "must be less than 151 characters [json-pointer:/view/blocks/0/text/text]",
    ),
]


@pytest.mark.parametrize(("view", "why"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_view_that_slack_would_not_show_is_refused_with_the_reason(app: App, view: Json, why: str) -> None:
    said = app.call("views.open", trigger_id=trigger(app), view=view)
    assert said["error"] == "invalid_arguments"
    assert said["response_metadata"]["messages"] == [f"[ERROR] {why}"]
    assert app.twin.view_of(SATO) is None


@pytest.mark.parametrize("method", ["views.open", "views.update", "views.push"])
@pytest.mark.parametrize("view", [None, 7, "[", "[]"])
def test_what_is_no_view_is_refused(app: App, method: str, view: Any) -> None:
    app.showing(form())
    there = app.twin.view_of(SATO)
    assert there is not None
    asked = {"trigger_id": trigger_without_view(app), "view_id": there["id"], "view": view}
    assert app.error(method, **asked) == "invalid_arguments"


def test_view_that_is_too_large_is_refused(app: App) -> None:
    large = [{"type": "section", "text": plain("大" * 3000)} for _ in range(30)]
    assert app.error("views.open", trigger_id=trigger(app), view=form(*large)) == "view_too_large"


def test_view_at_every_limit_is_shown(app: App) -> None:
    blocks = [text("gist", max_length=3000, initial_value="あ" * 3000), *({"type": "divider"} for _ in range(99))]
    full = form(*blocks, title=plain("題" * 24), submit=plain("送" * 24), private_metadata="x" * 3000)
    assert app.call("views.open", trigger_id=trigger(app), view=full)["ok"]


@pytest.mark.parametrize("view", ['{"type": "modal"}', {"type": "modal"}])
def test_view_may_come_as_text_or_as_an_object(app: App, view: Any) -> None:
    said = app.call("views.open", trigger_id=trigger(app), view=view)
    assert said["response_metadata"]["messages"][0] == "[ERROR] missing required field: title [json-pointer:/view]"


ELEMENTS: list[tuple[str, Json, str]] = [
    (
        "max_length",
        {"type": "plain_text_input", "max_length": 3001},
        "must be between 1 and 3000 [json-pointer:{at}/max_length]",
    ),
    (
        "max_length 0",
        {"type": "plain_text_input", "max_length": 0},
        "must be between 1 and 3000 [json-pointer:{at}/max_length]",
    ),
    (
        "min_length",
        {"type": "plain_text_input", "min_length": "1"},
        "must be an integer [json-pointer:{at}/min_length]",
    ),
    (
        "multiline",
        {"type": "plain_text_input", "multiline": "true"},
        "must be a boolean [json-pointer:{at}/multiline]",
    ),
    (
        "long text",
        {"type": "plain_text_input", "initial_value": "x" * 11, "max_length": 10},
        "must be less than 11 characters [json-pointer:{at}/initial_value]",
    ),
    (
        "longer text",
        {"type": "plain_text_input", "initial_value": "x" * 3001},
        "must be less than 3001 characters [json-pointer:{at}/initial_value]",
    ),
    (
        "typing error",
        {"type": "plain_text_input", "multi_line": True},
        "no more fields allowed: multi_line [json-pointer:{at}]",
    ),
    (
        "placeholder",
        {"type": "users_select", "placeholder": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:{at}/placeholder/text]",
    ),
    ("no options", {"type": "static_select"}, "must be an array [json-pointer:{at}/options]"),
    (
        "101 options",
        {"type": "static_select", "options": [option(str(n)) for n in range(101)]},
        "no more than 100 items allowed [json-pointer:{at}/options]",
    ),
    (
        "11 options",
        {"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]},
        "no more than 10 items allowed [json-pointer:{at}/options]",
    ),
    (
        "long option",
        {"type": "static_select", "options": [option("1", "社" * 76)]},
        "must be less than 76 characters [json-pointer:{at}/options/0/text/text]",
    ),
    (
        "long value",
        {"type": "radio_buttons", "options": [option("1" * 151, "x")]},
        "must be less than 151 characters [json-pointer:{at}/options/0/value]",
    ),
    (
        "marked option",
        {"type": "static_select", "options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "1"}]},
        "must be a plain_text object [json-pointer:{at}/options/0/text]",
    ),
    (
        "no such option",
        {"type": "radio_buttons", "options": [option("1")], "initial_option": option("2")},
        "initial_option was not found in the options [json-pointer:{at}/initial_option]",
    ),
    (
        "option by another name",
        {"type": "static_select", "options": [option("1", "高")], "initial_option": option("1", "低")},
        "initial_option was not found in the options [json-pointer:{at}/initial_option]",
    ),
    (
        "radio placeholder",
        {"type": "radio_buttons", "options": [option("1")], "placeholder": plain("x")},
        "no more fields allowed: placeholder [json-pointer:{at}]",
    ),
    (
        "external option",
        {"type": "external_select", "initial_option": option("1", "社" * 76)},
        "must be less than 76 characters [json-pointer:{at}/initial_option/text/text]",
    ),
    (
        "external text",
        {"type": "external_select", "initial_option": "1"},
        "must be an object [json-pointer:{at}/initial_option]",
    ),
    (
        "query",
        {"type": "external_select", "min_query_length": -1},
        "must be between 0 and 255 [json-pointer:{at}/min_query_length]",
    ),
    (
        "nobody",
        {"type": "users_select", "initial_user": ""},
        "must be more than 0 characters [json-pointer:{at}/initial_user]",
    ),
    (
        "no day",
        {"type": "datepicker", "initial_date": "2026-02-30"},
        "must be a valid date (YYYY-MM-DD) [json-pointer:{at}/initial_date]",
    ),
    (
        "short day",
        {"type": "datepicker", "initial_date": "20261130"},
        "must be a valid date (YYYY-MM-DD) [json-pointer:{at}/initial_date]",
    ),
    (
        "empty day",
        {"type": "datepicker", "initial_date": ""},
        "must be a valid date (YYYY-MM-DD) [json-pointer:{at}/initial_date]",
    ),
    ("no input", {"type": "button", "text": plain("x")}, "unsupported type: button [json-pointer:{at}/type]"),
]


@pytest.mark.parametrize(("element", "why"), [case[1:] for case in ELEMENTS], ids=[case[0] for case in ELEMENTS])
def test_field_that_slack_would_not_show_is_refused_in_views_and_messages(element: Json, why: str) -> None:
    block = field("b", element)
    assert problems_of_view(form(block)) == ["[ERROR] " + why.format(at="/view/blocks/0/element")]
    assert problems([block]) == ["[ERROR] " + why.format(at="/blocks/0/element")]


def test_field_with_every_setting_is_shown() -> None:
    chosen = option("1", "高")
    fields = [
        text("a", multiline=True, min_length=0, max_length=3000, initial_value="x", placeholder=plain("x")),
        text("b", initial_value=""),
        company(initial_option=chosen, placeholder=plain("x")),
        field("d", {"type": "radio_buttons", "options": [chosen], "initial_option": chosen}, optional=True),
        field("e", {"type": "users_select", "initial_user": SATO}, hint=plain("x")),
        field("f", {"type": "datepicker", "initial_date": "2028-02-29"}, dispatch_action=True),
        field("g", {"type": "static_select", "option_groups": [{"label": plain("x"), "options": [chosen]}]}),
    ]
    assert problems_of_view(form(*fields)) == []


@pytest.mark.parametrize("others", [{"optional": 1}, {"required": True}])
def test_input_block_with_a_wrong_setting_is_refused(others: Json) -> None:
    assert len(problems_of_view(form(field("b", {"type": "users_select"}, **others)))) == 1


# -- triggers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["views.open", "views.push"])
def test_trigger_is_good_for_three_seconds(app: App, method: str) -> None:
    app.showing(form())
    app.on("shortcut", lambda payload: None)
    late, early = trigger(app), trigger(app)
    app.wait(2.9)
    assert app.call(method, trigger_id=early, view=form())["ok"]
    app.wait(0.2)
    assert app.error(method, trigger_id=late, view=form()) == "expired_trigger_id"


@pytest.mark.parametrize("method", ["views.open", "views.push"])
def test_trigger_is_good_once(app: App, method: str) -> None:
    app.showing(form())
    app.on("shortcut", lambda payload: None)
    given = trigger(app)
    assert app.call(method, trigger_id=given, view=form())["ok"]
    assert app.error(method, trigger_id=given, view=form()) == "exchanged_trigger_id"


@pytest.mark.parametrize("given", ["", "1.2.3", None])
def test_made_up_trigger_is_refused(app: App, given: str | None) -> None:
    assert app.error("views.open", trigger_id=given, view=form()) == "invalid_trigger_id"


def test_refused_view_leaves_the_trigger_good(app: App) -> None:
    given = trigger(app)
    assert app.error("views.open", trigger_id=given, view=form(submit=None)) == "invalid_arguments"
    assert app.call("views.open", trigger_id=given, view=form())["ok"]


# -- stacks ---------------------------------------------------------------------------------------


def test_fourth_view_upon_the_others_is_refused(app: App) -> None:
    app.showing(form(callback_id="one"))
    app.on("shortcut", lambda payload: None)
    for name in ("two", "three"):
        assert app.call("views.push", trigger_id=trigger(app), view=form(callback_id=name))["ok"]
    assert app.error("views.push", trigger_id=trigger(app), view=form()) == "push_limit_reached"
    top = app.twin.view_of(SATO)
    assert top is not None
    assert top["callback_id"] == "three"
    assert top["previous_view_id"] not in (None, top["root_view_id"])


def test_nothing_can_be_pushed_where_nothing_is_open(app: App) -> None:
    assert app.error("views.push", trigger_id=trigger(app), view=form()) == "not_found"


def test_views_of_two_people_are_apart(app: App, twin: SlackTwin) -> None:
    app.on("shortcut", lambda payload: app.open_view(payload, form(private_metadata=payload["user"]["id"])))
    seen = [twin.use_shortcut(user, "escalate").view for user in (SATO, TANAKA)]
    assert [view and view["private_metadata"] for view in seen] == [SATO, TANAKA]


def test_view_is_kept_with_everything_that_slack_adds(app: App, twin: SlackTwin) -> None:
    app.showing(form(text("gist", initial_value="至急"), BUTTONS, private_metadata="c1"))
    view = twin.view_of(SATO)
    assert view is not None
    assert view["id"] == view["root_view_id"]
    assert view["hash"]
    assert (view["previous_view_id"], view["external_id"], view["private_metadata"]) == (None, "", "c1")
    assert view["state"] == {"values": {"gist": {"gist": {"type": "plain_text_input", "value": "至急"}}}}
    assert all(block["block_id"] for block in view["blocks"])
    assert twin.did("views.open", view["id"])[0].facts["user"] == SATO


# -- updates --------------------------------------------------------------------------------------


def test_update_with_an_old_hash_is_refused_and_changes_nothing(app: App, twin: SlackTwin) -> None:
    app.showing(form())
    first = twin.view_of(SATO)
    assert first is not None
    updated = app.call("views.update", view_id=first["id"], view=form(text("other")), hash=first["hash"])
    assert updated["view"]["hash"] != first["hash"]
    assert app.error("views.update", view_id=first["id"], view=form(), hash=first["hash"]) == "hash_conflict"
    assert twin.view_of(SATO) == updated["view"]


def test_update_of_a_view_that_was_closed_is_refused(app: App, twin: SlackTwin) -> None:
    app.showing(form())
    view = twin.view_of(SATO)
    twin.close(SATO)
    assert view is not None
    assert app.error("views.update", view_id=view["id"], view=form()) == "not_found"
    assert app.error("views.update", view=form()) == "invalid_arguments"


def test_update_keeps_what_was_entered_into_the_same_field(app: App, twin: SlackTwin) -> None:
    app.showing(form(text("gist"), text("tried")))
    twin.fill(SATO, {"gist": "印刷できない", "tried": "再起動"})
    view = twin.view_of(SATO)
    assert view is not None
    other = text("tried") | {"element": {"type": "plain_text_input", "action_id": "other", "initial_value": "なし"}}
    updated = app.call("views.update", view_id=view["id"], view=form(text("gist", initial_value="x"), other))["view"]
    assert updated["state"]["values"] == {
        "gist": {"gist": {"type": "plain_text_input", "value": "印刷できない"}},
        "tried": {"other": {"type": "plain_text_input", "value": "なし"}},
    }


def test_view_can_be_named_by_the_app_but_not_twice(app: App, twin: SlackTwin) -> None:
    app.showing(form(external_id="mine"))
    assert app.error("views.push", trigger_id=trigger_without_view(app), view=form(external_id="mine")) == (
        "duplicate_external_id"
    )
    assert app.call("views.update", external_id="mine", view=form(text("other"), external_id="mine"))["ok"]


@pytest.mark.parametrize("change", [lambda view: view.update(title="x"), lambda view: view["blocks"].clear()])
def test_seen_view_cannot_be_changed_from_outside(
    app: App, twin: SlackTwin, change: Callable[[dict[str, Any]], None]
) -> None:
    app.showing(form())
    view = twin.view_of(SATO)
    assert view is not None
    change(view)
    assert twin.view_of(SATO) != view
