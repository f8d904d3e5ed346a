"""Sending: two thousand messages are approved on an evening, fifty at a time as the page shows them; in the morning
all of them go out within the vendor's limit."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import sqlalchemy as sa

from app import auth
from app.auth import csrf_of
from app.pages.drafts import TOGETHER
from app.settings import Settings
from tests.bench.dossier import _open
from tests.bench.fanout import CALLS, PATIENCE, SLOWEST, WINDOW, let_them_wait
from tests.bench.figures import Figure, memory
from tests.bench.processes import RAISER, ROOT, Service, Twins, running, settings, vendors, wait_for
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.tables.people import Colleague
from workflows.tables.telling import Telling

TELLINGS = 2_000
#: Seconds without a call to Intercom, after which all is done.
QUIET = 4.0
#: The share of a processor with which nothing is being done.
RESTING = 0.15
SENDER = Person(RAISER, "田中 みなみ", "tanaka@bench.example", RAISER)
#: Nothing goes out before the morning, at whatever hour this is measured; everybody may approve; and no look at what
#: webhooks may have missed comes in between.
OURS = {"undo_seconds = 30": "undo_seconds = 600", 'at_any_hour = "no"': 'at_any_hour = "yes"'}
OURS |= {'everyone = "viewer"': 'everyone = "agent"', "\nminutes = 5": "\nminutes = 0"}


def figures(folder: Path) -> Iterator[Figure]:
    """How long it takes until the last customer has their message, beside how long the limit allows for the calls."""
    url = f"sqlite:///{folder}/sending.sqlite"
    with vendors(CALLS) as twins:
        let_them_wait(url, twins, TELLINGS)
        chosen = settings(url, twins.url, yamabiko_config=_rules(folder))
        token = _signed_in(chosen)
        with running(chosen, "app run") as service:
            _release(twins, service)
            yield _approved(service, token)
            wait_for(lambda: service.cpu_share(QUIET) < RESTING, "the evening's other work to be done", PATIENCE)
            before, began = twins.progress("comment"), time.time()
            _let_it_be_morning(chosen)
            wait_for(lambda: _told(url) >= TELLINGS, "the ledger to know of every message", PATIENCE)
            seconds, reached = time.time() - began, twins.progress("comment")
            yield _in_time(seconds, reached["calls"] - before["calls"])
            yield Figure("sending: answers of 429", str(reached["refused"]), "", "", "0", reached["refused"] == 0)
            yield memory("sending", service.peak_mb)


def _approved(service: Service, token: str) -> Figure:
    """Somebody approves page after page, without reading."""
    began = time.time()
    approved = _approve_all(service, token)
    seconds, pages = time.time() - began, TELLINGS / TOGETHER
    said = f"{seconds / pages:.2f} s for a page of {TOGETHER}"
    return Figure(f"{TELLINGS:,} messages approved", f"{seconds:.1f} s", "", said, "", approved >= TELLINGS)


def _let_it_be_morning(chosen: Settings) -> None:
    """The hour for which all have been approved comes."""
    with _open(chosen):
        store.write(lambda session: session.execute(sa.update(Telling).values(send_at=now_ms())) and None)


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


def _in_time(seconds: float, calls: int) -> Figure:
    allowed = calls / CALLS * WINDOW
    return Figure(
        f"{TELLINGS:,} messages sent",
        f"{seconds:.1f} s",
        f"{allowed:.1f} s for {calls:,} calls at the limit",
        f"{seconds / allowed:.2f}×",
        f"≤ {SLOWEST}×",
        seconds <= SLOWEST * allowed,
    )


def _told(url: str) -> int:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as ledger:
        return int(ledger.execute("SELECT count(*) FROM telling WHERE state = 'told'").fetchone()[0])


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
    for usual, ours in OURS.items():
        assert usual in text
        text = text.replace(usual, ours, 1)
    path = folder / "sending.toml"
    path.write_text(text)
    return path
