"""Every way a vendor can fail, at every write of an escalation's story: afterwards it has happened exactly once.

All cases play in one world, each with a customer, a company and a conversation of its own; see `faults.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.demo.company import ESCALATIONS as CHANNEL
from integrations.twin import Ask, Fault, Said
from tests.escalating import AGENT, DEPUTY, OWNER, Escalating
from tests.workflows.engine.faults import FAULTS, REPLY, unfinished
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.escalation import reminders
from workflows.tables.escalation import Escalation

POST, UPDATE = "POST /api/chat.postMessage", "POST /api/chat.update"
INBOX = "https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/"
numbers = itertools.count(500)


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """One world for all cases."""
    path = tmp_path_factory.mktemp("faults") / "world.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    world = World(f"sqlite:///{path}")
    yield world
    world.close()


class Case:
    """One company's complaint; everything that is said of it names its number."""

    def __init__(self, world: World) -> None:
        self.number, self.world, self.slack = next(numbers), world, world.slack
        self.gist = f"その{self.number}の請求が二重"
        company, intercom = f"{self.number}", world.intercom
        intercom.add_company(company, f"株式会社{self.number}", "Business", 1000)
        for role, mail in (("owner", "mori"), ("deputy", "okada")):
            intercom.set_attribute(company, f"account_{role}", f"{mail}@kanade.example")
        intercom.add_contact(f"c{company}", f"山本{self.number}", f"c{self.number}@customer.example", company)
        self.chat = world.chat("二重に引き落とされました。", customer=company)
        self.talk = intercom.books.conversations[world.chats[self.chat]]
        self.talk.assignee_id = "7001"
        self.step = ""
        self.people = Escalating(world)

    def row(self) -> Escalation:
        """The escalation, as it stands."""
        [row] = [each for each in self.people.all() if each.gist == self.gist]
        return row

    # -- what causes a write ------------------------------------------------

    def escalate(self) -> None:
        """An agent sends the form."""
        self.slack.use_shortcut(AGENT, "escalate")
        [(company, _)] = self.slack.suggest(AGENT, "company", INBOX + self.talk.id)
        values = self.people.filled(company=company, gist=self.gist, conversation=INBOX + self.talk.id)
        screen = self.slack.submit(AGENT, values)
        assert (screen.error, screen.errors) == ("", {})
        self.world.settle()

    def start_step(self) -> None:
        """A workflow comes to our step."""
        inputs = self.people.inputs(gist=self.gist, conversation=INBOX + self.talk.id)
        self.step = self.slack.start_step("escalate_complaint", inputs, AGENT)
        self.world.settle()

    def remind(self) -> None:
        """Nobody answered."""
        durable.spawn([reminders.run_of(self.row(), at_once=True)])
        self.world.settle()

    def acknowledge(self) -> None:
        """The owner takes it."""
        self._press("acknowledge")

    def close(self) -> None:
        """It is done."""
        self._press("finish")
        self.slack.submit(OWNER, {"churn_risk": "low", "next_step": f"{self.gist}は返金", "next_date": ""})
        self.world.settle()

    def customer_writes(self) -> None:
        """The customer writes, and is angry."""
        self.world.intercom.customer_says(self.talk.id, f"{self.gist}。解約します。")
        self.world.settle()

    def _press(self, button: str) -> None:
        [posted] = self.said(CHANNEL)
        self.slack.press(OWNER, CHANNEL, posted["ts"], button)
        self.world.settle()

    # -- what can be seen ---------------------------------------------------

    def said(self, channel: str, *, below: bool = False) -> list[dict[str, object]]:
        """Messages about it in a channel, or the replies."""
        return [
            message
            for message in (self.slack.messages(channel) if channel in self.slack.channels else [])
            if (self.gist in self.people.text_of(message) or (below and self._is_below(channel, message)))
            and (message.get("thread_ts", message["ts"]) != message["ts"]) == below
        ]

    def _is_below(self, channel: str, message: dict[str, object]) -> bool:
        return message.get("thread_ts") in [each["ts"] for each in self.said(channel)]


def before(case: Case) -> None:
    """Nothing happened so far."""


def raised(case: Case) -> None:
    case.escalate()


def reminded(case: Case) -> None:
    case.escalate()
    case.remind()


def taken(case: Case) -> None:
    case.escalate()
    case.acknowledge()


def in_channel(case: Case) -> int:
    return len(case.said(CHANNEL))


def below_channel(case: Case) -> int:
    return len(case.said(CHANNEL, below=True))


def to(person: str, *, below: bool = False) -> Callable[[Case], int]:
    return lambda case: len(case.said(f"D{person[1:]}", below=below))


def notes(case: Case) -> int:
    return len(case.world.notes(case.chat))


def suggestions(case: Case) -> int:
    named = f"検討してください: 株式会社{case.number}"
    return sum(named in str(message["text"]) for message in case.people.direct(AGENT))


def shown_as_taken(case: Case) -> int:
    [posted] = case.said(CHANNEL)
    return int("受領済み" in case.people.text_of(posted))


def completed(case: Case) -> int:
    return int(case.slack.step(case.step)["state"] == "completed")


@dataclass(frozen=True)
class Write:
    """A write of the story: what came before, what causes it, and how often it took effect.

    `after`: how many calls of the same route come before it.
    """

    route: str
    before: Callable[[Case], None]
    cause: Callable[[Case], None]
    count: Callable[[Case], int]
    after: int = 0
    expected: int = 1
    vendor: str = "slack"


