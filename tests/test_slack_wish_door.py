"""The forms about wishes at the door: what they are opened and sent with may be missing, or strange."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from sqlmodel import func, select

from tests.asking import WHY
from tests.slack_app import OURS, Json, Slack, read, variants
from tests.world import World
from workflows.engine.store import store
from workflows.tables.wish import Context, Feedback

VALUES = ("", "0", "-1", "FB-0", "999999999", "9" * 5000, "²", "1; DROP TABLE feedback", "\ud800", "\0", ":", "1:1")
PLACES = (
    "C0SUPPORT/1.1//",
    "C0SUPPORT/1.1/1.1/kanade",
    "X/1.1//",
    "C0SUPPORT/1.1/1.1/evil.example/",
    "/" * 50,
    *VALUES,
)


@pytest.fixture
async def slack(sqlite_url: str) -> AsyncIterator[Slack]:
    async with World(sqlite_url) as world:
        yield Slack(world)


def shortcut() -> Json:
    """Somebody picks “File request” in the menu of a message."""
    return read(OURS / "message_action__escalate.json") | {"callback_id": "file_wish"}


def form(name: str, context: str, number: int = 0, **values: str) -> Json:
    """Somebody sends a form."""
    payload = read(OURS / "view_submission__judge.json")
    state = {block: {block: {"type": "plain_text_input", "value": text}} for block, text in values.items()}
    payload["view"] |= {
        "callback_id": name,
        "private_metadata": context,
        "id": f"V{number}",
        "state": {"values": state},
    }
    return payload


def rows() -> tuple[int, int]:
    """How many wishes there are, and how much is noted about them."""
    tables = (Feedback, Context)
    counts = [
        store.read(lambda session, table=each: session.exec(select(func.count()).select_from(table)).one())
        for each in tables
    ]
    return counts[0], counts[1]


async def is_answered(slack: Slack, payload: Json) -> bool:
    """Is it answered in a way of which Slack tells nobody that we failed?"""
    answer = await slack.send(payload)
    return answer.status_code == 200 or (400 <= answer.status_code < 500 and answer.text.count("\n") == 0)


@pytest.mark.parametrize(
    "part",
    ["trigger_id", "message", "message.text", "message.thread_ts", "message_ts", "channel", "team.domain", "user.id"],
)
async def test_a_shortcut_of_which_something_is_missing_or_strange_is_no_error_of_ours(slack: Slack, part: str) -> None:
    for what, changed in variants(shortcut(), part):
        assert await is_answered(slack, changed), (part, what)
    assert rows() == (0, 0)


async def test_forms_about_wishes_that_are_none_change_nothing(slack: Slack) -> None:
    await slack.world.aside(slack.world.wish, 0)
    for number, context in enumerate(each for each in VALUES if each != "1:1"):
        assert await is_answered(slack, form("context", context, number, kind="wish", background=WHY))
    await slack.world.aside(slack.world.settle)
    assert rows() == (1, 0)


async def test_forms_from_messages_that_are_none_file_nothing(slack: Slack) -> None:
    filled = {"company": "new:山田商店", "quote": "部署名がほしい", "kind": "wish"}
    for number, place in enumerate(PLACES):
        assert await is_answered(slack, form("file_wish", place, number, **filled))
    await slack.world.aside(slack.world.settle)
    assert rows() == (1, 0)  # the first two are the same message
    assert {run.state for run in slack.world.runs()} <= {"done", "ignored"}


async def test_buttons_of_wishes_that_are_none_open_nothing(slack: Slack) -> None:
    for value in VALUES:
        payload = read(OURS / "block_actions__acknowledge.json")
        payload["actions"][0] |= {"action_id": "write_context.1", "value": value}
        assert await is_answered(slack, payload)
    assert slack.world.slack.did("views.open") == []


STRANGE = (
    "<!channel> <@U0MORI> *x* `y` <https://evil.example|ここ>",
    "'; DROP TABLE feedback; --",
    "\u202e逆\u200b",
    "=HYPERLINK(1)",
)


@pytest.mark.parametrize("text", STRANGE)
async def test_whatever_is_written_stays_text_wherever_it_is_shown(slack: Slack, text: str) -> None:
    filled = {"company": f"new:{text}"[:150], "person": text, "quote": text, "kind": "wish", "background": text}
    assert (await slack.send(form("file_wish", "C0SUPPORT/1.1//kanade", **filled))).status_code == 200
    await slack.world.aside(slack.world.settle)
    said = json.dumps([effect.facts for effect in slack.world.slack.did("chat.postMessage")], ensure_ascii=False)
    for markup in ("<!channel>", "<@U0MORI>", "<https://evil", "\u202e"):
        assert markup not in said
    [wish] = slack.world.productboard.notes.values()
    assert "<@U0MORI>" not in wish.content and "<https://evil" not in wish.content
