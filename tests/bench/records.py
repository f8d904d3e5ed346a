"""A hundred thousand records, as a company has them after years; put in by inserts of many rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from app import migrations
from workflows.engine.rows import table_of
from workflows.engine.store import create_engine, now_ms
from workflows.tables.customer import Company, Contact, Conversation, Owner
from workflows.tables.escalation import Escalation, Judgement
from workflows.tables.telling import Release, Telling
from workflows.tables.wish import Feature, Feedback, FeedbackFeature, FeedbackIssue, Issue

COMPANIES, CONTACTS, CHATS, WISHES, ESCALATIONS = 8_000, 16_000, 32_000, 20_000, 6_000
ISSUES, FEATURES = 400, 300
SPACE_MS = 6 * 60 * 1000
QUOTE = "勤怠データをCSVで出力するときに、部署コードの列も付けられないでしょうか。毎月、拠点ごとに手で足しています。"
STATES = ("open", "acknowledged", "working", "done", "done", "done")
CHAIN = [{"role": "owner", "person": "U0MORI"}, {"role": "deputy", "person": "U0OKADA"}]


def name_of(company_id: str) -> str:
    """What a company is called; no name is a part of another one."""
    return f"株式会社あおば製作所 第{int(company_id[1:]):05d}営業所"


def fill(url: str) -> int:
    """Put everything in; returns how many records there are."""
    migrations.upgrade(url)
    engine = create_engine(url, pool_size=1)
    total = 0
    with Session(engine) as session:
        for rows in everything(now_ms()):
            values = [row.model_dump() for row in rows]
            session.connection().execute(sa.insert(table_of(type(next(iter(rows))))), values)
            total += len(values)
        session.commit()
    engine.dispose()
    return total


def _company(number: int) -> str:
    """Whose the n-th record is: spread, so that a company's rows do not lie together."""
    return f"k{number * 7919 % COMPANIES}"


def everything(now: int) -> Iterator[list[SQLModel]]:
    """All rows, a table at a time."""
    firms = [f"k{number}" for number in range(COMPANIES)]
    yield [Company(id=id, name=name_of(id), tier="Business", mrr=100_000.0) for id in firms]
    yield [Owner(company_id=id, role="owner", origin="import", person="mori@bench.example", set_at=now) for id in firms]
    yield [Contact(id=f"c{n}", name=f"山本 {n}", company_id=_company(n)) for n in range(CONTACTS)]
    yield [_chat(n, now - n * SPACE_MS) for n in range(CHATS)]
    yield [_wish(n, now - n * SPACE_MS) for n in range(1, WISHES + 1)]
    yield [Feature(id=f"f{n}", name=f"機能 {n}") for n in range(FEATURES)]
    yield [FeedbackFeature(feedback_id=n, feature_id=f"f{n % FEATURES}", linked_at=now) for n in range(1, WISHES, 2)]
    yield [Issue(id=str(n), key=f"KNDE-{n}", category="done" if n % 2 else "new", cycle=n % 2) for n in range(ISSUES)]
    yield [Release(id=f"{n}:1", issue_id=str(n), cycle=1, kind="finished", happened_at=now) for n in _odd(ISSUES)]
    yield [
        FeedbackIssue(feedback_id=n, issue_id=str(n % ISSUES), origin="jira", linked_at=now)
        for n in range(1, WISHES, 3)
    ]
    told = [n for n in range(1, WISHES, 3) if n % ISSUES % 2]
    yield [Telling(release_id=f"{n % ISSUES}:1", conversation_id=str(n), state="told", owed_at=now) for n in told]
    yield [_escalation(n, now - n * SPACE_MS) for n in range(1, ESCALATIONS + 1)]
    yield [_judgement(n, now - n * SPACE_MS) for n in _odd(ESCALATIONS)]


def _odd(most: int) -> Iterable[int]:
    return range(1, most, 2)


def _chat(number: int, at: int) -> SQLModel:
    url = f"https://app.intercom.com/a/inbox/bench01/conversation/{number}"
    contact = f"c{number % CONTACTS}"
    return Conversation(
        id=str(number), url=url, opening=QUOTE, contact_id=contact, company_id=_company(number), created_at=at
    )


def _wish(number: int, at: int) -> SQLModel:
    return Feedback(
        id=number,
        conversation_id=str(number),
        part_id="1",
        kind="wish",
        tag="要望",
        quote=QUOTE,
        contact_id=f"c{number % CONTACTS}",
        company_id=_company(number),
        said_at=at,
        taken_at=at,
    )


def _escalation(number: int, at: int) -> SQLModel:
    state = STATES[number % len(STATES)]
    return Escalation(
        id=number,
        origin=f"slack:{number}",
        via="shortcut",
        company_id=_company(number),
        company=name_of(_company(number)),
        request="action",
        urgency="today",
        temperature=("high", "medium", "low")[number % 3],
        gist=QUOTE[:60],
        history=QUOTE * 4,
        state=state,
        chain=CHAIN,
        person="U0MORI",
        role="owner",
        next_person="" if state == "done" else "U0MORI",
        due_at=None if state == "done" else at + 4_000_000_000,
        next_date="2027-01-15" if number % 4 == 0 else "",
        raised_at=at,
    )


def _judgement(number: int, at: int) -> SQLModel:
    return Judgement(
        id=number, origin=f"judge:{number}", escalation_id=number, phase="ack", churn_risk="high", judged_at=at
    )