WRITES = {
    "message in the channel": Write(POST, before, Case.escalate, in_channel),
    "message to the owner": Write(POST, before, Case.escalate, to(OWNER), after=1),
    "message to whoever raised it": Write(POST, before, Case.escalate, to(AGENT), after=2),
    "note that it was escalated": Write(REPLY, before, Case.escalate, notes, vendor="intercom"),
    "end of a workflow's step": Write("POST /api/functions.completeSuccess", before, Case.start_step, completed),
    "reminder to the owner": Write(POST, raised, Case.remind, to(OWNER, below=True)),
    "word in the channel's thread": Write(POST, raised, Case.remind, below_channel, after=1),
    "message to the deputy": Write(POST, reminded, Case.remind, to(DEPUTY)),
    "message as it stands": Write(UPDATE, raised, Case.acknowledge, shown_as_taken),
    "news that the customer wrote": Write(POST, raised, Case.customer_writes, to(OWNER, below=True)),
    "suggestion": Write(POST, before, Case.customer_writes, suggestions),
    "note of the result": Write(REPLY, taken, Case.close, notes, expected=2, vendor="intercom"),
    "result for whoever raised it": Write(POST, taken, Case.close, to(AGENT, below=True)),
}


def play(world: World, write: Write, faults: list[Fault]) -> Case:
    """Bring a case to the write, let it fail, and see to the end of everything."""
    case, twin = Case(world), world.twin(write.vendor)
    write.before(case)
    world.settle()
    left = write.after

    def count(ask: Ask, said: Said) -> None:
        nonlocal left
        if f"{ask.method} {ask.path}" == write.route:
            left -= 1
            if left == 0:
                twin.fail(write.route, *faults)

    twin.watchers.append(count)
    if not left:
        twin.fail(write.route, *faults)
    write.cause(case)
    twin.watchers.remove(count)
    assert len(twin._faults.get(write.route, ())) < len(faults), "the write was never tried"
    twin.mend()
    return case


#: Every way to fail for the first write; for the others one of each family.
FAMILIES = (
    *("429 in seconds", "429 again and again", "500", "503 for long", "no answer", "applied, then dropped"),
    *("dropped", "half an answer", "applied, then 500", "one of each"),
)
CASES = [(write, fault) for write in WRITES for fault in (FAULTS if write == "message in the channel" else FAMILIES)]


@pytest.mark.fault("F38")
@pytest.mark.parametrize(("write", "fault"), CASES, ids=[f"{write}: {fault}" for write, fault in CASES])
def test_a_write_that_fails_for_a_while_happens_once(one_world: World, write: str, fault: str) -> None:
    case = play(one_world, WRITES[write], FAULTS[fault]())
    assert WRITES[write].count(case) == WRITES[write].expected
    assert unfinished(one_world) == []


@pytest.mark.parametrize("write", [name for name, write in WRITES.items() if write.vendor == "intercom"])
@pytest.mark.parametrize("status", ["403", "422"])
def test_a_refused_note_is_a_dead_letter_that_can_be_replayed(one_world: World, write: str, status: str) -> None:
    case = play(one_world, WRITES[write], [Fault(status)])
    [reason] = one_world.replay_the_dead()
    assert status in reason or "token" in reason
    assert (WRITES[write].count(case), len(case.said(CHANNEL))) == (WRITES[write].expected, 1)
    assert unfinished(one_world) == []


def test_a_channel_that_the_bot_was_removed_from_is_a_dead_letter_that_can_be_replayed(one_world: World) -> None:
    case, members = Case(one_world), one_world.slack.channels[CHANNEL].members
    kept = list(members)
    one_world.slack.archive(CHANNEL)
    case.escalate()
    assert (in_channel(case), case.row().posted_at) == (0, None)
    one_world.slack.channels[CHANNEL].members, one_world.slack.channels[CHANNEL].archived = kept, False
    [reason] = one_world.replay_the_dead()
    assert reason.startswith("Slack answered ")
    assert (in_channel(case), to(OWNER)(case), to(AGENT)(case), notes(case)) == (1, 1, 1, 1)


# -- found by the state machine, or by killing the process ----------------------------------------


def test_asked_at_once_twice_in_a_night_it_climbs_twice(one_world: World) -> None:
    """Both times it is due at the same opening; a line or a person must not be taken for what was said before."""
    case = Case(one_world)
    case.escalate()
    night = store.read(lambda session: session.get_one(Escalation, case.row().id)).due_at
    for _ in range(3):
        store.write(lambda session: setattr(session.get_one(Escalation, case.row().id), "due_at", night))
        case.remind()
    assert below_channel(case) == 3
    assert (to(OWNER, below=True)(case), to(DEPUTY)(case), to(DEPUTY, below=True)(case)) == (1, 1, 1)


def test_a_reminder_that_lost_its_answer_before_it_was_due_is_found_again(one_world: World) -> None:
    case = Case(one_world)
    case.escalate()
    one_world.slack.fail(POST, Fault("reset"), Fault("reset"))
    case.remind()
    assert (to(OWNER, below=True)(case), below_channel(case)) == (1, 1)
    assert unfinished(one_world) == []


def test_whoever_takes_what_somebody_left_behind_is_who_acknowledged_it(one_world: World) -> None:
    case = Case(one_world)
    case.escalate()
    case.acknowledge()
    one_world.slack.people[OWNER].deleted = True
    case.remind()
    assert (case.row().state, case.row().acknowledged_by, case.row().person) == ("open", "", DEPUTY)
    one_world.slack.people[OWNER].deleted = False
    [posted] = case.said(CHANNEL)
    case.slack.press(DEPUTY, CHANNEL, posted["ts"], "acknowledge")
    one_world.settle()
    assert (case.row().acknowledged_by, case.row().person) == (DEPUTY, DEPUTY)
