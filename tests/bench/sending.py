"""Sending: two thousand messages are approved, fifty at a time as the page shows them, and go out within the limit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from app import auth
from app.auth import csrf_of
from app.settings import Settings
from tests.bench.dossier import _open
from tests.bench.fanout import CALLS, PATIENCE, SLOWEST, WINDOW, let_them_wait
from tests.bench.figures import Figure, memory
from tests.bench.processes import RAISER, ROOT, Service, Twins, running, settings, vendors, wait_for
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.tables.people import Colleague

TELLINGS = 2_000
#: Seconds without a call to Intercom, after which all is done.
QUIET = 4.0
SENDER = Person(RAISER, "田中 みなみ", "tanaka@bench.example", RAISER)
#: What waits for nothing: neither for the time to take it back, nor for the morning; and everybody may approve.
AT_ONCE = {"undo_seconds = 30": "undo_seconds = 0", 'at_any_hour = "no"': 'at_any_hour = "yes"'}
AT_ONCE |= {'everyone = "viewer"': 'everyone = "agent"'}


def figures(folder: Path) -> Iterator[Figure]:
    """How long it takes until the last customer has their message, beside how long the limit allows for the calls."""
    url = f"sqlite:///{folder}/sending.sqlite"
    with vendors(CALLS) as twins:
        let_them_wait(url, twins, TELLINGS)
        chosen = settings(url, twins.url, yamabiko_config=_rules(folder))
        token = _signed_in(chosen)
        with running(chosen, "app run") as service:
            _release(twins, service)
            before, began = twins.progress("comment"), time.time()
            assert _approve_all(service, token) >= TELLINGS
            approved = time.time() - began
            wait_for(lambda: _sent(twins, before) >= TELLINGS, "every message to be sent", PATIENCE)
            reached = twins.progress("comment")
            calls = reached["calls"] - before["calls"]
            yield _in_time(reached["last"] - began, calls, approved)
            yield Figure("sending: answers of 429", str(reached["refused"]), "", "", "0", reached["refused"] == 0)
            yield memory("sending", service.peak_mb)


def _release(twins: Twins, service: Service) -> None:
    """Everybody has a draft in their conversation, and nothing is left to do about it."""
    twins.play("jira", "connect", url=f"http://127.0.0.1:{service.settings.port}/webhooks/jira")
    twins.play("jira", "move", key="BENCH-1", status_name="完了")
    wait_for(lambda: twins.progress("note")["count"] >= TELLINGS, "every draft", PATIENCE)
    wait_for(lambda: _is_quiet(twins), "nothing to be left to do", PATIENCE)


def _is_quiet(twins: Twins) -> bool:
    before = twins.progress("note")["calls"]
    time.sleep(QUIET)
    return bool(twins.progress("note")["calls"] == before)


def _in_time(seconds: float, calls: int, approved: float) -> Figure:
    allowed = calls / CALLS * WINDOW
    return Figure(
        f"{TELLINGS:,} messages approved and sent, {approved:.1f} s of it approving",
        f"{seconds:.1f} s",
        f"{allowed:.1f} s for {calls:,} calls at the limit",
        f"{seconds / allowed:.2f}×",
        f"≤ {SLOWEST}×",
        seconds <= SLOWEST * allowed,
    )


def _sent(twins: Twins, before: dict[str, Any]) -> int:
    return int(twins.progress("comment")["count"] - before["count"])


def _approve_all(service: Service, token: str) -> int:
    """Tick everything that the page shows and press its button, until it shows nothing; how many that were."""
    count, address = 0, f"http://127.0.0.1:{service.settings.port}/drafts/together"
    with httpx.Client(cookies={"yamabiko": token}, timeout=120, trust_env=False) as browser:
        body = browser.get(address).text
        while ticked := re.findall(r'name="ticked" value="([^"]+)"', body):
            form = {"ticked": ticked, "whose": "", "csrf": csrf_of(token)}
            said = browser.post(address, data=form, headers={"sec-fetch-site": "same-origin"})
            assert said.status_code == 200, said.text[:2000]
            body, count = said.text, count + len(ticked)
    return count


def _signed_in(chosen: Settings) -> str:
    """The sender's token."""
    known = Colleague(id=SENDER.id, name=SENDER.name, email=SENDER.email, seen_at=now_ms())
    with _open(chosen):
        store.write(lambda session: session.merge(known) and None)
        return auth.begin(SENDER, before="")


def _rules(folder: Path) -> Path:
    text = (ROOT / "yamabiko.example.toml").read_text()
    for usual, ours in AT_ONCE.items():
        assert usual in text
        text = text.replace(usual, ours, 1)
    path = folder / "sending.toml"
    path.write_text(text)
    return path
