"""What was filed by mistake, linked to the wrong issue or called the wrong kind is put right, and back."""

from __future__ import annotations

from functools import partial

import pytest
from sqlmodel import update

from app.demo.slack.desk import direct
from tests.meeting import decide
from tests.world import World
from workflows.engine.outcome import Refused
from workflows.engine.store import now_ms, store
from workflows.meeting import acts, items
from workflows.overview import lives, wish_lists
from workflows.overview.life import ENDED, Life
from workflows.people.person import Person
from workflows.search.search import search
from workflows.tables.wish import Feedback
from workflows.telling import promises
from workflows.wish import corrections
from workflows.wish.similar import similar

SATO = Person("U0SATO", "佐藤 健", "sato@kanade.example", "U0SATO")
WHY = "ご質問でした"


def withdrawn(world: World, wish: Feedback) -> None:
    corrections.withdraw(wish.id or 0, words=WHY, by=SATO)
    world.settle()


def life_of(wish: Feedback) -> Life:
    return store.read(partial(lives.of, ids=[wish.id or 0]))[wish.id or 0]


def on_agenda() -> list[int]:
    return list(store.read(lambda session: items.agenda(session, now_ms()).order))


def note_of(world: World, wish: Feedback) -> str:
    [note] = [note for note in world.productboard.notes.values() if note.source.get("recordId") == wish.mark]
    return note.content


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", " ", "あ" * 501])
def test_a_withdrawal_says_why(words: str) -> None:
    assert list(corrections.problems("ja", {"words": words})) == ["withdrawn"]


