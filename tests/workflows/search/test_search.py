"""Search: everything that was said is found however it is typed, on both databases; nothing else is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest
from sqlmodel import func, select

from tests.clock import TOKYO
from tests.meeting import decide, filed, firm, noted
from tests.world import World
from workflows.customer import erasing, messages
from workflows.customer.reach import Reach
from workflows.engine.store import Store, create_engine, store
from workflows.language.folding import fold
from workflows.search import documents, indexing
from workflows.search.search import MOST_WORDS, NO_WORD, TOO_LONG, Results, excerpt, problem, search, words_of
from workflows.tables.customer import Message
from workflows.tables.search import Document, SearchMark

NOON = int(datetime(2026, 5, 1, 12, tzinfo=TOKYO).timestamp() * 1000)
MINUTE, DAY = 60_000, 24 * 3600 * 1000


@pytest.fixture
def shelf(database_url: str) -> Iterator[Store]:
    """A database without a service around it."""
    ours = Store(create_engine(database_url, pool_size=2))
    store.bind(ours)
    yield ours
    store.bind(None)
    ours.close()


def written(*texts: str, at: int = NOON, **others: object) -> None:
    """Documents with these texts, each a minute after the one before; `ref` is its text."""
    row = {"kind": "message", "company_id": "", "company": "", "who": "", "place": "/chats/1"} | others
    rows = [row | {"text": text, "ref": text, "at": at + number * MINUTE} for number, text in enumerate(texts)]
    store.write(partial(documents.put, rows=rows))


def texts(results: Results) -> list[str]:
    """What was found, in its order."""
    return [hit.document.text for hit in results.hits]


def found(query: str, **filters: object) -> list[str]:
    """The texts that are found, the newest first."""
    return texts(search(query, **filters))  # type: ignore[arg-type]


def said(conversation: str, part: str, text: str, **others: object) -> None:
    """A message in a chat, as a story keeps it."""
    row = {"kind": "message", "who": "", "is_customer": True, "said_at": NOON, "stale": True} | others
    row |= {"id": f"{conversation}/{part}", "conversation_id": conversation, "part_id": part, "text": text}
    store.write(partial(messages.keep, rows=[row]))


# -- however it is typed --------------------------------------------------------------------------

CHAT = [
    "要望として承りました",
    "画面の文言を直してほしい",
    "年調の時期に困ります。年末調整の書類です",
    "ＣＳＶで出したい",
    "csvの列が足りない",
    "ﾛｸﾞｲﾝできません",
    "ログイン画面が重い",
    "サーバーが落ちました",
    "サーバを替えたい",
    "給与の明細がほしい",
    "明細だけほしい",
    "給与 明細をまとめて",
    "エラー番号 Ｅ－１０２３ が出ます",
    "エラー E-1024 です",
    "消費税の計算",
    "ヴァージョンを知りたい",
    "100%の割引_いつまで",
]
ASKED = {
    "要望": ["要望として承りました"],
    "文言": ["画面の文言を直してほしい"],
    "年調": ["年調の時期に困ります。年末調整の書類です"],
    "年末調整": ["年調の時期に困ります。年末調整の書類です"],
    "CSV": ["csvの列が足りない", "ＣＳＶで出したい"],
    "csv": ["csvの列が足りない", "ＣＳＶで出したい"],
    "ＣＳＶ": ["csvの列が足りない", "ＣＳＶで出したい"],
    "ﾛｸﾞｲﾝ": ["ログイン画面が重い", "ﾛｸﾞｲﾝできません"],
    "ろぐいん": ["ログイン画面が重い", "ﾛｸﾞｲﾝできません"],
    "サーバー": ["サーバを替えたい", "サーバーが落ちました"],
    "サーバ": ["サーバを替えたい", "サーバーが落ちました"],
    "給与 明細": ["給与 明細をまとめて", "給与の明細がほしい"],
    "給与　明細": ["給与 明細をまとめて", "給与の明細がほしい"],
    "「給与 明細」": ["給与 明細をまとめて", "給与の明細がほしい"],
    '"給与 明細"': ["給与 明細をまとめて"],
    "“給与　明細”": ["給与 明細をまとめて"],
    "E-1023": ["エラー番号 Ｅ－１０２３ が出ます"],
    "e−1023": ["エラー番号 Ｅ－１０２３ が出ます"],
    "エラー番号 E-1023": ["エラー番号 Ｅ－１０２３ が出ます"],
    "税": ["消費税の計算"],
    "バージョン": ["ヴァージョンを知りたい"],
    "%": ["100%の割引_いつまで"],
    "_": ["100%の割引_いつまで"],
    "要文": [],
    "末年": [],
    "税金": [],
    "' OR 1=1 --": [],
    "csv AND 要望": [],
    "サーバ*": [],
    "grams:税": [],
}


def test_a_word_of_any_length_is_found_however_it_is_typed(shelf: Store) -> None:
    written(*CHAT)
    assert {query: found(query) for query in ASKED} == ASKED


def test_a_company_is_found_in_all_forms_of_its_name(shelf: Store) -> None:
    for number, name in enumerate(("株式会社山びこ", "（株）山びこ", "㈱山びこ", "山びこ有限会社")):
        written(f"相談{number}", at=NOON + number * DAY, company=name, company_id=f"c{number}")
    for query in ("株式会社山びこ", "(株)山びこ", "㈱やまびこ".replace("やま", "山")):
        assert found(query) == ["相談2", "相談1", "相談0"]
    assert found("㈲") == ["相談3"]
    assert found("相談 山びこ 有限") == ["相談3"]
    [company] = [hit.company for hit in search("株式会社 相談2").hits]
    assert [(piece.text, piece.is_hit) for piece in company] == [("㈱", True), ("山びこ", False)]


def test_what_is_found_is_what_holds_the_words_whatever_they_are(shelf: Store) -> None:
    """Against plain comparison, with letters that make the index collide and words overlap."""
    dice = random.Random(3)
    written(
        *{"".join(dice.choices("あいカか゛税ー-E1 0２", k=dice.randint(1, 12))).strip() or "空" for _ in range(150)}
    )
    everything = {text: fold(text).strip() for text in found("", since=1, most=1000)}
    assert len(everything) > 100
    for _ in range(120):
        query = "".join(dice.choices("あいカか税ー-E1 0２", k=dice.randint(1, 4)))
        words = words_of(query)
        expected = {text for text, folded in everything.items() if all(word in folded for word in words)}
        assert not words or set(found(query, most=1000)) == expected, query


# -- filters and pages ----------------------------------------------------------------------------


def test_filters_narrow_what_is_found(shelf: Store) -> None:
    written("要望です 一", kind="wish", company_id="c1", company="山商事", who="佐藤 花子")
    written("要望です 二", kind="message", company_id="c2", company="川商事", who="佐藤 次郎", at=NOON + DAY)
    written("要望です 三", kind="note", company_id="c1", company="山商事", who="鈴木 花子", at=NOON + 2 * DAY)
    assert found("要望") == ["要望です 三", "要望です 二", "要望です 一"]
    assert found("要望", kinds=["wish"]) == found("", kinds=["wish"]) == ["要望です 一"]
    assert found("要望", kinds=["wish", "message"]) == ["要望です 二", "要望です 一"]
    assert found("要望", company_id="c1") == found("", company_id="c1") == ["要望です 三", "要望です 一"]
    assert found("要望", who="佐藤花子") == found("", who="佐藤　花子") == ["要望です 一"]
    assert found("要望", who="佐藤") == ["要望です 二", "要望です 一"]
    assert found("要望", who="藤") == []
    assert found("要望", since=NOON + DAY) == ["要望です 三", "要望です 二"]
    assert found("要望", until=NOON + DAY) == ["要望です 一"]
    assert found("", since=NOON + DAY, until=NOON + 2 * DAY) == ["要望です 二"]
    assert found("要望", kinds=["wish"], company_id="c2") == []


def test_pages_hold_everything_once(shelf: Store) -> None:
    written(*(f"要望{number}" for number in range(25)))
    written(*(f"同時{number}" for number in range(7)), at=NOON)
    seen, before = [], 0
    while True:
        page = search("要望", before=before, most=10)
        seen += texts(page)
        before = page.next
        if not before:
            break
    assert seen == [f"要望{number}" for number in reversed(range(25))]
    assert search("要望", most=25).next == 0


def test_few_at_a_time_are_read_and_nothing_is_passed_over(shelf: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL reads what its index names in portions; letters of a word may stand apart in most of them."""
    monkeypatch.setattr(documents, "NEWEST", 2)
    monkeypatch.setattr(documents, "NAMED", 3)
    written(*(f"{number} 要望か望要か" if number % 5 else f"{number} 望か要望" for number in range(40)))
    expected = [f"{number} 望か要望" for number in reversed(range(0, 40, 5))]
    assert found('"望か要"') == found("望か要 望") == expected
    assert [texts(search("望か要", most=3)), search("望か要", most=8).next] == [expected[:3], 0]
    long = "要望か望要か要望か望要か"
    written(long, at=NOON - DAY)
    assert found(long) == found(long[:-1]) == [long]


