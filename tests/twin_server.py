"""The one server of this test process: starting and stopping one takes longer than most tests."""

from __future__ import annotations

from functools import cache

from integrations.twin import Twin
from integrations.twin_server import Serving, serve


@cache
def twin_server() -> Serving:
    """Serves the twins of whichever test runs, each in its turn."""
    return serve({})


def served(**twins: Twin) -> Serving:
    """The server, serving these from now on, and no others."""
    twin_server().app.twins = twins
    return twin_server()
