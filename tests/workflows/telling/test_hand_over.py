"""A wish that came by phone, mail or Slack has no chat: whoever took it is asked to tell the customer."""

from __future__ import annotations

import pytest

from app.demo.slack.desk import direct
from tests.meeting import LEAD, decide, filed, noted
from tests.world import World
from workflows.engine.store import store
from workflows.meeting import acts
from workflows.tables.wish import Feedback
from workflows.telling import reports
from workflows.telling.promises import Debt, debts
from workflows.wish import connect

SUZUKI = "U0SUZUKI"


def taken_by_phone(by: str = SUZUKI) -> int:
    """Somebody filed what a customer said on the phone."""
    return filed("締め日を変えたい", conversation_id="hand:7", taken_by=by, taken_by_name="鈴木 葵", source="phone")


def owed() -> list[Debt]:
    """Everybody who is owed a report."""
    return store.read(debts)


def sent_to(world: World, person: str) -> list[str]:
    """What somebody was told in Slack."""
    return [str(message) for message in world.slack.messages(direct(person))]


def test_when_its_issue_is_done_whoever_took_it_gets_the_draft_once(world: World) -> None:
    wish = taken_by_phone()
    issue = connect.read_issue("KNDE-12")
    assert issue is not None
    connect.let_wait(issue, [], [wish], "operator")
    world.move("KNDE-12", "完了")
    [message] = sent_to(world, SUZUKI)
    assert "KNDE-12" in message and "締め日を変えたい" in message
    assert [(debt.state, debt.voice.feedback_id) for debt in owed()] == [("ready", wish)]
    assert reports.report(wish, how="phone", words="喜ばれた", by=LEAD, origin="form:1")
    assert owed() == []


@pytest.mark.parametrize("who", ["U0GONE", "7001", ""])
def test_whoever_cannot_be_reached_is_replaced_by_the_channel(world: World, who: str) -> None:
    wish = taken_by_phone(who)
    decision = decide(wish, "decline", tells_all=True)
    acts.send_now(decision.id or 0)
    world.settle()
    assert any("お客様への連絡をお願いします" in line for line in world.said())
    assert [debt.state for debt in owed()] == ["ready"]


def test_nobody_is_bothered_where_no_report_was_promised(world: World) -> None:
    decision = decide(taken_by_phone(), "decline")
    acts.send_now(decision.id or 0)
    world.settle()
    assert sent_to(world, SUZUKI) == [] and owed() == []


def test_a_report_that_was_promised_on_the_phone_is_owed(world: World) -> None:
    wish = taken_by_phone()
    noted(wish, promise="report", level="report")
    decision = decide(wish, "existing", answer="設定で変えられます")
    acts.send_now(decision.id or 0)
    world.settle()
    [message] = sent_to(world, SUZUKI)
    assert "設定で変えられます" in message
    [debt] = owed()
    assert (debt.state, "設定で変えられます" in debt.draft) == ("ready", True)


def test_its_issue_shows_where_it_was_said(world: World) -> None:
    wish = filed(conversation_id="slack:C1/1", source="slack", source_url="https://kanade.slack.com/archives/C1/p1")
    issue = connect.read_issue("KNDE-12")
    assert issue is not None
    connect.let_wait(issue, [], [wish], "operator")
    row = store.read(lambda session: session.get_one(Feedback, wish))
    connect.show_in_jira(issue, row)
    [link] = world.jira.did("link", "KNDE-12")
    assert "https://kanade.slack.com/archives/C1/p1" in str(link.facts)
