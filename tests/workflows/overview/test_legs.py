"""The way of a request in its four legs: what ends each, and who is still on it."""

from __future__ import annotations

from tests.meeting import LEAD, decide
from tests.releasing import released, soon, telling
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.meeting import acts
from workflows.overview import legs
from workflows.overview.legs import AVAILABLE, DECIDED, DONE, LEGS, NOTIFIED, WHOLE, Journey
from workflows.rules.telling import Gate
from workflows.telling import approval
from workflows.telling.approval import Key
from workflows.wish import corrections

NOW = 1_000 * DAY_MS


def journey(**at: int) -> Journey:
    """A request of day 0, and on which days it came to what places."""
    return Journey(1, 0, "a", **{name: day * DAY_MS for name, day in at.items()})


def days(found: Journey, now: int = 100) -> dict[str, tuple[int, bool]]:
    spans = {leg: legs.spans([found], leg, now * DAY_MS).get(1) for leg in (*LEGS, WHOLE)}
    return {leg: (span.length // DAY_MS, span.is_over) for leg, span in spans.items() if span}


# -- by hand ---------------------------------------------------------------------------------------


def test_what_was_just_requested_is_on_its_first_leg() -> None:
    assert days(journey()) == {DECIDED: (100, False), WHOLE: (100, False)}


def test_each_leg_begins_where_the_one_before_ended() -> None:
    found = days(journey(decided=3, done=10, available=12, notified=15, heard=15))
    assert found == {DECIDED: (3, True), DONE: (7, True), AVAILABLE: (2, True), NOTIFIED: (3, True), WHOLE: (15, True)}


def test_what_is_held_is_on_its_third_leg() -> None:
    assert days(journey(decided=3, done=10))[AVAILABLE] == (90, False)


def test_what_was_done_before_it_was_decided_took_no_time() -> None:
    assert days(journey(decided=5, done=2))[DONE] == (0, True)


def test_whom_nobody_can_tell_counts_until_that_was_found() -> None:
    found = days(journey(decided=3, done=10, available=12, stopped=20))
    assert (found[NOTIFIED], found[WHOLE]) == ((8, False), (20, False))


def test_figures_include_what_is_open() -> None:
    some = [Journey(n, 0, "a", decided=day * DAY_MS) for n, day in enumerate((1, 2, 3))]
    fast = legs.figures(some, DECIDED, NOW)
    assert (fast.over, fast.open, fast.half, fast.most) == (3, 0, 2 * DAY_MS, 3 * DAY_MS)
    slow = legs.figures([*some, *(Journey(n, 0, "a") for n in range(3, 8))], DECIDED, NOW)
    assert (slow.over, slow.open, slow.half, slow.most) == (3, 5, None, None)


# -- on record -------------------------------------------------------------------------------------


def of(world: World, chat: int = 0) -> Journey:
    id = world.feedback(chat)[0].id
    [found] = [each for each in store.read(lambda s: legs.journeys(s, 0)) if each.feedback_id == id]
    return found


def test_a_release_on_record(world: World) -> None:
    wish = world.wish(0)
    assert (of(world).decided, of(world).heard) == (None, None)
    with world.rules(gate=Gate("release")):
        world.link(wish, "KNDE-12")
        assert of(world).decided and not of(world).done
        world.move("KNDE-12", "完了")
        assert of(world).done and not of(world).available
    world.deploy.release(issues=["KNDE-12"])
    world.settle()
    assert of(world).available and not of(world).notified
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    found = of(world)
    assert found.notified == found.heard == telling(world, 0).told_at


def test_a_refusal_ends_the_way_at_its_decision_once_it_is_told(world: World) -> None:
    wish = world.wish(0)
    decision = decide(wish.id or 0, "decline", tells_all=True)
    acts.send_now(decision.id or 0)
    world.settle()
    found = of(world)
    assert found.is_declined and found.decided and not found.heard
    assert legs.spans([found], DONE, now_ms()) == {}
    world.intercom.agent_says(world.chats[0], "7001", "見送りとなりました。", at=soon())
    world.settle()
    assert of(world).heard == telling(world, 0).told_at and of(world).notified is None


def test_to_be_told_that_it_will_come_is_not_the_end(world: World) -> None:
    wish = world.wish(0)
    decision = decide(wish.id or 0, "adopt", tells_all=True)
    acts.send_now(decision.id or 0)
    world.settle()
    world.intercom.agent_says(world.chats[0], "7001", "対応する予定です。", at=soon())
    world.settle()
    assert telling(world, 0).state == "told"
    assert of(world).decided and not of(world).is_declined and of(world).heard is None


def test_an_apology_and_what_was_undone_are_no_ends(world: World) -> None:
    released(world, 0)
    world.move("KNDE-12", "進行中")
    found = of(world)
    assert found.heard is None and found.done  # it was done, once


def test_what_nobody_can_be_told_stops(world: World) -> None:
    released(world, 0)
    owed = telling(world, 0)
    assert approval.set_aside(Key(owed.release_id, owed.conversation_id), "退職されました", LEAD) == ""
    assert of(world).stopped and of(world).heard is None


def test_what_was_filed_by_mistake_and_what_is_older_is_left_out(world: World) -> None:
    wish = world.wish(0)
    assert store.read(lambda session: legs.journeys(session, now_ms() + DAY_MS)) == []
    corrections.withdraw(wish.id or 0, by=LEAD, words="")
    assert store.read(lambda session: legs.journeys(session, 0)) == []
