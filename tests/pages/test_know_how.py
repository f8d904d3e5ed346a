"""The answers to use again on their pages: who may change them, what is found, and what is due."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, fields, flat, get, press, read, send
from tests.pages.signing_in import real
from tests.workflows.enquiry.test_know_how import found, kept, sent
from tests.world import World
from workflows.customer.fields import today
from workflows.engine.store import store
from workflows.enquiry import know_how
from workflows.people.may import TEACH
from workflows.tables.enquiry import KnowHow
from workflows.tables.people import Deed

AGENT, VIEWER = "U0TANAKA", "U0MORI"
FORM = {
    "title": "CSVの出し方",
    "text_ja": "CSVは「出力」から選べます。",
    "text_en": "",
    "review_on": f"{today().year + 1}-05-31",
}


@pytest.fixture(params=["demo", "service"], autouse=True)
def place(request: pytest.FixtureRequest, world: World) -> str:
    """Both in the demo and in earnest."""
    if request.param == "service":
        real(world)
        world.sign_in(AGENT)
    return str(request.param)


def rows() -> list[KnowHow]:
    """Every answer, oldest first."""
    return list(store.read(lambda session: session.exec(select(KnowHow).order_by(col(KnowHow.id))).all()))


def pressed(world: World, path: str, **form: str) -> Element:
    """A button, and the page to which it leads."""
    seal = {"csrf": world.csrf} if world.csrf else {}
    answer = press(world, path, **(form | seal))
    return get(world, answer.headers["location"]) if answer.status_code == 303 else read(answer.text)


def listed(page: Element) -> list[str]:
    """The titles in the tables."""
    return [flat(row.all("a")[0]) for row in page.all("tr") if "data-answer" in row.attributes]


def form_of(page: Element) -> Element:
    """The form of an answer."""
    [form] = page.all("form", id="answer")
    return form


def told() -> list[str]:
    """What is kept of who did what, newest last."""
    mine = select(Deed.sentence).where(Deed.deed == TEACH).order_by(col(Deed.id))
    return list(store.read(lambda session: session.exec(mine).all()))


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["404", "x", "%00", "-1"])
def test_what_nobody_wrote_has_no_page(world: World, name: str) -> None:
    get(world, f"/know-how/{name}", 404)
    seal = {"csrf": world.csrf} if world.csrf else {}
    for act in ("edit", "retire", "bring-back"):
        assert press(world, f"/know-how/{name}/{act}", **(FORM | seal)).status_code == 404


def test_who_may_only_look_changes_nothing_and_sees_no_buttons(world: World) -> None:
    real(world)
    row = kept()
    world.sign_in(VIEWER)
    page = get(world, f"/know-how/{row.id}")
    assert not page.all("form", id="answer") and "CSVは「出力」から" in flat(page)
    assert not page.all("form", action=f"/know-how/{row.id}/retire")
    assert not get(world, "/know-how").all("a", href="/know-how/new")
    get(world, "/know-how/new", 403)
    for path in ("/know-how/new", *(f"/know-how/{row.id}/{act}" for act in ("edit", "retire", "bring-back"))):
        assert press(world, path, **FORM, csrf=world.csrf).status_code == 403
    assert [(each.title, each.retired_at) for each in rows()] == [("CSVの出し方", None)] and told() == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"text_ja": ""}, "text_ja"),
        ({"text_en": "a" * 3001}, "text_en"),
        ({"kind": "x"}, "kind"),
        ({"owner": "U0NOBODY"}, "owner"),
        ({"review_on": "soon"}, "review_on"),
        ({"review_on": "0001-01-01"}, "review_on"),
        ({"review_on": "2999-01-01"}, "review_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    world: World, wrong: dict[str, str], field: str
) -> None:
    row = kept()
    for path in ("/know-how/new", f"/know-how/{row.id}/edit"):
        page = pressed(world, path, **(FORM | {"text_ja": "打った文"} | wrong))
        assert [each.attributes["id"] for each in page.all("p", class_="fault")] == [f"wrong-{field}"]
        if field != "text_ja":
            assert "打った文" in page.all("textarea", id="text_ja")[0].text
    assert len(rows()) == 1 and found(row).title == "CSVの出し方" and told() == []


def test_what_somebody_changed_meanwhile_is_not_overwritten(world: World) -> None:
    row = kept()
    form = fields(form_of(get(world, f"/know-how/{row.id}")))
    know_how.rewrite(row.id or 0, {"title": "ほかの方の題名"}, seen=row.changed_at)
    page = pressed(world, f"/know-how/{row.id}/edit", **(form | {"title": "自分の題名"}))
    assert "ほかの方が先に変更しました" in flat(page) and fields(form_of(page))["title"] == "自分の題名"
    assert found(row).title == "ほかの方の題名" and told() == []


# -- made and changed -----------------------------------------------------------------------------


def test_one_is_written_by_hand_once(world: World) -> None:
    form = form_of(get(world, "/know-how/new"))
    page = send(world, form, **FORM)
    send(world, form, **FORM)
    [row] = rows()
    assert (row.title, row.texts, row.review_on) == (FORM["title"], {"ja": FORM["text_ja"]}, FORM["review_on"])
    assert row.made_by_name and row.origin.startswith("page:")
    assert "定型文を登録しました" in flat(page)
    assert told()[:1] == [know_how.MADE]


def test_it_is_changed_and_its_texts_are_kept_as_they_are_typed(world: World) -> None:
    row = kept(owner="U0SATO", owner_name="佐藤 健")
    page = get(world, f"/know-how/{row.id}")
    [owner] = [each for each in form_of(page).all("option") if "selected" in each.attributes and each.text == "佐藤 健"]
    assert owner.attributes["value"] == "U0SATO"
    page = send(world, form_of(page), text_ja="\n一行目\n\n<b>二行目</b>", text_en="", owner="", kind="fault")
    assert "定型文を変更しました" in flat(page)
    now = found(row)
    assert (now.texts, now.owner, now.owner_name, now.kind) == ({"ja": "一行目\n\n<b>二行目</b>"}, "", "", "fault")
    assert told() == [know_how.CHANGED]


def test_it_is_retired_and_that_is_undone(world: World) -> None:
    row = kept()
    page = pressed(world, f"/know-how/{row.id}/retire")
    [undo] = page.all("form", action=f"/know-how/{row.id}/bring-back")
    assert "使用を終了しました" in flat(page) and know_how.options("ja", "") == []
    [section] = get(world, "/know-how").all("section", id="retired")
    assert listed(section) == ["CSVの出し方"]
    assert "すでにその状態です" in flat(pressed(world, f"/know-how/{row.id}/retire"))
    assert "再開しました" in flat(send(world, undo))
    assert found(row).retired_at is None and not get(world, "/know-how").all("section", id="retired")
    assert told() == [know_how.RETIRED, know_how.BROUGHT_BACK]


# -- found ----------------------------------------------------------------------------------------


def test_the_list_shows_whose_it_is_how_it_is_used_and_what_is_due(world: World) -> None:
    row = kept(owner="U0SATO", owner_name="佐藤 健", review_on="2020-01-01")
    kept("先の", review_on="2199-01-01")
    sent(row, "1")
    sent(row, "2", is_edited=True)
    page = get(world, "/know-how")
    [line, other] = [each for each in page.all("tr") if "data-answer" in each.attributes]
    assert "佐藤 健" in flat(line) and "2回" in flat(line) and "うち編集1回" in flat(line)
    assert "要見直し" in flat(line) and "要見直し" not in flat(other)
    assert "利用2回" in flat(get(world, f"/know-how/{row.id}"))
    english = flat(get(world, "/know-how?lang=en"))
    assert "Review due" in english and "1 of them edited" in english


def test_the_list_is_narrowed_by_words_by_language_and_by_what_is_due(world: World) -> None:
    kept(owner=AGENT, review_on="2020-01-01")
    kept("支払い方法", texts={"ja": "契約の画面で変更できます。"}, owner="U0SATO", review_on="2020-01-01")
    assert listed(get(world, "/know-how?words=契約 ガメン")) == []
    assert listed(get(world, "/know-how?words=契約 画面")) == ["支払い方法"]
    assert listed(get(world, "/know-how?language=en")) == ["CSVの出し方"]
    assert set(listed(get(world, "/know-how?language=fr&due=x&words=%00"))) == {"CSVの出し方", "支払い方法"}
    assert set(listed(get(world, "/know-how?due=all"))) == {"CSVの出し方", "支払い方法"}
    assert "条件に合う定型文はありません" in flat(get(world, "/know-how?words=無い言葉"))


def test_without_any_it_says_how_to_make_one(world: World) -> None:
    assert "定型文はまだありません" in flat(get(world, "/know-how"))


def test_its_owner_finds_it_on_their_home_when_it_is_due(world: World) -> None:
    real(world)
    row = kept(owner=AGENT, review_on="2020-01-01")
    kept("ほかの人の", owner="U0SATO", review_on="2020-01-01")
    kept("先の", owner=AGENT, review_on="2199-01-01")
    world.sign_in(AGENT)
    [part] = get(world, "/").all("section", id="reviews")
    assert part.all("a", href=f"/know-how/{row.id}") and "ほかの人の" not in flat(part)
    [count] = [each for each in part.walk() if "data-total" in each.attributes]
    assert count.text.strip() == "1" and listed(get(world, count.attributes["href"])) == ["CSVの出し方"]


@pytest.mark.parametrize("text", CORPUS)
def test_whatever_is_written_stays_text(world: World, text: str) -> None:
    row = kept(text, texts={"ja": text}, owner="U0SATO", owner_name=text, origin="page:1")
    for path in ("/know-how", f"/know-how/{row.id}"):
        check(get(world, path))