def test_what_happened_in_one_second_has_numbers_of_its_own(shelf: Store) -> None:
    rows = [{"kind": "note", "ref": str(n), "place": "/", "text": f"同時 {n}"} for n in range(300)]
    rest = {"company_id": "", "company": "", "who": "", "at": NOON}
    store.write(partial(documents.put, rows=[row | rest for row in rows]))
    assert len(found("同時", most=500)) == 300
    assert documents.id_at(10**18, "note", "1") < 2**63


def test_a_changed_document_is_found_by_what_it_says_now_alone(shelf: Store) -> None:
    written("古い文言", ref="1")
    row = {"kind": "message", "ref": "古い文言", "place": "/chats/1", "company_id": "", "company": "", "who": ""}
    store.write(partial(documents.put, rows=[row | {"text": "新しい表現", "at": NOON}]))
    assert (found("文言"), found("古"), found("新しい")) == ([], [], ["新しい表現"])
    assert store.write(partial(documents.remove, refs=[("message", "古い文言")])) == 1
    assert found("新しい") == []


# -- filling it -----------------------------------------------------------------------------------


def test_wishes_backgrounds_decisions_and_messages_are_found_where_they_are(world: World) -> None:
    firm("101", "㈱奏")
    wish = filed("部署コードの列がほしい")
    noted(wish, background="部署ごとに集計している", person_name="田中 みなみ")
    decide(wish, "decline", "部署は来期に作り直す", answer="部署の一覧をお使いください")
    said("777", "9", "部署の件です", who="佐藤 花子")
    said("777", "10", "部署は社内で確認中", kind="note", is_customer=False)
    said("777", "11", "部署の要望を記録しました", kind="ours", is_customer=False)
    assert indexing.catch_up() == 6
    hits = {hit.document.kind: hit.document for hit in search("部署").hits}
    assert {kind: document.place for kind, document in hits.items()} == {
        "wish": f"/feedback/{wish}",
        "context": f"/feedback/{wish}",
        "decision": f"/feedback/{wish}",
        "message": "/chats/777#part-9",
        "note": "/chats/777#part-10",
    }
    assert (hits["wish"].company, hits["context"].who) == ("㈱奏", "田中 みなみ")
    assert len(found("株式会社奏")) == 3
    assert indexing.catch_up() == 0


