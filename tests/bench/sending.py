"""Sending: two thousand messages are approved, fifty at a time as the page shows them, and go out within the limit."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import SQLModel

from app import auth
from app.auth import csrf_of
from app.settings import Settings
from tests.bench import pages
from tests.bench.dossier import _open
from tests.bench.fanout import CALLS, PATIENCE, SLOWEST, WINDOW
from tests.bench.figures import Figure, memory
from tests.bench.processes import AGENT, RAISER, ROOT, Service, Twins, running, settings, vendors, wait_for
from workflows.engine.store import now_ms, store
from workflows.people.person import Person
from workflows.tables.customer import Company, CompanyPast, Contact, Conversation
from workflows.tables.people import Colleague
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue

TELLINGS, TOGETHER, CUSTOMERS = 2_000, 50, 50
SENDER = Person(RAISER, "田中 みなみ", "tanaka@bench.example", RAISER)
WORDS = (
    "山本様\n\nいつもご利用いただきありがとうございます。以前ご要望をいただいたCSV出力の部署コードに、本日対応しました。"
    "設定画面の［CSV出力］からお使いいただけます。\n\n田中"
)
#: What waits for nothing: neither for the time to take it back, nor for the morning; and everybody may approve.
AT_ONCE = {"undo_seconds = 30": "undo_seconds = 0", 'at_any_hour = "no"': 'at_any_hour = "yes"'}
AT_ONCE |= {'everyone = "viewer"': 'everyone = "agent"'}


def figures(folder: Path) -> Iterator[Figure]:
    """How long it takes until the last customer has their message, beside how long the limit allows for the calls."""
    with vendors(CALLS) as twins:
        chosen = settings(f"sqlite:///{folder}/sending.sqlite", twins.url, yamabiko_config=_rules(folder))
        twins.play("intercom", "fill", first=1, count=TELLINGS, state="open")
        twins.play("jira", "move", key="BENCH-1", status_name="完了")
        pages.fill(chosen.database_url, _everything(twins.play("jira", "id_of", key="BENCH-1")))
        token = _signed_in(chosen)
        with running(chosen, "app run") as service:
            before, began = twins.progress("comment"), time.time()
            assert _approve_all(service, token) >= TELLINGS
            approved = time.time() - began
            wait_for(lambda: _sent(twins, before) >= TELLINGS, "every message to be sent", PATIENCE)
            reached = twins.progress("comment")
            calls = reached["calls"] - before["calls"]
            yield _in_time(reached["last"] - began, calls, approved)
            yield Figure("sending: answers of 429", str(reached["refused"]), "", "", "0", reached["refused"] == 0)
            yield memory("sending", service.peak_mb)


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


def _everything(issue_id: str) -> Iterator[list[SQLModel]]:
    """Every customer asked for what is available now, and has a draft in their conversation."""
    now, numbers, release = now_ms(), range(1, TELLINGS + 1), f"{issue_id}:1"
    firms = range(CUSTOMERS)
    yield [Company(id=f"k{n}", name=f"株式会社{n}", tier="Business", mrr=100_000.0) for n in firms]
    yield [
        CompanyPast(company_id=f"k{n}", seen_at=1, name=f"株式会社{n}", tier="Business", mrr=100_000.0) for n in firms
    ]
    yield [Contact(id=f"c{n}", name=f"山本 {n}", company_id=f"k{n}") for n in range(TELLINGS + 1)]
    yield [Conversation(id=str(n), url="https://app.intercom.com/1", created_at=now) for n in numbers]
    yield [_wish(n, now) for n in numbers]
    yield [Issue(id=issue_id, key="BENCH-1", summary="CSV出力", category="done", status="完了", cycle=1)]
    yield [FeedbackIssue(feedback_id=n, issue_id=issue_id, origin="jira", linked_at=1) for n in numbers]
    yield [Release(id=release, issue_id=issue_id, cycle=1, kind="finished", gathered=True, happened_at=now)]
    yield [Wave(release_id=release, origin=f"{release}/done", opens_at=now, opened_at=now)]
    yield [
        Telling(
            release_id=release,
            conversation_id=str(n),
            state="drafted",
            found="open",
            draft=WORDS,
            owed_at=now,
            drafted_at=now,
        )
        for n in numbers
    ]


def _wish(number: int, now: int) -> Feedback:
    return Feedback(
        id=number,
        conversation_id=str(number),
        part_id="1",
        kind="wish",
        tag="要望",
        quote="CSVに部署コードがほしいです。",
        contact_id=f"c{number}",
        company_id=f"k{number % CUSTOMERS}",
        taken_by=AGENT,
        taken_by_name="田中 みなみ",
        said_at=now,
        taken_at=now,
    )
