"""How enquiries went, against an oracle that recomputes every figure out of raw messages and steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from random import Random

import numpy as np
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from tests.workflows.measure.kpis import dice as histories
from tests.workflows.measure.kpis import oracle
from tests.workflows.measure.kpis.oracle import Told
from workflows.engine.store import DAY_MS, store
from workflows.enquiry import course, courses, history
from workflows.measure.kpis import cases as kpis
from workflows.measure.kpis import support
from workflows.measure.kpis.cases import ALL, HITS, OPEN, Cases, Number, by_when
from workflows.measure.kpis.look import Look
from workflows.measure.kpis.meanings import FIGURES, TIME
from workflows.measure.kpis.periods import KINDS, Period
from workflows.overview import survival
from workflows.overview.survival import Span
from workflows.rules import rules
from workflows.tables.customer import Conversation, Message
from workflows.tables.enquiry import Course, Step

#: Histories on each database.
ROUNDS = 100


Anew = Callable[[Sequence[SQLModel]], None]


def flat(found: Sequence[Sequence[SQLModel]]) -> list[SQLModel]:
    return [row for talk in found for row in talk]


def figures(period: Period, now: int) -> dict[str, Cases]:
    return store.read(lambda session: support.cases(Look(session, period, now), FIGURES))


def told(number: Number) -> Told:
    return Told(number.n, number.open, number.hits, tuple(number.business), tuple(number.wall))


def test_without_enquiries_there_is_nothing_to_say() -> None:
    found = figures(Period.of("month", date(2026, 5, 1)), rules.calendar.moment(date(2026, 6, 1)))
    assert {kpis.number(each) for each in found.values()} == {Number(0, 0, 0, kpis.UNSEEN, kpis.UNSEEN)}


def test_every_figure_is_what_the_oracle_says_and_its_lists_are_as_long(anew: Anew) -> None:
    for seed in range(ROUNDS):
        dice = Random(seed)
        period = Period.of(dice.choice(KINDS), date(2026, dice.randint(1, 12), dice.randint(1, 28)))
        now = dice.randrange(period.begins + DAY_MS, period.ends + 20 * DAY_MS, 1000)
        anew(flat(histories.talks(dice, period.begins - 5 * DAY_MS, now)))
        expected = store.read(partial(oracle.support, since=period.begins, until=period.ends, now=now))
        every = figures(period, now)
        found = {name: every[name] for name in expected}
        numbers = {name: kpis.number(each, is_timed=FIGURES[name].shape == TIME) for name, each in found.items()}
        assert {name: told(number) for name, number in numbers.items()} == expected, f"seed {seed}"
        for name, each in found.items():
            lengths = [len(kpis.rows(each, part).cases) for part in (ALL, OPEN, HITS)]
            assert lengths == [numbers[name].n, numbers[name].open, numbers[name].hits], f"seed {seed}, {name}"
            split = kpis.groups(each, histories.WAYS)
            assert sum(number.n for _, number in split) == numbers[name].n, f"seed {seed}, {name}"


def test_what_is_told_of_a_release_changes_nothing(anew: Anew) -> None:
    """A conversation that we reopened to tell news, answered and closed again: every figure is as it was without."""
    for seed in range(40):
        dice, start = Random(seed), rules.calendar.moment(date(2026, 5, 11))
        talk = [
            row
            for row in histories.talks(dice, start, start + DAY_MS, most=1)[0]
            if getattr(row, "ours", 0) is not True
        ]
        closing = Step(id="0/8000", conversation_id="0", kind="closed", who_id="7001", at=start + 20 * DAY_MS)
        later = start + 25 * DAY_MS
        news = [
            Step(id="0/9000", conversation_id="0", kind="opened", who_id="7009", ours=True, at=later),
            Message(
                **{"id": "0/9001", "conversation_id": "0", "part_id": "9001", "kind": "message", "author": "agent"},
                **{"author_id": "7002", "text": "…", "said_at": later + 60_000},
            ),
            Step(id="0/9002", conversation_id="0", kind="closed", who_id="7002", at=later + 120_000),
        ]
        period, now = Period.of("quarter", date(2026, 5, 11)), later + DAY_MS
        seen = []
        for rows in ([*talk, closing], [*talk, closing, *news]):
            anew([type(row)(**row.model_dump()) for row in rows])
            seen.append({name: kpis.number(each) for name, each in figures(period, now).items()})
        names = seen[0].keys() - {"news_reopens"}
        assert {name: seen[1][name] for name in names} == {name: seen[0][name] for name in names}, f"seed {seed}"


# -- how figures are kept --------------------------------------------------------------------------


def kept(id: str) -> Course:
    return store.read(lambda session: Course(**session.get_one(Course, id).model_dump()))


@pytest.mark.fault("F103")
def test_what_was_forgotten_takes_nothing_away(anew: Anew) -> None:
    dice, start = Random(3), rules.calendar.moment(date(2026, 5, 11))
    anew(flat(histories.talks(dice, start, start + 30 * DAY_MS, most=1)))
    before = kept("0")
    store.write(lambda session: course.keep(session, [course.of("0", "chat", [], [])]))
    assert kept("0") == before


def test_made_again_out_of_the_same_they_are_the_same(anew: Anew) -> None:
    dice, start = Random(5), rules.calendar.moment(date(2026, 5, 11))
    anew(flat(histories.talks(dice, start, start + 30 * DAY_MS)))
    ids = store.read(lambda session: list(session.exec(select(Course.conversation_id))))
    before = [kept(id) for id in ids]
    for id in ids:
        said, done = store.read(lambda session, id=id: (history.said(session, id), history.done(session, id)))
        row = course.of(id, "chat", said, done)
        store.write(lambda session, row=row: course.keep(session, [row]))
    assert [kept(id) for id in ids] == before


@pytest.mark.fault("F102")
def test_killed_in_the_middle_it_goes_on_and_ends_the_same(anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    dice, start = Random(7), rules.calendar.moment(date(2026, 5, 11))
    rows = flat(histories.talks(dice, start, start + 30 * DAY_MS))
    anew([type(row)(**row.model_dump()) for row in rows])
    ids = store.read(lambda session: list(session.exec(select(Course.conversation_id))))
    before = [kept(id) for id in ids]

    def die(*_: str) -> None:
        raise SystemExit("killed")

    monkeypatch.setattr(courses, "TOGETHER", 1)
    with monkeypatch.context() as patch:
        patch.setattr(courses, "hit", die)
        with pytest.raises(SystemExit):
            anew(rows)
    while store.read(courses.left):
        courses.catch_up()
    assert len(ids) > 1 and [kept(id) for id in ids] == before


@pytest.mark.fault("F102")
def test_catching_up_goes_on_where_it_was_and_ends(anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courses, "TOGETHER", 2)
    monkeypatch.setattr(courses, "ROUNDS", 1)
    start = rules.calendar.moment(date(2026, 5, 11))
    found = [talk for seed in range(3) for talk in [histories.talks(Random(seed), start, start + DAY_MS, most=1)[0]]]
    for number, rows in enumerate(found):
        for row in rows:
            row.id = row.id.replace("0", str(number), 1)
            if not isinstance(row, Conversation):
                row.conversation_id = str(number)
    anew(flat(found))
    left = [store.read(courses.left)]
    while left[-1]:
        courses.catch_up()
        left.append(store.read(courses.left))
    courses.catch_up()
    assert left == [1, 0]
    assert store.read(lambda session: session.exec(select(sa.func.count()).select_from(Course)).one()) == 3


# -- estimates ------------------------------------------------------------------------------------


def test_the_estimate_is_the_one_of_survival() -> None:
    for seed in range(300):
        dice = Random(seed)
        spans = [Span(dice.randrange(12), dice.random() < 0.7) for _ in range(dice.randint(0, 25))]
        curve = survival.steps(spans)
        expected = tuple(survival.by_when(curve, share) for share in (Fraction(1, 2), Fraction(9, 10)))
        lengths, over = np.array([each.length for each in spans], dtype=np.int64), [each.is_over for each in spans]
        assert tuple(by_when(lengths, np.array(over, dtype=bool))) == expected, f"seed {seed}"
