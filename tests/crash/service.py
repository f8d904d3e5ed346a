"""The service as processes of its own, that can be killed, and a play in which people act and vendors send webhooks.

    with Play(database_url, folder) as play:
        play.begin("action.called.intercom.note:1")     # dies there; `settle` starts it again, as an operator would
        play.tag()
        play.settle()

The twins live in the test's process, so they remember what the service did before it died. They hold
their webhooks back; the play delivers them, again and again until the answer is 200, as vendors do.
"""

from __future__ import annotations

import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from sqlmodel import Session, col, select

from app.demo.company import CHANNEL
from app.demo.show import environment
from app.demo.stage import Stage
from integrations.twin import Twin
from tests.crash import nursery
from tests.door import ROOT
from workflows.engine.store import create_engine
from workflows.tables.runs import OPEN, Action, Delivery, Executor, Run
from workflows.tables.telling import Telling
from workflows.tables.wish import Feedback

#: Seconds until a test says that nothing comes of it any more; nothing is measured by it.
PATIENCE = 90.0
#: What begins because time goes by, and so as often as a play is long; or, pressed for again, anew in each minute. What
#: comes of it is counted all the same: it is among the actions.
BY_THE_CLOCK = {"warning.warn", "reminders.remind"}
#: Where upkeep comes by at its own time, which a play may be too short for.
UPKEEP = {"counted.kept", "courses.kept", "packing.kept"}
#: Reconciliation is left out: what is repaired here, a restart has to repair alone.
RULES = (ROOT / "yamabiko.example.toml").read_text(encoding="utf-8").replace("\nminutes = 5", "\nminutes = 0")
#: What is reopened is tagged, so that this write can be interrupted, too.
RULES = RULES.replace('\ntag = ""\n', '\ntag = "お知らせで再開"\n')

#: Zendesk is left out for the same reason: a clock asks it.
NO_ZENDESK: dict[str, object] = {"zendesk_subdomain": "", "zendesk_client_id": "", "zendesk_client_secret": None}

Prepare = Callable[[], None]


