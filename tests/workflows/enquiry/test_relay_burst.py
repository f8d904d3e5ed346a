"""Five hundred chats begin at once: each has one thread, and no more is posted a second than Slack allows.

A worker is here what a process has of its own, a `Spacing` and threads, over the one PostgreSQL that all of them share.
Slack's second is a part of one, and so is the patience with which a message waits for its turn in the channel.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from integrations import shared, spacing
from integrations.spacing import Spacing
from tests.enquiring import CHANNEL, Enquiring, text_of
from tests.world import World
from workflows.engine import durable
from workflows.engine.budgets import Budgets
from workflows.engine.durable import child, spawn
from workflows.engine.lane import lane
from workflows.engine.store import store
from workflows.engine.vendors import vendors
from workflows.rules import rules
from workflows.tables.enquiry import Enquiry
from workflows.tables.runs import OPEN

CHATS, WORKERS, THREADS = 500, 3, 4
#: Seconds between two messages, as we keep to them and as Slack insists on them, and for how long a message waits.
APART, INSISTS, PATIENCE = 0.03, 0.01, 0.15


class Turns(Budgets):
    """What all processes share, and how many turns it gave."""

    given = 0

    def book(self, name: str, seconds: float, patience: float) -> float:
        """The next turn of this name."""
        delay = super().book(name, seconds, patience)
        self.given += delay <= patience
        return delay


class Workers:
    """Several processes with some threads each, and what is to be done."""

    def __init__(self) -> None:
        self.waiting: SimpleQueue[str] = SimpleQueue()
        self.mine = threading.local()
        self.attempts = Counter[str]()

    def wait(self, key: str) -> None:
        """A message's turn, as the process of this thread books it."""
        self.mine.spacing.wait(key)

    def work(self, own: Spacing) -> None:
        """Until nothing waits. What is put off comes again after everything else."""
        self.mine.spacing = own
        while True:
            try:
                run = self.waiting.get_nowait()
            except Empty:
                return
            self.attempts[run] += 1
            with lane.place():
                state = durable.conduct(run, durable.STORIES["enquiries.follow"])
            if state == OPEN:
                self.waiting.put(run)

    def finish(self) -> None:
        """All of them go on until everything is done."""
        threads = [
            threading.Thread(target=self.work, args=(own,), daemon=True)
            for own in [Spacing(APART, name="slack") for _ in range(WORKERS)]
            for _ in range(THREADS)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join(120)
        assert not any(each.is_alive() for each in threads), "they come to an end"


@pytest.fixture
def desk(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Enquiring]:
    """A company whose processes share what Slack allows."""
    before, world = rules.enquiry, World(postgres_url)
    desk = Enquiring(world)
    world.slack.per_channel, world.slack.clock = INSISTS, threading_clock
    monkeypatch.setattr(spacing, "PATIENCE", PATIENCE)
    shared.bind(Turns())
    yield desk
    shared.bind(None)
    rules.enquiry = before
    world.close()


def threading_clock() -> float:
    """Slack's own seconds."""
    return spacing.time.monotonic()


@pytest.mark.fault("F90")
@pytest.mark.timeout(180)
def test_when_five_hundred_chats_begin_at_once_each_has_one_thread(desk: Enquiring) -> None:
    world, workers = desk.world, Workers()
    chats = [
        world.intercom.add_conversation(str(900_000 + n), f"c{101 + n % 8}", f"{n}番目の質問です。")
        for n in range(CHATS)
    ]
    runs = [child(f"burst/{chat}", "enquiries.follow", conversation_id=chat, change="begun") for chat in chats]
    spawn(runs)
    for chat in chats:
        workers.waiting.put(f"burst/{chat}")
    assert vendors.slack is not None
    vendors.slack._spacing = workers  # type: ignore[assignment]
    workers.finish()

    begun = Counter(chat for each in desk.threads() for chat in chats if f"/{chat}" in text_of(each))
    assert begun == dict.fromkeys(chats, 1), "nothing is lost, and nothing is there twice"
    assert len(world.slack.messages(CHANNEL)) == CHATS
    turns = shared.shared()
    assert isinstance(turns, Turns) and turns.given >= CHATS, "each waits for its turn among all"
    posted = [each.at for each in world.slack.did("chat.postMessage", CHANNEL)]
    assert max(posted) - min(posted) > (CHATS - 1) * APART - 2 * PATIENCE, "together they keep to the spacing"
    assert {run.state for run in world.runs() if run.id.startswith("burst/")} == {"done"}
    held = store.read(lambda session: [session.get_one(Enquiry, chat).relayed_by for chat in chats])
    assert set(held) == {""}
    refused = sum(status == 429 for pattern, status in world.slack.calls if "postMessage" in pattern)
    print(f"attempts: {sum(workers.attempts.values())} for {CHATS} chats, answers of 429: {refused}")
