"""A wish is quoted in its customer's own words and filed for whoever said them, whatever message carries the tag."""

from __future__ import annotations

import pytest
from sqlmodel import select

from integrations.intercom.twin.data import Person
from tests.world import World
from workflows.engine.store import store
from workflows.tables.customer import Contact, Conversation
from workflows.tables.wish import Feedback

SILENT = "Not filed yet: the customer has not written anything in this conversation."


def quoted(world: World, chat: int) -> list[tuple[str, str | None]]:
    """What was filed from a chat: the words, and whose they are."""
    return [(wish.quote, wish.contact_id) for wish in world.feedback(chat)]


def outbound(world: World) -> int:
    """A chat that an agent began; its number."""
    world.chats.append(world.intercom.write_first("990000000001", "c101", "7001", "新機能のご案内です。"))
    world.settle()
    return len(world.chats) - 1


def test_a_tag_on_our_answer_means_the_customers_words_before_it(world: World) -> None:
    chat = world.chat("CSVで出したいです。")
    said = world.intercom.customer_says(world.chats[chat], "役職コードも必要です。")
    ours = world.intercom.agent_says(world.chats[chat], "7001", "お調べします。少々お待ちください。")
    world.tag(chat, part=ours)
    world.settle()
    [wish] = world.feedback(chat)
    assert (wish.quote, wish.part_id, wish.contact_id) == ("役職コードも必要です。", said, "c101")
    assert "お調べします" not in str(world.productboard.did("create_note")[0].facts)


def test_a_tag_on_our_answer_and_one_on_the_words_before_it_are_one_wish(world: World) -> None:
    chat = world.chat("CSVで出したいです。")
    ours = world.intercom.agent_says(world.chats[chat], "7001", "お調べします。")
    world.tag(chat)
    world.tag(chat, part=ours)
    world.settle()
    assert quoted(world, chat) == [("CSVで出したいです。", "c101")]


def test_a_tag_on_a_picture_means_the_words_before_it(world: World) -> None:
    chat = world.chat("右端が切れます。")
    picture = world.intercom.customer_says(world.chats[chat], "")
    world.intercom.customer_says(world.chats[chat], "よろしくお願いします。")
    world.tag(chat, "不具合", part=picture)
    world.settle()
    assert quoted(world, chat) == [("右端が切れます。", "c101")]


def test_a_tag_on_a_picture_that_came_first_means_the_words_after_it(world: World) -> None:
    chat = world.chat("")
    world.intercom.customer_says(world.chats[chat], "右端が切れます。")
    world.intercom.customer_says(world.chats[chat], "よろしくお願いします。")
    world.tag(chat, "不具合")
    world.settle()
    assert quoted(world, chat) == [("右端が切れます。", "c101")]


def test_a_picture_alone_is_filed_once_also_where_words_follow_later(world: World) -> None:
    chat = world.chat("")
    world.wish(chat)
    world.intercom.customer_says(world.chats[chat], "右端が切れます。")
    world.settle()
    world.reconcile()
    assert quoted(world, chat) == [("", "c101")]


def test_in_a_chat_that_we_began_the_customers_answer_is_quoted(world: World) -> None:
    chat = outbound(world)
    world.intercom.customer_says(world.chats[chat], "一括登録もできるとうれしいです。")
    world.tag(chat)
    world.settle()
    assert quoted(world, chat) == [("一括登録もできるとうれしいです。", "c101")]


def test_nothing_is_filed_before_the_customer_has_said_anything(world: World) -> None:
    chat = outbound(world)
    world.tag(chat)
    world.settle()
    assert world.reasons("conversation_part.tag.created") == [("ignored", SILENT)]
    assert quoted(world, chat) == []
    world.intercom.customer_says(world.chats[chat], "一括登録もできるとうれしいです。")
    world.settle()
    world.reconcile()
    assert quoted(world, chat) == [("一括登録もできるとうれしいです。", "c101")]


def test_words_of_whom_intercom_does_not_name_are_filed_as_they_are(world: World) -> None:
    chat = world.chat("公開の投稿です。")
    source = world.intercom.books.conversations[world.chats[chat]].source
    source.author = Person("", "", "")
    world.tag(chat)
    world.settle()
    assert quoted(world, chat) == [("公開の投稿です。", "c101")]


@pytest.mark.parametrize("on_our_answer", [False, True])
def test_in_a_group_it_is_filed_for_whoever_said_it(world: World, on_our_answer: bool) -> None:
    world.intercom.add_contact("c902", "外部の田村", "tamura@agency.example")
    chat = world.chat("ご相談です。")
    world.intercom.join(world.chats[chat], "c902")
    part = world.intercom.customer_says(world.chats[chat], "代理店にも見せてほしいです。", by="c902")
    if on_our_answer:
        part = world.intercom.agent_says(world.chats[chat], "7001", "お調べします。")
    world.tag(chat, part=part)
    world.settle()
    assert quoted(world, chat) == [("代理店にも見せてほしいです。", "c902")]
    assert world.productboard.did("create_note")[0].facts["customer"] == "tamura@agency.example"
    known = store.read(lambda session: session.get_one(Contact, "c902"))
    assert known.name == "外部の田村"
    talk = store.read(lambda session: session.get_one(Conversation, world.chats[chat]))
    assert talk.contact_id == "c101"  # with whom it began


def test_what_somebody_said_who_left_the_group_is_filed_for_whom_it_began_with(world: World) -> None:
    world.intercom.add_contact("c902", "外部の田村", "tamura@agency.example")
    chat = world.chat("ご相談です。")
    world.intercom.join(world.chats[chat], "c902")
    part = world.intercom.customer_says(world.chats[chat], "代理店にも見せてほしいです。", by="c902")
    world.intercom.books.conversations[world.chats[chat]].others.clear()
    world.tag(chat, part=part)
    world.settle()
    assert quoted(world, chat) == [("代理店にも見せてほしいです。", "c101")]


def test_what_is_known_already_is_found_again_and_not_filed_in_other_words(world: World) -> None:
    chat = world.chat("CSVで出したいです。")
    ours = world.intercom.agent_says(world.chats[chat], "7001", "お調べします。")
    world.tag(chat, part=ours)
    world.settle()
    world.intercom.customer_says(world.chats[chat], "急いでいます。")
    world.settle()
    world.reconcile()
    assert store.read(lambda session: len(session.exec(select(Feedback)).all())) == 1
