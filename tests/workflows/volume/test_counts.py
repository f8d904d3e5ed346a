"""Counts: each enquiry once, moved by what is heard later; and what nobody knows is missing, not zero."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from workflows.engine.rows import Values
from workflows.engine.store import create_engine
from workflows.rules import rules
from workflows.rules.volume import Volume
from workflows.tables.volume import Arrival, Count, DayCount
from workflows.volume import arrivals, counts, slots, themes
from workflows.volume.slots import SLOT_MS

NOON = 1_750_000_000_000 // SLOT_MS * SLOT_MS
DAY = 96 * SLOT_MS


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database of either kind."""
    engine = create_engine(database_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def arrival(id: str, at: int, *about: str, source: str = "intercom", company: str = "c1") -> Values:
    return arrivals.row(source, id, at, medium="chat", company_id=company, themes=about)


def counted(session: Session) -> Counter[tuple[str, int, str, str]]:
    rows = session.exec(select(Count)).all()
    return Counter({(row.facet, row.slot, row.name, row.source): row.n for row in rows if row.n})


def by_hand(known: list[Values]) -> Counter[tuple[str, int, str, str]]:
    """What the counts of these are, worked out anew."""
    found: Counter[tuple[str, int, str, str]] = Counter()
    for each in known:
        slot, source = each["at"] // SLOT_MS * SLOT_MS, each["source"]
        found["all", slot, "", source] += 1
        found["medium", slot, each["medium"], source] += 1
        found.update(("theme", slot, theme, source) for theme in each["themes"])
        if each["company_id"]:
            found["company", slot, each["company_id"], source] += 1
    return found


# -- arrivals -------------------------------------------------------------------------------------


def test_an_enquiry_that_is_heard_of_again_counts_once(session: Session) -> None:
    for expected in (1, 0, 0):
        assert arrivals.keep(session, [arrival("215", NOON + 5, "tag:請求")]) == expected
    assert counted(session) == by_hand([arrival("215", NOON)]) | {("theme", NOON, "tag:請求", "intercom"): 1}


def test_a_tag_that_comes_later_is_counted_where_the_enquiry_came_in(session: Session) -> None:
    arrivals.keep(session, [arrival("215", NOON)])
    arrivals.keep(session, [arrival("215", NOON, "tag:請求")])
    arrivals.keep(session, [arrival("215", NOON, "tag:返金")])
    assert counted(session)["theme", NOON, "tag:返金", "intercom"] == 1
    assert not counted(session)["theme", NOON, "tag:請求", "intercom"]


def test_spam_counts_no_more(session: Session) -> None:
    arrivals.keep(session, [arrival("215", NOON), arrival("216", NOON)])
    assert arrivals.drop(session, ["intercom/215", "intercom/none"]) == 1
    assert arrivals.drop(session, ["intercom/215"]) == 0
    assert counted(session)["all", NOON, "", "intercom"] == 1
    assert [each.id for each in session.exec(select(Arrival))] == ["intercom/216"]


def test_whatever_happens_the_counts_are_those_of_what_is_there(session: Session) -> None:
    seed = Random().randrange(10**6)
    print("seed", seed)
    dice, known = Random(seed), {}
    for _ in range(60):
        some = [
            arrival(
                str(dice.randrange(25)),
                NOON + dice.randrange(5 * DAY),
                *dice.sample(("tag:a", "tag:b", "word:c"), dice.randrange(3)),
                source=dice.choice(("intercom", "zendesk")),
                company=dice.choice(("", "c1", "c2")),
            )
            for _ in range(dice.randrange(1, 6))
        ]
        if dice.random() < 0.2:
            ids = [each["id"] for each in some]
            arrivals.drop(session, ids)
            known = {id: each for id, each in known.items() if id not in ids}
        else:
            arrivals.keep(session, some)
            known |= {each["id"]: each for each in some}
    assert counted(session) == by_hand(list(known.values()))
    days: Counter[tuple[str, str, str, str]] = Counter()
    for (facet, slot, name, source), n in by_hand(list(known.values())).items():
        days[facet, slots.day_of(slot), name, source] += n
    rows = session.exec(select(DayCount)).all()
    assert {(row.facet, row.day, row.name, row.source): row.n for row in rows if row.n} == dict(days)


def test_of_two_processes_that_hear_of_the_same_at_once_one_counts_it(engine: sa.Engine) -> None:
    def hear() -> None:
        with Session(engine) as own, own.begin():
            if engine.dialect.name == "sqlite":
                own.connection().exec_driver_sql("BEGIN IMMEDIATE")
            arrivals.keep(own, [arrival(str(n), NOON, "tag:請求") for n in range(20)])

    threads = [threading.Thread(target=hear) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert counted(session)["all", NOON, "", "intercom"] == 20


# -- what is known --------------------------------------------------------------------------------


def test_what_nobody_covered_is_missing_and_not_zero(session: Session) -> None:
    counts.cover(session, "intercom", NOON + 2 * SLOT_MS, since=NOON)
    arrivals.keep(session, [arrival("215", NOON + SLOT_MS), arrival("216", NOON + 3 * SLOT_MS)])
    found = counts.series(session, NOON, NOON + 4 * SLOT_MS)
    assert [(each.n, each.is_known) for each in found] == [(0, True), (1, True), (0, False), (1, False)]


def test_of_several_sources_all_have_to_be_known(session: Session) -> None:
    counts.cover(session, "intercom", NOON + 4 * SLOT_MS, since=NOON)
    counts.cover(session, "zendesk", NOON + 3 * SLOT_MS, since=NOON + 2 * SLOT_MS)
    found = counts.series(session, NOON, NOON + 4 * SLOT_MS)
    assert [each.is_known for each in found] == [True, True, True, False]
    alone = counts.series(session, NOON, NOON + 4 * SLOT_MS, source="intercom")
    assert all(each.is_known for each in alone)


def test_covering_twice_or_backwards_changes_nothing(session: Session) -> None:
    for until in (NOON + 9 * SLOT_MS, NOON + 5 * SLOT_MS, NOON + 9 * SLOT_MS):
        counts.cover(session, "intercom", until, since=NOON)
    assert sum(row.known for row in session.exec(select(DayCount))) == 9


def test_an_import_of_the_past_covers_what_lies_before(session: Session) -> None:
    counts.cover(session, "intercom", NOON + SLOT_MS, since=NOON)
    counts.cover_past(session, "intercom", NOON - 3 * DAY)
    counts.cover_past(session, "intercom", NOON - DAY)
    assert all(each.is_known for each in counts.series(session, NOON - 3 * DAY, NOON + SLOT_MS))
    assert sum(row.known for row in session.exec(select(DayCount))) == 3 * 96 + 1


def test_what_another_tool_says_again_replaces_what_it_said(session: Session) -> None:
    counts.cover(session, "desk", NOON, since=NOON)
    counts.put(session, "desk", NOON, 12, {"word:請求書": 4, "tag:x": 1})
    counts.put(session, "desk", NOON, 9, {"word:請求書": 5})
    assert counted(session) == {("all", NOON, "", "desk"): 9, ("theme", NOON, "word:請求書", "desk"): 5}
    [quarter] = counts.series(session, NOON, NOON + SLOT_MS)
    assert quarter == (NOON, 9, True)


# -- themes ---------------------------------------------------------------------------------------


def test_themes_are_tags_and_the_words_of_the_rules_in_whatever_width_and_case() -> None:
    before, rules.volume = rules.volume, Volume(themes={"請求": ("請求書", "Invoice")})
    try:
        assert themes.of([" 要望 ", "要望", ""], "ＩＮＶＯＩＣＥはどこ?") == ["tag:要望", "word:請求"]
        assert themes.of([], "ログインできない") == []
    finally:
        rules.volume = before
