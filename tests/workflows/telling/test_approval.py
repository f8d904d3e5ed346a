"""Approving and sending: a named person's words reach the customer once, and "told" is what Intercom says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from integrations.twin import Fault
from tests.linking import address
from tests.releasing import released, soon, telling
from tests.world import World
from workflows.engine.durable import spawn
from workflows.engine.store import store
from workflows.people.person import Person
from workflows.rules.access import Access
from workflows.rules.dry_run import DryRun
from workflows.rules.telling import Sending
from workflows.tables.runs import Action
from workflows.tables.telling import Telling
from workflows.telling import answers, approval, daily, drafts, sending
from workflows.telling.approval import Key

TEXT = "山本様、お世話になっております。CSV出力に部署コードの列を追加しました。"


@pytest.fixture(autouse=True)
def at_once(world: World) -> Iterator[None]:
    """What is approved goes out at once, at any hour."""
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True)):
        yield


@pytest.fixture
def agent(world: World) -> Person:
    """The agent who took the first chat's wish, as a page knows them."""
    admin = world.intercom.books.admins["7001"]
    return Person("U0TANAKA", admin.name, admin.email)


def key(world: World, chat: int = 0) -> Key:
    """What the chat is owed."""
    return Key(telling(world, chat).release_id, world.chats[chat])


def replies(world: World, chat: int = 0) -> list[tuple[str, str]]:
    """By whom and with which words customers were written to by this service."""
    found = world.intercom.did("comment", world.chats[chat])
    return [(it.facts["admin_id"], it.facts["body"]) for it in found]


def send(world: World) -> None:
    """The moment of everything approved has come."""
    sending.start_due()
    world.settle()


def how(world: World, chat: int = 0) -> str:
    """How the telling stands."""
    return drafts.standing(telling(world, chat))


# -- refusals -------------------------------------------------------------------------------------


def test_nothing_and_far_too_much_is_refused(world: World, agent: Person) -> None:
    released(world, 0)
    assert approval.approve(key(world), "  ", agent) == approval.NO_WORDS
    assert approval.approve(key(world), "あ" * 4001, agent) == approval.TOO_LONG


def test_who_is_no_teammate_in_intercom_sends_nothing(world: World) -> None:
    released(world, 0)
    nobody = Person("U0NOBODY", "誰か", "nobody@aoba-kintai.example")
    assert approval.approve(key(world), TEXT, nobody) == approval.NO_TEAMMATE
    assert how(world) == "drafted"


def test_what_is_not_owed_is_not_sent(world: World, agent: Person) -> None:
    released(world, 0)
    assert approval.approve(Key("4711:9", "215"), TEXT, agent) == approval.NOT_THERE
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    assert approval.approve(key(world), TEXT, agent) == approval.NOT_THERE


def test_two_people_approve_at_once_and_one_of_them_is_told_so(world: World, agent: Person) -> None:
    released(world, 0)
    with world.rules(sending=Sending(undo_seconds=60, at_any_hour=True)):
        assert approval.approve(key(world), TEXT, agent) == ""
        assert approval.approve(key(world), TEXT, agent) == ""  # a double click
        assert approval.approve(key(world), "別の文面です。", agent) == approval.ANOTHER_TEXT


# -- what goes out --------------------------------------------------------------------------------


def test_what_was_approved_goes_out_in_that_persons_name_and_is_told(world: World, agent: Person) -> None:
    released(world, 0)
    assert approval.approve(key(world), TEXT + "\n<b>よろしく</b>", agent) == ""
    send(world)
    assert replies(world) == [("7001", f"<p>{TEXT}<br>&lt;b&gt;よろしく&lt;/b&gt;</p>")]
    row = telling(world, 0)
    assert (row.state, row.told_by, row.sent, row.channel) == ("told", agent.name, TEXT + "\n<b>よろしく</b>", "chat")
    assert f"{agent.name} notified the customer." in world.sentences(0)
    assert f"Sent {agent.name}'s message to the customer." in world.sentences(0)


def test_it_goes_out_once_however_often_it_is_asked_for(world: World, agent: Person) -> None:
    released(world, 0)
    approval.approve(key(world), TEXT, agent)
    for _ in range(3):
        send(world)
    world.reconcile()
    assert len(replies(world)) == 1


def test_a_reply_whose_answer_was_lost_is_found_and_not_sent_again(world: World, agent: Person) -> None:
    released(world, 0)
    approval.approve(key(world), TEXT, agent)
    world.intercom.fail("POST /conversations/{id}/reply", Fault("reset"))
    send(world)
    world.settle()
    assert len(replies(world)) == 1
    assert how(world) == "told"


