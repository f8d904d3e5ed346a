"""What operators read on the command line is what stands there, brackets and all."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from html import escape

import pytest

from app.operate import files, operators
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import now_ms, store
from workflows.search import indexing
from workflows.tables.customer import Company
from workflows.tables.runs import DEAD, Delivery


@pytest.fixture
def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The service, to which commands come as visitors."""
    world = World(sqlite_url)
    monkeypatch.setattr("app.operate.operators.load", lambda: world.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    yield world
    world.close()


@pytest.mark.parametrize("command", [operators.deliveries, operators.dead, operators.trace])
def test_brackets_are_printed(
    world: World, capsys: pytest.CaptureFixture[str], command: Callable[[argparse.Namespace], int]
) -> None:
    row = Delivery(id="jira:[red]1", source="jira", topic="[bold]x", digest="", state=DEAD)
    row.sqlmodel_update({"reason": "Set [release].", "received_at": now_ms()})
    store.write(lambda session: session.add(row))
    assert command(argparse.Namespace(id="jira:[red]1", state="", source="", limit=5)) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "jira:[red]1" in out and "[bold]x" in out and "[release]" in out


#: Title, clear, colour and clipboard of the terminal; the same in one byte; what rubs out, rings, and turns a line.
COMMANDS = {
    "title": "\x1b]0;PWNED\x07",
    "clear": "\x1b[2J\x1b[31mRED\x1b[0m",
    "clipboard": "\x1b]52;c;ZXZpbA==\x1b\\",
    "one byte": "\x9b2J \x9d0;PWNED\x9c",
    "rubbed out": "dead\b\b\b\bdone\x7f\r",
    "turned": "\u202etxt.exe\u202c \u2066x\u2069",
    "unbalanced": "Acme [/b] Ltd [/] :tada:",
}


@pytest.mark.parametrize("hostile", COMMANDS.values(), ids=list(COMMANDS))
def test_no_command_lets_a_customer_command_the_terminal(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    row = Delivery(id="jira:1", source="jira", topic=f"topic {hostile}", digest="", state=DEAD)
    row.sqlmodel_update({"reason": "{why}", "facts": {"why": hostile}, "received_at": now_ms()})
    store.write(lambda session: session.add(row))
    store.write(lambda session: session.merge(Company(id="company-1", name=f"Acme {hostile}")) and None)
    store.write(partial(owners.put, company_id="company-1", people={"owner": "U0SATO"}, origin="import"))
    world.chat(f"<p>mikan {escape(hostile)}</p>")
    world.settle()
    indexing.catch_up()
    asked = argparse.Namespace(id="jira:1", state="", source="", limit=5, words=["mikan"], kind=[])
    for command in (operators.deliveries, operators.dead, operators.trace, operators.find, files.listed):
        assert command(asked) == 0
    printed = capsys.readouterr().out
    assert printed.count("mikan") and printed.count("topic") and printed.count("Acme")
    assert not set(printed) & FORBIDDEN
    assert "PWNED" not in hostile or "PWNED" in printed
    assert "[/b]" not in hostile or ":tada:" in printed


#: None of these is ours, where nothing is coloured.
FORBIDDEN = {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x202C, 0x2066, 0x2069)}


class _Nothing:
    def start(self) -> None:
        """What is there is open already."""

    def stop(self) -> None:
        """It stays open."""
