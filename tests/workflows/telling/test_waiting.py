"""Nobody is written to about what nobody waits for any more, however far the message has come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.meeting import LEAD, decide, merge
from tests.releasing import released, telling
from tests.world import World
from workflows.customer.erasures import CHAT
from workflows.engine.durable import NewRun, spawn
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.people.person import Person
from workflows.rules.telling import Sending
from workflows.tables.telling import Telling
from workflows.telling import approval, drafts, gathering, sending, waiting
from workflows.telling.approval import Key
from workflows.wish import corrections

TEXT = "山本様、お世話になっております。CSV出力に部署コードの列を追加しました。"
FIRST, SECOND = "KNDE-12", "KNDE-15"
#: Time to undo it, whatever the hour; what becomes available to one person is told together.
SENDING = Sending(undo_seconds=3600, at_any_hour=True, gather_days=7)


@pytest.fixture
def agent(world: World) -> Person:
    """The agent who took the requests, as a page knows them."""
    admin = world.intercom.books.admins["7001"]
    return Person("U0TANAKA", admin.name, admin.email)


def withdrawn(world: World) -> Callable[[], None]:
    """It was filed by mistake, until somebody restores it."""
    id = world.feedback(0)[0].id or 0
    corrections.withdraw(id, words="ご質問でした", by=LEAD)
    return lambda: corrections.restore(id, by=LEAD)


def cut(world: World) -> Callable[[], None]:
    """It does not wait for this issue, until somebody links it again."""
    id, issue = world.feedback(0)[0].id or 0, world.stage.issues[FIRST]
    corrections.cut(id, issue, by=LEAD)
    return lambda: corrections.relink(id, issue, by=LEAD)


def of_the_same_customer(world: World) -> int:
    """Another conversation, in which they asked for something else."""
    contact = world.intercom.books.conversations[world.chats[0]].contact.id
    return world.chat("勤務表をPDFで出力したいです。", customer=contact.removeprefix("c"))


def key(owed: Telling) -> Key:
    return Key(owed.release_id, owed.conversation_id)


def send(world: World, owed: Telling, agent: Person) -> None:
    """Somebody does not wait for its moment."""
    approval.at_once(key(owed), agent)
    sending.start_due()
    world.settle()


def sent(world: World) -> list[str]:
    """The conversations in which this service wrote to customers."""
    return [it.target for it in world.intercom.did("comment")]


@pytest.mark.fault("F112")
@pytest.mark.parametrize("over", [withdrawn, cut])
def test_what_was_approved_before_is_not_sent(
    world: World, agent: Person, over: Callable[[World], Callable[[], None]]
) -> None:
    released(world, 0)
    with world.rules(sending=SENDING):
        approval.approve(key(telling(world, 0)), TEXT, agent)
        over(world)
        send(world, telling(world, 0), agent)
    row = telling(world, 0)
    assert sent(world) == []
    assert (drafts.standing(row), row.why, row.draft) == ("drafted", waiting.NOBODY_WAITS, TEXT)


@pytest.mark.parametrize("over", [withdrawn, cut])
def test_it_is_not_approved_unless_that_is_put_right(
    world: World, agent: Person, over: Callable[[World], Callable[[], None]]
) -> None:
    released(world, 0)
    right = over(world)
    assert approval.approve(key(telling(world, 0)), TEXT, agent) == waiting.NOBODY_WAITS
    right()
    assert approval.approve(key(telling(world, 0)), TEXT, agent) == ""


@pytest.mark.parametrize("over", [withdrawn, lambda world: acts.unmerge(world.feedback(0)[0].id or 0, LEAD)])
def test_nor_is_a_decision_told_that_was_not_about_it(
    world: World, agent: Person, over: Callable[[World], object]
) -> None:
    mine, other = world.wish(0).id or 0, world.wish(2).id or 0
    if over is not withdrawn:
        merge(mine, other)
    decision = decide(mine if over is withdrawn else other, "decline", tells_all=True)
    acts.send_now(decision.id or 0)
    world.settle()
    over(world)
    assert approval.approve(key(telling(world, 0)), "今回は見送りました。", agent) == waiting.NOBODY_WAITS


def decided(world: World) -> None:
    """The meeting comes to another conclusion, and everybody hears of that."""
    decision = decide(world.feedback(0)[0].id or 0, "adopt", tells_all=True)
    acts.send_now(decision.id or 0)
    world.settle()


@pytest.mark.fault("F112")
@pytest.mark.parametrize("over", [decided, lambda world: released(world, 0)])
def test_nor_one_that_has_been_overtaken(world: World, agent: Person, over: Callable[[World], None]) -> None:
    decision = decide(world.wish(0).id or 0, "decline", tells_all=True)
    acts.send_now(decision.id or 0)
    world.settle()
    before = telling(world, 0)
    with world.rules(sending=SENDING):
        approval.approve(key(before), "今回は見送りました。", agent)
        over(world)
        send(world, before, agent)
    row = store.read(lambda session: session.get_one(Telling, (before.release_id, before.conversation_id)))
    assert (sent(world), drafts.standing(row), row.why) == ([], "drafted", waiting.UNTRUE)
    assert approval.approve(key(before), "今回は見送りました。", agent) == waiting.UNTRUE


@pytest.mark.fault("F112")
def test_the_rest_of_a_message_is_approved_anew_without_it(world: World, agent: Person) -> None:
    with world.rules(sending=SENDING):
        other = of_the_same_customer(world)
        released(world, 0, key=FIRST)
        released(world, other, key=SECOND)
        approval.approve(key(telling(world, 0)), TEXT, agent)
        withdrawn(world)
        send(world, telling(world, 0), agent)
        first, rest = telling(world, 0), telling(world, other)
        assert (sent(world), rest.joined, rest.why) == ([], "", gathering.LESS)
        assert approval.approve(key(first), TEXT, agent) == waiting.NOBODY_WAITS
        assert approval.approve(key(rest), TEXT, agent) == ""


def erased(world: World, chat: int = 0) -> None:
    """An operator erases a conversation at the customer's request."""
    about = {"kind": CHAT, "id": world.chats[chat], "by": "operator"}
    spawn([NewRun(f"erase:{chat}", "erasure.asked", about)])
    world.settle()


