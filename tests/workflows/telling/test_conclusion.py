"""What follows a conclusion: support hears of it at that moment, agents in every conversation, product people below
the note, and each customer who was promised a report has an agent with a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.meeting import LEAD, decide, merge, noted
from tests.releasing import released, telling
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.rules import rules
from workflows.telling import reports
from workflows.telling.promises import Debt, debts


def conclude(world: World, wish: int, conclusion: str, **others: Any) -> None:
    """Something is decided, and its time for undoing passes."""
    decision = decide(wish, conclusion, **others)
    assert acts.send_now(decision.id or 0)
    world.settle()


def owed() -> list[Debt]:
    """Everybody who is owed a report."""
    return store.read(debts)


def test_what_was_taken_back_reaches_nobody(world: World) -> None:
    wish = world.wish(0)
    notes, said = len(world.notes(0)), len(world.said())
    decision = decide(wish.id or 0, "decline")
    acts.undo(decision.id or 0, LEAD)
    acts.start_due()
    world.settle()
    assert (len(world.notes(0)), len(world.said())) == (notes, said)


def test_support_hears_the_conclusion_and_its_reason_once(world: World) -> None:
    wish = world.wish(0)
    before = len(world.said())
    conclude(
        world, wish.id or 0, "decline", reason="来年度の計画に <b>入れます</b>", answer="CSVの並べ替えで代えられます"
    )
    day, said = world.said()[before:]
    assert "の決定 1件" in day and "見送り" in said and "あおば製作所" in said
    [message] = [m for m in world.slack.messages(world.channel) if m["text"] == said]
    assert "来年度の計画に &lt;b&gt;入れます&lt;/b&gt;" in str(message["blocks"])


def test_every_linked_conversation_gets_one_note_and_stays_as_it_is(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    merge(second.id or 0, first.id or 0)
    conclude(world, first.id or 0, "decline", reason="いまは見送ります")
    for chat in (0, 2):
        note = world.notes(chat)[-1]
        assert "検討会の結論: 見送り" in note and "いまは見送ります" in note
        assert world.opened(chat) == 0 and world.state(chat) == "closed"
    assert world.tellings() == {}


def test_a_promised_report_brings_the_chat_back_with_a_draft_and_is_a_debt_until_somebody_writes(world: World) -> None:
    wish = world.wish(0)
    noted(wish.id or 0, promise="report", level="report")
    assert [(debt.state, debt.voice.feedback_id) for debt in owed()] == [("open", wish.id)]
    conclude(world, wish.id or 0, "existing", answer="[出力設定]で列を選べます")
    assert world.opened(0) == 1 and "下書き" in world.notes(0)[-1] and "[出力設定]で列を選べます" in world.notes(0)[-1]
    assert [debt.state for debt in owed()] == ["ready"]
    world.intercom.agent_says(world.chats[0], "7001", "お待たせしました。")
    world.settle()
    assert owed() == []
    assert world.tellings()[world.chats[0]] == "told"


def test_a_conclusion_that_a_release_overtook_writes_no_second_draft(world: World) -> None:
    wish = world.wish(0).id or 0
    noted(wish, promise="report", level="report")
    decision = decide(wish, "decline")
    released(world, 0)
    notes = len(world.notes(0))
    acts.send_now(decision.id or 0)
    world.settle()
    assert len(world.notes(0)) == notes and "見送" not in world.notes(0)[-1]
    assert [debt.state for debt in owed()] == ["ready"] and "見送" not in owed()[0].draft
    assert ("ignored", "Not notified: it has become available since.") in [
        (run.state, run.reason) for run in world.runs()
    ]


def test_a_wish_that_is_still_considered_brings_nobody_back(world: World) -> None:
    wish = world.wish(0)
    noted(wish.id or 0, promise="report", level="report")
    conclude(world, wish.id or 0, "consider", reason="もう少し集めます")
    assert world.opened(0) == 0 and [debt.state for debt in owed()] == ["open"]


def test_everybody_is_told_where_the_meeting_says_so(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    merge(second.id or 0, first.id or 0)
    conclude(world, first.id or 0, "decline", tells_all=True)
    assert (world.opened(0), world.opened(2)) == (1, 1)


def test_a_report_by_phone_pays_the_debt_and_says_who_made_it(world: World) -> None:
    wish = world.wish(0)
    noted(wish.id or 0, promise="report", level="report")
    conclude(world, wish.id or 0, "decline")
    assert reports.report(wish.id or 0, how="phone", words="ご了承いただいた", by=LEAD, origin="form:1")
    assert reports.report(wish.id or 0, how="phone", words="ご了承いただいた", by=LEAD, origin="form:1")
    assert owed() == []
    assert [line for line in world.sentences() if "notified the customer" in line] == [
        "斎藤 真理 notified the customer by phone. ご了承いただいた"
    ]


def test_a_customer_who_is_told_nothing_is_told_so_with_a_reason(world: World) -> None:
    assert reports.problems("ja", {"how": "nobody", "words": " "}) == {"words": "連絡しない理由を入力してください。"}
    wish = world.wish(0)
    noted(wish.id or 0, promise="report", level="report")
    reports.report(wish.id or 0, how="nobody", words="退職された", by=LEAD, origin="form:1")
    assert owed() == []


def test_another_conclusion_later_is_owed_again(world: World) -> None:
    wish = world.wish(0)
    noted(wish.id or 0, promise="report", level="report")
    conclude(world, wish.id or 0, "decline")
    reports.report(wish.id or 0, how="phone", words="", by=LEAD, origin="form:1")
    conclude(world, wish.id or 0, "adopt")
    assert [debt.state for debt in owed()] == ["ready"]


@pytest.mark.parametrize("vendor", ["slack", "productboard"])
def test_a_vendor_that_is_off_keeps_nobody_else_from_hearing(world: World, vendor: str) -> None:
    wish = world.wish(0)
    with world.without(vendor):
        conclude(world, wish.id or 0, "decline")
    assert "検討会の結論" in world.notes(0)[-1]
    assert any("not configured" in line for line in world.sentences())


def test_a_conversation_that_is_gone_is_no_obstacle(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    merge(second.id or 0, first.id or 0)
    world.intercom.delete(world.chats[2])
    world.settle()
    conclude(world, first.id or 0, "decline", tells_all=True)
    assert world.opened(0) == 1
    assert world.tellings() == {world.chats[0]: "drafted", world.chats[2]: "drafted"}
    assert telling(world, 2).holder  # who answers for the company tells them


def test_the_conclusion_stands_below_every_note_and_what_is_final_is_processed(world: World) -> None:
    first, second = world.wish(0), world.wish(2)
    merge(second.id or 0, first.id or 0)
    conclude(world, first.id or 0, "consider", reason="もう少し集めます <b>太字</b>")
    conclude(world, first.id or 0, "adopt", reason="次の版に入れます")
    for chat in (0, 2):
        note = world.productboard.notes[world.feedback(chat)[0].note_id]
        assert "検討会の結論: 検討継続" in note.content and "検討会の結論: 採用" in note.content
        assert "もう少し集めます &lt;b&gt;太字&lt;/b&gt;" in note.content
        assert note.processed


def test_a_note_whose_text_is_locked_gets_a_comment_once(world: World) -> None:
    wish = world.wish(0)
    note = world.productboard.notes[wish.note_id]
    note.locked = True
    conclude(world, wish.id or 0, "decline", reason="いまは見送ります")
    world.replay_the_dead()
    [comment] = note.comments.values()
    assert "検討会の結論: 見送り" in comment and "いまは見送ります" in comment


def test_support_hears_of_each_by_mail_at_once_where_that_is_set(world: World) -> None:
    wish = world.wish(0)
    with world.rules(triage=replace(rules.triage, mail_minutes=0)):
        conclude(world, wish.id or 0, "decline", reason="いまは見送ります")
    [mail] = world.stage.mail.mails
    assert mail.to == ("support@kanade.example",) and "見送り" in mail.subject
    assert "いまは見送ります" in mail.text and "FB-1" in mail.text


@pytest.mark.fault("F46")
def test_a_mail_server_that_is_down_keeps_nobody_else_from_hearing(world: World) -> None:
    wish = world.wish(0)
    world.stage.mail.faults = ["451"] * 3
    with world.rules(triage=replace(rules.triage, mail_minutes=0)):
        conclude(world, wish.id or 0, "decline")
    assert len(world.stage.mail.mails) == 1 and len(world.said()) >= 1
    assert "検討会の結論" in world.notes(0)[-1]
