"""The forms about questions to colleagues at the door: what they are opened and sent with may be strange."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlmodel import func, select

from tests.slack_app import OURS, Json, Slack, read, variants
from tests.test_slack_wish_door import VALUES, form, is_answered
from tests.world import World
from workflows.engine.store import store
from workflows.tables.enquiry import Ask

PARTS = (
    *("trigger_id", "message", "message.text", "message.user", "message.thread_ts", "message_ts"),
    *("channel", "channel.id", "user.id"),
)


@pytest.fixture
async def slack(sqlite_url: str) -> AsyncIterator[Slack]:
    async with World(sqlite_url) as world:
        yield Slack(world)


def questions() -> int:
    """How many were asked."""
    return store.read(lambda session: session.exec(select(func.count()).select_from(Ask)).one())


@pytest.mark.parametrize("part", PARTS)
async def test_a_shortcut_of_which_something_is_missing_or_strange_is_no_error_of_ours(slack: Slack, part: str) -> None:
    whole = read(OURS / "message_action__escalate.json") | {"callback_id": "mark_answer"}
    whole["message"].setdefault("thread_ts", whole["message_ts"])
    for what, changed in variants(whole, part):
        assert await is_answered(slack, changed), (part, what)
    assert slack.world.slack.did("chat.postMessage") == []


@pytest.mark.parametrize("name", ["ask_colleagues", "mark_answer", "keep_answer"])
async def test_forms_about_nothing_change_nothing(slack: Slack, name: str) -> None:
    filled = {"person": "U0SATO", "question": "どこから", "way": "thread", "answer": "ここから", "ask": "1"}
    filled |= {"title": "題名", "text_ja": "本文"}
    for number, about in enumerate((*VALUES, "C0SUPPORT/1.1//", "C0SUPPORT/1.1/U0SATO/1")):
        assert await is_answered(slack, form(name, about, number, **filled))
    await slack.world.aside(slack.world.settle)
    assert (questions(), slack.world.slack.did("chat.postMessage")) == (0, [])
    assert {run.state for run in slack.world.runs()} <= {"done", "ignored"}


@pytest.mark.parametrize("button", ["ask_colleagues", "answer_ask", "unmark_answer", "keep_answer"])
async def test_buttons_about_nothing_change_nothing(slack: Slack, button: str) -> None:
    for value in VALUES:
        payload: Json = read(OURS / "block_actions__acknowledge.json")
        payload["actions"][0] |= {"action_id": button, "value": value}
        assert await is_answered(slack, payload)
    await slack.world.aside(slack.world.settle)
    assert (questions(), slack.world.slack.did("chat.postMessage")) == (0, [])
    assert {run.state for run in slack.world.runs()} <= {"done", "ignored"}
