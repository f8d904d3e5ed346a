"""The card beside the chat, on the demo's desk: opened, filled in, refused and confirmed by hand."""

from __future__ import annotations

import pytest

from tests.escalating import AGENT, OWNER, Escalating
from tests.pages.hostile import CORPUS, check
from tests.pages.playing import Hand, filled
from tests.pages.reading import SAME_ORIGIN, Element, get, press
from tests.world import World


@pytest.fixture
def case(sqlite_world: World) -> Escalating:
    """A company whose desks can be played."""
    return Escalating(sqlite_world)


def desk(case: Escalating) -> Element:
    """The card's part of the desks."""
    page = get(case.world, f"/demo/desk?chat={case.world.chats[0]}")
    return next(each for each in page.all("section", class_="desk") if each.attributes["data-key"] == "desk-card")


def send(case: Escalating, **values: str) -> Element:
    """Fill in the card and send it."""
    press(case.world, "/demo/open_card", chat=case.world.chats[0])
    form = filled(desk(case).all("form", class_="kit")[0]) | {"component": "send"}
    form |= {name.replace("__", "."): value for name, value in values.items()}
    assert press(case.world, "/demo/press_card", **form).status_code == 303
    return desk(case)


RIGHT = {
    "choice__request": "action",
    "choice__urgency": "now",
    "choice__temperature": "high",
    "field__gist": "金額が違う",
    "field__history": "一行目\r\n二行目",
}


def test_before_it_is_opened_nothing_is_asked(case: Escalating) -> None:
    assert not desk(case).all("form", class_="kit")
    script = SAME_ORIGIN | {"Accept": "application/json"}
    form = {"chat": case.world.chats[0], "component": "send"}
    answer = case.world.request("POST", "/demo/press_card", data=form, headers=script)
    assert (answer.status_code, answer.json()["said"]) == (409, "対象が見つかりません。再読み込みしてください。")


def test_a_service_that_fails_is_told_in_a_sentence(case: Escalating) -> None:
    case.world.intercom.sender = lambda path, headers, body: (500, {}, b"")
    script = SAME_ORIGIN | {"Accept": "application/json"}
    answer = case.world.request("POST", "/demo/open_card", data={"chat": case.world.chats[0]}, headers=script)
    assert (answer.status_code, answer.json()["said"]) == (409, "Intercomに表示できるカードが返されませんでした。")


def test_errors_stand_on_the_card_and_what_was_typed_stays(case: Escalating) -> None:
    card = send(case, field__gist="金額が違う")
    assert card.all("p", class_="kit-error")
    assert card.all("input", name_="field.gist")[0].attributes["value"] == "金額が違う"
    assert {each.attributes["name"] for each in card.walk() if each.attributes.get("aria-invalid")} == {
        *("choice.request", "choice.urgency", "choice.temperature", "field.history")
    }
    assert not case.all()


def test_what_to_correct_is_the_first_that_is_read_and_nothing_is_said_to_be_sent(case: Escalating) -> None:
    card = send(case, field__gist="金額が違う")
    assert "kit-error" in card.all("form", class_="kit")[0].all("p")[0].attributes["class"]
    script = SAME_ORIGIN | {"Accept": "application/json"}
    form = filled(card.all("form", class_="kit")[0]) | {"component": "send"}
    answer = case.world.request("POST", "/demo/press_card", data=form, headers=script)
    assert (answer.status_code, answer.json()["said"]) == (200, "送信していません。カードの1行目を確認してください。")
    send(case, **RIGHT)
    assert "受け付けました" in desk(case).text


def test_a_card_reaches_the_owner(case: Escalating) -> None:
    card = send(case, **RIGHT)
    assert "受け付けました" in card.text
    case.world.settle()
    assert (case.one().history, case.one().raised_by) == ("一行目\n二行目", AGENT)
    assert "金額が違う" in Hand(case.world, OWNER, f"D{OWNER[1:]}").look().text


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_whatever_is_typed_into_it_stays_text(case: Escalating, text: str) -> None:
    check(send(case, field__gist=text[:2000], field__history=text[:2000]))


def test_a_wish_is_filled_in_beside_the_chat(case: Escalating) -> None:
    wish = case.world.wish(0)
    press(case.world, "/demo/open_card", chat=case.world.chats[0])
    assert "未記入" in desk(case).text
    form = filled(desk(case).all("form", class_="kit")[0])
    press(case.world, "/demo/press_card", **form, component=f"wish:{wish.id}")
    form = filled(desk(case).all("form", class_="kit")[0]) | {"field.background": CORPUS[0]}
    press(case.world, "/demo/press_card", **form, component="send")
    assert "記入しました" in desk(case).text
    case.world.settle()
    press(case.world, "/demo/press_card", chat=case.world.chats[0], component="home")
    assert "記入済み" in desk(case).text
    press(case.world, "/demo/press_card", chat=case.world.chats[0], component=f"wish:{wish.id}")
    check(desk(case))


def test_a_bad_rating_suggests_an_escalation_to_the_agent(case: Escalating) -> None:
    press(case.world, "/demo/rate", chat=case.world.chats[0])
    case.world.settle()
    seen = [Hand(case.world, AGENT, place) for place in ("C0SUPPORT", f"D{AGENT[1:]}")]
    hand = next(each for each in seen if each.look().all("button", value="suggest_escalate"))
    page = hand.press("suggest_escalate")
    assert page.all("dialog", class_="modal")[0].all("input", name_="field.company")[0].attributes["value"] == "101"