def until(came_true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + patience
    while not came_true():
        assert time.monotonic() < ends, f"it did not come to pass: {what}"
        time.sleep(0.05)


class Process:
    """`python -m app <command>`, from the nursery or a stranger to it."""

    def __init__(
        self, command: str, variables: Mapping[str, str], log: Path, prepare: Prepare | None = None, *, stranger: bool
    ) -> None:
        self._process: ForkServerProcess | nursery.Stranger
        if stranger:
            self._process = nursery.Stranger(command, variables, log)
        else:
            self._process = nursery.begin(command, variables, log, prepare or nursery.without_encoders)

    @property
    def number(self) -> int:
        """The operating system's number for it."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """The exit code (-9: killed); None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self.wait()

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait for the end that it comes to by itself; returns the exit code."""
        self._process.join(PATIENCE)
        assert self._process.exitcode is not None, f"process {self.number} does not end"
        return self._process.exitcode


class Play:
    """One company, one database, and the service's processes."""

    #: What the rules' file says.
    rules = RULES

    def __init__(self, database_url: str, folder: Path, **settings: object) -> None:
        self.stage = Stage(base=1_000_000)
        for twin in self.stage.twins.values():
            twin.held = []
        self.chat = self.stage.chats[0]
        self.log = folder / "service.log"
        rules = folder / "rules.toml"
        rules.write_text(self.rules, encoding="utf-8")
        chosen: dict[str, object] = {"yamabiko_config": rules, "quiet_seconds": 0.5} | NO_ZENDESK
        self.settings = self.stage.settings(_free_port(), database_url, **(chosen | settings))
        self.url = f"http://127.0.0.1:{self.settings.port}"
        self.engine = create_engine(database_url, pool_size=1)
        self.service: Process | None = None
        #: Where the service is to die next, one place for each of its lives.
        self.plan: list[str] = []
        self.deaths = 0
        #: What processes are told beside the settings, and what is done in each before its life begins.
        self.variables: dict[str, str] = {}
        self.prepare: Prepare | None = None
        #: Are processes started as an operator starts them?
        self.strangers = False
        self._vendor = httpx.Client(timeout=30, trust_env=False)
        self._others: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._others:
            if process.ended is None:
                process.kill()
        self._vendor.close()
        self.engine.dispose()
        self.stage.close()

    def _explain(self) -> None:
        """What a failed test needs to be understood: what is undone, what waits, and what the service said."""
        for run in self.rows(Run):
            if run.state == OPEN:
                print(
                    f"open: {run.id} {run.workflow}, attempts {run.attempts}, scheduled {run.scheduled}: {run.reason}"
                )
        print(f"held: { {name: len(twin.held or []) for name, twin in self.stage.twins.items()} }")
        print(self.log.read_text(errors="replace")[-3000:] if self.log.exists() else "nothing was said")

    # -- processes ----------------------------------------------------------

    def start(self, command: str, failpoint: str = "") -> Process:
        """One more process of this service."""
        variables = environment(self.settings) | {"SSL_CERT_FILE": "", "YAMABIKO_FAILPOINT": failpoint} | self.variables
        process = Process(command, variables, self.log, self.prepare, stranger=self.strangers)
        self._others.append(process)
        return process

    def begin(self, *plan: str) -> None:
        """Start the service and wait until it answers. It dies at the first place, the next time at the second …"""
        self.plan = list(plan)
        self._live()

    def _live(self) -> None:
        self.service = self.start("run", self.plan.pop(0) if self.plan else "")
        until(self._answers, "the service answers")

    def _answers(self) -> bool:
        assert self.service is not None
        if self.service.ended is not None:
            return True  # killed at its first breath: `settle` sees to it
        try:
            return self._vendor.get(f"{self.url}/livez").status_code == 200
        except httpx.HTTPError:
            return False

    def revive(self) -> None:
        """Start the service again if it died."""
        if self.service is not None and self.service.ended is not None:
            assert self.service.ended == -signal.SIGKILL, self.log.read_text(errors="replace")[-3000:]
            self.deaths += 1
            self._live()

    def workers(self) -> set[int]:
        """The processes that say that they work off runs."""
        return {int(row.id.rsplit("-", 2)[1]) for row in self.rows(Executor)}

    # -- the play -----------------------------------------------------------

    def settle(self) -> None:
        """Deliver every webhook and wait until every run has ended, whatever dies meanwhile."""
        try:
            until(self._at_rest, "nothing is left to do")
        except AssertionError:
            self._explain()
            raise

    def _at_rest(self) -> bool:
        self.revive()
        self.deliver()
        return not self._held() and not self.open_runs() and (self.service is None or self.service.ended is None)

    def deliver(self) -> None:
        """Send what the twins hold back, oldest first; what is not answered with 200 is sent again later."""
        for source, twin in self.stage.twins.items():
            while twin.held:
                headers, body = twin.held[0]
                if not self._taken(source, headers, body):
                    return
                twin.held.pop(0)

    def _taken(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        path = "/slack/events" if source == "slack" else f"/webhooks/{source}"
        try:
            return self._vendor.post(self.url + path, headers=dict(headers), content=body).status_code == 200
        except httpx.HTTPError:
            return False

    def _held(self) -> int:
        return sum(len(twin.held or []) for twin in self.stage.twins.values())

    def tag(self) -> None:
        """An agent tags the customer's message."""
        self.stage.intercom.tag(self.chat, "", "要望", "7003")

    def link(self) -> None:
        """Somebody puts the conversation's link into a Jira issue."""
        url = f"https://app.intercom.com/a/inbox/kanade01/inbox/shared/all/conversation/{self.chat}"
        self.stage.jira.describe("KNDE-12", f"お客様の声: {url}")

    def finish(self) -> None:
        """The developers are done."""
        self.stage.jira.move("KNDE-12", "完了")

    # -- then ---------------------------------------------------------------

    def rows(self, table: type[Any], *order: Any) -> list[Any]:
        """All rows of a table."""
        with Session(self.engine) as session:
            return list(session.exec(select(table).order_by(*order)))

    def stories(self) -> Counter[str]:
        """How often each story ran; what begins because time goes by is left out."""
        return Counter(row.workflow for row in self.rows(Run) if row.workflow not in BY_THE_CLOCK)

    def unfinished(self) -> list[str]:
        """The runs that came to no good end."""
        return [row.id for row in self.begun() if row.state not in ("done", "ignored")]

    def begun(self) -> list[Run]:
        """Every run but those that time has begun a moment ago: one of them may be open whenever somebody looks."""
        return [row for row in self.rows(Run) if row.state != OPEN or row.workflow not in BY_THE_CLOCK]

    def open_runs(self) -> list[str]:
        """The runs that have not ended."""
        with Session(self.engine) as session:
            return list(session.exec(select(Run.id).where(Run.state == OPEN).order_by(col(Run.id))))

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however often the service died: what vendors got, and what we know."""
        return {
            "effects": {name: Counter(_effects(twin)) for name, twin in self.stage.twins.items()},
            "said": len(self.stage.slack.messages(CHANNEL)),
            "state": self.stage.intercom.books.conversations[self.chat].state,
            "feedback": [(row.kind, row.quote, bool(row.note_id)) for row in self.rows(Feedback)],
            "tellings": {row.conversation_id: (row.state, row.draft) for row in self.rows(Telling)},
            "actions": {row.key: (row.state, row.sentence) for row in self.rows(Action)},
            "runs": self.stories(),
            "topics": {row.topic for row in self.rows(Delivery)},
            "states": {row.state for row in (*self.begun(), *self.rows(Delivery))},
        }


def _effects(twin: Twin) -> Iterator[tuple[str, str]]:
    """What a vendor was made to do. A link on a Jira issue that is set once more is still one link.

    Whoever looks for a message of before opens the direct messages first; that says nothing to anybody.
    """
    for effect in twin.effects:
        if effect.facts.get("created", True) and effect.verb != "conversations.open":
            yield effect.verb, str(effect.facts.get("record_id", effect.facts.get("name", effect.target)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hits(path: Path) -> list[str]:
    """The failpoints that a recorded play came by, in order, but for those of upkeep."""
    places = path.read_text().splitlines() if path.exists() else []
    return [place for place in places if place not in UPKEEP]
