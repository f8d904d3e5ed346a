"""A backup comes back: what was done after it was made is neither done again nor called as something else.

Here what was done since is forgotten by deleting it, on both databases; tests/test_backups.py restores real files.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from tests.world import World
from workflows.engine import restored
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.tables.people import Deed, Login
from workflows.tables.runs import Restored
from workflows.tables.wish import Feedback

CHATS = 6


@pytest.fixture(autouse=True)
def nothing_was_restored() -> Iterator[None]:
    """What one test restored is not looked back at in the next."""
    yield
    restored._Past.taken_at = restored._Past.until = 0


@pytest.fixture
def lost(world: World) -> World:
    """Six wishes were filed after the backup was made, and the service starts on that backup."""
    chats = [world.chat(f"CSVに列{number}を足してください。") for number in range(CHATS)]
    for chat in chats:
        world.wish(chat)
    assert notes(world) == CHATS
    come_back(now_ms() - DAY_MS)
    return world


def come_back(taken_at: int) -> None:
    """The database is as it was before anything happened, and says so."""
    store.write(_forget)
    store.write(lambda session: restored.say_so(session, taken_at))
    restored.notice()


def _forget(session: Session) -> None:
    for table in reversed(SQLModel.metadata.sorted_tables):
        session.execute(sa.delete(table))
        if session.get_bind().dialect.name == "postgresql" and "id" in table.c and table.c.id.autoincrement is True:
            session.execute(sa.text(f"ALTER TABLE {table.name} ALTER COLUMN id RESTART"))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("DELETE FROM sqlite_sequence"))


def notes(world: World) -> int:
    """The notes in Productboard."""
    return len(world.productboard.did("create_note"))


def said_in_chats(world: World) -> int:
    """The internal notes in Intercom."""
    return len(world.intercom.did("note"))


# -- what was done since is not done again --------------------------------------------------------


@pytest.mark.fault("F31")
def test_what_was_filed_since_is_found_again_and_not_filed_twice(lost: World) -> None:
    before = said_in_chats(lost)
    lost.reconcile()
    assert len(lost.feedback()) == CHATS
    assert (notes(lost), said_in_chats(lost)) == (CHATS, before)
    assert {wish.note_id for wish in lost.feedback()} == set(lost.productboard.notes)


@pytest.mark.fault("F31")
def test_no_code_names_two_wishes(lost: World) -> None:
    lost.reconcile()
    assert all(wish.id > restored.GAP for wish in lost.feedback())


def test_who_waits_for_an_issue_is_who_asked_for_it(lost: World) -> None:
    lost.reconcile()
    wish = lost.feedback()[-1]
    lost.productboard.link(wish.note_id, lost.stage.features["CSV出力の列を選べる"])
    lost.productboard.push_to_jira(lost.stage.features["CSV出力の列を選べる"], lost.stage.issues["KNDE-12"], "KNDE-12")
    lost.move("KNDE-12", "完了")
    assert list(lost.tellings()) == [wish.conversation_id]


def test_what_was_never_done_is_done(lost: World) -> None:
    lost.reconcile()
    lost.wish(lost.chat("検索を速くしてください。"))
    assert notes(lost) == CHATS + 1


# -- it is noticed once ---------------------------------------------------------------------------


def test_everybody_signs_in_again(world: World) -> None:
    world.sign_in()
    come_back(now_ms())
    assert store.read(lambda session: session.exec(select(Login)).all()) == []


def test_the_second_start_goes_on_as_usual(world: World) -> None:
    come_back(now_ms())
    world.sign_in()
    highest = _number_of_a_deed()
    restored.notice()
    assert _number_of_a_deed() == highest + 1
    assert len(store.read(lambda session: session.exec(select(Login)).all())) == 1


def test_a_database_that_was_not_restored_is_left_alone(world: World) -> None:
    restored.notice()
    assert _number_of_a_deed() < restored.GAP
    assert not restored.looks_back()


def test_after_seven_days_nobody_looks_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    come_back(now_ms())
    assert restored.looks_back()
    later = now_ms() + 7 * DAY_MS + 1
    monkeypatch.setattr(restored, "now_ms", lambda: later)
    assert not restored.looks_back()


def test_messages_are_looked_for_as_far_back_as_the_backup(world: World) -> None:
    taken_at = now_ms() - DAY_MS
    come_back(taken_at)
    assert restored.since(now_ms()) == taken_at
    assert restored.since(taken_at - 5) == taken_at - 5


def _number_of_a_deed() -> int:
    def do(session: Session) -> int:
        deed = Deed(person="U1", person_name="小林", sentence="Said.", facts={}, done_at=now_ms())
        session.add(deed)
        session.flush()
        assert deed.id is not None
        return deed.id

    return store.write(do)


def test_its_codes_are_read_by_everybody(world: World) -> None:
    """The first wish of all after a restore is far beyond a thousand, and its page is there."""
    come_back(now_ms())
    wish = world.wish(0)
    assert store.read(lambda session: session.exec(select(Feedback.id)).all()) == [wish.id]
    assert world.request("GET", f"/feedback/{wish.id}").status_code == 200
    assert len(store.read(lambda session: session.exec(select(Restored)).all())) == 1
