"""Enquiries: how soon a thread says what a customer wrote, what that costs at Intercom, how soon the board is there."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from app import migrations
from tests.bench.figures import Figure, below, share_of
from tests.bench.processes import CHANNEL, CUSTOMERS, ROOT, Twins, running, settings, vendors, wait_for
from workflows.engine.store import create_engine, now_ms
from workflows.overview import enquiry_lists as lists
from workflows.overview.enquiry_lists import Wanted

#: Chats a minute, for a minute; nobody waits longer than that for the last of them.
CHATS, PATIENCE = 50, 120.0
#: Messages of a customer whose chat is known.
MESSAGES = 5
OPEN, STORED = 20_000, 1_000_000
UNLIMITED = 1_000_000
RULES = ROOT / "yamabiko.example.toml"


def figures(folder: Path) -> Iterator[Figure]:
    """All of it: the threads on SQLite with the real processes, and the board in a database of its own."""
    rules = folder / "enquiries.toml"
    rules.write_text(re.sub(r'(\[enquiry\]\nchannel = )""', rf'\1"{CHANNEL}"', RULES.read_text("utf-8")), "utf-8")
    url = f"sqlite:///{folder}/enquiries.sqlite"
    with vendors(UNLIMITED) as twins, running(settings(url, twins.url, yamabiko_config=rules), "app run") as service:
        twins.play("intercom", "connect", url=f"http://127.0.0.1:{service.settings.port}/webhooks/intercom")
        yield _in_time(twins)
        yield _calls(twins)
    yield from _board(f"sqlite:///{folder}/board.sqlite")


# -- threads --------------------------------------------------------------------------------------


def _in_time(twins: Twins) -> Figure:
    """From the webhook to the message in Slack, while chats begin as often as that."""
    twins.play("intercom", "write", first=1, count=CHATS, pause=60 / CHATS)
    wait_for(lambda: len(_told(twins)) >= CHATS, "every chat to have a thread", 60 + PATIENCE)
    wrote, told = twins.play("intercom", "wrote"), _told(twins)
    late = share_of((told[words] - at for words, at in wrote.items()), 0.95)
    return below(f"{CHATS} chats a minute: webhook to Slack, p95", late, "s", 2.0)


def _calls(twins: Twins) -> Figure:
    """What five messages each cost at Intercom, in chats whose customers are known."""
    before, chats = twins.progress("note")["calls"], min(CHATS, 10)
    twins.play("intercom", "write_on", first=1, chats=chats, count=MESSAGES, pause=0.5)
    wait_for(lambda: len(_told(twins)) >= CHATS + chats * MESSAGES, "every message to be told", PATIENCE)
    time.sleep(3)  # what else follows of a message
    each = (twins.progress("note")["calls"] - before) / (chats * MESSAGES)
    return Figure("calls of Intercom per customer message", f"{each:.2f}", "", "", "≤ 0.5", each <= 0.5)


def _told(twins: Twins) -> dict[str, float]:
    """When Slack showed which words first."""
    said: dict[str, float] = twins.play("slack", "told", channel=CHANNEL)
    return said


# -- the board ------------------------------------------------------------------------------------


def _board(url: str) -> Iterator[Figure]:
    """The board's first page among a million conversations."""
    migrations.upgrade(url)
    engine = create_engine(url, pool_size=1)
    _fill(engine)
    most = dict.fromkeys(lists.OPEN, 50) | {"solved": 20}
    with Session(engine) as session:
        for sort in (lists.LONGEST, lists.WORTH):
            wanted = Wanted(sort=sort)
            times = [_seconds(session, wanted, most) * 1000 for _ in range(10)]
            name = f"board with {OPEN:,} open of {STORED:,}, {sort}, p95"
            yield below(name, share_of(times, 0.95), "ms", 100.0)
    engine.dispose()


def _seconds(session: Session, wanted: Wanted, most: dict[str, int]) -> float:
    began, now = time.perf_counter(), now_ms()
    lists.board(session, wanted, now, most)
    lists.counts(session, wanted)
    return time.perf_counter() - began


NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)"
FILL = (
    f"INSERT INTO company (id, name, tier, mrr) {NUMBERS.replace(':many', str(CUSTOMERS))} "
    "SELECT 'k' || i, '株式会社' || i, 'Business', i * 1000 FROM n",
    f"INSERT INTO contact (id, name, email, company_id, language, seen_at) {NUMBERS.replace(':many', str(CUSTOMERS))} "
    "SELECT 'c' || i, '山本 ' || i, '', 'k' || i, 'ja', 0 FROM n",
    "INSERT INTO conversation (id, url, state, opening, contact_id, company_id, created_at, filed_up_to, heard_part) "
    f"{NUMBERS} SELECT CAST(i AS TEXT), '', 'open', '請求書が出ません', 'c' || (1 + i % {CUSTOMERS}), "
    f"'k' || (1 + i % {CUSTOMERS}), :now - i * 1000, 0, '' FROM n",
    "INSERT INTO enquiry (conversation_id, medium, state, assignee, assignee_name, waiting_since, answer_by, said_at, "
    "heard_at, solved_at, is_past, as_of, channel, thread, shown, relayed_by, relayed_until, relay_again) "
    f"{NUMBERS} SELECT CAST(i AS TEXT), 'chat', CASE WHEN i > {OPEN} THEN 'solved' ELSE "
    "CASE i % 4 WHEN 0 THEN 'waiting' WHEN 1 THEN 'answering' WHEN 2 THEN 'customer' ELSE 'development' END END, "
    "CAST(7000 + i % 7 AS TEXT), '田中', "
    f"CASE WHEN i <= {OPEN} AND i % 4 < 2 THEN :now - i * 1000 END, NULL, :now - i * 1000, :now - i * 1000, "
    f"CASE WHEN i > {OPEN} THEN :now - i * 1000 END, 0, 0, '', '', '', '', 0, 0 FROM n",
    "ANALYZE",
)


def _fill(engine: sa.Engine) -> None:
    """So many conversations, the newest of them open; one statement for each table."""
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(sa.text(statement), {"many": STORED, "now": now_ms()} if ":now" in statement else {})
