"""How many conversations are open for each colleague on shift, against an oracle that looks at every hour by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import partial
from random import Random

import pytest
from sqlmodel import Session, SQLModel

from tests.workflows.measure.kpis import dice as histories
from tests.workflows.measure.kpis import oracle
from tests.workflows.measure.kpis.oracle import AHEAD, DAY, MINUTE, OFFICE, Talk
from workflows.engine.store import DAY_MS, store
from workflows.measure.kpis import board, load
from workflows.measure.kpis.board import Shown
from workflows.measure.kpis.cases import ALL, Case
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.periods import KINDS, Period
from workflows.rules import rules
from workflows.rules.calendar import Calendar

Anew = Callable[[Sequence[SQLModel]], None]
ROUNDS, LONGEST = 60, 30 * DAY
#: Three have the company's hours; one is there on the mornings of two days, when nobody has lunch.
SKILLS = {"billing": ("U0SATO", "U0MORI"), "api": ("U0MORI", "U0TANAKA")}
MORNINGS = Calendar.of(hours=dict.fromkeys(("tue", "sat"), ("8:00-12:30",)))


def named(monkeypatch: pytest.MonkeyPatch, skills: dict[str, tuple[str, ...]]) -> None:
    """These may be on shift, and one with hours of their own."""
    monkeypatch.setattr(rules, "skills", skills)
    monkeypatch.setattr(rules, "calendars", {"u0hayashi": MORNINGS})


def figure(period: Period, now: int) -> Shown:
    return store.read(lambda session: board.figures(Look(session, period, now), ["load"]))["load"]


def listed(period: Period, now: int) -> list[Case]:
    return store.read(lambda session: board.listed(Look(session, period, now), "load", ALL)).cases


# -- the oracle -----------------------------------------------------------------------------------


def hour_by_hour(session: Session, since: int, until: int, now: int, company: int) -> dict[int, tuple[int, int]]:
    """Of each hour: how many were open and on shift; `company`: how many have the company's hours."""
    events = [some for some in oracle.histories(session).values() if any(each.what == "customer" for each in some)]
    talks = [Talk(some, now) for some in events]
    found = {}
    for at in range(since, min(until, now + 1), 60 * MINUTE):
        wall = datetime.fromtimestamp(at / 1000, UTC) + AHEAD
        works = wall.weekday() < 5 and any(opens <= wall.hour < closes for opens, closes in OFFICE)
        people = company * works + (wall.weekday() == 1 and 8 <= wall.hour < 13)
        if works and people:
            found[at] = (sum(is_open(talk, at) for talk in talks), people)
    return found


def is_open(talk: Talk, at: int) -> bool:
    closed = talk.closings[-1] if talk.closed else None
    return talk.began <= at < talk.began + LONGEST and (closed is None or at < closed)


def within(loads: Sequence[Fraction], share: Fraction) -> int | None:
    """The least load that so many of the hours do not pass, in hundredths."""
    enough = (each for each in sorted(loads) if Fraction(sum(one <= each for one in loads), len(loads)) >= share)
    least = next(enough, None)
    return None if least is None else round(100 * float(least))


# -- what is so -----------------------------------------------------------------------------------


def test_where_nobody_is_named_nothing_is_said(anew: Anew) -> None:
    period = Period.of("week", date(2026, 5, 11))
    anew([])
    assert figure(period, period.ends).number.n == 0 and listed(period, period.ends) == []


@pytest.mark.parametrize("company", [0, 3])
def test_every_hour_is_what_the_oracle_says(anew: Anew, monkeypatch: pytest.MonkeyPatch, company: int) -> None:
    named(monkeypatch, SKILLS if company else {})
    for seed in range(ROUNDS):
        dice = Random(seed)
        period = Period.of(dice.choice(KINDS[:2]), date(2026, dice.randint(1, 12), dice.randint(1, 28)))
        now = dice.randrange(period.begins + DAY_MS, period.ends + 20 * DAY_MS, 1000)
        anew([row for talk in histories.talks(dice, period.begins - 45 * DAY_MS, now) for row in talk])
        given = {"since": period.begins, "until": period.ends, "now": now, "company": company}
        expected = store.read(partial(hour_by_hour, **given))
        hours = listed(period, now)
        assert {each.at: (each.wall, int(each.group)) for each in hours} == expected, f"seed {seed}"
        loads = [Fraction(open, people) for open, people in expected.values()]
        number = figure(period, now).number
        halves = [within(loads, share) for share in (Fraction(1, 2), Fraction(9, 10))]
        assert (number.n, [*number.business]) == (len(expected), halves), f"seed {seed}"
        for each in dice.sample(hours, min(2, len(hours))):
            then = store.read(partial(load.open_at, at=each.at))
            assert len(then.refs) == each.wall, f"seed {seed}"
