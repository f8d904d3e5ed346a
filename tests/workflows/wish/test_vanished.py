"""An issue that is gone keeps nobody waiting: its wishes are free, and support hears of it once."""

from __future__ import annotations

from dataclasses import replace

from tests.world import World


def test_who_waits_for_an_issue_that_is_deleted_waits_for_nothing_and_support_hears_it(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    world.jira.delete("KNDE-12")
    world.settle()
    assert world.waiting("KNDE-12") == []
    assert "No longer linked: KNDE-12 was deleted in Jira or is no longer visible to us." in world.sentences(0)
    [said] = world.said()
    assert "KNDE-12" in said and "FB-1" in said


def test_an_issue_that_may_not_be_seen_any_more_is_as_good_as_deleted(world: World) -> None:
    """Its webhook still comes, but nobody may look."""
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    world.jira.move("KNDE-12", "進行中")
    world.jira.move("KNDE-12", "レビュー中")
    late = [webhook for webhook in world.held() if webhook[0] == "jira"]
    world.jira.delete("KNDE-12")
    world.held()
    for webhook in late:
        world.post(*webhook)
    world.settle()
    assert world.waiting("KNDE-12") == [] and len(world.said()) == 1


def test_a_deletion_that_no_webhook_told_is_found_by_asking(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.jira.delete("KNDE-12")
    world.held()
    world.reconcile()
    assert world.waiting("KNDE-12") == [] and len(world.said()) == 1
    world.reconcile()
    assert len(world.said()) == 1


def test_an_issue_that_was_done_and_is_deleted_takes_nothing_back(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.move("KNDE-12", "完了")
    before = len(world.said())
    world.jira.delete("KNDE-12")
    world.settle()
    assert len(world.said()) == before and world.waiting("KNDE-12") != []


def test_an_issue_that_moves_to_another_project_is_followed(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-12")
    ticket = world.jira.find("KNDE-12")
    world.jira.tickets[ticket.id] = replace(ticket, key="PROD-7")
    world.jira._by_key["PROD-7"] = world.jira._by_key.pop("KNDE-12")
    world.move("PROD-7", "完了")
    assert world.opened(0) == 1


def test_the_same_deletion_heard_twice_is_told_once(world: World) -> None:
    world.link(world.wish(0), "KNDE-12")
    world.jira.delete("KNDE-12")
    again = world.held()
    for webhook in (*again, *again):
        world.post(*webhook)
    world.settle()
    assert len(world.said()) == 1
