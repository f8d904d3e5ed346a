"""Promises that are still to be kept: who is owed a report, what may be said, and noting that it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlmodel import col, select

from tests.meeting import decide, filed, firm, noted
from tests.pages.escalated import put
from tests.pages.reading import Element, button, flat, get, press, read, send
from tests.releasing import soon
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.overview import owed
from workflows.overview.owed import DRAFTS, REPORTS
from workflows.rules import rules
from workflows.tables.telling import Report


def promised(quote: str = "CSVに部署コード", conclusion: str = "", company: str = "901") -> int:
    """A wish whose customer was promised a report; concluded and sent where that is said."""
    wish = filed(quote, company)
    noted(wish, background="手で直している", promise="report", level="report", person_name="田中 みなみ")
    if conclusion:
        decision = decide(wish, conclusion, "ほかを優先", answer="記録に残します。")
        acts.send_now(decision.id or 0)
    return wish


def reports() -> list[Report]:
    """Every report, oldest first."""
    return list(store.read(lambda session: session.exec(select(Report).order_by(col(Report.id))).all()))


def due(page: Element) -> list[str]:
    """To whom something can be reported, the longest wait first."""
    return [each.attributes["id"] for each in page.all("li", class_="debt")]


def waiting(page: Element) -> list[str]:
    """Who waits for a conclusion."""
    return [row.attributes["data-name"] for row in page.all("tr") if "data-name" in row.attributes]


# -- refusals -------------------------------------------------------------------------------------


def test_viewers_see_promises_and_note_nothing(sqlite_world: World) -> None:
    wish = promised(conclusion="decline")
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in("U0MORI")
    page = get(sqlite_world, "/promises")
    assert due(page) == [f"FB-{wish}"]
    assert not [form for form in page.all("form") if "/promises" in form.attributes.get("action", "")]
    assert press(sqlite_world, f"/promises/FB-{wish}/report", how="phone").status_code == 403 and reports() == []


def test_another_site_notes_nothing(sqlite_world: World) -> None:
    wish = promised(conclusion="decline")
    headers = {"Origin": "https://evil.example"}
    answer = sqlite_world.request("POST", f"/promises/{wish}/report", data={"how": "phone"}, headers=headers)
    assert answer.status_code == 403 and reports() == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"how": "nobody", "words": " "}, "words"),
        ({"how": "pigeon"}, "how"),
        ({"how": "mail", "words": "あ" * 501}, "words"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(sqlite_world: World, typed: dict[str, str], field: str) -> None:
    wish = promised(conclusion="decline")
    answer = press(sqlite_world, f"/promises/FB-{wish}/report", **typed)
    assert answer.status_code == 400 and read(answer.text).all("p", id=f"wrong-{field}")
    assert reports() == []


@pytest.mark.parametrize("name", ["FB-404", "x", "%00"])
def test_what_is_no_wish_has_no_promise(sqlite_world: World, name: str) -> None:
    assert press(sqlite_world, f"/promises/{name}/report", how="phone").status_code == 404


@pytest.mark.parametrize("demo", [True, False], ids=["demo", "production"])
def test_a_report_about_a_chat_leads_to_the_chat(sqlite_world: World, demo: bool) -> None:
    wish = filed("CSVに部署コード", source_url="https://app.intercom.com/a/inbox/x/1")
    noted(wish, promise="report", level="report", person_name="田中 みなみ")
    acts.send_now(decide(wish, "decline", "ほかを優先").id or 0)
    if not demo:
        sqlite_world.app.state.demo = None
        sqlite_world.sign_in()
    page = get(sqlite_world, "/promises")
    [debt] = page.all("li", class_="debt")
    assert [link.text for link in debt.all("a") if "会話" in link.text] == ["会話を開く"]
    assert [
        each.attributes["class"] for each in debt.walk() if each.attributes.get("class") in ("button", "first")
    ] == ["button"]


# -- the list -------------------------------------------------------------------------------------


def test_without_promises_the_page_says_how_one_comes(sqlite_world: World) -> None:
    filed()
    assert "報告が必要なお客様はいません" in get(sqlite_world, "/promises").text


def test_what_can_be_reported_comes_first_with_what_may_be_said(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    open_one, closed = promised("打刻"), promised("CSVに部署コード", "decline")
    page = get(sqlite_world, "/promises")
    assert due(page) == [f"FB-{closed}"] and waiting(page) == [f"FB-{open_one}"]
    [debt] = page.all("li", class_="debt")
    for said in ("大手工業", "見送り", "約束: 田中 みなみさん", "CSVに部署コード", "記録に残します。"):
        assert said in flat(debt), said
    assert debt.all("p", id=f"draft-{closed}")[0].text.startswith("ご担当者様")


def test_a_report_by_phone_settles_it_once(sqlite_world: World) -> None:
    wish = promised(conclusion="decline")
    page = get(sqlite_world, "/promises")
    form = page.all("form", class_="choose")[0]
    page = send(sqlite_world, form, how="phone")
    assert due(page) == [] and f"FB-{wish}: 報告を記録しました" in page.text
    send(sqlite_world, form, how="phone")
    assert [(row.how, row.person_name) for row in reports()] == [("phone", "斎藤 真理")]
    assert "お客様" in get(sqlite_world, f"/feedback/{wish}").text


def test_a_report_that_nobody_makes_needs_its_reason(sqlite_world: World) -> None:
    promised(conclusion="decline")
    [form] = get(sqlite_world, "/promises").all("details", class_="not-told")
    page = send(sqlite_world, form.all("form")[0], words="退職されたため")
    assert due(page) == [] and [row.words for row in reports()] == ["退職されたため"]


def test_the_same_in_english(sqlite_world: World) -> None:
    promised(conclusion="decline")
    page = get(sqlite_world, "/promises?lang=en")
    for said in ("Due now", "Not now", "Reported by phone", "promised by"):
        assert said in page.text, said


def test_who_was_told_lately_is_shown_and_a_reply_about_something_else_brings_the_promise_back(world: World) -> None:
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report", person_name="田中 みなみ")
    acts.send_now(decide(wish, "decline", "ほかを優先").id or 0)
    world.settle()
    assert due(get(world, "/promises")) == [f"FB-{wish}"]
    world.intercom.agent_says(world.chats[0], "7002", "請求書をお送りします。", at=soon())
    world.settle()
    page = get(world, "/promises")
    assert (
        due(page) == []
        and "直近7日間に連絡したお客様" in page.text
        and "佐藤 健さんがお客様に連絡しました。" in page.text
    )
    send(world, button(page, "not-told"), words="請求書の件")
    page = get(world, "/promises")
    assert due(page) == [f"FB-{wish}"] and "直近7日間に連絡したお客様" not in page.text


def test_what_stands_in_a_draft_is_owed_once_and_leads_to_the_draft(world: World) -> None:
    """Of the two who are asked for it, one promised the report and the other took the request."""
    wish, (taker, promiser) = world.wish(0), ("7001", "U0MORI")
    noted(wish.id or 0, promise="report", level="report", person=promiser)
    acts.send_now(decide(wish.id or 0, "decline", "ほかを優先").id or 0)
    assert owed_to(taker) == owed_to(promiser) == {DRAFTS: 0, REPORTS: 1}
    world.settle()
    assert wish.taken_by == taker and owed_to(taker) == {DRAFTS: 1, REPORTS: 0}
    assert owed_to(promiser) == {DRAFTS: 0, REPORTS: 0}  # there is nothing left for them to do
    [section] = get(world, "/promises").all("section", id="reports-ready")
    assert due(section) == [f"FB-{wish.id}"] and "下書きあり" in section.text
    [link] = [each for each in section.all("a", class_="button") if "下書きを開く" in each.text]
    assert "ほかを優先" in get(world, link.attributes["href"]).text


def owed_to(person: str) -> dict[str, int]:
    """How many drafts and reports wait for somebody."""
    counts = store.read(lambda session: owed.counts(session, owed.Somebody(person, (person,))))
    return {kind: counts[kind] for kind in (DRAFTS, REPORTS)}


# -- taking back, and what else is promised -------------------------------------------------------


def test_a_report_by_mistake_can_be_taken_back_on_the_page_and_made_again(sqlite_world: World) -> None:
    wish = promised(conclusion="decline")
    form = get(sqlite_world, "/promises").all("form", class_="choose")[0]
    page = send(sqlite_world, form, how="phone", words="ご了承いただいた")
    assert [row.words for row in reports()] == ["ご了承いただいた"]
    page = send(sqlite_world, button(page, "undo"))
    assert due(page) == [f"FB-{wish}"] and "報告の記録を取り消しました" in page.text
    page = send(sqlite_world, page.all("form", class_="choose")[0], how="phone", words="ご了承いただいた")
    assert due(page) == [] and len(reports()) == 2


def test_when_it_is_too_late_nothing_is_offered_and_nothing_taken_back(sqlite_world: World) -> None:
    wish = promised(conclusion="decline")
    form = get(sqlite_world, "/promises").all("form", class_="choose")[0]
    with sqlite_world.rules(triage=replace(rules.triage, undo_seconds=-1)):
        page = send(sqlite_world, form, how="phone")
        assert not [each for each in page.all("form") if each.attributes.get("action", "").endswith("/undo")]
        answer = press(sqlite_world, f"/promises/FB-{wish}/undo", report=str(reports()[0].id))
    assert "取り消せませんでした" in get(sqlite_world, answer.headers["location"]).text
    assert reports()[0].undone_at is None


def test_viewers_and_other_sites_take_nothing_back(sqlite_world: World) -> None:
    wish = promised(conclusion="decline")
    send(sqlite_world, get(sqlite_world, "/promises").all("form", class_="choose")[0], how="phone")
    noted_as = str(reports()[0].id)
    headers = {"Origin": "https://evil.example"}
    path = f"/promises/FB-{wish}/undo"
    assert sqlite_world.request("POST", path, data={"report": noted_as}, headers=headers).status_code == 403
    sqlite_world.app.state.demo = None
    sqlite_world.sign_in("U0MORI")
    assert press(sqlite_world, path, report=noted_as).status_code == 403
    page = get(sqlite_world, f"/promises?reported=FB-{wish}")
    assert not [each for each in page.all("form") if "/promises" in each.attributes.get("action", "")]
    assert reports()[0].undone_at is None


@pytest.mark.parametrize("query", ["said=undone", "said=x&about=FB-1", "reported=FB-404", "reported=x", "about=%00"])
def test_strange_addresses_say_nothing_untrue(sqlite_world: World, query: str) -> None:
    get(sqlite_world, f"/promises?{query}")


def test_whoever_waits_for_the_release_and_what_was_promised_for_a_day_are_listed(sqlite_world: World) -> None:
    put(sqlite_world, next_date="2026-12-01", state="working", next_step="責任者から電話")
    wish = promised(conclusion="adopt")
    send(sqlite_world, get(sqlite_world, "/promises").all("form", class_="choose")[0], how="phone")
    page = get(sqlite_world, "/promises")
    assert due(page) == [] and waiting(page) == ["E-1", f"FB-{wish}"]
    assert "リリース待ち" in page.text and "12/1(火)" in page.text and "責任者から電話" in page.text
    [row] = [each for each in page.all("tr") if each.attributes.get("data-name") == f"FB-{wish}"]
    page = send(sqlite_world, row.all("details", class_="not-told")[0].all("form")[0], words="退職されたため")
    assert waiting(page) == ["E-1"]


def test_a_companys_page_lists_all_that_was_promised_to_it(sqlite_world: World) -> None:
    firm("901", "大手工業", "Enterprise", 480_000)
    put(sqlite_world, company_id="901", next_date="2026-12-01", state="working", next_step="責任者から電話")
    closed, open_one = promised("CSVに部署コード", "decline"), promised("打刻")
    firm("902", "街の歯科"), promised("帳票", company="902")
    page = get(sqlite_world, "/companies/901")
    [listed] = [each for each in page.all("ul", class_="items") if "責任者から電話" in each.text]
    for said in ("報告待ち", f"FB-{closed}", "結論待ち", f"FB-{open_one}", "12/1(火)"):
        assert said in listed.text, said
    assert "帳票" not in page.text
    assert re.search(r"FB-\d+ · .+に約束", flat(listed))
    assert [link.attributes["href"] for link in listed.all("a") if "/promises" in link.attributes["href"]] == [
        f"/promises#FB-{closed}"
    ]


@pytest.mark.parametrize(("lang", "words"), [("ja", "報告待ち"), ("en", "Reports due")])
def test_the_list_is_called_the_same_wherever_it_is_named(sqlite_world: World, lang: str, words: str) -> None:
    promised(conclusion="decline")
    page = get(sqlite_world, f"/promises?lang={lang}", cookie="me=U0TANAKA")
    [tab] = [link for link in page.all("a", href="/promises") if link.attributes.get("aria-current") == "page"]
    assert flat(tab) == words == flat(page.all("h1")[0])
    home = get(sqlite_world, f"/?lang={lang}", cookie="me=U0TANAKA")
    assert flat(home.all("h2", id="reports-title")[0]).startswith(words)
    badge = {"ja": "報告待ち 1件", "en": "1 report due"}[lang]
    assert badge in home.all("nav", id="rooms")[0].text
