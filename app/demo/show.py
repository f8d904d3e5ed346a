"""The service on the stage: in this process on SQLite; on PostgreSQL the worker is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import TracebackType

from pydantic import SecretStr

from app import main
from app.demo import ground
from app.demo.host import Host
from app.demo.stage import Stage
from app.runtime import Runtime
from app.settings import Settings
from integrations.twin_server import Serving


class Show:
    """`with Show(stage, database_url) as show: …` the service at `show.url` plays with the stage's twins."""

    def __init__(self, stage: Stage, database_url: str, port: int = 0) -> None:
        self.stage, self.database_url, self._port = stage, database_url, port
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Show:
        settings = self.stage.settings(self._port or _free_port(), self.database_url)
        ground.claim(self.database_url)
        if not settings.is_sqlite:
            self._worker = start_worker(settings)
        self._runtime = Runtime(settings, worker=settings.is_sqlite)
        self._runtime.start()
        app = main.create(settings, self._runtime, demo=Host(self.stage))
        self._server = Serving(app, settings.port)
        self.url = self._server.url
        self.stage.connect(self.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()  # without waiting for readers, and so without the application's own ending
        self._runtime.stop()
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(30)


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    """`python -m app worker` with these settings."""
    return subprocess.Popen([sys.executable, "-m", "app", "worker"], env=environment(settings))


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that say these settings."""
    said = dict(os.environ)
    for name, value in settings:
        if value not in (None, ""):
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            said[name.upper()] = json.dumps(text) if isinstance(text, bool) else str(text)
    return said


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
