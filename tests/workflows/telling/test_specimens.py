"""Our own wordings, in both languages, filled in as customers read them: nothing is wrong with their manners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.door import ROOT
from workflows.language.politeness import objections
from workflows.meeting.reasons import REASONS
from workflows.rules import LANGUAGES, Rules, load, rules
from workflows.rules.wording import GAPS
from workflows.telling.specimens import specimens

OURS = {"built in": Rules(), "in the example's file": load(ROOT / "yamabiko.example.toml")}


@pytest.fixture(autouse=True)
def company() -> Iterator[None]:
    """Whatever rules are bound here are undone."""
    before = replace(rules)
    yield
    rules.bind(before)


@pytest.mark.parametrize("name", ["", "カナデ"])
@pytest.mark.parametrize("ours", OURS)
def test_our_wordings_are_polite(ours: str, name: str) -> None:
    rules.bind(replace(OURS[ours], company_name=name))
    for language in LANGUAGES:
        for answer in ("", *(reason.words[language] for reason in REASONS)):
            found = [each for each in specimens(answer) if each.language == language]
            assert [(each.keys, each.text, each.objections()) for each in found if each.objections()] == []


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_our_reasons_are_polite_by_themselves(reason: object) -> None:
    words = reason.words  # type: ignore[attr-defined]
    assert [objections(words[language], language) for language in LANGUAGES] == [(), ()]


def test_every_wording_and_every_promise_is_read_in_both_languages() -> None:
    rules.bind(OURS["in the example's file"])
    read = {each.keys for each in specimens()}
    assert read == {("wording", language, name) for language in LANGUAGES for name in GAPS} | {
        ("promises", promise.name, language) for language in LANGUAGES for promise in rules.promises
    }


def test_only_where_a_report_is_promised_may_words_of_a_promise_stand() -> None:
    words = {"ja": "{name}様、必ずご連絡いたします。", "en": "We will definitely write to you, {name}."}
    usual = Rules()
    rules.bind(replace(usual, promises=tuple(replace(each, words=words) for each in usual.promises)))
    blamed = {each.keys[1] for each in specimens() if any(wrong.rule == "promise" for wrong in each.objections())}
    assert blamed == {"listen"}
