"""What becomes available to one person within some days is told in one message, and each of it by that message."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import Session, col, select

from tests.linking import address
from tests.properties.dying import Crash
from tests.releasing import soon
from tests.world import World
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.rules.access import Access
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.tables.wish import Issue
from workflows.telling import approval, booking, desk, drafts, gathered, gathering, ledger, publish, reports, sending
from workflows.telling.approval import Key

WEEK = Sending(undo_seconds=3600, at_any_hour=True, gather_days=7)
TEXT = "お世話になっております。ご要望の件がご利用いただけるようになりました。"
FIRST, SECOND = "KNDE-12", "KNDE-15"


@pytest.fixture(autouse=True)
def a_week(world: World) -> Iterator[None]:
    """What is released within a week is told together."""
    with world.rules(sending=WEEK):
        yield


@pytest.fixture
def agent(world: World) -> Person:
    """The agent who took the requests."""
    admin = world.intercom.books.admins["7001"]
    return Person("U0TANAKA", admin.name, admin.email)


def again(world: World, opening: str = "勤務表をPDFで出力したいです。") -> int:
    """Another conversation of the first one's customer."""
    contact = world.intercom.books.conversations[world.chats[0]].contact.id
    return world.chat(opening, customer=contact.removeprefix("c"))


def waits(world: World, chat: int, key: str) -> None:
    """This conversation's request waits for an issue."""
    wish = (world.feedback(chat) or [world.wish(chat)])[0]
    world.jira.comment_by_hand(key, address(wish))
    world.settle()


def two(world: World) -> int:
    """The first customer asked for two things in two conversations, and both are done; the second one's number."""
    other = again(world)
    waits(world, 0, FIRST), waits(world, other, SECOND)
    world.move(FIRST, "完了"), world.move(SECOND, "完了")
    return other


def owed(world: World, chat: int) -> list[Telling]:
    """What a conversation is owed, the first first."""
    here = select(Telling).where(Telling.conversation_id == world.chats[chat]).order_by(col(Telling.owed_at))
    return list(store.read(lambda session: session.exec(here).all()))


def one(world: World, chat: int) -> Telling:
    [telling] = owed(world, chat)
    return telling


def key(telling: Telling) -> Key:
    return Key(telling.release_id, telling.conversation_id)


def text(telling: Telling) -> str:
    return store.read(lambda session: gathered.text(session, telling))


def to_do(world: World) -> list[str]:
    """The conversations with a draft to approve."""
    return [each.conversation_id for each in store.read(lambda s: desk.to_do(s, None, is_lead=False))]


def send(world: World) -> None:
    """The moment of everything approved has come."""
    store.write(_hasten)
    sending.start_due()
    world.settle()


def _hasten(session: Session) -> None:
    for row in session.exec(select(Telling).where(col(Telling.send_at).is_not(None))):
        row.send_at = 1


def sent(world: World) -> list[str]:
    """The conversations in which this service wrote to customers."""
    return [it.target for it in world.intercom.did("comment")]


# -- apart ----------------------------------------------------------------------------------------


def test_without_the_rule_each_has_a_message_of_its_own(world: World) -> None:
    with world.rules(sending=Sending(undo_seconds=3600, at_any_hour=True)):
        two(world)
    assert len(to_do(world)) == 2


def test_different_people_are_told_apart(world: World) -> None:
    waits(world, 0, FIRST), waits(world, 2, SECOND)
    world.move(FIRST, "完了"), world.move(SECOND, "完了")
    assert len(to_do(world)) == 2


def test_what_was_drafted_too_long_ago_is_told_apart(world: World) -> None:
    other = again(world)
    waits(world, 0, FIRST), waits(world, other, SECOND)
    world.move(FIRST, "完了")
    old = one(world, 0)
    old.drafted_at = (old.drafted_at or 0) - 8 * 24 * 3600 * 1000
    store.write(lambda session: session.merge(old) and None)
    world.move(SECOND, "完了")
    assert len(to_do(world)) == 2


def test_what_was_sent_already_is_told_apart(world: World, agent: Person) -> None:
    other = again(world)
    waits(world, 0, FIRST), waits(world, other, SECOND)
    world.move(FIRST, "完了")
    approval.approve(key(one(world, 0)), TEXT, agent)
    send(world)
    world.move(SECOND, "完了")
    assert (one(world, 0).state, one(world, other).joined) == ("told", "")


# -- together -------------------------------------------------------------------------------------


