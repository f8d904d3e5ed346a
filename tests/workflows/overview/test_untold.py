"""Who was told, counted in parts along indexes, and how releases stand: against a count of every row by itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlmodel import Session, SQLModel, select

from workflows.engine.store import create_engine, now_ms
from workflows.overview import releases, untold
from workflows.overview.untold import REACTIONS, Wanted
from workflows.tables.customer import Company
from workflows.tables.notice import Addressee
from workflows.tables.telling import Release, Telling, Wave
from workflows.tables.wish import Feedback, FeedbackIssue, Issue
from workflows.telling import requesters

AGENTS, FIRMS, CHATS, ISSUES = ("田中", "佐々木", ""), ("k1", "k2", "k12"), 40, 6
NOTICES = ("notice:1", "notice:1:reopened")
STATES = ("owed", "drafted", "told", "told", "told", "excused", "withdrawn")
WANTED = [
    Wanted(agent=agent, company=company, release=release)
    for agent in ("", "田中", "nobody")
    for company in ("", "k1", "%")
    for release in ("", "b-1", "B-9")
]


@pytest.fixture(params=range(3))
def session(database_url: str, request: pytest.FixtureRequest) -> Iterator[Session]:
    """A ledger in which everything may be: several wishes in a chat, of several agents; apologies, notices."""
    engine = create_engine(database_url, pool_size=1)
    with Session(engine) as session:
        for row in _rows(random.Random(request.param)):
            session.add(row)
        session.commit()
        yield session
    engine.dispose()


def _rows(dice: random.Random) -> Iterator[SQLModel]:
    now = now_ms()
    yield from (Company(id=id, name=f"株式会社{id}") for id in FIRMS)
    for n in range(1, ISSUES + 1):
        yield Issue(id=str(n), key=f"B-{n}", category="done", cycle=1)
        yield Release(id=f"{n}:1", issue_id=str(n), cycle=1, kind="finished", happened_at=now - n)
        if n == 1 or dice.random() < 0.3:
            yield Release(id=f"{n}:1:reopened", issue_id=str(n), cycle=1, kind="reopened", happened_at=now)
        if dice.random() < 0.8:
            yield Wave(release_id=f"{n}:1", origin=f"{n}/done", opens_at=now, opened_at=now)
    for id, kind in zip(NOTICES, ("notice", "reopened"), strict=True):
        yield Release(id=id, issue_id="", cycle=0, kind=kind, happened_at=now)
    for id in range(1, 2 * CHATS):
        yield _wish(dice, id, now)
        yield FeedbackIssue(feedback_id=id, issue_id=str(dice.randint(1, ISSUES)), origin="jira", linked_at=1)
    for chat in range(CHATS):
        for cause in [*dice.sample([f"{n}:1" for n in range(1, ISSUES + 1)], 2), "1:1:reopened", *NOTICES]:
            yield _telling(dice, cause, str(chat), now)
        who = {"contact_id": f"c{chat}", "company_id": dice.choice(FIRMS), "agent_name": dice.choice(AGENTS)}
        yield from (Addressee(release_id=each, conversation_id=str(chat), **who) for each in NOTICES)


def _wish(dice: random.Random, id: int, now: int) -> Feedback:
    return Feedback(
        id=id,
        conversation_id=str(dice.randrange(CHATS)),
        part_id=str(id),
        kind="wish",
        tag="要望",
        quote="CSV",
        company_id=dice.choice((*FIRMS, None)),
        taken_by_name=dice.choice(AGENTS),
        said_at=1,
        taken_at=1,
        withdrawn_at=now if dice.random() < 0.1 else None,
    )


def _telling(dice: random.Random, cause: str, chat: str, now: int) -> Telling:
    state, reaction = dice.choice(STATES), dice.choice(("", "", *REACTIONS[1:]))
    told = {"told_at": now, "reaction": reaction} if state == "told" else {}
    return Telling(release_id=cause, conversation_id=chat, state=state, owed_at=now, **told)


def test_each_number_of_reactions_is_that_of_the_rows_on_its_list(session: Session) -> None:
    for wanted in WANTED:
        listed = {each: untold.found(session, replace(wanted, reaction=each), most=1_000)[0] for each in REACTIONS}
        counted = {reaction: len(rows) for reaction, rows in listed.items()}
        assert untold.reacted(session, wanted) == counted, wanted


def test_each_release_is_on_the_list_of_how_its_requesters_stand(session: Session) -> None:
    known = releases.listed(session)
    rows, more = releases.found(session, known=known)
    assert not more and [row.release.id for row in rows] == known.ids(releases.ALL)
    for row in rows:
        state = releases.HELD if row.state == releases.UNDONE else row.state
        assert known.hows[row.release.id] == state, row.release.id
        assert row.asked == len(requesters.listed(session, row.release)[0]) > 0
    assert known.counts == {releases.ALL: len(rows)} | {
        how: Counter(known.hows.values())[how] for how in (releases.HELD, releases.MOVING, releases.OVER)
    }
    assert {id for id in session.exec(select(Release.id).where(Release.kind == "finished"))} >= set(known.hows)
