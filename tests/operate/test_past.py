"""`python -m app import`: what operators read of an import, and what they may not ask for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from sqlmodel import select

from app import __main__
from app.operate import operators, past
from integrations.twin import Fault
from tests.test_operators import _Nothing
from tests.workflows.wish.test_beginning import LONG_AGO, tagged
from tests.world import World
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.enquiry import past as story
from workflows.enquiry.past import Far
from workflows.people import accounts, may
from workflows.rules.retention import Retention
from workflows.tables.enquiry import Enquiry
from workflows.tables.measure import Survey

SINCE = ["--since", "2023-01-01"]


@pytest.fixture
def world(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The service, to which commands come as visitors; who waits for it sees to it that it works."""
    world = World(sqlite_url)
    monkeypatch.setattr("app.operate.operators.load", lambda: world.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    monkeypatch.setattr("app.operate.past.wait", lambda console, ids: world.settle() or operators.wait(console, ids))
    yield world
    world.close()


def here() -> int:
    """How many enquiries there are."""
    return len(store.read(lambda session: session.exec(select(Enquiry)).all()))


@pytest.mark.parametrize(
    "wrong",
    [
        ["intercom"],
        ["intercom", "--since", "yesterday"],
        ["intercom", *SINCE, "--budget", "0"],
        ["intercom", *SINCE, "--budget", "101"],
        ["tickets"],
        [],
    ],
)
def test_what_nobody_can_mean_is_said(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["import", *wrong])
    assert ended.value.code == 2 and "usage" in capsys.readouterr().err


def test_what_customers_said_of_a_conversation_then_is_brought_with_it(world: World) -> None:
    chat = world.chats[0]
    world.intercom.rate(chat, 2, "返事が遅い")
    world.held()
    assert __main__.main(["import", "intercom", *SINCE]) == 0
    [row] = store.read(lambda session: session.exec(select(Survey)).all())
    assert (row.conversation_id, row.rating, row.remark, row.origin) == (chat, 2, "返事が遅い", "intercom")


@pytest.mark.parametrize("what", [["intercom", *SINCE], ["proposals"], ["file", "1/2"]])
def test_without_intercom_nothing_is_done(world: World, capsys: pytest.CaptureFixture[str], what: list[str]) -> None:
    with world.without("intercom"):
        assert __main__.main(["import", *what]) == 1
    assert capsys.readouterr().err == f"{past.OFF}\n" and not here()


@pytest.mark.parametrize("what", [[], ["1/2", "--all"], ["no-message"]])
def test_what_to_file_is_named_or_all_of_it(world: World, capsys: pytest.CaptureFixture[str], what: list[str]) -> None:
    assert __main__.main(["import", "file", *what]) == 2
    assert "python -m app import proposals" in capsys.readouterr().err and not world.runs()


def test_a_refusal_is_one_sentence(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.fail("POST /conversations/search", Fault("401"))
    assert __main__.main(["import", "intercom", *SINCE]) == 1
    said = capsys.readouterr().err
    assert "answered 401" in said and "the same command goes on from here" in said and "Traceback" not in said


def test_dry_says_how_many_there_are_and_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["import", "intercom", *SINCE, "--dry"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{len(world.chats)} conversations to import since 2023-01-01" in said and "50% of Intercom's limit" in said
    assert not here() and not [deed for deed in store.read(accounts.deeds) if deed.deed]
    assert [pattern for pattern, _ in world.intercom.calls] == ["POST /conversations/search"]


def test_an_import_is_told_in_lines_where_nobody_watches(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "SIZE", 2)
    assert __main__.main(["import", "intercom", *SINCE]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    n = len(world.chats)
    assert last.startswith(f"Imported: {n} conversations with ") and here() == n
    assert lines[-1] == f"100%  {n} of {n} conversations, less than a minute left"
    assert len(lines) > 2 and len(set(lines)) == len(lines)
    assert [deed.deed for deed in store.read(accounts.deeds) if deed.deed] == [may.IMPORT]


def test_on_a_terminal_it_is_a_bar(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    assert __main__.main(["import", "intercom", *SINCE]) == 0
    said = capsys.readouterr().out
    assert "━" in said and "Imported:" in said


def test_the_same_again_says_the_same(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert __main__.main(["import", "intercom", *SINCE, "--budget", "100"]) == 0
    first, second = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Imported")]
    assert first == second
    assert __main__.main(["import", "intercom", *SINCE, "--dry"]) == 0
    assert "Everything that began since 2023-01-01 has been imported." in capsys.readouterr().out


def test_what_is_forgotten_at_once_is_left_out(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.books.conversations[world.chats[0]].created_at = LONG_AGO
    with world.rules(retention=Retention(messages=30)):
        assert __main__.main(["import", "intercom", *SINCE]) == 0
    said = capsys.readouterr().out
    assert "keeps messages for 30 days only" in said and "Imported:" in said
    assert world.chats[0] not in {row.conversation_id for row in store.read(lambda s: s.exec(select(Enquiry)).all())}


def test_how_far_it_is_in_words() -> None:
    assert past.line(Far(12_400, 100_000, 1020.0, 0, 0)) == "12,400 of 100,000 conversations, about 17 min left"
    assert past.line(Far(1, 2, 9000.0, 0, 0)).endswith("about 2.5 h left")


def test_proposals_are_listed_and_filed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.intercom.customer_says(world.chats[1], "=1+1 を計算したい")
    tagged(world, 0, LONG_AGO)
    part = world.intercom.books.conversations[world.chats[1]].parts[-1].id
    world.intercom.tag(world.chats[1], part, "要望", "7001", at=LONG_AGO)
    world.held()
    assert __main__.main(["import", "proposals"]) == 0
    assert f"{world.chats[1]}/{part}" in capsys.readouterr().out
    assert __main__.main(["import", "proposals", "--csv"]) == 0
    [header, *rows] = list(csv.reader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff"))))
    assert tuple(header) == past.COLUMNS and len(rows) == 2
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert __main__.main(["import", "file", f"{world.chats[1]}/{part}"]) == 0
    assert [wish.conversation_id for wish in world.feedback()] == [world.chats[1]]
    assert __main__.main(["import", "file", "--all"]) == 0
    assert len(world.feedback()) == 2
    capsys.readouterr()
    assert __main__.main(["import", "proposals"]) == 0
    assert capsys.readouterr().out.startswith("No message with a tag from [tags] is left to file.")
    assert [deed.deed for deed in store.read(accounts.deeds) if deed.deed] == [may.IMPORT] * 2


def test_old_messages_tell_the_terminal_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    part = world.intercom.customer_says(world.chats[0], "\x1b[2J\u202e[red]消す[/red]")
    world.intercom.tag(world.chats[0], part, "要望", "7001", at=LONG_AGO)
    assert vendors.intercom is not None
    assert __main__.main(["import", "proposals"]) == 0
    said = capsys.readouterr().out
    assert "[red]消す" in said and "\x1b" not in said and "\u202e" not in said