def test_two_releases_are_one_draft_one_approval_and_one_message(world: World, agent: Person) -> None:
    other = two(world)
    first, second = one(world, 0), one(world, other)
    assert to_do(world) == [world.chats[0]] and second.joined == gathering.name_of(first)
    lines = text(first).splitlines()
    assert [line[0] for line in lines[-2:]] == ["・", "・"] and "次の件" in lines[0]
    assert all("月" in line and "日" in line for line in lines[-2:])
    assert approval.approve(key(second), TEXT, agent) == approval.TOGETHER
    assert approval.approve(key(first), text(first), agent) == ""
    assert [drafts.standing(one(world, chat)) for chat in (0, other)] == ["approved", "approved"]
    send(world)
    assert sent(world) == [world.chats[0]]
    first, second = one(world, 0), one(world, other)
    assert (first.state, second.state) == ("told", "told")
    assert first.part_id == second.part_id != "" and first.sent == second.sent
    names = store.read(lambda session: gathering.others(session, [first, second]))
    assert names == {gathering.name_of(first): [SECOND], gathering.name_of(second): [FIRST]}


def test_two_issues_in_one_conversation_are_one_message(world: World, agent: Person) -> None:
    waits(world, 0, FIRST), waits(world, 0, SECOND)
    world.move(FIRST, "完了"), world.move(SECOND, "完了")
    first, _ = owed(world, 0)
    assert approval.approve(key(first), TEXT, agent) == ""
    send(world)
    assert sent(world) == [world.chats[0]]
    assert {row.state for row in owed(world, 0)} == {"told"}


def test_what_comes_after_the_approval_is_approved_anew(world: World, agent: Person) -> None:
    other = again(world)
    waits(world, 0, FIRST), waits(world, other, SECOND)
    world.move(FIRST, "完了")
    assert approval.approve(key(one(world, 0)), TEXT, agent) == ""
    world.move(SECOND, "完了")
    first = one(world, 0)
    assert (drafts.standing(first), first.why) == ("drafted", gathering.MORE)
    send(world)
    assert sent(world) == [] and "次の件" in text(first)


def test_a_lead_is_asked_where_any_of_them_needs_one(world: World, agent: Person) -> None:
    two(world)
    tier = store.read(lambda session: drafts.tiers_of(session, one(world, 0))).pop()
    rules = Sending(3600, True, lead_tiers=(tier,), gather_days=7)
    with world.rules(sending=rules, access=Access(everyone="agent")):
        assert approval.approve(key(one(world, 0)), TEXT, agent) == ""
    assert {drafts.standing(row) for row in rows(world)} == {"for-lead"}


def rows(world: World) -> list[Telling]:
    return list(store.read(lambda session: session.exec(select(Telling)).all()))


def test_the_approval_of_all_is_undone_at_once(world: World, agent: Person) -> None:
    two(world)
    approval.approve(key(one(world, 0)), TEXT, agent)
    assert approval.take_back(key(one(world, 0)), agent) == ""
    assert {drafts.standing(row) for row in rows(world)} == {"drafted"}
    assert text(one(world, 0)) == TEXT  # what a person wrote stays
    send(world)
    assert sent(world) == []


def test_the_same_asked_for_in_two_conversations_is_told_in_the_same_message(world: World, agent: Person) -> None:
    other = again(world, "CSVに部署コードがほしいです。")
    waits(world, 0, FIRST), waits(world, other, FIRST), waits(world, other, SECOND)
    world.move(FIRST, "完了"), world.move(SECOND, "完了")
    [leading] = to_do(world)
    first = next(row for row in rows(world) if row.conversation_id == leading and not row.joined)
    assert approval.approve(key(first), TEXT, agent) == ""
    send(world)
    assert sent(world) == [leading]
    by_release: dict[str, list[str]] = {}
    for row in rows(world):
        by_release.setdefault(row.release_id, []).append(row.state)
    assert sorted(map(sorted, by_release.values())) == [["excused", "told"], ["told"]]


# -- falling apart --------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [FIRST, SECOND])
def test_one_that_is_withdrawn_first_is_left_out_and_the_rest_approved_anew(
    world: World, agent: Person, gone: str
) -> None:
    other = two(world)
    approval.approve(key(one(world, 0)), text(one(world, 0)), agent)
    world.move(gone, "進行中")
    left = one(world, other if gone == FIRST else 0)
    assert (left.joined, drafts.standing(left), left.why) == ("", "drafted", gathering.LESS)
    assert "次の件" not in text(left) and to_do(world) == [left.conversation_id]
    send(world)
    assert sent(world) == []
    assert approval.approve(key(left), text(left), agent) == ""
    send(world)
    assert sent(world) == [left.conversation_id]


