"""Lists of wishes, filing by hand, and what an agent adds on a wish's page."""

from __future__ import annotations

import csv
import io

import pytest
from sqlmodel import col, select

from tests.meeting import DAY, decide, filed, firm, merge, noted, wish_of
from tests.pages.reading import Element, button, card, fields, flat, get, press, read, send, stations
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.overview import wish_lists
from workflows.people import saved_views
from workflows.tables.wish import Context, Feedback

CALL = {
    "source": "phone",
    "company": "株式会社あおば製作所",
    "person": "山本 恵子",
    "quote": "勤務表をExcelで受け取りたい",
    "kind": "wish",
    "background": "監査で手で起こしている",
    "importance": "high",
    "temperature": "medium",
    "promise": "report",
}


def wishes() -> list[Feedback]:
    """Every wish, oldest first."""
    return list(store.read(lambda session: session.exec(select(Feedback).order_by(col(Feedback.id))).all()))


def contexts() -> list[Context]:
    """Everything that was noted, oldest first."""
    return list(store.read(lambda session: session.exec(select(Context).order_by(col(Context.id))).all()))


def names(page: Element) -> list[str]:
    """The wishes of a list, top first."""
    return [row.attributes["data-name"] for row in page.all("tr") if "data-name" in row.attributes]


def form_to(page: Element, address: str) -> Element:
    """The form that is sent there."""
    return next(form for form in page.all("form") if form.attributes.get("action") == address)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/wishes/new", "/feedback/1/context", "/feedback/1/split", "/feedback/1/not-told"])
def test_viewers_file_nothing_and_note_nothing(sqlite_world: World, path: str) -> None:
    filed()
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in("U0MORI")
    assert press(sqlite_world, path, **CALL).status_code == 403
    assert get(sqlite_world, "/wishes/new", 403) and get(sqlite_world, "/wishes/companies?q=a", 403)
    page = get(sqlite_world, "/feedback/1")
    assert not [form for form in page.all("form") if "/feedback/" in form.attributes.get("action", "")]
    assert len(wishes()) == 1 and contexts() == []


@pytest.mark.parametrize("path", ["/wishes/new", "/feedback/1/context", "/feedback/1/split", "/feedback/1/not-told"])
def test_another_site_files_nothing(sqlite_world: World, path: str) -> None:
    filed()
    answer = sqlite_world.request("POST", path, data=CALL, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and len(wishes()) == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [("quote", " "), ("company", ""), ("kind", "burn"), ("source", "pigeon"), ("importance", "huge"), ("promise", "x")],
)
def test_what_is_wrong_with_a_call_is_said_at_the_field(sqlite_world: World, field: str, typed: str) -> None:
    answer = press(sqlite_world, "/wishes/new", **(CALL | {field: typed}))
    page = read(answer.text)
    assert answer.status_code == 400 and page.all("p", id=f"wrong-{field}")[0].text
    assert field == "quote" or page.all("textarea", id="quote")[0].text == CALL["quote"]
    assert wishes() == []


def test_a_context_that_says_nothing_is_refused_and_what_was_typed_stays(sqlite_world: World) -> None:
    filed()
    form = form_to(get(sqlite_world, "/feedback/1"), "/feedback/1/context")
    answer = press(sqlite_world, "/feedback/1/context", **(fields(form) | {"temperature": "high", "background": ""}))
    page = read(answer.text)
    assert answer.status_code == 400 and page.all("p", id="wrong-background")
    chosen = [each for each in page.all("input", name="temperature") if "checked" in each.attributes]
    assert [each.attributes["value"] for each in chosen] == ["high"] and contexts() == []


def test_nothing_is_split_off_without_words(sqlite_world: World) -> None:
    filed()
    for typed, field in (({"kind": "wish", "quote": " "}, "quote"), ({"kind": "x", "quote": "打刻"}, "kind")):
        answer = press(sqlite_world, "/feedback/1/split", **typed)
        assert answer.status_code == 400 and read(answer.text).all("p", id=f"wrong-split-{field}")
    assert press(sqlite_world, "/feedback/404/split", kind="wish", quote="打刻").status_code == 404
    assert len(wishes()) == 1


# -- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("show", "said"), [("all", "要望はまだありません"), ("mine", "受け付けた要望は"), ("decided", "検討会で決定")]
)
def test_an_empty_list_says_what_fills_it(sqlite_world: World, show: str, said: str) -> None:
    assert said in get(sqlite_world, f"/wishes?show={show}").text


