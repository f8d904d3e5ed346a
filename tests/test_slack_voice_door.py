"""What customers say, asked at the door: by anybody and with anything, in time or later, and never in silence."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.demo.company import CHANNEL
from app.door import slack_voice
from integrations.twin import Fault
from tests.enquiring import Enquiring
from tests.slack_app import OURS, Json, Slack, read, variants
from tests.test_slack_wish_door import VALUES, is_answered
from tests.voices import known
from tests.world import World
from workflows.engine.store import now_ms
from workflows.measure import voice_texts

AGENT, ENGLISH, GUEST = "U0TANAKA", "U0EMMA", "U0SUZUKI"
WORDS = "請求書が届きません"


@pytest.fixture
async def slack(database_url: str) -> AsyncIterator[Slack]:
    async with World(database_url) as world:
        yield Slack(world)


@pytest.fixture
async def chat(slack: Slack) -> str:
    """A customer wrote; search has read it."""

    def write() -> str:
        chat = Enquiring(slack.world).asks(WORDS)
        known()
        return chat

    return await slack.world.aside(write)


def command(text: str = "請求書", name: str = "/声", **others: Any) -> Json:
    """Somebody types it."""
    return read(OURS / "command__owner.json") | {"command": name, "text": text} | others


def button(value: str) -> Json:
    """Somebody presses the button below an answer, as only they see it."""
    payload = read(OURS / "block_actions__acknowledge.json")
    payload["actions"][0] |= {"action_id": "share_voice", "value": value}
    payload["container"] |= {"channel_id": CHANNEL}
    return payload


async def typed(slack: Slack, **asked: Any) -> str:
    """The whole answer."""
    answer = await slack.send(command(**asked))
    assert answer.status_code == 200
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return json.dumps(answer.json(), ensure_ascii=False) if is_json else answer.text


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [{"is_guest": True}, {"team_id": "T0ELSEWHERE"}])
async def test_guests_and_strangers_read_a_sentence_and_nothing_else(
    slack: Slack, chat: str, flags: dict[str, Any]
) -> None:
    slack.world.slack.estrange(GUEST, **flags)
    for words in ("請求書", ""):
        said = await typed(slack, text=words, user_id=GUEST)
        assert "権限がありません" in said and WORDS not in said and "blocks" not in said


@pytest.mark.parametrize("part", ["text", "user_id", "channel_id", "response_url", "command", "trigger_id"])
async def test_a_command_of_which_something_is_missing_or_strange_is_no_error_of_ours(slack: Slack, part: str) -> None:
    for what, changed in variants(command(), part):
        if what not in ("a number", "a list", "an object", "nothing", "five thousand digits"):  # a form holds texts
            assert await is_answered(slack, changed), what
    assert slack.world.slack.did("chat.postMessage") == []


@pytest.mark.parametrize(
    "value", [*(each for each in VALUES if each != "1:1"), "x:請求書", "9" * 16 + ":請求書", "1:\0", "1:" + "あ" * 300]
)
async def test_a_button_that_names_no_answer_shares_nothing(slack: Slack, value: str) -> None:
    await is_answered(slack, button(value))
    await slack.world.aside(slack.world.settle)
    assert slack.world.slack.messages(CHANNEL) == []
    assert {run.state for run in slack.world.runs()} <= {"done", "ignored"}


async def test_a_press_that_comes_again_with_other_parts_is_no_error_of_ours(slack: Slack) -> None:
    for part in ("container.channel_id", "container.message_ts", "user.id", "trigger_id", "channel"):
        for what, changed in variants(button(f"{now_ms()}:請求書"), part):
            assert await is_answered(slack, changed), (part, what)


# -- in time --------------------------------------------------------------------------------------


async def test_both_names_answer_whoever_asks_in_their_language(slack: Slack, chat: str) -> None:
    assert "「請求書」についてのお客様の声" in await typed(slack)
    assert "「請求書」についてのお客様の声" in await typed(slack, name="/voice")
    await slack.world.aside(slack.world.slack.command, ENGLISH, CHANNEL, "/voice", "請求書")  # they are met
    assert "What customers say about “請求書”" in await typed(slack, user_id=ENGLISH)


async def test_nothing_is_kept_of_a_question(slack: Slack, chat: str) -> None:
    before = (len(slack.world.runs()), len(slack.world.slack.did("chat.postMessage")))
    await typed(slack)
    assert (len(slack.world.runs()), len(slack.world.slack.did("chat.postMessage"))) == before
    assert [each.body for each in slack.world.deliveries() if each.topic == "command:/声"] == []


async def test_it_is_answered_where_we_are_not(slack: Slack, chat: str) -> None:
    assert WORDS in await typed(slack, channel_id="D0SOMEBODYS")


# -- later ----------------------------------------------------------------------------------------


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Reading takes until this is set."""
    event, answer = threading.Event(), voice_texts.answer

    def wait(*given: Any) -> Any:
        assert event.wait(60)
        return answer(*given)

    monkeypatch.setattr(voice_texts, "answer", wait)
    monkeypatch.setattr(slack_voice, "PATIENCE", 0.01)
    return event


