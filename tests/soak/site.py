"""The service of a soak: its processes, each with its own way to the database, started again whenever they end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from app.demo.show import environment
from app.settings import Settings
from tests.crash import nursery
from tests.soak.life import SECONDS, prepare
from tests.soak.proxy import Proxy


class Place:
    """One process' place: what is started there, and again whenever it ends."""

    def __init__(self, name: str, command: str, settings: Settings, folder: Path, sabotage: str) -> None:
        self.name, self.command = name, command
        self.proxy = None if settings.is_sqlite else Proxy(server_of(settings.database_url))
        if self.proxy:
            settings = settings.model_copy(update={"database_url": self._by_proxy(settings.database_url)})
        self._dial, self._log = folder / f"{name}.clock", folder / f"{name}.log"
        self.set_clock(0.0)
        self._variables = environment(settings) | {
            "YAMABIKO_SOAK_CLOCK": str(self._dial),
            "YAMABIKO_SOAK_SABOTAGE": sabotage,
        }
        self.process: ForkServerProcess | None = None
        self._lock = threading.Lock()  # only one at a time may hear of an end

    def start(self) -> None:
        """Begin a life."""
        self.process = nursery.begin(self.command, self._variables, self._log, prepare)

    @property
    def number(self) -> int:
        """The operating system's number for the process of now."""
        return (self.process.pid if self.process else None) or 0

    def kill(self) -> int:
        """kill -9; the number of who died."""
        with self._lock:
            if self.process is not None:
                self.process.kill()
                self.process.join(30)
            return self.number

    def exit_code(self) -> int | None:
        """How the process of now ended; None while it runs."""
        with self._lock:
            return self.process.exitcode if self.process else None

    def set_clock(self, seconds: float) -> None:
        """From now on this machine's clock is wrong by so much."""
        with self._dial.open("r+b" if self._dial.exists() else "wb") as file:
            file.write(SECONDS.pack(seconds))

    def _by_proxy(self, url: str) -> str:
        assert self.proxy is not None
        parts = urlsplit(url)
        return f"postgresql://{parts.username}@127.0.0.1:{self.proxy.port}{parts.path}"


class Site:
    """All places. `exits` counts how processes ended that nobody killed."""

    def __init__(self, settings: Settings, folder: Path, sabotage: str) -> None:
        self.url = f"http://127.0.0.1:{settings.port}"
        commands = {"web": "run"} if settings.is_sqlite else {"web": "run", "worker-1": "worker", "worker-2": "worker"}
        self.places = [Place(name, each, settings, folder, sabotage) for name, each in commands.items()]
        self.exits: Counter[int] = Counter()
        self._killed: set[int] = set()
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start everything, and keep it up until `stop`."""
        self._keeper.start()

    def stop(self) -> None:
        """End everything in order."""
        self._ending.set()
        self._keeper.join()
        for place in self.places:
            if place.process is not None:
                place.process.terminate()
                place.process.join(20)
                place.kill()
            if place.proxy:
                place.proxy.close()

    def kill(self, place: Place) -> int:
        """kill -9; the number of who died."""
        self._killed.add(place.number)
        return place.kill()

    @property
    def workers(self) -> list[Place]:
        """Those that work off runs."""
        return [place for place in self.places if place.command == "worker"] or self.places

    def is_ready(self) -> bool:
        """Does it take deliveries, and does somebody work?"""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).status_code == 200
        return False

    def _keep(self) -> None:
        while not self._ending.is_set():
            for place in self.places:
                code = place.exit_code()
                if code is not None and place.number not in self._killed:
                    self.exits[code] += 1
                if place.process is None or code is not None:
                    place.start()
            time.sleep(0.2)


def server_of(url: str) -> str | tuple[str, int]:
    """Where PostgreSQL listens: a folder with its socket, or a host and a port."""
    parts = urlsplit(url)
    if folder := parse_qs(parts.query).get("host"):
        return folder[0]
    return parts.hostname or "127.0.0.1", parts.port or 5432
