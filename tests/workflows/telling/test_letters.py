"""What an agent may write to a customer: by name, in their language, about their wishes by short titles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workflows.meeting.reasons import REASONS
from workflows.rules import rules
from workflows.rules.wording import DEFAULT_WORDING
from workflows.tables.customer import Contact
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback, Issue
from workflows.telling import conclusion_texts, letters
from workflows.telling.release_texts import Texts

THIS_YEAR = datetime.now(UTC).year
ASKED = int(datetime(THIS_YEAR, 1, 2, 3, tzinfo=UTC).timestamp() * 1000)
ISSUE = Issue(id="1", key="KNDE-12", summary="CSV出力に部署コードの列を追加する")
YAMAMOTO = Contact(id="c1", name="山本 恵子")


def wish(quote: str, title: str = "", at: int = ASKED, agent: str = "田中 みなみ") -> Feedback:
    """A wish as it was said."""
    return Feedback(
        conversation_id="1",
        part_id=quote,
        kind="wish",
        tag="要望",
        quote=quote,
        title=title,
        taken_by_name=agent,
        said_at=at,
        taken_at=at,
    )


@pytest.fixture(autouse=True)
def company() -> object:
    """A company with a name and the usual wordings."""
    before = replace(rules)
    rules.company_name, rules.language, rules.wording = "カナデ", "ja", DEFAULT_WORDING
    yield
    rules.bind(before)


def told(wishes: list[Feedback], contact: Contact | None) -> str:
    """What an agent may write once the issue is done."""
    return Texts(ISSUE, contact, is_earlier=False, done_at=0).draft(wishes)


def test_what_was_there_before_it_was_asked_for_is_not_called_new() -> None:
    draft = Texts(ISSUE, YAMAMOTO, is_earlier=True, done_at=0).draft([wish("列が欲しい")])
    assert "すでにご利用いただけます" in draft and "なりました" not in draft


def test_what_was_released_is_named_by_its_title() -> None:
    excel = wish("勤務表をExcelでも出力したいです。監査のたびに手で写しています。")
    draft = told([excel], YAMAMOTO)
    assert draft == (
        "山本様、いつもお世話になっております。カナデの田中 みなみでございます。1月2日にご要望をいただきました件"
        "(勤務表をExcelでも出力したい)につきまして、このたび対応が完了し、ご利用いただけるようになりました。"
    )


def test_two_wishes_are_two_lines() -> None:
    both = [wish("CSVに列が欲しい", "部署コードの列"), wish("打刻を忘れます", "打刻忘れの通知")]
    lines = told(both, YAMAMOTO).splitlines()
    assert "次の2件につきまして" in lines[0] and lines[1:] == ["・部署コードの列", "・打刻忘れの通知"]


def test_a_complaint_that_had_to_be_cut_is_not_quoted_to_the_customer() -> None:
    draft = told([wish("現在は" + "あ" * 80)], YAMAMOTO)
    assert "いただきました件につきまして" in draft and "…" not in draft and "あ" not in draft


def test_a_year_that_is_over_is_said() -> None:
    ago = int(datetime(2024, 9, 27, 3, tzinfo=UTC).timestamp() * 1000)
    assert "2024年9月27日に" in told([wish("列が欲しい", at=ago)], YAMAMOTO)


def test_who_writes_english_is_answered_in_english() -> None:
    mine = wish("Please add dark mode. My eyes hurt.")
    draft = told([mine], Contact(id="c2", name="Keiko Yamamoto"))
    assert draft == (
        "Hello Keiko Yamamoto,\nThis is 田中 みなみ from カナデ. On 2 January you sent us a request (Add dark mode). "
        "Our work on this is done, and you can use it now."
    )


def test_a_reason_that_we_know_is_in_the_customers_language() -> None:
    safety = next(each for each in REASONS if each.code == "safety")
    decision = Decision(conclusion="decline", answer=safety.words["ja"])
    english = conclusion_texts.draft(decision, [wish("Please add dark mode")], None)
    assert safety.words["en"] in english and safety.words["ja"] not in english
    decision.answer = "個別の事情です。"
    assert "個別の事情です。" in conclusion_texts.draft(decision, [wish("Please add dark mode")], None)


def test_a_declined_wish_hears_the_reason_first_and_the_apology_last() -> None:
    for reason in (each for each in REASONS if "decline" in each.conclusions):
        decision = Decision(conclusion="decline", answer=reason.words["ja"])
        lines = conclusion_texts.draft(decision, [wish("列が欲しい")], YAMAMOTO).splitlines()
        assert lines[1:] == [reason.words["ja"], "ご期待に沿えず、誠に申し訳ございません。"]
        assert "".join(lines).count("見送") == 1 and "勤怠" not in "".join(lines)


def test_who_writes_is_left_out_where_nobody_knows() -> None:
    rules.company_name = ""
    known, unknown = (told([wish("列が欲しい", agent=agent)], None) for agent in ("田中", ""))
    assert known.startswith("ご担当者様、いつもお世話になっております。サポート担当の田中でございます。")
    assert unknown.startswith("ご担当者様、いつもお世話になっております。1月2日に")


def test_the_language_of_a_customer_comes_from_what_they_say_then_from_intercom() -> None:
    assert letters.language_for([wish("CSV")], Contact(id="c3", language="en-US")) == "en"
    assert letters.language_for([wish("列が欲しい")], Contact(id="c3", language="en-US")) == "ja"
