"""Conversations that were solved long ago: gone with all that was said about them, unless something came of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, col, func, select, update

from tests.canary import CANARY, found
from tests.world import World
from workflows import upkeep
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.rules.retention import Retention
from workflows.search import indexing, retention
from workflows.search.search import search
from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import Ask, Enquiry, Reply, Step, Wait
from workflows.tables.escalation import Escalation

#: Where the words of an enquiry stand.
WORDS = {"ask.answer", "ask.question", "conversation.opening", "message.text", "message.who", "reply.text"}
STEP = {"enquiry_step.who"}


def enquiry(chat: str, days: int = 40, **others: Any) -> None:
    """An enquiry that was solved so many days ago, every word of which sings."""

    def work(session: Session) -> None:
        at, of = now_ms() - days * DAY_MS, {"conversation_id": chat}
        session.merge(Conversation(id=chat, url="", opening=CANARY, created_at=at))
        file = {"name": CANARY, "url": "https://files.example/1"}
        words = {"who": CANARY, "text": CANARY, "attachments": [file]}
        session.merge(Message(id=f"{chat}/1", part_id="1", kind="message", said_at=at, **words, **of))
        session.add(Step(id=f"{chat}/2", kind="closed", who=CANARY, at=at, **of))
        session.add(Ask(question=CANARY, answer=CANARY, origin=chat, person="U0SATO", asked_at=at, **of))
        session.add(Reply(text=CANARY, origin=chat, person="U0SATO", pressed_at=at, state="sent", **of))
        session.add(Wait(since=at, kind="first", target=5, answer_by=at, ended="answered", ended_at=at, **of))
        session.add(Enquiry(**({"state": "solved", "solved_at": at, "said_at": at} | others), **of))

    store.write(work)
    indexing.catch_up()


def left(world: World, **days: int) -> set[str]:
    """Where the canary sings after a day's end under such rules."""
    with world.rules(retention=Retention(bodies=1000, keys=2000, **days)):
        upkeep.clean_up()
    indexing.catch_up()
    return {place for place in found() if not place.startswith(("document", "message.attachments"))}


def waits() -> int:
    return store.read(lambda session: session.exec(select(func.count()).select_from(Wait)).one())


def test_usually_it_stays(world: World) -> None:
    enquiry("900")
    assert left(world) == WORDS | STEP


def test_it_stays_for_as_many_days_and_then_goes_and_the_wait_alone_is_left(world: World) -> None:
    enquiry("900")
    assert left(world, enquiries=41) == WORDS | STEP
    assert search(CANARY).hits
    assert left(world, enquiries=39) == set()
    assert found() == [] and not search(CANARY).hits
    assert waits() == 1


@pytest.mark.parametrize("state", ["waiting", "answering", "customer", "development"])
def test_what_is_not_solved_stays(world: World, state: str) -> None:
    enquiry("900", state=state)
    assert left(world, enquiries=1) == WORDS | STEP


def test_what_was_solved_once_and_began_again_stays(world: World) -> None:
    enquiry("900", solved_at=None)
    assert left(world, enquiries=1) == WORDS | STEP


def test_that_of_which_a_request_came_stays(world: World) -> None:
    enquiry(world.wish(0).conversation_id)
    assert left(world, enquiries=1) >= WORDS | STEP


def test_that_of_which_an_escalation_came_stays(world: World) -> None:
    enquiry("900")
    case = {"origin": "1", "via": "slack", "company": "", "gist": "", "state": "open", "raised_at": 1}
    case |= {"request": "action", "urgency": "now", "temperature": "low", "conversation_id": "900"}
    store.write(lambda session: session.add(Escalation(**case)))
    assert left(world, enquiries=1) == WORDS | STEP


@pytest.mark.parametrize("what", [Message, Step, Ask, Reply])
def test_what_comes_late_goes_the_next_day(world: World, what: Any) -> None:
    enquiry("900")
    assert left(world, enquiries=39) == set()
    late: dict[Any, Any] = {
        Message: {"id": "900/3", "part_id": "3", "kind": "message", "text": CANARY, "said_at": 1},
        Step: {"id": "900/3", "kind": "closed", "who": CANARY, "at": 1},
        Ask: {"question": CANARY, "origin": "late", "person": "U0SATO", "asked_at": 1},
        Reply: {"text": CANARY, "origin": "late", "person": "U0SATO", "pressed_at": 1},
    }
    store.write(lambda session: session.add(what(conversation_id="900", **late[what])))
    assert found() != [] and left(world, enquiries=39) == set()


def test_many_are_worked_off_some_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SOME", 2)
    for n in range(5):
        enquiry(f"90{n}")
    enquiry("905", days=3)
    store.write(partial(_answered_by_nobody, "900"))
    assert left(world, enquiries=30) == WORDS | STEP
    kept = store.read(lambda session: session.exec(select(Step.conversation_id)).all())
    assert (list(kept), waits()) == (["905"], 6)


def _answered_by_nobody(chat: str, session: Session) -> None:
    session.exec(update(Ask).where(col(Ask.conversation_id) == chat).values(answer=""))
