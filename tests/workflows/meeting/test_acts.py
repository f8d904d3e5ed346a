"""The meeting decides, and several wishes become one: what holds afterwards, and what can be taken back."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlmodel import select

from tests.meeting import LEAD, decide, filed, group, merge, once, wish_of
from tests.world import World
from workflows.engine import outcome
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, items, past
from workflows.meeting import decisions as records
from workflows.overview import life, lives
from workflows.people.person import Person
from workflows.rules import rules
from workflows.rules.meeting import Triage
from workflows.tables.wish import FeedbackIssue, Issue
from workflows.wish import connect

TANAKA = Person("U0TANAKA", "田中 みなみ")


def on_agenda() -> list[int]:
    """The wishes that are undecided now, oldest first."""
    return list(store.read(lambda session: items.agenda(session, now_ms())).order)


def links() -> set[tuple[int, str, str]]:
    """Every link of a wish to an issue: who waits, for what, and where that comes from."""
    rows = store.read(lambda session: session.exec(select(FeedbackIssue)).all())
    return {(row.feedback_id, row.issue_id, row.origin) for row in rows}


def issue(id: str) -> Issue:
    """An issue that we know."""
    row = Issue(id=id, key=f"KNDE-{id}", category="indeterminate")
    store.write(lambda session: session.merge(row) and None)
    return row


# -- refusals -------------------------------------------------------------------------------------


def test_a_wish_that_does_not_exist_is_not_decided(world: World) -> None:
    with pytest.raises(outcome.Refused) as refused:
        decide(404, "adopt")
    assert refused.value.facts == {"code": "FB-404"}


def test_what_was_merged_is_decided_where_it_is_now(world: World) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    merge(second, first)
    with pytest.raises(outcome.Refused, match="was merged into"):
        decide(second, "adopt")
    with pytest.raises(outcome.Refused, match="was merged into"):
        merge(second, first)


def test_a_wish_is_not_merged_into_itself_nor_into_its_own(world: World) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    with pytest.raises(outcome.Refused, match="into itself"):
        merge(first, first)
    merge(second, first)
    with pytest.raises(outcome.Refused, match="already merged"):
        merge(first, second)
    with pytest.raises(outcome.Refused, match="was not found"):
        merge(first, 404)
    assert group(first) == [first, second]


def test_whoever_decides_after_somebody_else_is_told_so(world: World) -> None:
    wish = filed()
    decide(wish, "adopt", by=TANAKA, seen=0)
    with pytest.raises(outcome.Refused) as refused:
        decide(wish, "decline", seen=0)
    assert refused.value.facts == {"name": "田中 みなみ", "kind": "Adopted"}
    assert wish_of(wish).conclusion == "adopt"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"reason": "x"}, {"conclusion"}),
        ({"conclusion": "burn", "reason": "x"}, {"conclusion"}),
        ({"conclusion": "adopt", "reason": "  "}, {"reason"}),
        ({"conclusion": "adopt", "reason": "あ" * 2001, "answer": "い" * 2001}, {"reason", "answer"}),
        ({"conclusion": "duplicate", "reason": "同じ"}, {"into"}),
        ({"conclusion": "duplicate", "reason": "同じ", "into": "FB-3"}, set()),
    ],
)
def test_what_is_wrong_with_a_decision_is_said_by_field(typed: dict[str, str], wrong: set[str]) -> None:
    assert set(acts.problems("ja", typed)) == wrong


# -- deciding -------------------------------------------------------------------------------------


def test_what_is_decided_leaves_the_agenda_and_what_is_considered_stays(world: World) -> None:
    adopted, declined, considered, untouched = (filed(f"要望{n}", at=now_ms() - 1000 + n) for n in range(4))
    decide(adopted, "adopt")
    decide(declined, "decline")
    decide(considered, "consider")
    assert on_agenda() == [untouched, considered]  # what was handled in this meeting comes last
    found = store.read(lambda session: items.agenda(session, now_ms()))
    assert (found.total, found.handled) == (2, 1)


def test_a_decision_can_be_taken_back_until_it_is_sent_and_not_after(world: World) -> None:
    wish = filed()
    decision = decide(wish, "decline")
    assert wish_of(wish).conclusion == "decline"
    assert acts.undo(decision.id or 0, LEAD)
    assert wish_of(wish).conclusion == "" and on_agenda() == [wish]
    assert not acts.undo(decision.id or 0, LEAD)
    again = decide(wish, "decline")
    assert acts.send_now(again.id or 0)
    assert not acts.undo(again.id or 0, LEAD)
    assert not acts.send_now(again.id or 0)


def test_the_same_submission_decides_once(world: World) -> None:
    wish, origin = filed(), once()
    first, second = decide(wish, "adopt", origin=origin), decide(wish, "adopt", origin=origin)
    assert first.id == second.id
    assert len(store.read(lambda session: records.history(session, wish))) == 1


def test_a_duplicate_that_is_sent_twice_is_one(world: World) -> None:
    first, second, origin = filed("CSV"), filed("CSV出力"), once()
    made = [decide(second, "duplicate", into_id=first, origin=origin).id for _ in range(2)]
    assert made[0] == made[1] and group(first) == [first, second]


def test_a_new_decision_replaces_one_that_nobody_has_heard_of(world: World) -> None:
    wish = filed()
    first, second = decide(wish, "decline"), decide(wish, "adopt")
    with world.rules(triage=replace(rules.triage, undo_seconds=0)):
        assert acts.send_now(second.id or 0)
    history = store.read(lambda session: records.history(session, wish))
    assert [(row.id, row.undone_at is None) for row in history] == [(second.id, True), (first.id, False)]


def test_upkeep_carries_out_what_is_due_and_nothing_else(world: World) -> None:
    wish = filed()
    decide(wish, "adopt")
    assert acts.start_due() == 0
    with world.rules(triage=Triage(undo_seconds=0)):
        other = filed("ほかの要望")
        decide(other, "adopt")
        assert acts.start_due() == 1
        assert acts.start_due() == 0


def test_an_adopted_wish_gets_its_issue_when_nobody_can_take_the_decision_back(world: World) -> None:
    with world.rules(jira_project="KNDE", triage=Triage(undo_seconds=0)):
        new, known, declined, undone = filed("打刻"), filed("CSV"), filed("色"), filed("音")
        decide(new, "adopt", issue=acts.NEW), decide(known, "adopt", issue=" knde-12 ")
        decide(declined, "decline", issue=acts.NEW)
        acts.undo(decide(undone, "adopt", issue=acts.NEW).id or 0, LEAD)
        world.settle()
        assert links() == set()
        acts.start_due()
        world.settle()
    assert {wish for wish, _, _ in links()} == {new, known}


# -- mergers --------------------------------------------------------------------------------------


def test_everybody_stays_when_wishes_become_one_and_the_conclusion_holds_for_all(world: World) -> None:
    first, second, third = filed("CSV", "101"), filed("CSV出力", "103"), filed("エクスポート", "103")
    merge(third, second)
    merge(second, first)
    assert group(first) == [first, second, third]
    item = store.read(lambda session: items.item(session, third, now_ms()))
    assert item is not None and [voice.quote for voice in item.voices] == ["CSV", "CSV出力", "エクスポート"]
    decide(first, "adopt")
    assert {wish_of(wish).conclusion for wish in (first, second, third)} == {"adopt"}


def test_taking_apart_restores_what_was_one_before(world: World) -> None:
    first, second, third = filed("CSV"), filed("CSV出力"), filed("エクスポート")
    merge(third, second)
    merge(second, first)
    decide(first, "decline")
    assert acts.unmerge(second, LEAD)
    assert (group(first), group(second)) == ([first], [second, third])
    assert [wish_of(wish).conclusion for wish in (first, second, third)] == ["decline", "", ""]
    assert on_agenda() == [second]
    assert not acts.unmerge(second, LEAD)


def test_a_duplicate_joins_the_other_wish_and_undoing_takes_it_out(world: World) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    decision = decide(second, "duplicate", into_id=first)
    assert group(first) == [first, second] and on_agenda() == [first]
    assert acts.undo(decision.id or 0, LEAD)
    assert group(first) == [first] and on_agenda() == [first, second]


def test_merged_wishes_wait_for_each_others_issues_and_for_their_own_again_afterwards(world: World) -> None:
    first, second, third = filed("CSV"), filed("CSV出力"), filed("エクスポート")
    for wish, number in ((first, "1"), (second, "2")):
        connect.let_wait(issue(number), [], [wish], "jira")
    before = links()
    merge(third, second)
    merge(second, first)
    assert {(wish, number) for wish, number, _ in links()} == {(w, n) for w in (first, second, third) for n in "12"}
    assert acts.unmerge(second, LEAD) and acts.unmerge(third, LEAD)
    assert links() == before


def test_a_link_that_comes_while_wishes_are_one_is_kept_by_whom_it_belongs_to(world: World) -> None:
    first, second = filed("CSV"), filed("CSV出力")
    merge(second, first)
    connect.let_wait(issue("7"), [], [first], "productboard")
    connect.let_wait(issue("7"), [], [second], "productboard")
    assert links() == {(first, "7", "productboard"), (second, "7", "productboard")}
    acts.unmerge(second, LEAD)
    assert links() == {(first, "7", "productboard"), (second, "7", "productboard")}


def test_any_mergers_and_decisions_leave_every_wish_as_the_rows_say(world: World) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    wishes = [filed(f"要望{n}") for n in range(8)]
    decisions: list[int] = []
    for _ in range(40):
        act, wish, other = dice.randrange(4), dice.choice(wishes), dice.choice(wishes)
        try:
            if act == 0:
                merge(wish, other)
            elif act == 1:
                acts.unmerge(wish, LEAD)
            elif act == 2:
                conclusion = dice.choice(["adopt", "consider", "decline", "duplicate"])
                decisions.append(decide(wish, conclusion, into_id=other).id or 0)
            elif decisions:
                acts.undo(dice.choice(decisions), LEAD)
        except outcome.Refused:
            pass
        roots = store.read(lambda session: past.roots(session, now_ms()))
        held = store.read(lambda session: past.conclusions(session, now_ms()))
        for each in wishes:
            row, root = wish_of(each), roots.get(each, each)
            assert row.merged_into == (None if root == each else root), seed
            assert row.conclusion == held.get(root, (0, "", 0))[1], seed


# -- where it stands on the loop -------------------------------------------------------------------


def test_a_wish_stands_where_its_conclusion_brought_it(world: World) -> None:
    wish, merged = filed("CSV"), filed("CSV出力")
    merge(merged, wish)
    assert stage(wish) == stage(merged) == life.RECEIVED
    assert acts.send_now(decide(wish, "consider").id or 0)
    assert stage(wish) == life.RECEIVED
    assert acts.send_now(decide(wish, "adopt").id or 0)
    assert stage(wish) == stage(merged) == life.ADOPTED
    decision = decide(wish, "decline")
    assert stage(wish) == life.RECEIVED  # nobody has heard of it yet
    assert acts.send_now(decision.id or 0)
    assert stage(wish) == stage(merged) == life.ENDED
    acts.unmerge(merged, LEAD)
    assert stage(merged) == life.RECEIVED


def test_a_wish_that_was_declined_without_a_promise_has_ended_and_nobody_was_told(world: World) -> None:
    wish = filed("CSV")
    assert acts.send_now(decide(wish, "decline").id or 0)
    world.settle()
    ended = store.read(lambda session: lives.of(session, [wish]))[wish]
    assert (ended.stage, ended.is_told, ended.is_available) == (life.ENDED, False, False)
    assert (ended.words, ended.sentence) == (life.KNOWS_NOT, life.NOBODY_IS_TOLD)
    assert [step.words for step in ended.steps if step.state == life.DONE] == ["Received", "Meeting"]


def stage(wish: int) -> str:
    """At which stage of its life a wish is."""
    return store.read(lambda session: lives.of(session, [wish]))[wish].stage
