"""Done at Jira: everybody who asked hears of it, once; whatever only looks like it means nothing."""

from __future__ import annotations

import pytest

from tests.linking import CSV, address
from tests.world import World

MOVED = "jira:issue_updated"


def waiting_for(world: World, key: str, *chats: int) -> None:
    """These chats hold a wish that waits for the issue."""
    for chat in chats:
        world.jira.comment_by_hand(key, address(world.wish(chat)))
    world.settle()


def what_was_done(world: World) -> list[tuple[str, str]]:
    """Every effect at the vendors, in no order of time."""
    twins = world.stage.twins.values()
    return sorted((effect.verb, effect.target) for twin in twins for effect in twin.effects)


# -- what means nothing ---------------------------------------------------------------------------


def test_an_issue_nobody_waits_for_reopens_nothing(world: World) -> None:
    world.wish(0)
    world.move("KNDE-12", "完了")
    assert world.reasons(MOVED) == [("ignored", "KNDE-12 is done. No requests were waiting for it.")]
    assert (world.opened(0), world.said()) == (0, [])


def test_moves_on_the_way_reopen_nothing(world: World) -> None:
    waiting_for(world, "KNDE-15", 0)
    world.move("KNDE-15", "進行中")
    world.move("KNDE-15", "レビュー中")
    world.move("KNDE-15", "未対応")
    assert (world.opened(0), world.said()) == (0, [])


def test_after_done_edits_and_moves_within_done_mean_nothing(world: World) -> None:
    waiting_for(world, "KNDE-12", 0, 2)
    world.move("KNDE-12", "完了")
    before = what_was_done(world)
    world.jira.edit("KNDE-12", summary="CSV出力に列を追加した", labels="csv released")
    world.jira.describe("KNDE-12", "できました。")
    world.jira.comment_by_hand("KNDE-12", "リリースノートに載せました。")
    world.settle()
    world.move("KNDE-12", "リリース済み")
    world.move("KNDE-12", "完了")
    assert what_was_done(world) == before


