"""The answer that a colleague gave becomes one to use again, is found by a command, and is offered to the next chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import col, select, update

from integrations.slack.twin.door import Screen
from tests.enquiring import CHANNEL
from tests.workflows.enquiry.test_asking import (
    ALWAYS,
    ANSWER,
    JUNIOR,
    MORI,
    QUESTION,
    SATO,
    Desk,
    shown,
    text_of,
    title,
)
from tests.world import World
from workflows.customer.erasures import CHAT
from workflows.engine.store import store
from workflows.enquiry import know_how, teaching
from workflows.enquiry.know_how_forms import in_half_a_year
from workflows.people.may import TEACH
from workflows.rules import rules
from workflows.rules.access import Access
from workflows.rules.calendar import Calendar
from workflows.tables.enquiry import KnowHow
from workflows.tables.erasure import Erasure
from workflows.tables.people import Deed
from workflows.tables.runs import OPEN, Run

LEAD = "U0LEAD"
FILLED = {"title": "請求書の再発行", "text_ja": ANSWER}


class Taught(Desk):
    """A chat in whose thread a question was answered."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.ask()
        self.mark(ANSWER)

    def answered(self) -> dict[str, Any]:
        """The message with the marked answer."""
        return [one for one in self.below() if "✅" in text_of(one)][-1]

    def teach(self, by: str = JUNIOR) -> Screen:
        """Press 「定型文にする」."""
        return self.slack.press(by, CHANNEL, self.answered()["ts"], "keep_answer")

    def keep(self, by: str = JUNIOR, **changed: str) -> Screen:
        """Send the form as it opens, but for what is changed in it."""
        assert self.teach(by).view is not None
        screen = self.slack.submit(by, changed)
        self.world.settle()
        return screen

    def whispers(self, to: str = JUNIOR) -> list[str]:
        """What somebody alone is told."""
        return [str(each["text"]) for each in self.slack.whispers if each["to"] == to]


@pytest.fixture
def desk(world: World) -> Iterator[Taught]:
    """Satō knows bills and is there."""
    enquiry = rules.enquiry
    shifts = {"agent7002@kanade.example": Calendar.of(hours=ALWAYS)}
    knows = {"billing": ("agent7002@kanade.example",)}
    with world.rules(skills=knows, calendars=shifts, colleagues=rules.colleagues | {"agent7002@kanade.example": SATO}):
        yield Taught(world)
    rules.enquiry = enquiry


def kept() -> list[KnowHow]:
    """The answers to use again."""
    return list(store.read(lambda session: session.exec(select(KnowHow).order_by(col(KnowHow.id))).all()))


# -- who may not, and what is wrong ---------------------------------------------------------------


def test_who_may_only_look_keeps_nothing(desk: Taught) -> None:
    assert title(desk.teach(MORI)) == "実行しませんでした"
    assert teaching.kept(MORI, FILLED, "1").state == "ignored"
    with desk.world.rules(access=Access()):
        assert title(desk.teach()) == "実行しませんでした"
        assert teaching.kept(JUNIOR, FILLED, "1").state == "ignored"
    assert kept() == []


@pytest.mark.parametrize(
    ("given", "field"),
    [({"title": "  "}, "title"), ({"text_ja": "", "text_en": ""}, "text_ja"), ({"title": "長" * 101}, "title")],
)
def test_what_is_wrong_is_told_at_its_field(desk: Taught, given: dict[str, str], field: str) -> None:
    desk.teach()
    assert set(desk.slack.submit(JUNIOR, given).errors) == {field}
    desk.world.settle()
    assert kept() == []
    assert teaching.kept(JUNIOR, FILLED | given, "1").sentence == teaching.NOTHING


@pytest.mark.parametrize("about", ["", "/", "9" * 5000, "0", "-1", "²", "\0", "1;--", "2"])
def test_forms_about_nothing_keep_nothing(desk: Taught, about: str) -> None:
    assert teaching.kept(JUNIOR, FILLED, about).sentence == teaching.NOTHING
    assert kept() == []


def test_what_is_no_answer_any_more_is_not_kept(desk: Taught) -> None:
    message = desk.answered()
    desk.slack.press(JUNIOR, CHANNEL, message["ts"], "unmark_answer")
    desk.world.settle()
    screen = desk.slack.press(JUNIOR, CHANNEL, message["ts"], "keep_answer", seen=message)
    assert "回答が記録されていない" in shown(screen)
    assert teaching.kept(JUNIOR, FILLED, "1").sentence == teaching.NOTHING and kept() == []


