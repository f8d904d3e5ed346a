"""A tag on a message becomes one record, one Productboard note and one word to the agents; or it says why not."""

from __future__ import annotations

import time

import pytest

from tests.world import World
from workflows.engine import replay

TAGGED = "conversation_part.tag.created"


# -- refusals -------------------------------------------------------------------------------------


def test_a_tag_without_a_meaning_files_nothing(world: World) -> None:
    world.tag(11, "請求")
    world.settle()
    assert world.reasons(TAGGED) == [("ignored", "Not filed: no rule for these tags: 請求.")]
    assert nothing_was_written(world)


def test_a_tag_that_is_gone_again_files_nothing(world: World) -> None:
    world.tag(0)
    world.intercom.untag(world.chats[0], "", "要望")
    world.settle()
    [(state, reason)] = world.reasons(TAGGED)
    assert (state, reason) == ("ignored", "No message in this conversation has a tag from the rules anymore.")
    assert nothing_was_written(world)


def test_a_conversation_that_is_gone_files_nothing(world: World) -> None:
    world.tag(0)
    world.intercom.delete(world.chats[0])
    world.settle()
    assert world.reasons(TAGGED) == [("ignored", "The conversation no longer exists in Intercom.")]
    assert nothing_was_written(world)


def test_a_message_that_was_redacted_is_not_quoted(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "電話は 090-0000-0000 です。CSVに列を足してください。")
    world.tag(0, part=part)
    world.intercom.redact(world.chats[0], part)
    world.settle()
    assert nothing_was_written(world)


def nothing_was_written(world: World) -> bool:
    written = [*world.intercom.did("note"), *world.productboard.effects, *world.jira.effects, *world.slack.effects]
    return not world.feedback() and not written


# -- one message, one record ----------------------------------------------------------------------


def test_a_tag_becomes_a_record_a_note_and_a_word_to_the_agents(world: World) -> None:
    world.tag(0, by="7002")
    world.settle()
    [wish] = world.feedback(0)
    assert wish.quote.startswith("勤怠データをCSVで出力するときに")
    assert (wish.kind, wish.tag, wish.taken_by, wish.taken_by_name) == ("wish", "要望", "7002", "佐藤 健")
    assert (wish.contact_id, wish.company_id) == ("c101", "101")
    [note] = world.productboard.did("create_note")
    assert (note.target, note.facts["customer"]) == (wish.note_id, "yamamoto@aoba-seisaku.example")
    assert note.facts["source"]["url"].endswith(f"/conversation/{wish.conversation_id}")
    [word] = world.notes(0)
    assert wish.note_url in word and f"FB-{wish.id}" in word


def test_the_quote_is_the_message_that_carries_the_tag(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "<p>できれば役職コードも欲しいです。</p>")
    world.tag(0, part=part)
    world.settle()
    [wish] = world.feedback(0)
    assert (wish.part_id, wish.quote) == (part, "できれば役職コードも欲しいです。")


@pytest.mark.parametrize("shape", ["a", "b"])
def test_both_shapes_of_the_webhook_mean_the_same(world: World, shape: str) -> None:
    part = world.intercom.customer_says(world.chats[0], "できれば役職コードも欲しいです。")
    world.tag(0, shape=shape)
    world.tag(0, "不具合", part=part, shape=shape)
    world.settle()
    assert [wish.kind for wish in world.feedback(0)] == ["wish", "fault"]
    assert [wish.quote[:5] for wish in world.feedback(0)] == ["勤怠データ", "できれば役"]


def test_two_tagged_messages_become_two_records(world: World) -> None:
    part = world.intercom.customer_says(world.chats[0], "印刷すると右端が切れます。")
    world.tag(0)
    world.tag(0, "不具合", part=part)
    world.settle()
    assert [wish.kind for wish in world.feedback(0)] == ["wish", "fault"]
    assert len(world.productboard.did("create_note")) == len(world.notes(0)) == 2


def test_the_same_tag_twice_is_one_record(world: World) -> None:
    world.tag(0)
    world.tag(0, by="7003")
    world.settle()
    world.tag(0)
    world.settle()
    assert [wish.taken_by for wish in world.feedback(0)] == ["7003"]  # who it was when we first looked
    assert len(world.productboard.did("create_note")) == len(world.notes(0)) == 1


def test_two_meanings_on_one_message_are_two_records(world: World) -> None:
    world.tag(0, "要望")
    world.tag(0, "文言")
    world.settle()
    assert sorted(wish.kind for wish in world.feedback(0)) == ["wish", "wording"]
    assert len({wish.quote for wish in world.feedback(0)}) == 1


def test_a_tag_is_known_in_capitals_and_small_letters(world: World) -> None:
    world.intercom.tag_named("VOC")
    with world.rules(tags={"voc": "wish"}):
        world.tag(0, "VOC")
        world.settle()
    assert [wish.kind for wish in world.feedback(0)] == ["wish"]


def test_untagging_later_takes_nothing_back(world: World) -> None:
    wish = world.wish(0)
    world.intercom.untag(world.chats[0], "", "要望")
    world.intercom.tag(world.chats[0], "", "質問", "7001")
    world.settle()
    assert [one.kind for one in world.feedback(0)] == ["wish", "question"]
    assert world.feedback(0)[0].note_id == wish.note_id


