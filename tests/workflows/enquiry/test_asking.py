"""Colleagues are asked about a chat: who knows and is on shift, in the thread or by themselves; one answer stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from integrations.slack.twin.door import Screen
from tests.enquiring import CHANNEL, Enquiring
from tests.workflows.engine.faults import FAULTS
from tests.world import World
from workflows.customer.erasures import CHAT
from workflows.engine.store import store
from workflows.enquiry import asking, asking_forms
from workflows.people.may import ASK, MARK
from workflows.rules import rules
from workflows.rules.access import Access
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS
from workflows.tables.enquiry import Ask
from workflows.tables.erasure import Erasure
from workflows.tables.people import Deed
from workflows.tables.runs import OPEN, Run

JUNIOR, SATO, SUZUKI, MORI, EMMA = "U0TANAKA", "U0SATO", "U0SUZUKI", "U0MORI", "U0EMMA"
POST = "POST /api/chat.postMessage"
QUESTION = "請求書の再発行は、どの画面からお願いすればよいですか。"
ANSWER = "管理画面の「請求」から再発行できます。"
LINK = "https://x.example/a"
ALWAYS = {day: ["0:00-24:00"] for day in WEEKDAYS}
REFUSED = "実行しませんでした"


def away() -> Calendar:
    """The hours of somebody who is not there this week."""
    today = datetime.now(UTC)
    since, until = today - timedelta(days=3), today + timedelta(days=7)
    return Calendar.of(hours=ALWAYS, closed=[f"{since:%m-%d}..{until:%m-%d}"])


class Desk(Enquiring):
    """A chat in whose thread a junior asks."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.slack.sender = self._noted
        self.chat = self.asks("請求書が届いていません。")

    def _noted(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.sent.append((headers, body))
        return self.world.answered_slack(headers, body)

    @property
    def thread(self) -> str:
        """The message that begins the thread."""
        return self.row(self.chat).thread.partition("/")[2]

    def open(self, by: str = JUNIOR) -> Screen:
        """Press 「確認お願いします」."""
        return self.slack.press(by, CHANNEL, self.thread, "ask_colleagues")

    def ask(self, by: str = JUNIOR, **values: str) -> Screen:
        """Ask, and let everything happen that follows."""
        assert self.open(by).view is not None
        return self.send(by, {"skill": "billing", "question": QUESTION, "way": "thread"} | values)

    def send(self, by: str, values: dict[str, str]) -> Screen:
        """Send the form that is open."""
        screen = self.slack.submit(by, {name: value for name, value in values.items() if value})
        self.world.settle()
        return screen

    def below(self) -> list[dict[str, Any]]:
        """What stands below the thread's first message."""
        return [one for one in self.slack.messages(CHANNEL) if one.get("thread_ts") == self.thread != one["ts"]]

    def question(self) -> str:
        """The newest question in the thread, as it stands."""
        return text_of([one for one in self.below() if "確認をお願い" in text_of(one)][-1])

    def direct(self, person: str) -> list[dict[str, Any]]:
        """The direct messages to somebody."""
        return self.slack.messages(f"D{person[1:]}")

    def mark(self, text: str, by: str = JUNIOR, author: str = SATO, **values: str) -> Screen:
        """Somebody writes into the thread, and that is marked as the answer."""
        ts = self.slack.say(CHANNEL, author, text, thread_ts=self.thread)
        screen = self.slack.use_message_shortcut(by, "mark_answer", CHANNEL, ts)
        return self.send(by, values) if screen.view and screen.view.get("submit") else screen

    @staticmethod
    def kept() -> list[Ask]:
        """What was asked, oldest first."""
        return list(store.read(lambda session: session.exec(select(Ask).order_by(col(Ask.id))).all()))

    @staticmethod
    def deeds() -> list[tuple[str, str]]:
        """Who asked and marked, oldest first."""
        mine = select(Deed.person, Deed.deed).where(col(Deed.deed).in_((ASK, MARK))).order_by(col(Deed.id))
        return [(person, deed) for person, deed in store.read(lambda session: session.exec(mine).all())]

    def begin_again(self) -> None:
        """Each run of these stories is begun once more, as after a crash at its end."""
        ours = update(Run).where(col(Run.workflow).like("asking.%")).values(state=OPEN)
        store.write(lambda session: session.exec(ours) and None)
        self.world.settle()


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """Satō and Suzuki know bills, Satō is there; Emma knows contracts and may only look."""
    enquiry = rules.enquiry
    knows = {"billing": ("agent7002@kanade.example", SUZUKI), "契約": (EMMA,)}
    shifts = {"agent7002@kanade.example": Calendar.of(hours=ALWAYS), SUZUKI.casefold(): away()}
    with world.rules(skills=knows, calendars=shifts, colleagues=rules.colleagues | {"agent7002@kanade.example": SATO}):
        yield Desk(world)
    rules.enquiry = enquiry


def text_of(message: dict[str, Any]) -> str:
    """Everything that a message says; people write without blocks."""
    return str(message["text"]) + json.dumps(message.get("blocks", []), ensure_ascii=False)


def title(screen: Screen) -> str:
    """What stands above the form that somebody sees."""
    return str(screen.view["title"]["text"]) if screen.view else ""


def shown(screen: Screen) -> str:
    """Everything that a form says."""
    return json.dumps(screen.view, ensure_ascii=False)


def values(**others: str) -> dict[str, str]:
    """A form that is filled in."""
    return {"skill": "billing", "question": QUESTION, "way": "thread"} | others


# -- who may not, and what is wrong ---------------------------------------------------------------


def test_who_may_only_look_asks_nobody(desk: Desk) -> None:
    assert title(desk.open(MORI)) == REFUSED
    with desk.world.rules(access=Access()):
        assert title(desk.open()) == REFUSED
        assert asking.asked(JUNIOR, values(), desk.chat).state == "ignored"
    assert (desk.kept(), desk.deeds()) == ([], [])


def test_who_may_only_look_and_was_not_asked_marks_nothing(desk: Desk) -> None:
    desk.ask()
    assert title(desk.mark(ANSWER, by=MORI)) == REFUSED
    desk.mark(ANSWER)
    asks = [one for one in desk.below() if "unmark_answer" in text_of(one)]
    assert title(desk.slack.press(MORI, CHANNEL, asks[0]["ts"], "unmark_answer")) == REFUSED
    assert asking.unmarked(MORI, "1", CHANNEL, "1.1").state == "ignored"
    assert asking.marked(MORI, {"answer": "別の回答"}, f"{CHANNEL}/{desk.thread}/{SATO}/1").state == "ignored"
    assert [ask.answer for ask in desk.kept()] == [ANSWER]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"question": "  "}, {"question"}),
        ({"question": "あ" * 1001}, {"question"}),
        ({"skill": "api"}, {"skill"}),
        ({"skill": ""}, {"skill"}),
        ({"way": "mail"}, {"way"}),
        ({"person": JUNIOR}, {"person"}),
    ],
)
def test_what_is_wrong_is_told_at_its_field(desk: Desk, given: dict[str, str], fields: set[str]) -> None:
    for language in ("ja", "en"):
        assert asking_forms.wrong(language, values(**given), JUNIOR).keys() == fields
    assert asking.asked(JUNIOR, values(**given), desk.chat).state == "ignored"
    assert desk.kept() == []


