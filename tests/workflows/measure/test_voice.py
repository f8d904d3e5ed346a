"""What customers say about something: every number is what a count by hand finds; what nobody knows is never zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from sqlmodel import update

from tests.enquired import enquiry, message
from tests.meeting import DAY, decide
from tests.voices import asked, firms, known, said
from workflows.engine.store import Store, create_engine, now_ms, store
from workflows.measure import voice
from workflows.measure.voice import OVER, UNDECIDED, Voice, Week
from workflows.rules import rules
from workflows.rules.volume import Volume
from workflows.search import documents
from workflows.search.documents import Wanted
from workflows.tables.meeting import Decision
from workflows.tables.wish import Feedback
from workflows.volume import arrivals, causes, counts


@pytest.fixture(autouse=True)
def shelf(database_url: str) -> Iterator[Store]:
    """A database without a service around it, and three companies."""
    ours = Store(create_engine(database_url, pool_size=2))
    store.bind(ours)
    firms()
    yield ours
    store.bind(None)
    ours.close()


def about(words: str, **others: object) -> Voice:
    """What is found now."""
    known()
    return store.read(partial(voice.about, typed=words, now=now_ms(), **others))  # type: ignore[arg-type]


def begun(days: int = 90) -> None:
    """Conversations are known from so many days ago on."""
    enquiry("1", "はじめまして", said_at=now_ms() - days * DAY)


# -- nothing --------------------------------------------------------------------------------------


def test_what_nobody_wrote_is_nothing() -> None:
    said("7", "請求書が届きません")
    found = about("給与明細")
    assert found.is_empty and (found.people, found.companies, found.enquiries.n, found.requests.n) == (0, 0, 0, 0)


def test_what_we_wrote_is_no_customers_voice() -> None:
    said("7", "はい")
    for part, kind in (("8", "message"), ("9", "note")):
        message("7", part, "請求書を送ります", now_ms(), kind=kind, who="田中", is_customer=False, author="agent")
    assert about("請求書").is_empty


def test_a_request_that_was_filed_by_mistake_is_none() -> None:
    wish = asked("請求書をPDFで")
    store.write(lambda session: setattr(session.get_one(Feedback, wish), "withdrawn_at", now_ms()))
    assert about("請求書").is_empty


# -- how many -------------------------------------------------------------------------------------


def test_a_conversation_counts_once_in_the_week_in_which_it_was_first_about_it() -> None:
    begun()
    said("7", "請求書の件です", days=8)
    message("7", "x", "請求書、まだですか", now_ms() - DAY)
    said("8", "請求書がない", days=1, company="902")
    said("9", "請求書がない", days=0, company="902")
    found = about("請求書")
    assert [week.n for week in found.enquiries.weeks] == [*[0] * 11, 1, 2]
    assert found.enquiries.is_known and (found.companies, found.people) == (2, 2)


def test_weeks_of_before_anything_was_known_are_not_zero() -> None:
    said("7", "請求書の件です", days=8)
    weeks = about("請求書").enquiries.weeks
    assert list(weeks) == [*[Week(0, False)] * 11, Week(1), Week(0)]
    assert list(about("請求書").enquiries.since_known) == [Week(1), Week(0)]


def test_more_than_is_read_is_told_as_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    begun()
    for number in range(6):
        said(str(10 + number), "請求書", days=7 * number)
    monkeypatch.setattr(voice, "MOST", 3)
    weeks = about("請求書").enquiries.weeks
    assert list(weeks) == [*[Week(0, False)] * 10, Week(1, False), Week(1), Week(1)]
    assert about("請求書").enquiries.n == 3 and not about("請求書").enquiries.is_known


def test_where_our_own_messages_hide_what_customers_wrote_nobody_says_that_they_wrote_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun()
    said("7", "請求書", days=20)
    for part in range(3):
        message("7", f"a{part}", "請求書", now_ms() - DAY, who="田中", is_customer=False, author="agent")
    monkeypatch.setattr(voice, "MOST", 3)
    found = about("請求書")
    assert not found.is_empty and list(found.enquiries.since_known) == [Week(0, False), Week(0, False)]


def test_more_requests_than_are_read_are_told_as_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    for days in (1, 8, 15, 22):
        asked("CSVに列を足したい", days=days)
    monkeypatch.setattr(voice, "MOST_WISHES", 2)
    found = about("CSV")
    assert list(found.requests.weeks) == [*[Week(0, False)] * 11, Week(1, False), Week(1)]
    assert not found.is_whole and found.states[UNDECIDED] == 2


def test_requests_are_counted_by_when_they_were_made_and_stand_by_where_they_are() -> None:
    asked("CSVに列を足したい", days=200)
    asked("CSVで出したい", days=8, company="902")
    declined = asked("CSVを読み込みたい", days=0)
    decide(declined, "decline")
    store.write(lambda session: session.exec(update(Decision).values(sent_at=now_ms())) and None)
    found = about("CSV")
    assert [week.n for week in found.requests.weeks][-2:] == [1, 1] and found.requests.n == 2
    assert {state: n for state, n in found.states.items() if n} == {UNDECIDED: 2, OVER: 1}


def test_the_numbers_are_those_of_a_count_by_hand() -> None:
    seed = Random().randrange(1_000_000)
    print(f"seed {seed}")
    dice = Random(seed)
    begun()
    by_hand: dict[str, int] = {}
    for number in range(60):
        days, has_it = dice.randrange(1, 90), dice.random() < 0.5
        said(str(100 + number), "請求書です" if has_it else "打刻です", days=days, company=dice.choice(("901", "902")))
        by_hand |= {str(number): days} if has_it else {}
    found = about("請求書")
    today = rules.calendar.local(now_ms() - 60_000).date().toordinal()
    ordinals = [rules.calendar.local(now_ms() - days * DAY - 60_000).date().toordinal() for days in by_hand.values()]
    weeks = [sum((today - each) // 7 == 12 - number for each in ordinals) for number in range(13)]
    assert [week.n for week in found.enquiries.weeks] == weeks


def test_every_letter_of_a_long_word_has_to_be_there() -> None:
    said("7", "年末調整の書類です")
    known()
    mentions = partial(documents.mentions, most=10)
    for word, n in (("年末調整の書類です", 1), ("年末調整の書類でし", 0), ("整", 1), ("税", 0)):
        assert len(store.read(lambda session, word=word: mentions(session, wanted=Wanted([word], ("message",))))) == n


# -- as a theme -----------------------------------------------------------------------------------


@pytest.fixture
def themes(monkeypatch: pytest.MonkeyPatch) -> None:
    """請求 is a theme of the rules."""
    monkeypatch.setattr(rules, "volume", Volume(themes={"請求": ("請求書", "インボイス")}))


def counted(*about_what: str, days: int, company: str = "901", id: str = "") -> None:
    """An enquiry came in and was counted."""
    row = arrivals.row(
        "desk", id or f"{about_what}{days}", now_ms() - days * DAY, medium="chat", company_id=company, themes=about_what
    )
    store.write(lambda session: arrivals.keep(session, [row]))


@pytest.mark.usefixtures("themes")
@pytest.mark.parametrize("typed", ["請求", "請求書", "ｲﾝﾎﾞｲｽ", " インボイス "])
def test_words_that_are_a_theme_are_counted_as_that_theme(typed: str) -> None:
    store.write(lambda session: counts.cover(session, "desk", now_ms(), since=now_ms() - 91 * DAY))
    for days, company in ((0, "901"), (1, "902"), (9, "902")):
        counted("word:請求", days=days, company=company)
    counted("word:打刻", days=1, company="903")
    said("7", "インボイスはどこですか", company="903")
    found = about(typed)
    assert (found.theme, found.enquiries.n, found.companies, found.people) == ("word:請求", 3, 2, 0)
    assert [week.n for week in found.enquiries.weeks][-2:] == [1, 2]
    assert [quote.text for quote in found.quotes] == ["インボイスはどこですか"]


def test_a_tag_is_a_theme_by_its_name() -> None:
    counted("tag:返金", days=0)
    assert about("返金").theme == "tag:返金" and about("返").theme == ""
    assert store.read(partial(causes.is_known, theme="tag:返金"))


@pytest.mark.usefixtures("themes")
def test_what_a_source_did_not_tell_is_not_zero() -> None:
    counted("word:請求", days=0)
    weeks = about("請求").enquiries.weeks
    assert [week for week in weeks[:-1] if week.is_known or week.n] == [] and weeks[-1].n == 1


# -- in whose words -------------------------------------------------------------------------------


def test_the_newest_of_each_company_is_quoted() -> None:
    said("7", "請求書の一通目", days=9)
    said("8", "請求書の二通目", days=3)
    said("9", "請求書、みなとです", days=5, company="902")
    said("10", "請求書、みどりです", days=80, company="903")
    assert [quote.text for quote in about("請求書").quotes] == [
        "請求書の二通目",
        "請求書、みなとです",
        "請求書、みどりです",
    ]


def test_a_request_is_not_quoted_beside_the_message_that_it_was_filed_from() -> None:
    said("7", "請求書をPDFで", days=3)
    asked("請求書をPDFで", days=3, conversation_id="7")
    asked("請求書を郵送で", conversation_id="hand:1", company="902", person_name="電話の人", contact_id=None)
    assert [(quote.kind, quote.text) for quote in about("請求書").quotes] == [
        ("wish", "請求書を郵送で"),
        ("message", "請求書をPDFで"),
    ]


def test_chosen_quotes_are_quoted_as_far_as_they_are_there() -> None:
    said("7", "請求書A", days=3)
    said("8", "請求書B", days=2, company="902")
    key = about("請求書").quotes[-1].key
    assert [quote.text for quote in about("請求書", quoted=[key, ["message", "9/9"], ["wish", "x"]]).quotes] == [
        "請求書A"
    ]
    assert about("請求書", quoted=[]).quotes == []


def test_anything_may_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "volume", replace(rules.volume, themes={'"': ("  ",), "あ": ("'", '"')}))
    for words in ("'", '"', "%", "_", "\\", "a\nb", "「」", "😀", "'; DROP TABLE message; --", "x" * 200):
        assert about(words).is_empty, words
