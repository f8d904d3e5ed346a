"""The ledger of who has been told, among a hundred thousand who were owed word: its list, releases and drafts.

Four hundred releases for which 250 customers each had asked; one in eighty of them is still to be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlmodel import SQLModel

from tests.bench import pages, texts
from tests.bench.dossier import READER
from tests.bench.figures import Figure
from tests.bench.pages import Pages
from workflows.engine.store import DAY_MS, now_ms
from workflows.tables.customer import Company, CompanyPast, Contact, Conversation
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue

#: How long each page may take (ms).
TARGETS = {"/": 100.0}
RELEASES, EACH, COMPANIES = 400, 250, 2_000
TELLINGS = RELEASES * EACH
AGENTS = ("田中 みなみ", "佐々木 蓮", "岡田 悠", "森 拓也")
HOUR_MS = 3_600_000


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from pages.figures(folder, PAGES)


def _paths() -> list[str]:
    return [
        "/tellings",
        "/tellings?standing=excused",
        "/tellings?agent=田中 みなみ",
        "/tellings?company=k7",
        "/tellings?release=BENCH-{n}",
        "/tellings?late=30",
        "/releases",
        "/releases?show=moving",
        "/releases/{n}",
        "/releases/{n}?standing=told",
        "/drafts",
        "/drafts?whose=all",
        "/",
    ]


def _everything() -> Iterator[list[SQLModel]]:
    """All rows, a table at a time."""
    now = now_ms()
    numbers = range(1, TELLINGS + 1)
    yield [Company(id=f"k{n}", name=f"株式会社k{n}", tier="Business", mrr=126_000.0) for n in range(COMPANIES)]
    yield [
        CompanyPast(company_id=f"k{n}", seen_at=1, name=f"株式会社k{n}", tier="Business", mrr=126_000.0)
        for n in range(COMPANIES)
    ]
    yield [Contact(id=f"c{n}", name=f"山本 {n}", company_id=f"k{n}") for n in range(COMPANIES)]
    yield [Conversation(id=str(n), url="https://app.intercom.com/1", created_at=_said_at(n, now)) for n in numbers]
    yield [_wish(n, now) for n in numbers]
    yield [
        Issue(id=str(n), key=f"BENCH-{n}", summary="CSV出力", category="done", status="完了", cycle=1)
        for n in range(1, RELEASES + 1)
    ]
    yield [FeedbackIssue(feedback_id=n, issue_id=str(_of(n)), origin="jira", linked_at=1) for n in numbers]
    yield [
        Release(id=f"{n}:1", issue_id=str(n), cycle=1, kind="finished", gathered=True, happened_at=_released_at(n, now))
        for n in range(1, RELEASES + 1)
    ]
    yield [
        Wave(release_id=f"{n}:1", origin=f"{n}:1/done", opens_at=at, opened_at=at)
        for n in range(1, RELEASES + 1)
        for at in [_released_at(n, now)]
    ]
    yield [_telling(n, now) for n in numbers]


def _of(number: int) -> int:
    """For which release a customer asked: spread, so that one release's rows do not lie together."""
    return number % RELEASES + 1


def _released_at(release: int, now: int) -> int:
    """The last release was an hour ago, the one before it a day earlier."""
    return now - HOUR_MS - (RELEASES - release) * DAY_MS


def _said_at(number: int, now: int) -> int:
    return _released_at(_of(number), now) - 60 * DAY_MS


def _wish(number: int, now: int) -> Feedback:
    at, taker = _said_at(number, now), number // RELEASES % len(AGENTS)
    return Feedback(
        id=number,
        conversation_id=str(number),
        part_id="1",
        kind="wish",
        tag="要望",
        quote=f"{texts.WHAT[number % 8]}{texts.HOW[number % 5]}。{texts.WHEN[number % 8]}困っています。",
        contact_id=f"c{number * 7919 % COMPANIES}",
        company_id=f"k{number * 7919 % COMPANIES}",
        taken_by=READER.id if number % 960 == 0 else f"700{taker}",
        taken_by_name=AGENTS[taker],
        said_at=at,
        taken_at=at,
    )


def _telling(number: int, now: int) -> Telling:
    """One in eighty waits for its approval, one in four hundred to be sent; one in two hundred was excused."""
    owed = _released_at(_of(number), now)
    which = number // RELEASES * 7 + number % RELEASES
    named: dict[str, str | int] = {"release_id": f"{_of(number)}:1", "conversation_id": str(number), "owed_at": owed}
    if which % 80 == 0:
        return Telling(state="drafted", draft="ご要望の機能を公開しました。", drafted_at=owed + HOUR_MS, **named)
    if which % 200 == 1:
        return Telling(state="excused", why="退会済みのため", **named)
    told = {"told_by": "7001", "told_at": owed + (which % 40) * DAY_MS, "channel": "chat", "sent": "公開しました。"}
    return Telling(state="told", drafted_at=owed + HOUR_MS, **named, **told)


def _shows(text: str) -> bool:
    return "</main>" in text


PAGES = Pages("ledger", f"{TELLINGS:,} tellings", _everything, _paths, TARGETS, Feedback, _shows)