def test_what_only_spaces_ask_stays_in_the_form(desk: Desk) -> None:
    assert desk.ask(question=" \n ").errors.keys() == {"question"}
    assert desk.kept() == []


def test_a_form_about_no_chat_asks_nobody(desk: Desk) -> None:
    assert asking.asked(JUNIOR, values(), "no-chat").sentence == asking.NO_QUESTION
    assert asking.marked(JUNIOR, {"answer": ANSWER}, "no-spot").sentence == asking.NO_ASK
    assert asking.unmarked(JUNIOR, "x", "", "").sentence == asking.NO_ASK
    assert desk.kept() == []


def test_about_an_erased_chat_nothing_is_asked_and_no_answer_is_kept(desk: Desk) -> None:
    desk.ask()
    [ask], spot = desk.kept(), f"{CHANNEL}/{desk.thread}/{SATO}/1"
    store.write(lambda session: session.add(Erasure(kind=CHAT, id=desk.chat, asked_at=1)))
    assert asking.asked(JUNIOR, values(), desk.chat).sentence == asking.NO_QUESTION
    assert asking.marked(JUNIOR, {"answer": ANSWER}, spot).sentence == asking.NO_ASK
    assert [each.answer for each in desk.kept()] == [ask.answer] == [""]


def test_where_nobody_can_be_asked_only_the_asker_hears_so_and_keeps_their_words(desk: Desk) -> None:
    with desk.world.rules(skills={"billing": (JUNIOR, "gone@kanade.example")}):
        desk.ask()
    [word] = desk.slack.whispers_to(JUNIOR)
    assert (
        QUESTION in word["text"] and "[skills]" in word["text"] and "だれにも確認をお願いしていません" in word["text"]
    )
    assert (desk.kept(), desk.below(), word["channel"]) == ([], [], CHANNEL)


