"""Notices on the pages: what is wrong with one as typed, who would get it, who is left, and calling it off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import update

from tests.noticing import EN, JA, ahead, carried_out, found, known, opened, tellings, written
from tests.pages.reading import Element, button, fields, flat, get, press, read
from tests.pages.signing_in import real
from tests.world import World
from workflows.engine.store import store
from workflows.notice import notices
from workflows.rules.telling import Sending
from workflows.tables.customer import Contact
from workflows.tables.notice import Notice

FORM = {
    "title": "FAX窓口の終了",
    "takes_effect": "",
    "text_ja": JA,
    "text_en": EN,
    "audience": "all",
    "months": "12",
    "remind_days": "14, 3",
}


@pytest.fixture(autouse=True)
def at_once(world: World) -> Iterator[None]:
    """The seeded customers have written; what is opened is opened at once."""
    known(world)
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True)):
        yield


def typed(**others: str) -> dict[str, str]:
    """The form as somebody fills it in."""
    return FORM | {"takes_effect": ahead(60)} | others


def pressed(world: World, path: str, **form: str) -> Element:
    """A button, and the page to which it leads."""
    seal = {"csrf": world.csrf} if world.csrf else {}
    answer = press(world, path, **(form | seal))
    return get(world, answer.headers["location"]) if answer.status_code == 303 else read(answer.text)


def faults(page: Element) -> dict[str, str]:
    """What is wrong, by field."""
    return {each.attributes["id"].removeprefix("wrong-"): each.text for each in page.all("p", class_="fault")}


def tally(page: Element) -> dict[str, int]:
    """How many stand how, as the page says."""
    chips = [link for link in page.all("a") if "data-standing" in link.attributes]
    return {link.attributes["data-standing"]: int(link.all("b")[0].text) for link in chips}


def total(page: Element, name: str) -> int:
    """A total of the preview."""
    return next((int(each.text) for each in page.all("span") if each.attributes.get("data-total") == name), 0)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/notices/404", "/notices/x", "/notices/%00", "/notices/404/edit"])
def test_what_nobody_wrote_has_no_page(world: World, path: str) -> None:
    get(world, path, 404)
    assert press(world, f"{path}/open").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"title": " "}, "title", "何が変わるのか"),
        ({"text_ja": ""}, "text_ja", "入力してください"),
        ({"text_ja": "{name}様、{when}より変わります。"}, "text_ja", "{when}"),
        ({"text_ja": "{name}様、変わります。{"}, "text_ja", "項目"),
        ({"text_ja": "{name}様様、{date}より変わります。"}, "text_ja", "敬称"),
        ({"takes_effect": ""}, "takes_effect", "実施日"),
        ({"takes_effect": "2020-01-01"}, "takes_effect", "これからの日付"),
        ({"takes_effect": "2099-01-01"}, "takes_effect", "18か月"),
        ({"audience": "nobody"}, "audience", "選択してください"),
        ({"audience": "companies", "companies": "\n101\nどこにもない会社\n"}, "names", "2行目"),
        ({"audience": "companies"}, "names", ""),
        ({"audience": "tier", "tier": "Platinum"}, "names", "Platinum"),
        ({"audience": "tag", "tag": "知らないタグ"}, "names", "知らないタグ"),
        ({"months": "0"}, "months", "60"),
        ({"months": "many"}, "months", "60"),
        ({"remind_days": "100"}, "remind_days", "90"),
        ({"remind_days": "soon"}, "remind_days", "90"),
        ({"channel": "#support"}, "channel", "C0123456789"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    world: World, wrong: dict[str, str], field: str, said: str
) -> None:
    answer = press(world, "/notices/new", **typed(**wrong))
    page = read(answer.text)
    assert answer.status_code == 400 and list(faults(page)) == [field]
    assert said in faults(page)[field]
    assert page.all("textarea", id="text_en")[0].text.strip() == EN
    assert store.read(lambda session: notices.find(session, "1")) is None


def test_an_empty_audience_has_nothing_to_open(world: World) -> None:
    notice = written(audience="tier", names=["Nobody's"])
    page = get(world, f"/notices/{notice}")
    assert total(page, "gets") == 0 and not page.all("form", action=f"/notices/{notice}/open")
    answer = press(world, f"/notices/{notice}/open")
    assert answer.status_code == 409 and "届くお客様がいません" in answer.text


@pytest.mark.parametrize("who", ["U0TANAKA", "U0MORI"])
def test_who_is_no_lead_opens_nothing(world: World, who: str) -> None:
    notice = written()
    real(world)
    world.sign_in(who)
    page = get(world, f"/notices/{notice}")
    assert page.all("form", action=f"/notices/{notice}/open") == [] and total(page, "gets") > 0
    for verb in ("open", "edit", "undo", "call-off"):
        assert press(world, f"/notices/{notice}/{verb}", **typed()).status_code == 403
    assert press(world, "/notices/new", **typed()).status_code == 403
    assert (found(notice).opens_at, found(notice).called_off_at) == (None, None)


# -- written, and opened --------------------------------------------------------------------------


@pytest.mark.parametrize("demo", [True, False], ids=["demo", "service"])
def test_a_lead_writes_it_sees_who_gets_it_and_opens_it(world: World, demo: bool) -> None:
    store.write(lambda session: session.add(Contact(id="c999", name="無口 一郎", company_id="103")))
    if not demo:
        real(world)
        world.sign_in("U0LEAD")
    who = {"cookie": "me=U0LEAD"} if demo else {}
    form = button(get(world, "/notices/new", **who), "new")
    page = pressed(world, "/notices/new", **(fields(form) | typed()))
    assert "管理者が連絡を始めるまで" in page.text
    gets, others = total(page, "gets"), total(page, "others")
    assert gets > 5 and others == 1 and "会話がありません" in page.text
    assert world.intercom.did("open") == []
    pressed(world, "/notices/1/open")
    carried_out(world)
    page = get(world, "/notices/1")
    assert tally(page) == {"drafted": gets, "excused": 1}
    [row] = [each for each in get(world, "/notices").all("tr") if each.attributes.get("data-name")]
    assert (row.attributes["data-state"], f"{gets}件中0件" in flat(row)) == ("moving", True)


def test_the_same_form_sent_twice_is_one_notice(world: World) -> None:
    form = fields(button(get(world, "/notices/new"), "new")) | typed()
    press(world, "/notices/new", **form)
    press(world, "/notices/new", **form)
    assert store.read(lambda session: notices.find(session, "2")) is None


def test_until_it_is_opened_it_can_be_changed(world: World) -> None:
    notice = written()
    form = fields(button(get(world, f"/notices/{notice}/edit"), "edit"))
    assert form["text_ja"].strip() == JA and form["remind_days"] == "14, 3"
    press(world, f"/notices/{notice}/edit", **(form | {"title": "電話窓口の終了", "audience": "all"}))
    assert found(notice).title == "電話窓口の終了"
    opened(world, notice)
    assert press(world, f"/notices/{notice}/edit", **typed()).status_code == 409


def test_an_opening_is_undone_on_the_page(world: World) -> None:
    notice = written()
    with world.rules(sending=Sending(undo_seconds=600)):
        press(world, f"/notices/{notice}/open")
        page = get(world, f"/notices/{notice}")
        assert page.all("section", id="opening")
        assert "連絡の開始を取り消しました" in pressed(world, f"/notices/{notice}/undo").text
    carried_out(world)
    assert tellings(f"notice:{notice}") == {}


# -- who is left ----------------------------------------------------------------------------------


def test_the_desk_shows_the_notice_and_its_words(world: World) -> None:
    notice = written(audience="companies", names=["101"])
    opened(world, notice)
    [chat] = tellings(f"notice:{notice}")
    page = get(world, f"/drafts?whose=all&at=notice:{notice}/{chat}")
    assert page.all("a", href=f"/notices/{notice}") and "FAXでのお問い合わせ窓口" in page.text
    assert "FAX窓口の終了" in get(world, "/tellings").text
    assert "FAXでのお問い合わせ窓口" in get(world, "/drafts/together?whose=all").text
    assert "FAX窓口の終了" in world.request("GET", "/tellings.csv").text


def test_who_is_left_when_the_day_has_come_is_said_to_be_missed(world: World) -> None:
    notice = written(audience="companies", names=["101"])
    opened(world, notice)
    assert "間に合わず" not in get(world, f"/notices/{notice}").text
    store.write(lambda session: session.execute(update(Notice).values(takes_effect=ahead(0))))
    assert "間に合わず" in get(world, f"/notices/{notice}").text
    assert "実施日を過ぎて未連絡あり" in get(world, "/notices").text


def test_somebody_records_that_a_customer_was_told_by_phone_and_undoes_it(world: World) -> None:
    notice = written(audience="companies", names=["101"])
    opened(world, notice)
    [chat] = tellings(f"notice:{notice}")
    assert press(world, f"/notices/{notice}/told", who="no such", how="phone").status_code == 409
    assert press(world, f"/notices/{notice}/told", who=chat, how="pigeon").status_code == 409
    page = pressed(world, f"/notices/{notice}/told", who=chat, how="phone")
    assert tally(page) == {"told": 1} and "電話" in page.text
    assert tally(pressed(world, f"/notices/{notice}/untold", who=chat)) == {"drafted": 1}


def test_called_off_on_the_page(world: World) -> None:
    notice = written(audience="companies", names=["101"])
    opened(world, notice)
    pressed(world, f"/notices/{notice}/call-off")
    world.settle()
    page = get(world, f"/notices/{notice}")
    assert tally(page) == {"withdrawn": 1} and "中止" in page.text
    assert press(world, f"/notices/{notice}/open").status_code == 409


def test_english_readers_read_english(world: World) -> None:
    notice = written()
    opened(world, notice)
    for path in ("/notices", "/notices/new", f"/notices/{notice}"):
        page = get(world, f"{path}?lang=en")
        assert "Notices" in page.text and "未連絡" not in page.text
