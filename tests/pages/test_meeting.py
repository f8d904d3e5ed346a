"""The meeting's page: who may press its buttons, what is on the agenda, deciding, taking back, merging, past days."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from tests.meeting import DAY, LEAD, decide, filed, firm, group, merge, noted, wish_of
from tests.pages.reading import Element, button, fields, flat, get, press, read, send
from tests.releasing import released
from tests.world import World
from workflows.engine.durable import child, spawn
from workflows.engine.store import now_ms, store
from workflows.language.wording import promised_day
from workflows.meeting import decisions as records
from workflows.meeting import export, to_jira
from workflows.people.person import Person
from workflows.tables.meeting import Decision
from workflows.tables.runs import Run
from workflows.wish import corrections

TANAKA = Person("U0TANAKA", "田中 みなみ")
ENGLISH = "en"


def ago(days: float) -> int:
    """A moment so many days ago."""
    return now_ms() - int(days * DAY)


def rows(page: Element) -> list[str]:
    """The wishes on the agenda, top first."""
    return [link.attributes["data-wish"] for link in page.all("a", class_="open") if "data-wish" in link.attributes]


def in_focus(page: Element) -> str:
    """The wish in focus."""
    return page.all("article", id="wish")[0].attributes["data-name"]


def focus(page: Element) -> Element:
    """Everything about the wish in focus."""
    return page.all("article", id="wish")[0]


def conclude(world: World, wish: int, query: str = "", **typed: str) -> Element:
    """Somebody decides about a wish on the page; the page afterwards."""
    [form] = get(world, f"/triage?at=FB-{wish}{query}").all("form", id="decide")
    return send(world, form, **({"conclusion": "adopt", "reason": "多くのお客様に効くため"} | typed))


def decisions() -> list[Decision]:
    """Every decision, oldest first."""
    return list(store.read(lambda session: session.exec(select(Decision).order_by(col(Decision.id))).all()))


# -- refusals -------------------------------------------------------------------------------------

BUTTONS = ("decide", "undo", "send", "merge", "unmerge", "issue", "title")


@pytest.mark.parametrize("verb", BUTTONS)
def test_viewers_see_the_meeting_and_press_nothing(sqlite_world: World, verb: str) -> None:
    wish = filed()
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in("U0MORI")
    page = get(sqlite_world, "/triage")
    assert in_focus(page) == f"FB-{wish}" and not page.all("form", id="decide")
    assert press(sqlite_world, f"/triage/FB-{wish}/{verb}", conclusion="adopt", reason="x").status_code == 403
    assert decisions() == []


@pytest.mark.parametrize("verb", BUTTONS)
def test_another_site_presses_nothing(sqlite_world: World, verb: str) -> None:
    wish = filed()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "http://127.0.0.1:8000", "X-CSRF-Token": "x"}):
        form = {"conclusion": "adopt", "reason": "x", "into": "1", "key": "KNDE-12"}
        answer = sqlite_world.request("POST", f"/triage/{wish}/{verb}", data=form, headers=headers)
        assert answer.status_code == 403
    assert decisions() == []


def test_nobody_who_is_not_signed_in_gets_the_agenda(sqlite_world: World) -> None:
    filed()
    sqlite_world.app.state.demo = None
    for path in ("/triage", "/triage/wish/FB-1", "/triage/agenda.md", "/triage/agenda.csv"):
        answer = sqlite_world.request("GET", path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"conclusion": "", "reason": "x"}, "conclusion", "選択してください"),
        ({"conclusion": "burn", "reason": "x"}, "conclusion", "選択してください"),
        ({"conclusion": "adopt", "reason": " \r\n"}, "reason", "理由を"),
        ({"conclusion": "adopt", "reason": "x", "answer": "い" * 2001}, "answer", "2000"),
        ({"conclusion": "duplicate", "reason": "x"}, "into", "FB-12"),
        ({"conclusion": "duplicate", "reason": "x", "into": "CSV"}, "into", "FB-12"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(
    sqlite_world: World, typed: dict[str, str], field: str, why: str
) -> None:
    filed()
    answer = press(sqlite_world, "/triage/FB-1/decide", **typed)
    assert answer.status_code == 400
    page = get_from(answer.text)
    assert why in page.all("p", id=f"wrong-{field}")[0].text
    assert page.all("textarea", id="answer")[0].text == typed.get("answer", "")
    assert decisions() == []


def get_from(text: str) -> Element:
    """A page as it was answered."""
    from tests.pages.reading import read

    return read(text)


def test_a_decision_that_somebody_else_made_meanwhile_is_not_overruled_unseen(sqlite_world: World) -> None:
    wish = filed()
    [form] = get(sqlite_world, "/triage").all("form", id="decide")
    decide(wish, "adopt", by=TANAKA)
    typed = fields(form) | {"conclusion": "decline", "reason": "ほかを優先"}
    answer = press(sqlite_world, form.attributes["action"], **typed)
    assert answer.status_code == 409
    assert "田中 みなみ" in answer.text and "採用" in answer.text and "ほかを優先</textarea>" in answer.text
    assert [row.conclusion for row in decisions()] == ["adopt"]
    [again] = get_from(answer.text).all("form", id="decide")
    send(sqlite_world, again, conclusion="decline")
    assert [row.conclusion for row in decisions()] == ["adopt", "decline"]


def test_what_is_no_wish_is_said_to_be_none(sqlite_world: World) -> None:
    filed()
    get(sqlite_world, "/triage?at=FB-404", 404)
    assert "「部署コード」は見つかりません" in get(sqlite_world, "/triage?at=部署コード", 404).text
    for path in ("/triage/wish/FB-404", "/triage/wish/x", "/triage/wish/%00"):
        get(sqlite_world, path, 404)
    assert press(sqlite_world, "/triage/x/decide", conclusion="adopt", reason="x").status_code == 404
    assert press(sqlite_world, "/triage/FB-404/decide", conclusion="adopt", reason="x").status_code == 404


def test_strange_choices_are_those_that_nobody_made(sqlite_world: World) -> None:
    filed()
    for query in ("sort=burn&kind=%00&tier=%00", "on=2999-01-01", "on=x", "done=999&said=x", "on=0001-01-01&sort="):
        get(sqlite_world, f"/triage?{query}")


# -- the agenda -----------------------------------------------------------------------------------


def test_an_empty_agenda_says_what_fills_it(sqlite_world: World) -> None:
    page = get(sqlite_world, "/triage")
    assert "未決定の要望はありません" in page.text
    assert page.all("a", href="/wishes/new")


def test_a_past_day_on_which_nothing_was_undecided_invites_nobody_to_file_a_wish(sqlite_world: World) -> None:
    page = get(sqlite_world, "/triage?on=2026-01-05")
    assert "この日の終了時点で、未決定の要望はありませんでした。" in page.text
    assert not page.all("a", href="/wishes/new") and page.all("a", href="/triage/past")


def test_the_oldest_comes_first_and_says_what_matters(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    younger, older = filed("打刻", "901", at=ago(2)), filed("CSVに部署コード", "901", at=ago(40))
    noted(younger, background="手で直している", importance="high")
    page = get(sqlite_world, "/triage")
    assert rows(page) == [f"FB-{older}", f"FB-{younger}"] and in_focus(page) == f"FB-{older}"
    [first, second] = page.all("li", class_="row")
    for said in ("大手工業", "40日", "CSVに部署コード", "持ち越し", "優先度", "背景: 未記入"):
        assert said in first.text, said
    assert "背景: 未記入" not in second.text
    assert "済み 0 / 2件" in page.text


def test_it_can_be_sorted_and_filtered_and_the_address_says_so(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000), firm("902", "街の歯科", "Small", 9_800)
    small, large = filed("打刻", "902", at=ago(40)), filed("CSV", "901", at=ago(2), kind="fault")
    assert rows(get(sqlite_world, "/triage?sort=weight")) == [f"FB-{large}", f"FB-{small}"]
    assert rows(get(sqlite_world, "/triage?kind=fault")) == [f"FB-{large}"]
    page = get(sqlite_world, "/triage?tier=Small&sort=money")
    assert rows(page) == [f"FB-{small}"]
    assert page.all("a", class_="open")[0].attributes["href"] == f"/triage?at=FB-{small}&sort=money&tier=Small"
    assert "この条件に合う未決定の要望はありません" in get(sqlite_world, "/triage?kind=question").text


def test_fifty_stand_on_a_page_and_the_focus_turns_the_page(sqlite_world: World) -> None:
    wishes = [filed(f"要望{number}", at=ago(100 - number)) for number in range(52)]
    page = get(sqlite_world, "/triage")
    assert len(rows(page)) == 50
    [further] = [link for link in page.all("a") if "次の議題" in link.text]
    following = get(sqlite_world, further.attributes["href"])
    assert rows(following) == [f"FB-{wishes[50]}", f"FB-{wishes[51]}"] and in_focus(following) == f"FB-{wishes[50]}"


def test_tiers_of_which_nothing_was_heard_are_named(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000), firm("902", "街の歯科", "Small", 9_800)
    filed("CSV", "901")
    [segments] = get(sqlite_world, "/triage").all("p", class_="segments")
    assert "Small 1社" in flat(segments) and "Enterprise 1/1社" in flat(segments)


def test_the_weight_can_be_added_up_by_hand(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    noted(filed("CSV", "901", at=ago(15)), importance="high", temperature="medium")
    [table] = get(sqlite_world, "/triage").all("table", class_="sum")
    points = [int(row.all("td")[1].text) for row in table.all("tr")]
    assert sum(points[:-1]) == points[-1] > 0
    for line in ("会社1社 × 10", "Enterprise 1社 × 20", "月額480,000 ÷ 10,000", "重要度 高", "経過2週 × 1"):
        assert line in table.text, line


def test_the_script_asks_for_one_wish_and_again_only_for_what_changed(sqlite_world: World) -> None:
    wish = filed()
    first = sqlite_world.request("GET", f"/triage/wish/FB-{wish}?sort=weight")
    assert first.status_code == 200 and "<html" not in first.text
    tag = {"If-None-Match": first.headers["etag"]}
    assert sqlite_world.request("GET", f"/triage/wish/FB-{wish}?sort=weight", headers=tag).status_code == 304
    noted(wish, background="手で直している")
    assert sqlite_world.request("GET", f"/triage/wish/FB-{wish}?sort=weight", headers=tag).status_code == 200


# -- deciding -------------------------------------------------------------------------------------


def test_a_wish_gets_a_title_at_the_meeting_and_on_its_own_page(sqlite_world: World) -> None:
    wish = filed("部署コードの列も付けられないでしょうか。毎月手で足しています。")
    press(sqlite_world, f"/triage/FB-{wish}/title", title="部署コードの列")
    assert "部署コードの列" in [each.text for each in get(sqlite_world, "/triage").all("span")]
    answer = press(sqlite_world, f"/triage/FB-{wish}/title", title="CSVに部署コード", back="wish")
    assert answer.headers["location"] == f"/feedback/{wish}?said=named"
    page = get(sqlite_world, f"/feedback/{wish}")
    assert "CSVに部署コード" in page.all("h1")[0].text and "毎月手で足しています" in page.all("blockquote")[0].text
    assert press(sqlite_world, f"/triage/FB-{wish}/title", title="長" * 41).status_code == 400


def test_a_duplicate_is_done_with_like_every_other_wish(sqlite_world: World) -> None:
    first, second, third, _ = (filed(f"要望{number}", at=ago(9 - number)) for number in range(4))
    assert "済み 0 / 4件" in get(sqlite_world, "/triage").text
    conclude(sqlite_world, second, conclusion="duplicate", into=f"FB-{first}")
    page = conclude(sqlite_world, third, conclusion="duplicate", into=f"FB-{first}")
    assert "済み 2 / 4件" in page.text
    page = send(sqlite_world, button(page.all("section", id="decided")[0], "undo"))
    assert "済み 1 / 4件" in page.text
    assert "済み 2 / 4件" in conclude(sqlite_world, first).text


def test_after_a_decision_the_next_wish_is_in_focus_and_the_first_can_be_taken_back(sqlite_world: World) -> None:
    first, second = filed("CSV", at=ago(9)), filed("打刻", at=ago(3))
    page = conclude(sqlite_world, first, answer="ご用意いたします。", tells_all="yes")
    assert in_focus(page) == f"FB-{second}" and rows(page) == [f"FB-{second}"]
    [told] = page.all("section", id="decided")
    for said in (f"FB-{first}", "採用", "に送信", "サポートチャンネル", "会話1件"):
        assert said in flat(told), said
    assert "済み 1 / 2件" in page.text
    [row] = decisions()
    assert (row.answer, row.tells_all, row.person_name) == ("ご用意いたします。", True, "斎藤 真理")
    page = send(sqlite_world, button(told, "undo"))
    assert in_focus(page) == f"FB-{first}" and "取り消しました" in page.text
    assert wish_of(first).conclusion == ""


def test_the_same_decision_can_be_made_again_after_it_was_taken_back(sqlite_world: World) -> None:
    wish = filed()
    page = conclude(sqlite_world, wish)
    send(sqlite_world, button(page, "undo"))
    conclude(sqlite_world, wish)
    assert wish_of(wish).conclusion == "adopt" and len(decisions()) == 2


def test_what_was_undone_stands_in_the_form_to_be_corrected_and_only_for_a_while(sqlite_world: World) -> None:
    wish = filed()
    typed = {"reason": "ほかを優先", "answer": "見送ります。", "tells_all": "yes"}
    page = conclude(sqlite_world, wish, conclusion="decline", **typed)
    page = send(sqlite_world, button(page, "undo"))
    [form] = page.all("form", id="decide")
    assert {name: fields(form)[name] for name in typed} == typed
    assert "decline" in [pick.attributes["value"] for pick in form.all("input") if "checked" in pick.attributes]
    assert "取り消す前の内容です。" in flat(form)

    def long_ago(session: Session) -> None:
        session.get_one(Decision, 1).undone_at = now_ms() - 2 * 3_600_000

    store.write(long_ago)
    [form] = get(sqlite_world, f"/triage?at=FB-{wish}").all("form", id="decide")
    assert fields(form)["reason"] == "" and "取り消す前の内容です。" not in flat(form)


def test_what_is_decided_already_says_so_above_the_form_and_offers_no_second_issue(sqlite_world: World) -> None:
    wish = filed()
    page = conclude(sqlite_world, wish, create="yes")
    send(sqlite_world, button(page, "send"))
    page = get(sqlite_world, f"/triage?at=FB-{wish}")
    [said] = [flat(each) for each in page.all("p", class_="did") if "決定済み" in flat(each)]
    assert "採用" in said and "決定し直すと、置き換わります。" in said and "起票しています" in flat(page)
    assert not [each for each in page.all("button") if each.attributes.get("name") == "create"]
    assert "決定済み:" not in flat(get(sqlite_world, f"/triage?at=FB-{filed()}"))


def test_pressed_twice_it_is_decided_once(sqlite_world: World) -> None:
    filed()
    [form] = get(sqlite_world, "/triage").all("form", id="decide")
    typed = fields(form) | {"conclusion": "adopt", "reason": "効くため"}
    places = {press(sqlite_world, form.attributes["action"], **typed).headers["location"] for _ in range(2)}
    assert len(places) == 1 and len(decisions()) == 1


def test_what_was_sent_cannot_be_taken_back(sqlite_world: World) -> None:
    wish = filed()
    page = conclude(sqlite_world, wish)
    undo = button(page, "undo")
    page = send(sqlite_world, button(page, "send"))
    assert "結論を送信しています" in page.text
    assert "取り消せませんでした" in send(sqlite_world, undo).text
    assert wish_of(wish).conclusion == "adopt"


def test_going_on_considering_keeps_it_on_the_agenda_at_the_end(sqlite_world: World) -> None:
    first, second = filed("CSV", at=ago(9)), filed("打刻", at=ago(3))
    page = conclude(sqlite_world, first, conclusion="consider", reason="もう少し聞く")
    assert rows(page) == [f"FB-{second}", f"FB-{first}"]
    assert "済み 1 / 2件" in page.text and "検討継続" in page.all("li", class_="row")[1].text


def test_a_duplicate_goes_into_the_other_wish(sqlite_world: World) -> None:
    first, second = filed("CSV", at=ago(9)), filed("CSV出力", at=ago(3))
    conclude(sqlite_world, second, conclusion="duplicate", reason="同じ", into=f"fb-{first}")
    assert group(first) == [first, second]


def test_reasons_for_customers_are_offered_as_text(sqlite_world: World) -> None:
    filed()
    chips = get(sqlite_world, "/triage").all("button", class_="tag")
    assert any("ご要望は記録に残し" in chip.attributes["data-words"] for chip in chips)
    assert all(chip.attributes["data-fills"] == "answer" for chip in chips)


def test_the_place_in_the_agenda_is_kept(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    wishes = [filed(f"CSV {number}", "901", at=ago(9 - number)) for number in range(3)]
    page = conclude(sqlite_world, wishes[0], "&sort=weight&tier=Enterprise")
    [sort] = [option for option in page.all("select", name="sort")[0].all("option") if "selected" in option.attributes]
    assert sort.attributes["value"] == "weight" and in_focus(page) == f"FB-{wishes[1]}"


# -- merging --------------------------------------------------------------------------------------


def test_merged_wishes_show_everybody_and_can_be_taken_apart(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000), firm("902", "街の歯科", "Small", 9_800)
    first, second = filed("CSV", "901", at=ago(9)), filed("CSV出力", "902", at=ago(3))
    page = get(sqlite_world, f"/triage?at=FB-{second}")
    form = next(
        form for form in page.all("form", class_="choose") if form.attributes.get("action", "").endswith("/merge")
    )
    page = send(sqlite_world, form, into=f"FB-{first}")
    assert group(first) == [first, second] and "FB-2をFB-1に統合しました" in page.text
    page = get(sqlite_world, f"/triage?at=FB-{first}")
    assert "ほか1社" in page.text
    assert "大手工業" in focus(page).text and "街の歯科" in focus(page).text and "CSV出力" in focus(page).text
    page = send(sqlite_world, button(page, "unmerge"))
    assert group(first) == [first] and "統合を解除しました" in page.text
    page = send(sqlite_world, form, into=f"FB-{first}")  # the first form once more: that was done, and undone
    assert group(first) == [first] and "統合はすでに解除されています" in page.text
    form = next(
        form for form in page.all("form", class_="choose") if form.attributes.get("action", "").endswith("/merge")
    )
    send(sqlite_world, form, into=f"FB-{first}")
    assert group(first) == [first, second]


def test_similar_wishes_stand_there_to_be_merged_by_one_press(sqlite_world: World) -> None:
    older, younger = (
        filed("CSVに部署コードの列を付けたい", at=ago(9)),
        filed("部署コードの列をCSVに付けたい", at=ago(3)),
    )
    for at in (older, younger):
        [likes] = get(sqlite_world, f"/triage?at=FB-{at}").all("ol", class_="likes")
        assert (f"FB-{younger}" if at == older else f"FB-{older}") in likes.text
    page = send(sqlite_world, button(likes, "merge"))
    assert group(older) == [older, younger]
    page = get(sqlite_world, f"/triage?at=FB-{older}")
    assert not page.all("ol", class_="likes")


def test_what_was_decided_is_what_a_similar_wish_is_merged_into(sqlite_world: World) -> None:
    older, younger = (
        filed("CSVに部署コードの列を付けたい", at=ago(9)),
        filed("部署コードの列をCSVに付けたい", at=ago(3)),
    )
    decide(younger, "decline", "ほかを優先")
    [likes] = get(sqlite_world, f"/triage?at=FB-{older}").all("ol", class_="likes")
    assert "見送り" in likes.text
    form = button(likes, "merge")
    answer = press(sqlite_world, form.attributes["action"], **fields(form))
    assert answer.status_code == 409 and "すでに「見送り」と決定しています" in answer.text
    assert group(younger) == [younger]
    form = button(read(answer.text), "merge")
    send(sqlite_world, form, sure="yes")
    assert group(younger) == [younger, older] and wish_of(older).conclusion == "decline"


def test_after_a_merger_the_meeting_goes_on_where_it_was_and_it_can_be_undone_there(sqlite_world: World) -> None:
    first, second, third = (filed(f"要望{number}", at=ago(9 - number)) for number in range(3))
    form = button(get(sqlite_world, f"/triage?at=FB-{second}"), "merge")
    page = send(sqlite_world, form, into=f"FB-{first}")
    assert in_focus(page) == f"FB-{third}" and group(first) == [first, second]
    page = send(sqlite_world, button(page.all("div", class_="merged")[0], "unmerge"))
    assert group(first) == [first] and in_focus(page) == f"FB-{third}"


# -- available already ----------------------------------------------------------------------------


def test_what_is_released_and_told_leaves_the_agenda_and_is_not_decided_by_accident(world: World) -> None:
    released(world, 0)
    assert "リリース済みです。お客様への連絡が残っています。" in get(world, "/triage?at=FB-1").text
    world.intercom.agent_says(world.chats[0], "7001", "部署コードの列が付けられるようになりました。")
    world.settle()
    assert "FB-1" not in [row.attributes.get("data-name") for row in get(world, "/triage").all("li")]
    page = get(world, "/triage?at=FB-1")
    assert "リリース済み・連絡済みです。" in page.text
    form = button(page, "decide")
    said = {"conclusion": "decline", "reason": "間違い"}
    answer = press(world, form.attributes["action"], **(fields(form) | said))
    assert answer.status_code == 409 and "お伝えした内容と食い違います" in answer.text
    assert wish_of(1).conclusion == ""
    send(world, button(read(answer.text), "decide"), **said, sure="yes")
    assert wish_of(1).conclusion == "decline"


def test_merging_what_cannot_be_merged_says_why(sqlite_world: World) -> None:
    wish = filed()
    for into, status, why in (
        (f"FB-{wish}", 409, "統合できません"),
        ("FB-404", 409, "FB-404"),
        ("CSV", 400, "は見つかりません"),
    ):
        answer = press(sqlite_world, f"/triage/FB-{wish}/merge", into=into)
        assert answer.status_code == status, into
        [fault] = get_from(answer.text).all("p", id="wrong-merge-into")
        assert why in fault.text
        assert get_from(answer.text).all("input", id="merge-into")[0].attributes["value"] == into


def test_a_wish_is_found_by_the_number_of_one_that_is_merged_into_it(sqlite_world: World) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    merge(second, first)
    assert in_focus(get(sqlite_world, f"/triage?at=FB-{second}")) == f"FB-{first}"


# -- issues ---------------------------------------------------------------------------------------


def test_an_issue_is_created_or_linked_and_then_stands_there(sqlite_world: World) -> None:
    filed("CSVに部署コード")
    page = get(sqlite_world, "/triage")
    form = button(page, "issue")
    assert "件名は「CSVに部署コード」になります" in page.text
    send(sqlite_world, form, key="knde-12")
    sqlite_world.settle()
    assert "KNDE-12" in focus(get(sqlite_world, "/triage")).text
    assert "数秒で表示されます" in send(sqlite_world, form, create="yes").text
    sqlite_world.settle()
    assert len(get(sqlite_world, "/triage").all("ul", class_="issues")[0].all("li")) == 2


@pytest.mark.parametrize("typed", [{"create": "yes"}, {"key": "KNDE-12"}])
def test_from_a_page_opened_before_no_issue_is_made_for_what_was_withdrawn_since(
    world: World, typed: dict[str, str]
) -> None:
    wish = filed("CSVに部署コード")
    form = button(get(world, "/triage"), "issue")
    corrections.withdraw(wish, words="誤り", by=LEAD)
    answer = press(world, form.attributes["action"], **(fields(form) | typed))
    world.settle()
    assert answer.status_code == 409 and "FB-1は、誤って登録したものとして取り下げ済みです" in answer.text
    assert (world.jira.did("create_issue"), world.waiting("KNDE-12")) == ([], [])


@pytest.mark.parametrize(("act", "named"), [("create", {}), ("link", {"key": "KNDE-12"})])
def test_nor_for_what_was_withdrawn_before_that_was_carried_out(world: World, act: str, named: dict[str, str]) -> None:
    wish = filed("CSVに部署コード")
    corrections.withdraw(wish, words="誤り", by=LEAD)
    spawn([child(f"issue-for:{wish}/{act}", f"to_jira.{act}", feedback_id=wish, who=LEAD.name, **named)])
    world.settle()
    assert (world.jira.did("create_issue"), world.waiting("KNDE-12")) == ([], [])


def test_an_issue_that_is_not_there_is_said_at_the_field(sqlite_world: World) -> None:
    filed()
    answer = press(sqlite_world, "/triage/FB-1/issue", key="knde-999")
    assert answer.status_code == 400
    assert "KNDE-999はJiraにないか" in read(answer.text).all("p", id="wrong-key")[0].text
    assert store.read(lambda session: session.exec(select(Run)).all()) == []


def test_while_jira_is_slow_the_page_does_not_wait_and_the_wish_says_what_came_of_it(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed()
    monkeypatch.setattr(to_jira, "PATIENCE", 0)
    page = send(sqlite_world, button(get(sqlite_world, "/triage"), "issue"), key="KNDE-999")
    assert "Jiraに確認中です" in page.text
    sqlite_world.settle()
    assert "KNDE-999はJiraにないか" in get(sqlite_world, "/feedback/1").text
    for address in ("/triage?at=FB-1&said=asking", "/triage?at=FB-1&said=asked", "/feedback/1?said=asked"):
        page = get(sqlite_world, address)
        assert "Jiraに確認中です" not in page.text and "数秒で表示" not in page.text


def test_what_is_no_key_is_said_at_the_field(sqlite_world: World) -> None:
    filed()
    answer = press(sqlite_world, "/triage/FB-1/issue", key="CSVの列")
    assert answer.status_code == 400 and "課題のキーを入力してください" in answer.text
    assert store.read(lambda session: session.exec(select(Run)).all()) == []


# -- past days ------------------------------------------------------------------------------------


def test_a_past_day_shows_what_was_undecided_then_and_what_became_of_it(sqlite_world: World) -> None:
    wish, younger = filed("CSV", at=ago(30)), filed("打刻", at=ago(2))
    decide(wish, "decline", "ほかを優先")
    page = get(sqlite_world, f"/triage?on={export.day(ago(20))}")
    assert rows(page) == [f"FB-{wish}"] and " 終了時点" in page.text
    assert "as-of" in page.all("body")[0].attributes["class"]
    assert "その後の結論: 見送り" in flat(page.all("li", class_="row")[0])
    assert "ほかを優先" in focus(page).text
    assert not [
        form
        for form in page.all("form")
        if form.attributes.get("method") == "post" and "/triage" in form.attributes["action"]
    ]
    assert rows(get(sqlite_world, "/triage")) == [f"FB-{younger}"]


def test_today_and_the_future_are_no_past_days(sqlite_world: World) -> None:
    filed()
    for day in (export.day(now_ms()), "2999-01-01"):
        page = get(sqlite_world, f"/triage?on={day}")
        assert page.all("form", id="decide") and f"{promised_day('ja', day)}の時点の議題は表示できません" in page.text
    page = get(sqlite_world, "/triage?on=abc")
    assert page.all("form", id="decide") and "「abc」は日付ではありません" in page.text
    assert "今日の議題を表示しています" not in get(sqlite_world, "/triage").text


def test_a_past_day_knows_no_conclusion_that_came_later(sqlite_world: World) -> None:
    wish, day = filed("CSV", at=ago(30)), f"/triage?on={export.day(ago(20))}"
    first, later = decide(wish, "consider", "当時の理由"), decide(wish, "decline", "後日の理由")

    def work(session: Session) -> None:
        row = session.get_one(Decision, first.id)
        row.decided_at, row.sent_at, row.undone_at = ago(25), ago(25), later.decided_at

    store.write(work)
    said = " ".join(flat(each) for each in get(sqlite_world, day).all("ol", class_="history"))
    assert "当時の理由" in said and "後日の理由" not in said and "取り消す" not in said


# -- both languages -------------------------------------------------------------------------------


def test_the_same_in_english(sqlite_world: World) -> None:
    wish = filed(at=ago(20))
    page = get(sqlite_world, f"/triage?at=FB-{wish}&lang=en")
    for said in ("0 of 1 done", "Adopted", "Keep considering", "Not now", "Already possible", "Duplicate", "Weight"):
        assert said in page.text, said
    assert not any("\u3041" <= letter <= "\u30ff" for letter in page.all("form", id="decide")[0].all("legend")[0].text)


def test_the_history_says_who_decided_what_and_when_it_was_taken_back(sqlite_world: World) -> None:
    wish = filed()
    decide(wish, "decline", "ほかを優先", by=TANAKA)
    [row] = decisions()
    store.write(lambda session: records.undo(session, row.id or 0, "斎藤 真理") and None)
    [history] = get(sqlite_world, f"/triage?at=FB-{wish}").all("ol", class_="history")
    for said in ("見送り", "ほかを優先", "田中 みなみ", "斎藤 真理さんが取り消し"):
        assert said in history.text, said


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quote", "is_folded"), [("あ" * 2000, True), ("い\n" * 10, True), ("う" * 100, False)])
def test_long_words_are_folded_on_every_page_and_can_be_unfolded_without_scripts(
    sqlite_world: World, quote: str, is_folded: bool
) -> None:
    wish = filed(quote)
    for path in ("/triage", f"/feedback/{wish}"):
        page = get(sqlite_world, path)
        [whole] = [each for each in page.all("div", class_="whole") if each.all("blockquote")]
        assert quote in whole.text
        assert bool(whole.all("details", class_="unfold")) is is_folded
        assert ("long" in whole.attributes["class"].split()) is (len(quote) > 200)


def test_everybody_who_asks_is_quoted_and_counted_as_wishes_and_companies(sqlite_world: World) -> None:
    firm("901", "大手工業")
    first, second = filed("CSVに部署コード", "901", at=ago(3)), filed("部署コードも出したい", "901", at=ago(2))
    merge(second, first)
    for path in ("/triage", f"/feedback/{first}"):
        page = get(sqlite_world, path)
        assert [words.text for words in page.all("ol", class_="voices")[0].all("q")] == [
            "CSVに部署コード",
            "部署コードも出したい",
        ]
        assert "2件(1社)" in page.text
