"""「お客様に送信」: what a named person sends reaches the customer once, in their own name; nothing else does."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, update

from integrations.twin import Fault
from tests.dry import dry
from tests.replying import AGENT, CHANNEL, ENGLISH, GUEST, OTHER, SEATLESS, Replying, field, shown, title
from tests.world import World
from workflows.engine.actions import VENDOR_IS_OFF
from workflows.engine.durable import NewRun, start
from workflows.engine.outcome import Outcome
from workflows.engine.posting import where
from workflows.engine.store import store
from workflows.enquiry import reply
from workflows.enquiry.know_how import uses
from workflows.enquiry.replies import About
from workflows.people import accounts, agents
from workflows.people.may import REPLY
from workflows.rules.access import Access
from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import KnowHow, Reply
from workflows.tables.runs import Action, Run

TEXT = "お待たせしております。部署コードの列は、来週の更新で追加します。"
BODY = f"<p>{TEXT}</p>"


@pytest.fixture
def case(world: World) -> Replying:
    return Replying(world)


def know_how(**others: object) -> int:
    """An answer to use again; its number."""
    texts = {"ja": "CSVは「出力」から選べます。", "en": "Choose CSV under “Export”."}
    row = {"title": "CSVの出し方", "texts": texts, "made_at": 1, "changed_at": 1, "origin": "1"} | others

    def add(session: Session) -> int:
        made = KnowHow(**row)
        session.add(made)
        session.flush()
        return made.id or 0

    return store.write(add)


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", [GUEST, SEATLESS])
def test_who_may_only_look_opens_and_sends_nothing(case: Replying, user: str) -> None:
    screen = case.press(user)
    assert title(screen) in ("実行しませんでした", "Nothing was changed")
    assert title(case.pick(case.say(TEXT), user)) == title(screen)
    case.slack.close(user)
    assert (case.rows(), case.sent()) == ([], [])


def test_a_role_that_was_lost_meanwhile_sends_nothing(case: Replying) -> None:
    case.write(TEXT)
    with case.world.rules(access=Access()):
        assert title(case.send()) == "実行しませんでした"
    assert (case.rows(), case.sent()) == ([], [])
    case.slack.close(AGENT)
    case.slack.close(AGENT)
    case.write(TEXT)
    assert case.submit().error == ""
    with case.world.rules(access=Access()):  # lost between the button and the story
        case.world.settle()
    assert (case.rows(), case.sent()) == ([], [])


@pytest.mark.parametrize("text", ["", "   \n "])
def test_without_a_word_there_is_no_preview(case: Replying, text: str) -> None:
    screen = case.write(text)
    assert "お客様に送る文" in screen.errors["text"] and title(screen) == "お客様に送信"
    assert screen.view and screen.view["callback_id"] == "write_reply"


def test_a_preview_that_was_emptied_is_not_sent(case: Replying) -> None:
    case.write(TEXT)
    assert "お客様に送る文" in case.submit(text=" \n").errors["text"]
    case.world.settle()
    assert (case.rows(), case.sent()) == ([], [])


def test_what_is_too_long_with_its_reusable_answer_is_said_at_the_field(case: Replying) -> None:
    id = know_how()
    case.press()
    assert case.slack.suggest(AGENT, "know_how", "csv") == [(str(id), "CSVの出し方")]
    screen = case.slack.submit(AGENT, {"text": "あ" * 2995, "know_how": str(id)})
    assert screen.errors == {"text": "3000文字以内にしてください。"}


def test_a_message_outside_of_our_threads_gets_a_clear_answer(case: Replying) -> None:
    for ts in (case.say(TEXT, thread=""), case.say("別の話", thread=case.say("別のスレッド", thread=""))):
        screen = case.pick(ts)
        assert "お客様のスレッドにありません" in shown(screen) and screen.view and screen.view["submit"] is None
        case.slack.close(AGENT)


def test_a_conversation_that_is_not_known_any_more_gets_a_clear_answer(case: Replying) -> None:
    case.write(TEXT)
    case.write("別の者です。", OTHER)
    case.slack.close(OTHER)
    store.write(lambda session: session.delete(session.get_one(Conversation, case.chat)))
    for screen in (case.submit(), case.slack.submit(OTHER), case.press(ENGLISH)):
        assert "この会話が見つかりません" in shown(screen) and screen.view and screen.view["submit"] is None
    assert (case.rows(), case.sent()) == ([], [])


@pytest.mark.parametrize("about", ["", "x", "\n" * 6, "215\n\n\n\n0\n0\n", "9" * 70 + "\n" * 6, "1\n2\n3\n4\nx\ny\nz"])
def test_a_form_that_names_no_conversation_sends_nothing(case: Replying, about: str) -> None:
    assert reply.send(user_id=AGENT, values={"text": TEXT}, about=about) == Outcome("ignored", reply.NOTHING, {})
    assert case.rows() == []


def test_who_is_no_teammate_in_intercom_is_told_what_to_do(case: Replying, monkeypatch: pytest.MonkeyPatch) -> None:
    with case.world.rules(access=Access(everyone="agent")):
        screen = case.write(TEXT, SEATLESS)  # said before they press 送信, where it is known by then
        assert "Intercomのチームメイトに登録されていない" in screen.errors["text"]
        monkeypatch.setattr(agents._book, "read_at", -1e9)  # nothing is remembered
        assert case.slack.submit(SEATLESS, {"text": TEXT}).errors == {}
        case.send(SEATLESS)
        [row] = case.rows()
        assert (row.state, row.why, case.sent()) == ("refused", reply.REFUSED["seat"], [])
        [told] = case.told()
        assert f"<@{SEATLESS}>" in told and "Intercomのチームメイトに登録されていません" in told and TEXT in told
        assert "管理者" in told


def test_a_conversation_that_is_gone_is_said_in_the_thread(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.delete(case.chat)
    case.world.held()
    case.send()
    [told] = case.told()
    assert "会話がIntercomにありません。 メールか電話でご連絡ください。" in told and TEXT in told
    assert (case.rows()[0].state, case.rows()[0].why) == ("refused", reply.REFUSED["chat"])


def test_a_customer_who_cannot_be_written_to_is_said_in_the_thread(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.shut_off(case.chat)
    case.send()
    [told] = case.told()
    assert TEXT in told and "電話" in told
    assert (case.rows()[0].why, case.follows(), case.sent()) == (reply.REFUSED["customer"], [], [])


def test_a_teammate_without_a_seat_is_told_in_their_language(case: Replying) -> None:
    case.slack.people[ENGLISH].locale = "en-US"
    screen = case.write(TEXT, ENGLISH)
    assert title(screen) == "Send to the customer" and "From: 斎藤 真理" in shown(screen)
    case.world.intercom.take_seat("7004")
    case.send(ENGLISH)
    [told] = case.told()
    assert "can no longer reply to customers in Intercom. Ask an Intercom admin" in told
    assert case.rows()[0].why == reply.REFUSED["sender"]


def test_where_the_thread_cannot_be_written_to_the_sender_is_told_directly(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.shut_off(case.chat)
    case.slack.channels[CHANNEL].archived = True
    case.send()
    [told] = case.slack.messages(f"D{AGENT[1:]}")
    assert f"<@{AGENT}>" in told["text"] and TEXT in str(told["blocks"])


def test_a_refusal_is_told_once_however_often_the_run_is_begun(case: Replying) -> None:
    """Killed after it was kept and before it was told: the next attempt tells, and one after that does not again."""
    case.write(TEXT)
    case.world.intercom.shut_off(case.chat)
    case.slack.fail("POST /api/chat.postMessage", *[Fault("500")] * 12)
    case.submit()
    case.world.conduct_one()
    assert (case.rows()[0].state, case.told()) == ("refused", [])
    case.slack.mend()
    case.world.settle()
    case.world.settle()
    assert len(case.told()) == 1 and case.sent() == []


def test_while_intercom_is_off_nothing_is_sent_later(case: Replying) -> None:
    case.write(TEXT)
    with case.world.without("intercom"):
        case.send()
    case.world.settle()
    assert (case.sent(), case.rows()[0].why) == ([], VENDOR_IS_OFF)


@pytest.mark.fault("F89")
def test_what_intercom_could_not_take_for_half_an_hour_is_not_sent_out_of_the_blue(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.fail("POST /conversations/{id}/reply", *[Fault("503")] * 10)
    case.submit()
    case.world.conduct_one()
    case.world.intercom.mend()
    store.write(lambda s: s.exec(update(Reply).values(pressed_at=Reply.pressed_at - reply.LATEST_MS)) and None)
    case.world.settle()
    assert (case.sent(), case.rows()[0].why) == ([], reply.REFUSED["late"])
    assert "もう一度送信" in case.told()[0]


def test_a_form_that_waited_while_the_service_stood_still_is_not_sent_hours_later(case: Replying) -> None:
    case.write(TEXT)
    case.submit()
    store.write(lambda s: s.exec(update(Run).values(created_at=Run.created_at - reply.LATEST_MS)) and None)
    case.world.settle()
    assert (case.sent(), case.rows()[0].why) == ([], reply.REFUSED["late"])


# -- what goes out --------------------------------------------------------------------------------


def test_what_was_on_screen_goes_out_in_the_senders_own_name(case: Replying) -> None:
    screen = case.write(TEXT + "\n<b>&</b>")
    assert field(screen) == TEXT + "\n<b>&</b>"
    for words in ("差出人: 田中 みなみ", "宛先: 山本 恵子さん", "株式会社あおば製作所", "給与ソフトへの取り込み"):
        assert words in shown(screen)
    assert (case.sent(), case.rows()) == ([], [])  # a preview is no sending
    assert case.send().view is None
    assert case.sent() == [("7001", f"<p>{TEXT}<br>&lt;b&gt;&amp;&lt;/b&gt;</p>")]
    [row] = case.rows()
    assert (row.state, row.person, row.person_name, row.admin_id) == ("sent", AGENT, "田中 みなみ", "7001")
    assert row.part_id == case.world.intercom.books.conversations[case.chat].parts[-1].id
    assert case.whispers() == ["お客様に送信しました。"] and case.told() == []
    assert {"conversation_id": case.chat, "change": "sent"} in case.follows()


def test_who_sent_it_is_kept(case: Replying) -> None:
    case.write(TEXT)
    case.send()
    [deed] = [each for each in store.read(accounts.deeds) if each.deed == REPLY]
    assert (deed.person, deed.way, deed.facts) == (AGENT, "slack", {"about": case.chat})


def test_what_is_changed_in_the_preview_goes_out_as_it_stands(case: Replying) -> None:
    case.write("下書きです。")
    case.send(text=TEXT)
    assert case.sent() == [("7001", BODY)]


def test_going_back_loses_nothing_and_sends_nothing(case: Replying) -> None:
    case.write("下書きです。")
    screen = case.slack.close(AGENT)
    assert field(screen) == "下書きです。" and case.rows() == []
    screen = case.slack.submit(AGENT, {"text": TEXT})
    assert field(screen) == TEXT
    case.send()
    assert case.sent() == [("7001", BODY)]


def test_a_message_of_the_thread_becomes_the_draft(case: Replying) -> None:
    case.write("x", OTHER)  # they are met
    case.slack.close(OTHER, everything=True)
    ts = case.say(f"<@{OTHER}> 調べました &lt;CSV&gt; &amp; <https://kanade.example/csv|手順> :tada:")
    screen = case.pick(ts)
    assert field(screen) == "@佐藤 健 調べました <CSV> & https://kanade.example/csv :tada:"
    case.slack.submit(AGENT)
    case.send()
    assert case.sent()[0][1].startswith("<p>@佐藤 健 調べました &lt;CSV&gt; &amp; https://")


def test_the_message_that_opens_the_thread_is_of_it(case: Replying) -> None:
    assert field(case.pick(case.thread.ts)) == "新しいお問い合わせ"


def test_a_reusable_answer_stands_below_what_was_written(case: Replying) -> None:
    id = know_how()
    for text, expected, is_edited in (
        ("", "CSVは「出力」から選べます。", False),
        ("山本様", "山本様\n\nCSVは「出力」から選べます。", True),
    ):
        case.press()
        case.slack.suggest(AGENT, "know_how", "CSV")
        assert field(case.slack.submit(AGENT, {"text": text, "know_how": str(id)})) == expected
        case.send()
        assert (case.rows()[-1].know_how_id, case.rows()[-1].is_edited) == (id, is_edited)
    assert len(case.sent()) == 2


def test_an_answer_that_was_retired_meanwhile_is_not_used(case: Replying) -> None:
    id = know_how()
    case.press()
    case.slack.suggest(AGENT, "know_how", "CSV")
    store.write(lambda session: setattr(session.get_one(KnowHow, id), "retired_at", 2))
    assert "お客様に送る文" in case.slack.submit(AGENT, {"know_how": str(id)}).errors["text"]


def test_an_answer_that_is_retired_behind_the_preview_was_used_and_spaces_alone_are_no_edit(case: Replying) -> None:
    id = know_how()
    case.press()
    case.slack.suggest(AGENT, "know_how", "CSV")
    case.slack.submit(AGENT, {"know_how": str(id)})
    store.write(lambda session: setattr(session.get_one(KnowHow, id), "retired_at", 2))
    case.send(text="CSVは\n「出力」から選べます。")
    assert (case.rows()[-1].know_how_id, case.rows()[-1].is_edited) == (id, False)
    used = store.read(lambda session: uses(session, id))
    assert (used.sent, used.edited, used.last_at) == (1, 0, case.rows()[-1].pressed_at)


# -- once -----------------------------------------------------------------------------------------


@pytest.mark.fault("F89")
def test_a_form_that_arrives_three_times_sends_once(case: Replying) -> None:
    case.write(TEXT)
    sender = case.slack.sender
    assert sender is not None
    case.slack.sender = lambda headers, body: [sender(headers, body) for _ in range(3)][-1]
    case.send()
    assert (case.sent(), len(case.rows())) == ([("7001", BODY)], 1)


@pytest.mark.fault("F89")
def test_a_reply_whose_answer_was_lost_is_found_and_not_sent_again(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.fail("POST /conversations/{id}/reply", Fault("reset"))
    case.send()
    assert (case.sent(), case.rows()[0].state) == ([("7001", BODY)], "sent")
    assert case.rows()[0].part_id


def test_the_same_words_twice_are_two_replies_also_in_doubt(case: Replying) -> None:
    case.write(TEXT)
    case.send()
    case.write(TEXT)
    case.world.intercom.fail("POST /conversations/{id}/reply", Fault("500"))
    case.send()
    assert case.sent() == [("7001", BODY)] * 2
    assert len({row.part_id for row in case.rows()}) == 2


def test_a_run_that_is_begun_again_sends_nothing_more(case: Replying) -> None:
    case.write(TEXT)
    case.send()
    [row] = case.rows()
    about = str(About(case.chat, CHANNEL, case.thread.ts))
    again = {"user_id": AGENT, "values": {"text": TEXT}, "about": about}
    store.write(lambda session: start(session, [NewRun("again", "reply.send", again)]))
    store.write(
        lambda session: session.exec(update(Reply).where(col(Reply.id) == row.id).values(origin="again")) and None
    )
    case.world.settle()
    assert case.sent() == [("7001", BODY)] and case.rows()[0].state == "sent"


def test_what_was_erased_before_it_was_sent_is_not_sent(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.fail("POST /conversations/{id}/reply", Fault("503"), Fault("503"), Fault("503"), Fault("503"))
    case.submit()
    case.world.conduct_one()
    store.write(lambda session: session.exec(update(Reply).values(text="")) and None)
    case.world.intercom.mend()
    case.world.settle()
    assert case.sent() == []


# -- two people at once ---------------------------------------------------------------------------


def test_the_second_of_two_is_warned_once_and_may_send_all_the_same(case: Replying) -> None:
    case.write(TEXT)
    case.write("別の者です。", OTHER)
    case.send()
    screen = case.submit(OTHER)
    assert "田中 みなみさんが先に返信しました" in shown(screen) and TEXT in shown(screen)
    assert field(screen) == "別の者です。" and len(case.rows()) == 1
    case.look()  # the same answer, as Intercom tells it, is no news
    assert case.send(OTHER).view is None
    assert case.sent() == [("7001", BODY), ("7002", "<p>別の者です。</p>")]


def test_two_who_press_at_the_same_moment_send_two(case: Replying) -> None:
    case.write(TEXT)
    case.write("別の者です。", OTHER)
    case.submit()
    case.submit(OTHER)
    assert set(case.world.conduct_at_once()) == {"done"}
    case.world.settle()
    assert sorted(case.sent()) == [("7001", BODY), ("7002", "<p>別の者です。</p>")]
    assert {row.state for row in case.rows()} == {"sent"}


def test_an_answer_in_intercom_meanwhile_is_shown_once(case: Replying) -> None:
    case.write(TEXT)
    case.world.intercom.agent_says(case.chat, "7003", "先にお答えしました。")
    case.world.settle()
    case.look()
    screen = case.submit()
    assert "鈴木 葵さんが先に返信しました" in shown(screen) and "先にお答えしました。" in shown(screen)
    assert (case.rows(), field(screen)) == ([], TEXT)
    assert case.send().view is None
    assert case.sent()[-1] == ("7001", BODY)


def test_what_was_said_before_a_customers_words_and_a_machines_warn_nobody(case: Replying) -> None:
    case.world.intercom.agent_says(case.chat, "7003", "前の回答です。")
    case.world.settle()
    case.look()
    case.write(TEXT)
    case.world.intercom.customer_says(case.chat, "まだでしょうか。")
    case.world.settle()
    case.look()
    machine = {"kind": "message", "author": "bot", "who": "Fin", "text": "自動応答です。", "said_at": 9**14}
    store.write(lambda s: s.add(Message(id=f"{case.chat}/9", conversation_id=case.chat, part_id="9", **machine)))
    assert case.send().view is None
    assert case.sent() == [("7001", BODY)]


def test_ones_own_last_reply_warns_nobody(case: Replying) -> None:
    case.write(TEXT)
    case.send()
    case.look()
    case.write("もう一つございます。")
    assert case.send().view is None and len(case.sent()) == 2


# -- dry run --------------------------------------------------------------------------------------


def test_in_a_dry_run_nothing_goes_out_and_it_says_so(case: Replying) -> None:
    with dry(case.world) as writes:
        screen = case.write(TEXT)
        assert "試運転中" in shown(screen)
        case.send()
    assert writes == [] and case.sent() == []
    [row] = case.rows()
    assert (row.state, row.why, case.follows()) == ("refused", reply.ONLY_DRY, [])
    assert case.whispers() == ["試運転中のため、お客様には送信していません。"]
    assert store.read(lambda session: session.get_one(Action, f"reply:{row.id}")).state == "would"
    assert where([f"reply:{row.id}"]) == []
