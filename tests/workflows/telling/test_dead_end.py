"""A customer who cannot be told in their conversation is told by whoever answers for their company."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import delete, select

from app.demo.company import CHANNEL
from app.demo.slack.desk import direct
from tests.releasing import released, telling
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import store
from workflows.people.person import Person, somebody
from workflows.rules.access import Access
from workflows.rules.telling import Sending
from workflows.tables.customer import Owner
from workflows.telling import approval, dead_ends, desk, drafts, sending, taking
from workflows.telling.approval import Key
from workflows.wish import corrections

OWNER = "U0OKADA"
TEXT = "山本様、お世話になっております。CSV出力に部署コードの列を追加しました。"


@pytest.fixture(autouse=True)
def with_owner(world: World) -> Iterator[None]:
    """The first chat's company has an owner; what is approved goes out at once."""
    nobody = dict.fromkeys(("owner", "deputy", "manager"), "")
    with world.rules(sending=Sending(undo_seconds=0, at_any_hour=True), fallback="", owner_attributes=nobody):
        yield


def owned(world: World, chat: int = 0, person: str = OWNER) -> str:
    """Somebody answers for the company that talks in this chat; nobody else does for any."""
    company = world.wish(chat).company_id or ""
    store.write(lambda session: session.exec(delete(Owner)) and None)
    store.write(lambda session: owners.put_by_hand(session, company, {"owner": person}, by="斎藤"))
    return company


def asked(world: World, person: str = OWNER) -> list[str]:
    """What somebody was asked in Slack to tell."""
    return [str(it) for it in world.slack.messages(direct(person)) if "take_telling" in str(it) or "told_by" in str(it)]


def key(world: World, chat: int = 0) -> Key:
    """What the chat is owed."""
    return Key(telling(world, chat).release_id, world.chats[chat])


def how(world: World, chat: int = 0) -> str:
    """How the telling stands."""
    return drafts.standing(telling(world, chat))


def gone(world: World) -> None:
    """The first chat was deleted, and then its issue is done."""
    world.intercom.delete(world.chats[0])
    released(world, 0)


# -- refusals -------------------------------------------------------------------------------------


def test_nothing_can_be_approved_where_nobody_reads_it(world: World) -> None:
    owned(world)
    gone(world)
    admin = world.intercom.books.admins["7001"]
    assert approval.approve(key(world), TEXT, Person("U0TANAKA", admin.name, admin.email)) == approval.DEAD_END
    assert world.intercom.did("comment") == []


def test_a_conversation_that_was_not_offered_cannot_be_chosen(world: World) -> None:
    owned(world)
    gone(world)
    by = somebody(OWNER)
    assert taking.choose(key(world), world.chats[2], by, "form:1") == taking.NO_CONTACT
    assert taking.choose(Key("4711:9", "215"), world.chats[2], by, "form:2") == approval.NOT_THERE
    assert telling(world, 0).via == ""


def test_only_who_may_or_whose_company_it_is_takes_it_over(world: World) -> None:
    owned(world)
    gone(world)
    name = desk.name_of(telling(world, 0))
    with world.rules(access=Access(everyone="viewer")):
        refused = taking.taken("U0SUZUKI", name, direct(OWNER), "")
        assert (refused.state, telling(world, 0).held_as) == ("ignored", "owner")
        assert dead_ends.is_theirs(somebody(OWNER), name) and not dead_ends.is_theirs(somebody("U0SUZUKI"), name)


# -- each dead end --------------------------------------------------------------------------------


def ticket(world: World) -> None:
    world.intercom.convert_to_ticket(world.chats[0])


def deleted(world: World) -> None:
    world.intercom.delete(world.chats[0])


def left(world: World) -> None:
    world.intercom.delete_contact(world.intercom.books.conversations[world.chats[0]].contact.id)


@pytest.mark.fault("F35")
@pytest.mark.parametrize("end", [ticket, deleted, left])
def test_the_account_owner_is_asked_once_with_the_draft_and_the_reason(
    world: World, end: Callable[[World], None]
) -> None:
    owned(world)
    end(world)
    world.settle()
    released(world, 0)
    world.reconcile()
    [message] = asked(world)
    row = telling(world, 0)
    assert (row.holder, row.held_as, how(world)) == (OWNER, "owner", "with-owner")
    assert row.draft.split("\n")[0] in message and row.dead_end.startswith("Not reopened")
    assert world.opened(0) == 0


def test_a_reply_that_intercom_refuses_is_the_owners(world: World) -> None:
    owned(world)
    released(world, 0)
    admin = world.intercom.books.admins["7001"]
    assert approval.approve(key(world), TEXT, Person("U0TANAKA", admin.name, admin.email)) == ""
    world.intercom.shut_off(world.chats[0])
    sending.start_due()
    world.settle()
    [message] = asked(world)
    row = telling(world, 0)
    assert (how(world), row.draft, row.dead_end) == ("with-owner", TEXT, dead_ends.NO_CUSTOMER)
    assert "部署コード" in message


def test_without_an_owner_the_fallback_is_asked(world: World) -> None:
    owned(world, 0, "")
    with world.rules(fallback="U0LEAD"):
        gone(world)
    assert len(asked(world, "U0LEAD")) == 1
    assert telling(world, 0).held_as == "fallback"


def test_where_nobody_is_found_the_channel_is_asked_and_the_agent_keeps_it(world: World) -> None:
    owned(world, 0, "")
    gone(world)
    assert how(world) == "drafted" and telling(world, 0).dead_end
    [message] = [it for it in world.slack.messages(CHANNEL) if "told_by_phone" in str(it)]
    assert telling(world, 0).draft.split("\n")[0] in str(message)