def test_where_no_word_can_be_said_in_the_channel_it_is_a_direct_message(desk: Desk) -> None:
    store.write(lambda session: setattr(session.get(type(desk.row(desk.chat)), desk.chat), "thread", ""))
    outcome = None
    with desk.world.rules(skills={"billing": (JUNIOR,)}):
        outcome = asking.asked(JUNIOR, values(), desk.chat)
    assert outcome.sentence == asking.ASKED_NOBODY
    assert QUESTION in text_of(desk.direct(JUNIOR)[-1])


# -- asking ---------------------------------------------------------------------------------------


def test_those_on_shift_who_know_are_asked_in_the_thread(desk: Desk) -> None:
    form = shown(desk.open())
    assert "billing(シフト中1人)" in form and "契約(シフト中" in form and "個別に" in form
    desk.slack.close(JUNIOR)
    assert desk.ask().errors == {}
    [message] = desk.below()
    said = text_of(message)
    assert f"<@{SATO}>" in message["text"] and SUZUKI not in said and QUESTION in said
    assert "シフトに入っていない" not in said and "回答にする" in said
    [ask] = desk.kept()
    assert (ask.conversation_id, ask.skill, ask.asked, ask.person) == (desk.chat, "billing", [SATO], JUNIOR)
    assert not ask.is_private and desk.deeds() == [(JUNIOR, ASK)]


def test_where_nobody_who_knows_is_on_shift_all_are_asked_and_it_says_so(desk: Desk) -> None:
    with desk.world.rules(calendars={SATO.casefold(): away(), SUZUKI.casefold(): away()}):
        assert "billing(シフト中0人)" in shown(desk.open())
        desk.slack.close(JUNIOR)
        desk.ask()
        assert f"<@{SATO}> <@{SUZUKI}>" in desk.question()
        assert "今シフトに入っていないため、全員にお願いしました" in desk.question()


def test_whoever_asks_is_not_asked_although_they_know(desk: Desk) -> None:
    desk.ask(by=SATO)
    assert [ask.asked for ask in desk.kept()] == [[SUZUKI]]


def test_without_skills_somebody_is_asked_by_name(desk: Desk) -> None:
    with desk.world.rules(skills={}):
        assert desk.open().view is not None
        desk.send(JUNIOR, {"person": MORI, "question": QUESTION, "way": "thread"})
    assert [(ask.skill, ask.asked) for ask in desk.kept()] == [("", [MORI])]
    assert f"<@{MORI}>" in desk.question()


def test_each_is_asked_by_themselves_with_the_customers_words(desk: Desk) -> None:
    with desk.world.rules(skills={"billing": (SATO, EMMA)}, calendars={}, calendar=Calendar.of(hours=ALWAYS)):
        desk.ask(way="direct")
    assert desk.below() == []
    for person, words in ((SATO, "確認をお願いしています"), (EMMA, "asks how to answer (billing)")):
        [message] = desk.direct(person)
        said = text_of(message)
        assert words in said and QUESTION in said and "請求書が届いていません。" in said and f"/{desk.chat}" in said
    [receipt] = desk.direct(JUNIOR)
    assert f"<@{SATO}> <@{EMMA}>" in receipt["text"]
    assert [(ask.is_private, ask.asked) for ask in desk.kept()] == [(True, [SATO, EMMA])]


def test_in_a_chat_without_a_thread_each_is_asked_by_themselves(desk: Desk) -> None:
    desk.open()
    store.write(lambda session: setattr(session.get(type(desk.row(desk.chat)), desk.chat), "thread", ""))
    desk.send(JUNIOR, values())
    assert len(desk.direct(SATO)) == 1 and desk.kept()[0].is_private


