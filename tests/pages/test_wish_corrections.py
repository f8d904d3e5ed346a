"""On a wish's page what was filed by mistake, wrongly linked or wrongly called is put right, and back."""

from __future__ import annotations

import pytest

from tests.pages.reading import button, get, press, read, send
from tests.world import World
from workflows.people.person import Person
from workflows.wish import context

LEAD = Person("U0LEAD", "斎藤 真理")
WHY = "ご質問でした"


def test_a_withdrawal_without_a_reason_is_asked_for_one(world: World) -> None:
    world.wish(0)
    answer = press(world, "/feedback/1/withdraw", words=" ")
    assert answer.status_code == 400 and "要望ではない理由を入力してください。" in read(answer.text).text


@pytest.mark.parametrize("act", ["withdraw", "restore", "cut", "relink", "kind"])
def test_a_viewer_corrects_nothing(world: World, act: str) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.app.state.demo = None
    world.sign_in("U0MORI")
    issue = world.stage.issues["KNDE-12"]
    assert press(world, f"/feedback/1/{act}", words=WHY, kind="fault", issue=issue).status_code == 403
    [wish] = world.feedback(0)
    assert (wish.withdrawn_at, wish.kind, world.waiting("KNDE-12")) == (None, "wish", [1])


def test_a_wish_that_is_merged_says_that_it_has_to_be_taken_apart_first(world: World) -> None:
    world.wish(0)
    world.wish(2)
    assert press(world, "/triage/FB-2/merge", into="FB-1").status_code == 303
    answer = press(world, "/feedback/2/withdraw", words=WHY)
    assert answer.status_code == 409 and "先に統合を解除してください" in answer.text


def test_withdrawn_and_taken_back_on_the_page(world: World) -> None:
    world.wish(0)
    page = send(world, button(get(world, "/feedback/1"), "withdraw"), words=WHY)
    assert "誤って登録されたため、取り下げ済みです" in page.text
    page = send(world, button(page, "restore"))
    assert "要望として再び扱います。" in page.text and world.feedback(0)[0].withdrawn_at is None


def test_what_was_withdrawn_is_not_filled_in_split_or_merged(world: World) -> None:
    world.wish(0)
    page = send(world, button(get(world, "/feedback/1"), "withdraw"), words=WHY)
    acts = {form.attributes["action"].rpartition("/")[2] for form in page.all("form") if "action" in form.attributes}
    assert "restore" in acts and not acts & {"context", "split", "merge", "withdraw", "kind"}


def test_what_is_known_is_folded_until_somebody_wants_to_change_it(world: World) -> None:
    wish = world.wish(0)
    context.fill(wish.id or 0, {"background": "毎月直している", "importance": "high"}, by=LEAD, origin="o")
    page = get(world, "/feedback/1")
    assert not [each for each in page.all("details", class_="deed") if "open" in each.attributes]


def test_a_link_is_cut_and_put_back_on_the_page(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    page = send(world, button(get(world, "/feedback/1"), "cut"))
    assert "KNDE-12との紐付けは外されています。" in page.text and world.waiting("KNDE-12") == []
    send(world, button(page, "relink"))
    assert world.waiting("KNDE-12") == [1]


def test_the_kind_is_corrected_on_the_page(world: World) -> None:
    world.wish(0)
    page = send(world, button(get(world, "/feedback/1"), "kind"), kind="fault")
    assert "「要望」から「不具合」に訂正しました" in page.text
