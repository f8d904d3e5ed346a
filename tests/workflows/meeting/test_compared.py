"""Whether a similar request is the same is said where somebody is asked, in Slack: done once, undone, and told."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from integrations.twin import Fault
from tests.asking import AGENT, WHY
from tests.comparing import Comparing
from tests.meeting import LEAD, decide
from tests.world import World
from workflows.engine.store import now_ms
from workflows.meeting import acts, compared
from workflows.people.may import DECIDE
from workflows.rules.access import Access
from workflows.wish import corrections
from workflows.wish.similar import refused
from workflows.wish.similar.offered import Pair


@pytest.fixture
def case(world: World, monkeypatch: pytest.MonkeyPatch) -> Comparing:
    """A company whose requests are alike."""
    return Comparing(world, monkeypatch)


# -- refused --------------------------------------------------------------------------------------


def test_where_nothing_is_similar_no_line_says_so(case: Comparing) -> None:
    wish = case.world.wish(0).id or 0
    assert "似た要望" not in case.said(wish) and "same_wish" not in case.said(wish)


@pytest.mark.parametrize(
    "value", ["", "12", "FB-0/FB-1", "FB-1/", "FB-1/FB-2/x y", "FB-1/FB-²", "9" * 5000, "FB-1/FB-2\n"]
)
def test_a_button_that_names_no_two_requests_does_nothing(case: Comparing, value: str) -> None:
    assert Pair.read(value) is None
    assert compared.same(user_id=AGENT, value=value).state == "ignored"


def test_two_requests_that_were_never_there_are_not_merged(case: Comparing) -> None:
    assert compared.not_same(user_id=AGENT, value="FB-404/FB-405", channel="", ts="").state == "ignored"
    assert compared.undo_same(user_id=AGENT, value="FB-404/FB-405", channel="", ts="").state == "ignored"
    assert compared.undo_not_same(user_id=AGENT, value="FB-404/FB-405", channel="", ts="").state == "ignored"
    assert "FB-404は取り下げられたか、消去されています。" in case.text_of(case.direct()[0])


@pytest.mark.parametrize("button", ["same_wish", "not_same_wish"])
def test_who_may_not_decide_is_told_so_and_nothing_changes(case: Comparing, button: str) -> None:
    one, other = case.pair()
    with case.world.rules(access=Access(everyone="viewer")):
        screen = case.press(button, one, other)
    assert screen.view is not None and "権限" in json.dumps(screen.view, ensure_ascii=False)
    assert case.merged_into(one) is None and not case.are_apart(one, other)


def test_the_act_asks_and_not_only_the_door(case: Comparing) -> None:
    one, other = case.pair()
    with case.world.rules(access=Access(everyone="viewer")):
        assert compared.same(user_id=AGENT, value=str(Pair(one, other))).state == "ignored"
    assert case.merged_into(one) is None


def test_pressing_twice_merges_once_and_says_so_to_whoever_pressed(case: Comparing) -> None:
    one, other = case.pair()
    before = deepcopy(case.message(one))
    case.press("same_wish", one, other)
    assert case.whispers() == []
    case.press("same_wish", one, other, seen=before)
    assert case.merged_into(one) == other and "すでに統合されています" in case.whispers()[0]
    assert {run.state for run in case.world.runs()} <= {"done", "ignored"}


@pytest.mark.parametrize("gone", ["withdrawn", "erased"])
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("button", ["same_wish", "not_same_wish"])
def test_what_is_gone_by_now_is_told_and_not_offered_any_longer(
    case: Comparing, gone: str, which: int, button: str
) -> None:
    pair = case.pair()
    case.change(pair[which], **({"withdrawn_at": now_ms()} if gone == "withdrawn" else {"quote": ""}))
    case.press(button, *pair)
    assert f"FB-{pair[which]}は取り下げられたか、消去されています。" in case.whispers()[0]
    assert case.merged_into(pair[0]) is None and "same_wish" not in case.said(pair[0])


def test_what_was_merged_elsewhere_meanwhile_stays_there(case: Comparing) -> None:
    one, other = case.pair()
    third = case.world.wish(2).id or 0
    before = deepcopy(case.message(one))
    acts.merge(one, third, by=LEAD, origin="page")
    case.press("same_wish", one, other, seen=before)
    assert case.merged_into(one) == third and f"FB-{third}" in case.whispers()[0]
    assert f"FB-{third}" in case.said(one) and "undo_same_wish" in case.said(one)
    case.press("undo_same_wish", one, third)
    assert case.merged_into(one) is None


def test_what_the_other_was_merged_into_is_what_it_is_merged_into(case: Comparing) -> None:
    one, other = case.pair()
    third = case.world.wish(2).id or 0
    acts.merge(other, third, by=LEAD, origin="page")
    case.press("same_wish", one, other)
    assert case.merged_into(one) == third


def test_a_decision_that_nobody_saw_is_shown_before_anything_is_merged(case: Comparing) -> None:
    one, other = case.pair()
    decide(other, "decline")
    case.world.settle()
    case.press("same_wish", one, other)
    assert case.merged_into(one) is None and "結論(見送り)が出ました" in case.whispers()[0]
    assert "結論: 見送り" in case.said(one) and "お客様にもお知らせします" in case.said(one)
    case.press("same_wish", one, other)
    assert case.merged_into(one) == other


def test_what_was_undone_already_is_told(case: Comparing) -> None:
    one, other = case.pair()
    case.press("same_wish", one, other)
    merged = deepcopy(case.message(one))
    acts.unmerge(one, LEAD)
    case.press("undo_same_wish", one, other, seen=merged)
    assert "統合は、すでに解除されています" in case.whispers()[0]
    case.press("not_same_wish", one, other)
    apart = deepcopy(case.message(one))
    refused.allow(one, other, by=LEAD)
    case.press("undo_not_same_wish", one, other, seen=apart)
    assert "すでに取り消されています" in case.whispers()[1]


# -- said -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sure", "voice"), [(0.7, "同じ要望の可能性が高い"), (0.3, "関連があるかもしれません")])
def test_a_similar_request_is_named_in_a_voice_and_with_the_reason(case: Comparing, sure: float, voice: str) -> None:
    one, other = case.pair(sure)
    said = case.said(one)
    assert voice in said and f"FB-{other}" in said and "どちらにも「CSV」とあります。" in said
    [confirm] = [each["confirm"] for each in buttons(case, one) if each["action_id"].startswith("same_wish")]
    assert confirm["title"]["text"] == f"FB-{one}をFB-{other}に統合" and "あとで取り消せます" in confirm["text"]["text"]


def buttons(case: Comparing, wish: int) -> list[dict[str, object]]:
    """The buttons of the message that asked about it."""
    return [each for block in case.message(wish)["blocks"] for each in block.get("elements", []) if "action_id" in each]


def test_the_same_is_merged_shown_and_undone_in_the_same_message(case: Comparing) -> None:
    one, other = case.pair()
    case.press("same_wish", one, other)
    assert case.merged_into(one) == other
    assert f"FB-{one}は<" in case.said(one) and "に統合済み" in case.said(one)
    case.press("undo_same_wish", one, other)
    assert case.merged_into(one) is None and "not_same_wish" in case.said(one)
    case.press("same_wish", one, other)
    assert case.merged_into(one) == other and len(case.direct()) == 2  # each was asked about once


def test_what_is_not_the_same_is_not_offered_and_undone_in_the_same_message(case: Comparing) -> None:
    one, other = case.pair()
    case.press("not_same_wish", one, other)
    assert case.are_apart(one, other) and "別の要望: " in case.said(one) and "not_same_wish.1" not in case.said(one)
    case.press("undo_not_same_wish", one, other)
    assert not case.are_apart(one, other) and "可能性が高い" in case.said(one)


def test_it_is_kept_who_decided(case: Comparing) -> None:
    from tests.test_roles_everywhere import kept

    one, other = case.pair()
    case.press("same_wish", one, other)
    assert kept()[-1] == (AGENT, DECIDE, "slack")


def test_a_full_message_fits_into_slack(case: Comparing) -> None:
    """Five requests, each filled in, with as many similar ones as may be named."""
    others = [case.world.wish(chat).id or 0 for chat in (1, 2)]
    case.sure = dict.fromkeys(others, 0.7)
    quote = "<&>" * 600
    chats = [case.world.chat(quote, customer="101") for _ in range(6)]
    for chat in chats:
        case.world.tag(chat)
    case.world.settle()
    for wish in case.wishes()[2:7]:
        case.fill(wish, background=quote, importance="high", temperature="high", promise="report")
    for message in case.direct():
        ids = [
            each["action_id"] for block in message["blocks"] for each in block.get("elements", []) if "value" in each
        ]
        assert len(message["blocks"]) <= 50 and len(set(ids)) == len(ids)
        assert message["blocks"][-1]["elements"][0].get("text") != "…"


def test_while_slack_answers_late_it_is_merged_once_and_shown(case: Comparing) -> None:
    one, other = case.pair()
    case.slack.delay = 0.3
    case.press("same_wish", one, other)
    case.slack.delay = 0.0
    assert case.merged_into(one) == other and "に統合済み" in case.said(one)


def test_where_the_message_could_not_be_changed_it_is_tried_again_and_nothing_is_merged_twice(case: Comparing) -> None:
    one, other = case.pair()
    case.slack.fail("POST /api/chat.update", *[Fault("503")] * 6)
    case.press("same_wish", one, other)
    assert case.merged_into(one) == other and "に統合済み" in case.said(one) and case.whispers() == []


@pytest.mark.parametrize("is_shown_first", [True, False])
def test_what_is_erased_is_quoted_in_nobodys_message(case: Comparing, is_shown_first: bool) -> None:
    """Somebody else was asked, and the message quotes the one that is to be erased, or began to when it was changed."""
    one, other = case.pair()
    if not is_shown_first:
        case.sure = {}
        case.fill(case.wishes()[1], background=WHY)
        case.sure = {other: 0.7}
        case.fill(case.wishes()[1], background=WHY, importance="high")
    quote = case.wishes()[0].quote[:20]
    assert quote in case.said(one)
    case.world.intercom.delete(case.world.chats[1])
    case.world.settle()
    assert case.wishes()[0].quote == "" and quote not in case.said(one)


def test_a_withdrawn_request_is_compared_with_nothing(case: Comparing) -> None:
    one, _ = case.pair()
    corrections.withdraw(one, words="誤り", by=LEAD)
    case.world.settle()
    case.fill(case.wishes()[1], background=WHY)
    assert "same_wish" not in case.said(one)