@pytest.fixture
def then_read(held: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends once the command was acknowledged."""
    follow = slack_voice._follow

    def followed(*given: Any) -> None:
        held.set()
        follow(*given)

    monkeypatch.setattr(slack_voice, "_follow", followed)


async def whispered(slack: Slack, channel: str = CHANNEL) -> list[str]:
    """Somebody asks; everything that they alone read."""
    screen = await slack.world.aside(slack.world.slack.command, AGENT, channel, "/声", "請求書")
    assert not screen.error
    return [json.dumps(each, ensure_ascii=False) for each in slack.world.slack.whispers_to(AGENT)]


@pytest.mark.fault("F106")
@pytest.mark.usefixtures("then_read")
async def test_what_takes_longer_than_slack_waits_follows(slack: Slack, chat: str) -> None:
    said = await whispered(slack)
    assert len(said) == 2 and any("終わりしだい" in each for each in said)
    assert [WORDS in each and "share_voice" in each for each in said].count(True) == 1
    assert slack.world.slack.did("chat.postEphemeral") == []


@pytest.mark.fault("F106")
@pytest.mark.usefixtures("then_read")
async def test_it_follows_where_we_are_not_as_well(slack: Slack, chat: str) -> None:
    slack.world.slack.add_channel("C0PRIVATE", "private", private=True, member=False)
    assert any(WORDS in each for each in await whispered(slack, "C0PRIVATE"))


@pytest.mark.fault("F106")
async def test_what_never_ends_is_told(slack: Slack, chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(voice_texts, "answer", lambda *given: ended.wait(60) and ("", []))
    monkeypatch.setattr(slack_voice, "PATIENCE", 0.01)
    monkeypatch.setattr(slack_voice, "LONGEST", 0.01)
    try:
        assert any("時間がかかりすぎた" in each for each in await whispered(slack))
    finally:
        ended.set()


@pytest.mark.fault("F106")
@pytest.mark.usefixtures("then_read")
@pytest.mark.parametrize("fault", ["500", "hang", "reset"])
async def test_where_slack_does_not_take_what_follows_the_command_was_answered(
    slack: Slack, chat: str, fault: str
) -> None:
    slack.world.slack.fail("POST /hooks/{code}", Fault(fault))
    assert any("終わりしだい" in each for each in await whispered(slack))


@pytest.mark.usefixtures("then_read")
async def test_an_address_that_is_not_slacks_is_not_visited(slack: Slack, chat: str) -> None:
    assert "終わりしだい" in await typed(slack, response_url="http://127.0.0.1:1/internal", user_id=AGENT)
    assert slack.world.slack.whispers_to(AGENT) == []


# -- sharing --------------------------------------------------------------------------------------


async def test_where_slack_does_not_say_whether_we_are_there_the_story_asks_again(slack: Slack, chat: str) -> None:
    await whispered(slack)
    [message] = slack.world.slack.whispers_to(AGENT)
    slack.world.slack.fail("POST /api/conversations.info", Fault("500"))
    await slack.world.aside(slack.world.slack.press, AGENT, CHANNEL, str(message["ts"]), "share_voice")
    await slack.world.aside(slack.world.settle)
    assert WORDS in json.dumps(slack.world.slack.messages(CHANNEL), ensure_ascii=False)
