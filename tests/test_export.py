"""What is stored about one person comes out whole, nobody else's comes with it, and it is kept who took it."""

from __future__ import annotations

import json
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from app import __main__
from app.operate import export, rights
from tests.canary import CANARY, seed
from tests.workflows.wish.test_erasure import PERSON, play
from tests.world import World
from workflows.customer import erasing, exporting, reach
from workflows.customer.erasures import PERSON as CONTACT
from workflows.engine.store import store
from workflows.people import may
from workflows.tables.people import Deed
from workflows.tables.wish import Feedback


@pytest.fixture(autouse=True)
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command beside a service that is there."""
    monkeypatch.setattr(export, "visit", lambda: nullcontext((None, None)))


#: What search knows is made of the other words.
SEARCH = {"document.text", "document.folded", "document.who"}


def kept() -> list[tuple[str, dict[str, Any]]]:
    """Who took what, as it is kept."""

    def read(session: Session) -> list[tuple[str, dict[str, Any]]]:
        return [(deed.sentence, deed.facts) for deed in session.exec(select(Deed).where(col(Deed.deed) == may.EXPORT))]

    return store.read(read)


def typed(*arguments: str) -> int:
    """What the command line makes of it."""
    return __main__.main(["export", "person", *arguments])


def contents(said: str) -> Any:
    [person] = json.loads(said)["people"]
    return person["contents"]


# -- refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["nobody", "nobody@aoba.example", "@", ""])
def test_of_whom_nothing_is_stored_nothing_is_told_or_kept(
    world: World, capsys: pytest.CaptureFixture[str], who: str
) -> None:
    assert typed(who) == 1
    assert capsys.readouterr().err == f"Nothing is stored about {who}.\n"
    assert kept() == []


def test_whoever_may_not_export_gets_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.wish(0)
    monkeypatch.setattr("app.operate.rights.who", lambda: may.Person("U0EMMA", "Emma Clark"))
    assert rights.DEEDS["export"] == may.EXPORT and not may.permits("agent", may.EXPORT)
    assert typed("c101") == 2
    assert capsys.readouterr().out == "" and kept() == []


def test_no_other_file_is_written_over(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world.wish(0)
    other = tmp_path / "other.txt"
    other.write_text("kept", encoding="utf-8")
    assert typed("c101", "--out", str(other)) == 2
    assert other.read_text(encoding="utf-8") == "kept" and "cannot be written" in capsys.readouterr().err


# -- exported ---------------------------------------------------------------------------------------


def test_everything_that_erasing_knows_comes_out(world: World) -> None:
    play(world)
    seeded = seed(reach.of(reach.Subject(CONTACT, PERSON)))
    text = exporting.as_text([exporting.everything(PERSON)])
    assert {song for song in seeded if f"{CANARY}:{song}" not in text} == seeded & SEARCH


def test_after_they_are_erased_there_is_nothing(world: World) -> None:
    play(world)
    erasing.erase(reach.of(reach.Subject(CONTACT, PERSON)))
    assert CANARY not in exporting.as_text([exporting.everything(PERSON)])


def test_nothing_of_anybody_else_comes_along(world: World) -> None:
    """Not where both asked for the same, whose issue, drafts and release name both."""
    play(world)
    mine, theirs = world.wish(0), world.wish(1)
    for wish in (mine, theirs):
        world.link(wish, "KNDE-12")
    world.move("KNDE-12", "完了")
    world.settle()
    seed(reach.of(reach.Subject(CONTACT, PERSON)))
    text = exporting.as_text([exporting.everything(contact_of(mine))])
    assert mine.quote in text
    assert CANARY not in text and theirs.quote not in text and theirs.conversation_id not in text


def contact_of(wish: Feedback) -> str:
    """Who asked for it."""
    return wish.contact_id or ""


def test_a_number_that_only_happens_to_stand_in_a_webhook_is_not_theirs(world: World) -> None:
    assert exporting._texts(b'{"id": "2151", "n": [215, {"of": "215"}]}') == {"2151", "215"}
    assert exporting._texts(b"payload=%7B%7D") == exporting._texts(b"\xff") == set()


def test_it_is_told_by_what_people_call_it_with_its_moments(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish, file = world.wish(0), tmp_path / "person.json"
    assert typed(contact_of(wish), "--out", str(file)) == 0
    said = contents(file.read_text(encoding="utf-8"))
    assert (file.stat().st_mode & 0o777, capsys.readouterr().out) == (0o600, f"Written: {file}\n")
    assert set(said) <= {words.label for words in erasing.WORDS}
    [asked] = said["Requests in the customer's words"]
    assert (asked["id"], asked["quote"]) == (wish.id, wish.quote) and asked["taken_at"].endswith("+09:00")
    assert kept() == [(exporting.EXPORTED, {"id": wish.contact_id})]


def test_a_person_is_found_by_their_address_which_is_kept_nowhere_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    play(world)
    assert typed(f" {CANARY.upper()}@aoba.example") == 0
    assert f"{CANARY}@aoba.example" in json.dumps(contents(capsys.readouterr().out)["Name and email address"])
    assert kept() == [(exporting.EXPORTED, {"id": PERSON})]
    assert store.read(partial(exporting.found, who=PERSON)) == [PERSON]
