"""Whatever anybody writes in the demo's Slack stays text: in every block, in every input, in every address."""

from __future__ import annotations

from typing import Any

import pytest

from app.demo.company import CHANNEL
from tests.escalating import AGENT, OWNER
from tests.pages.hostile import CORPUS, check
from tests.pages.playing import Hand
from tests.pages.reading import get
from tests.world import World
from workflows.engine.vendors import vendors


def hostile(text: str) -> list[dict[str, Any]]:
    """Every kind of block, with a text wherever one can be."""
    said, label = {"type": "mrkdwn", "text": text}, {"type": "plain_text", "text": text[:70]}
    button = {"type": "button", "text": label, "action_id": text[:200], "value": text[:200]}
    return [
        {"type": "section", "text": said, "fields": [said | {"text": text[:1900]}] * 2, "accessory": button},
        {"type": "section", "text": said | {"text": f"*{text}* <https://x.example|{text}> > {text}"[:2900]}},
        {"type": "header", "text": label},
        {"type": "context", "elements": [said, label]},
        {"type": "image", "image_url": "https://x.example/x.png", "alt_text": text[:900]},
        {"type": "divider"},
        {"type": "actions", "elements": [button]},
    ]


def inputs(text: str) -> list[dict[str, Any]]:
    """Every kind of input, with a text wherever one can be."""
    label, holder = {"type": "plain_text", "text": text[:140]}, {"type": "plain_text", "text": text[:70]}
    option = {"text": holder, "value": text[:140]}
    elements: list[dict[str, Any]] = [
        {"type": "plain_text_input", "initial_value": text[:2900], "multiline": True, "placeholder": label},
        {"type": "plain_text_input", "initial_value": text[:2900]},
        {"type": "radio_buttons", "options": [option], "initial_option": option},
        {"type": "external_select", "initial_option": option, "placeholder": label, "min_query_length": 1},
        {"type": "static_select", "options": [option], "initial_option": option},
        {"type": "users_select"},
        {"type": "datepicker"},
        {"type": "timepicker"},
    ]
    return [
        {"type": "input", "block_id": f"b{number}{text[:100]}", "label": label, "hint": label, "optional": True}
        | {"element": element | {"action_id": "a"}}
        for number, element in enumerate(elements)
    ]


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_whatever_is_written_stays_text_in_every_block(sqlite_world: World, text: str) -> None:
    world = sqlite_world
    world.slack.people[OWNER].name = world.slack.channels[CHANNEL].name = text
    assert vendors.slack is not None
    vendors.slack.post(CHANNEL, text[:3000], hostile(text[:2500]), marker="x")
    vendors.slack.whisper(CHANNEL, OWNER, text[:3000], hostile(text[:2500]))
    world.slack.join(CHANNEL, OWNER)
    Hand(world, OWNER).write(text[:3000])
    with world.slack.lock:
        trigger = world.slack.new_trigger(OWNER)
    short = {"type": "plain_text", "text": text[:20]}
    view = {"type": "modal", "title": short, "submit": short, "close": short, "callback_id": "x"}
    assert vendors.slack.open_view(trigger, view | {"blocks": [*hostile(text[:2500]), *inputs(text)]}) is not None
    world.stage.seat(OWNER).told, world.stage.seat(OWNER).failed = text, True
    for page in (Hand(world, OWNER).look(), get(world, f"/demo/slack/piece?me={OWNER}"), Hand(world, AGENT).look()):
        check(page)


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_whatever_is_chosen_in_an_address_stays_text(sqlite_world: World, text: str) -> None:
    answer = sqlite_world.request("GET", "/demo/slack", params={"me": text[:500], "place": text[:500]})
    assert answer.status_code == 200
    check(get(sqlite_world, f"/demo/slack?{answer.request.url.query.decode()}"))


def test_what_is_typed_is_kept_as_slack_keeps_it(sqlite_world: World) -> None:
    page = Hand(sqlite_world, AGENT).write("@森 拓也 さん <b>&amp;</b> <!channel> https://x.example/?a=1&b=2 \0\1")
    [message] = page.all("li", class_="message")
    assert "@森 拓也 さん <b>&amp;</b> <!channel> https://x.example/?a=1&b=2" in message.text
    assert [each.text for each in message.all("span", class_="mention")] == ["@森 拓也"]
    assert [each.attributes["href"] for each in message.all("a")] == ["https://x.example/?a=1&b=2"]
