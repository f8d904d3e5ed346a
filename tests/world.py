"""A world to test in: the seeded company in four twins, the door, and a database, without waiting for clocks.

    def test_done_reopens_everyone_who_asked(world):
        wish = world.wish(0)                       # given: tagged, filed, noted
        world.link(wish, "KNDE-12")
        world.move("KNDE-12", "完了")               # receive: the webhook, really signed, through the door
        assert world.opened(0) == 1                # then

Webhooks are held by the twins and delivered by `settle`, in order; runs are conducted by `settle` in
this thread (the engine's own part is tested with real processes, in tests/crash).

Stories are told as above. A test of what the service answers is a coroutine, and its event loop serves the world that
is made within it:

    async with World(sqlite_url) as world:
        await world.aside(world.wish, 0)           # a step of a story, in another thread
        assert (await world.arequest("GET", "/feedback/1")).status_code == 200
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import httpx
from sqlmodel import Session, col, select, update

from app import auth
from app.demo import readers
from app.demo.company import CHANNEL, MEMBERS
from app.demo.host import Host
from app.demo.stage import Stage
from app.door.inbox import Inbox
from integrations.twin import Twin
from tests.clock import Clock
from tests.looking import Looking
from tests.ready import Ready, serving
from tests.silence import impatient
from tests.twin_server import twin_server
from workflows import upkeep
from workflows.engine import durable, replay
from workflows.engine.lane import lane
from workflows.engine.store import now_ms, store
from workflows.engine.vendors import vendors
from workflows.language.wording import say
from workflows.people import agents
from workflows.people.person import Person
from workflows.rules import rules
from workflows.tables.runs import DEAD, OPEN, Run
from workflows.tables.telling import Release, Wave
from workflows.tables.wish import Feedback
from workflows.wish import wishes

#: So many rounds of "deliver, conduct" before a test is told that the world does not come to rest.
ROUNDS = 60

T = TypeVar("T")
P = ParamSpec("P")


class World(Looking):
    """One company, one service, one database; everything happens when the test says so.

    One event loop serves it from beginning to end, for an inbox is bound to its loop: the loop that runs where the
    world is made or, when none does, one of its own, which is driven whenever a request is made.
    """

    def __init__(self, database_url: str, *, base: int = 1_000_000) -> None:
        self.stage = Stage(base=base, server=twin_server())
        self.intercom, self.productboard = self.stage.intercom, self.stage.productboard
        self.jira, self.slack = self.stage.jira, self.stage.slack
        self.deploy, self.zendesk, self.chatwork = self.stage.deploy, self.stage.zendesk, self.stage.chatwork
        self.chats, self.channel = self.stage.chats, CHANNEL
        for twin in self.stage.twins.values():
            twin.held = []
        self.slack.sender = self.answered_slack
        self.intercom.sender = self.answered
        self.slack.clock = lambda: 0.0  # people wait for as long as this machine takes
        self.settings = self.stage.settings(8000, database_url, quiet_seconds=0, ssl_cert_file="")
        self.runtime = Ready(self.settings)
        self.runtime.start()
        self.clock = Clock()
        self.clock.rule(vendors)
        agents._book.silent_at = None  # what another world's Intercom did not answer is nothing to this one
        for name, twin in self.stage.twins.items():
            impatient(getattr(vendors, name), twin)
        self.productboard.rate = None  # counted in real seconds, and here nobody waits for them
        #: The share of webhooks that are lost, drawn from `dice`; they are kept in `lost`.
        self.loss, self.dice = 0.0, random.Random(0)
        self.lost: list[tuple[str, dict[str, str], bytes]] = []
        #: In which order `settle` conducts the runs that wait; they come oldest first.
        self.order: Callable[[list[Run]], list[Run]] = list
        self._loop = _running_loop() or asyncio.new_event_loop()
        self.app = serving(self.settings, Host(self.stage))
        self.app.state.inbox, self.app.state.ready = Inbox(self.runtime.store), True
        transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 50000))
        self.browser = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
        #: What the pages' forms and scripts bring along: the demo's, until somebody signs in.
        self.csrf = readers.reader("", self.stage.secret).csrf

    def close(self) -> None:
        """End a world that has a loop of its own."""
        self._wait_for(self.aclose)
        self._loop.close()

    async def aclose(self) -> None:
        """End, but for the loop."""
        await self.browser.aclose()
        self.clock.end()
        self.runtime.stop()
        self.stage.close()

    async def __aenter__(self) -> World:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # -- receive ------------------------------------------------------------

    async def arequest(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request to the service, as from a browser on the same machine that has one of its pages open."""
        options["headers"] = {"X-CSRF-Token": self.csrf} | (options.get("headers") or {})
        return await self.browser.request(method, path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The same, where nothing can be awaited: in a story, in a twin, in a thread of the service."""
        return self._wait_for(partial(self.arequest, method, path, **options))

    async def aside(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A step of a story, in another thread, so that this loop can serve what it asks for."""
        return await asyncio.to_thread(step, *args, **kwargs)

    def _wait_for(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Ask in the loop that serves, and wait: it runs in another thread, or else it is driven from here."""
        assert _running_loop() is not self._loop, "in a coroutine, await `arequest`; steps of a story go `aside`"
        if self._loop.is_running():
            return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()
        return self._loop.run_until_complete(ask())

    def sign_in(self, id: str = "U0LEAD") -> str:
        """From now on the browser belongs to somebody of the company who is signed in; their token."""
        [member] = [each for each in MEMBERS if each.id == id]
        token = auth.begin(Person(id, member.name, member.email, id), before="")
        self.browser.cookies.set("yamabiko", token, domain="127.0.0.1")
        self.csrf = auth.csrf_of(token)
        return token

    async def apost(self, source: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """A webhook as it comes over the wire."""
        path = "/slack/events" if source == "slack" else f"/webhooks/{source}"
        return await self.arequest("POST", path, headers=headers, content=body)

    def post(self, source: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """The same in a story."""
        return self._wait_for(partial(self.apost, source, headers, body))

    def answered(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """A request whose sender reads the answer."""
        response = self.request("POST", path, headers=headers, content=body)
        return response.status_code, dict(response.headers), response.content

    def answered_slack(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """A form, a command or a pressed button: Slack shows what the answer says."""
        return self.answered("/slack/events", headers, body)

    def together(self, source: str, headers: dict[str, str], body: bytes, times: int) -> list[int]:
        """The same webhook many times at the same moment; returns the statuses."""
        path = "/slack/events" if source == "slack" else f"/webhooks/{source}"

        async def storm() -> list[httpx.Response]:
            return await asyncio.gather(*(self.browser.post(path, headers=headers, content=body) for _ in range(times)))

        return [response.status_code for response in self._wait_for(storm)]

    def held(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Take every webhook that the twins hold back: (source, headers, body), in the order they happened."""
        taken = []
        for source, twin in self.stage.twins.items():
            waiting, twin.held = twin.held or [], []
            taken += [(source, headers, body) for headers, body in waiting]
        return taken

    def deliver(self) -> int:
        """Let the held webhooks arrive, but for those that are lost; returns how many arrived."""
        webhooks = self.held()
        lost = [webhook for webhook in webhooks if self.dice.random() < self.loss]
        arriving = [webhook for webhook in webhooks if webhook not in lost]
        for source, headers, body in arriving:
            assert self.post(source, headers, body).status_code == 200
        self.lost += lost
        return len(arriving)

    def settle(self, *, deliver: bool = True) -> None:
        """Deliver webhooks and conduct runs until nothing is left to do; clocks run as fast as needed."""
        for _ in range(ROUNDS):
            arrived = self.deliver() if deliver else 0
            waiting = store.read(_open_runs)
            for run in self.order(waiting):
                self.clock.until(run.due_at / 1000)
                durable.conduct(run.id, durable.STORIES[run.workflow])
            if not arrived and not waiting:
                return
        raise AssertionError(f"not at rest after {ROUNDS} rounds: {[run.id for run in waiting]}")

    def conduct_at_once(self, *, within: float = 300) -> list[str]:
        """Conduct every run that waits in a thread of its own, as the engine does; what became of each.

        Runs that have not ended `within` so many seconds wait for each other: they are told as "stuck".
        """
        waiting = store.read(_open_runs)
        states = dict.fromkeys((run.id for run in waiting), "stuck")

        def take_turn(run: Run) -> None:
            with lane.place():
                states[run.id] = durable.conduct(run.id, durable.STORIES[run.workflow])

        threads = [threading.Thread(target=take_turn, args=(run,), daemon=True) for run in waiting]
        for thread in threads:
            thread.start()
        ends = time.monotonic() + within
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))
        return list(states.values())

    def conduct_one(self) -> None:
        """Conduct the oldest run that waits, and nothing of what it starts."""
        run = store.read(_open_runs)[0]
        durable.conduct(run.id, durable.STORIES[run.workflow])

    def reconcile(self) -> None:
        """Ask every vendor what was missed since yesterday, and let it be healed."""
        upkeep.reconcile(now_ms() - upkeep.DAY_MS)
        self.settle()

    def find_the_lost(self) -> None:
        """The webhooks that were lost arrive after all, and everything that follows happens."""
        self.loss, late, self.lost = 0.0, self.lost, []
        for source, headers, body in late:
            assert self.post(source, headers, body).status_code == 200
        self.settle()

    def replay_the_dead(self) -> list[str]:
        """An operator replays every dead letter; returns what they said."""
        dead = [run for run in self.runs() if run.state == DEAD]
        for run in dead:
            assert replay.replay(run.id)
        self.settle()
        return [say("en", run.reason, **run.facts) for run in dead]

    # -- given --------------------------------------------------------------

    def chat(self, opening: str, customer: str = "101", state: str = "closed", by: str = "7001") -> int:
        """One more chat, as it stands after an agent dealt with it; its number."""
        id = str(int(self.chats[-1]) + 1)
        self.intercom.add_conversation(id, f"c{customer}", opening)
        if state == "closed":
            self.intercom.close(id, by)
        self.chats.append(id)
        return len(self.chats) - 1

    def issue(self, key: str, summary: str = "CSV出力に列を追加する", description: str = "") -> str:
        """One more Jira issue; its key."""
        self.stage.issues[key] = self.jira.add_issue(key, summary, description)
        return key

    def days_pass(self, days: int) -> None:
        """What was released so far was released so many days earlier."""
        earlier = {"happened_at": Release.happened_at - days * 24 * 3600 * 1000}
        since = {"opened_at": Wave.opened_at - days * 24 * 3600 * 1000}
        store.write(lambda session: session.exec(update(Release).values(earlier)) and None)
        store.write(lambda session: session.exec(update(Wave).values(since)) and None)

    @contextmanager
    def without(self, vendor: str) -> Iterator[None]:
        """Meanwhile this vendor is not configured."""
        client = getattr(vendors, vendor)
        setattr(vendors, vendor, None)
        try:
            yield
        finally:
            setattr(vendors, vendor, client)

    @contextmanager
    def rules(self, **others: Any) -> Iterator[None]:
        """Meanwhile the company has these rules."""
        before = replace(rules)
        rules.bind(replace(rules, **others))
        try:
            yield
        finally:
            rules.bind(before)

    def twin(self, vendor: str) -> Twin:
        """The stand-in of a vendor."""
        return self.stage.twins[vendor]

    def tag(self, chat: int, tag: str = "要望", part: str = "", by: str = "7001", shape: str = "b") -> None:
        """An agent tags a message of the n-th chat; part "" is its opening message, `shape` the webhook's."""
        self.intercom.tag(self.chats[chat], part, tag, by, shape)

    def wish(self, chat: int, tag: str = "要望") -> Feedback:
        """A wish that has been tagged and filed."""
        self.tag(chat, tag)
        self.settle()
        return self.feedback(chat)[-1]

    def link(self, wish: Feedback, key: str) -> None:
        """Somebody puts the conversation's link into a Jira issue's description."""
        url = store.read(partial(wishes.url_of_conversation, conversation_id=wish.conversation_id))
        self.jira.describe(key, f"お客様の声: {url}")
        self.settle()

    def move(self, key: str, status: str, resolution: str | None = None) -> None:
        """A developer moves an issue; its webhook arrives and everything that follows happens."""
        self.jira.move(key, status, resolution)
        self.settle()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of this thread; none in a test that is no coroutine."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _open_runs(session: Session) -> list[Run]:
    return list(session.exec(select(Run).where(Run.state == OPEN).order_by(col(Run.created_at), col(Run.id))))


PAYLOADS = Path(__file__).parent / "payloads"
ON_POSTGRES = os.environ.get("TEST_DATABASE_URL", "")
