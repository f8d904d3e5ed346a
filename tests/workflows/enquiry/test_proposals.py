"""Old tags are proposed as wishes, and filed in the service's own way once somebody has looked."""

from __future__ import annotations

import pytest
from sqlmodel import select

from tests.workflows.wish.test_beginning import LONG_AGO, tagged
from tests.world import World
from workflows.customer import erasures
from workflows.engine.durable import spawn
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.enquiry import proposals
from workflows.enquiry.proposals import Proposal
from workflows.tables.runs import Run


def listed(world: World) -> list[Proposal]:
    """What is proposed."""
    return list(proposals.proposals(intercom_client()))


def opening(world: World, chat: int) -> str:
    """The opening message of the n-th chat, as a proposal names it."""
    id = world.chats[chat]
    return f"{id}/{world.intercom.books.conversations[id].source.id}"


@pytest.mark.parametrize(
    "id", ["", "101", "101/", "/5", "101/5/6", "101/ 5", "101/5\n", "https://x/5", "１/５", "a" * 61 + "/5"]
)
def test_what_names_no_message_is_not_filed(id: str) -> None:
    with pytest.raises(ValueError):
        proposals.runs([id])


def test_what_was_erased_is_not_proposed(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    tagged(world, 1, LONG_AGO)
    contact = world.intercom.books.conversations[world.chats[1]].contact.id
    store.write(lambda session: erasures.begin(session, erasures.CHAT, [world.chats[0]], "7001"))
    store.write(lambda session: erasures.begin(session, erasures.PERSON, [contact], "7001"))
    assert listed(world) == []


def test_tags_without_a_meaning_and_words_of_ours_are_not_proposed(world: World) -> None:
    world.intercom.tag(world.chats[0], "", "VIP", "7001")
    world.intercom.write_first("909", "c101", "7001", "<p>新機能のご案内です。</p>")
    world.intercom.tag("909", "", "要望", "7001")
    world.held()
    assert listed(world) == []


def test_an_old_tag_is_proposed_with_the_words_that_it_means(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    part = world.intercom.customer_says(world.chats[1], "CSVも出したいです。", at=LONG_AGO)
    world.intercom.tag(world.chats[1], part, "不具合", "7001", at=LONG_AGO)
    world.held()
    found = {each.id: each for each in listed(world)}
    assert set(found) == {opening(world, 0), f"{world.chats[1]}/{part}"}
    told = found[f"{world.chats[1]}/{part}"]
    company = world.intercom.books.companies[world.intercom.books.conversations[world.chats[1]].company_id]
    assert told[1:] == ("不具合", "CSVも出したいです。", company.name, "2023-05-01")


def test_nothing_comes_of_looking(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    listed(world)
    world.settle()
    assert not world.runs() and not world.actions() and not world.intercom.effects


def test_a_chosen_one_is_filed_as_if_it_were_tagged_now_and_the_others_are_not(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    part = world.intercom.customer_says(world.chats[0], "CSVも出したいです。", at=LONG_AGO)
    world.intercom.tag(world.chats[0], part, "不具合", "7001", at=LONG_AGO)
    tagged(world, 1, LONG_AGO)
    world.held()
    spawn(proposals.runs([f"{world.chats[0]}/{part}"]))
    world.settle()
    [wish] = world.feedback()
    assert (wish.kind, wish.quote, wish.part_id) == ("fault", "CSVも出したいです。", part)
    assert len(world.productboard.did("create_note")) == len(world.notes(0)) == 1
    assert {each.id for each in listed(world)} == {opening(world, 0), opening(world, 1)}


def test_filed_twice_it_is_one_wish(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    for _ in range(2):
        spawn(proposals.runs([opening(world, 0)]))
        world.settle()
    assert len(world.feedback()) == len(world.productboard.did("create_note")) == len(world.notes(0)) == 1
    assert listed(world) == []


def test_a_tag_that_was_taken_off_meanwhile_files_nothing(world: World) -> None:
    tagged(world, 0, LONG_AGO)
    [proposal] = listed(world)
    world.intercom.untag(world.chats[0], "", "要望")
    spawn(proposals.runs([proposal.id]))
    world.settle()
    assert not world.feedback()
    [run] = store.read(lambda session: session.exec(select(Run)).all())
    assert run.reason.startswith("No message in this conversation has a tag")
