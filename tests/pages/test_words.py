"""Every sentence in both languages, in the company's words; and colours that can be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.pages.sentences import needed, tokens
from workflows.language import wording
from workflows.language.plurals import ONE
from workflows.language.wording import say
from workflows.rules import rules


def entries() -> Iterator[tuple[str, str]]:
    """(English, Japanese) of the catalogue."""
    with (wording.LOCALES / "ja.po").open("rb") as file:
        for message in read_po(file, locale="ja"):
            if message.id:
                yield str(message.id), str(message.string)


def gaps(text: str) -> set[str]:
    return set(wording.GAP.findall(text))


# -- the catalogue --------------------------------------------------------------------------------


def test_every_sentence_has_its_japanese() -> None:
    missing = needed() - dict(entries()).keys()
    if missing:
        pytest.fail("add these to workflows/language/locale/ja.po: " + "; ".join(sorted(missing)))


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    if left := dict(entries()).keys() - needed():
        pytest.fail("take these out of workflows/language/locale/ja.po: " + "; ".join(sorted(left)))


def test_both_languages_say_the_same_facts() -> None:
    for english, japanese in entries():
        assert japanese, english
        assert gaps(english) == gaps(japanese), english


#: Words that a support lead would not say, and stiff or unsure forms.
UNSAID = re.compile("却下|エラーが発生しました|することができ|させていただ|いただけますよう|[！？!?ａ-ｚＡ-Ｚ０-９]")


def test_the_japanese_is_plain() -> None:
    for _, japanese in entries():
        assert not UNSAID.search(japanese), japanese
        assert "チケット" not in japanese or re.search("(Intercom|Zendesk)のチケット", japanese), japanese


#: What is said for one thing in one way (README, "Glossary"), and how everything is punctuated.
ONE_WAY = {
    "さん and さま follow a name without a space": re.compile("[ \u3000](さん|様)"),
    "parentheses and colons are half-width": re.compile("[（）：]"),
    "a space after a colon, none inside or before parentheses": re.compile(
        r"[ぁ-んァ-ヶ一-龥]:(?! |$)|[ぁ-んァ-ヶ一-龥] ?\( |[ぁ-ん一-龥] \(| \)"
    ),
    "サポート担当 works in support, 顧客担当 answers for a company; メンバー is the role": re.compile("担当者"),
    "会話, as Intercom says it": re.compile("チャット"),
    "サポートチャンネル, エスカレーションチャンネル": re.compile("のチャンネル"),
    "デモ, not a trial": re.compile("体験版"),
    "山びこ": re.compile("やまびこ|ヤマビコ"),
    "再実行": re.compile("やり直"),
    "済み with its み": re.compile("済(?![みん])"),
    "だれ, わかる, いただく in kana": re.compile("誰|分かる|分かり|分かっ|頂"),
}


@pytest.mark.parametrize("rule", ONE_WAY)
def test_the_japanese_says_one_thing_in_one_way(rule: str) -> None:
    assert [japanese for _, japanese in entries() if ONE_WAY[rule].search(japanese)] == []


def test_only_a_conversation_is_closed_and_an_escalation_is_done() -> None:
    closed = {english: japanese for english, japanese in entries() if "クローズ" in japanese}
    assert [said for said in closed.items() if re.search("escalation|エスカレーション|{code}", " ".join(said))] == []


#: What a product writer would not say in English, or says in another word (README, "Glossary").
UNSAID_IN_ENGLISH = {
    "no exclamations, and the product is nobody": re.compile(r"!|\b(oops|sorry|I'm|my)\b", re.IGNORECASE),
    "plain words": re.compile(
        r"\b(whoever|whom|anew|henceforth|hereby|kindly|please note|in order to)\b", re.IGNORECASE
    ),
    "a request, never a wish": re.compile(r"\bwish", re.IGNORECASE),
    "decide, decision": re.compile(r"\bconclu", re.IGNORECASE),
    "a conversation, as Intercom says it": re.compile(r"\bchat(?!work)", re.IGNORECASE),
    "email; mail comes with the post": re.compile(r"\be-mail|\bby mail\b|\bmails\b", re.IGNORECASE),
    "admins and members; vendors are tools": re.compile(r"\b(operator|vendor)s?\b", re.IGNORECASE),
    "assess, assessment": re.compile(r"\bjudg", re.IGNORECASE),
    "registered, or stored": re.compile(r"\bon record\b", re.IGNORECASE),
    "undo": re.compile(r"\b(take|took|taken) (it )?back\b", re.IGNORECASE),
    "anymore": re.compile(r"\bany more\b", re.IGNORECASE),
}


@pytest.mark.parametrize("rule", UNSAID_IN_ENGLISH)
def test_the_english_is_plain(rule: str) -> None:
    read = {wording.GAP.sub("", say("en", english)) for english, _ in entries()} | set(ONE.values())
    assert [english for english in read if UNSAID_IN_ENGLISH[rule].search(english)] == []


def test_english_words_stand_for_names_that_are_kept() -> None:
    with (wording.LOCALES / "en.po").open("rb") as file:
        names = {str(message.id) for message in read_po(file, locale="en") if message.id}
    assert names <= needed()


# -- saying it ------------------------------------------------------------------------------------


def test_a_word_of_ours_is_translated_and_a_name_is_not() -> None:
    sentence = "{agent} filed this with the “{tag}” tag ({kind})."
    assert (
        say("ja", sentence, agent="wish", kind="wish", tag="VIP")
        == "wishさんが「VIP」タグを付け、要望として受け付けました。"
    )
    assert say("en", sentence, agent="田中", kind="wish", tag="VIP") == "田中 filed this with the “VIP” tag (Request)."


def test_a_clients_finished_sentence_is_said_in_japanese_too() -> None:
    assert say("ja", "Jira answered 503 to GET /issue/1") == "Jiraが503を返しました(GET /issue/1)"
    assert say("ja", "Productboard did not answer (ReadTimeout)") == "Productboardから応答がありません(ReadTimeout)"


@pytest.mark.parametrize("text", ["{0}", "{x.__class__}", "{x[0]}", "{", "}{", "{n:>999999999}", "{}", "%s {a!r}"])
def test_a_vendors_braces_mean_nothing(text: str) -> None:
    assert say("ja", text) == say("en", text, x="y", n="1") == text


def test_a_fact_that_names_itself_is_said_once() -> None:
    assert say("ja", "{why}", why="{why}") == "{why}"
    assert say("en", "{vendor} answered {status}: it {why}", why="{kind}", kind="{why}", status="403") == (
        "{vendor} answered 403: it {kind}"
    )


def test_an_unknown_fact_shows_its_name() -> None:
    assert say("en", "{key} is no longer done.") == "{key} is no longer done."


@pytest.mark.parametrize(
    ("milliseconds", "english", "japanese"),
    [
        (-5_000, "under a minute", "1分未満"),
        (59_999, "under a minute", "1分未満"),
        (60_000, "1 min", "1分"),
        (3_599_999, "59 min", "59分"),
        (3_600_000, "1 h", "1時間"),
        (23 * 3_600_000, "23 h", "23時間"),
        (24 * 3_600_000, "1 day", "1日"),
        (48 * 3_600_000, "2 days", "2日"),
        (400 * 24 * 3_600_000, "400 days", "400日"),
    ],
)
def test_how_long_something_takes(milliseconds: int, english: str, japanese: str) -> None:
    assert (wording.length("en", milliseconds), wording.length("ja", milliseconds)) == (english, japanese)


@pytest.mark.parametrize(
    ("milliseconds", "english", "japanese"),
    [
        (0, "just now", "たった今"),
        (300_000, "5 min ago", "5分前"),
        (3 * 3_600_000, "3 h ago", "3時間前"),
        (26 * 3_600_000, "1 day ago", "1日前"),
        (9 * 24 * 3_600_000, "9 days ago", "9日前"),
    ],
)
def test_how_long_ago_something_was(milliseconds: int, english: str, japanese: str) -> None:
    noon = rules.calendar.moment(date(2026, 6, 1), time(12))
    at = noon - milliseconds
    assert (wording.ago("en", noon, at), wording.ago("ja", noon, at)) == (english, japanese)


def test_english_says_one_as_one() -> None:
    assert wording.say("en", "carried over {n} times", n=1) == "carried over once"
    assert wording.say("en", "{n} cases", n="1") == "1 case" and wording.say("en", "{n} cases", n=0) == "0 cases"
    assert wording.say("ja", "carried over {n} times", n=1) == wording.say("ja", "carried over {n} times", n=2).replace(
        "2", "1"
    )
    assert set(ONE) <= needed()


def test_money_is_yen() -> None:
    assert (wording.money("ja", 480_000.0), wording.money("en", 480_000.0)) == ("480,000円", "¥480,000")


def test_moments_are_tokyos() -> None:
    midnight = 1_763_650_800_000  # 2025-11-20 15:00 UTC
    assert wording.time("ja", midnight) == "2025/11/21(金) 00:00"
    assert wording.brief("ja", midnight, midnight - 1000) == "2025/11/20(木) 23:59"
    assert wording.brief("en", midnight, midnight - 1000) == "Thu 20 Nov 2025 23:59"
    assert wording.brief("ja", midnight, midnight) == "00:00"


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TEXTS = [
    *((ink, ground) for ink in ("ink", "ink-soft", "accent") for ground in ("paper", "surface", "sunken")),
    *((ink, ground) for ink in ("good", "attention", "danger", "waiting") for ground in ("paper", "surface")),
    *((ink, f"{ink}-wash") for ink in ("waiting", "good", "danger", "accent")),
    *(("ink", f"{wash}-wash") for wash in ("waiting", "accent")),
    ("on-accent", "accent"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXTS)
def test_text_can_be_read(theme: int, ink: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("mark", "ground"), [("line-strong", "paper"), ("line-strong", "surface"), ("accent", "paper")]
)
def test_marks_can_be_seen(theme: int, mark: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[mark], colours[ground]) >= 3


#: Where a moment is written otherwise, and why: everywhere else `wording` alone says how.
OTHERWISE = {
    "workflows/language/wording.py": "this is where it is said",
    "workflows/meeting/export.py": "names of files, and days in addresses",
    "workflows/rules/meeting.py": "what the rules file holds",
    "app/pages/rule_values.py": "a time of day that the rules file names",
    "app/pages/dry_run.py": "moments in a sheet",
    "workflows/measure/charts.py": "how the axis of a chart is asked for",
}
#: Ways to write a moment.
WAYS = re.compile(r"strftime|:%[HMYmd]|format_date|format_time|format_datetime|toLocale(?:Date|Time)?String")


def test_moments_are_written_in_one_place() -> None:
    root = Path(__file__).parents[2]
    files = [path for room in ("workflows", "app/pages", "app/door") for path in sorted((root / room).rglob("*.*"))]
    texts = {str(path.relative_to(root)): path.read_text("utf-8") for path in files if path.suffix in SAID_IN}
    assert {name for name, text in texts.items() if WAYS.search(text)} == set(OTHERWISE)
    dates = re.compile(r"replace\([\"']-[\"'], [\"']/[\"']\)|\[:10\]|\[11:16\]")
    assert not [name for name, text in texts.items() if name.endswith(".html") and dates.search(text)]


#: What holds sentences that people read.
SAID_IN = {".py", ".html", ".js"}
