"""Feedback waits for Jira issues: over Productboard, by a link in the issue, by an operator's word. Many to many."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.linking import CSV, address
from tests.releasing import soon
from tests.world import World
from workflows.engine.durable import child, spawn
from workflows.engine.store import store
from workflows.overview import lives
from workflows.overview.life import CAME_TO_NOTHING, TO_TELL, Life
from workflows.tables.wish import Feedback

MENTIONED = ("jira:issue_updated", "comment_created", "jira:issue_created")


def by_hand(world: World, wish: Feedback, key: str) -> str:
    """An operator links them; returns what came of it."""
    run = child(f"hand/{wish.id}/{key}", "links.by_hand", feedback_id=wish.id, issue_key=key, who="田中 みなみ")
    spawn([run])
    world.settle()
    return next(one.state for one in world.runs() if one.id == run.id)


# -- refusals -------------------------------------------------------------------------------------


def test_an_issue_that_names_nobody_links_nothing(world: World) -> None:
    world.jira.describe("KNDE-12", "参考: https://example.com/ と https://app.intercom.com/a/apps/kanade01/reports")
    world.settle()
    assert world.reasons("jira:issue_updated") == [("ignored", "KNDE-12 does not link to any conversation on file.")]
    assert not world.jira.effects


def test_an_issue_that_is_gone_links_nothing(world: World) -> None:
    wish = world.wish(0)
    world.jira.describe("KNDE-12", address(wish))
    world.jira.delete("KNDE-12")
    world.settle()
    assert ("ignored", "KNDE-12 does not exist in Jira, or is not visible to us.") in world.reasons(
        "jira:issue_updated"
    )
    assert not world.jira.effects
    assert by_hand(world, wish, "KNDE-12") == "ignored"


def test_a_note_that_is_not_ours_links_nothing(world: World) -> None:
    note = world.productboard.write_note("手で書いたノート")
    world.productboard.link(note, world.stage.features[CSV])
    world.settle()
    assert {reason for _, reason in world.reasons("insight.created")} == {"This note was not created by Yamabiko."}


# -- how feedback comes to wait -------------------------------------------------------------------


def test_a_link_in_the_description_lets_the_wish_wait(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    assert world.waiting("KNDE-12") == [wish.id]
    [link] = world.jira.did("link", "KNDE-12")
    assert (link.facts["url"], link.facts["resolved"]) == (address(wish), False)
    assert "Waiting for KNDE-12 CSV出力に部署コードの列を追加する" in world.sentences(0)


def test_a_link_in_a_comment_lets_the_wish_wait(world: World) -> None:
    wish = world.wish(0)
    world.jira.comment_by_hand("KNDE-12", f"お客様: {address(wish)}")
    world.settle()
    assert world.waiting("KNDE-12") == [wish.id]


def test_a_new_issue_with_a_link_lets_the_wish_wait(world: World) -> None:
    wish = world.wish(0)
    world.issue("KNDE-30", description=f"お客様: {address(wish)}")
    world.settle()
    assert world.waiting("KNDE-30") == [wish.id]


def test_a_link_to_the_feedbacks_page_lets_just_this_wish_wait(world: World) -> None:
    world.tag(0, "要望")
    world.tag(0, "文言")
    world.settle()
    first, _ = world.feedback(0)
    world.jira.comment_by_hand("KNDE-12", f"{world.settings.public_url}/feedback/{first.id}")
    world.settle()
    assert world.waiting("KNDE-12") == [first.id]


def test_a_feature_pushed_to_jira_lets_its_notes_wait(world: World) -> None:
    first, third = world.wish(0), world.wish(2)
    feature, issue = world.stage.features[CSV], world.stage.issues["KNDE-12"]
    world.productboard.link(first.note_id, feature)
    world.settle()
    world.productboard.push_to_jira(feature, issue, "KNDE-12")
    world.productboard.link(third.note_id, feature)
    world.settle()
    assert world.waiting("KNDE-12") == [first.id, third.id]
    assert "The product team linked this to the feature “CSV出力の列を選べる”." in world.sentences(0)


def test_an_operator_lets_a_wish_wait(world: World) -> None:
    wish = world.wish(0)
    assert by_hand(world, wish, "KNDE-12") == "done"
    assert world.waiting("KNDE-12") == [wish.id]
    assert len(world.jira.did("link", "KNDE-12")) == 1


def test_an_issue_may_name_a_chat_before_anything_is_filed_from_it(world: World) -> None:
    world.jira.describe("KNDE-12", f"https://app.intercom.com/a/inbox/kanade01/conversation/{world.chats[0]}")
    world.settle()
    wish = world.wish(0)
    assert world.waiting("KNDE-12") == [wish.id]
    assert len(world.jira.did("link", "KNDE-12")) == 1
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 1


# -- many to many, and for ever -------------------------------------------------------------------


def test_one_wish_may_wait_for_two_issues_and_two_wishes_for_one(world: World) -> None:
    first, third = world.wish(0), world.wish(2)
    world.link(first, "KNDE-12")
    world.jira.comment_by_hand("KNDE-12", address(third))
    world.link(first, "KNDE-15")
    assert (world.waiting("KNDE-12"), world.waiting("KNDE-15")) == ([first.id, third.id], [first.id])
    world.move("KNDE-15", "完了")
    assert (world.opened(0), world.opened(2)) == (1, 0)


def test_the_same_link_said_twice_is_one_link(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    world.jira.comment_by_hand("KNDE-12", f"{address(wish)} {address(wish)}")
    world.settle()
    assert world.waiting("KNDE-12") == [wish.id]
    assert len(world.jira.did("link", "KNDE-12")) == 1


def test_links_survive_the_closing_of_the_chat_and_the_loss_of_the_tag(world: World) -> None:
    wish = world.wish(5)
    world.link(wish, "KNDE-12")
    world.intercom.close(world.chats[5], "7003")
    world.intercom.untag(world.chats[5], "", "要望")
    world.settle()
    world.move("KNDE-12", "完了")
    assert world.opened(5) == 1


def test_what_product_people_took_apart_waits_no_longer(world: World) -> None:
    wish = world.wish(0)
    feature = world.stage.features[CSV]
    world.productboard.push_to_jira(feature, world.stage.issues["KNDE-12"], "KNDE-12")
    world.productboard.link(wish.note_id, feature)
    world.settle()
    world.productboard.unlink(wish.note_id, feature)
    world.settle()
    assert world.waiting("KNDE-12") == []
    assert "The product team removed the link to the feature “CSV出力の列を選べる”." in world.sentences(0)
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 0


def test_what_is_linked_in_another_way_too_goes_on_waiting(world: World) -> None:
    wish = world.wish(0)
    feature = world.stage.features[CSV]
    world.productboard.push_to_jira(feature, world.stage.issues["KNDE-12"], "KNDE-12")
    world.productboard.link(wish.note_id, feature)
    world.settle()
    world.link(wish, "KNDE-12")
    world.productboard.unlink(wish.note_id, feature)
    world.settle()
    world.move("KNDE-12", "完了")
    assert world.opened(0) == 1


# -- available already ----------------------------------------------------------------------------

ALREADY, NOW = "すでにご利用いただけます", "ご利用いただけるようになりました"


def met_as_done(world: World, days: int, resolution: str | None = None) -> Feedback:
    """A wish that is linked to an issue of whose end, so many days ago, no webhook ever told us."""
    wish = world.wish(0)
    world.jira.move("KNDE-12", "完了", resolution)
    world.held()
    ticket = world.jira.find("KNDE-12")
    world.jira.tickets[ticket.id] = replace(ticket, category_changed=ticket.category_changed - days * 24 * 3600)
    by_hand(world, wish, "KNDE-12")
    return wish


def test_who_asks_for_what_was_done_long_ago_hears_that_it_is_available_already(world: World) -> None:
    wish = world.wish(0)
    world.move("KNDE-12", "完了")
    world.days_pass(30)
    world.link(wish, "KNDE-12")
    assert "Reopened the conversation: KNDE-12 was already done when this was requested." in world.sentences(0)
    assert ALREADY in world.notes(0)[-1] and NOW not in world.notes(0)[-1]
    assert (world.opened(0), life_of(wish).stage, life_of(wish).is_available) == (1, TO_TELL, True)


def test_who_waited_before_is_left_alone_when_somebody_asks_for_what_was_done_long_ago(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけるようになりました。", at=soon())
    world.intercom.close(world.chats[0], "7001", at=soon() + 60)
    world.settle()
    world.days_pass(30)
    world.link(world.wish(2), "KNDE-12")
    draft = world.notes(2)[-1]
    assert ALREADY in draft and "月" in draft.partition(ALREADY)[0] and "日より、" in draft
    assert (world.opened(0), world.state(0), world.opened(2)) == (1, "closed", 1)
    assert world.tellings() == {world.chats[0]: "told", world.chats[2]: "drafted"}


def test_support_hears_nothing_new_of_what_was_done_long_ago(world: World) -> None:
    wish = world.wish(0)
    world.move("KNDE-12", "完了")
    world.days_pass(30)
    world.link(wish, "KNDE-12")
    assert world.said() == []


def test_who_asked_before_it_was_done_hears_that_it_became_available_however_late_the_link(world: World) -> None:
    wish = world.wish(0)
    world.move("KNDE-12", "完了")
    world.days_pass(1)
    world.link(wish, "KNDE-12")
    assert world.opened(0) == 1 and NOW in world.notes(0)[-1]


def test_an_issue_that_we_meet_as_done_is_available_already(world: World) -> None:
    wish = met_as_done(world, days=30)
    assert ALREADY in world.notes(0)[-1]
    world.intercom.agent_says(world.chats[0], "7001", "設定画面からお選びいただけます。", at=soon())
    world.settle()
    assert (life_of(wish).is_available, life_of(wish).is_told) == (True, True)


def test_an_issue_that_we_meet_as_declined_is_nothing_to_tell(world: World) -> None:
    wish = met_as_done(world, days=30, resolution="対応しない")
    assert (world.opened(0), life_of(wish).sentence) == (0, CAME_TO_NOTHING)


def test_what_was_available_already_and_is_taken_back_is_withdrawn(world: World) -> None:
    wish = met_as_done(world, days=30)
    world.move("KNDE-12", "進行中")
    assert (life_of(wish).is_available, len(world.said())) == (False, 1)


def life_of(wish: Feedback) -> Life:
    return store.read(partial(lives.of, ids=[wish.id or 0]))[wish.id or 0]


def test_a_link_made_right_after_done_is_as_good_as_one_before(world: World) -> None:
    wish = world.wish(0)
    world.move("KNDE-12", "完了")
    world.link(wish, "KNDE-12")  # or made before, and the news of it came late: nobody can tell
    assert (world.opened(0), len(world.said())) == (1, 1)


def test_an_issue_of_another_jira_with_the_same_id_is_not_ours(world: World) -> None:
    feature, another = world.stage.features[CSV], world.productboard.add_jira("別のJira")
    world.productboard.push_to_jira(feature, world.stage.issues["KNDE-12"], "OPS-1", another)
    world.productboard.link(world.wish(0).note_id, feature)
    world.settle()
    assert world.waiting("KNDE-12") == []