def test_what_somebody_writes_stays_text(desk: Desk) -> None:
    desk.ask(question="<!channel> *急ぎ* <@U0MORI>")
    desk.mark("<!here> & <https://evil.example|ここ>")
    said = "".join(map(text_of, desk.below()[:1]))
    for markup in ("<!channel>", "<!here>", "<@U0MORI>", "<https://evil"):
        assert markup not in said
    assert "&lt;!channel&gt;" in said


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", ["thread", "direct"])
def test_however_slack_fails_each_is_asked_once(sqlite_url: str, way: str, fault: str) -> None:
    world = World(sqlite_url)
    with world.rules(skills={"billing": (SATO, SUZUKI)}, calendars={}, enquiry=rules.enquiry):
        desk = Desk(world)
        desk.open()
        world.slack.fail(POST, *FAULTS[fault]())
        desk.send(JUNIOR, values(way=way))
        assert len(desk.kept()) == 1
        expected = (1, 0, 0, 0) if way == "thread" else (0, 1, 1, 1)
        assert (len(desk.below()), *(len(desk.direct(each)) for each in (SATO, SUZUKI, JUNIOR))) == expected
    world.close()


def test_a_form_that_arrives_twice_and_a_run_that_is_begun_again_ask_once(desk: Desk) -> None:
    desk.ask()
    desk.world.together("slack", *desk.sent[-1], 3)
    desk.world.settle()
    desk.begin_again()
    assert (len(desk.kept()), len(desk.below()), desk.deeds()) == (1, 1, [(JUNIOR, ASK)])


# -- the answer -----------------------------------------------------------------------------------


def test_what_a_colleague_wrote_in_the_thread_becomes_the_answer(desk: Desk) -> None:
    desk.ask()
    assert desk.mark(ANSWER).errors == {}
    [ask] = desk.kept()
    assert (ask.answer, ask.answered_by, ask.marked_by) == (ANSWER, SATO, JUNIOR)
    assert ask.answered_by_name == "佐藤 健" and ask.answered_at is not None
    assert "✅ *佐藤 健さんが回答しました。*" in desk.question() and ANSWER in desk.question()
    assert "回答にする" not in desk.question() and desk.deeds() == [(JUNIOR, ASK), (JUNIOR, MARK)]


def test_another_answer_takes_its_place_and_can_be_changed_before(desk: Desk) -> None:
    desk.ask()
    desk.mark(ANSWER)
    desk.mark("代理店のお客様は別です <@U0MORI> &amp; 営業へ", author=SUZUKI, answer="代理店のお客様は営業へ。")
    [ask] = desk.kept()
    assert (ask.answer, ask.answered_by) == ("代理店のお客様は営業へ。", SUZUKI)
    assert "鈴木 葵" in desk.question() and ANSWER not in desk.question()


def test_the_form_shows_what_was_written_as_people_read_it(desk: Desk) -> None:
    desk.ask()
    ts = desk.slack.say(CHANNEL, SATO, f"<@{SATO}> A &amp; B <{LINK}|手順> <{LINK}> <#C1|経理>", thread_ts=desk.thread)
    form = shown(desk.slack.use_message_shortcut(JUNIOR, "mark_answer", CHANNEL, ts))
    assert f"@佐藤 健 A & B 手順 {LINK} {LINK} #経理" in form and QUESTION in form


def test_the_mark_is_undone(desk: Desk) -> None:
    desk.ask()
    desk.mark(ANSWER)
    [message] = [one for one in desk.below() if "unmark_answer" in text_of(one)]
    desk.slack.press(SATO, CHANNEL, message["ts"], "unmark_answer")
    desk.world.settle()
    [ask] = desk.kept()
    assert (ask.answer, ask.answered_by, ask.answered_at, ask.marked_by) == ("", "", None, "")
    assert "✅" not in desk.question() and "回答にする" in desk.question()
    desk.slack.press(JUNIOR, CHANNEL, message["ts"], "unmark_answer", seen=message)
    desk.world.settle()
    assert asking.unmarked(JUNIOR, str(ask.id), CHANNEL, message["ts"]).sentence == asking.NOT_MARKED


def test_a_mark_that_was_replaced_does_not_come_back_when_its_run_is_begun_again(desk: Desk) -> None:
    desk.ask()
    desk.mark(ANSWER)
    desk.mark("別の回答です。", author=SUZUKI)
    desk.world.order = lambda runs: sorted(runs, key=lambda run: run.id, reverse=True)
    desk.begin_again()
    assert desk.kept()[0].answer == "別の回答です。" and "別の回答です。" in desk.question()


