"""Whatever happens in three chats, and however it is heard of: each thread shows each message once, and the truth.

Webhooks come late, twice or never, processes die, Slack says no, or does as it is told and does not say so. In the end
what stands in Slack is compared with what was said at Intercom. `YAMABIKO_SEED=…` plays one storm again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlmodel import col, select

from integrations.intercom.twin import stand_in, workspace
from integrations.intercom.twin.data import Conversation, Part
from integrations.twin import Ask, Fault, Said
from tests.clock import Hands
from tests.enquiring import CHANNEL, SATO, TANAKA, WINDOW, Enquiring, text_of
from tests.properties.dying import Crash, dying
from tests.world import World
from workflows.engine import durable
from workflows.engine.store import store
from workflows.rules import rules
from workflows.tables.customer import Message
from workflows.tables.runs import OPEN, Run

GIVEN = os.environ.get("YAMABIKO_SEED")
#: The last is another one each day: every process of a run collects the same.
SEEDS = [int(GIVEN)] if GIVEN else [*range(3), date.today().toordinal()]
ROUNDS, LATE = 14, 600
CALLS = ("POST /api/chat.postMessage", "POST /api/chat.postMessage", "POST /api/chat.update")
FAULTS = ("429", "500", "reset", "lost", "late-500")
#: Each message says which one it is.
TOKEN = re.compile(r"〈\d+〉")


class Storm:
    """Three customers, two agents, and everything that can go wrong on the way to Slack."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice, self.desk = world, Random(seed), Enquiring(world)
        self.hands = Hands()
        self.hands._now -= LATE  # Intercom's seconds pass as they are dealt
        Hands.release()
        workspace.time = stand_in.time = self.hands  # type: ignore[assignment]
        world.order = self.shuffled
        world.slack.watchers.append(self.listen)
        self.numbers, self.chats = iter(range(1, 10_000)), list[str]()
        self.late: list[tuple[str, dict[str, str], bytes]] = []
        #: What was known of a chat whenever something was posted alone; nothing where runs went on side by side.
        self.known: dict[tuple[str, str], set[str]] = {}
        self.is_alone = True

    def end(self) -> None:
        """Give the real time back."""
        workspace.time = stand_in.time = time  # type: ignore[assignment]

    def shuffled(self, runs: list[Run]) -> list[Run]:
        return self.dice.sample(runs, len(runs))

    def listen(self, ask: Ask, said: Said) -> None:
        """Something was posted: what was known then?"""
        if ask.path != "/api/chat.postMessage" or said.status != 200 or not said.body.get("ok"):
            return
        message = ask.json()
        tokens = TOKEN.findall(str(message))
        if len(set(tokens)) == 1:
            texts = store.read(lambda session: list(session.exec(select(Message.text)))) if self.is_alone else []
            known = {token for text in texts for token in TOKEN.findall(text)}
            self.known.setdefault((message["channel"], tokens[0]), known)

    # -- what happens at Intercom ---------------------------------------------------

    def words(self, text: str) -> str:
        return f"{text}〈{next(self.numbers)}〉"

    def begin(self) -> None:
        id = str(next(self.desk._numbers))
        customer = f"c10{len(self.chats) + 1}"
        self.chats.append(self.world.intercom.add_conversation(id, customer, self.words("困っています"), send=True))

    def act(self) -> None:
        chat, twin = self.dice.choice(self.chats), self.world.intercom
        agent = self.dice.choice((TANAKA, SATO))
        match self.dice.choice(
            ("says", "says", "says", "sends", "answers", "answers", "notes", "close", "give", "redact")
        ):
            case "says":
                twin.customer_says(chat, self.words("急いでいます"))
            case "sends":
                name = self.words("画面")
                twin.customer_says(chat, "", files={name: f"https://files.example/{len(name)}"})
            case "answers":
                twin.agent_says(chat, agent, self.words("確認します"))
            case "notes":
                twin.agent_notes(chat, agent, self.words("経理に聞きました"))
            case "close":
                twin.close(chat, agent)
            case "give":
                twin.assign_by_hand(chat, agent, self.dice.choice((TANAKA, SATO, "")))
            case "redact":
                parts = [part.id for part in self.talk(chat).parts if part.type in ("comment", "open", "note")]
                twin.redact(chat, self.dice.choice(["", *parts]))

    def talk(self, chat: str) -> Conversation:
        return self.world.intercom.books.conversations[chat]

    # -- and on the way -----------------------------------------------------------

    def round(self) -> None:
        """A few things happen; some of them are heard of, and some of the runs go on."""
        for _ in range(self.dice.randrange(1, 5)):
            self.hands.go_on(self.dice.choice((0, 1, 1, 2)))
            self.act()
        if self.dice.random() < 0.5:
            kind = self.dice.choice(FAULTS)
            self.world.slack.fail(self.dice.choice(CALLS), *[Fault(kind)] * self.dice.randrange(1, 4))
        self.hear()
        if self.dice.random() < 0.15:
            self.is_alone = False
            self.world.conduct_at_once()
            self.is_alone = True
        for run in self.waiting()[: self.dice.randrange(12)]:
            self.conduct(run)

    def hear(self) -> None:
        """Of the webhooks under way some arrive, in any order; some arrive twice, some never."""
        self.late += self.world.held()
        self.dice.shuffle(self.late)
        for _ in range(self.dice.randrange(len(self.late) + 1)):
            webhook = self.late.pop()
            for _ in range(self.dice.choice((0, 1, 1, 1, 2))):
                assert self.world.post(*webhook).status_code == 200

    def waiting(self) -> list[Run]:
        rows = store.read(
            lambda session: list(session.exec(select(Run).where(Run.state == OPEN).order_by(col(Run.id))))
        )
        return self.shuffled(rows)

    def conduct(self, run: Run) -> None:
        """A run goes on; sometimes its process dies meanwhile, with what it had put off."""
        try:
            if self.dice.random() < 0.15:
                with dying(self.dice.randrange(12), committed=self.dice.random() < 0.5):
                    durable.conduct(run.id, durable.STORIES[run.workflow])
            else:
                durable.conduct(run.id, durable.STORIES[run.workflow])
        except Crash:
            assert store._store is not None
            store._store._put_off.works = []

    def calm(self) -> None:
        """The storm is over: what is late arrives, what was lost is found, and everything comes to its end."""
        self.world.slack.mend()
        for webhook in self.late:
            assert self.world.post(*webhook).status_code == 200
        self.world.settle()
        self.world.reconcile()
        assert [(run.workflow, run.reason) for run in self.world.runs() if run.state not in ("done", "ignored")] == []


