"""The search page: what is asked for stands in the address, is answered, and stays text; and chats as written."""

from __future__ import annotations

import argparse
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from app.operate import operators
from tests.clock import TOKYO
from tests.escalating import Escalating
from tests.meeting import LEAD, decide, filed, firm
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, flat, get
from tests.world import World
from workflows.customer import messages
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.search import documents, indexing

NOON = int(datetime(2026, 5, 1, 12, tzinfo=TOKYO).timestamp() * 1000)
DAY = 24 * 3600 * 1000


def written(text: str, **others: Any) -> None:
    """A document with this text."""
    row = {"kind": "message", "company_id": "", "company": "", "who": "", "place": "/chats/1", "at": NOON}
    store.write(partial(documents.put, rows=[row | {"text": text, "ref": text} | others]))


def said(text: str, part: str = "", **others: Any) -> None:
    """A message in chat 1, as a story keeps it."""
    row = {"kind": "message", "who": "山本 恵子", "is_customer": True, "said_at": NOON, "stale": True} | others
    row |= {"id": f"1/{part}", "conversation_id": "1", "part_id": part, "text": text}
    store.write(partial(messages.keep, rows=[row]))


def excerpts(page: Element) -> list[str]:
    """What is shown of each result."""
    return [each.text.strip() for each in page.all("p", class_="excerpt")]


def marked(page: Element) -> list[str]:
    """What is marked in the results."""
    return [each.text for each in page.all("mark")]


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field", "why"),
    [
        ("kind=tweet", "kind", "「tweet」という種類はありません"),
        ("company=ないない商店", "company", "「ないない商店」"),
        ("from=2026-02-30", "from", "「2026-02-30」は検索できる日付ではありません"),
        ("until=昨日", "until", "「昨日」は検索できる日付ではありません"),
        ("from=9999-01-01", "from", "検索できる日付ではありません"),
        ("from=2026-05-02&until=2026-05-01", "until", "開始日が終了日より後"),
        ("q=" + "税" * 201, "q", "検索する語が長すぎます"),
        ("q=%E2%80%8B%E2%80%8D", "q", "検索できる文字がありません"),
    ],
)
def test_what_cannot_be_searched_for_is_answered(sqlite_world: World, query: str, field: str, why: str) -> None:
    written("税")
    page = get(sqlite_world, f"/search?{query}" if "q=" in query else f"/search?q=税&{query}", 400)
    [told] = page.all("p", class_="wrong")
    assert told.attributes["id"] == f"wrong-{field}" and why in told.text
    assert not excerpts(page)


def test_several_companies_of_a_name_are_offered(sqlite_world: World) -> None:
    for id in ("k1", "k2"):
        firm(id, "株式会社やまと")
        written(f"税について {id}", company_id=id, company="株式会社やまと")
    page = get(sqlite_world, "/search?q=税&company=やまと", 400)
    links = [each.attributes["href"] for each in page.all("ul", class_="found")[0].all("a")]
    assert links == [f"/search?q={quote('税')}&company={id}" for id in ("k1", "k2")]
    assert excerpts(get(sqlite_world, links[1])) == ["税について k2"]


def test_an_odd_place_in_the_list_is_its_beginning_or_its_end(sqlite_world: World) -> None:
    written("税")
    for before in ("x", "-1", "9" * 40, "１"):
        assert excerpts(get(sqlite_world, f"/search?q=税&before={before}")) == ["税"]
    assert "これより前のものはありません" in get(sqlite_world, "/search?q=税&before=1").text


# -- searching ------------------------------------------------------------------------------------


def test_nothing_asked_for_says_what_is_searched(sqlite_world: World) -> None:
    page = get(sqlite_world, "/search")
    assert "エスカレーションを検索できます" in page.text and not page.all("ol", class_="hits")
    assert "一致する結果がありません" in get(sqlite_world, "/search?q=要望").text


def test_hits_are_marked_as_they_were_typed(sqlite_world: World) -> None:
    written("㈱山びこの ﾛｸﾞｲﾝ がおかしい <b>サーバー</b>", who="サーバ 太郎")
    page = get(sqlite_world, "/search?q=ろぐいん+さーば+株式会社")
    assert marked(page) == ["㈱", "ﾛｸﾞｲﾝ", "サーバー", "サーバ"]
    assert excerpts(page) == ["㈱山びこの ﾛｸﾞｲﾝ がおかしい <b>サーバー</b>"]


