"""The restore drill, with real processes: a backup made under traffic, six wishes later lost, and found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.demo.show import environment
from tests.crash.service import Play
from tests.door import ROOT
from workflows.tables.wish import Feedback

pytestmark = pytest.mark.crash


def command(play: Play, *arguments: str) -> str:
    """`python -m app …` as an operator types it, with the service's settings; returns what it says."""
    variables = {**os.environ, **environment(play.settings)}
    done = subprocess.run([sys.executable, "-m", "app", *arguments], cwd=ROOT, env=variables, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.fault("F31")
def test_what_was_filed_after_the_backup_is_filed_once(sqlite_url: str, tmp_path: Path) -> None:
    file = str(tmp_path / "backup.sqlite")
    with Play(sqlite_url, tmp_path) as play:
        later = [_chat(play, number) for number in range(6)]
        play.begin()
        play.tag()
        play.settle()
        assert "read again from end to end" in command(play, "backup", file)
        for chat in later:
            play.stage.intercom.tag(chat, "", "要望", "7003")
        play.settle()
        codes = {row.conversation_id: row.id for row in play.rows(Feedback)}
        assert play.service is not None and play.service.terminate() == -signal.SIGTERM
        assert "What stood here before is at" in command(play, "restore", file)

        play.engine.dispose()
        play.begin()
        assert [row.conversation_id for row in play.rows(Feedback)] == [play.chat]
        command(play, "reconcile", "--days", "1")
        play.settle()
        found = {row.conversation_id: row for row in play.rows(Feedback)}
        assert set(found) == {play.chat, *later}
        assert {row.note_id for row in found.values()} == set(play.stage.productboard.notes)
        assert len(play.stage.productboard.did("create_note")) == 7
        assert all(len(play.stage.intercom.did("note", chat)) == 1 for chat in found)
        assert {row.id for chat, row in found.items() if chat != play.chat}.isdisjoint(codes.values())


def _chat(play: Play, number: int) -> str:
    id = f"2154700009{number:02}"
    play.stage.intercom.add_conversation(id, "c101", f"CSVに列{number}を足してください。")
    return id