def test_the_lists_say_where_each_wish_is_and_what_was_concluded(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    plain, known, mine = filed("打刻", "901"), filed("CSV", "901"), filed("色", "901", taken_by="U0LEAD")
    noted(known, background="手で直している")
    noted(mine, importance="low")
    decide(known, "decline", "ほかを優先")
    merge(plain, mine)
    assert names(get(sqlite_world, "/wishes")) == [f"FB-{mine}", f"FB-{known}", f"FB-{plain}"]
    assert names(get(sqlite_world, "/wishes?show=unfilled")) == [f"FB-{plain}"]
    assert names(get(sqlite_world, "/wishes?show=mine")) == [f"FB-{mine}"]
    page = get(sqlite_world, "/wishes?show=decided")
    assert names(page) == [f"FB-{known}"] and "見送り" in page.text and "ほかを優先" in page.text
    assert "統合先 FB-3" in flat(get(sqlite_world, "/wishes"))


def test_mine_are_also_those_taken_under_the_same_address_in_intercom(sqlite_world: World) -> None:
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in("U0TANAKA")
    theirs, other = filed("CSV", taken_by="7001"), filed("打刻", taken_by="7002")
    assert names(get(sqlite_world, "/wishes?show=mine")) == [f"FB-{theirs}"]
    assert f"FB-{other}" in names(get(sqlite_world, "/wishes"))
    with sqlite_world.without("intercom"):
        assert names(get(sqlite_world, "/wishes?show=mine")) == []


def test_a_long_list_goes_on(sqlite_world: World) -> None:
    for number in range(52):
        filed(f"要望{number}")
    page = get(sqlite_world, "/wishes?show=all")
    assert names(page)[0] == "FB-52" and len(names(page)) == 50
    [more] = [link for link in page.all("a") if "続きを見る" in link.text]
    assert names(get(sqlite_world, more.attributes["href"])) == ["FB-2", "FB-1"]
    assert "これより前の要望はありません" in get(sqlite_world, "/wishes?before=1").text
    for before in ("x", "%00", "9" * 40, "-1"):
        assert len(names(get(sqlite_world, f"/wishes?show=strange&before={before}"))) == 50


# -- narrowed, ordered, kept, taken along ---------------------------------------------------------


def test_a_list_is_narrowed_by_what_its_address_says(sqlite_world: World) -> None:
    firm("901", "㈱大手工業", "Enterprise", 480_000), firm("902", "街の歯科", "Small", 9_800)
    old = filed("打刻", "901", at=now_ms() - 40 * DAY, taken_by_name="佐藤 健")
    fault, typed = filed("CSV", "902", kind="fault"), filed("帳票", "", company_name="(株)みどり電機")
    decide(typed, "adopt")
    for query, expected in {
        "kind=fault": [fault],
        "company=大手": [old],
        "company=みどり": [typed],
        "company=%25": [],
        "by=佐藤+健": [old],
        "age=30": [old],
        "stage=received": [typed, fault, old],  # what was adopted is sent in a minute
        "stage=received&sort=oldest&age=14": [old],
        "sort=spend": [old, fault, typed],
        "sort=oldest": [old, fault, typed],
        "stage=ended": [],
        "stage=x&kind=x&age=x&sort=x&show=x": [typed, fault, old],
    }.items():
        page = get(sqlite_world, f"/wishes?{query}")
        assert names(page) == [f"FB-{id}" for id in expected], query
        assert expected or "条件に一致する要望はありません" in page.text


def test_a_noted_kind_counts_for_the_list_as_it_is_shown(sqlite_world: World) -> None:
    wish = filed("CSV")
    store.write(lambda session: session.add(Context(origin="o", feedback_id=wish, kind="fault", said_at=now_ms())))
    assert names(get(sqlite_world, "/wishes?kind=fault")) == [f"FB-{wish}"]
    assert names(get(sqlite_world, "/wishes?kind=wish")) == []


def test_every_stage_shows_what_stands_there(world: World) -> None:
    for number, key in enumerate(("KNDE-12", "KNDE-15")):
        world.link(world.wish(number), key)
    world.wish(2)
    world.move("KNDE-12", "完了")
    board = {stage: codes for stage, codes in stations(get(world, "/board")).items() if stage != "chat"}
    assert [codes for codes in board.values() if codes] == [["FB-3"], ["FB-2"], ["FB-1"]]
    for stage, codes in board.items():
        assert names(get(world, f"/wishes?stage={stage}")) == codes, stage


def test_what_was_noted_last_says_whether_there_is_background(world: World) -> None:
    taken_back, filled_late, plain, known = filed(), filed(), filed(), filed()
    noted(taken_back, background="監査のため", importance="high")
    noted(taken_back, background="", importance="")
    noted(filled_late, background="", importance="")
    noted(filled_late, background="", importance="low")
    noted(known, background="監査のため", importance="")
    wanted = wish_lists.Wanted(show=wish_lists.UNFILLED)
    rows = store.read(lambda session: wish_lists.found(session, wanted)).rows
    assert [row.id for row in rows] == [plain, taken_back]
    assert not any(row.voice.is_filled for row in rows)  # as its own page says
    assert store.read(lambda session: wish_lists.counts(session, wanted))[wish_lists.UNFILLED] == 2


def test_by_priority_stands_what_is_still_to_be_decided(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000), firm("902", "街の歯科")
    light, heavy, decided = filed("打刻", "902"), filed("CSV", "901"), filed("色", "901")
    decide(decided, "decline")
    page = get(sqlite_world, "/wishes?sort=weight")
    assert names(page) == [f"FB-{heavy}", f"FB-{light}"] and "結論が出ていない要望だけ" in page.text
    weights = [row.all("td", class_="number")[1].text.strip() for row in get(sqlite_world, "/wishes").all("tr")[1:]]
    assert weights[0] == "–" and int(weights[1]) > int(weights[2])


@pytest.mark.parametrize("sort", ["oldest", "spend", "weight"])
def test_a_long_list_goes_on_in_its_order(sqlite_world: World, sort: str) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    for number in range(52):
        filed(f"要望{number}", "901" if number % 2 else "902")
    page = get(sqlite_world, f"/wishes?sort={sort}&stage=received")
    [more] = [link for link in page.all("a") if "続きを見る" in link.text]
    rest = names(get(sqlite_world, more.attributes["href"]))
    assert len(names(page)) == 50 and len(rest) == 2 and not set(rest) & set(names(page))


def test_what_is_searched_for_a_stage_has_an_end_and_goes_on(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wish_lists, "SOME", 2)
    monkeypatch.setattr(wish_lists, "LOOKED", 4)
    first, *others = (filed(f"要望{number}") for number in range(6))
    for wish in others:
        decide(wish, "adopt")  # not sent yet: each may be anywhere, and has to be looked at
    page = get(sqlite_world, "/wishes?stage=adopted")
    assert names(page) == [] and "ここまでの範囲には" in page.text
    [further] = [link for link in page.all("a") if "続きを探す" in link.text]
    assert "これより前の要望はありません" in get(sqlite_world, further.attributes["href"]).text and first


def test_somebody_keeps_a_list_and_finds_it_again_and_nobody_else_does(sqlite_world: World) -> None:
    filed("CSV", kind="fault")
    page = get(sqlite_world, "/wishes?kind=fault&sort=oldest")
    page = send(sqlite_world, form_to(page, "/wishes/views"), name=" 古い不具合 ")
    assert "ビューを保存しました" in page.text
    page = get(sqlite_world, "/wishes")
    [link] = [link for link in page.all("a") if link.text == "古い不具合"]
    assert link.attributes["href"] == "/wishes?kind=fault&sort=oldest"
    page = send(sqlite_world, form_to(get(sqlite_world, "/wishes?kind=fault"), "/wishes/views"), name="古い不具合")
    assert [link.attributes["href"] for link in page.all("a") if link.text == "古い不具合"] == ["/wishes?kind=fault"]
    [delete] = [form for form in page.all("form") if form.attributes.get("action", "").endswith("/delete")]
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in("U0MORI")
    assert "古い不具合" not in get(sqlite_world, "/wishes").text
    assert press(sqlite_world, delete.attributes["action"]).status_code == 303
    sqlite_world.sign_in("U0LEAD")
    page = send(sqlite_world, form_to(get(sqlite_world, "/wishes"), delete.attributes["action"]))
    assert "ビューを削除しました" in page.text and "古い不具合" not in page.text


@pytest.mark.parametrize("name", [" ", "あ" * 41])
def test_a_view_without_a_name_is_not_kept(sqlite_world: World, name: str) -> None:
    answer = press(sqlite_world, "/wishes/views", name=name, query="kind=fault")
    page = read(answer.text)
    assert answer.status_code == 400 and page.all("p", id="wrong-name")
    assert page.all("option", value="fault")[0].attributes.get("selected") == ""
    assert not [each for each in page.all("div", class_="views") if each.all("li")]


def test_a_view_holds_nothing_but_what_a_list_knows(sqlite_world: World) -> None:
    press(sqlite_world, "/wishes/views", name="x", query="kind=fault&next=//evil.example&sort=%00&company=<b>")
    [link] = [link for link in get(sqlite_world, "/wishes").all("a") if link.text == "x"]
    assert link.attributes["href"] == "/wishes?kind=fault&company=%3Cb%3E"


def test_nobody_keeps_views_without_end(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    assert press(sqlite_world, "/wishes/views", name="a", query="kind=fault").status_code == 303
    answer = press(sqlite_world, "/wishes/views", name="b", query="kind=fault")
    assert answer.status_code == 400 and "1件まで保存できます" in answer.text


def test_the_list_as_a_file_holds_what_was_asked_for_and_no_formula(sqlite_world: World) -> None:
    firm("901", "=大手工業", "Enterprise", 480_000)
    wish, _ = filed("+1+1をCSVに", "901"), filed("色", "902")
    decide(wish, "decline", "@ほかを優先")
    answer = sqlite_world.request("GET", "/wishes.csv?company=大手")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "attachment" in answer.headers["content-disposition"]
    assert [row[0] for row in rows] == ["番号", f"FB-{wish}"]
    assert not [cell for cell in rows[1] if cell.startswith(("=", "+", "@"))]
    assert {"480000", "見送り", "受付済み"} <= set(rows[1])


@pytest.mark.parametrize("who", ["U0TANAKA", "U0MORI"])
def test_who_may_not_export_sees_no_link_and_gets_no_file(sqlite_world: World, who: str) -> None:
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in(who)
    assert ".csv" not in " ".join(link.attributes.get("href", "") for link in get(sqlite_world, "/wishes").all("a"))
    assert sqlite_world.request("GET", "/wishes.csv").status_code == 403


# -- filing by hand -------------------------------------------------------------------------------


def test_a_call_is_filed_once_with_what_was_said_beside_it(sqlite_world: World) -> None:
    firm("101", "株式会社あおば製作所", "Enterprise", 480_000)
    form = form_to(get(sqlite_world, "/wishes/new"), "/wishes/new")
    page = send(sqlite_world, form, **CALL)
    send(sqlite_world, form, **CALL)
    [wish] = wishes()
    assert (wish.company_id, wish.person_name, wish.source, wish.taken_by) == ("101", "山本 恵子", "phone", "U0LEAD")
    assert [(each.background, each.importance, each.level) for each in contexts()] == [
        ("監査で手で起こしている", "high", "report")
    ]
    assert (
        "要望を登録しました" in page.text and "監査で手で起こしている" in page.text and "電話で受けた要望" in page.text
    )
    assert f"FB-{wish.id}" in get(sqlite_world, "/triage").text


def test_what_was_changed_before_it_was_sent_again_is_another_wish(sqlite_world: World) -> None:
    firm("101", CALL["company"])
    form = form_to(get(sqlite_world, "/wishes/new"), "/wishes/new")
    send(sqlite_world, form, **CALL)
    send(sqlite_world, form, **(CALL | {"quote": "別の要望"}))
    assert [wish.quote for wish in wishes()] == [CALL["quote"], "別の要望"]


def refused(world: World, **typed: str) -> Element:
    """The form as it comes back when it is not filed."""
    answer = press(world, "/wishes/new", **(CALL | typed))
    assert answer.status_code == 400 and wishes() == []
    return form_to(read(answer.text), "/wishes/new")


def offers(form: Element) -> dict[str, str]:
    """The companies from which to choose: their names, and what choosing one sends."""
    picks = [pick for pick in form.all("label", class_="pick") if pick.all("input", name="company_is")]
    return {flat(pick): pick.all("input")[0].attributes["value"] for pick in picks}


def test_a_name_that_is_like_known_ones_has_to_be_chosen(sqlite_world: World) -> None:
    firm("101", "株式会社あおば製作所"), firm("102", "あおば学園"), firm("103", "街の歯科")
    form = refused(sqlite_world, company="あおば")
    assert "似た名前の会社が登録されています" in form.all("p", id="wrong-company")[0].text
    assert list(offers(form)) == ["あおば学園", "株式会社あおば製作所", "「あおば」を新しい会社として登録"]
    send(sqlite_world, form, company_is="101")
    assert [(wish.company_id, wish.company_name) for wish in wishes()] == [("101", "")]


def test_a_name_that_nobody_knows_has_to_be_confirmed_and_is_shown_from_then_on(sqlite_world: World) -> None:
    form = refused(sqlite_world, company="みどり電機")
    assert "登録されていません" in form.all("p", id="wrong-company")[0].text
    refused(sqlite_world, company="みどり電気", company_is=offers(form)["「みどり電機」を新しい会社として登録"])
    send(sqlite_world, form, company_is=offers(form)["「みどり電機」を新しい会社として登録"])
    assert [(wish.company_id, wish.company_name) for wish in wishes()] == [(None, "みどり電機")]
    assert "みどり電機" in card(get(sqlite_world, "/board"), "FB-1").text


def test_the_same_name_written_otherwise_is_the_known_company(sqlite_world: World) -> None:
    firm("101", "KANADE工業")
    press(sqlite_world, "/wishes/new", **(CALL | {"company": "ｋａｎａｄｅ工業 "}))
    assert [wish.company_id for wish in wishes()] == ["101"]


def test_companies_on_record_are_offered(sqlite_world: World) -> None:
    firm("901", "大手工業"), firm("902", "街の歯科")
    answer = sqlite_world.request("GET", "/wishes/companies?q=工業")
    assert answer.json() == ["大手工業"]
    assert sqlite_world.request("GET", "/wishes/companies?q=%00").json() == []


# -- on a wish's page -----------------------------------------------------------------------------


def test_the_background_is_filled_in_and_can_be_changed(sqlite_world: World) -> None:
    filed()
    page = get(sqlite_world, "/feedback/1")
    page = send(sqlite_world, form_to(page, "/feedback/1/context"), background="手で直している", importance="high")
    assert "背景と重要度を保存しました" in page.text
    [known] = page.all("section", id="about")[0].all("dl", class_="known")
    assert "手で直している" in known.text and "高" in known.text
    form = form_to(page, "/feedback/1/context")
    assert fields(form)["background"] == "手で直している" and fields(form)["importance"] == "high"
    send(sqlite_world, form, background="毎月2日かかる")
    assert [(each.background, each.importance) for each in contexts()] == [
        ("手で直している", "high"),
        ("毎月2日かかる", "high"),
    ]


def test_another_wish_is_split_off_with_its_own_words(sqlite_world: World) -> None:
    filed("CSVに部署コードと役職を付けたい")
    form = form_to(get(sqlite_world, "/feedback/1"), "/feedback/1/split")
    page = send(sqlite_world, form, quote="役職の列も")
    assert "切り出した新しい要望です" in page.text and "役職の列も" in page.all("blockquote")[0].text
    send(sqlite_world, form, quote="役職の列も")
    assert [wish.quote for wish in wishes()] == ["CSVに部署コードと役職を付けたい", "役職の列も"]


def test_a_merged_wish_says_so_and_is_taken_apart_on_its_page(sqlite_world: World) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    form = next(
        form
        for form in get(sqlite_world, f"/feedback/{second}").all("form", class_="choose")
        if form.attributes.get("action", "").endswith("/merge")
    )
    page = send(sqlite_world, form, into=f"FB-{first}")
    assert f"FB-{first}に統合されています" in page.text
    page = send(sqlite_world, button(page, "unmerge"))
    assert wish_of(second).merged_into is None and page.all("title")[0].text.startswith(f"FB-{second}")


def test_the_conclusion_and_its_history_stand_on_the_wish(sqlite_world: World) -> None:
    wish = filed(at=now_ms() - 3 * DAY)
    decide(wish, "decline", "ほかを優先")
    decide(wish, "adopt", "やはり進める")
    page = get(sqlite_world, f"/feedback/{wish}")
    assert "採用" in page.text and "やはり進める" in page.text and "ほかを優先" in page.text
    assert "に送信" in page.text
    page = send(sqlite_world, button(page, "undo"))
    assert wish_of(wish).conclusion == ""


def test_the_form_reads_out_the_name_and_the_way_that_were_typed(sqlite_world: World) -> None:
    form = {"person": "山田 花子", "source": "phone", "quote": "部署コードの列が欲しいです。毎月手で足しています。"}
    proposed = press(sqlite_world, "/wishes/proposals", **form).json()
    assert proposed["title"] == "部署コードの列が欲しい"
    assert proposed["sentences"]["report"].startswith("山田様、")
    assert proposed["sentences"]["report"].endswith("お電話にてご報告いたします。")
