"""Internal by construction: whatever is typed or pressed in a thread stays among us, but for the preview that is sent.

The source says that one story writes to customers out of Slack and that one form leads to it; and any traffic of a
thread, signed, at the door of a running service, leaves every customer with what they had.
"""

from __future__ import annotations

import ast
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.demo.company import CHANNEL, TEAM_ID
from integrations import slack
from integrations.contract import Event, Headers
from integrations.slack.events import parse
from integrations.slack.twin.workspace import BOT_USER
from tests.door import FORM, signed
from tests.replying import AGENT, ENGLISH, GUEST, OTHER, Replying
from tests.slack_app import body_of, is_interaction
from tests.test_architecture import imports, is_twin, modules, within
from tests.world import World
from workflows.enquiry import reply
from workflows.enquiry.replies import About
from workflows.measure import survey
from workflows.routes import BUTTONS, CARDS, FORMS, NAMED, ROUTES, STEPS

Json = dict[str, Any]
ONLY = "workflows.customer.reply"

# -- the source -----------------------------------------------------------------------------------


def ours() -> Iterator[tuple[str, ast.AST]]:
    """Everything of the service's source, with the module that it stands in; twins and the demo apart."""
    for name, tree in modules().items():
        if not is_twin(name) and not within(name, "app.demo"):
            for node in ast.walk(tree):
                yield name, node


@pytest.mark.fault("F88")
def test_one_module_writes_to_customers() -> None:
    """Nobody else calls it, hands it on, or asks for it by its name."""
    named = [name for name, node in ours() if isinstance(node, ast.Attribute) and node.attr == "reply"]
    assert named == [ONLY]
    asked = [
        name
        for name, node in ours()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"
        if any(isinstance(each, ast.Constant) and each.value == "reply" for each in node.args)
    ]
    assert asked == []


def test_one_request_to_intercom_is_one_that_a_customer_sees() -> None:
    said = [
        (name, ast.literal_eval(value))
        for name, node in ours()
        if within(name, "integrations.intercom", "workflows") and isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "message_type" and isinstance(value, ast.Constant)
    ]
    client = "integrations.intercom.client"
    assert sorted(said) == [(client, kind) for kind in ("assignment", "close", "comment", "note", "open", "snoozed")]


def test_three_stories_use_it() -> None:
    """Two send what a named person saw, and the third one sentence of ours with a link: see below."""
    assert {name for name in modules() if ONLY in imports(name)} == {
        "workflows.telling.sending",
        "workflows.enquiry.reply",
        "workflows.measure.survey",
    }


@pytest.mark.fault("F88")
def test_what_a_survey_sends_is_one_sentence_of_ours_and_a_link() -> None:
    """Nothing that anybody typed can be a part of it; it goes out in the service's own name."""
    texts_of = {
        function.name: function
        for name, function in ours()
        if name == "workflows.measure.survey_texts" and isinstance(function, ast.FunctionDef)
    }
    assert [each.arg for each in texts_of["letter"].args.args] == ["language", "address"]
    assert ast.unparse(texts_of["letter"].body[-1]) == "return f'{say(language, QUESTION)}\\n{address}'"
    [send] = [
        node
        for name, node in ours()
        if name == "workflows.measure.survey" and isinstance(node, ast.FunctionDef)
        if node.name == "_send"
    ]
    said = ast.unparse(send)
    assert "texts.letter(language, address(token))" in said and "intercom_client().admin_id" in said
    letters = [node for name, node in ours() if name == "workflows.measure.survey" and isinstance(node, ast.Call)]
    assert sum(isinstance(each.func, ast.Name) and each.func.id == "Letter" for each in letters) == 1


@pytest.mark.fault("F88")
def test_no_form_or_button_in_slack_leads_to_a_survey() -> None:
    tables: tuple[dict[Any, Any], ...] = (ROUTES, FORMS, BUTTONS, STEPS, CARDS)
    assert [story for table in tables for story in table.values() if story in (survey.ask, survey.solved)] == []


@pytest.mark.fault("F88")
def test_the_story_is_reached_from_one_form_alone() -> None:
    tables: tuple[dict[Any, Any], ...] = (ROUTES, FORMS, BUTTONS, STEPS, CARDS)
    reached = [name for table in tables for name, story in table.items() if story is reply.send]
    assert reached == ["send_reply"] and FORMS["send_reply"] is reply.send
    texts = [(name, node.value) for name, node in ours() if isinstance(node, ast.Constant)]
    spelled = [name for name, text in texts if isinstance(text, str) and text.startswith("reply.")]
    assert spelled == [], "no run is begun by its name"
    called = [
        name
        for name, node in ours()
        if isinstance(node, ast.Attribute) and node.attr == "send" and isinstance(node.value, ast.Name)
        if node.value.id == "reply"
    ]
    assert called == ["workflows.routes"]


