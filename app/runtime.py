"""The composition root: everything that a process needs is built here, in order, and ended in reverse.

    settings ─► rules ─► database (one SQLite process only) ─► vendors ─► engine ─► queues ─► upkeep

`Runtime(settings)` is `make run`; on PostgreSQL web and worker are processes
of their own, as many as wanted. DBOS is imported here for its life cycle, in `workflows.engine.durable` for
its vocabulary, and nowhere else.
"""

from __future__ import annotations

import faulthandler
import fcntl
import gc
import logging
import os
import socket
import threading
import uuid
from contextlib import suppress
from typing import Any, NoReturn

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from dbos._serialization import DefaultSerializer

from app import migrations
from app.migrations import WrongDatabase
from app.settings import Settings
from integrations import VENDORS, shared, waiting
from workflows import upkeep
from workflows.engine import durable, restored, schedule, takeover, watchdog
from workflows.engine.actions import Patience
from workflows.engine.budgets import Budgets
from workflows.engine.clock import clock
from workflows.engine.lane import lane
from workflows.engine.sqlite import wal_is_safe
from workflows.engine.store import Store, create_engine, store
from workflows.engine.vendors import Vendors, vendors
from workflows.language.addresses import Site
from workflows.measure.subscriptions import Secrets
from workflows.rules import current, load, rules

log = logging.getLogger("yamabiko")

NAME = "yamabiko"
#: How many runs of a queue a process claims ahead, and after how many seconds it asks for more: asking is nearly all
#: that an idle process does. What follows from a run can wait a little longer than a delivery.
CLAIMS = {
    schedule.DELIVERIES: (44, 0.4),
    schedule.FANOUT: (64, 0.6),
    schedule.PEOPLE: (12, 0.5),
    schedule.SUSPECTS: (1, 1.0),
}
#: Threads that work on runs: as many as a process may claim, so that nobody's form waits for a thread.
THREADS = sum(claims for claims, _ in CLAIMS.values())
#: Connections of a process for the engine's rows; for its own, settings say how many.
SCHEDULE_CONNECTIONS = 4
#: How a process ends in which something is stuck. sysexits.h: EX_SOFTWARE.
STUCK = 70
#: When Python's collector looks for cycles; its default is for programs that make less garbage at a time.
RUBBISH = (20_000, 50, 20)

VANISHED = (
    "There was a database at {path}, and it is gone: bring it back, or a backup (python -m app restore FILE). "
    "To begin with an empty one instead, delete {path}.lock."
)
PICKLED = "A row of the engine says that it is pickled, and none of ours is: somebody else wrote it. It was refused."


class AlreadyRunning(Exception):
    """Another process works on the same SQLite file; the message says what to do."""