def test_filters_stand_in_the_address_and_in_the_form(world: World) -> None:
    firm("k1", "株式会社あさひ")
    written("税の要望", kind="wish", company_id="k1", company="株式会社あさひ", who="山本 恵子", place="/feedback/7")
    written("税の話", at=NOON - DAY)
    asked = "/search?q=税&kind=wish&kind=context&company=k1&who=山本&from=2026-05-01&until=2026/05/01"
    page = get(world, asked)
    assert excerpts(page) == ["税の要望"]
    assert [each.attributes["value"] for each in page.all("input", checked="")] == ["wish", "context"]
    typed = {
        each.attributes["name"]: each.attributes["value"] for each in page.all("main")[0].all("input", type="text")
    }
    assert typed == {"q": "税", "company": "k1", "who": "山本"}
    days = [each.attributes["value"] for each in page.all("input", type="date")]
    assert days == ["2026-05-01", "2026-05-01"]
    assert "要望 FB-7" in page.all("a", href="/feedback/7")[0].text
    assert excerpts(get(world, "/search?q=税&until=2026-04-30")) == ["税の話"]
    assert excerpts(get(world, "/search?kind=wish")) == ["税の要望"]


def test_one_page_after_the_other_holds_everything_once(sqlite_world: World) -> None:
    for number in range(120):
        written(f"要望 {number:03}", at=NOON + number * 60_000)
    address, found = "/search?q=要望&kind=message", []
    while address:
        page = get(sqlite_world, address)
        found += excerpts(page)
        older = [a.attributes["href"] for a in page.all("a") if "前の分" in a.text]
        address = older[0] if older else ""
    assert found == [f"要望 {number:03}" for number in reversed(range(120))]


def test_every_page_has_the_field_and_leads_to_the_search(sqlite_world: World) -> None:
    [form] = get(sqlite_world, "/deliveries").all("header")[0].all("form", role="search")
    assert form.attributes["action"] == "/search" and form.all("input", name="q")
    assert len(get(sqlite_world, "/search").all("main")[0].all("form", role="search")) == 1


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_what_people_write_stays_text(sqlite_world: World, text: str) -> None:
    written(f"税 {text}", who=text, company=text, company_id=text)
    said(text, who=text)
    for address in (f"/search?q={quote(text[:190])}", "/search?q=税", f"/search?who={quote(text)}", "/chats/1"):
        check(read_any(sqlite_world, address))


def read_any(world: World, address: str) -> Element:
    """A page, whatever its status."""
    status = world.request("GET", address).status_code
    assert status in (200, 400)
    return get(world, address, status)


# -- a chat ---------------------------------------------------------------------------------------


def test_a_chat_is_shown_as_it_was_written(sqlite_world: World) -> None:
    wish = sqlite_world.wish(0)
    indexing.catch_up()
    [place] = [
        each.attributes["href"]
        for each in get(sqlite_world, "/search?q=勤怠データ&kind=message").all("a", class_="open")
    ]
    page = get(sqlite_world, place)
    assert place == f"/chats/{wish.conversation_id}#part-"
    first = page.all("li", class_="part")[0]
    assert first.attributes["id"] == "part-" and "勤怠データをCSVで" in first.text and "山本 恵子" in first.text
    assert page.all("a", href=f"/feedback/{wish.id}")


def test_what_was_redacted_and_what_was_meant_for_colleagues_is_told_apart(sqlite_world: World) -> None:
    said("", "1")
    said("先方は急いでいます", "2", kind="note", is_customer=False, who="田中 みなみ", said_at=NOON + 1000)
    one, two = get(sqlite_world, "/chats/1").all("li", class_="part")
    assert "消去済み" in one.text
    assert "内部メモ" in two.text and "inside" in two.attributes["class"]


def test_a_chat_that_nobody_knows_is_no_page(sqlite_world: World) -> None:
    for address in ("/chats/none", "/chats/1%00", "/chats/" + "9" * 3000):
        get(sqlite_world, address, 404)


# -- the command line -----------------------------------------------------------------------------