@pytest.mark.parametrize("words", [TEXT, "別の言葉でお伝えしました。"])
def test_an_attempt_that_was_cut_off_is_accounted_for_once_the_customer_is_told(
    world: World, agent: Person, words: str
) -> None:
    """Killed while it sent: by now the customer has read it, or somebody wrote to them in other words."""
    released(world, 0)
    with world.rules(sending=Sending(undo_seconds=60, at_any_hour=True)):
        approval.approve(key(world), TEXT, agent)
    row = telling(world, 0)
    name, said = f"reply:{row.release_id}:{row.conversation_id}:{row.approved_at}", {"agent": agent.name}
    begun = {"state": "started", "sentence": sending.SENT, "facts": said, "attempts": 1, "started_at": 1}
    store.write(lambda session: session.add(Action(key=name, verb="intercom.reply", **begun)))
    world.intercom.agent_says(world.chats[0], "7001", words, at=soon())
    world.settle()
    spawn([daily.sending(row)])
    world.settle()

    ended = store.read(lambda session: session.get_one(Action, name))
    expected = ("done", sending.SENT) if words == TEXT else ("skipped", sending.NOT_ANY_MORE)
    assert (ended.state, ended.sentence) == expected
    assert replies(world) == []  # nothing of ours
    assert how(world) == "told"


