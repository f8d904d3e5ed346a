"""Fan-out: an issue for which two thousand closed conversations wait is done, and Intercom keeps to its real limit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session, SQLModel

from app import migrations
from tests.bench.figures import Figure, memory
from tests.bench.processes import AGENT, CUSTOMERS, Twins, running, settings, vendors, wait_for
from workflows.engine.store import create_engine, now_ms
from workflows.tables.customer import Contact, Conversation
from workflows.tables.wish import Feedback, FeedbackIssue, Issue

CONVERSATIONS = 2000
#: 10,000 calls a minute, counted in windows of ten seconds.
CALLS, WINDOW = 1666, 10.0
SLOWEST = 1.1
PATIENCE = 300.0


def figures(folder: Path) -> Iterator[Figure]:
    """How long it takes beside how long the limit allows for as many calls, and how often the limit was hit."""
    url = f"sqlite:///{folder}/fanout.sqlite"
    with vendors(CALLS) as twins:
        let_them_wait(url, twins, CONVERSATIONS)
        with running(settings(url, twins.url), "app run") as service:
            twins.play("jira", "connect", url=f"http://127.0.0.1:{service.settings.port}/webhooks/jira")
            before = twins.progress("note")["calls"]
            began = time.time()
            twins.play("jira", "move", key="BENCH-1", status_name="完了")
            wait_for(lambda: twins.progress("note")["count"] >= CONVERSATIONS, "every chat to be reopened", PATIENCE)
            reached = twins.progress("note")
            yield _in_time(reached["last"] - began, reached["calls"] - before)
            yield Figure("fan-out: answers of 429", str(reached["refused"]), "", "", "0", reached["refused"] == 0)
            yield memory("fan-out", service.peak_mb)


def _in_time(seconds: float, calls: int) -> Figure:
    allowed = calls / CALLS * WINDOW
    return Figure(
        f"fan-out to {CONVERSATIONS:,} conversations",
        f"{seconds:.1f} s",
        f"{allowed:.1f} s for {calls:,} calls at the limit",
        f"{seconds / allowed:.2f}×",
        f"≤ {SLOWEST}×",
        seconds <= SLOWEST * allowed,
    )


def let_them_wait(url: str, twins: Twins, count: int) -> None:
    """The state before a release: so many conversations were filed, are closed, and wait for BENCH-1.

    Each is with a customer of its own: one person is told only once.
    """
    twins.play("intercom", "fill", first=1, count=count, state="closed", apart=True)
    issue = Issue(id=twins.play("jira", "id_of", key="BENCH-1"), key="BENCH-1", category="indeterminate")
    migrations.upgrade(url)
    engine = create_engine(url, pool_size=1)
    with Session(engine) as session:
        session.add(issue)
        session.add_all(row for number in range(1, count + 1) for row in _wish(number, issue.id))
        session.commit()
    engine.dispose()


def _wish(number: int, issue_id: str) -> list[SQLModel]:
    now, chat, company = now_ms(), str(number), f"k{number % CUSTOMERS}"
    return [
        Conversation(id=chat, url=f"https://app.intercom.com/a/inbox/bench01/conversation/{chat}", created_at=now),
        Contact(id=f"p{chat}", name=f"山本 {chat}", company_id=company),
        Feedback(
            id=number,
            conversation_id=chat,
            part_id="1",
            kind="wish",
            tag="要望",
            quote="CSVに部署コードがほしいです。",
            contact_id=f"p{chat}",
            company_id=company,
            taken_by=AGENT,
            taken_by_name="田中 みなみ",
            said_at=now,
            taken_at=now,
        ),
        FeedbackIssue(feedback_id=number, issue_id=issue_id, origin="jira", linked_at=now),
    ]
