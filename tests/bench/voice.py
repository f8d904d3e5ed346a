"""Answers about customers among a hundred thousand enquiries of thirteen weeks: far from what Slack waits for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from app import migrations
from tests.bench import texts
from tests.bench.figures import Figure, below, share_of
from tests.bench.processes import postgres
from workflows.engine.rows import table_of
from workflows.engine.store import DAY_MS, Store, create_engine, now_ms, store
from workflows.measure import voice
from workflows.measure.now import struggles
from workflows.search import documents
from workflows.tables.customer import Company, Contact, Conversation, Message
from workflows.tables.wish import Feedback, mark_of
from workflows.volume import arrivals, counts

ENQUIRIES, WISHES, COMPANIES, BATCH = 100_000, 10_000, 2_000, 1000
DAYS = 90
#: Slack waits three seconds, and after two the answer follows by itself.
TARGET_MS, ASKED = 2000.0, 12
THEMES = ("請求", "打刻", "権限", "CSV出力", "要望", "ログイン", "シフト", "年末調整")


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, or on SQLite alone where there is no PostgreSQL."""
    yield from _measured("SQLite", f"sqlite:///{folder}/voice.sqlite")
    with postgres(folder) as url:
        if url is None:
            yield Figure("voice, PostgreSQL", "not measured: no PostgreSQL here, set TEST_DATABASE_URL")
        else:
            yield from _measured("PostgreSQL", url)


def _measured(name: str, url: str) -> Iterator[Figure]:
    migrations.upgrade(url)
    ours = Store(create_engine(url))
    store.bind(ours)
    try:
        now = now_ms()
        _fill(now)
        for what, ask in _questions(now):
            times = [_seconds(partial(ask, number)) * 1000 for number in range(ASKED)]
            yield below(f"/声 on {name}: {what}, p95", share_of(times, 0.95), "ms", TARGET_MS)
    finally:
        store.bind(None)
        ours.close()


def _questions(now: int) -> Iterator[tuple[str, Callable[[int], object]]]:
    def about(words: str) -> object:
        return store.read(partial(voice.about, typed=words, now=now))

    yield "a letter that is everywhere (の)", lambda n: about("のがを"[n % 3])
    yield "words that are frequent", lambda n: about(texts.WHAT[n % 8])
    yield "two words, each frequent", lambda n: about(f"{texts.WHAT[n % 8]} {texts.HOW[n % 5][:4]}")
    yield "a word of one text in 700", lambda n: about(texts.RARE[n * 31])
    yield "a word that is nowhere", lambda n: about("麻雀囲碁将棋"[n % 5 :])
    yield "a theme", lambda n: about(THEMES[n % 8])
    yield "without words", lambda n: store.read(partial(struggles, now=now))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# -- what is there --------------------------------------------------------------------------------


def _fill(now: int) -> None:
    dice = random.Random(20)
    store.write(partial(_insert, Company, [{"id": f"k{n}", "name": texts.company_of(n)} for n in range(COMPANIES)]))
    people = [{"id": f"c{n}", "name": texts.NAMES[n % 7], "company_id": f"k{n}"} for n in range(COMPANIES)]
    store.write(partial(_insert, Contact, people))
    store.write(lambda session: counts.cover(session, "intercom", now, since=now - DAYS * DAY_MS))
    for first in range(0, ENQUIRIES, BATCH):
        rows = [_enquiry(dice, n, now - dice.randrange(DAYS * DAY_MS)) for n in range(first, first + BATCH)]
        store.write(partial(_keep, rows))
    for first in range(0, WISHES, BATCH):
        rows = [_enquiry(dice, n, now - dice.randrange(4 * DAYS * DAY_MS)) for n in range(first, first + BATCH)]
        store.write(partial(_keep_wishes, rows))
    store.write(lambda session: session.connection().execute(sa.text("ANALYZE")) and None)


def _enquiry(dice: random.Random, number: int, at: int) -> dict[str, Any]:
    firm = dice.randrange(COMPANIES)
    text = texts._row(dice, number, at)["text"]
    return {"n": number, "at": at, "firm": firm, "text": text, "theme": f"tag:{THEMES[dice.randrange(8)]}"}


def _keep(rows: list[dict[str, Any]], session: Session) -> None:
    def chat(row: dict[str, Any]) -> dict[str, Any]:
        who = {"contact_id": f"c{row['firm']}", "company_id": f"k{row['firm']}"}
        return {"id": str(row["n"]), "url": "", "opening": row["text"], "created_at": row["at"]} | who

    def message(row: dict[str, Any]) -> dict[str, Any]:
        ids = {"id": f"{row['n']}/1", "conversation_id": str(row["n"]), "part_id": "1", "kind": "message"}
        return ids | {"text": row["text"], "said_at": row["at"], "is_customer": True, "stale": False}

    _insert(Conversation, list(map(chat, rows)), session)
    _insert(Message, list(map(message, rows)), session)
    documents.put(session, [_document(row, "message", f"{row['n']}/1") for row in rows])
    arrived = [
        arrivals.row(
            "intercom", str(row["n"]), row["at"], medium="chat", company_id=f"k{row['firm']}", themes=[row["theme"]]
        )
        for row in rows
    ]
    arrivals.keep(session, arrived)


def _keep_wishes(rows: list[dict[str, Any]], session: Session) -> None:
    def wish(row: dict[str, Any]) -> dict[str, Any]:
        said = {"conversation_id": str(row["n"]), "part_id": "1", "kind": "wish", "tag": "要望", "quote": row["text"]}
        said |= {"mark": mark_of(str(row["n"]), "1", "wish")}
        return said | {"id": row["n"] + 1, "company_id": f"k{row['firm']}", "said_at": row["at"], "taken_at": row["at"]}

    _insert(Feedback, list(map(wish, rows)), session)
    documents.put(session, [_document(row, "wish", str(row["n"] + 1)) for row in rows])


def _document(row: dict[str, Any], kind: str, ref: str) -> dict[str, Any]:
    company = {"company_id": f"k{row['firm']}", "company": texts.company_of(row["firm"]), "who": texts.NAMES[0]}
    return {"kind": kind, "ref": ref, "place": f"/chats/{row['n']}", "text": row["text"], "at": row["at"]} | company


def _insert(model: type[SQLModel], rows: list[dict[str, Any]], session: Session) -> None:
    session.connection().execute(sa.insert(table_of(model)), [model(**row).model_dump() for row in rows])
