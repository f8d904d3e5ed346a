"""An import of the past that is killed in the middle of a page goes on there, as a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.crash.service import Play
from workflows.tables.customer import Message
from workflows.tables.enquiry import Enquiry
from workflows.tables.people import Deed

pytestmark = pytest.mark.crash

#: 2025-01-06 09:00 in Tokyo, and one every three days: a page is of half a year at most.
MONDAY, APART, CHATS = 1_736_121_600, 3 * 86_400, 130


@pytest.mark.fault("F87")
@pytest.mark.parametrize("place", ["past.read", "past.kept"])
def test_killed_in_a_page_it_loses_that_page_at_most(database_url: str, tmp_path: Path, place: str) -> None:
    with Play(database_url, tmp_path) as play:
        for number in range(CHATS):
            play.stage.intercom.add_conversation(str(500 + number), "c101", f"質問{number}", at=MONDAY + APART * number)
        of_today = len(play.stage.chats)
        doomed = play.start("import intercom --since 2025-01-01", f"{place}:3")
        assert doomed.wait() == -signal.SIGKILL
        here = len(play.rows(Enquiry))
        before = len(play.stage.intercom.calls)
        assert play.start("import intercom --since 2025-01-01").wait() == 0
        read = [pattern for pattern, _ in play.stage.intercom.calls[before:]].count("GET /conversations/{id}")
        assert 0 < here < CHATS and read == CHATS + of_today - here
        assert len(play.rows(Enquiry)) == CHATS + of_today
        assert len({row.conversation_id for row in play.rows(Message)}) == CHATS + of_today
        assert f"Imported: {CHATS + of_today} conversations" in play.log.read_text()
        assert {row.deed for row in play.rows(Deed)} == {"import"}
