"""One chat comes back to its agent, as it was found; and the customer counts as told once a person answered."""

from __future__ import annotations

import re
import time

import pytest

from app.demo.company import LEAD_ADMIN
from tests.releasing import released, soon, telling
from tests.world import World

# -- what cannot be reopened ----------------------------------------------------------------------


@pytest.mark.fault("F35")
def test_a_deleted_chat_stays_closed_and_the_others_reopen(world: World) -> None:
    world.wish(0), world.wish(2)
    world.intercom.delete(world.chats[0])
    released(world, 0, 2)
    assert world.tellings() == {world.chats[0]: "drafted", world.chats[2]: "drafted"}
    assert "Not reopened: the conversation no longer exists in Intercom." in world.sentences(0)
    assert world.opened(2) == 1


def test_a_chat_that_became_a_ticket_is_left_alone(world: World) -> None:
    world.wish(0)
    world.intercom.convert_to_ticket(world.chats[0])
    released(world, 0)
    assert (world.tellings(), world.opened(0)) == ({world.chats[0]: "drafted"}, 0)
    assert any(sentence.startswith("Not reopened: the conversation was converted") for sentence in world.sentences(0))


def test_a_chat_that_is_deleted_while_we_write_to_it_is_a_dead_end(world: World) -> None:
    world.wish(0)
    world.intercom.watchers.append(lambda ask, said: vanish(world, ask.path))
    released(world, 0)
    assert world.tellings() == {world.chats[0]: "drafted"} and telling(world, 0).dead_end
    sentences = world.sentences(0)
    assert "Not reopened: the conversation no longer exists in Intercom." in sentences
    assert "Skipped: it no longer exists in Intercom." in sentences
    assert not any(sentence.startswith("Noted what became available") for sentence in sentences)


def vanish(world: World, path: str) -> None:
    """Somebody deletes the first chat right after we opened it."""
    if path.endswith("/parts") and world.chats[0] in world.intercom.books.conversations:
        world.intercom.delete(world.chats[0])


# -- as it was found ------------------------------------------------------------------------------


def test_an_open_chat_gets_the_note_and_stays_open(world: World) -> None:
    released(world, 5)
    assert (world.opened(5), world.state(5), len(world.notes(5))) == (0, "open", 2)
    assert "Not reopened: it was already open." in world.sentences(5)


def test_a_snoozed_chat_keeps_its_snooze_to_the_second(world: World) -> None:
    chat, until = world.intercom.books.conversations[world.chats[6]], int(time.time()) + 123_456
    world.intercom.snooze_by_hand(world.chats[6], "7002", until)
    world.wish(6)
    assert (chat.state, chat.snoozed_until) == ("snoozed", until)
    released(world, 6)
    assert (chat.state, chat.snoozed_until, world.opened(6)) == ("snoozed", until, 0)
    assert len(world.notes(6)) == len(world.intercom.did("snooze")) == 2
    assert not world.intercom.did("assign", world.chats[6])
    assert any(sentence.startswith("Still snoozed until ") for sentence in world.sentences(6))


def test_a_merged_chat_is_reopened_where_it_lives_on(world: World) -> None:
    world.wish(0)
    world.intercom.merge(world.chats[0], world.chats[8])
    world.intercom.merge(world.chats[8], world.chats[10])
    released(world, 0)
    assert [world.opened(chat) for chat in (0, 8, 10)] == [0, 0, 1]
    assert len(world.notes(10)) == 1
    assert any(sentence.startswith("Not reopened: it was merged") for sentence in world.sentences(0))


def test_who_was_told_in_the_chat_that_lives_on_counts_as_told(world: World) -> None:
    world.wish(0)
    world.intercom.merge(world.chats[0], world.chats[8])
    released(world, 0)
    world.intercom.agent_says(world.chats[8], "7001", "付けられるようになりました。", at=soon())
    world.settle()
    world.reconcile()
    assert world.tellings() == {world.chats[0]: "told"}


def test_a_redacted_message_is_not_repeated(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "秘密の番号は 1234 です。列を足してください。")
    world.tag(0, part=part)
    world.settle()
    world.intercom.redact(world.chats[0], part)
    released(world, 0)
    assert "1234" not in world.notes(0)[-1]
    assert "にご要望をいただきました件につきまして" in telling(world, 0).draft


# -- to whom --------------------------------------------------------------------------------------


def test_it_goes_to_the_agent_who_took_the_wish(world: World) -> None:
    world.tag(0, by="7003")
    world.settle()
    released(world, 0)
    [assigned] = world.intercom.did("assign", world.chats[0])
    assert assigned.facts["assignee_id"] == "7003"
    assert "Assigned to 鈴木 葵, who filed the request." in world.sentences(0)


