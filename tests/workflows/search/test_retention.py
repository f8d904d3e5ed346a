"""What is kept for so many days only: gone from the rows and from search after that, and not a day before."""

from __future__ import annotations

from dataclasses import fields

import pytest
from sqlmodel import update

from tests.canary import CANARY, found
from tests.escalating import Escalating
from tests.world import World
from workflows import upkeep
from workflows.engine.store import DAY_MS, store
from workflows.rules.retention import Retention
from workflows.search import indexing, retention
from workflows.search.search import search
from workflows.tables.customer import Conversation, Message
from workflows.tables.runs import DEAD, Delivery, Run
from workflows.tables.wish import Feedback

#: Longer than the days of any test, but for what is tested.
LONG = {"bodies": 1000, "keys": 2000}


@pytest.fixture
def chat(world: World) -> str:
    """A chat of 40 days ago, all of whose words sing."""
    world.intercom.add_contact("c900", f"{CANARY}:name", f"{CANARY}@aoba.example", "101")
    world.chat(f"{CANARY}:said", customer="900")
    world.tag(-1)
    world.settle()
    indexing.catch_up()
    for column in (Message.said_at, Conversation.created_at, Feedback.taken_at, Delivery.received_at, Run.ended_at):
        earlier = {column.key: column - 40 * DAY_MS}  # type: ignore[attr-defined, operator]
        store.write(lambda session, it=earlier, of=column: session.exec(update(of.class_).values(it)) and None)
    return world.chats[-1]


def keep(world: World, **days: int) -> list[str]:
    """A day's end under such rules; where the canary sings after it."""
    with world.rules(retention=Retention(**(LONG | days))):
        upkeep.clean_up()
    world.settle()
    indexing.catch_up()
    return found()


def test_usually_words_stay_as_long_as_the_rows_that_they_stand_in(world: World, chat: str) -> None:
    before = found()
    assert {"message.text", "conversation.opening", "contact.name"} <= set(before)
    assert keep(world) == before


def test_raw_bodies_go_and_are_not_written_again(world: World, chat: str) -> None:
    assert "delivery.body" in found()
    assert "delivery.body" not in keep(world, bodies=39)


def test_messages_go_after_their_days_and_wishes_stay(world: World, chat: str) -> None:
    assert "message.text" in keep(world, messages=41)
    left = keep(world, messages=39)
    assert not {"message.text", "message.who", "conversation.opening"} & set(left)
    assert {"feedback.quote", "contact.name"} <= set(left)
    assert [hit.document.kind for hit in search(f"{CANARY}:said").hits] == ["wish"]


def test_what_was_forgotten_is_not_learnt_again_from_the_same_chat(world: World, chat: str) -> None:
    keep(world, messages=39)
    world.tag(-1, "質問")
    world.settle()
    assert store.read(lambda session: session.get_one(Message, f"{chat}/")).text == ""


def test_whoever_has_not_written_for_long_is_known_by_name_no_more(world: World, chat: str) -> None:
    assert "contact.name" in keep(world, contacts=41)
    keep(world, contacts=39)
    assert set(found(f"{CANARY}:name")) <= {"delivery.body"}
    assert not search(f"{CANARY}:name").hits


def test_whoever_wrote_lately_stays_known(world: World, chat: str) -> None:
    world.intercom.customer_says(chat, "まだ使っています。")
    world.settle()
    assert "contact.name" in keep(world, contacts=39)


def test_forms_go_once_they_were_worked_off(world: World) -> None:
    case = Escalating(world)
    for gist in ("first", "second"):
        case.raised(gist=f"{CANARY}:{gist}")
    *_, dead = (run for run in world.runs() if run.workflow == "escalation.submitted")
    earlier = {"ended_at": Run.ended_at - 40 * DAY_MS}  # type: ignore[operator]
    store.write(lambda session: session.exec(update(Run).values(earlier)) and None)
    store.write(lambda session: session.exec(update(Run).where(Run.id == dead.id).values(state=DEAD)) and None)
    keep(world, arguments=39)
    assert "run.arguments" not in found(f"{CANARY}:first")
    assert "run.arguments" in found(f"{CANARY}:second"), "it may still be replayed"
    assert "escalation.gist" in found(f"{CANARY}:first")


def test_many_rows_are_worked_off_some_at_a_time(world: World, chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SOME", 1)
    monkeypatch.setattr(upkeep, "BATCH", 1)
    left = keep(world, **{each.name: 30 for each in fields(Retention)})
    assert set(left) <= {"feedback.quote", "document.text", "document.folded"}
    assert world.feedback() and not world.deliveries()
