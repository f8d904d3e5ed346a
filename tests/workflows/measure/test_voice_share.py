"""An answer about customers is shared once, by whom it was given to, as it may stand there; what is erased goes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from app.demo.company import CHANNEL
from integrations.twin import Fault
from tests.enquiring import Enquiring
from tests.properties.dying import Crash, dying
from tests.voices import known
from tests.world import World
from workflows.customer import erasures
from workflows.engine.store import now_ms, store
from workflows.people import colleagues
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.people import Colleague

AGENT, GUEST = "U0TANAKA", "U0SUZUKI"
LEAD = Person("U0LEAD", "斎藤 真理", "lead@kanade.example", "U0LEAD")
WORDS = "請求書が届きません"


@pytest.fixture
def chat(world: World) -> str:
    """A customer wrote; search has read it. Its number."""
    chat = Enquiring(world).asks(WORDS)
    known()
    return chat


def asks(world: World, words: str = "請求書", who: str = AGENT, channel: str = CHANNEL) -> str:
    """Somebody asks; the ts of the answer that they alone see."""
    screen = world.slack.command(who, channel, "/声", words)
    assert not screen.error
    return str(world.slack.whispers_to(who)[-1]["ts"])


def shares(world: World, ts: str, who: str = AGENT, channel: str = CHANNEL) -> str:
    """They press the button below it; all of what opens then, and everything that follows happens."""
    screen = world.slack.press(who, channel, ts, "share_voice")
    world.settle()
    return json.dumps(screen.view, ensure_ascii=False) if screen.view else ""


def shared(world: World, channel: str = CHANNEL) -> list[str]:
    """What everybody in the channel reads of it."""
    said = (json.dumps(each, ensure_ascii=False) for each in world.slack.messages(channel))
    return [each for each in said if "が共有" in each]


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("chat")
def test_whoever_became_a_guest_meanwhile_shares_nothing(world: World) -> None:
    ts = asks(world)
    world.slack.estrange(AGENT, is_guest=True)
    store.write(lambda session: setattr(session.get(Colleague, AGENT) or Colleague(id="-"), "seen_at", 0))
    assert "権限がありません" in shares(world, ts)
    assert shared(world) == []


@pytest.mark.usefixtures("chat")
def test_the_story_asks_once_more(world: World) -> None:
    world.slack.press(AGENT, CHANNEL, asks(world), "share_voice")
    gone = Colleague(id=AGENT, left=True, seen_at=now_ms()).model_dump()
    store.write(lambda session: colleagues.remember(session, gone))
    world.settle()
    assert shared(world) == [] and world.runs()[-1].state == "ignored"


@pytest.mark.usefixtures("chat")
def test_where_we_are_not_whoever_shares_is_told_how_we_may_be(world: World) -> None:
    world.slack.add_channel("C0PRIVATE", "private", private=True, member=False)
    world.slack.add_channel("C0OTHER", "other", member=False)
    for channel in ("C0PRIVATE", "C0OTHER"):
        assert "/invite @yamabiko" in shares(world, asks(world, channel=channel), channel=channel)
    assert world.slack.did("chat.postMessage", "C0OTHER") == []
    assert {run.workflow for run in world.runs()} & {"voice_share.shared"} == set()


@pytest.mark.usefixtures("chat")
def test_who_removes_us_before_the_story_runs_gets_no_dead_letter(world: World) -> None:
    world.slack.press(AGENT, CHANNEL, asks(world), "share_voice")
    world.slack.remove_bot(CHANNEL)
    world.settle()
    assert (world.runs()[-1].workflow, world.runs()[-1].state) == ("voice_share.shared", "ignored")


# -- once -----------------------------------------------------------------------------------------


def test_it_stands_in_the_channel_with_whose_it_was_and_without_the_button(world: World, chat: str) -> None:
    shares(world, asks(world))
    [said] = shared(world)
    assert WORDS in said and f"/chats/{chat}" in said and "田中 みなみさんが共有" in said
    assert "share_voice" not in said


@pytest.mark.fault("F107")
@pytest.mark.usefixtures("chat")
def test_pressed_twice_it_is_shared_once_and_an_answer_given_anew_again(world: World) -> None:
    ts = asks(world)
    for _ in range(2):
        world.slack.press(AGENT, CHANNEL, ts, "share_voice")
    world.settle()
    assert len(shared(world)) == 1
    assert "すでに" in str(world.slack.whispers_to(AGENT)[-1]["text"])
    shares(world, asks(world))
    assert len(shared(world)) == 2


@pytest.mark.fault("F107")
@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("how", ["reset", "lost", "late-500", "500", "429", "hang"])
def test_whatever_slack_does_it_is_shared_once(world: World, how: str) -> None:
    ts = asks(world)
    world.slack.fail("POST /api/chat.postMessage", Fault(how))
    shares(world, ts)
    assert len(shared(world)) == 1


@pytest.mark.fault("F107")
@pytest.mark.usefixtures("chat")
def test_whoever_dies_sharing_it_shares_it_once(world: World) -> None:
    world.slack.press(AGENT, CHANNEL, asks(world), "share_voice")
    for after in range(6):
        for committed in (True, False):
            with suppress(Crash), dying(after, committed=committed):
                world.settle()
    world.settle()
    assert len(shared(world)) == 1


@pytest.mark.usefixtures("chat")
def test_what_customers_struggle_with_now_is_shared_as_well(world: World) -> None:
    shares(world, asks(world, ""))
    [said] = shared(world)
    assert "お客様が今困っていること" in said and WORDS in said


# -- as it may stand there ------------------------------------------------------------------------


@pytest.mark.usefixtures("chat")
def test_where_a_guest_reads_along_nobody_is_named(world: World) -> None:
    world.slack.join(CHANNEL, GUEST)
    world.slack.estrange(GUEST, is_guest=True)
    ts = asks(world)
    assert "山本 恵子" in str(world.slack.whispers_to(AGENT)[-1])
    shares(world, ts)
    [said] = shared(world)
    assert "山本" not in said and "あおば" not in said and WORDS in said


def test_each_customer_who_is_quoted_has_it_in_the_timeline(world: World, chat: str) -> None:
    shares(world, asks(world))
    said = [each for each in world.actions() if each.conversation_id == chat and each.verb == "slack.quote"]
    assert [each.target for each in said] == [CHANNEL]


@pytest.mark.fault("F107")
@pytest.mark.parametrize("words", ["請求書", ""])
def test_what_is_erased_is_gone_from_what_was_shared(world: World, chat: str, words: str) -> None:
    shares(world, asks(world, words))
    assert any(WORDS in each for each in shared(world))
    Enquiring(world).asks("請求書の宛名を変えたい", "102")
    store.write(lambda session: erasures.ask(session, erasures.CHAT, chat, LEAD) and None)
    world.settle()
    [said] = shared(world)
    assert WORDS not in said and "山本" not in said
    assert "宛名" not in said, "whom nobody chose to quote there is not quoted instead"


@pytest.mark.usefixtures("chat")
def test_words_that_are_hidden_meanwhile_are_not_shared(world: World) -> None:
    ts = asks(world)
    with world.rules(enquiry=replace(rules.enquiry, fields=frozenset())):
        shares(world, ts)
        [said] = shared(world)
    assert WORDS not in said and "山本" not in said