def test_the_chat_of_an_agent_who_left_goes_to_who_stands_in(world: World) -> None:
    world.tag(0, by="7003")
    world.settle()
    world.intercom.remove_admin("7003")
    with world.rules(fallback="agent7002@kanade.example"):
        released(world, 0)
    [assigned] = world.intercom.did("assign", world.chats[0])
    assert assigned.facts["assignee_id"] == "7002"
    assert "Assigned to 佐藤 健: 鈴木 葵, who filed the request, is no longer a teammate." in world.sentences(0)


def test_an_agent_who_left_is_not_given_anything(world: World) -> None:
    """Nor is the lead, who has no seat in Intercom here."""
    world.tag(0, by="7003")
    world.settle()
    for gone in ("7003", LEAD_ADMIN):
        world.intercom.remove_admin(gone)
    released(world, 0)
    assert not world.intercom.did("assign")
    assert "Not assigned: 鈴木 葵 is no longer a teammate." in world.sentences(0)
    assert (world.opened(0), world.tellings()) == (1, {world.chats[0]: "drafted"})


def test_who_has_it_already_is_not_given_it_again(world: World) -> None:
    world.intercom.books.conversations[world.chats[0]].assignee_id = "7001"
    released(world, 0)
    assert (world.opened(0), world.intercom.did("assign")) == (1, [])


# -- once -----------------------------------------------------------------------------------------


def test_closed_again_by_an_agent_it_stays_closed(world: World) -> None:
    released(world, 0)
    world.intercom.close(world.chats[0], "7002", at=soon())
    world.settle()
    world.move("KNDE-12", "リリース済み")
    world.reconcile()
    assert (world.state(0), world.opened(0), len(world.notes(0))) == ("closed", 1, 2)


def test_several_wishes_of_one_chat_come_back_together(world: World) -> None:
    world.tag(0, "要望")
    part = world.intercom.customer_says(world.chats[0], "役職コードも欲しいです。")
    world.intercom.close(world.chats[0], "7001")
    world.tag(0, "不具合", part=part)
    world.settle()
    released(world, 0)
    assert (world.opened(0), len(world.notes(0))) == (1, 3)
    assert "勤怠データをCSVで" in world.notes(0)[-1] and "役職コードも" in world.notes(0)[-1]
    assert len(world.said()) == 1


def test_wishes_of_one_chat_that_wait_for_two_issues_come_back_twice(world: World) -> None:
    wish = world.wish(0)
    world.link(wish, "KNDE-15")
    released(world, 0)
    world.intercom.close(world.chats[0], "7001")
    world.move("KNDE-15", "完了")
    assert (world.opened(0), len(world.notes(0))) == (2, 3)


# -- the draft ------------------------------------------------------------------------------------


def test_the_draft_is_personal(world: World) -> None:
    world.intercom.books.conversations[world.chats[0]].created_at = 1_789_000_000  # 2026-09-10 in Tokyo
    released(world, 0)
    draft = telling(world, 0).draft
    assert draft.startswith(
        "山本様、いつもお世話になっております。サポート担当の田中 みなみでございます。9月10日にご要望をいただきました件"
    )
    assert draft.count("様") == 1 and not re.search(r"[{}]", draft)
    assert "山本様" in world.notes(0)[-1]


def test_without_a_name_the_draft_is_still_polite(world: World) -> None:
    for id, name in (("c901", ""), ("c902", "  "), ("c903", "yamamoto@aoba.example")):
        world.intercom.add_contact(id, name, f"{id}@aoba.example", "101")
        chat = world.chat("CSVに列を足してください。", customer=id[1:])
        world.link(world.wish(chat), world.issue(f"KNDE-9{id[-1]}"))
        world.move(f"KNDE-9{id[-1]}", "完了")
        assert telling(world, chat).draft.startswith("ご担当者様、")


def test_a_japanese_customer_of_an_english_company_is_written_to_in_japanese(world: World) -> None:
    with world.rules(language="en"):
        released(world, 0)
        assert telling(world, 0).draft.startswith("山本様、")
        assert "What this customer asked for is now available: KNDE-12" in world.notes(0)[-1]


def test_a_customer_who_writes_english_has_an_english_draft_in_a_japanese_note(world: World) -> None:
    chat = world.chat("Please add department codes to the export.")
    world.intercom.books.contacts["c101"].language = "en-GB"
    world.link(world.wish(chat), "KNDE-12")
    world.move("KNDE-12", "完了")
    assert "you sent us a request (Add department codes to the export)" in telling(world, chat).draft
    assert "お客様への下書き" in world.notes(chat)[-1] and "you sent us a request" in world.notes(chat)[-1]


def test_nothing_is_ever_said_to_a_customer_by_the_service(world: World) -> None:
    released(world, 0, 2, 6)
    assert not world.intercom.did("comment")
    assert {effect.verb for effect in world.intercom.effects} == {"note", "open", "assign", "snooze"}
