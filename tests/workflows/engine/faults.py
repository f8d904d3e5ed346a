"""Cases for the matrix of faults: a customer's chat and its issue, every write of the stories, every way to fail."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from sqlmodel import col, select

from integrations.twin import Fault
from tests.world import World
from workflows.engine.store import store
from workflows.tables.runs import Run
from workflows.tables.wish import Feedback

AGENT = "7002"
numbers = itertools.count(100)


class Case:
    """One customer's chat and the issue that it waits for. `asleep`: until when the chat is snoozed."""

    def __init__(self, world: World, state: str = "closed") -> None:
        number = next(numbers)
        self.world, self.email = world, f"customer{number}@aoba.example"
        world.intercom.add_contact(f"c{number}", f"山本 {number}", self.email, "101")
        self.chat = world.chat("CSVに部署コードを付けてください。", customer=f"{number}", state=state, by=AGENT)
        self.key, self.asleep = world.issue(f"KNDE-{number}", f"要望その{number}"), 0
        self.talk = world.intercom.books.conversations[world.chats[self.chat]]

    def tag(self) -> None:
        """An agent tags it, and everything that follows happens."""
        self.world.tag(self.chat, by=AGENT)
        self.world.settle()

    def link(self) -> None:
        """A developer links it."""
        self.world.link(self.wish, self.key)

    def finish(self) -> None:
        """The issue is done."""
        self.world.move(self.key, "完了")

    @property
    def wish(self) -> Feedback:
        """What was filed."""
        [wish] = self.world.feedback(self.chat)
        return wish


def tagged(case: Case) -> None:
    """Nothing happened so far."""


def known(case: Case) -> None:
    """Productboard knows the customer."""
    case.world.productboard.add_user("山本", case.email)


def filed(case: Case) -> None:
    case.tag()


def waiting(case: Case) -> None:
    case.tag()
    case.link()


def open_and_waiting(case: Case) -> None:
    waiting(case)
    case.world.intercom.reopen(case.world.chats[case.chat], "7001")


def snoozed(case: Case) -> None:
    case.asleep = int(time.time()) + 50_000
    case.world.intercom.snooze_by_hand(case.world.chats[case.chat], AGENT, case.asleep)


def snoozed_and_waiting(case: Case) -> None:
    waiting(case)
    snoozed(case)


def sleeps(case: Case) -> int:
    return int(case.talk.state == "snoozed" and case.talk.snoozed_until == case.asleep)


def notes(case: Case) -> int:
    return len(case.world.notes(case.chat))


def product_notes(case: Case) -> int:
    source = case.wish.mark
    return sum(note.facts["record_id"] == source for note in case.world.productboard.did("create_note"))


def persons(case: Case) -> int:
    return sum(person.facts["email"] == case.email for person in case.world.productboard.did("create_entity"))


def remote_links(case: Case) -> int:
    return len(case.world.jira.remote_links.get(case.world.stage.issues[case.key], []))


def openings(case: Case) -> int:
    return sum(effect.facts["was"] == "closed" for effect in case.world.intercom.did("open", case.talk.id))


def messages(case: Case) -> int:
    return sum(case.key in text for text in case.world.said())


@dataclass(frozen=True)
class Write:
    """A write of a story: what came before, what causes it, where it goes, and how often it took effect."""

    vendor: str
    route: str
    before: Callable[[Case], None]
    cause: Callable[[Case], None]
    count: Callable[[Case], int]
    expected: int = 1


REPLY, PARTS = "POST /conversations/{id}/reply", "POST /conversations/{id}/parts"
WRITES = {
    "note in Productboard": Write("productboard", "POST /v2/notes", known, Case.tag, product_notes),
    "customer in Productboard": Write("productboard", "POST /v2/entities", tagged, Case.tag, persons),
    "note that it was filed": Write("intercom", REPLY, tagged, Case.tag, notes),
    "snooze after filing": Write("intercom", PARTS, snoozed, Case.tag, sleeps),
    "remote link": Write("jira", "POST /rest/api/3/issue/{key}/remotelink", filed, Case.link, remote_links),
    "open": Write("intercom", PARTS, waiting, Case.finish, openings),
    "assign": Write("intercom", PARTS, open_and_waiting, Case.finish, lambda case: int(case.talk.assignee_id == AGENT)),
    "note with a draft": Write("intercom", REPLY, waiting, Case.finish, notes, expected=2),
    "snooze after release": Write("intercom", PARTS, snoozed_and_waiting, Case.finish, sleeps),
    "message to the team": Write("slack", "POST /api/chat.postMessage", waiting, Case.finish, messages),
}


def in_seconds(seconds: float) -> str:
    """A moment as HTTP writes it."""
    return formatdate(time.time() + seconds, usegmt=True)


FAULTS: dict[str, Callable[[], list[Fault]]] = {
    "429 in seconds": lambda: [Fault("429", {"Retry-After": "2"})],
    "429 at a date": lambda: [Fault("429", {"Retry-After": in_seconds(3)})],
    "429 at a date long past": lambda: [Fault("429", {"Retry-After": in_seconds(-3600)})],
    "429 without a word": lambda: [Fault("429")],
    "429 in a thousand million seconds": lambda: [Fault("429", {"Retry-After": "1e9"})],
    "429 in less than nothing": lambda: [Fault("429", {"Retry-After": "-5"})],
    "429 in no number": lambda: [Fault("429", {"Retry-After": "soon"})],
    "429 with a reset": lambda: [Fault("429", {"X-RateLimit-Reset": str(int(time.time()) + 3)})],
    "429 again and again": lambda: [Fault("429", {"Retry-After": "1"})] * 7,
    "500": lambda: [Fault("500")],
    "500 again and again": lambda: [Fault("500")] * 5,
    "503 and when": lambda: [Fault("503", {"Retry-After": "2"})],
    "503 for long": lambda: [Fault("503", {"Retry-After": "600"})],
    "no answer": lambda: [Fault("hang")],
    "applied, then dropped": lambda: [Fault("reset")],
    "applied, then dropped, twice": lambda: [Fault("reset"), Fault("reset")],
    "dropped": lambda: [Fault("lost")],
    "half an answer": lambda: [Fault("truncated")],
    "a web page": lambda: [Fault("html")],
    "applied, then 500": lambda: [Fault("late-500")],
    "one of each": lambda: [Fault("lost"), Fault("429", {"Retry-After": "9"}), Fault("late-500"), Fault("reset")],
}


def play(world: World, write: Write, faults: list[Fault]) -> Case:
    """Bring a case to the write, let it fail, and see to the end of everything."""
    case = Case(world)
    write.before(case)
    world.settle()
    world.twin(write.vendor).fail(write.route, *faults)
    write.cause(case)
    world.twin(write.vendor).mend()
    return case


def unfinished(world: World) -> list[tuple[str, str, str]]:
    """Runs that did not come to a good end."""
    unhappy = select(Run).where(col(Run.state).not_in(("done", "ignored")))
    return [(run.id, run.state, run.reason) for run in store.read(lambda session: session.exec(unhappy).all())]