def test_done_said_many_times_is_done_once(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.jira.move("KNDE-12", "完了")
    [webhook] = world.held()
    assert set(world.together(*webhook, times=20)) == {200}
    world.settle()
    before = what_was_done(world)
    assert world.post(*webhook).status_code == 200
    world.settle()
    assert (world.opened(0), len(world.notes(0)), len(world.said())) == (1, 2, 1)
    assert what_was_done(world) == before


@pytest.mark.parametrize("resolution", ["対応しない", "重複", "再現せず"])
def test_an_issue_that_ends_without_anything_to_use_reopens_nothing(world: World, resolution: str) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.move("KNDE-12", "完了", resolution)
    assert (world.opened(0), world.said(), len(world.notes(0))) == (0, [], 1)
    reason = f"Not reopened: KNDE-12 was closed as “{resolution}”, so nothing is available yet."
    assert reason in world.sentences(0)
    assert world.reasons(MOVED)[-1] == ("ignored", reason)


# -- done -----------------------------------------------------------------------------------------


def test_done_reopens_everyone_who_asked_and_tells_the_team_once(world: World) -> None:
    waiting_for(world, "KNDE-12", 0, 2)
    world.move("KNDE-12", "完了")
    assert [world.opened(chat) for chat in (0, 1, 2)] == [1, 0, 1]
    assert world.state(0) == world.state(2) == "open"
    [said] = world.said()
    assert "KNDE-12" in said and "CSV出力に部署コードの列を追加する" in said
    assert world.reasons(MOVED)[-1] == ("done", "KNDE-12 is done: reopening 2 conversations.")


def test_done_without_a_resolution_is_done(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.move("KNDE-12", "リリース済み", "")
    assert world.opened(0) == 1


def test_declined_at_first_and_finished_later_reopens(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.move("KNDE-12", "完了", "対応しない")
    world.jira.set_resolution("KNDE-12", "完了")
    world.settle()
    assert (world.opened(0), len(world.said())) == (1, 1)


def test_who_was_linked_after_it_was_declined_hears_of_it_too(world: World) -> None:
    world.move("KNDE-12", "完了", "対応しない")
    waiting_for(world, "KNDE-12", 0)
    assert world.opened(0) == 0
    world.jira.set_resolution("KNDE-12", "完了")
    world.settle()
    assert world.opened(0) == 1


def test_without_slack_the_chats_reopen_and_it_says_that_nobody_was_told_there(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    with world.without("slack"):
        world.move("KNDE-12", "完了")
    assert world.opened(0) == 1
    assert "Not sent: Slack is not configured." in world.sentences()


def test_without_a_channel_in_the_rules_it_says_so(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    with world.rules(support_channel=""):
        world.move("KNDE-12", "完了")
    assert world.opened(0) == 1
    assert "Not sent: no support channel is set in the rules." in world.sentences()


def test_in_english_the_team_reads_english(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    with world.rules(language="en"):
        world.move("KNDE-12", "完了")
        world.move("KNDE-12", "進行中")
    assert world.said()[0].startswith("KNDE-12 is done: CSV出力に部署コードの列を追加する. Reopening 1 conversation")
    assert world.said()[1].startswith("KNDE-12 is no longer done: ")


# -- in any order ---------------------------------------------------------------------------------


def test_done_before_the_news_of_a_link_in_the_description(world: World) -> None:
    wish = world.wish(0)
    world.jira.describe("KNDE-12", address(wish))
    world.jira.move("KNDE-12", "完了")
    backwards(world)
    assert (world.opened(0), len(world.said())) == (1, 1)


def test_done_before_the_news_of_a_link_in_a_comment(world: World) -> None:
    wish = world.wish(0)
    world.jira.comment_by_hand("KNDE-12", address(wish))
    world.jira.move("KNDE-12", "完了")
    backwards(world)
    assert (world.opened(0), len(world.said())) == (1, 1)


def test_done_before_the_news_of_a_link_in_productboard(world: World) -> None:
    wish = world.wish(0)
    feature = world.stage.features[CSV]
    world.productboard.push_to_jira(feature, world.stage.issues["KNDE-12"], "KNDE-12")
    world.productboard.link(wish.note_id, feature)
    late = world.held()
    world.move("KNDE-12", "完了")
    assert (world.opened(0), len(world.said())) == (1, 1)
    for webhook in late:
        world.post(*webhook)
    world.settle()
    assert (world.opened(0), len(world.said()), len(world.notes(0))) == (1, 1, 2)


def test_news_of_a_link_that_comes_when_the_issue_is_done_already(world: World) -> None:
    wish = world.wish(0)
    world.jira.describe("KNDE-12", address(wish))
    world.jira.move("KNDE-12", "完了")
    world.settle()  # both arrive in order, but only now
    assert (world.opened(0), len(world.said())) == (1, 1)


@pytest.mark.fault("F52")
def test_done_before_the_news_of_the_tag(world: World) -> None:
    world.tag(0)
    late = world.held()
    world.jira.describe("KNDE-12", f"https://app.intercom.com/a/inbox/kanade01/conversation/{world.chats[0]}")
    world.jira.move("KNDE-12", "完了")
    world.settle()
    assert world.opened(0) == 0
    for webhook in late:
        world.post(*webhook)
    world.settle()
    assert (world.opened(0), len(world.said())) == (1, 1)


@pytest.mark.fault("F52")
def test_taken_back_before_we_heard_that_it_was_done_reopens_nothing(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.jira.move("KNDE-12", "完了")
    world.jira.move("KNDE-12", "進行中")
    backwards(world)
    assert (world.opened(0), world.said()) == (0, [])
    world.move("KNDE-12", "完了")
    assert (world.opened(0), len(world.said())) == (1, 1)


@pytest.mark.fault("F60")
def test_taken_back_while_chats_wait_for_their_turn_reopens_nothing_more(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.jira.move("KNDE-12", "完了")
    world.deliver()
    world.conduct_one()
    world.order = lambda runs: runs[::-1]  # the chat's own run comes after the news that it was taken back
    world.move("KNDE-12", "進行中")
    assert (world.opened(0), len(world.notes(0))) == (0, 1)
    assert "Not reopened: KNDE-12 is no longer done." in world.sentences(0)
    world.move("KNDE-12", "完了")
    assert (world.opened(0), len(world.notes(0))) == (1, 2)


def backwards(world: World) -> None:
    """What waits arrives in the opposite order, and everything that follows happens."""
    for webhook in reversed(world.held()):
        assert world.post(*webhook).status_code == 200
    world.settle()


# -- taken back -----------------------------------------------------------------------------------


def test_an_issue_taken_back_warns_support_once(world: World) -> None:
    waiting_for(world, "KNDE-12", 0, 2)
    world.move("KNDE-12", "完了")
    world.move("KNDE-12", "進行中")
    world.move("KNDE-12", "レビュー中")
    assert len(world.said()) == 2
    assert (world.opened(0), world.opened(2)) == (1, 1)


def test_an_issue_taken_back_for_which_nobody_was_reopened_warns_nobody(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.move("KNDE-12", "完了", "対応しない")
    world.move("KNDE-12", "進行中")
    assert world.said() == []


def test_done_a_second_time_releases_again(world: World) -> None:
    waiting_for(world, "KNDE-12", 0)
    world.move("KNDE-12", "完了")
    world.move("KNDE-12", "進行中")
    world.intercom.close(world.chats[0], "7001")
    world.move("KNDE-12", "完了")
    assert (world.opened(0), len(world.notes(0)), len(world.said())) == (2, 4, 3)  # one revokes the first draft
