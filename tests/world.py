"""A world to test in: the seeded company in four twins, the door, and a database, without waiting for clocks.

    def test_done_reopens_everyone_who_asked(world):
        wish = world.wish(0)                       # given: tagged, filed, noted
        world.link(wish, "KNDE-12")
        world.move("KNDE-12", "完了")               # receive: the webhook, really signed, through the door
        assert world.opened(0) == 1                # then

Webhooks are held by the twins and delivered by `settle`, in order; runs are conducted by `settle` in
this thread (the engine's own part is tested with real processes, in tests/crash).
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, col, select

from app.demo.company import CHANNEL
from app.demo.stage import Stage
from app.inbox import Inbox
from app.main import create
from app.runtime import Runtime
from workflows import durable, upkeep
from workflows.records import feedback as records
from workflows.records.tables import OPEN, Action, Delivery, Feedback, FeedbackIssue, Run, Telling
from workflows.store import store

#: So many rounds of "deliver, conduct" before a test is told that the world does not come to rest.
ROUNDS = 60


class World:
    """One company, one service, one database; everything happens when the test says so."""

    def __init__(self, database_url: str, *, base: int = 1_000_000) -> None:
        self.stage = Stage(base=base)
        self.intercom, self.productboard = self.stage.intercom, self.stage.productboard
        self.jira, self.slack = self.stage.jira, self.stage.slack
        self.chats = self.stage.chats
        for twin in self.stage.twins.values():
            twin.held = []
        self.settings = self.stage.settings(8000, database_url, quiet_seconds=0)
        self.runtime = Runtime(self.settings, worker=False)
        self.runtime.start()
        self.loop = asyncio.new_event_loop()
        self.app = create(self.settings)
        self.app.state.stage = self.stage
        self.app.state.inbox, self.app.state.ready = Inbox(self.runtime.store), True
        transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 50000))
        self.browser = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    def close(self) -> None:
        self.loop.run_until_complete(self.browser.aclose())
        self.loop.close()
        self.runtime.stop()
        self.stage.close()

    # -- receive ------------------------------------------------------------

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request to the service, as from a browser on the same machine."""
        return self.loop.run_until_complete(self.browser.request(method, path, **options))

    def post(self, source: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """A webhook as it comes over the wire."""
        path = "/slack/events" if source == "slack" else f"/webhooks/{source}"
        return self.request("POST", path, headers=headers, content=body)

    def together(self, source: str, headers: dict[str, str], body: bytes, times: int) -> list[int]:
        """The same webhook many times at the same moment; returns the statuses."""
        path = "/slack/events" if source == "slack" else f"/webhooks/{source}"

        async def storm() -> list[httpx.Response]:
            return await asyncio.gather(*(self.browser.post(path, headers=headers, content=body) for _ in range(times)))

        return [response.status_code for response in self.loop.run_until_complete(storm())]

    def held(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Take every webhook that the twins hold back: (source, headers, body), in the order they happened."""
        taken = []
        for source, twin in self.stage.twins.items():
            waiting, twin.held = twin.held or [], []
            taken += [(source, headers, body) for headers, body in waiting]
        return taken

    def deliver(self) -> int:
        """Let the held webhooks arrive; returns how many."""
        webhooks = self.held()
        for source, headers, body in webhooks:
            assert self.post(source, headers, body).status_code == 200
        return len(webhooks)

    def settle(self, *, deliver: bool = True) -> None:
        """Deliver webhooks and conduct runs until nothing is left to do; clocks run as fast as needed."""
        for _ in range(ROUNDS):
            arrived = self.deliver() if deliver else 0
            waiting = store.read(_open_runs)
            for run in waiting:
                durable.conduct(run.id, durable.STORIES[run.workflow])
            if not arrived and not waiting:
                return
        raise AssertionError(f"not at rest after {ROUNDS} rounds: {[run.id for run in waiting]}")

    def reconcile(self) -> None:
        """Ask every vendor what was missed since the beginning, and let it be healed."""
        upkeep.reconcile(1)
        self.settle()

    # -- given --------------------------------------------------------------

    def tag(self, chat: int, tag: str = "要望", part: str = "", by: str = "7001") -> None:
        """An agent tags a message of the n-th chat; part "" is its opening message."""
        self.intercom.tag(self.chats[chat], part, tag, by)

    def wish(self, chat: int, tag: str = "要望") -> Feedback:
        """A wish that has been tagged and filed."""
        self.tag(chat, tag)
        self.settle()
        return self.feedback(chat)[-1]

    def link(self, wish: Feedback, key: str) -> None:
        """Somebody puts the conversation's link into a Jira issue's description."""
        url = store.read(partial(records.url_of_conversation, conversation_id=wish.conversation_id))
        self.jira.describe(key, f"お客様の声: {url}")
        self.settle()

    def move(self, key: str, status: str, resolution: str | None = None) -> None:
        """A developer moves an issue; its webhook arrives and everything that follows happens."""
        self.jira.move(key, status, resolution)
        self.settle()

    # -- then ---------------------------------------------------------------

    def feedback(self, chat: int | None = None) -> list[Feedback]:
        """The feedback of one chat, or of all."""
        chats = self.chats if chat is None else [self.chats[chat]]
        return store.read(partial(records.of_conversations, conversation_ids=chats))

    def notes(self, chat: int) -> list[str]:
        """The internal notes that the service left in a chat, as HTML."""
        return [str(effect.facts.get("body", "")) for effect in self.intercom.did("note", self.chats[chat])]

    def opened(self, chat: int) -> int:
        """How often the service opened a chat."""
        return len(self.intercom.did("open", self.chats[chat]))

    def state(self, chat: int) -> str:
        """The chat's state at Intercom."""
        return self.intercom.books.conversations[self.chats[chat]].state

    def said(self) -> list[str]:
        """What the support channel in Slack has been told."""
        return [str(message["text"]) for message in self.slack.messages(CHANNEL)]

    def deliveries(self) -> list[Delivery]:
        """Every delivery, oldest first."""
        return list(store.read(lambda s: s.exec(select(Delivery).order_by(col(Delivery.received_at))).all()))

    def runs(self) -> list[Run]:
        """Every run, oldest first."""
        return list(store.read(lambda s: s.exec(select(Run).order_by(col(Run.created_at), col(Run.id))).all()))

    def actions(self, chat: int | None = None) -> list[Action]:
        """Every action upon a chat, or all, oldest first."""
        rows = store.read(lambda s: s.exec(select(Action).order_by(col(Action.started_at))).all())
        return [row for row in rows if chat is None or row.conversation_id == self.chats[chat]]

    def tellings(self) -> dict[str, str]:
        """What each conversation is owed: its id and owed | drafted | told | excused."""
        rows = store.read(lambda s: s.exec(select(Telling)).all())
        return {row.conversation_id: row.state for row in rows}

    def waiting(self, key: str) -> list[int]:
        """The feedback records that wait for an issue."""
        issue_id = self.stage.issues[key]
        rows = store.read(lambda s: s.exec(select(FeedbackIssue).where(FeedbackIssue.issue_id == issue_id)).all())
        return sorted(row.feedback_id for row in rows)


def _open_runs(session: Session) -> list[Run]:
    return list(session.exec(select(Run).where(Run.state == OPEN).order_by(col(Run.created_at), col(Run.id))))


PAYLOADS = Path(__file__).parent / "payloads"
ON_POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
