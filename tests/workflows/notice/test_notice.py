"""Notices: whoever they concern gets a draft, a person tells them, and calling off corrects what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlmodel import select, update

from tests.dry import dry
from tests.meeting import LEAD
from tests.noticing import ahead, carried_out, found, known, opened, tellings, written
from tests.releasing import soon
from tests.world import World
from workflows.engine.store import DAY_MS, store
from workflows.notice import notices, recipients, turns
from workflows.people.person import Person
from workflows.rules.calendar import Calendar
from workflows.rules.telling import Sending
from workflows.tables.customer import Churn, Contact, Message
from workflows.tables.notice import Addressee, Notice
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback
from workflows.telling import approval, dead_ends, desk, drafts, records, sending
from workflows.telling.approval import Key

#: The chat in which 山本 wrote last.
LATEST = 8
SENDING = Sending(undo_seconds=0, at_any_hour=True)
ALWAYS_OPEN = Calendar.of(hours={day: ["0:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})
AGENT = Person("U0TANAKA", "田中 みなみ", "agent7001@kanade.example", "U0TANAKA")


@pytest.fixture(autouse=True)
def at_once(world: World) -> Iterator[None]:
    """Nobody waits for what is approved, or opened."""
    known(world)
    with world.rules(sending=SENDING):
        yield


def of_company(world: World, company: str, **others: object) -> int:
    """A notice for one company, opened."""
    notice = written(audience="companies", names=[company], **others)
    opened(world, notice)
    return notice


def one(notice_id: int) -> Telling:
    """The only telling of it."""
    [telling] = tellings(f"notice:{notice_id}").values()
    return telling


def approved(world: World, telling: Telling) -> None:
    """An agent lets it go out as it is."""
    key = Key(telling.release_id, telling.conversation_id)
    assert approval.approve(key, telling.draft, AGENT) == ""
    sending.start_due()
    world.settle()


def days_before(notice_id: int, days: int) -> None:
    """So many days are left until it takes effect."""
    store.write(
        lambda session: session.execute(update(Notice).where(Notice.id == notice_id).values(takes_effect=ahead(days)))
    )


def told_long_ago() -> None:
    """Whoever was told was told days ago."""
    told = update(Telling).where(Telling.state == "told").values(told_at=Telling.told_at - 5 * DAY_MS)
    store.write(lambda session: session.execute(told))


# -- refusals -------------------------------------------------------------------------------------


def test_an_empty_audience_is_not_opened(world: World) -> None:
    notice = written(audience="tier", names=["Nobody's"])
    assert notices.open_up(notice, LEAD) == notices.NOBODY
    carried_out(world)
    assert (tellings(f"notice:{notice}"), found(notice).opens_at) == ({}, None)


def test_what_is_over_is_not_opened(world: World) -> None:
    notice = written(takes_effect=ahead(0))
    assert notices.open_up(notice, LEAD) == notices.IS_OVER


def test_what_is_opened_or_called_off_is_neither_changed_nor_opened_again(world: World) -> None:
    notice = of_company(world, "101")
    assert notices.open_up(notice, LEAD) == notices.rewrite(notice, {"title": "x"}) == notices.IS_OPENED
    assert notices.undo(notice) == notices.NOT_OPENED
    assert notices.call_off(notice, LEAD) == ""
    assert notices.open_up(notice, LEAD) == notices.call_off(notice, LEAD) == notices.IS_OFF
    assert found(notice).title == "FAX窓口の終了"


def test_whose_opening_is_undone_in_time_is_told_nothing(world: World) -> None:
    notice = written()
    with world.rules(sending=Sending(undo_seconds=30)):
        assert notices.open_up(notice, LEAD) == ""
        carried_out(world)
        assert notices.undo(notice) == ""
    carried_out(world)
    assert tellings(f"notice:{notice}") == {}
    assert notices.rewrite(notice, {"title": "x"}) == ""


def test_called_off_before_its_drafts_are_made_it_makes_none(world: World) -> None:
    notice = written()
    with world.rules(sending=Sending(undo_seconds=30)):
        notices.open_up(notice, LEAD)
        assert notices.call_off(notice, LEAD) == ""
    store.write(lambda session: session.execute(update(Notice).values(opens_at=1)))
    carried_out(world)
    assert tellings(f"notice:{notice}") == {} and world.intercom.did("open") == []


# -- whom it concerns -----------------------------------------------------------------------------


def test_everybody_of_the_audience_is_in_the_ledger_once_told_or_not(world: World) -> None:
    store.write(lambda session: session.add(Churn(company_id="102", churned_on="2026-01-01", imported_at=1)))
    store.write(lambda session: session.add(Contact(id="c999", name="無口 一郎", company_id="103")))
    notice = written()
    before = store.read(lambda session: recipients.foreseen(session, session.get_one(Notice, notice)))
    opened(world, notice)
    owed = tellings(f"notice:{notice}")
    assert len(owed) == len(before) == len({each.contact_id for each in before})
    assert {each.place for each in before} == set(owed)
    assert owed["contact:c102"].why == recipients.LEFT and owed["contact:c999"].why == recipients.NO_CHAT
    assert Counter(each.state for each in owed.values()) == {"drafted": len(before) - 2, "excused": 2}


def test_whoever_has_not_written_for_long_is_left_out_and_said_why(world: World) -> None:
    notice = written(months=1)
    long_ago = update(Message).values(said_at=Message.said_at - 60 * DAY_MS)
    store.write(lambda session: session.execute(long_ago))
    before = store.read(lambda session: recipients.foreseen(session, session.get_one(Notice, notice)))
    assert {each.why for each in before} == {recipients.SILENT}
    assert notices.open_up(notice, LEAD) == notices.NOBODY


def test_a_tag_reaches_those_whose_requests_carry_it(world: World) -> None:
    world.wish(0)
    notice = written(audience="tag", names=["要望"])
    opened(world, notice)
    assert list(tellings(f"notice:{notice}")) == [world.chats[LATEST]]


def test_it_is_the_turn_of_who_knows_them_else_of_the_account_owner_else_of_who_opened_it(world: World) -> None:
    world.wish(0)
    opened(world, written())
    rows = store.read(lambda session: session.exec(select(Addressee)).all())
    agents = {each.company_id: (each.agent, each.agent_name) for each in rows}
    assert agents["101"] == ("7001", "田中 みなみ") and agents["103"] == ("U0OKADA", "岡田 彩")
    assert agents["102"] == ("U0LEAD", "斎藤 真理")


@pytest.mark.parametrize(("taker", "given"), [("7001", ["7001"]), ("U0MORI", [])])
def test_a_chat_that_is_with_nobody_goes_to_whose_turn_it_is_if_they_are_in_intercom(
    world: World, taker: str, given: list[str]
) -> None:
    world.wish(LATEST)
    store.write(lambda session: session.execute(update(Feedback).values(taken_by=taker)))
    world.intercom.books.conversations[world.chats[LATEST]].assignee_id = ""
    of_company(world, "101")
    assert [str(each.facts["assignee_id"]) for each in world.intercom.did("assign")] == given


# -- the draft ------------------------------------------------------------------------------------


def test_a_chat_comes_back_with_the_notice_in_its_language(world: World) -> None:
    notice = of_company(world, "101")
    telling = one(notice)
    assert telling.state == "drafted" and telling.draft.startswith("山本様、いつもお世話になっております。")
    assert world.state(world.chats.index(telling.conversation_id)) == "open"
    assert "下書き" in world.notes(world.chats.index(telling.conversation_id))[-1]


def test_who_speaks_english_reads_the_english_text_and_without_one_the_other(world: World) -> None:
    store.write(lambda session: session.execute(update(Contact).values(language="en")))
    chat = world.chat("Could you add a column to the export, please?", customer="102")
    world.intercom.announce("conversation.user.created", world.intercom.books.conversations[world.chats[chat]])
    world.settle()
    store.write(lambda session: session.execute(update(Contact).values(language="en", name="Emma Stone")))
    notice = of_company(world, "102")
    assert one(notice).draft.startswith("Hello Emma Stone,")
    other = of_company(world, "102", text_en="")
    assert one(other).draft.startswith("Emma Stone様、")


def test_it_stands_at_the_desk_of_whose_turn_it_is_and_of_nobody_else(world: World) -> None:
    world.wish(0)
    notice = written(audience="tag", names=["要望"])
    opened(world, notice)

    def desk_of(*ids: str) -> list[str]:
        waiting = store.read(partial(desk.to_do, people=ids, is_lead=False))
        return [each.release_id for each in waiting]

    assert desk_of("7001") == [f"notice:{notice}"] and desk_of("7002") == []
    [row] = store.read(lambda session: desk.rows(session, desk.to_do(session, None, is_lead=False)))
    assert row.voice and (row.voice.title, row.voice.person) == ("FAX窓口の終了", "山本 恵子")


# -- told -----------------------------------------------------------------------------------------


def test_only_the_words_of_the_notice_tell_the_customer(world: World) -> None:
    notice = of_company(world, "101")
    chat = one(notice).conversation_id
    world.intercom.agent_says(chat, "7001", "その件は確認中です。", at=soon())
    world.settle()
    assert one(notice).state == "drafted"
    world.intercom.agent_says(chat, "7001", one(notice).draft, at=soon() + 60)
    world.settle()
    assert (one(notice).state, one(notice).told_by) == ("told", "田中 みなみ")


def test_an_agent_approves_and_intercom_says_that_it_was_sent(world: World) -> None:
    notice = of_company(world, "101")
    approved(world, one(notice))
    telling = one(notice)
    assert (telling.state, telling.told_by, telling.channel) == ("told", "田中 みなみ", "chat")
    assert [str(each.facts["admin_id"]) for each in world.intercom.did("comment", telling.conversation_id)] == ["7001"]


def test_who_cannot_be_written_to_is_left_out_the_next_time(world: World) -> None:
    notice = of_company(world, "101")
    world.intercom.shut_off(one(notice).conversation_id)
    approved(world, one(notice))
    assert one(notice).why == dead_ends.NO_CUSTOMER
    other = written(audience="companies", names=["101"])
    assert notices.open_up(other, LEAD) == notices.NOBODY


def test_a_person_notes_that_they_told_somebody_and_takes_it_back(world: World) -> None:
    store.write(lambda session: session.add(Contact(id="c999", name="無口 一郎", company_id="101")))
    notice = of_company(world, "101")
    release = f"notice:{notice}"
    for place, before in (("contact:c999", "excused"), (world.chats[LATEST], "drafted")):
        key = Key(release, place)
        assert turns.told(key, "pigeon", AGENT) == turns.untold(key, AGENT) == turns.NOT_THERE
        assert turns.told(key, "phone", AGENT) == ""
        assert (tellings(release)[place].state, tellings(release)[place].channel) == ("told", "phone")
        assert turns.untold(key, AGENT) == ""
        assert tellings(release)[place].state == before
    approved(world, tellings(release)[world.chats[LATEST]])
    assert turns.untold(Key(release, world.chats[LATEST]), AGENT) == turns.NOT_THERE  # Intercom says that it was sent


# -- reminding ------------------------------------------------------------------------------------


def reminders(world: World) -> list[str]:
    """What the channel was told about who is left."""
    return [text for text in world.said() if "FAX窓口の終了" in text]


def test_who_is_left_is_said_once_some_days_before(world: World) -> None:
    notice = of_company(world, "101")
    carried_out(world)
    assert reminders(world) == []
    days_before(notice, 14)
    with world.rules(calendar=ALWAYS_OPEN):
        carried_out(world)
        carried_out(world)
        assert len(reminders(world)) == 1 and "1件" in reminders(world)[0]
        days_before(notice, 3)
        carried_out(world)
    assert len(reminders(world)) == 2
    assert len(world.notes(LATEST)) == 1  # the customer's chat is left alone


def test_where_nobody_is_left_nobody_is_reminded(world: World) -> None:
    notice = of_company(world, "101")
    approved(world, one(notice))
    days_before(notice, 3)
    with world.rules(calendar=ALWAYS_OPEN):
        carried_out(world)
    assert reminders(world) == []


def test_customers_are_reminded_once_more_only_where_the_notice_says_so_and_not_of_what_is_fresh(world: World) -> None:
    plain, again = of_company(world, "101"), of_company(world, "103", again=True)
    fresh = of_company(world, "105", again=True)
    for notice in (plain, again):
        approved(world, one(notice))
    told_long_ago()
    approved(world, one(fresh))
    with world.rules(calendar=ALWAYS_OPEN):
        for notice in (plain, again, fresh):
            days_before(notice, 14)
        carried_out(world)
        assert not tellings(f"notice:{again}:again")
        for notice in (plain, again, fresh):
            days_before(notice, 3)
        carried_out(world)
    assert not tellings(f"notice:{plain}:again") and not tellings(f"notice:{fresh}:again")
    [second] = tellings(f"notice:{again}:again").values()
    assert second.state == "drafted" and second.draft.startswith("【再度のご案内】")
    assert one(again).state == "told"


# -- called off -----------------------------------------------------------------------------------


def test_called_off_drafts_are_revoked_and_who_was_told_gets_a_correction(world: World) -> None:
    notice = written(audience="companies", names=["101", "103", "105"])
    opened(world, notice)
    owed = list(tellings(f"notice:{notice}").values())
    approved(world, owed[0])
    waits = Key(owed[1].release_id, owed[1].conversation_id)
    with world.rules(sending=Sending(undo_seconds=600, at_any_hour=True)):
        assert approval.approve(waits, owed[1].draft, AGENT) == ""
    assert notices.call_off(notice, LEAD) == ""
    carried_out(world)
    sending.start_due()
    world.settle()
    after = tellings(f"notice:{notice}")
    assert [after[each.conversation_id].state for each in owed] == ["told", "withdrawn", "withdrawn"]
    [correction] = tellings(f"notice:{notice}:reopened").values()
    assert correction.conversation_id == owed[0].conversation_id and "取りやめる" in correction.draft
    for each in owed[1:]:
        assert "送信しないで" in world.notes(world.chats.index(each.conversation_id))[-1]
    approved(world, correction)
    assert len(world.intercom.did("comment")) == 2  # the notice and its correction, each once
    assert store.read(lambda session: drafts.totals(session, f"notice:{notice}:reopened")) == {"told": 1}


def test_called_off_who_was_told_by_phone_is_to_be_told_that_by_phone(world: World) -> None:
    store.write(lambda session: session.add(Contact(id="c999", name="無口 一郎", company_id="101")))
    notice = of_company(world, "101")
    assert turns.told(Key(f"notice:{notice}", "contact:c999"), "phone", AGENT) == ""
    notices.call_off(notice, LEAD)
    world.settle()
    correction = tellings(f"notice:{notice}:reopened")["contact:c999"]
    assert correction.state == "drafted" and correction.draft.startswith("無口様、")
    key = turns.key_of(found(notice), correction.release_id, correction.conversation_id)
    assert turns.told(key, "phone", AGENT) == ""
    assert tellings(f"notice:{notice}:reopened")["contact:c999"].state == "told"


def test_called_off_nobody_is_reminded_any_more(world: World) -> None:
    notice = of_company(world, "101")
    notices.call_off(notice, LEAD)
    days_before(notice, 3)
    with world.rules(calendar=ALWAYS_OPEN):
        carried_out(world)
    assert reminders(world) == []


# -- dry run --------------------------------------------------------------------------------------


def test_opened_in_a_dry_run_nothing_is_written_and_it_can_be_opened_in_earnest(world: World) -> None:
    notice = written(audience="companies", names=["101"])
    with dry(world, "release") as writes:
        opened(world, notice)
        assert found(notice).dry and one(notice).dry
    assert writes == []
    opened(world, notice)
    assert (found(notice).dry, one(notice).dry, one(notice).state) == (False, False, "drafted")
    assert len(world.notes(LATEST)) == 1


# -- beside requests ------------------------------------------------------------------------------


def test_a_notice_is_no_word_of_what_was_asked_for(world: World) -> None:
    wish = world.wish(0)
    notice = written(audience="tag", names=["要望"])
    opened(world, notice)
    approved(world, one(notice))
    assert store.read(lambda session: records.told(session, [wish.id])) == {}
    addressees = store.read(lambda session: session.exec(select(Addressee)).all())
    assert [each.agent for each in addressees] == ["7001"]
