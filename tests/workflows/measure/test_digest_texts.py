"""What a digest says, word for word: in Slack, by mail and in Chatwork, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.chatwork import notation
from tests.clock import Hands
from tests.world import World
from workflows.language.addresses import Site, digest_url
from workflows.language.text import speaking
from workflows.measure import digest_mails, digest_texts, digests
from workflows.measure.digests import Digest, Item, Line
from workflows.measure.moments import DAILY
from workflows.measure.week import Decided, Shipped, Theme, Week

GOLDEN = Path(__file__).with_name("golden")
HOSTILE = "[To:1]<!channel> <b>打刻</b>が\u202e丸められる"
TODAY = Digest(
    DAILY,
    "2026-06-01",
    (
        Line(
            digests.WAITING,
            4,
            "/enquiries?state=waiting",
            [
                Item(
                    "/chats/7",
                    title=HOSTILE,
                    person="佐藤 恵",
                    company="青葉製作所",
                    tier="Pro",
                    words="{n} business minutes",
                    facts={"n": 42},
                    late=True,
                )
            ],
        ),
        Line(digests.ESCALATIONS, 2, "/escalations", [Item("/escalations/ESC-1", "ESC-1", "止まった")], {"late": 1}),
        Line(digests.REPORTS, 1, "/promises", [Item("/promises#FB-12", "FB-12", "CSVの列", "山本", "みなと商会")]),
        Line(
            digests.DAYS,
            1,
            "/promises#days",
            [Item("/escalations/ESC-2", "ESC-2", "返金", company="青葉製作所", facts={"day": "2026-06-03"})],
        ),
        Line(digests.UNTOLD, 0, "/tellings"),
    ),
)
THE_WEEK = digests.of_week(
    Week(
        "2026-06-01",
        [Decided(12, "CSVの列を足してほしい", "adopt", 0)],
        [Shipped("10012", "KNDE-12", "CSVの列", 0)],
        [],
        120,
        True,
        96.5,
        [Theme("word:請求書", 24, 8.25)],
        [Theme("word:請求書", 24, 8.25), Theme("tag:打刻", 11, 10)],
    )
)
MISSING = digests.of_week(Week("2026-06-01", [], [], [], 3, False, None, [], []))
#: By name: a day, a week, a week of which not all is known, and a day on which nothing is open.
SAID = {
    "daily": TODAY,
    "weekly": THE_WEEK,
    "missing": MISSING,
    "empty": Digest(DAILY, "2026-06-01", (Line(digests.WAITING, 0, "/enquiries?state=waiting"),)),
}


def written(digest: Digest, way: str) -> str:
    """The digest as it goes out in a way."""
    if way == "slack":
        text, blocks = digest_texts.message(digest, "C0SUPPORT")
        return "\n".join([text, json.dumps(blocks, ensure_ascii=False, indent=1)])
    if way == "chatwork":
        parts = notation.message(*digest_texts.blocks_of_chatwork(digest), digest_url(digest.kind, digest.day))
        return "\n".join(parts)
    mail = digest_mails.mail(digest, "5ec7e7")
    return "\n".join([mail.subject, "", mail.text, "", mail.html, "", mail.stop])


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("way", ["slack", "mail", "chatwork"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_word_for_word(world: World, monkeypatch: pytest.MonkeyPatch, language: str, way: str, name: str) -> None:
    monkeypatch.setattr(Site, "public_url", "https://yamabiko.example")
    hands = Hands()
    try:
        hands.set("2026-06-01 09:00")
        with speaking(language):
            said = written(SAID[name], way)
    finally:
        hands.release()
    assert said + "\n" == (GOLDEN / f"{name}.{way}.{language}.txt").read_text(encoding="utf-8")


def test_a_theme_by_words_and_a_tag_of_the_same_name_are_told_apart(world: World) -> None:
    twins = [Theme("word:ログイン", 10, 4), Theme("tag:ログイン", 9, 3), Theme("word:打刻", 5, 1)]
    digest = digests.of_week(Week("2026-06-01", [], [], [], 120, True, 96.5, twins, twins))
    with speaking("ja"):
        said = written(digest, "chatwork")
    assert "ログイン · 10件(言葉で判定)" in said and "ログイン · 9件\n" in said and "打刻 · 5件\n" in said
    assert "ログイン · 10件(言葉で判定、直前4週間は週平均4件)" in said
