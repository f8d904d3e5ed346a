"""What the waits of companies come to that pay by use: counted minute by minute, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.workflows.enquiry.waiting import (
    MINUTE,
    TOKYO,
    WEEK,
    agent,
    at,
    committed,
    customer,
    history,
    keep,
    open_minutes,
    rows,
    ruled,
)
from workflows.engine.store import create_engine
from workflows.enquiry import cost
from workflows.enquiry.cost import Cost, Waited
from workflows.rules.calendar import Calendar
from workflows.tables.customer import Company

LATER = at("2027-04-01 09:00")


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database of either kind, with two companies that pay by use and one that does not."""
    engine = create_engine(database_url, pool_size=2)
    companies = [
        *(Company(id="c1", name="あおば製作所", mrr=480_000), Company(id="c2", name="はじめて商店", mrr=1.0)),
        Company(id="c3", name="無料の会社"),
    ]
    committed(engine, lambda session: session.add_all(companies))
    with ruled():
        yield engine
    engine.dispose()


def waited(engine: sa.Engine, since: int, until: int, now: int = LATER) -> Cost:
    with Session(engine) as session:
        return cost.waited(session, since, until, now)


# -- what costs nothing ----------------------------------------------------------------------------


def test_where_nobody_waited_it_cost_nothing(engine: sa.Engine) -> None:
    assert waited(engine, 0, LATER) == Cost(0, ())


@pytest.mark.parametrize("company_id", ["c3", "", "unknown"])
def test_who_does_not_pay_by_use_costs_nothing(engine: sa.Engine, company_id: str) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))], company_id=company_id)
    assert waited(engine, 0, LATER) == Cost(0, ())


def test_what_was_over_before_or_began_afterwards_does_not_count(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:20"))])
    assert waited(engine, at("2026-04-15 10:20"), LATER) == Cost(0, ())
    assert waited(engine, 0, at("2026-04-15 10:00")) == Cost(0, ())


# -- what does -------------------------------------------------------------------------------------


def test_each_company_and_all_of_them(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00")), agent(at("2026-04-15 10:20"))], id="1")
    keep(engine, [customer(at("2026-04-15 11:50")), agent(at("2026-04-15 13:10"))], id="2")
    keep(engine, [customer(at("2026-04-15 17:00")), agent(at("2026-04-16 10:00"))], id="3", company_id="c2")
    found = waited(engine, at("2026-04-15 00:00"), at("2026-04-17 00:00"))
    assert found == Cost(160, (Waited("c2", "はじめて商店", 120, 1), Waited("c1", "あおば製作所", 40, 2)))


def test_only_what_lies_between_the_moments_counts(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 17:00")), agent(at("2026-04-16 10:00"))])
    assert waited(engine, 0, at("2026-04-16 00:00")).minutes == 60
    assert waited(engine, at("2026-04-15 17:50"), at("2026-04-16 09:05")).minutes == 15


def test_who_still_waits_has_waited_until_now(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 10:00"))])
    assert waited(engine, 0, LATER, now=at("2026-04-15 10:07")).minutes == 7


def test_what_has_ended_costs_what_was_reckoned_then(engine: sa.Engine) -> None:
    keep(engine, [customer(at("2026-04-15 11:50")), agent(at("2026-04-15 13:10"))])
    with ruled(calendar=Calendar.of(hours={day: ["8:00-18:00"] for day in WEEK})):
        assert waited(engine, 0, LATER).minutes == 20


@pytest.mark.parametrize("seed", range(3))
def test_days_add_up_and_every_minute_is_counted(engine: sa.Engine, seed: int) -> None:
    print(f"seed {seed}")
    dice, start = Random(seed), at("2026-04-28 09:00")
    for id in "abcd":
        said, done = history(dice, start, 9 * 1440)
        keep(engine, said, done, id, company_id=dice.choice(["c1", "c2"]))
    bounds = sorted(start + dice.randrange(10 * 1440) * MINUTE for _ in range(4))
    now = bounds[-1]
    parts = [waited(engine, since, until, now).minutes for since, until in pairwise(bounds)]
    every = [row for id in "abcd" for row in rows(engine, id)]
    spans = [(max(row.since, bounds[0]), min(row.ended_at or now, now)) for row in every]
    assert sum(parts) == waited(engine, bounds[0], now, now).minutes
    assert sum(parts) == sum(open_minutes(TOKYO, since, until) for since, until in spans)
