"""The forms in Slack show what is similar, and whoever sends one may say that it is the same."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from integrations.slack.twin.door import Screen
from integrations.twin import Fault
from tests.asking import AGENT, WHY
from tests.comparing import Comparing
from tests.meeting import LEAD, decide
from tests.world import World
from workflows.engine.store import now_ms
from workflows.language.vectors.process import TooSlow
from workflows.meeting import acts
from workflows.rules import rules
from workflows.rules.access import Access
from workflows.rules.similar import Similar
from workflows.wish.similar import engine, offered, search

NONE, LOOKING = "似た要望はありません。", "似た要望を探しています…"


@pytest.fixture
def case(world: World, monkeypatch: pytest.MonkeyPatch) -> Comparing:
    """A company whose requests are alike."""
    return Comparing(world, monkeypatch)


def shown(screen: Screen) -> str:
    """What the form says."""
    return json.dumps(screen.view, ensure_ascii=False)


def meanwhile(case: Comparing, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """What is similar takes its time to be found, and somebody does this before it is."""
    before = offered.like

    def slowly(*args: int, **named: int) -> object:
        monkeypatch.setattr(offered, "like", before)
        act()
        return case._like(*args, **named)

    monkeypatch.setattr(offered, "like", slowly)


# -- refused --------------------------------------------------------------------------------------


def test_where_nothing_is_similar_a_form_says_so_and_asks_nothing(case: Comparing) -> None:
    case.world.wish(0)
    screen = case.open(case.wishes()[0])
    assert NONE in shown(screen) and '"same"' not in shown(screen)


def test_whoever_chose_what_is_gone_by_now_is_told_at_its_field(case: Comparing) -> None:
    one, other = case.pair()
    case.open(case.wishes()[1])
    case.change(other, withdrawn_at=now_ms())
    screen = case.slack.submit(AGENT, {"background": WHY, "same": str(other)})
    assert screen.errors == {"same": f"変更しませんでした: FB-{other}は取り下げられたか、消去されています。"}
    assert case.send(AGENT, {"same": "new"}).errors == {} and case.merged_into(one) is None


def test_whoever_chose_for_what_is_merged_by_now_is_told_at_its_field(case: Comparing) -> None:
    one, other = case.pair()
    case.open(case.wishes()[1])
    acts.merge(one, other, by=LEAD, origin="page")
    screen = case.slack.submit(AGENT, {"background": WHY, "same": str(other)})
    assert "すでに統合されています" in screen.errors["same"]


def test_a_decision_that_the_form_did_not_show_is_told_at_its_field(case: Comparing) -> None:
    _, other = case.pair()
    case.open(case.wishes()[1])
    decide(other, "decline")
    screen = case.slack.submit(AGENT, {"background": WHY, "same": str(other)})
    assert "結論(見送り)" in screen.errors["same"]
    case.slack.close(AGENT)
    case.world.settle()
    assert "結論: 見送り" in shown(case.open(case.wishes()[1]))
    assert case.send(AGENT, {"background": WHY, "same": f"{other}/decline"}).errors == {}
    assert case.merged_into(1 if other != 1 else 2) == other


def test_who_lost_their_role_before_it_was_done_merges_nothing(case: Comparing) -> None:
    one, other = case.pair()
    case.open(case.wishes()[1])
    case.slack.submit(AGENT, {"background": WHY, "same": str(other)})
    with case.world.rules(access=Access(everyone="viewer")):
        case.world.settle()
    assert case.merged_into(one) is None


@pytest.mark.parametrize("what", ["sent", "closed"])
def test_a_form_that_is_sent_or_closed_before_similar_ones_are_found_is_no_trouble(
    case: Comparing, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    one, _ = case.pair()
    act = {"sent": lambda: case.slack.submit(AGENT, {"background": WHY}), "closed": lambda: case.slack.close(AGENT)}
    meanwhile(case, monkeypatch, act[what])
    screen = case.open(case.wishes()[1])
    assert "同じ要望の有無" not in shown(screen)
    case.world.settle()
    assert case.merged_into(one) is None and (len(case.notes_on(case.wishes()[1])) == 1) is (what == "sent")


def test_where_slack_does_not_take_the_similar_ones_the_form_can_be_sent(case: Comparing) -> None:
    case.pair()
    case.slack.fail("POST /api/views.update", *[Fault("500")] * 6)
    screen = case.open(case.wishes()[1])
    assert LOOKING in shown(screen)
    assert case.send(AGENT, {"background": WHY}).errors == {}


def test_a_form_that_was_not_opened_is_not_filled_in(case: Comparing) -> None:
    case.pair()
    case.slack.fail("POST /api/views.open", Fault("500"))
    case.open(case.wishes()[1])
    assert case.slack.did("views.update") == []


# -- shown and chosen -----------------------------------------------------------------------------


def test_a_form_opens_before_similar_ones_are_looked_for_and_keeps_what_was_typed(
    case: Comparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = case.pair()
    seen = []

    def type_something() -> None:
        seen.append(shown(case.slack.screen(AGENT)))
        case.slack.fill(AGENT, {"background": WHY, "importance": "high"})

    meanwhile(case, monkeypatch, type_something)
    screen = case.open(case.wishes()[1])
    assert LOOKING in seen[0] and LOOKING not in shown(screen)
    assert "同じ要望の可能性が高い" in shown(screen) and f"FB-{other}" in shown(screen)
    assert case.initial(screen, "same") == "new" and WHY in shown(screen)


def test_what_was_chosen_is_merged_and_the_message_shows_it(case: Comparing) -> None:
    one, other = case.pair()
    assert case.fill(case.wishes()[1], background=WHY, same=str(other)).errors == {}
    assert case.merged_into(one) == other and case.noted(case.wishes()[1]).background == WHY
    assert "に統合済み" in case.said(one) and WHY in case.said(one)
    assert "統合済みです。" in shown(case.open(case.wishes()[1]))


def test_who_says_that_it_is_new_merges_nothing(case: Comparing) -> None:
    one, _ = case.pair()
    case.fill(case.wishes()[1], background=WHY)
    assert case.merged_into(one) is None and "可能性が高い" in case.said(one)


def test_a_message_is_filed_and_merged_in_one_go_and_its_line_undoes_that(case: Comparing) -> None:
    other = case.world.wish(1).id or 0
    case.sure = {other: 0.3}
    ts = case.say("CSVに部署コードがほしいとのことです")
    screen = case.shortcut(ts)
    assert "関連があるかもしれません" in shown(screen) and case.initial(screen, "same") == "new"
    case.slack.suggest(AGENT, "company", "あおば")
    case.send(AGENT, {"company": "101", "same": str(other)})
    wish = case.wishes()[-1].id or 0
    assert case.merged_into(wish) == other
    [line] = [each["ts"] for each in case.slack.messages(case.world.channel) if "undo_same_wish" in str(each)]
    case.slack.press(AGENT, case.world.channel, line, f"undo_same_wish.{wish}.{other}")
    case.world.settle()
    assert case.merged_into(wish) is None


def test_what_is_filed_as_new_is_merged_with_nothing(case: Comparing) -> None:
    case.sure = {case.world.wish(1).id or 0: 0.7}
    case.file(case.say("CSVに部署コードがほしい"))
    assert [wish.merged_into for wish in case.wishes()] == [None, None]


def test_what_was_filed_before_is_not_merged_by_a_second_form(case: Comparing) -> None:
    other = case.world.wish(1).id or 0
    case.sure = {other: 0.7}
    ts = case.say("CSVに部署コードがほしい")
    case.file(ts)
    case.file(ts, same=str(other))
    assert [wish.merged_into for wish in case.wishes()] == [None, None]


def test_while_slack_answers_late_a_form_is_sent_and_merged(case: Comparing) -> None:
    one, other = case.pair()
    case.slack.delay = 0.3
    case.fill(case.wishes()[1], background=WHY, same=str(other))
    case.slack.delay = 0.0
    assert case.merged_into(one) == other and "に統合済み" in case.said(one)


def test_an_encoder_that_takes_too_long_leaves_it_to_the_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Comparing(world, monkeypatch)
    monkeypatch.setattr(offered, "like", search.like)
    monkeypatch.setattr(offered, "similar", search.similar)
    waited = []

    def slowly(texts: object, patience: float) -> list[bytes]:
        waited.append(patience)
        raise TooSlow("it takes too long")

    case.world.wish(0)
    monkeypatch.setattr(engine, "encode", slowly)
    rules.similar = Similar(engine="light")
    assert [each.feedback_id for each in offered.among("勤怠データをCSVで出力", most=3).matches] == [1]
    assert offered.among("勤怠データをCSVで出力", most=3, patience=0).matches
    assert waited == [engine.PATIENCE]