def test_nothing_of_an_erased_chat_is_kept(desk: Taught) -> None:
    desk.teach()
    store.write(lambda session: session.add(Erasure(kind=CHAT, id=desk.chat, asked_by="x", asked_at=1)))
    desk.slack.submit(JUNIOR)
    desk.world.settle()
    assert kept() == []


# -- kept -----------------------------------------------------------------------------------------


def test_a_marked_answer_becomes_one_to_use_again(desk: Taught) -> None:
    form = shown(desk.teach())
    assert QUESTION in form and ANSWER in form and SATO in form and in_half_a_year() in form
    assert desk.slack.submit(JUNIOR, {"title": "請求書の再発行", "kind": "question"}).errors == {}
    desk.world.settle()
    [row] = kept()
    assert (row.title, row.texts, row.kind) == ("請求書の再発行", {"ja": ANSWER}, "question")
    assert (row.owner, row.owner_name, row.review_on) == (SATO, "佐藤 健", in_half_a_year())
    assert (row.made_by, row.made_by_name, row.origin) == (JUNIOR, "田中 みなみ", "ask:1")
    assert "請求書の再発行" in desk.whispers()[-1]
    mine = select(Deed.person).where(Deed.deed == TEACH)
    assert list(store.read(lambda session: session.exec(mine).all())) == [JUNIOR]


def test_an_english_answer_stands_in_its_own_field(desk: Taught) -> None:
    desk.mark("Choose “Billing” in the console.")
    desk.keep()
    assert kept()[0].texts == {"en": "Choose “Billing” in the console."}


def test_sent_twice_or_by_two_people_it_is_kept_once(desk: Taught) -> None:
    desk.keep(title="一つ目")
    desk.world.together("slack", *desk.sent[-1], 3)
    desk.world.settle()
    ours = update(Run).where(col(Run.workflow).like("teaching.%")).values(state=OPEN)
    store.write(lambda session: session.exec(ours) and None)
    desk.world.settle()
    assert teaching.kept(SATO, FILLED, "1").sentence == teaching.ALREADY
    assert [row.title for row in kept()] == ["一つ目"]
    assert "田中 みなみさんが、すでに定型文にしています" in desk.whispers(SATO)[-1]
    screen = desk.teach(SATO)
    assert "すでに定型文" in shown(screen) and "一つ目" in shown(screen)
    assert screen.view is not None and not screen.view["submit"]


# -- found ----------------------------------------------------------------------------------------


def test_the_command_finds_it_and_another_name_of_the_command_too(desk: Taught) -> None:
    desk.keep(title="請求書の再発行")
    found = desk.slack.command(JUNIOR, CHANNEL, "/定型文", "請求書")
    assert "請求書の再発行" in str(found.blocks) and "担当: 佐藤 健" in str(found.blocks)
    assert "よく使われている" in desk.slack.command(MORI, CHANNEL, "/定型文", "").said
    assert "定型文はありません" in desk.slack.command(JUNIOR, CHANNEL, "/定型文", "無い言葉").said
    with desk.world.rules(commands=rules.commands | {"answers": "/answers"}):
        assert "請求書の再発行" in str(desk.slack.command(JUNIOR, CHANNEL, "/answers", "再発行").blocks)
    with desk.world.rules(access=Access()):
        said = desk.slack.command(JUNIOR, CHANNEL, "/定型文", "請求書")
        assert "権限がありません" in said.said and not said.blocks


def test_the_next_chat_with_such_a_question_is_offered_it_until_it_is_solved(desk: Taught) -> None:
    desk.keep(title="請求書の再発行 <!channel>")
    other = desk.asks("ログインするとエラーになります。")
    assert "似た質問の定型文" not in desk.first(other)
    chat = desk.asks("請求書を再発行したいのですが、どの画面からできますか。")
    assert "似た質問の定型文" in desk.first(chat) and "請求書の再発行 &lt;!channel&gt;" in desk.first(chat)
    desk.answers(chat, "再発行しました。")
    assert "似た質問の定型文" not in desk.first(chat)


def test_what_is_retired_is_offered_to_no_chat(desk: Taught) -> None:
    desk.keep(title="請求書の再発行")
    know_how.retire(kept()[0].id or 0)
    chat = desk.asks("請求書を再発行したいのですが、どの画面からできますか。")
    assert "似た質問の定型文" not in desk.first(chat)