def test_of_several_questions_in_a_thread_one_is_chosen(desk: Desk) -> None:
    desk.ask()
    desk.ask(question="解約の期限はいつですか。")
    first, second = desk.kept()
    screen = desk.mark(ANSWER, ask=str(first.id))
    assert screen.errors == {}
    assert [ask.answer for ask in desk.kept()] == [ANSWER, ""]
    ts = desk.slack.say(CHANNEL, SATO, "x", thread_ts=desk.thread)
    form = shown(desk.slack.use_message_shortcut(JUNIOR, "mark_answer", CHANNEL, ts))
    assert f'"value": "{second.id}"' in form


def test_an_answer_is_kept_for_a_question_of_its_own_thread_only(desk: Desk) -> None:
    desk.ask()
    mine, desk.chat = desk.thread, desk.asks("ログインできません。")
    other = f"{CHANNEL}/{desk.thread}/{SATO}/1"
    assert desk.thread != mine
    assert asking.marked(JUNIOR, {"answer": ANSWER}, other).sentence == asking.NO_ASK
    assert asking.marked(JUNIOR, {"answer": ANSWER}, f"D0TANAKA/{mine}/{SATO}/1").sentence == asking.NO_ASK
    assert asking.marked(JUNIOR, {"answer": " "}, f"{CHANNEL}/{mine}/{SATO}/1").sentence == asking.NO_ASK
    assert desk.kept()[0].answer == ""


def test_where_nothing_was_asked_or_a_machine_wrote_it_nothing_is_marked(desk: Desk) -> None:
    assert "ここでは確認をお願いしていません" in shown(desk.mark(ANSWER))
    desk.slack.close(JUNIOR)
    desk.ask()
    [message] = [one for one in desk.below() if "確認をお願い" in text_of(one)]
    form = shown(desk.slack.use_message_shortcut(JUNIOR, "mark_answer", CHANNEL, message["ts"]))
    assert "社内の人が書いたメッセージではありません" in form


def test_who_was_asked_marks_an_answer_whatever_their_role(desk: Desk) -> None:
    desk.ask(skill="契約")
    desk.mark("Until the end of the month.", by=EMMA, author=EMMA)
    [ask] = desk.kept()
    assert (ask.answer, ask.answered_by, ask.marked_by) == ("Until the end of the month.", EMMA, EMMA)


def test_who_was_asked_by_themselves_answers_there_and_the_asker_hears_of_it(desk: Desk) -> None:
    desk.ask(skill="契約", way="direct")
    [message] = desk.direct(EMMA)
    assert "Enter" not in shown(desk.slack.press(EMMA, "D0EMMA", message["ts"], "answer_ask"))
    desk.send(EMMA, {"answer": "By the end of the month."})
    [ask] = desk.kept()
    assert (ask.answer, ask.answered_by, ask.marked_by) == ("By the end of the month.", EMMA, EMMA)
    assert "✅ *Emma Clark answered.*" in text_of(desk.direct(EMMA)[0])
    receipt, news = desk.direct(JUNIOR)
    assert "By the end of the month." in text_of(receipt)
    assert news["thread_ts"] == receipt["ts"] and "Emma Clarkさんが回答しました" in news["text"]
    desk.begin_again()
    assert len(desk.direct(JUNIOR)) == 2


def test_a_message_in_direct_messages_is_marked_by_the_shortcut(desk: Desk) -> None:
    desk.ask(skill="契約", way="direct")
    ts = desk.slack.say("D0EMMA", EMMA, "Two weeks.")
    desk.slack.use_message_shortcut(EMMA, "mark_answer", "D0EMMA", ts)
    desk.send(EMMA, {})
    assert (desk.kept()[0].answer, desk.kept()[0].answered_by) == ("Two weeks.", EMMA)


@pytest.mark.parametrize(
    "about", ["", "/", "C0CHATS/1.1//", "9" * 5000, "0", "-1", "²", "\0", "1;--", "C0CHATS/1.1/U0/²"]
)
def test_buttons_and_forms_about_nothing_change_nothing(desk: Desk, about: str) -> None:
    desk.ask()
    assert asking.unmarked(JUNIOR, about, "", "").state == "ignored"
    assert asking.marked(JUNIOR, {"answer": ANSWER, "ask": "1"}, about).state == "ignored"
    assert desk.kept()[0].answer == ""
