"""What an answer about customers says in Slack, word for word, in both languages; and that anything may stand in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from app.demo.company import CHANNEL
from integrations.slack.blocks import clean
from integrations.slack.twin.blocks import problems
from tests.clock import Hands
from tests.world import World
from workflows.engine.posting import Message
from workflows.language.addresses import Site
from workflows.language.text import speaking
from workflows.measure import now_texts, voice_texts
from workflows.measure.alert_texts import Told
from workflows.measure.now import Moved, Now
from workflows.measure.voice import Counted, Voice, Week
from workflows.measure.voice_quotes import Quote
from workflows.overview.enquiry_lists import Clock, Row
from workflows.rules import rules
from workflows.rules.enquiry import NAME, TEXT
from workflows.tables.measure import Alert
from workflows.volume.causes import Asked

GOLDEN = Path(__file__).with_name("golden")
HOSTILE = "<!channel> <@U0MORI> <https://evil.example|請求書> *太字* `x`\u202e 090-1234-5678 sato@aoba.example"
AT = 1_780_000_000_000
QUOTES = [
    Quote(
        "message",
        "7/1",
        HOSTILE,
        "佐藤 <!here>",
        "青葉 & 製作所",
        "Pro",
        AT,
        "/chats/7#part-1",
        "https://i.example/7",
        "7",
    ),
    Quote("wish", "12", "請求書を郵送で", "", "", "", AT, "/feedback/12", "", "hand:1", 12),
]
ABOUT = Voice(
    words="請求書 <!channel>",
    theme="",
    enquiries=Counted([*[Week(0, False)] * 3, Week(2, False), *[Week(n) for n in (0, 4, 3, 5, 1, 0, 8, 6, 9)]]),
    requests=Counted([*[Week(0)] * 11, Week(2), Week(3)]),
    people=21,
    companies=8,
    states={"undecided": 3, "planned": 1, "released": 2, "over": 0},
    is_whole=True,
    is_cut=False,
    quotes=QUOTES,
)
THEME = replace(ABOUT, words="請求", theme="word:請求 & 入金", enquiries=Counted([Week(1)] * 13), people=0, quotes=[])
NOW = Now(
    last=Week(24),
    before=Week(18, False),
    themes=[Moved("word:請求", 12, 4, True), Moved("tag:<!here>", 3, 3, False)],
    alerts=[Told(Alert(id=3, kind="many", name="word:請求 <!channel>", since=AT, began_at=AT, loud_at=AT))],
    waits=4,
    waiting=[
        Row(
            *("7", "chat", "waiting", "", "", AT, AT, None, HOSTILE, "", "佐藤", "901", "青葉製作所", "Pro", 0.0),
            Clock(42, AT, 5, True, False),
        )
    ],
    avoidable=[Asked("word:請求", 120)],
)
NOTHING = Now(Week(0), Week(0), [], [], 0, [], [])
SAID: dict[str, Any] = {
    "voice": lambda: voice_texts.message(ABOUT, CHANNEL),
    "voice-theme": lambda: voice_texts.message(THEME, CHANNEL),
    "now": lambda: now_texts.message(NOW, CHANNEL),
    "now-empty": lambda: now_texts.message(NOTHING, CHANNEL),
    "voice-nothing": lambda: voice_texts.answer("無い <!channel>", "U0TANAKA", AT),
    "voice-wrong": lambda: voice_texts.answer('""', "U0TANAKA", AT),
}


@pytest.fixture(autouse=True)
def site(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Site, "public_url", "https://yamabiko.example")


def written(said: Message) -> str:
    """Its first line, and its blocks."""
    text, blocks = said
    return "\n".join([text, json.dumps(blocks, ensure_ascii=False, indent=1), ""])


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_word_for_word(world: World, language: str, name: str) -> None:
    hands = Hands()
    try:
        hands.set("2026-06-01 09:00")
        with speaking(language):
            said = SAID[name]()
    finally:
        hands.release()
    assert written(said) == (GOLDEN / f"{name}.slack.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.fault("F106")
@pytest.mark.parametrize("name", SAID)
def test_what_customers_wrote_and_what_was_typed_stays_text(world: World, name: str) -> None:
    said = written(SAID[name]())
    for markup in ("<!", "<@", "<https://evil", "\u202e", "1234-5678", "sato@"):
        assert markup not in said
    assert problems(SAID[name]()[1]) == []


def test_of_very_many_requests_it_says_of_which_ones_it_tells(world: World) -> None:
    assert "この言葉を含む新しい要望6件の状況" in written(voice_texts.message(replace(ABOUT, is_whole=False), CHANNEL))


def test_what_the_rules_hide_is_hidden(world: World) -> None:
    with world.rules(enquiry=replace(rules.enquiry, fields=frozenset({"tier"}))):
        said = written(voice_texts.message(ABOUT, CHANNEL)) + written(now_texts.message(NOW, CHANNEL))
    assert "郵送" not in said and "佐藤" not in said and "青葉" not in said and "Pro" in said
    assert {NAME, TEXT} <= rules.enquiry.fields


def test_where_guests_read_along_nobody_is_named(world: World) -> None:
    world.slack.join(CHANNEL, "U0SUZUKI")
    world.slack.estrange("U0SUZUKI", is_guest=True)
    said = written(voice_texts.message(ABOUT, CHANNEL)) + written(now_texts.message(NOW, CHANNEL))
    assert "佐藤" not in said and "青葉" not in said and "郵送" in said


def test_without_an_address_of_ours_there_are_no_links_to_us(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Site, "public_url", "")
    said = "".join(written(each()) for each in SAID.values())
    assert (
        "yamabiko.example" not in said and "<|" not in said and problems(voice_texts.message(ABOUT, CHANNEL)[1]) == []
    )


def test_the_words_are_shown_even_where_they_stand_late_in_a_long_text(world: World) -> None:
    late = replace(QUOTES[1], text="前置き。" * 2000 + "請求書の件です" + "。" * 3000)
    said = written(voice_texts.message(replace(ABOUT, words="請求書の件", quotes=[late]), CHANNEL))
    assert "請求書の件です" in said and len(said) < 5000


def test_a_number_that_is_cut_by_the_excerpt_is_masked_before(world: World) -> None:
    text = "請求書" + "あ" * 150 + "090-1234-5678へ"
    said = written(voice_texts.message(replace(ABOUT, quotes=[replace(QUOTES[0], text=text)]), CHANNEL))
    assert "090" not in said


#: Whatever keyboards type, and what means something to Slack or to a database.
PIECES = [
    "<!channel>",
    "<@U1>",
    "&",
    '"',
    "「",
    "%",
    "_",
    "\\",
    "\0",
    "\u202e",
    "\ud800",
    "😀",
    "CSV",
    "請求書",
    " ",
    "\n",
    "*",
    "`",
]
WORDS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


@pytest.mark.fault("F106")
def test_whatever_is_typed_there_is_an_answer_that_slack_takes(world: World) -> None:
    number = Random().randrange(1_000_000)
    print(f"seed {number}")

    @seed(number)
    @settings(max_examples=150, database=None)
    @given(typed=WORDS, shown=WORDS, language=st.sampled_from(["ja", "en"]))
    def holds(typed: str, shown: str, language: str) -> None:
        shown = shown.encode(errors="ignore").decode()  # no database keeps halves of a letter
        voice = replace(
            ABOUT, words=clean(typed[:200]), quotes=[replace(QUOTES[0], text=shown, person=shown, company=shown)]
        )
        themes = [Moved(f"tag:{shown}", 1, 0, True)]
        with speaking(language):
            answers = (
                voice_texts.answer(typed.strip(), "U0TANAKA", AT),
                voice_texts.message(voice, CHANNEL),
                now_texts.message(replace(NOW, themes=themes), CHANNEL),
            )
        for text, blocks in answers:
            assert problems(blocks) == [] and text and len(blocks) <= 50
            assert "<!" not in written((text, blocks)) and "<@" not in text

    holds()