def test_operators_search_from_the_command_line(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written("[red]要望[/red] です", place="/chats/7#part-1")
    monkeypatch.setattr("app.operate.operators.load", lambda: sqlite_world.app.state.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())

    def find(*words: str) -> int:
        return operators.find(argparse.Namespace(words=list(words), kind=[], limit=5))

    assert find("要望") == 0
    assert "[red]要望[/red] です" in capsys.readouterr().out
    assert find("要望です") == 1
    assert find("要望", "[red]要望[/red] です") == 0
    assert find("\u200b") == 2


class _Nothing:
    def start(self) -> None:
        """What is there is open already."""

    def stop(self) -> None:
        """It stays open."""


def test_a_message_is_called_by_whose_chat_it_is_in(sqlite_world: World) -> None:
    written("勤怠の締めが遅い", company="あおば製作所", place="/chats/1795864927202#part-3")
    written("勤怠が遅い", place="/chats/1795864927203")
    titles = " ".join(flat(head) for head in get(sqlite_world, "/search?q=勤怠").all("p", class_="hit-head"))
    assert "あおば製作所" in titles and "1795864927202" not in titles and "1795864927203" in titles


def test_the_messages_of_one_conversation_are_one_result_with_whose_it_is(sqlite_world: World) -> None:
    chat = sqlite_world.wish(0).conversation_id
    for number, place in enumerate((f"/chats/{chat}#part-1", "/chats/8", f"/chats/{chat}", "/feedback/9")):
        kind = "wish" if place.startswith("/feedback") else "message"
        written(f"締め日 {number}", place=place, at=NOON - number * 60_000, kind=kind, company="あおば製作所")
    page = get(sqlite_world, "/search?q=締め日")
    hits = page.all("li", class_="hit")
    assert [len(hit.all("p", class_="excerpt")) for hit in hits] == [2, 1, 1]
    assert "あおば製作所 山本 恵子様との会話" in flat(hits[0].all("p", class_="hit-head")[0])
    links = [a.attributes["href"] for a in hits[0].all("a")]
    assert f"/chats/{chat}#part-1" in links and f"/chats/{chat}" in links
    assert "検索結果 4件" in page.text


def test_more_results_than_are_shown_are_not_counted_as_if_they_were_all(sqlite_world: World) -> None:
    for number in range(51):
        written(f"要望 {number:03}", at=NOON + number * 60_000, place=f"/chats/{number}")
    page = get(sqlite_world, "/search?q=要望")
    assert "検索結果 50件以上" in page.text and "検索結果 50件 " not in flat(page)
    assert "検索結果 1件" in get(sqlite_world, "/search?q=050&lang=ja").text
    assert "1 result" in get(sqlite_world, "/search?q=050&lang=en").text


def test_a_company_of_the_name_that_was_typed_comes_first(sqlite_world: World) -> None:
    firm("901", "さくら学習塾", "Small"), firm("902", "街の歯科")
    written("さくら学習塾の件", company="さくら学習塾", company_id="901")
    page = get(sqlite_world, "/search?q=さくら学習塾")
    [link] = page.all("ul", class_="found")[0].all("a")
    assert link.attributes["href"] == "/companies/901" and "さくら学習塾" in link.text
    assert get(sqlite_world, "/search?q=さくら学習塾&kind=message").all("ul", class_="found") == []
    assert get(sqlite_world, "/search?q=の").all("ul", class_="found") == []


# -- by their codes -------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["FB-1", "fb-1", " ＦＢ－１ ", "ｆｂー１"])
def test_a_wish_is_found_by_its_code_however_it_is_typed(sqlite_world: World, typed: str) -> None:
    filed("CSV")
    answer = sqlite_world.request("GET", f"/search?{urlencode({'q': typed})}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/feedback/1")


def test_an_escalation_is_found_by_its_code(sqlite_world: World) -> None:
    escalation = Escalating(sqlite_world).raised()
    answer = sqlite_world.request("GET", f"/search?q=e-{escalation.id}")
    assert answer.headers["location"] == f"/escalations/E-{escalation.id}"
    assert "location" not in sqlite_world.request("GET", "/search?q=E-404").headers


def test_the_wishes_of_an_issue_are_found_by_its_key(sqlite_world: World) -> None:
    wish = sqlite_world.wish(0)
    sqlite_world.link(wish, "KNDE-12")
    page = get(sqlite_world, f"/search?{urlencode({'q': 'ｋｎｄｅ－１２'})}")
    assert "KNDE-12を待っている要望" in page.text and page.all("a", href="/feedback/1")
    assert "を待っている要望" not in get(sqlite_world, "/search?q=KNDE-99").text


def test_a_conclusion_that_was_taken_back_is_not_found(sqlite_world: World) -> None:
    address = f"/search?{urlencode({'q': '前例のない', 'kind': 'decision'})}"
    decision = decide(filed("CSV"), "decline", "前例のない理由")
    indexing.catch_up()
    assert len(get(sqlite_world, address).all("li", class_="hit")) == 1
    assert acts.undo(decision.id or 0, LEAD)
    indexing.catch_up()
    assert get(sqlite_world, address).all("li", class_="hit") == []


def test_a_wish_that_is_found_says_where_it_is(sqlite_world: World) -> None:
    wish = filed("CSVに部署コードの列を付けたい")
    indexing.catch_up()
    [hit] = get(sqlite_world, f"/search?q={quote('部署コード')}").all("li", class_="hit")
    assert "受付済み" in hit.text
    decide(wish, "decline", "ほかを優先")
    acts.send_now(1)
    hits = get(sqlite_world, f"/search?q={quote('部署コード')}&kind=wish").all("li", class_="hit")
    assert ["終了(連絡なし)" in each.text for each in hits] == [True]
