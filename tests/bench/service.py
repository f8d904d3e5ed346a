"""The web part alone: it accepts, and nobody works off what was accepted. On SQLite only a benchmark wants that."""

from __future__ import annotations

import uvicorn

from app.main import create
from app.runtime import Runtime
from app.settings import load


def main() -> None:
    """As `python -m app run`, without a worker."""
    settings = load()
    runtime = Runtime(settings, worker=False)
    runtime.start()
    app = create(settings, runtime)
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False, log_level="warning", server_header=False)


if __name__ == "__main__":
    main()
