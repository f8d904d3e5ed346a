"""What people do with the app in the Slack twin: each request has the published shape, each answer its effect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_app import (
    ESCALATIONS,
    SATO,
    SUPPORT,
    TANAKA,
    TEAM,
    TOKEN,
    App,
    Json,
    company,
    field,
    form,
    furnished,
    option,
    plain,
    text,
)

from integrations.slack.twin import APP, BOT_USER, Screen, SlackTwin, Unanswered
from integrations.twin_server import Serving, serve

CONNECTING = "We had some trouble connecting ({}). Try again?"
NEEDED = "Please complete this required field."


@pytest.fixture
def twin() -> SlackTwin:
    return furnished()


@pytest.fixture
def app(twin: SlackTwin) -> App:
    return App(twin)


def shown(twin: SlackTwin, user: str = SATO) -> Json:
    """The view that somebody sees."""
    view = twin.view_of(user)
    assert view is not None
    return view


def entered(app: App) -> Json:
    """What the app was sent as the state of a form, without the types."""
    values = app.heard[-1]["view"]["state"]["values"]
    return {
        block: next(value for name, value in one.items() if name != "type")
        for block, actions in values.items()
        for one in actions.values()
    }


BUTTON = {"type": "button", "action_id": "acknowledge", "text": plain("引き受ける"), "value": "escalation-31"}
ASKED = [{"type": "actions", "block_id": "answers", "elements": [BUTTON]}]


def posted(app: App, channel: str = ESCALATIONS, blocks: list[Json] | None = None) -> str:
    """The ts of a message with a button."""
    return str(app.call("chat.postMessage", channel=channel, text="対応依頼", blocks=blocks or ASKED)["ts"])


# -- an app that does not answer as it must -------------------------------------------------------


def act(twin: SlackTwin, app: App, verb: str, answer: Callable[[Json], Any]) -> Screen:
    """Do one of the things that people do, so answered."""
    app.showing(form(company(), text("gist", initial_value="x"), *ASKED))
    ts = posted(app)
    app.on("block_suggestion", lambda _: {"options": [option("7")]})
    twin.suggest(SATO, "company", "ひ")
    for kind in ("shortcut", "message_action", "block_actions", "view_submission", "/escalate"):
        app.on(kind, answer)
    acts = {
        "shortcut": lambda: twin.use_shortcut(SATO, "escalate"),
        "message shortcut": lambda: twin.use_message_shortcut(SATO, "escalate_message", ESCALATIONS, ts),
        "button": lambda: twin.press(SATO, ESCALATIONS, ts, "acknowledge"),
        "button in a view": lambda: twin.press_in_view(SATO, "acknowledge"),
        "form": lambda: twin.submit(SATO, {"company": "7"}),
        "command": lambda: twin.command(SATO, SUPPORT, "/escalate", "x"),
    }
    return acts[verb]()


def trouble(verb: str, word: str) -> str:
    """What people read when something went wrong."""
    return f'/escalate failed with the error "{word}"' if verb == "command" else CONNECTING.format(word)


VERBS = ["shortcut", "message shortcut", "button", "button in a view", "form", "command"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", [301, 400, 404, 500])
def test_people_are_told_when_the_app_does_not_accept(twin: SlackTwin, app: App, verb: str, status: int) -> None:
    screen = act(twin, app, verb, lambda _: (status, {}, b""))
    assert screen.error == trouble(verb, "dispatch_failed")
    assert screen.view == shown(twin)  # what was open stays open


@pytest.mark.parametrize("verb", VERBS)
def test_people_are_told_when_the_app_answers_too_late(twin: SlackTwin, app: App, verb: str) -> None:
    screen = act(twin, app, verb, lambda _: app.wait(3.1))
    assert screen.error == trouble(verb, "operation_timeout")
    assert screen.view == shown(twin)


@pytest.mark.parametrize("verb", VERBS)
def test_answer_just_in_time_is_good(twin: SlackTwin, app: App, verb: str) -> None:
    assert act(twin, app, verb, lambda _: app.wait(2.9)).error == ""


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (httpx.ConnectError("refused"), "dispatch_failed"),
        (httpx.ReadTimeout("slow"), "operation_timeout"),
        (httpx.ReadError("reset"), "dispatch_failed"),
    ],
)
def test_app_that_cannot_be_reached_is_told_from_a_slow_one(twin: SlackTwin, error: Exception, word: str) -> None:
    def fail(headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        raise error

    twin.sender = fail
    assert twin.use_shortcut(SATO, "escalate").error == CONNECTING.format(word)


def test_twin_that_is_not_connected_reaches_nobody(twin: SlackTwin) -> None:
    assert twin.use_shortcut(SATO, "escalate").error == CONNECTING.format("dispatch_failed")


def test_view_opened_by_an_app_that_answers_late_is_seen_nevertheless(twin: SlackTwin, app: App) -> None:
    def open_and_dawdle(payload: Json) -> None:
        app.open_view(payload, form())
        app.wait(4)

    app.on("shortcut", open_and_dawdle)
    screen = twin.use_shortcut(SATO, "escalate")
    assert screen.error == CONNECTING.format("operation_timeout")
    assert screen.view == shown(twin)


# -- what no person could do ----------------------------------------------------------------------


def test_people_cannot_do_what_is_not_there(twin: SlackTwin, app: App) -> None:
    ts = posted(app)
    call = [
        lambda: twin.submit(SATO, {}),
        lambda: twin.close(SATO),
        lambda: twin.fill(SATO, {"gist": "x"}),
        lambda: twin.suggest(SATO, "company", "x"),
        lambda: twin.press_in_view(SATO, "judge"),
        lambda: twin.press(SATO, ESCALATIONS, ts, "finish"),
        lambda: twin.press(SATO, ESCALATIONS, "1.1", "acknowledge"),
        lambda: twin.press(SATO, "C0NOWHERE1", ts, "acknowledge"),
        lambda: twin.use_shortcut("U0NOBODY01", "escalate"),
        lambda: twin.use_message_shortcut(SATO, "escalate_message", SUPPORT, ts),
        lambda: twin.command(SATO, "C0NOWHERE1", "/owner"),
    ]
    for act in call:
        with pytest.raises(LookupError):
            act()
    assert app.heard == []


def test_people_who_left_do_nothing_any_more(twin: SlackTwin, app: App) -> None:
    twin.deactivate(SATO)
    with pytest.raises(LookupError, match="nobody here has the id"):
        twin.use_shortcut(SATO, "escalate")


def test_direct_messages_of_others_cannot_be_pressed(twin: SlackTwin, app: App) -> None:
    ts = posted(app, TANAKA)
    with pytest.raises(LookupError, match="direct messages of somebody else"):
        twin.press(SATO, "D0TANAKA02", ts, "acknowledge")


URGENCY = field(
    "urgency", {"type": "radio_buttons", "action_id": "urgency", "options": [option("now"), option("today")]}
)
OWNER = field("owner", {"type": "users_select", "action_id": "owner"})
DATE = field("date", {"type": "datepicker", "action_id": "date"}, optional=True)
WHERE = field("where", {"type": "channels_select", "action_id": "where"}, optional=True)
BOXES = field("boxes", {"type": "checkboxes", "action_id": "boxes", "options": [option("1")]}, optional=True)


@pytest.mark.parametrize(
    ("block_id", "value"),
    [
        ("urgency", "tomorrow"),
        ("company", "7"),
        ("owner", "U0NOBODY01"),
        ("owner", "佐藤"),
        ("date", "明日"),
        ("date", "2026-02-30"),
        ("where", "C0NOWHERE1"),
        ("boxes", "1"),
        ("shoe_size", "27"),
    ],
)
def test_people_can_enter_only_what_a_field_takes(twin: SlackTwin, app: App, block_id: str, value: str) -> None:
    app.showing(form(company(), URGENCY, OWNER, DATE, WHERE, BOXES, text("gist")))
    before = shown(twin)
    with pytest.raises(LookupError):
        twin.fill(SATO, {"gist": "至急", block_id: value})
    assert shown(twin) == before


def test_people_who_left_cannot_be_chosen(twin: SlackTwin, app: App) -> None:
    app.showing(form(OWNER))
    twin.deactivate(TANAKA)
    with pytest.raises(LookupError):
        twin.fill(SATO, {"owner": TANAKA})


def test_view_without_a_button_to_send_it_cannot_be_sent(twin: SlackTwin, app: App) -> None:
    app.showing(form({"type": "divider"}, submit=None))
    with pytest.raises(LookupError, match="no button to send it"):
        twin.submit(SATO)


# -- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "value", "complaint"),
    [
        (text("f"), "", NEEDED),
        (URGENCY | {"block_id": "f"}, "", NEEDED),
        (text("f", max_length=150), "長" * 151, "Please enter no more than 150 characters."),
        (text("f"), "長" * 3001, "Please enter no more than 3000 characters."),
        (text("f", min_length=5), "短い", "Please enter at least 5 characters."),
    ],
)
def test_slack_itself_stops_a_form_that_is_incomplete(
    twin: SlackTwin, app: App, block: Json, value: str, complaint: str
) -> None:
    app.showing(form(block, text("tried") | {"optional": True}))
    before = len(app.heard)
    screen = twin.submit(SATO, {"f": value})
    assert screen.errors == {"f": complaint}
    assert screen.view == shown(twin)
    assert len(app.heard) == before


def test_form_is_sent_with_every_field_even_if_empty(twin: SlackTwin, app: App) -> None:
    app.showing(form(company(), URGENCY, OWNER, DATE, text("gist"), text("tried") | {"optional": True}))
    app.on("block_suggestion", lambda payload: {"options": [option("new:ひかり", f"新しい会社: {payload['value']}")]})
    twin.suggest(SATO, "company", "ひかり")
    screen = twin.submit(SATO, {"company": "new:ひかり", "urgency": "now", "owner": TANAKA, "gist": "印刷が\nできない"})
    assert (screen.view, screen.errors, screen.error) == (None, {}, "")
    assert entered(app) == {
        "company": option("new:ひかり", "新しい会社: ひかり"),
        "urgency": option("now"),
        "owner": TANAKA,
        "date": None,
        "gist": "印刷が できない",
        "tried": None,
    }


def test_what_was_entered_can_be_emptied_again(twin: SlackTwin, app: App) -> None:
    app.showing(form(DATE, text("gist", multiline=True, initial_value="下書き")))
    twin.fill(SATO, {"date": "2026-11-30", "gist": "一行目\n二行目"})
    twin.submit(SATO, {"date": ""})
    assert entered(app) == {"date": None, "gist": "一行目\n二行目"}


def test_initial_values_are_sent_unless_changed(twin: SlackTwin, app: App) -> None:
    urgency = {**URGENCY["element"], "initial_option": option("today")}
    known = company(initial_option=option("7", "ひかり食品"))
    app.showing(form(known, field("urgency", urgency), field("owner", {**OWNER["element"], "initial_user": TANAKA})))
    twin.submit(SATO)
    assert entered(app) == {"company": option("7", "ひかり食品"), "urgency": option("today"), "owner": TANAKA}
    app.showing(form(known))
    twin.submit(SATO, {"company": "7"})
    assert entered(app) == {"company": option("7", "ひかり食品")}


def test_complaints_of_the_app_stand_under_the_fields_and_the_form_can_be_sent_again(twin: SlackTwin, app: App) -> None:
    app.showing(form())
    app.on("view_submission", lambda _: {"response_action": "errors", "errors": {"gist": "要点を一行で書いてください"}})
    screen = twin.submit(SATO, {"gist": "x"})
    assert screen.errors == {"gist": "要点を一行で書いてください"}
    assert screen.error == ""
    first = app.heard[-1]
    app.on("view_submission", lambda _: None)
    assert twin.submit(SATO, {"gist": "印刷できない"}).view is None
    again = app.heard[-1]
    assert (again["view"]["id"], again["view"]["hash"]) == (first["view"]["id"], first["view"]["hash"])
    assert again["trigger_id"] != first["trigger_id"]


WRONG_ANSWERS: list[tuple[Any, str]] = [
    ({"response_action": "errors", "errors": {"shoe_size": "x"}}, "invalid_response: no input block: shoe_size"),
    ({"response_action": "errors", "errors": {"note": "x"}}, "invalid_response: no input block: note"),
    ({"response_action": "errors", "errors": {}}, "invalid_response: errors must be texts by block_id"),
    ({"response_action": "errors"}, "invalid_response: errors must be texts by block_id"),
    ({"response_action": "errors", "errors": {"gist": 7}}, "invalid_response: errors must be texts by block_id"),
    ({"response_action": "open"}, "invalid_response: no response_action"),
    ({"ok": True}, "invalid_response: no response_action"),
    ("thanks", "invalid_response: no response_action"),
    ((200, {"Content-Type": "application/json"}, b"{"), "invalid_response: no response_action"),
    ((200, {"Content-Type": "application/json"}, b"[]"), "invalid_response: no response_action"),
    (
        {"response_action": "update", "view": form(submit=None)},
        "invalid_arguments: [ERROR] missing required field: submit [json-pointer:/view]",
    ),
    ({"response_action": "push"}, "invalid_arguments: [ERROR] must be an object [json-pointer:/view]"),
]


@pytest.mark.parametrize(("answer", "word"), WRONG_ANSWERS)
def test_answer_to_a_form_that_slack_does_not_understand_leaves_it_open(
    twin: SlackTwin, app: App, answer: Any, word: str
) -> None:
    note = {"type": "section", "block_id": "note", "text": plain("x")}
    app.showing(form(text("gist", initial_value="x"), note))
    app.on("view_submission", lambda _: answer)
    screen = twin.submit(SATO)
    assert screen.error == CONNECTING.format(word)
    assert screen.errors == {}
    assert screen.view == shown(twin)


MENU = {"type": "static_select", "action_id": "m", "placeholder": plain("選ぶ"), "options": [option("1", "一")]}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "actions", "block_id": "menu", "elements": [MENU]},
        {"type": "section", "block_id": "menu", "text": plain("x"), "accessory": MENU},
    ],
)
def test_menu_that_is_no_input_has_a_state_but_takes_no_complaints(twin: SlackTwin, app: App, block: Json) -> None:
    app.showing(form(WHERE, block, text("gist")))
    app.on("view_submission", lambda _: {"response_action": "errors", "errors": {"menu": "選び直してください"}})
    screen = twin.submit(SATO, {"menu": "1", "where": SUPPORT, "gist": "x"})
    assert entered(app) == {"where": SUPPORT, "menu": option("1", "一"), "gist": "x"}
    assert screen.error == CONNECTING.format("invalid_response: no input block: menu")


@pytest.mark.parametrize("answer", [None, (200, {"Content-Type": "application/json"}, b""), {}])
def test_empty_answer_closes_this_view_only(twin: SlackTwin, app: App, answer: Any) -> None:
    app.showing(form(callback_id="first"))
    app.on("shortcut", lambda payload: app.call("views.push", trigger_id=payload["trigger_id"], view=form()) and None)
    twin.use_shortcut(SATO, "escalate")
    app.on("view_submission", lambda _: answer)
    screen = twin.submit(SATO, {"gist": "x"})
    assert screen.view is not None
    assert screen.view["callback_id"] == "first"


def test_form_gives_way_to_another_in_its_place(twin: SlackTwin, app: App) -> None:
    app.showing(form())
    before = shown(twin)
    notice = form({"type": "section", "text": plain("受け付けました")}, submit=None, callback_id="")
    app.on("view_submission", lambda _: {"response_action": "update", "view": notice})
    view = twin.submit(SATO, {"gist": "x"}).view
    assert view is not None
    assert (view["id"], view["submit"], view["state"]) == (before["id"], None, {"values": {}})
    assert view["hash"] != before["hash"]


def test_form_can_push_another_and_clear_all(twin: SlackTwin, app: App) -> None:
    app.showing(form(callback_id="first"))
    app.on("view_submission", lambda _: {"response_action": "push", "view": form(callback_id="second")})
    view = twin.submit(SATO, {"gist": "x"}).view
    assert view is not None
    assert (view["callback_id"], view["previous_view_id"]) == ("second", view["root_view_id"])
    app.on("view_submission", lambda _: {"response_action": "clear"})
    assert twin.submit(SATO, {"gist": "x"}).view is None


def test_fourth_view_cannot_be_pushed_by_an_answer_either(twin: SlackTwin, app: App) -> None:
    app.showing(form())
    app.on("view_submission", lambda _: {"response_action": "push", "view": form()})
    assert [twin.submit(SATO, {"gist": "x"}).error for _ in range(3)] == [
        "",
        "",
        CONNECTING.format("push_limit_reached"),
    ]


def test_form_may_be_updated_while_it_is_being_sent(twin: SlackTwin, app: App) -> None:
    app.showing(form())

    def update(payload: Json) -> Json:
        view = form({"type": "divider"}, submit=None, callback_id="wait")
        assert app.call("views.update", view_id=payload["view"]["id"], hash=payload["view"]["hash"], view=view)["ok"]
        return {"response_action": "push", "view": form(callback_id="second")}

    app.on("view_submission", update)
    twin.submit(SATO, {"gist": "x"})
    assert shown(twin)["callback_id"] == "second"
    assert (view := twin.close(SATO).view) is not None
    assert view["callback_id"] == "wait"


@pytest.mark.parametrize("action", ["update", "push", "clear"])
def test_answer_to_a_form_that_was_closed_meanwhile_changes_nothing(twin: SlackTwin, app: App, action: str) -> None:
    app.showing(form(callback_id="first"))

    def close_and_open(payload: Json) -> Json:
        twin.close(SATO)
        app.showing(form(callback_id="second"))
        return {"response_action": action, "view": form(callback_id="third")}

    app.on("view_submission", close_and_open)
    assert (view := twin.submit(SATO, {"gist": "x"}).view) is not None
    assert view["callback_id"] == "second"


# -- typeaheads -----------------------------------------------------------------------------------


def test_suggestions_are_asked_for_from_the_first_character_that_counts(twin: SlackTwin, app: App) -> None:
    app.showing(form(company(min_query_length=2), field("other", {"type": "external_select", "action_id": "o"})))
    app.on("block_suggestion", lambda payload: {"options": [option("7", f"{payload['value']}食品")]})
    asked = len(app.heard)
    assert twin.suggest(SATO, "company", "ひ") == []
    assert twin.suggest(SATO, "other", "ひか") == []  # three characters, unless the app says otherwise
    assert len(app.heard) == asked
    assert twin.suggest(SATO, "company", "ひか") == [("7", "ひか食品")]
    assert twin.suggest(SATO, "company", "ひかり") == [("7", "ひかり食品")]


def test_suggestions_may_come_in_groups_or_be_none(twin: SlackTwin, app: App) -> None:
    app.showing(form(company()))
    groups = [
        {"label": plain("取引先"), "options": [option("7")]},
        {"label": plain("見込み"), "options": [option("8")]},
    ]
    app.on("block_suggestion", lambda _: {"option_groups": groups})
    assert twin.suggest(SATO, "company", "ひ") == [("7", "7"), ("8", "8")]
    app.on("block_suggestion", lambda _: {"options": []})
    assert twin.suggest(SATO, "company", "ひ") == []


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"options": [option(str(n)) for n in range(101)]}, "no more than 100 items allowed"),
        ({"options": [option("7", "社" * 76)]}, "must be less than 76 characters"),
        ({"options": [option("7" * 151, "x")]}, "must be less than 151 characters"),
        ({"options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "7"}]}, "must be a plain_text object"),
        ({"options": None}, "must be an array"),
        ({}, "dispatch_failed"),
        (None, "dispatch_failed"),
        ("ひかり食品", "dispatch_failed"),
        ((500, {}, b""), "dispatch_failed"),
    ],
)
def test_suggestions_that_slack_does_not_show_are_none(twin: SlackTwin, app: App, answer: Any, word: str) -> None:
    app.showing(form(company()))
    app.on("block_suggestion", lambda _: answer)
    with pytest.raises(Unanswered) as failed:
        twin.suggest(SATO, "company", "ひ")
    assert word in str(failed.value)


def test_suggestions_that_come_late_are_none(twin: SlackTwin, app: App) -> None:
    app.showing(form(company()))
    app.on("block_suggestion", lambda _: app.wait(3.1) or {"options": []})
    with pytest.raises(Unanswered, match="operation_timeout"):
        twin.suggest(SATO, "company", "ひ")


def test_only_menus_of_the_app_are_suggested_to(twin: SlackTwin, app: App) -> None:
    app.showing(form(text("gist")))
    with pytest.raises(LookupError, match="no menu whose options the app supplies"):
        twin.suggest(SATO, "gist", "ひかり")


# -- buttons --------------------------------------------------------------------------------------


def test_button_in_a_message_tells_which_one_and_where(twin: SlackTwin, app: App) -> None:
    ts = posted(app)
    assert twin.press(SATO, ESCALATIONS, ts, "acknowledge").error == ""
    sent = app.heard[-1]
    [action] = sent["actions"]
    assert {name: action[name] for name in ("type", "action_id", "block_id", "value")} == {
        "type": "button",
        "action_id": "acknowledge",
        "block_id": "answers",
        "value": "escalation-31",
    }
    assert sent["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": ESCALATIONS,
        "is_ephemeral": False,
    }
    assert sent["channel"] == {"id": ESCALATIONS, "name": "privategroup"}
    assert (sent["message"]["ts"], sent["message"]["user"], "view" in sent) == (ts, BOT_USER, False)


def test_button_beside_a_text_and_in_direct_messages(twin: SlackTwin, app: App) -> None:
    beside = {"type": "section", "text": plain("x"), "accessory": {"type": "button", "text": plain("開く")}}
    ts = posted(app, SATO, [beside])
    [message] = twin.messages("D0SATOMI01")
    named = message["blocks"][0]["accessory"]["action_id"]
    twin.press(SATO, "D0SATOMI01", ts, named)
    assert "value" not in app.heard[-1]["actions"][0]
    assert app.heard[-1]["channel"] == {"id": "D0SATOMI01", "name": "directmessage"}


def test_button_in_a_whisper_comes_without_the_message(twin: SlackTwin, app: App) -> None:
    twin.join(SUPPORT, SATO)
    said = app.call("chat.postEphemeral", channel=SUPPORT, user=SATO, text="記録しますか", blocks=ASKED)
    with pytest.raises(LookupError):
        twin.press(TANAKA, SUPPORT, said["message_ts"], "acknowledge")
    twin.press(SATO, SUPPORT, said["message_ts"], "acknowledge")
    assert app.heard[-1]["container"]["is_ephemeral"] is True
    assert "message" not in app.heard[-1]


def test_button_in_a_view_comes_with_the_view_as_it_is_filled_in(twin: SlackTwin, app: App) -> None:
    app.showing(form(text("gist"), *ASKED))
    twin.fill(SATO, {"gist": "至急"})
    twin.press_in_view(SATO, "acknowledge")
    sent = app.heard[-1]
    assert sent["container"] == {"type": "view", "view_id": shown(twin)["id"]}
    assert sent["view"] == shown(twin)
    assert not {"channel", "message", "response_url"} & set(sent)


def test_two_people_can_press_the_same_button_though_the_message_changed_meanwhile(twin: SlackTwin, app: App) -> None:
    ts = posted(app)
    [seen] = twin.messages(ESCALATIONS)
    app.call("chat.update", channel=ESCALATIONS, ts=ts, text="対応中です")
    with pytest.raises(LookupError, match="no button 'acknowledge' here"):
        twin.press(TANAKA, ESCALATIONS, ts, "acknowledge")
    twin.press(TANAKA, ESCALATIONS, ts, "acknowledge", seen)
    assert app.heard[-1]["message"]["text"] == "対応依頼"
    assert app.heard[-1]["actions"][0]["value"] == "escalation-31"
    assert [message["text"] for message in twin.messages(ESCALATIONS)] == ["対応中です"]


def test_who_does_something_in_a_channel_is_a_member_of_it(twin: SlackTwin, app: App) -> None:
    told = {"channel": SUPPORT, "user": SATO, "text": "記録しました"}
    assert app.error("chat.postEphemeral", **told) == "user_not_in_channel"
    twin.command(SATO, SUPPORT, "/owner")
    assert app.call("chat.postEphemeral", **told)["ok"]


def test_metadata_is_not_part_of_a_message_that_is_sent(twin: SlackTwin, app: App) -> None:
    metadata = {"event_type": "yamabiko", "event_payload": {"key": "escalation-31"}}
    ts = app.call("chat.postMessage", channel=SUPPORT, text="x", blocks=ASKED, metadata=metadata)["ts"]
    twin.press(SATO, SUPPORT, ts, "acknowledge")
    twin.use_message_shortcut(SATO, "escalate_message", SUPPORT, ts)
    assert [("metadata" in sent["message"]) for sent in app.heard] == [False, False]


# -- shortcuts and commands -----------------------------------------------------------------------


def test_message_shortcut_brings_the_message(twin: SlackTwin, app: App) -> None:
    root = twin.say(SUPPORT, TANAKA, "ひかり食品様がお怒りです")
    ts = twin.say(SUPPORT, SATO, "確認します", thread_ts=root)
    twin.use_message_shortcut(SATO, "escalate_message", SUPPORT, ts)
    sent = app.heard[-1]
    assert (sent["message_ts"], sent["message"]["text"], sent["message"]["thread_ts"]) == (ts, "確認します", root)
    assert sent["channel"] == {"id": SUPPORT, "name": "support"}


def test_command_brings_what_was_written_as_it_was_written(twin: SlackTwin, app: App) -> None:
    app.on("/owner", lambda form: f"{form['text']} の担当者は佐藤です")
    screen = twin.command(SATO, SUPPORT, "/owner", "青葉 & 製作所 <本社>")
    assert app.heard[-1]["text"] == "青葉 & 製作所 <本社>"
    assert screen.said == "青葉 & 製作所 <本社> の担当者は佐藤です"
    assert [(one["text"], one["channel"], one["user"]) for one in twin.whispers_to(SATO)] == [
        (screen.said, SUPPORT, BOT_USER)
    ]
    assert twin.whispers_to(TANAKA) == twin.messages(SUPPORT) == []


def test_answer_to_a_command_may_have_blocks(twin: SlackTwin, app: App) -> None:
    app.on("/dossier", lambda _: {"response_type": "ephemeral", "text": "x", "blocks": ASKED})
    screen = twin.command(SATO, SUPPORT, "/dossier", "ひかり")
    assert [block["block_id"] for block in screen.blocks] == ["answers"]
    twin.press(SATO, SUPPORT, twin.whispers_to(SATO)[0]["ts"], "acknowledge")
    assert app.heard[-1]["container"]["is_ephemeral"] is True


def test_answer_to_a_command_may_be_for_everybody(twin: SlackTwin, app: App) -> None:
    app.on("/owner", lambda _: {"response_type": "in_channel", "text": "担当者は佐藤です"})
    assert twin.command(SATO, SUPPORT, "/owner").said == "担当者は佐藤です"
    assert [message["text"] for message in twin.messages(SUPPORT)] == ["担当者は佐藤です"]
    assert twin.whispers_to(SATO) == []


@pytest.mark.parametrize("answer", [None, {}, {"response_type": "ephemeral"}])
def test_command_may_be_answered_with_nothing(twin: SlackTwin, app: App, answer: Any) -> None:
    app.on("/escalate", lambda payload: app.open_view(payload, form()) or answer)
    screen = twin.command(SATO, SUPPORT, "/escalate", "ひかり")
    assert (screen.said, screen.error, screen.view) == ("", "", shown(twin))
    assert twin.whispers_to(SATO) == []


def test_answer_to_a_command_with_wrong_blocks_is_not_shown(twin: SlackTwin, app: App) -> None:
    app.on("/owner", lambda _: {"text": "x", "blocks": [{"type": "poster"}]})
    screen = twin.command(SATO, SUPPORT, "/owner")
    assert screen.error.startswith('/owner failed with the error "invalid_blocks: [ERROR] unsupported type: poster')
    assert (screen.said, twin.whispers_to(SATO)) == ("", [])


def test_whispers_are_kept_for_the_person_they_are_for(twin: SlackTwin, app: App) -> None:
    twin.join(SUPPORT, SATO)
    app.call("chat.postEphemeral", channel=SUPPORT, user=SATO, text="確認しました", blocks=ASKED)
    [whisper] = twin.whispers_to(SATO)
    assert (whisper["text"], whisper["channel"], whisper["name"]) == ("確認しました", SUPPORT, "yamabiko")
    assert whisper["blocks"] == ASKED
    assert twin.messages(SUPPORT) == twin.whispers_to(TANAKA) == []


def test_direct_messages_that_nobody_opened_are_empty(twin: SlackTwin) -> None:
    assert twin.messages("D0SATOMI01") == []
    with pytest.raises(KeyError):
        twin.messages("D0NOBODY01")


# -- closing --------------------------------------------------------------------------------------


def test_app_hears_of_a_closed_view_only_if_it_wants_to(twin: SlackTwin, app: App) -> None:
    app.showing(form())
    asked = len(app.heard)
    assert twin.close(SATO).view is None
    assert len(app.heard) == asked
    app.showing(form(notify_on_close=True))
    twin.fill(SATO, {"gist": "内緒"})
    twin.close(SATO)
    assert (app.heard[-1]["type"], app.heard[-1]["is_cleared"]) == ("view_closed", False)
    assert app.heard[-1]["view"]["state"] == {"values": {}}


@pytest.mark.parametrize(("settings", "everything"), [({"clear_on_close": True}, False), ({}, True)])
def test_stack_can_be_closed_as_a_whole(twin: SlackTwin, app: App, settings: Json, everything: bool) -> None:
    app.showing(form(callback_id="first", notify_on_close=True))
    second = form(callback_id="second", notify_on_close=True, **settings)
    app.on("view_submission", lambda _: {"response_action": "push", "view": second})
    twin.submit(SATO, {"gist": "x"})
    assert twin.close(SATO, everything).view is None
    closed = [(sent["view"]["callback_id"], sent["is_cleared"]) for sent in app.heard if sent["type"] == "view_closed"]
    assert closed == [("second", True), ("first", True)]


# -- over real sockets ----------------------------------------------------------------------------


def test_interactions_are_sent_at_once_while_webhooks_are_held(twin: SlackTwin, app: App) -> None:
    twin.held = []
    twin.use_shortcut(SATO, "escalate")
    assert [sent["type"] for sent in app.heard] == ["shortcut"]
    assert twin.held == []


def test_app_may_call_back_from_another_thread_while_it_answers(twin: SlackTwin, app: App) -> None:
    def open_elsewhere(payload: Json) -> None:
        thread = threading.Thread(target=app.open_view, args=(payload, form()))
        thread.start()
        thread.join(2)
        assert not thread.is_alive()

    app.on("shortcut", open_elsewhere)
    assert twin.use_shortcut(SATO, "escalate").view == shown(twin)


class Service:
    """A service behind a real port: opens a view at the twin, then answers."""

    def __init__(self, twin_url: str) -> None:
        self.twin_url, self.status = twin_url, 200
        self.seen: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.seen.append((await receive())["body"])
        async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {TOKEN}"}) as client:
            await client.post(f"{self.twin_url}/slack/api/auth.test")
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_interactions_go_over_http_to_the_connected_address(twin: SlackTwin) -> None:
    server = serve({"slack": twin})
    service = Service(server.url)
    door = Serving(service)
    twin.webhook_url = f"{door.url}/slack/events"
    try:
        assert twin.use_shortcut(SATO, "escalate").error == ""
        assert service.seen[0].startswith(b"payload=")
        service.status = 503
        assert twin.use_shortcut(SATO, "escalate").error == CONNECTING.format("dispatch_failed")
    finally:
        door.stop()
        server.stop()


def test_requests_name_app_and_workspace(twin: SlackTwin, app: App) -> None:
    twin.use_shortcut(SATO, "escalate")
    twin.command(SATO, SUPPORT, "/owner")
    assert (app.heard[0]["api_app_id"], app.heard[0]["team"]["id"]) == (APP, TEAM)
    assert (app.heard[1]["api_app_id"], app.heard[1]["team_id"]) == (APP, TEAM)
