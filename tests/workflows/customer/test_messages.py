"""What is said in chats is found, whoever said it; what is taken back is found no more."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlmodel import Session

from tests.world import World
from workflows.customer import erasing, lookup, messages
from workflows.customer.reach import Reach
from workflows.engine.rows import Values
from workflows.engine.store import store
from workflows.engine.vendors import intercom_client
from workflows.search import documents, indexing
from workflows.search.search import search
from workflows.tables.customer import Contact, Conversation, Message
from workflows.tables.runs import IGNORED


def found(query: str) -> list[tuple[str, str]]:
    """What is found: its kind, and its address."""
    indexing.catch_up()
    return [(hit.document.kind, hit.document.place) for hit in search(query).hits]


def test_customers_and_agents_are_found_and_our_own_notes_are_not(world: World) -> None:
    chat = world.chats[world.chat("勤怠の締め処理について")]
    world.tag(-1)
    world.intercom.agent_says(chat, "7002", "締め処理は翌営業日に走ります。")
    world.settle()
    assert sorted(kind for kind, _ in found("締め処理")) == ["message", "message", "wish"]
    assert [hit.document.who for hit in search("翌営業日").hits] == ["佐藤 健"]
    [note] = [row.text for row in store.read(partial(messages.of_chat, chat=chat)).parts if row.kind == "ours"]
    assert note not in [hit.document.text for hit in search("要望", most=1000).hits]


def test_what_an_agent_writes_in_another_app_is_theirs_and_what_is_for_colleagues_is_a_note(world: World) -> None:
    chat = world.chats[0]
    world.intercom.agent_says(chat, "7002", "連携からの返信です。", package="another-app")
    world.intercom.agent_notes(chat, "7002", "連携からの覚え書きです。", package="another-app")
    world.intercom.agent_notes(chat, "7002", "再開の覚え書きです。", kind="note_and_reopen")
    world.intercom.close(chat, "7002", body="最後のご挨拶です。")
    world.settle()
    rows = store.read(partial(messages.of_chat, chat=chat)).parts
    assert [(row.kind, row.who) for row in rows[-4:]] == [
        ("message", "佐藤 健"),
        ("note", "佐藤 健"),
        ("note", "佐藤 健"),
        ("message", "佐藤 健"),
    ]
    assert sorted(kind for kind, _ in found("連携からの")) == ["message", "note"]


def test_an_agents_answer_is_kept_although_nobody_waits_to_be_told(world: World) -> None:
    world.intercom.agent_says(world.chats[0], "7002", "設定画面の歯車から変えられます。")
    world.settle()
    assert len(found("歯車")) == 1
    assert [run.state for run in world.runs() if run.workflow == "reopen.told"] == [IGNORED]


def mailed(chat: str) -> list[bool]:
    """Of each message of a chat but the first, whether it was sent as a mail, as far as we know."""
    return [row.mailed for row in store.read(partial(messages.of_chat, chat=chat)).parts][1:]


def test_what_was_sent_as_a_mail_stays_known_as_that(world: World) -> None:
    chat = world.intercom.add_conversation("880001", "c101", "届きますか。", send=True, medium="email")
    world.intercom.agent_says(chat, "7002", "はい、届いています。")
    world.settle()
    assert mailed(chat) == [True]
    talk = world.intercom.books.conversations[chat]
    talk.parts[-1].mailed = None
    lookup.listen(intercom_client().conversation(chat))  # type: ignore[arg-type]
    store.write(lambda session: None)
    assert mailed(chat) == [True]


def test_what_is_mailed_later_is_known_once_it_is_read_again(world: World) -> None:
    chat = world.chats[0]
    part = world.intercom.agent_says(chat, "7002", "設定画面から変えられます。")
    world.settle()
    assert mailed(chat)[-1] is False
    world.intercom.mail_to_absent(chat, part)
    lookup.listen(intercom_client().conversation(chat))  # type: ignore[arg-type]
    store.write(lambda session: None)
    assert mailed(chat)[-1] is True


@pytest.mark.parametrize("as_spam", [False, True])
def test_whose_mail_bounced_or_was_spam_is_known_once_they_are_looked_up(world: World, as_spam: bool) -> None:
    chat = world.chats[0]
    who = world.intercom.books.conversations[chat].contact.id
    world.intercom.bounce(who, as_spam=as_spam)
    world.tag(0)
    world.settle()
    contact = store.read(lambda session: session.get_one(Contact, who))
    assert (contact.has_bounced, contact.marked_spam) == (not as_spam, as_spam)


def test_a_message_that_is_redacted_is_found_no_more(world: World) -> None:
    chat = world.chats[world.chat("私の電話は 090-1111 です")]
    world.tag(-1)
    world.settle()
    assert ("message", f"/chats/{chat}#part-") in found("090-1111")
    world.intercom.redact(chat, "")
    world.settle()
    assert found("090-1111") == []
    assert store.read(lambda session: session.get_one(Message, f"{chat}/")).text == ""


def test_nothing_is_kept_of_what_was_said_in_a_deleted_conversation(world: World) -> None:
    chat = world.chats[world.chat("退会したい")]
    world.tag(-1)
    world.settle()
    assert len(found("退会")) == 2
    world.intercom.delete(chat)
    world.settle()
    assert found("退会") == []
    assert store.read(lambda session: session.get_one(Conversation, chat)).opening == ""
    assert [wish.quote for wish in world.feedback()] == [""]
    assert world.reasons("conversation.deleted")[0][0] == "done"


def test_whoever_read_the_chat_before_a_redaction_does_not_bring_the_text_back(world: World) -> None:
    chat = world.chats[world.chat("私の電話は 090-2222 です")]
    before = intercom_client().conversation(chat)
    world.intercom.redact(chat, "")
    world.settle()
    after = intercom_client().conversation(chat)
    assert before is not None and after is not None
    for seen in (before, after, before):
        lookup.listen(seen)
        indexing.catch_up()
    assert found("090-2222") == []
    assert store.read(lambda session: session.get_one(Message, f"{chat}/")).text == ""


def test_what_is_redacted_while_it_becomes_findable_is_not_found_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = world.chats[world.chat("私の電話は 090-3333 です")]
    world.tag(-1)
    world.settle()
    meanwhile: list[threading.Thread] = []

    def slowly(session: Session, rows: list[Values]) -> None:
        meanwhile.append(
            redacting := threading.Thread(target=erasing.erase, args=(Reach(messages=frozenset([f"{chat}/"])),))
        )
        redacting.start()
        redacting.join(0.3)
        documents_put(session, rows)

    documents_put = documents.put
    with monkeypatch.context() as patch:
        patch.setattr(documents, "put", slowly)
        indexing.catch_up(0)
    meanwhile[0].join(10)
    assert [kind for kind, _ in found("090-3333")] == ["wish"]
