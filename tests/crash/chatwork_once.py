"""One process that posts a long message in Chatwork, and may be killed: `python -m tests.crash.chatwork_once`."""

from __future__ import annotations

from app.demo.company import ROOMS
from app.runtime import Runtime
from app.settings import load
from integrations.chatwork import notation
from workflows.engine.actions import Intent
from workflows.engine.chatwork_posting import post
from workflows.engine.store import store

[(ROOM, NAME)] = ROOMS.items()
LINK = "https://yamabiko.example/digests/2026-11-20"
PARTS = notation.message("お客様の声 日報", [notation.plain("あ" * 12_000)] * 3, LINK)


def main() -> None:
    """Post it, or what is left of it."""
    runtime = Runtime(load(), visitor=True)
    runtime.start()
    intent = Intent("chatwork", "post", "digest:2026-11-20", str(ROOM), "Told {room}.", {"room": NAME})
    post(intent, PARTS, LINK, since_ms=0)
    store.write(lambda session: None)
    runtime.stop()


if __name__ == "__main__":
    main()
