"""kill -9 while a conversation is erased: after a restart nothing of it is left, and each timeline says so once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.service import Play
from workflows.tables.customer import Message
from workflows.tables.erasure import Erasure
from workflows.tables.runs import Action, Delivery
from workflows.tables.search import Document
from workflows.tables.wish import Feedback

pytestmark = pytest.mark.crash

PLAN = [
    "run.begun.deleted:1",
    *(f"action.{moment}.productboard.erase:1" for moment in ("begun", "called", "finished")),
    "run.told.deleted:1",
]


@pytest.mark.fault("F13")
def test_killed_at_any_step_it_ends_with_nothing_left(sqlite_url: str, tmp_path: Path) -> None:
    with Play(sqlite_url, tmp_path) as play:
        play.begin()
        play.tag()
        play.settle()
        assert play.service is not None
        play.service.kill()
        play.stage.intercom.delete(play.chat)
        play.begin(*PLAN)
        play.settle()
        assert play.deaths == len(PLAN), f"still alive at {play.plan}"
        assert [erasure.ended_at is not None for erasure in play.rows(Erasure)] == [True]
        assert [row.quote for row in play.rows(Feedback)] == [""]
        assert {row.text for row in play.rows(Message)} == {""}
        assert play.rows(Document) == []
        assert not any(b"CSV" in row.body for row in play.rows(Delivery))
        assert [row.state for row in play.rows(Action) if row.verb == "productboard.erase"] == ["done"]
        assert len([row for row in play.rows(Action) if row.verb == "us.erase"]) == 2
        [note] = play.stage.productboard.notes.values()
        assert note.content == "<p>お客様のご依頼により消去しました。</p>"
