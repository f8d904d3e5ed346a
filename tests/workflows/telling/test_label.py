"""A conversation that we reopened carries a tag in Intercom, so that reports there can leave it out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.contract import Permanent
from tests.dry import dry
from tests.meeting import decide
from tests.releasing import released
from tests.world import World
from workflows.meeting import acts
from workflows.rules import rules
from workflows.rules.telling import Sending

TAG = "お知らせで再開"
CHOSEN = Sending(tag=TAG)


def tags(world: World, chat: int) -> set[str]:
    books = world.intercom.books
    return {books.tags[id] for id in books.conversations[world.chats[chat]].tags}


# -- who carries none ------------------------------------------------------------------------------


def test_without_the_rule_nothing_is_tagged(world: World) -> None:
    released(world, 0)
    assert (world.opened(0), tags(world, 0)) == (1, {"要望"})
    assert not world.intercom.did("create tag")


@pytest.mark.parametrize(("chat", "state"), [(5, "open"), (6, "snoozed")])
def test_what_was_open_or_sleeps_was_not_reopened(world: World, chat: int, state: str) -> None:
    if state == "snoozed":
        world.intercom.snooze_by_hand(world.chats[chat], "7002", 4_000_000_000)
    with world.rules(sending=CHOSEN):
        released(world, chat)
    assert (world.state(chat), TAG in tags(world, chat)) == (state, False)


def test_a_dry_run_puts_on_and_creates_nothing(world: World) -> None:
    with world.rules(sending=CHOSEN), dry(world) as writes:
        released(world, 0)
        [label] = [each for each in world.actions(0) if each.verb == "intercom.label"]
    assert writes == [] and tags(world, 0) == {"要望"}
    assert (label.state, label.facts["asked"]["how"]) == ("would", "POST /tags")


# -- who carries it --------------------------------------------------------------------------------


def test_what_is_reopened_carries_the_tag_which_is_created_once(world: World) -> None:
    with world.rules(sending=CHOSEN):
        released(world, 0, 2)
    assert [TAG in tags(world, chat) for chat in (0, 2)] == [True, True]
    assert len(world.intercom.did("create tag")) == 1
    assert [len(world.intercom.did("tag", world.chats[chat])) for chat in (0, 2)] == [1, 1]
    assert f"Added the tag “{TAG}”, so that reports can leave this conversation out." in world.sentences(0)


def test_a_tag_that_is_there_is_used_whatever_its_case(world: World) -> None:
    world.intercom.tag_named("Reopened BY news")
    with world.rules(sending=Sending(tag="reopened by News")):
        released(world, 0)
    assert tags(world, 0) == {"要望", "Reopened BY news"}
    assert not world.intercom.did("create tag")


def test_what_a_decision_reopens_carries_it_too(world: World) -> None:
    wish = world.wish(0)
    with world.rules(sending=CHOSEN, triage=replace(rules.triage, undo_seconds=0)):
        decide(wish.id or 0, "decline", tells_all=True)
        acts.start_due()
        world.settle()
    assert (world.opened(0), TAG in tags(world, 0)) == (1, True)


def test_it_files_no_request_and_wakes_nobody(world: World) -> None:
    with world.rules(sending=CHOSEN):
        released(world, 0)
    assert len(world.feedback(0)) == 1
    assert world.reasons("conversation_part.tag.created")[-1][0] == "ignored"


def test_taken_off_it_stays_off_until_it_is_opened_for_something_else(world: World) -> None:
    with world.rules(sending=CHOSEN):
        released(world, 0)
        world.intercom.untag(world.chats[0], "", TAG)
        world.reconcile()
        released(world, 2)
        assert TAG not in tags(world, 0)
        world.intercom.close(world.chats[0], "7001")
        world.link(world.feedback(0)[0], "KNDE-15")
        world.move("KNDE-15", "完了")
        assert (world.opened(0), TAG in tags(world, 0)) == (2, True)


def test_opened_twice_it_is_put_on_once(world: World) -> None:
    with world.rules(sending=CHOSEN):
        released(world, 0)
        world.intercom.close(world.chats[0], "7001")
        world.link(world.feedback(0)[0], "KNDE-15")
        world.move("KNDE-15", "完了")
    assert (world.opened(0), len(world.intercom.did("tag", world.chats[0]))) == (2, 1)


def test_a_tag_that_intercom_refuses_keeps_nobody_from_their_draft(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> bool:
        raise Permanent("Intercom said 403 (forbidden)")

    monkeypatch.setattr("integrations.intercom.IntercomClient.tag", refuses)
    with world.rules(sending=CHOSEN):
        released(world, 0)
    assert (world.opened(0), len(world.notes(0)), world.tellings()) == (1, 2, {world.chats[0]: "drafted"})
    assert [run.workflow for run in world.runs() if run.state == "dead"] == ["reopen.conversation"]
    monkeypatch.undo()
    with world.rules(sending=CHOSEN):
        world.replay_the_dead()
    assert (len(world.notes(0)), TAG in tags(world, 0)) == (2, True)