def test_at_night_it_waits_for_the_morning(world: World, agent: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    released(world, 0)
    night = 1_795_975_200_000  # 2026-11-30 03:00 in Tokyo, a Monday
    monkeypatch.setattr(approval, "now_ms", lambda: night)
    with world.rules(sending=Sending(undo_seconds=0)):
        approval.approve(key(world), TEXT, agent)
    assert telling(world, 0).send_at == night + 6 * 3600 * 1000
    assert how(world) == "approved"


def test_it_is_taken_back_in_time_and_goes_out_no_more(world: World, agent: Person) -> None:
    released(world, 0)
    with world.rules(sending=Sending(undo_seconds=3600, at_any_hour=True)):
        approval.approve(key(world), TEXT, agent)
        send(world)
        assert approval.take_back(key(world), agent) == ""
    assert (how(world), telling(world, 0).draft, replies(world)) == ("drafted", TEXT, [])
    assert approval.take_back(key(world), agent) == approval.NOT_THERE


def test_what_is_on_its_way_cannot_be_taken_back(world: World, agent: Person) -> None:
    released(world, 0)
    approval.approve(key(world), TEXT, agent)
    assert approval.take_back(key(world), agent) == approval.TOO_LATE


def test_a_release_that_is_taken_back_first_sends_nothing(world: World, agent: Person) -> None:
    released(world, 0)
    with world.rules(sending=Sending(undo_seconds=3600, at_any_hour=True)):
        approval.approve(key(world), TEXT, agent)
    world.move("KNDE-12", "進行中")
    store.write(lambda session: [setattr(row, "send_at", 1) for row in session.exec(select(Telling))] and None)
    send(world)
    assert replies(world) == []


def test_an_answer_of_ones_own_before_that_pays_it_and_nothing_follows(world: World, agent: Person) -> None:
    released(world, 0)
    with world.rules(sending=Sending(undo_seconds=3600, at_any_hour=True)):
        approval.approve(key(world), TEXT, agent)
    world.intercom.agent_says(world.chats[0], "7001", "自分で書きました。", at=soon())
    world.settle()
    send(world)
    assert (replies(world), telling(world, 0).sent) == ([], "自分で書きました。")


# -- what Intercom refuses ------------------------------------------------------------------------


def test_a_sender_without_a_seat_gets_the_draft_back_with_the_reason(world: World, agent: Person) -> None:
    released(world, 0)
    approval.approve(key(world), TEXT, agent)
    world.intercom.take_seat("7001")
    send(world)
    row = telling(world, 0)
    assert (how(world), row.draft, row.why) == ("drafted", TEXT, sending.REFUSED["sender"])
    assert [run for run in world.runs() if run.state == "dead"] == []


def test_a_customer_who_cannot_be_written_to_is_said_to_be_one(world: World, agent: Person) -> None:
    released(world, 0)
    approval.approve(key(world), TEXT, agent)
    world.intercom.shut_off(world.chats[0])
    send(world)
    assert (how(world), telling(world, 0).dead_end) == ("with-owner", sending.REFUSED["customer"])


# -- the same person, a lead, nobody --------------------------------------------------------------


def twice(world: World) -> int:
    """The first chat's customer asked for the same in another chat; its number."""
    contact = world.intercom.books.conversations[world.chats[0]].contact.id
    other = world.chat("CSVに部署コードがほしいです。", customer=contact.removeprefix("c"))
    released(world, 0, other)
    return other


def test_the_same_person_is_told_once(world: World, agent: Person) -> None:
    other = twice(world)
    assert world.opened(other) == 1
    approval.approve(key(world), TEXT, agent)
    assert approval.approve(key(world, other), TEXT, agent) == approval.ELSEWHERE
    send(world)
    row = telling(world, other)
    assert (row.state, row.why) == ("excused", answers.TOLD_ELSEWHERE)
    assert replies(world, other) == []


def test_an_angry_customer_is_written_to_once_a_lead_agrees(world: World, agent: Person) -> None:
    released(world, 0)
    tier = store.read(lambda session: drafts.tiers_of(session, telling(world, 0))).pop()
    lead = Person("U0LEAD", "斎藤 真理", slack_id="U0LEAD")
    with world.rules(
        sending=Sending(0, True, lead_tiers=(tier,)), access=Access(operators=("u0lead",), everyone="agent")
    ):
        assert approval.approve(key(world), TEXT, agent) == ""
        send(world)
        assert (how(world), replies(world)) == ("for-lead", [])
        assert approval.approve(key(world), TEXT + "。", lead) == ""
        send(world)
    assert replies(world) == [("7001", f"<p>{TEXT}。</p>")]


def test_nobody_is_told_for_a_reason_that_is_kept(world: World, agent: Person) -> None:
    released(world, 0)
    assert approval.set_aside(key(world), " ", agent) == approval.NO_REASON
    assert approval.set_aside(key(world), "解約されました", agent) == ""
    assert (how(world), telling(world, 0).why) == ("excused", "解約されました")
    assert f"{agent.name} marked this customer as not to be notified: 解約されました" in world.sentences(0)


def test_the_sum_of_all_is_everybody_who_asked(world: World, agent: Person) -> None:
    released(world, 0, 2, 3)
    approval.approve(key(world, 0), TEXT, agent)
    approval.set_aside(key(world, 2), "解約されました", agent)
    send(world)
    release = telling(world, 0).release_id
    assert store.read(lambda session: drafts.totals(session, release)) == {"told": 1, "excused": 1, "drafted": 1}


def test_an_answer_that_was_approved_pays_only_what_it_is_about(world: World, agent: Person) -> None:
    released(world, 0)
    wish = world.feedback(0)[0]
    world.jira.comment_by_hand("KNDE-15", address(wish))
    world.settle()
    world.move("KNDE-15", "完了")
    first = store.read(
        lambda session: session.exec(select(Telling).where(Telling.conversation_id == world.chats[0])).all()
    )
    assert [row.state for row in first] == ["drafted", "drafted"]
    approval.approve(Key(first[0].release_id, world.chats[0]), TEXT, agent)
    send(world)
    after = store.read(
        lambda session: session.exec(select(Telling).where(Telling.conversation_id == world.chats[0])).all()
    )
    assert sorted(row.state for row in after) == ["drafted", "told"]


def test_in_a_dry_run_nothing_goes_out_and_the_draft_says_so(world: World, agent: Person) -> None:
    released(world, 0)
    approval.approve(key(world), TEXT, agent)
    with world.rules(dry_run=DryRun(on=True)):
        send(world)
    assert (replies(world), how(world), telling(world, 0).why) == ([], "drafted", sending.ONLY_DRY)
    approval.approve(key(world), TEXT, agent)
    send(world)
    assert (len(replies(world)), how(world)) == (1, "told")


def test_what_waits_for_a_lead_is_changed_by_nobody_else(world: World, agent: Person) -> None:
    released(world, 0)
    tier = store.read(lambda session: drafts.tiers_of(session, telling(world, 0))).pop()
    with world.rules(sending=Sending(0, True, lead_tiers=(tier,)), access=Access(everyone="agent")):
        approval.approve(key(world), TEXT, agent)
        other = Person("U0OTHER", "鈴木", slack_id="U0OTHER")
        assert approval.approve(key(world), "別の文面です。", other) == approval.WAITS_FOR_LEAD
    assert telling(world, 0).approved == TEXT
