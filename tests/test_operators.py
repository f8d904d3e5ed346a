"""What operators read on the command line is what stands there, brackets and all."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from pathlib import Path

import pytest

from app import __main__, auth
from app.operate import files, operators, rights
from tests.pages.test_deliveries import unreadable
from tests.world import World
from workflows.customer import owners
from workflows.engine.store import now_ms, store
from workflows.people import accounts, may
from workflows.people.deeds import COMMAND
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


# -- who did what by a command --------------------------------------------------------------------


def commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The functions behind all commands, and the commands within them."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from commands(each)
    if (function := parser.get_default("command")) is not None:
        yield function.__name__


def test_every_command_is_a_deed_in_the_table() -> None:
    found = set(commands(__main__._parser()))
    assert found == rights.DEEDS.keys(), "name it in app/operate/rights.py"
    assert set(rights.DEEDS.values()) <= may.RIGHTS.keys()


@pytest.mark.parametrize(
    ("command", "deed"),
    [
        (["login"], may.SESSIONS),
        (["replay", "--all"], may.REPLAY),
        (["owners", "import", "FILE"], may.IMPORT),
        (["flag", "new-csv", "FILE"], may.IMPORT),
        (["erase", "--conversation", "CHAT", "--yes"], may.ERASE),
        (["deliveries"], ""),
        (["logins"], ""),
    ],
)
def test_what_a_command_does_is_kept_with_whoever_typed_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], deed: str
) -> None:
    world.wish(0)
    unreadable(world)
    owners = tmp_path / "owners.csv"
    owners.write_text("company_id,owner\n101,mori@kanade.example\n", encoding="utf-8")
    monkeypatch.setattr("getpass.getuser", lambda: "tanaka")
    monkeypatch.setattr("app.operate.erase.wait", lambda *_: 0)
    names = {"FILE": str(owners), "CHAT": world.chats[0]}
    assert __main__.main([names.get(word, word) for word in command]) == 0
    kept = [(each.person_name, each.deed, each.way) for each in store.read(accounts.deeds)]
    assert kept == ([("tanaka", deed, COMMAND)] if deed else [])


def test_a_command_ends_a_session(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    token = world.sign_in("U0TANAKA")
    assert __main__.main(["logins"]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if "田中 みなみ" in line]
    id = line.split()[0]
    assert token not in line and auth.find(token) is not None
    assert __main__.main(["logins", "--end", id]) == 0
    assert auth.find(token) is None
    assert __main__.main(["logins", "--end", id]) == 1
    assert [each.sentence for each in store.read(accounts.deeds) if each.deed] == [auth.ENDED]
