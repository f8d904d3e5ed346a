"""Home, meeting, companies, escalations and lists among ten thousand wishes, two thousand undecided; on both databases.

Of those that are decided several hundred customers still wait for the report that they were promised.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlmodel import SQLModel

from tests.bench import pages, texts
from tests.bench.figures import Figure
from tests.bench.pages import Pages
from tests.clock import TOKYO
from workflows.engine.store import now_ms
from workflows.tables.customer import Company, CompanyPast, Contact, Conversation, Owner
from workflows.tables.escalation import Escalation
from workflows.tables.meeting import Decision, Merge
from workflows.tables.wish import Context, Feedback

#: How long each page may take (ms), by how its address begins: the first that fits holds.
TARGETS = {
    "/triage": 150.0,  # it weighs all that is undecided
    "/kpis": 150.0,  # and so does the revenue in the queue
    "/": 100.0,
}
WISHES, UNDECIDED, COMPANIES, ESCALATIONS = 10_000, 2_000, 2_000, 400
SPACE_MS = 50 * 60 * 1000
TIERS = (("Enterprise", 480_000.0), ("Business", 126_000.0), ("Small", 9_800.0))
LEVELS = ("high", "medium", "low")


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from pages.figures(folder, PAGES)


def _paths() -> list[str]:
    past = f"{datetime.fromtimestamp(time.time() - 100 * 24 * 3600, TOKYO):%Y-%m-%d}"
    return [
        "/",
        "/find?q=FB-{n}",
        "/triage",
        "/triage?sort=weight",
        f"/triage?on={past}",
        "/kpis?view=queue",
        "/kpis?view=queue&queue=planned",
        "/triage/wish/FB-{n}",
        "/wishes",
        "/wishes?show=unfilled",
        "/wishes?stage=received",
        "/wishes?stage=ended&kind=wish&company=k1",
        "/wishes?sort=spend",
        "/wishes?sort=weight",
        "/feedback/{n}",
        "/companies",
        "/companies?open=reports&sort=mrr",
        "/companies/k{n}",
        "/escalations",
        "/escalations/{n}",
    ]


def _shows(text: str) -> bool:
    return re.search("FB-|株式会社k", text) is not None


# -- the records ----------------------------------------------------------------------------------


def _everything() -> Iterator[list[SQLModel]]:
    """All rows, a table at a time."""
    now = now_ms()
    firms = [(f"k{number}", *TIERS[number % 3]) for number in range(COMPANIES)]
    wishes = [_wish(number, now - (WISHES - number) * SPACE_MS) for number in range(1, WISHES + 1)]
    long_ago = now - 2 * WISHES * SPACE_MS
    yield [Company(id=id, name=f"株式会社{id}", tier=tier, mrr=mrr) for id, tier, mrr in firms]
    yield [_past(id, tier, mrr, long_ago) for id, tier, mrr in firms]
    yield [Contact(id=f"c{number}", name=f"山本 {number}", company_id=f"k{number}") for number in range(COMPANIES)]
    yield [
        Conversation(id=each.conversation_id, url="https://app.intercom.com/1", created_at=each.said_at)
        for each in wishes
    ]
    yield list(wishes)
    yield [_escalation(number, now - number * SPACE_MS) for number in range(1, ESCALATIONS + 1)]
    yield [
        Owner(company_id=id, role="owner", origin="import", person=f"u{n % 9}@x.example", set_at=1)
        for n, (id, *_) in enumerate(firms)
    ]
    yield [_context(each) for each in wishes if (each.id or 0) % 3]
    yield [_decision(each) for each in wishes if each.conclusion and each.merged_into is None]
    yield [
        Merge(origin=f"m{each.id}", feedback_id=each.id, into_id=each.merged_into, merged_at=each.said_at)
        for each in wishes
        if each.merged_into is not None
    ]


def _wish(number: int, at: int) -> Feedback:
    """Four of five are decided; of the others one in ten is merged into the one before."""
    is_decided = number % (WISHES // UNDECIDED) != 0
    into = number - WISHES // UNDECIDED if number % 50 == 0 else None
    return Feedback(
        id=number,
        conversation_id=str(number),
        part_id="1",
        kind="wish",
        tag="要望",
        quote=f"{texts.WHAT[number % 8]}{texts.HOW[number % 5]}。{texts.WHEN[number % 8]}困っています。",
        contact_id=f"c{number % COMPANIES}",
        company_id=f"k{number * 7919 % COMPANIES}",
        taken_by="7001",
        taken_by_name="田中 みなみ",
        note_id=f"n{number}",
        said_at=at,
        taken_at=at,
        conclusion="decline" if is_decided else "",
        merged_into=into,
    )


def _escalation(number: int, at: int) -> Escalation:
    """One in four is still to be answered."""
    state = ("open", "done", "done", "done")[number % 4]
    return Escalation(
        id=number,
        origin=f"e{number}",
        via="shortcut",
        company_id=f"k{number}",
        company=f"株式会社k{number}",
        request="action",
        urgency=("now", "today", "week")[number % 3],
        temperature="high",
        gist="請求額が二重に引き落とされた",
        state=state,
        chain=[{"role": "owner", "person": "U0MORI"}],
        person="U0MORI",
        role="owner",
        next_person="U0MORI" if state == "open" else "",
        due_at=at if state == "open" else None,
        raised_at=at,
    )


def _past(id: str, tier: str, mrr: float, at: int) -> CompanyPast:
    return CompanyPast(company_id=id, seen_at=at, name=f"株式会社{id}", tier=tier, mrr=mrr)


def _context(wish: Feedback) -> Context:
    number = wish.id or 0
    return Context(
        origin=f"c{number}",
        feedback_id=number,
        kind="wish",
        background="毎月、拠点ごとに手で足しています。",
        level="report" if number % 11 == 0 else "",
        person="7001",
        importance=LEVELS[number % 3],
        temperature=LEVELS[number % 2],
        said_at=wish.said_at,
    )


def _decision(wish: Feedback) -> Decision:
    at = wish.said_at
    return Decision(
        origin=f"d{wish.id}",
        feedback_id=wish.id or 0,
        conclusion=wish.conclusion,
        reason="ほかを優先するため",
        decided_at=at,
        due_at=at,
        sent_at=at,
    )


PAGES = Pages("triage", f"{WISHES:,} wishes", _everything, _paths, TARGETS, Feedback, _shows)
