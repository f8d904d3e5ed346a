"""The service on the stage: in this process on SQLite; on PostgreSQL the worker is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from pydantic import SecretStr
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app import main
from app.demo import database, example
from app.demo.host import Host
from app.demo.stage import Stage
from app.runtime import Runtime
from app.settings import Settings
from integrations.twin_server import Serving

#: By which names the demo is reached. A web site could otherwise let its own name lead here, and read along.
NAMES = ("127.0.0.1", "localhost")


class Show:
    """`with Show(stage, database_url) as show: …` the service at `show.url` plays with the stage's twins.

    Raises WrongDatabase where somebody else's data are.
    """

    def __init__(self, stage: Stage, database_url: str, port: int = 0) -> None:
        self.stage, self.database_url, self._port = stage, database_url, port
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Show:
        database.take(self.database_url)
        self._folder = tempfile.TemporaryDirectory(prefix="yamabiko-rules-")
        rules = example.written(Path(self._folder.name))
        settings = self.stage.settings(self._port or _free_port(), self.database_url, yamabiko_config=rules)
        if not settings.is_sqlite:
            self._worker = start_worker(settings)
        self._runtime = Runtime(settings, worker=settings.is_sqlite)
        self._runtime.start()
        app = main.create(settings, self._runtime, demo=Host(self.stage))
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=NAMES, www_redirect=False)
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
        self._folder.cleanup()


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
