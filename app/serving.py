"""How the application is served, so that neither strangers nor a request without an end can hold it.

serve(app, "127.0.0.1", 8000)

SIGTERM ends it: what is under way then has `FAREWELL` seconds, and a second signal ends it at once.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import threading
from types import FrameType
from typing import Any, NoReturn

import uvicorn

from app.wire import Limits, wire

#: Seconds in which requests under way may end after SIGTERM.
FAREWELL = 5
#: More open files than this are never wanted.
DESCRIPTORS = 65_536


class Server(uvicorn.Server):
    """Uvicorn's, impatient when it is told to end for a second time."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal has come."""
        if self.should_exit:
            end_at_once(sig)
        super().handle_exit(sig, frame)


def serve(app: Any, host: str, port: int) -> None:
    """Serve until told to stop. Ends the process with an error if there is nothing to serve."""
    server = Server(config(app, host, port, Limits(lines=min(Limits.lines, raise_descriptors() // 2))))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


def serve_beside(app: Any, host: str, port: int) -> None:
    """Serve from a thread until the process ends. Ends the process with an error where the port cannot be used."""
    settings = config(app, host, port)
    server, socket = uvicorn.Server(settings), settings.bind_socket()
    threading.Thread(target=server.run, args=([socket],), name="health", daemon=True).start()


def config(app: Any, host: str, port: int, limits: Limits | None = None) -> uvicorn.Config:
    """What uvicorn has to know. Beyond so many connections everybody is told 503, which vendors heed."""
    limits = limits or Limits()
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=wire(limits),
        ws="none",
        limit_concurrency=limits.lines,
        timeout_graceful_shutdown=FAREWELL,
        access_log=False,
        log_level="warning",
        server_header=False,
    )


def raise_descriptors() -> int:
    """Let this process open as many files and connections as it may, and return how many: the usual 1,024 are soon
    held by strangers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def end_at_once(number: int, _frame: FrameType | None = None) -> NoReturn:
    """End as kill -9 would: what was under way is taken up again at the next start."""
    os._exit(128 + signal.Signals(number))
