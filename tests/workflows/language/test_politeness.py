"""敬語リント: right texts pass in silence, wrong ones are told where, why, and what to write instead."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.door import ROOT
from workflows.language import left_over, quoting, salutation, speech_levels
from workflows.language.manners import MUST, SHOULD, Rule
from workflows.language.politeness import LONGEST, NO_WORDS, PROMISES, STYLE, TOO_LONG, Objection, objections
from workflows.language.wording import GAP, say

CORPUS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (ROOT / "tests" / "corpora" / "politeness.toml").read_text(encoding="utf-8")
)
RULES: tuple[Rule, ...] = (
    *(NO_WORDS, TOO_LONG, speech_levels.MIXED, salutation.FULL_NAME, salutation.LOGIN),
    *(*left_over.RULES, *salutation.RULES_JA, *salutation.RULES_EN),
    *(rule for tables in (STYLE, PROMISES) for rules in tables.values() for rule in rules),
)


def lint(said: dict[str, Any]) -> tuple[Objection, ...]:
    """What is said about a text of the corpus."""
    return objections(
        said["text"],
        said.get("language", "ja"),
        name=said.get("name", ""),
        allows_promise=said.get("promise", False),
        is_chat=not said.get("mail", False),
        quoted=said.get("quoted", ()),
        internal=said.get("internal", ()),
    )


# -- the corpus -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", CORPUS["right"], ids=lambda said: said["text"][:20])
def test_what_is_right_passes_in_silence(said: dict[str, Any]) -> None:
    assert [(each.rule, each.facts) for each in lint(said)] == []


@pytest.mark.parametrize("said", CORPUS["wrong"], ids=lambda said: said["text"][:20])
def test_what_is_wrong_is_told_by_its_rules(said: dict[str, Any]) -> None:
    assert [each.rule for each in lint(said)] == said["rules"]


def test_the_corpus_is_large_and_knows_every_rule() -> None:
    assert len(CORPUS["right"]) >= 50 and len(CORPUS["wrong"]) >= 50
    told = {rule for said in CORPUS["wrong"] for rule in said["rules"]}
    assert told == {rule.name for rule in RULES} - {TOO_LONG.name}


# -- what an objection says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found", "advice"),
    [
        ("了解しました。", "了解しました", "承知いたしました"),
        ("すみませんが、再起動をお願いいたします。", "すみませんが", "恐れ入りますが"),
        ("おっしゃられたとおりです。", "おっしゃられた", "おっしゃった"),
        ("ご覧になられます。", "ご覧になられま", "ご覧になりま"),
        ("お伺いさせていただければと存じます。", "お伺いさせていただけ", "伺え"),
        ("資料を拝見させていただきました。", "拝見させていただき", "拝見し"),
        ("ご利用されている機能です。", "ご利用されて", "ご利用いただいて"),
        ("ご利用できません。", "ご利用でき", "ご利用いただけ"),
        ("様、お世話になっております。", "様", "ご担当者様"),
        ("user12様、お世話になっております。", "user12様", "ご担当者様"),
        ("山本 恵子様、お世話になっております。", "山本 恵子様", "山本様"),
        ("近日中に公開いたします。", "近日中", "提供時期が決まりましたら、あらためてご連絡いたします"),
        ("ﾛｸﾞｲﾝしました。", "ﾛｸﾞｲﾝ", "ログイン"),
        ("見れます。", "見れ", "見られ"),
        ("原因は設定である。確認しました。", "である", "です"),
    ],
)
def test_it_says_where_and_what_to_write_instead(text: str, found: str, advice: str) -> None:
    (objection,) = objections(text, "ja", name="山本 恵子")
    assert (text[objection.start : objection.end], objection.advice) == (found, advice)
    assert objection.facts["found"] == found


def test_it_is_said_in_the_readers_language() -> None:
    (objection,) = objections("了解しました。", "ja")
    assert say("en", objection.sentence, **objection.facts) == "“了解しました” is too casual for a customer."
    assert say("ja", objection.sentence, **objection.facts).startswith("「了解しました」")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_sentence_has_facts_for_its_gaps(rule: Rule) -> None:
    assert rule.grade in (MUST, SHOULD)
    assert set(GAP.findall(rule.sentence)) <= ({"count", "most"} if rule is TOO_LONG else {"found"})


#: What keeps a text from being approved, whoever wrote it.
BLOCKING = {
    *("gap", "empty-brackets", "missing-words", "no-words", "name-missing", "honorific-missing", "honorific-doubled"),
    *("organization-and-person", "organization-only", "promise", "internal-code", "internal-address", "internal-note"),
}


def test_what_blocks_is_what_no_customer_may_read() -> None:
    assert {rule.name for rule in RULES if rule.grade == MUST} == BLOCKING
    assert not objections("山本部長様、お待たせいたしました。", "ja")[0].blocks
    assert objections("山本様様、お待たせいたしました。", "ja")[0].blocks


# -- length, languages, quotations ------------------------------------------------------------------


@pytest.mark.parametrize("language", LONGEST)
def test_a_message_in_a_conversation_is_short_and_an_email_may_be_long(language: str) -> None:
    sentence = "ご確認ください。" if language == "ja" else "Please check. "
    text = (sentence * 100)[: LONGEST[language]]
    assert objections(text, language) == ()
    (objection,) = objections(text + "a", language)
    assert (objection.rule, objection.start, objection.end) == ("too-long", LONGEST[language], LONGEST[language] + 1)
    assert objections(text + "a", language, is_chat=False) == ()


def test_another_language_is_looked_at_like_english() -> None:
    assert [each.rule for each in objections("Bonjour {name}, definitely", "fr")] == ["gap", "promise"]


def test_a_code_of_ours_is_told_once() -> None:
    assert [each.rule for each in objections("KNDE-3をご覧ください。", "ja", internal=("KNDE", ""))] == [
        "internal-code"
    ]


def test_quotations_hide_manners_and_nothing_else() -> None:
    assert objections("「了解しました、必ずやります」とのこと、承知いたしました。", "ja") == ()
    assert [each.rule for each in objections("「FB-3 {name}」です。", "ja")] == ["internal-code", "gap"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("「ab」c", "「￼￼」c"),
        ("「a「b」c」d", "「￼￼￼￼￼」d"),
        ("「ab", "「ab"),
        ("a」b「c", "a」b「c"),
        ("『a\nb』", "『￼\n￼』"),
        ('say "no" now', 'say "￼￼" now'),
    ],
)
def test_what_stands_between_marks_is_hidden_in_its_place(text: str, left: str) -> None:
    assert quoting.hidden(text) == left


# -- whatever the text ----------------------------------------------------------------------------

#: Pieces of which texts are made that come close to rules.
PIECES = st.sampled_from(
    [
        *"様さん殿御中。、「」『』()（）{}!！\n \u3000だるたｱﾞ",
        *(
            "必ず",
            "ください",
            "FB-1",
            "KNDE-",
            "了解しました",
            "お世話になっております",
            "させていただ",
            "おっしゃられ",
        ),
        *("である", "です", "Hello ,", "definitely", "PLEASE ", "https://", "山本", "恵子"),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
@given(TEXTS, st.sampled_from(["ja", "en", "xx"]), st.one_of(st.just("山本 恵子"), st.text(max_size=20)), st.booleans())
def test_no_text_breaks_it_and_places_lie_in_the_text(text: str, language: str, name: str, is_promise: bool) -> None:
    found = objections(
        text,
        language,
        name=name,
        allows_promise=is_promise,
        quoted=(text[3:9],),
        internal=("KNDE", "https://a.example"),
    )
    assert all(0 <= each.start <= each.end <= len(text) for each in found)
    assert all(each.start < each.end for each in found if each.rule != NO_WORDS.name)
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert len({(each.rule, each.start, each.end) for each in found}) == len(found)
    for each in found:
        assert not GAP.search(say("en", each.sentence, **(dict(each.facts) | {"found": "…"})))


# -- in time that grows with the text and no faster ---------------------------------------------------


def patterns() -> Iterator[str]:
    """Every pattern that a text is looked at with."""
    for rule in RULES:
        yield from (pattern.pattern for pattern, _better in rule.patterns)
    yield from (pattern.pattern for pattern in (*speech_levels.PATTERNS, *salutation.ACCOUNTS.values()))


#: Characters that a pattern may look at from one place.
FURTHEST = 700


def reach(parsed: Any) -> int:
    """How many characters a pattern may look at from one place; its assertions count."""
    total = 0
    for operation, value in parsed:
        total += _reach_of(str(operation), value)
    return total


def _reach_of(operation: str, value: Any) -> int:
    match operation:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            _least, most, inside = value
            assert most < 1000, "a pattern repeats without end"
            return int(most) * reach(inside)
        case "BRANCH":
            return max(reach(branch) for branch in value[1])
        case "SUBPATTERN":
            return reach(value[-1])
        case "ASSERT" | "ASSERT_NOT":
            return reach(value[1])
        case "AT":
            return 0
        case _:
            return 1


@pytest.mark.parametrize("pattern", list(patterns()))
def test_no_pattern_looks_far(pattern: str) -> None:
    assert reach(re._parser.parse(pattern)) <= FURTHEST  # type: ignore[attr-defined]


HOSTILE = [
    "様",
    "「",
    "「」",
    "(",
    '"',
    "{",
    "{{",
    "必ず",
    "だ。",
    "です。だ。",
    "a",
    "a.",
    "!",
    "、",
    "A ",
    "\n",
    "ｱ",
    "御中",
]
HOSTILE += ["させていただ", "FB-", "https://a", "山本 ", "Hello ,", "・", "KNDE-1"]


def counted(text: str, language: str) -> int:
    """How many lines of Python are run for a text."""
    lines = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        objections(text, language, name="山本 恵子", internal=("KNDE", "https://a.example"))
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_ten_times_as_long_is_ten_times_the_work_at_most(piece: str) -> None:
    counted(piece * 10, "ja")  # what is made once
    short, long = ((piece * (length // len(piece) + 1))[:length] for length in (2_000, 20_000))
    for language in LONGEST:
        assert counted(long, language) <= 10 * counted(short, language) + 1_000