def test_nothing_is_left_to_be_found_of_what_was_redacted(shelf: Store) -> None:
    said("777", "9", "私の番号は 1234 です")
    said("777", "10", "ありがとう")
    indexing.catch_up()
    assert found("1234") == ["私の番号は 1234 です"]
    said("777", "9", "")
    indexing.catch_up()
    assert found("1234") == []
    assert store.read(lambda session: session.get_one(Message, "777/9")).text == ""
    assert erasing.erase(Reach(messages=frozenset({"777/9", "777/10"}))) == 1
    indexing.catch_up()
    assert found("ありがとう") == []


def test_a_message_read_again_is_no_new_work(shelf: Store) -> None:
    said("777", "9", "要望です")
    assert indexing.catch_up() == 1
    said("777", "9", "要望です")
    assert indexing.catch_up() == 0
    said("777", "9", "要望でした")
    assert indexing.catch_up() == 1
    assert found("要望") == ["要望でした"]


def test_a_long_backlog_is_read_in_batches_and_the_marks_follow(
    shelf: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(indexing, "BATCH", 3)
    monkeypatch.setattr(indexing, "PROGRESS", 5)
    monkeypatch.setattr(indexing, "SETTLED_MS", -1)
    wishes = [filed(f"要望 {number}") for number in range(8)]
    assert indexing.catch_up(0) == 3
    assert indexing.catch_up() == 5
    assert "search has read 6 texts" in caplog.text
    assert "search knows everything: 8 texts" in caplog.text
    for _ in range(2):
        indexing.catch_up()
    assert store.read(lambda session: session.get_one(SearchMark, "feedback")).up_to == wishes[-1]
    late = filed("要望 遅れて")
    assert indexing.catch_up() == 1
    assert search("遅れて").hits[0].document.ref == str(late)
    assert store.read(lambda session: session.exec(select(func.count()).select_from(Document)).one()) == 9


# -- the query, and what is shown -----------------------------------------------------------------


def test_a_query_that_cannot_be_searched_for_is_told(sqlite_url: str) -> None:
    assert problem("あ" * 201) == TOO_LONG
    assert problem(" ".join("あいうえおかきくけこさ")) == TOO_LONG
    assert problem(" ".join("あいうえおかきくけこ")) == problem("") == problem(" ") == ""
    assert problem("\u200b") == problem('""') == NO_WORD
    assert MOST_WORDS == 10


def test_a_query_is_words_and_phrases() -> None:
    assert words_of("ＣＳＶ 列　csv") == ["csv", "列"]
    assert words_of('"部署 コード"の列 "閉じない') == ["部署 こど", "の列", "閉じない"]


HOSTILE = '<script>alert("要望")</script>&amp;㈱ﾛｸﾞｲﾝ\x00 か\u3099👩‍👩‍👧E－1023要\u200b望'


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("要望", ["要望", "要\u200b望"]),
        ("ログイン", ["ﾛｸﾞｲﾝ"]),
        ("株式会社ログ", ["㈱ﾛｸﾞ"]),
        ("が E-1023", ["か\u3099", "E－1023"]),
        ("script", ["script", "script"]),
        ("&amp;", ["&amp;"]),
        ("要望 望", ["要望", "要\u200b望"]),
        ("税", []),
    ],
)
def test_hits_are_marked_in_the_text_as_it_was_typed(query: str, marked: list[str]) -> None:
    pieces = excerpt(HOSTILE, words_of(query))
    assert "".join(piece.text for piece in pieces) == HOSTILE
    assert [piece.text for piece in pieces if piece.is_hit] == marked


def test_an_excerpt_shows_the_first_hit_of_a_long_text() -> None:
    pieces = excerpt("前" * 5000 + "要望" + "後" * 300, ["要望"])
    assert [piece.text for piece in pieces] == ["…", "前" * 40, "要望", "後" * 118, "…"]
    assert excerpt("短い要望", ["要望"])[0].text == "短い"