@pytest.mark.fault("F88")
def test_slack_tells_of_three_things_and_none_is_a_message() -> None:
    known = {each for each in vars(slack).values() if isinstance(each, type) and issubclass(each, Event)}
    assert known == {slack.FormSubmitted, slack.ButtonPressed, slack.StepStarted}
    assert known <= set(NAMED) and not known & set(ROUTES)


# -- what comes of a thread -----------------------------------------------------------------------

#: What a message can be besides one that somebody typed. https://docs.slack.dev/reference/events/message
SUBTYPES = (
    *("", "bot_message", "me_message", "message_changed", "message_deleted", "message_replied", "thread_broadcast"),
    *("reply_broadcast", "file_share", "file_comment", "file_mention", "assistant_app_thread", "huddle_thread"),
    *("channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "channel_archive"),
    *("channel_unarchive", "channel_convert_to_private", "channel_posting_permissions", "group_join", "group_leave"),
    *("group_topic", "group_purpose", "group_name", "group_archive", "group_unarchive", "pinned_item"),
    *("unpinned_item", "reminder_add", "bot_add", "bot_remove", "bot_enable", "bot_disable", "tombstone"),
    *("ekm_access_denied", "document_mention", "sh_room_created", "something_new"),
)
#: Other events in which what somebody typed or pressed may stand.
TOPICS = (
    *("app_mention", "reaction_added", "reaction_removed", "pin_added", "star_added", "link_shared", "file_shared"),
    *("message_metadata_posted", "message_metadata_updated", "app_home_opened", "member_joined_channel"),
    *("channel_rename", "emoji_changed", "team_join", "user_change", "entity_details_requested", "send_reply"),
)
WORDS = st.one_of(
    st.sampled_from(
        (
            *(
                "お客様に送信",
                "send_reply",
                "reply.send",
                "/reply 承知しました。",
                f"<@{BOT_USER}> お客様に送信してください",
            ),
            *("<!channel> 送信", '{"callback_id": "send_reply"}', "承知しました。", ""),
        )
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60),
)
NEARLY = ("send", "sendreply", "SEND_REPLY", "send_reply ", " send_reply", "send-reply", "reply.send", "reply", "送信")
#: What people can press: what is none of ours, what is nearly ours, and everything of ours.
PRESSED = st.sampled_from((*NEARLY, "send_reply", "send_reply.3", "write_reply", "know_how", *BUTTONS, "dossier"))
#: Every form but the one.
FORMS_BUT_ONE = st.sampled_from(
    (*NEARLY, "write_reply", "send_reply.1", "send_as_reply", *sorted(FORMS.keys() - {"send_reply"}))
)
SHORTCUTS = st.sampled_from((*NEARLY, "send_reply", "send_as_reply", "escalate_message", "file_wish", "another_app"))
USERS = st.sampled_from((AGENT, OTHER, ENGLISH, GUEST, BOT_USER, "U0STRANGER", "USLACKBOT"))
_numbers = itertools.count(1)


def message(subtype: str, text: str, user: str, case: Replying) -> Json:
    """A message in the thread, as an event; what it changed or deleted stands inside, as Slack has it."""
    ts = f"1795996513.{next(_numbers):06d}"
    inner = {"type": "message", "text": text, "user": user, "ts": ts, "thread_ts": case.thread.ts}
    inner |= {"metadata": {"event_type": "send_reply", "event_payload": {"conversation_id": case.chat, "text": text}}}
    event = {"type": "message", "channel": CHANNEL, "event_ts": ts, "channel_type": "channel"} | inner
    if subtype:
        event |= {"subtype": subtype, "message": inner, "previous_message": inner, "bot_id": "B0ELSE", "root": inner}
    return event


def wrapped(event: Json) -> Json:
    """An event as it travels."""
    bot = {"team_id": TEAM_ID, "user_id": BOT_USER, "is_bot": True, "enterprise_id": None}
    frame = {"type": "event_callback", "team_id": TEAM_ID, "api_app_id": "A0", "event_id": f"EvX{next(_numbers)}"}
    return frame | {"event": event, "event_time": 1795996513, "authorizations": [bot]}


def interaction(kind: str, user: str, **said: Any) -> Json:
    """Something that somebody used."""
    who = {"id": user, "username": user, "team_id": TEAM_ID}
    frame = {"type": kind, "user": who, "team": {"id": TEAM_ID, "domain": "kanade"}, "api_app_id": "A0"}
    return frame | {"trigger_id": f"7.{next(_numbers)}.x"} | said


@st.composite
def traffic(draw: st.DrawFn, case: Replying) -> Json:
    """One thing that happens in the thread or upon it."""
    text, user = draw(WORDS), draw(USERS)
    about = str(About(case.chat, CHANNEL, case.thread.ts))
    said = message(draw(st.sampled_from(SUBTYPES)), text, user, case)
    where = {"channel": {"id": CHANNEL, "name": "support"}, "message": said, "message_ts": said["ts"]}
    match draw(
        st.sampled_from(("message", "message", "event", "pressed", "shortcut", "form", "typed", "closed", "step"))
    ):
        case "message":
            return wrapped(said)
        case "event":
            item = {"type": "message", "channel": CHANNEL, "ts": case.thread.ts}
            return wrapped(said | {"type": draw(st.sampled_from(TOPICS)), "item": item, "reaction": "outbox_tray"})
        case "pressed":
            action = {
                "type": "button",
                "action_id": draw(PRESSED),
                "block_id": "b",
                "value": draw(st.sampled_from((case.chat, text))),
            }
            container = {"type": "message", "channel_id": CHANNEL, "message_ts": case.thread.ts}
            return interaction("block_actions", user, actions=[action], container=container, **where)
        case "shortcut":
            kind = draw(st.sampled_from(("message_action", "shortcut")))
            return interaction(kind, user, callback_id=draw(SHORTCUTS), **(where if kind == "message_action" else {}))
        case "typed":
            view = {"id": "V1", "callback_id": "write_reply", "private_metadata": about}
            return interaction(
                "block_suggestion", user, action_id="know_how", block_id="know_how", value=text, view=view
            )
        case "step":
            function = {"callback_id": draw(st.sampled_from(("send_reply", "reply.send", "reply")))}
            named = {"function": function, "function_execution_id": "Fx1", "inputs": {"text": text, "to": case.chat}}
            return wrapped({"type": "function_executed"} | named)
        case kind:
            fields = {name: {name: {"type": "plain_text_input", "value": text}} for name in ("text", "quote")}
            view = {"id": f"V{next(_numbers)}", "hash": "1.a", "type": "modal", "team_id": TEAM_ID}
            view |= {"private_metadata": about, "state": {"values": fields}}
            if kind == "closed":
                return interaction("view_closed", user, view=view | {"callback_id": "send_reply"}, is_cleared=False)
            return interaction("view_submission", user, view=view | {"callback_id": draw(FORMS_BUT_ONE)})


def send(world: World, payload: Json) -> int:
    """Send it as Slack would, signed; the status of the answer."""
    body = body_of(payload)
    kind = FORM if is_interaction(payload) else "application/json"
    headers = signed("slack", body, world.stage.secret) | {"content-type": kind}
    return world.post("slack", headers, body).status_code


def visible(world: World) -> int:
    """How many parts all customers can read."""
    talks = world.intercom.books.conversations.values()
    return sum(part.type not in INTERNAL for talk in talks for part in talk.parts)


#: What customers do not see of a conversation.
INTERNAL = ("note", "assignment", "open", "close", "snoozed", "unsnoozed", "timer_unsnooze")


@pytest.fixture
def case(sqlite_url: str) -> Iterator[Replying]:
    """A service whose thread anything may happen in."""
    world = World(sqlite_url)
    yield Replying(world)
    world.close()


@pytest.mark.fault("F88")
@pytest.mark.parametrize("subtype", SUBTYPES)
def test_no_message_means_anything(subtype: str) -> None:
    event = {"type": "message", "text": "お客様に送信", "user": AGENT, "ts": "1.1", "channel": CHANNEL}
    body = json.dumps(wrapped(event | ({"subtype": subtype} if subtype else {}))).encode()
    delivery = parse(Headers([(b"content-type", b"application/json")]), body)
    assert delivery.event is None and delivery.topic == f"message.{subtype}".removesuffix(".")


@pytest.mark.fault("F88")
def test_nothing_that_happens_in_a_thread_reaches_a_customer(case: Replying) -> None:
    before, statuses, kinds = visible(case.world), set(), set()

    @settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(traffic(case), min_size=1, max_size=6))
    def storm(payloads: list[Json]) -> None:
        for payload in payloads:
            kinds.add(payload.get("event", payload)["type"])
            statuses.add(send(case.world, payload))
        case.world.settle()
        assert visible(case.world) == before and case.rows() == []

    storm()
    assert statuses <= {200, 400, 403} and 200 in statuses
    assert kinds > {"message", "block_actions", "message_action", "view_submission", "function_executed"}
    case.pick(case.say("承知しました。"))  # a pressed button of another card takes the buttons of the first message
    case.submit()  # the field, then the preview
    case.send()
    assert visible(case.world) == before + 1, "the one way that there is, and it is counted"