def redacted(world: World) -> None:
    """An agent takes the customer's words out of the conversation in Intercom."""
    world.intercom.redact(world.chats[0], "")
    world.settle()


@pytest.mark.fault("F112")
@pytest.mark.parametrize("gone", [erased, redacted])
def test_what_was_erased_after_its_approval_is_not_sent_without_its_words(
    world: World, agent: Person, gone: Callable[[World], None]
) -> None:
    released(world, 0)
    with world.rules(sending=SENDING):
        approval.approve(key(telling(world, 0)), TEXT, agent)
        gone(world)
        send(world, telling(world, 0), agent)
    row = telling(world, 0)
    assert (sent(world), drafts.standing(row), row.why) == ([], "drafted", sending.ERASED)


@pytest.mark.parametrize("first", [True, False])
def test_a_message_that_tells_of_more_keeps_nothing_of_what_was_erased(
    world: World, agent: Person, first: bool
) -> None:
    with world.rules(sending=SENDING):
        other = of_the_same_customer(world)
        released(world, 0, key=FIRST)
        released(world, other, key=SECOND)
        approval.approve(key(telling(world, 0)), TEXT, agent)
        erased(world, 0 if first else other)
        texts = [(row.draft, row.approved) for row in (telling(world, 0), telling(world, other))]
        assert texts == [("", "")] * 2
        send(world, telling(world, 0), agent)
    assert sent(world) == []


def test_who_was_told_gets_the_apology_all_the_same(world: World, agent: Person) -> None:
    released(world, 0)
    with world.rules(sending=SENDING):
        approval.approve(key(telling(world, 0)), TEXT, agent)
        send(world, telling(world, 0), agent)
        first = telling(world, 0)
        world.move(FIRST, "進行中")
        withdrawn(world)
        apology = Key(f"{first.release_id}:reopened", first.conversation_id)
        assert approval.approve(apology, "申し訳ございません。", agent) == ""