def test_one_that_is_withdrawn_afterwards_is_apologised_for_alone(world: World, agent: Person) -> None:
    other = two(world)
    approval.approve(key(one(world, 0)), TEXT, agent)
    send(world)
    publish.take_back(world.stage.issues[SECOND], agent)
    world.settle()
    apologies = [row for row in rows(world) if row.release_id.endswith(ledger.REOPENED)]
    assert [(row.conversation_id, row.state) for row in apologies] == [(world.chats[other], "drafted")]
    assert one(world, 0).state == "told"


def test_who_is_not_to_be_told_is_told_of_none_of_it(world: World, agent: Person) -> None:
    two(world)
    assert approval.set_aside(key(one(world, 0)), "解約されました", agent) == ""
    assert {row.state for row in rows(world)} == {"excused"} and to_do(world) == []


def test_who_was_told_of_one_by_phone_is_told_of_the_other_alone(world: World, agent: Person) -> None:
    other = two(world)
    wish = world.feedback(0)[0]
    reports.report(wish.id or 0, how="phone", words="", by=agent, origin="form:1")
    assert (one(world, 0).state, one(world, other).joined, to_do(world)) == ("told", "", [world.chats[other]])


def test_an_answer_by_hand_pays_what_its_conversation_is_owed_and_no_more(world: World) -> None:
    other = two(world)
    world.intercom.agent_says(world.chats[0], "7001", "CSVの件、ご利用いただけます。", at=soon())
    world.settle()
    assert (one(world, 0).state, one(world, other).state, one(world, other).joined) == ("told", "drafted", "")


def test_a_refused_message_comes_back_with_all_of_it(world: World, agent: Person) -> None:
    two(world)
    approval.approve(key(one(world, 0)), TEXT, agent)
    world.intercom.take_seat("7001")
    send(world)
    assert {drafts.standing(row) for row in rows(world)} == {"drafted"}
    assert one(world, 0).why == sending.REFUSED["sender"]


def test_a_customer_who_sleeps_goes_on_sleeping(world: World) -> None:
    other = again(world)
    waits(world, 0, FIRST), waits(world, other, SECOND)
    until = soon() + 20 * 24 * 3600
    world.intercom.snooze_by_hand(world.chats[other], "7002", until)
    world.move(FIRST, "完了"), world.move(SECOND, "完了")
    chat = world.intercom.books.conversations[world.chats[other]]
    assert (chat.state, chat.snoozed_until, one(world, other).joined != "") == ("snoozed", until, True)


# -- on its way -----------------------------------------------------------------------------------


@pytest.mark.fault("F113")
@pytest.mark.parametrize("gone", [FIRST, SECOND])
def test_one_that_is_withdrawn_while_the_message_is_on_its_way_was_told_and_is_apologised_for(
    world: World, agent: Person, gone: str
) -> None:
    other = two(world)
    words = text(one(world, 0))
    approval.approve(key(one(world, 0)), words, agent)
    claimed, reason = store.write(
        partial(sending._claim, *vars(key(first := one(world, 0))).values(), first.approved_at or 0)
    )
    assert claimed is not None and reason == ""
    world.move(gone, "進行中")
    world.intercom.agent_says(world.chats[0], "7001", words, at=soon())
    world.settle()
    told = {row.conversation_id: row.state for row in rows(world) if not row.release_id.endswith(ledger.REOPENED)}
    assert told == {world.chats[0]: "told", world.chats[other]: "told"}
    apologies = [row for row in rows(world) if row.release_id.endswith(ledger.REOPENED)]
    about = world.chats[0 if gone == FIRST else other]
    assert [(row.conversation_id, row.state) for row in apologies] == [(about, "drafted")]
    assert to_do(world) == [about]


@pytest.mark.fault("F113")
@pytest.mark.parametrize("gone", [FIRST, SECOND])
def test_what_is_a_draft_again_while_its_message_is_on_its_way_is_not_approved_a_second_time(
    world: World, agent: Person, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    chats = {FIRST: 0, SECOND: two(world)}
    approval.approve(key(one(world, 0)), text(one(world, 0)), agent)
    store.write(_hasten)
    sending.start_due()
    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(booking, "book", die)
        world.conduct_one()
    store.write(partial(_withdraw, gone))
    [left] = [one(world, chat) for name, chat in chats.items() if name != gone]
    assert (left.state, left.approved_at) == ("drafted", None)
    assert approval.approve(key(left), text(left), agent) == approval.ON_ITS_WAY
    world.settle()
    assert (one(world, chats[SECOND if gone == FIRST else FIRST]).state, sent(world)) == ("told", [world.chats[0]])


def die(*_: object) -> None:
    """The process ends here."""
    raise Crash


def _withdraw(key: str, session: Session) -> None:
    ledger.take_back(session, session.exec(select(Issue).where(Issue.key == key)).one())
