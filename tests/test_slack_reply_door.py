"""The forms of a reply at the door: what they are opened and sent with may be missing, or strange."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.replying import CHANNEL, Replying
from tests.slack_app import OURS, Json, Slack, read, variants
from tests.test_slack_wish_door import VALUES, form, is_answered
from tests.world import World
from workflows.enquiry.replies import About

STRANGE = ("<!channel> <@U0MORI> *x* <https://evil.example|ここ>", "\u202e逆\u200b", "=HYPERLINK(1)", "{agent} {0}")


@pytest.fixture
async def slack(sqlite_url: str) -> AsyncIterator[Slack]:
    async with World(sqlite_url) as world:
        yield Slack(world)


@pytest.fixture
async def case(slack: Slack) -> Replying:
    return await slack.world.aside(Replying, slack.world)


def shortcut(case: Replying) -> Json:
    """Somebody picks 「お客様に送信」 in the menu of a message."""
    payload = read(OURS / "message_action__escalate.json") | {"callback_id": "send_as_reply"}
    payload["channel"]["id"], payload["message"]["thread_ts"] = CHANNEL, case.thread.ts
    return payload


PARTS = ("trigger_id", "message", "message.text", "message.thread_ts", "message_ts", "channel", "channel.id", "user.id")


@pytest.mark.parametrize("part", PARTS)
async def test_a_shortcut_of_which_something_is_missing_or_strange_is_no_error_of_ours(
    slack: Slack, case: Replying, part: str
) -> None:
    for what, changed in variants(shortcut(case), part):
        assert await is_answered(slack, changed), (part, what)
    assert (case.rows(), case.sent()) == ([], [])


async def test_buttons_and_forms_of_no_conversation_open_and_send_nothing(slack: Slack, case: Replying) -> None:
    for number, value in enumerate(VALUES):
        button = read(OURS / "block_actions__acknowledge.json")
        button["actions"][0] |= {"action_id": "send_reply.1", "value": value}
        assert await is_answered(slack, button)
        for name in ("write_reply", "send_reply"):
            for about in (value, value + "\n" * 6, str(About(case.chat)) + value + "\n"):
                assert await is_answered(slack, form(name, about, 10 * number, text="承知しました。", know_how=value))
    await slack.world.aside(slack.world.settle)
    assert (case.rows(), case.sent()) == ([], [])


async def test_an_answer_that_is_none_is_left_out(slack: Slack, case: Replying) -> None:
    for number, value in enumerate(each for each in VALUES if each.isprintable()):
        written = form("write_reply", str(About(case.chat)), number, text="承知しました。", know_how=value)
        answer = json.loads((await slack.send(written)).content)
        assert answer["response_action"] == "push"
        assert "承知しました。" in [each.get("element", {}).get("initial_value") for each in answer["view"]["blocks"]]


@pytest.mark.parametrize("text", STRANGE)
async def test_whatever_is_written_stays_text_wherever_it_is_shown(slack: Slack, case: Replying, text: str) -> None:
    case.world.intercom.customer_says(case.chat, text)
    await slack.world.aside(case.look)
    case.world.intercom.shut_off(case.chat)
    about = str(About(case.chat, CHANNEL, case.thread.ts))
    written = (await slack.send(form("write_reply", about, text=text))).json()
    warned = (await slack.send(form("send_reply", about, 1, text=text))).json()  # of what an agent said before
    about = warned["view"]["private_metadata"]
    assert (await slack.send(form("send_reply", about, 2, text=text))).json() == {"response_action": "clear"}
    await slack.world.aside(slack.world.settle)
    [told] = case.told()
    blocks = [each for answer in (written, warned) for each in answer["view"]["blocks"] if each["type"] != "input"]
    for markup in ("<!channel>", "<@U0MORI>", "<https://evil", "\u202e"):
        assert markup not in json.dumps(blocks, ensure_ascii=False) and markup not in told