def test_what_is_merged_is_taken_apart_first(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    acts.merge(second.id or 0, first.id or 0, by=SATO, origin="m")
    for wish in (first, second):
        with pytest.raises(Refused):
            withdrawn(world, wish)


def test_no_link_is_cut_that_is_not_there(world: World) -> None:
    with pytest.raises(Refused):
        corrections.cut(world.wish(0).id or 0, "10012", by=SATO)


# -- filed by mistake -----------------------------------------------------------------------------


def test_a_wish_that_was_none_leaves_every_list(world: World) -> None:
    wish = world.wish(0)
    withdrawn(world, wish)
    assert on_agenda() == []
    assert store.read(lambda session: wish_lists.found(session, wish_lists.Wanted())).rows == []
    taken_out = wish_lists.Wanted(show="withdrawn")
    assert [row.id for row in store.read(lambda session: wish_lists.found(session, taken_out)).rows] == [wish.id]
    assert similar(wish.quote) == []
    assert [hit for hit in search("部署コード").hits if hit.document.kind == "wish"] == []
    assert (life_of(wish).stage, life_of(wish).words) == (ENDED, "Withdrawn")


def test_product_people_and_agents_read_that_it_does_not_count(world: World) -> None:
    wish = world.wish(0)
    withdrawn(world, wish)
    assert WHY in note_of(world, wish) and WHY in world.notes(0)[-1]
    assert f"{SATO.name} withdrew this request because it was filed by mistake: {WHY}" in (world.sentences(0))


def test_nobody_is_told_of_what_was_filed_by_mistake(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    withdrawn(world, wish)
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 0 and not store.read(promises.debts)


def test_taken_back_it_is_as_it_was(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    withdrawn(world, wish)
    corrections.restore(wish.id or 0, by=SATO)
    world.settle()
    assert on_agenda() == [wish.id] and world.waiting("KNDE-12") == [wish.id]
    assert [hit.document.place for hit in search("部署コード").hits if hit.document.kind == "wish"] == ["/feedback/1"]
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 1


def test_nothing_is_concluded_about_it_on_a_page_that_was_open_before(world: World) -> None:
    wish, other = world.wish(0).id or 0, world.wish(2).id or 0
    corrections.withdraw(wish, words=WHY, by=SATO)
    for act in (
        lambda: decide(wish, "decline", tells_all=True),
        lambda: acts.merge(wish, other, by=SATO, origin="into another"),
        lambda: acts.merge(other, wish, by=SATO, origin="another into it"),
        lambda: decide(other, "duplicate", into_id=wish),
    ):
        with pytest.raises(Refused, match="was withdrawn because it was filed by mistake"):
            act()
    assert on_agenda() == [other]


def test_nobody_hears_a_decision_about_it_unless_it_is_restored(world: World) -> None:
    wish = world.wish(0)
    decision = decide(wish.id or 0, "decline", tells_all=True)
    withdrawn(world, wish)
    said, notes = world.said(), world.notes(0)
    assert not acts.send_now(decision.id or 0)
    world.settle()
    assert (world.said(), world.notes(0), world.opened(0)) == (said, notes, 0)
    corrections.restore(wish.id or 0, by=SATO)
    assert acts.start_due() == 1
    world.settle()
    assert world.opened(0) == 1


def test_nobody_hears_a_decision_that_was_on_its_way_when_it_was_withdrawn(world: World) -> None:
    wish = world.wish(0)
    decision = decide(wish.id or 0, "decline", tells_all=True)
    acts.send_now(decision.id or 0)
    said = world.said()
    withdrawn(world, wish)
    assert (world.said(), world.opened(0)) == (said, 0)
    assert ("ignored", "Nobody was notified: the request was withdrawn because it was filed by mistake.") in [
        (run.state, run.reason) for run in world.runs()
    ]


def test_pressed_twice_it_is_withdrawn_once(world: World) -> None:
    wish = world.wish(0)
    withdrawn(world, wish)
    withdrawn(world, wish)
    assert len(world.notes(0)) == 2


def test_the_agenda_of_yesterday_still_has_it(world: World) -> None:
    wish = world.wish(0)
    before = now_ms()
    withdrawn(world, wish)
    assert list(store.read(lambda session: items.agenda(session, before).order)) == [wish.id]


def test_who_takes_the_tag_off_is_asked_whether_it_was_a_mistake(world: World) -> None:
    wish = world.wish(0)
    taken_off(world)
    question = asked(world)
    assert "FB-1は誤って登録したものでしょうか。" in str(question)
    world.slack.press("U0TANAKA", DIRECT, str(question["ts"]), "withdraw_wish")
    world.settle()
    assert world.feedback(0)[0].withdrawn_at is not None and "タグが外されました。" in note_of(world, wish)


def test_it_may_be_kept_without_its_tag_and_nobody_is_asked_again(world: World) -> None:
    world.wish(0)
    taken_off(world)
    world.slack.press("U0TANAKA", DIRECT, str(asked(world)["ts"]), "keep_wish")
    world.settle()
    world.tag(0, "不具合")
    world.settle()
    assert world.feedback(0)[0].withdrawn_at is None
    assert "田中 みなみさんは、タグがなくても要望として残すことにしました。" in str(asked(world))


def test_who_tags_it_anew_lets_it_count_again(world: World) -> None:
    wish = world.wish(0)
    withdrawn(world, wish)
    world.intercom.untag(world.chats[0], "", "要望")
    store.write(lambda session: session.exec(update(Feedback).values(withdrawn_at=now_ms() - 60_000)) and None)
    world.tag(0)
    world.settle()
    assert on_agenda() == [wish.id]


DIRECT = direct("U0TANAKA")


def asked(world: World) -> dict[str, object]:
    """The question in the agent's direct messages, as it is now."""
    return dict(next(each for each in reversed(world.slack.messages(DIRECT)) if "タグ" in str(each["text"])))


def taken_off(world: World) -> None:
    """An agent takes the tag off, and tags the chat as a question."""
    world.intercom.untag(world.chats[0], "", "要望")
    world.intercom.tag(world.chats[0], "", "質問", "7001")
    world.settle()


# -- the wrong issue ------------------------------------------------------------------------------


def test_a_link_that_was_cut_stays_cut_whatever_jira_says(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    corrections.cut(wish.id or 0, world.stage.issues["KNDE-12"], by=SATO)
    world.link(wish, "KNDE-12")
    world.reconcile()
    world.move("KNDE-12", "完了")
    assert (world.waiting("KNDE-12"), world.opened(0)) == ([], 0)


def test_a_link_that_was_cut_is_put_back(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    corrections.cut(wish.id or 0, world.stage.issues["KNDE-12"], by=SATO)
    corrections.relink(wish.id or 0, world.stage.issues["KNDE-12"], by=SATO)
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 1


def test_a_merged_wish_loses_the_link_of_the_whole(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    world.link(first, "KNDE-12")
    acts.merge(second.id or 0, first.id or 0, by=SATO, origin="m")
    corrections.cut(second.id or 0, world.stage.issues["KNDE-12"], by=SATO)
    assert world.waiting("KNDE-12") == []


# -- the wrong kind -------------------------------------------------------------------------------


def test_a_fault_that_was_filed_as_a_wish_becomes_one(world: World) -> None:
    wish = world.wish(0)
    corrections.rename(wish.id or 0, "fault", by=SATO)
    world.settle()
    assert world.feedback(0)[0].kind == "fault" and "不具合" in note_of(world, wish)


def test_what_was_noted_about_it_says_the_new_kind_too(world: World) -> None:
    from workflows.wish import context, known

    wish = world.wish(0)
    context.fill(
        wish.id or 0, {"background": "毎月直している", "importance": "high", "kind": "wish"}, by=SATO, origin="o"
    )
    corrections.rename(wish.id or 0, "fault", by=SATO)
    shown = store.read(partial(known.one, feedback_id=wish.id or 0))
    assert shown is not None and shown.kind == "fault" and shown.context is not None
    assert shown.context.background == "毎月直している"
