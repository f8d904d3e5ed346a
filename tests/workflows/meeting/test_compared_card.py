"""The card in Intercom names what is similar, and an agent says there whether it is the same."""

from __future__ import annotations

import json

import pytest

from app.door import intercom_card_similar
from integrations.contract import Transient
from integrations.intercom.twin.data import Json
from tests.comparing import Comparing
from tests.meeting import LEAD, decide
from tests.test_roles_everywhere import kept
from tests.world import World
from workflows.engine.store import now_ms
from workflows.meeting import acts
from workflows.people import colleagues
from workflows.people.may import DECIDE
from workflows.rules.access import Access
from workflows.wish.similar import engine, offered, refused, search

AGENT = "7001"


class Card(Comparing):
    """An agent who has the card of the first conversation beside them."""

    def open(self, number: int = 0) -> str:  # type: ignore[override]
        """What it shows."""
        self.chat = self.world.chats[number]
        return text(self.world.intercom.open_card(self.chat, AGENT))

    def tap(self, button: str, one: int = 0, other: int = 0, seen: str = "", times: int = 1) -> str:
        """What it shows after a button was pressed."""
        value = f"FB-{one}/FB-{other}" + (f"/{seen}" if seen else "") if one else ""
        shown = self.world.intercom.press_card(self.chat, AGENT, button + value, {}, times=times)
        self.world.settle()
        return text(shown)


def text(card: Json) -> str:
    return json.dumps(card, ensure_ascii=False)


@pytest.fixture
def case(world: World, monkeypatch: pytest.MonkeyPatch) -> Card:
    """A company whose requests are alike."""
    return Card(world, monkeypatch)


# -- refused --------------------------------------------------------------------------------------


def test_where_nothing_is_similar_the_card_names_nothing(case: Card) -> None:
    case.world.wish(0)
    assert "似た要望" not in case.open() and "same:" not in case.open()


def test_whose_role_does_not_allow_it_merges_nothing(case: Card) -> None:
    one, other = case.pair()
    case.open()
    with case.world.rules(access=Access(everyone="viewer")):
        assert "権限" in case.tap("apart:", one, other)
    assert not case.are_apart(one, other)


def test_the_act_asks_and_not_only_the_door(case: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = case.pair()
    case.open()
    monkeypatch.setattr(intercom_card_similar, "may", lambda person, deed: False)
    assert "権限" in case.tap("apart:", one, other)
    assert not case.are_apart(one, other)


def test_while_slack_does_not_say_who_it_is_nothing_is_done(case: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = case.pair()
    case.open()

    def away(email: str) -> str:
        raise Transient("Slack does not answer")

    monkeypatch.setattr(colleagues, "with_address", away)
    assert "ご本人を確認できませんでした" in case.tap("apart:", one, other)
    assert not case.are_apart(one, other)


@pytest.mark.parametrize("button", intercom_card_similar.BUTTONS)
def test_a_request_of_another_conversation_cannot_be_touched(case: Card, button: str) -> None:
    one, other = case.pair()
    case.open(2)
    case.world.intercom._cards[case.chat, AGENT] = {
        "content": {
            "components": [{"type": "button", "id": f"{button}FB-{one}/FB-{other}", "action": {"type": "submit"}}]
        }
    }
    case.tap(button, one, other)
    assert case.merged_into(one) is None and not case.are_apart(one, other)


def test_pressing_twice_merges_once_and_says_so(case: Card) -> None:
    one, other = case.pair()
    case.open()
    case.tap("same:", one, other)
    assert "すでに統合されています" in case.tap("merge:", one, other, times=2)
    assert case.merged_into(one) == other


def test_what_is_gone_by_now_is_told(case: Card) -> None:
    one, other = case.pair()
    case.open()
    case.change(other, withdrawn_at=now_ms())
    assert f"FB-{other}は取り下げられたか、消去されています。" in case.tap("apart:", one, other)


def test_what_was_undone_or_merged_elsewhere_meanwhile_is_told(case: Card) -> None:
    one, other = case.pair()
    case.open()
    case.tap("same:", one, other)
    third = case.world.wish(2).id or 0
    acts.merge(one, third, by=LEAD, origin="page")
    assert f"FB-{third}に統合済み" in case.tap("merge:", one, other)
    acts.unmerge(one, LEAD)
    assert "統合は、すでに解除されています" in case.tap("undo-same:", one, third)
    case.tap("apart:", one, other)
    refused.allow(one, other, by=LEAD)
    assert "すでに取り消されています" in case.tap("undo-apart:", one, other)


# -- said -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sure", "voice"), [(0.7, "同じ要望の可能性が高い"), (0.3, "関連があるかもしれません")])
def test_a_similar_request_is_named_in_a_voice_and_with_the_reason(case: Card, sure: float, voice: str) -> None:
    _, other = case.pair(sure)
    shown = case.open()
    assert f"{voice}: FB-{other}「" in shown and "どちらにも「CSV」とあります。" in shown


def test_it_is_said_what_merging_does_before_it_is_done_and_it_is_undone(case: Card) -> None:
    one, other = case.pair()
    decide(other, "decline")
    assert "結論: 見送り" in case.open()
    sure = case.tap("same:", one, other, "decline")
    assert f"FB-{one}をFB-{other}に統合" in sure and f"FB-{one}のお客様にもお知らせします" in sure
    assert case.merged_into(one) is None
    shown = case.tap("merge:", one, other, "decline")
    assert case.merged_into(one) == other and f"FB-{one}はFB-{other}に統合済み" in shown
    assert kept()[-1] == (AGENT, DECIDE, "card")
    assert "可能性が高い" in case.tap("undo-same:", one, other) and case.merged_into(one) is None


def test_who_thinks_again_before_it_is_done_merges_nothing(case: Card) -> None:
    one, other = case.pair()
    case.open()
    case.tap("same:", one, other)
    assert "可能性が高い" in case.tap("home") and case.merged_into(one) is None


def test_what_is_not_the_same_is_not_offered_and_undone(case: Card) -> None:
    one, other = case.pair()
    case.open()
    shown = case.tap("apart:", one, other)
    assert case.are_apart(one, other) and f"別の要望: FB-{other}" in shown and "可能性が高い" not in shown
    assert "可能性が高い" in case.tap("undo-apart:", one, other) and not case.are_apart(one, other)


def test_the_message_in_slack_says_so_too(case: Card) -> None:
    one, other = case.pair()
    case.open()
    case.tap("same:", one, other)
    case.tap("merge:", one, other)
    assert "に統合済み" in case.said(one)


def test_a_full_card_fits_into_intercom(case: Card) -> None:
    """Eight requests in one conversation, each of which is like three others."""
    case.sure = {case.world.wish(chat).id or 0: 0.7 for chat in (1, 2, 3)}
    for number in range(8):
        part = case.world.intercom.customer_says(case.world.chats[0], "<あ>" * 700 + str(number))
        case.world.tag(0, part=part)
    case.world.settle()
    assert case.open().count("可能性が高い") == 9


def test_nobody_waits_for_an_encoder(case: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    case.world.wish(0)
    monkeypatch.setattr(offered, "like", search.like)
    monkeypatch.setattr(engine, "model", lambda: "an encoder")
    monkeypatch.setattr(engine, "encode", lambda *_, **__: pytest.fail("the encoder was asked"))
    assert "FB-1" in case.open()
