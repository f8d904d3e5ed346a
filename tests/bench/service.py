"""The web part alone: it accepts, and nobody works off what was accepted. On SQLite only a benchmark wants that."""

from __future__ import annotations

from fastapi import Response

from app.main import create
from app.runtime import Runtime
from app.serving import serve
from app.settings import load
from workflows.engine import takeover


async def empty() -> Response:
    """The yardstick: an endpoint that takes a request and does nothing with it."""
    return Response()


def main() -> None:
    """As `python -m app run`, without a worker."""
    settings = load()
    runtime = Runtime(settings, worker=False)
    runtime.start()
    takeover.beat(runtime.executor_id)  # /readyz wants a worker
    app = create(settings, runtime)
    app.add_api_route("/empty", empty, methods=["POST"])
    serve(app, settings.host, settings.port)


if __name__ == "__main__":
    main()