# -- who it was -----------------------------------------------------------------------------------


def test_an_agent_whom_nobody_knows_is_shown_by_id(world: World) -> None:
    world.intercom.add_admin("7009", "去る 人", "gone@kanade.example")
    world.tag(0, by="7009")
    world.intercom.remove_admin("7009")
    world.settle()
    [wish] = world.feedback(0)
    assert (wish.taken_by, wish.taken_by_name) == ("7009", "")
    assert "7009 filed this with the “要望” tag (Request)." in world.sentences(0)


def test_a_merged_contact_is_the_one_that_lives_on(world: World) -> None:
    world.intercom.add_contact("c999", "山本 恵子", "yamamoto@aoba.example", "101")
    world.intercom.books.contacts["c101"].merged_into = "c999"  # the conversation still names the old one
    wish = world.wish(0)
    assert wish.contact_id == "c999"
    assert world.productboard.did("create_note")[0].facts["customer"] == "yamamoto@aoba.example"


def test_without_an_address_the_note_has_no_customer(world: World) -> None:
    world.intercom.add_contact("c901", "", "", "")
    chat = world.chat("シフトを色分けしたいです。", customer="901")
    wish = world.wish(chat)
    assert (wish.contact_id, wish.company_id) == ("c901", None)
    assert world.productboard.did("create_note")[0].facts["customer"] == ""
    assert not world.productboard.did("create_entity")


@pytest.mark.parametrize("address", ["taro..x@docomo.example", "taro.@ezweb.example", "watanabe@gmail,com"])
def test_an_address_that_productboard_does_not_take_stands_in_the_note(world: World, address: str) -> None:
    world.intercom.add_contact("c901", "渡辺 太郎", address, "101")
    world.wish(world.chat("シフトを色分けしたいです。", customer="901"))
    [note] = world.productboard.did("create_note")
    assert note.facts["customer"] == "" and address in note.facts["content"]
    assert not world.productboard.did("create_entity")


def test_a_customer_new_to_productboard_is_made_known_once(world: World) -> None:
    world.wish(0)
    world.wish(8)  # the same person again
    [person] = world.productboard.did("create_entity")
    assert (person.facts["name"], person.facts["email"]) == ("山本 恵子", "yamamoto@aoba-seisaku.example")
    assert len(world.productboard.did("create_note")) == 2


def test_a_customer_known_to_productboard_stays_as_they_are(world: World) -> None:
    world.productboard.add_user("山本", "Yamamoto@aoba-seisaku.example")
    world.wish(0)
    assert not world.productboard.did("create_entity")
    assert len(world.productboard.did("create_note")) == 1


# -- a vendor that is off -------------------------------------------------------------------------


def test_without_productboard_the_loop_goes_on_and_says_so(world: World) -> None:
    with world.without("productboard"):
        wish = world.wish(0)
        assert "Not sent: Productboard is not configured." in world.sentences(0)
        assert len(world.notes(0)) == 1
        world.link(wish, "KNDE-12")
        world.move("KNDE-12", "完了")
    assert world.opened(0) == 1
    assert not world.productboard.effects


def test_what_was_not_sent_is_sent_by_a_replay_once_the_vendor_is_on(world: World) -> None:
    with world.without("productboard"):
        world.wish(0)
    [run] = [run for run in world.runs() if run.workflow == "feedback.file"]
    assert replay.replay(run.id)
    world.settle()
    assert len(world.productboard.did("create_note")) == 1
    assert world.feedback(0)[0].note_id
    assert "Not sent: Productboard is not configured." not in world.sentences(0)


def test_without_intercom_the_delivery_is_a_dead_letter_that_can_be_replayed(world: World) -> None:
    world.tag(0)
    with world.without("intercom"):
        world.settle()
        assert world.reasons(TAGGED) == [("dead", "Intercom is not configured.")]
    world.replay_the_dead()
    assert len(world.feedback(0)) == len(world.notes(0)) == 1


# -- twice is once --------------------------------------------------------------------------------


def test_a_redelivery_does_nothing(world: World) -> None:
    world.tag(0)
    [webhook] = world.held()
    for _ in range(3):
        assert world.post(*webhook).status_code == 200
        world.settle()
    assert len(world.feedback(0)) == len(world.notes(0)) == len(world.productboard.did("create_note")) == 1
    assert len(world.reasons(TAGGED)) == 1


@pytest.mark.fault("F58")
def test_our_own_notes_mean_nothing(world: World) -> None:
    world.wish(0)
    assert {state for state, _ in world.reasons("conversation.admin.noted")} == {"ignored"}
    assert len(world.intercom.effects) == 1


def test_when_it_was_said_and_taken_are_kept(world: World) -> None:
    began = time.time() * 1000
    part = world.intercom.customer_says(world.chats[0], "あと、印刷もしたいです。", at=1_700_000_000)
    world.tag(0, part=part)
    world.settle()
    [wish] = world.feedback(0)
    assert wish.said_at == 1_700_000_000_000
    assert began - 1000 <= wish.taken_at <= time.time() * 1000


def test_codes_have_no_gaps_however_often_a_tag_is_heard_of(world: World) -> None:
    first = world.wish(0)
    for _ in range(3):
        world.reconcile()
    world.tag(0)
    world.settle()
    second = world.wish(1)
    assert (first.id, second.id) == (1, 2)