class Runtime:
    """One process' database, vendors and engine. `stop` leaves unfinished runs for the next process.

    `worker`: does it work off runs? `visitor`: an operator's command beside the service, which neither
    migrates nor claims anything.
    """

    def __init__(self, settings: Settings, *, worker: bool = True, visitor: bool = False) -> None:
        self.settings = settings
        self.worker = worker and not visitor
        self.visitor = visitor
        self.executor_id = f"{socket.gethostname()[:30]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._lock: int | None = None
        self._ending = threading.Event()
        self._again: list[threading.Thread] = []

    def start(self) -> None:
        """Build everything. Raises BadRules, AlreadyRunning, WrongDatabase, or what the database says."""
        self._read_rules()
        Patience.seconds = self.settings.quiet_seconds
        Site.public_url = self.settings.public_url
        Secrets.key = next(iter(self.settings.seals()), "")
        if not self.visitor:
            self._claim_the_file()
        if not self.visitor or self._is_new():
            self._bring_up_to_date()
        self._open_database()
        self._set_the_clock()
        if self.visitor:
            with suppress(sa.exc.DBAPIError):  # whoever asks a database that is not there hears of it soon enough
                restored.remember()
        else:
            restored.notice()
        self._share_budgets()
        vendors.bind(clients(self.settings))
        waiting.bind(lane.waiting)
        self._start_engine()
        if not self.visitor:
            threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        gc.freeze()  # what is there now stays: the collector need not look through it again and again
        gc.set_threshold(*RUBBISH)

    def stop(self) -> None:
        """End in order, once. What is not finished stays open in the database."""
        if self._ending.is_set():
            return
        self._ending.set()
        for thread in self._again:
            thread.join(10)
        if self.worker:
            # A run that outlives the engine cannot tell it of its end, and is taken up again at the next start.
            logging.getLogger("dbos").setLevel(logging.CRITICAL)
            DBOS.destroy(workflow_completion_timeout_sec=5)
            self._schedule.dispose()
            takeover.hand_over(self.executor_id)
        schedule.bind(None)
        shared.bind(None)
        vendors.close()
        self.store.close()
        store.bind(None)
        clock.forget()
        if self._lock is not None:
            os.close(self._lock)

    def _read_rules(self) -> None:
        rules.bind(load(self.settings.yamabiko_config))
        current.watch(self.settings.yamabiko_config)

    # -- database -----------------------------------------------------------

    def _claim_the_file(self) -> None:
        """SQLite has one process: the second would do everything twice, so it must not start."""
        path = sa.make_url(self.settings.database_url).database
        if self.settings.is_sqlite and path:
            if os.path.exists(f"{path}.lock") and not os.path.exists(path):
                raise WrongDatabase(VANISHED.format(path=path))
            self._lock = claim(path)

    def _is_new(self) -> bool:
        path = sa.make_url(self.settings.database_url).database
        return self.settings.is_sqlite and bool(path) and not os.path.exists(str(path))

    def _bring_up_to_date(self) -> None:
        """On PostgreSQL this is a step of the deployment: the Procfile's `release`."""
        if self.settings.is_sqlite:
            migrations.upgrade(self.settings.database_url)
            if not wal_is_safe():
                log.warning("this SQLite is older than 3.51.3: using a rollback journal, which is slower")
        migrations.check(self.settings.database_url)

    def _open_database(self) -> None:
        self.store = Store(create_engine(self.settings.database_url, self.settings.database_connections))
        store.bind(self.store)

    def _set_the_clock(self) -> None:
        """Before anything is dated. A database that is away now tells the time once it is there."""
        try:
            self.store.read(clock.set_by)
        except sa.exc.SQLAlchemyError as error:
            log.warning("the database does not tell the time (%s)", type(error).__name__)

    def _share_budgets(self) -> None:
        """SQLite has one process, which counts for itself; a command beside it makes a handful of calls."""
        shared.bind(None if self.settings.is_sqlite else Budgets())

    # -- engine -------------------------------------------------------------

    def _start_engine(self) -> None:
        logging.getLogger("dbos").setLevel(logging.ERROR)
        _unpickle_nothing()
        schedule.bind(self._client())
        if not self.worker:
            return
        takeover.beat(self.executor_id)
        # The engine's own rows can be rebuilt from `run`, so nobody waits for the disk on their account.
        self._schedule = create_engine(self.settings.database_url, pool_size=SCHEDULE_CONNECTIONS, lasting=False)
        DBOS(config=self._config())
        DBOS.launch()
        for name, (claims, seconds) in CLAIMS.items():
            DBOS.register_queue(
                name, worker_concurrency=claims, polling_interval_sec=seconds, on_conflict="always_update"
            )
        self._again = [
            threading.Thread(target=self._keep_up, name="upkeep", daemon=True),
            threading.Thread(target=upkeep.live, args=(self.executor_id, self._ending), name="heart", daemon=True),
        ]
        for thread in self._again:
            thread.start()

    def _client(self) -> DBOSClient:
        return DBOSClient(
            system_database_engine=self.store.engine,
            serializer=durable.SERIALIZER,
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )

    def _config(self) -> Any:
        return {
            "name": NAME,
            "system_database_engine": self._schedule,
            "executor_id": self.executor_id,
            "application_version": schedule.APPLICATION_VERSION,
            "serializer": durable.SERIALIZER,
            "max_executor_threads": THREADS,
            "run_migrations": False,
            "use_listen_notify": False,
            "enable_otlp": False,
            "console_log_level": "ERROR",
            "log_level": "ERROR",
        }

    def _keep_up(self) -> None:
        while True:
            try:
                upkeep.tick(self.executor_id, alone=self.settings.is_sqlite)
            except Exception as error:
                log.error("upkeep failed (%s); it will be tried again", type(error).__name__)
            if self._ending.wait(upkeep.TICK_SECONDS):
                return

    def _watch(self) -> None:
        """Ask the time again and again without waiting for the answer, and end the process where something is stuck."""
        while not self._ending.wait(upkeep.TICK_SECONDS):
            if trouble := watchdog.stuck(self.store, lane):
                log.critical("%s: this process ends, so that another goes on", trouble)
                faulthandler.dump_traceback()
                os._exit(STUCK)
            with suppress(RuntimeError):  # it has just been closed
                self.store.submit(clock.set_by)


def _unpickle_nothing() -> None:
    """The engine reads each row as the row itself says that it was written, whatever serializer it was given.

    To unpickle is to run code: whoever can write a row could do anything that this process can.
    """
    DefaultSerializer.deserialize = _refuse  # type: ignore[method-assign,assignment]


def _refuse(*_: object) -> NoReturn:
    log.error(PICKLED)
    raise ValueError(PICKLED)


def claim(path: str) -> int:
    """The lock of an SQLite file, until its descriptor is closed. Raises AlreadyRunning."""
    lock = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise AlreadyRunning(
            f"Another Yamabiko process is using {path}: stop it first, "
            "or set DATABASE_URL to a PostgreSQL database to run several."
        ) from None
    return lock


def clients(settings: Settings) -> Vendors:
    """A client for each vendor whose secrets are there."""
    return Vendors(
        **{
            name: vendor.connect(settings.of(vendor.Settings))
            for name, vendor in VENDORS.items()
            if settings.is_on(name)
        }
    )
