"""What somebody did in Slack is kept in words that say which act it was, and what came to nothing is not."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tests.comparing import Comparing
from tests.escalating import DEPUTY, LEAD, OWNER, Escalating
from tests.pages.reading import get
from tests.properties.dying import Crash
from tests.world import World
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.people import accounts, deeds
from workflows.people.may import ANSWER, DECIDE


def kept(deed: str) -> list[tuple[str, str]]:
    """Who did what, as those read it who ask; oldest first."""
    rows = [row for row in reversed(store.read(accounts.deeds)) if row.deed == deed]
    return [(row.person, say("en", row.sentence, **row.facts)) for row in rows]


@pytest.fixture
def case(world: World) -> Escalating:
    """An escalation that waits for its owner."""
    made = Escalating(world)
    made.raised()
    return made


def test_of_two_who_acknowledge_only_the_one_who_did_is_kept(case: Escalating) -> None:
    case.press(OWNER, "acknowledge", settle=False)
    case.press(DEPUTY, "acknowledge", settle=False)
    case.world.settle()
    [(person, said)] = kept(ANSWER)
    assert (person, said) == (case.one().person, "Acknowledged escalation E-1.")


def test_an_act_whose_process_died_before_it_was_kept_is_kept_by_its_next_attempt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then there is nothing left to unmerge; and yet it was this act that did it."""
    case = Comparing(world, monkeypatch)
    one, other = case.pair()
    case.press("same_wish", one, other)
    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(deeds, "keep", die)
        case.press("undo_same_wish", one, other)
    world.settle()
    assert [said for _, said in kept(DECIDE)[1:]] == [f"Unmerged two requests: FB-{one}, FB-{other}."]


def die(*_: object) -> None:
    """The process ends here."""
    raise Crash


def test_each_act_on_an_escalation_is_kept_by_its_own_name(case: Escalating) -> None:
    case.press(OWNER, "acknowledge")
    case.judge(OWNER)
    case.press(OWNER, "start")
    case.close(OWNER)
    case.press(OWNER, "reopen")
    case.press(OWNER, "hand_on")
    case.slack.submit(OWNER, {"person": LEAD, "note": "お願いします"})
    case.world.settle()
    verbs = ("Acknowledged", "Assessed", "Started work on", "Marked {} as done", "Reopened", "Handed over")
    assert [said for _, said in kept(ANSWER)] == [
        (each if "{}" in each else each + " {}").format("escalation E-1") + "." for each in verbs
    ]
    assert "エスカレーションを完了にしました: E-1" in get(case.world, "/audit").text


def test_what_was_compared_is_kept_as_what_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Comparing(world, monkeypatch)
    one, other = case.pair()
    case.press("not_same_wish", one, other)
    case.press("undo_not_same_wish", one, other)
    case.press("same_wish", one, other)
    merged = deepcopy(case.message(one))
    for _ in range(2):
        case.press("undo_same_wish", one, other, seen=merged)
    pair = f"FB-{one}, FB-{other}"
    assert [said for _, said in kept(DECIDE)] == [
        f"Marked two requests as not the same: {pair}.",
        f"Undid that two requests are not the same: {pair}.",
        f"Merged two requests that are the same: {pair}.",
        f"Unmerged two requests: {pair}.",
    ]
