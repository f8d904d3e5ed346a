"""The dossier: the company that was meant, what was promised to it, and days as its reader writes them."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from tests.clock import TOKYO
from tests.escalating import Escalating
from tests.meeting import filed, noted
from tests.world import World
from workflows.customer import companies as customer_companies
from workflows.engine.store import store
from workflows.overview import dossier, dossier_texts
from workflows.tables.customer import Company
from workflows.tables.escalation import Escalation

APRIL = int(datetime(2026, 4, 15, 10, tzinfo=TOKYO).timestamp() * 1000)


@pytest.fixture
def case(world: World) -> Escalating:
    """A company on record."""
    return Escalating(world)


def keep(session: Session, number: int, **others: object) -> None:
    """An escalation of that company, later than those with a smaller number."""
    shared = {"via": "x", "company_id": "101", "company": "a", "request": "information", "urgency": "now"}
    told = {"temperature": "low", "gist": f"要点{number}", "state": "shared", "raised_at": APRIL + number}
    session.add(Escalation(**{**shared, **told, "origin": f"o{number}", **others}))


def companies(*names: str) -> None:
    """Companies on record, each with its name as its id."""
    store.write(lambda session: session.add_all(Company(id=name, name=name) for name in names))


def named(typed: str, most: int = 20) -> list[str]:
    """The names of the companies that are found, best first."""
    return [each.name for each in store.read(lambda session: customer_companies.named(session, typed, most))]


# -- the company that is meant --------------------------------------------------------------------


def test_the_exact_name_is_found_among_many_that_hold_it(world: World) -> None:
    companies(*(f"AA{number:03} Foods" for number in range(120)), "Foods", "foods & more")
    assert named("Foods")[:3] == ["Foods", "AA000 Foods", "AA001 Foods"]
    assert named("ＦＯＯＤＳ", 1) == ["Foods"]


@pytest.mark.parametrize("typed", ["ＡＢＣ", "abc", "ABC"])
def test_full_width_and_small_letters_find_the_same(world: World, typed: str) -> None:
    companies("ABC商事", "ＡＢＣ印刷")
    assert "ABC商事" in named(typed)
    assert typed == "abc" or "ＡＢＣ印刷" in named(typed)  # small letters in full width are not folded by SQLite


def test_what_looks_like_a_pattern_is_a_name(world: World) -> None:
    companies("100%果汁", "100円")
    assert named("100%") == ["100%果汁"] and named("100％") == ["100%果汁"]


def test_of_two_that_are_called_the_same_neither_is_guessed(case: Escalating) -> None:
    store.write(lambda session: session.add_all(Company(id=id, name="ひだまり") for id in ("7", "8")))
    text, _ = dossier_texts.answer("ja", "ひだまり")
    assert text.startswith("複数の会社が当てはまります。")
    assert "/companies/7|" in text and "/companies/8|" in text


def test_an_exact_name_needs_no_full_width(case: Escalating) -> None:
    companies("ABC", "ABC商事")
    assert dossier_texts.answer("ja", "ＡＢＣ")[0] == "ABC"


# -- what it shows --------------------------------------------------------------------------------


def test_a_promise_is_shown_however_much_happened_since(case: Escalating) -> None:
    store.write(lambda session: keep(session, 0, state="working", next_date="2026-06-01"))
    store.write(lambda session: keep(session, 1, state="open", next_date="2026-05-01"))
    store.write(lambda session: keep(session, 2, state="done", next_date="2026-04-20"))
    store.write(lambda session: [keep(session, number) for number in range(3, 14)] and None)
    found = store.read(lambda session: dossier.of(session, "101"))
    assert found is not None
    assert [each.next_date for each in found.promises.days] == ["2026-05-01", "2026-06-01"]
    assert "5/1(金)" in str(dossier_texts.summary("ja", found))


def test_a_promised_report_is_shown_beside_the_promised_days(case: Escalating) -> None:
    store.write(lambda session: keep(session, 0, state="working", next_date="2026-06-01"))
    wish, elsewhere = filed("CSVに部署コード", "101"), filed("打刻", "102")
    for each in (wish, elsewhere):
        noted(each, promise="report", level="report")
    found = store.read(lambda session: dossier.of(session, "101"))
    assert found is not None and len(found.promises) == 2
    said = str(dossier_texts.summary("ja", found))
    assert "結論待ち" in said and "CSVに部署コード" in said and "6/1(月)" in said and "打刻" not in said


def test_more_promises_than_fit_are_counted(case: Escalating) -> None:
    store.write(lambda session: [keep(session, n, state="open", next_date="2026-06-01") for n in range(30)] and None)
    found = store.read(lambda session: dossier.of(session, "101"))
    assert found is not None and "ほか18件" in str(dossier_texts.summary("ja", found))


@pytest.mark.parametrize(("language", "shown"), [("en", "Wed 15 Apr low"), ("ja", "4/15(水) 低")])
def test_temperatures_stand_beside_a_short_day(case: Escalating, language: str, shown: str) -> None:
    store.write(lambda session: keep(session, 0))
    found = store.read(lambda session: dossier.of(session, "101"))
    assert found is not None and shown in str(dossier_texts.summary(language, found))