# -- what they do ---------------------------------------------------------------------------------


def test_the_owner_takes_it_over_and_says_how_they_told_them(world: World) -> None:
    owned(world)
    gone(world)
    place, seen = world.slack.messages(direct(OWNER))[-1], None
    for button in ("take_telling", "told_by_phone", "told_by_phone"):
        seen = seen or (dict(place) if button == "told_by_phone" else None)
        world.slack.press(OWNER, direct(OWNER), str(place["ts"]), button, seen)
        world.settle()
    row = telling(world, 0)
    assert (row.state, row.channel, row.held_as) == ("told", "phone", "self")
    assert asked(world) == []  # the message says how it ended
    assert len(world.slack.did("chat.postMessage", direct(OWNER))) == len(world.slack.messages(direct(OWNER)))


def test_a_colleague_is_offered_and_told_only_once_somebody_approves(world: World) -> None:
    company = owned(world)
    world.intercom.add_contact("c901", "高橋 誠", "takahashi@aoba-seisaku.example", "101")
    other = world.chat("ほかの件です。", customer="901")
    world.wish(other)
    gone(world)
    assert world.intercom.did("comment") == []
    [offered] = store.read(lambda session: dead_ends.others(session, telling(world, 0)))
    assert offered.conversation_id == world.chats[other] and company
    admin = world.intercom.books.admins["7001"]
    by = Person("U0TANAKA", admin.name, admin.email)
    assert taking.choose(key(world), offered.conversation_id, by, "form:1") == ""
    assert approval.approve(key(world), telling(world, 0).draft, by) == ""
    sending.start_due()
    world.settle()
    [sent] = world.intercom.did("comment")
    assert sent.target == world.chats[other] and "高橋様" in sent.facts["body"]
    assert telling(world, 0).state == "told"


def test_what_was_withdrawn_is_called_off(world: World) -> None:
    owned(world)
    gone(world)
    world.move("KNDE-12", "進行中")
    assert telling(world, 0).state == "withdrawn"
    assert asked(world) == []
    assert "KNDE-12" in str(world.slack.messages(direct(OWNER))[-1])


def withdraw(world: World, *, back: bool = False) -> None:
    wish, by = world.feedback(0)[0].id or 0, Person("U0LEAD", "斎藤 真理")
    corrections.restore(wish, by=by) if back else corrections.withdraw(wish, words="誤り", by=by)
    world.settle()


def cut(world: World, *, back: bool = False) -> None:
    wish, by, issue = world.feedback(0)[0].id or 0, Person("U0LEAD", "斎藤 真理"), world.stage.issues["KNDE-12"]
    (corrections.relink if back else corrections.cut)(wish, issue, by=by)
    world.settle()


def said(world: World) -> list[str]:
    """What was said to the owner in Slack."""
    return [str(it["text"]) for it in world.slack.messages(direct(OWNER))]


@pytest.mark.parametrize("end", [withdraw, cut])
def test_whoever_was_asked_is_told_once_nobody_waits_for_it_and_asked_anew_if_that_was_a_slip(
    world: World, end: Callable[..., None]
) -> None:
    owned(world)
    gone(world)
    before = said(world)
    end(world)
    assert asked(world) == []
    off = "株式会社あおば製作所: お客様には連絡しないでください。「FB-1」"
    assert said(world) == [*before, off]
    assert "待っている要望はありません" in str(world.slack.messages(direct(OWNER))[0])
    end(world, back=True)
    assert said(world) == [*before, off, before[-1]] and len(asked(world)) == 2


def test_another_request_that_waits_there_is_no_reason_to_call_it_off(world: World) -> None:
    owned(world)
    world.wish(0, "不具合")
    gone(world)
    before, wishes = said(world), world.feedback(0)
    withdraw(world)
    assert (len(wishes), len(asked(world))) == (2, 1)
    assert said(world) == [before[0].replace("FB-1", "FB-2")]


def test_everybody_is_somebodys_turn(world: World) -> None:
    owned(world)
    world.wish(2)
    world.intercom.delete(world.chats[0])
    released(world, 0, 2)
    rows = store.read(lambda session: session.exec(select(drafts.Telling)).all())
    assert sorted(drafts.TURNS[drafts.standing(row)] for row in rows) == ["agent", "holder"]


# -- taken over while it waits for a lead ----------------------------------------------------------


def waits_for_lead(world: World) -> None:
    """The agent has approved it, and the rules want a lead to do so, too."""
    admin = world.intercom.books.admins["7001"]
    tanaka = Person("U0TANAKA", admin.name, admin.email)
    assert approval.approve(key(world), TEXT, tanaka) == "" and how(world) == "for-lead"


def for_leads(world: World) -> Sending:
    """What goes to the plan of this chat's company is approved by a lead as well."""
    return Sending(0, True, lead_tiers=tuple(store.read(lambda session: drafts.tiers_of(session, telling(world, 0)))))


def test_what_somebody_takes_over_does_not_wait_for_a_lead_any_more(world: World) -> None:
    owned(world)
    released(world, 0)
    with world.rules(sending=for_leads(world), access=Access(everyone="agent")):
        waits_for_lead(world)
        assert taking.take(key(world), somebody(OWNER), "form:1") == ""
    assert (how(world), telling(world, 0).approved) == ("with-owner", "")
    assert store.read(lambda session: desk.for_lead(session, None)) == []