# -- what has to be so ----------------------------------------------------------------------------


def check(storm: Storm, chat: str, channel: str) -> None:
    """A thread says what was said, once and in order, and where the chat stands."""
    talk, first, below = storm.talk(chat), storm.desk.first(chat, channel), storm.desk.replies(chat, channel)
    said = {token: part for part in talk.parts for token in TOKEN.findall(spoken(part))}
    there = [list(dict.fromkeys(TOKEN.findall(each))) for each in below]
    assert sorted(token for some in there for token in some) == sorted(said), "each message once"
    for some in there:
        assert some == sorted(some, key=list(said).index), "those that are told together are in order"
    check_order(storm, channel, [some[0] for some in there if len(some) == 1], list(said))
    assert talk.source.redacted != bool(TOKEN.search(first)), "what is asked is there until it is deleted"
    for sign in ("🔴", "🟡", "🔵", "✅"):
        assert (sign in first) == (sign == stands(talk)), (stands(talk), first)
    assert all(
        (f"担当: {storm.world.intercom.books.admins[id].name}さん" in first) == (id == talk.assignee_id)
        for id in AGENTS
    )


AGENTS = (TANAKA, SATO)


def check_order(storm: Storm, channel: str, alone: list[str], said: list[str]) -> None:
    """Of two that stand alone the later one was posted first only where nobody knew of the earlier one."""
    for number, token in enumerate(alone):
        overtaken = {each for each in alone[number + 1 :] if said.index(each) < said.index(token)}
        assert not overtaken & storm.known.get((channel, token), set()), (
            "they stand in the order in which they were said"
        )


def spoken(part: Part) -> str:
    """What a part says and brings, if it still does."""
    return "" if part.redacted else f"{part.body or ''}{''.join(part.files)}"


def stands(talk: Conversation) -> str:
    """Where a chat stands, by its own history: who spoke last, who has it, whether it is closed."""
    is_waiting = True
    for part in talk.parts:
        if part.author.type == "user":
            is_waiting = True
        elif part.type in ("comment", "close") or (part.type == "assignment" and part.body):
            is_waiting = False
    if talk.state == "open" and is_waiting:
        return "🟡" if talk.assignee_id else "🔴"
    return "✅" if talk.state == "closed" else "🔵"


@pytest.fixture
def storm(world: World, request: pytest.FixtureRequest) -> Iterator[Storm]:
    """A storm of the seed that the test asks for."""
    before = rules.enquiry
    storm = Storm(world, request.param)
    rules.enquiry = replace(rules.enquiry, window=WINDOW)
    yield storm
    storm.end()
    rules.enquiry = before


@pytest.mark.fault("F90")
@pytest.mark.parametrize("storm", SEEDS, indirect=True, ids=lambda seed: f"seed {seed}")
def test_in_the_end_each_thread_says_what_was_said_once_and_in_order(storm: Storm) -> None:
    for _ in range(3):
        storm.begin()
    for _ in range(ROUNDS):
        storm.round()
    storm.calm()
    for chat in storm.chats:
        for channel in (CHANNEL, WINDOW):
            check(storm, chat, channel)
    everything = "".join(text_of(each) for channel in (CHANNEL, WINDOW) for each in storm.world.slack.messages(channel))
    gone = {each for chat in storm.chats for part in storm.talk(chat).parts if part.redacted for each in files_of(part)}
    assert not [each for each in gone if each in everything], "what was deleted is gone"


def files_of(part: Part) -> Any:
    """The names of what hung on a message."""
    return part.files
