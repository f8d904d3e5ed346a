"""Enquiries in lists: what is on them, in which order, and that every page follows the one before."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.enquired import MINUTE, enquiry, firm
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.enquiry.board import STATES
from workflows.overview import enquiry_lists
from workflows.overview.enquiry_lists import Page, Wanted
from workflows.overview.enquiry_orders import SORTS
from workflows.rules import rules
from workflows.rules.calendar import Calendar
from workflows.rules.calendar_words import WEEKDAYS

ALWAYS = Calendar.of(hours={day: ["0:00-24:00"] for day in WEEKDAYS})
#: What an address may hold that is no place on a list.
NO_PLACES = ("", "~", "x~y", "1~2", "1~2~3~4~5", "9~" + "9" * 30 + "~7", "1~2~\0", "1~-2~7", "-1")


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Business time is time."""
    monkeypatch.setattr(rules, "calendar", ALWAYS)
    return world


def found(wanted: Wanted, **others: Any) -> Page:
    return store.read(partial(enquiry_lists.found, wanted=wanted, now=now_ms(), **others))


def ids(wanted: Wanted, **others: Any) -> list[str]:
    return [row.id for row in found(wanted, **others).rows]


def counts(wanted: Wanted) -> dict[str, int]:
    return store.read(partial(enquiry_lists.counts, wanted=wanted))


@pytest.fixture
def busy(world: World) -> World:
    """Two companies, and enquiries of each state."""
    firm("901", "あおば製作所", "Enterprise", 480_000.0)
    firm("902", "みなと物流", "Pro", 1_000.0)
    firm("903", "北陸 100%")
    enquiry("1", "締めができません", waited=3, answer_in=2)
    enquiry("2", "CSVが出ません", company="902", waited=90, answer_in=-85, medium="mail")
    enquiry("3", "有給_残日数", company="903", waited=400)
    enquiry("4", state="answering", waited=20, assignee="7001", assignee_name="田中 みなみ")
    enquiry("5", state="customer", assignee="7002", assignee_name="佐藤 健")
    enquiry("6", state="development", assignee="7001", assignee_name="田中 みなみ")
    enquiry("7", state="solved", said_at=now_ms() - 40 * 86_400_000)
    enquiry("8", state="solved", company="902")
    return world


# -- which -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "after", ["", "~", "x~y", "1~2", "1~2~3~4~5", "9~" + "9" * 30 + "~7", "1~2~\0", "1~-2~7", "-1"]
)
def test_an_address_that_names_no_place_begins_at_the_start(busy: World, after: str) -> None:
    for sort in SORTS:
        assert len(ids(Wanted(sort=sort), after=after)) in (0, 3)
    assert ids(Wanted(), after="x~y") == ["3", "2", "1"]


def test_nothing_is_on_empty_lists(world: World) -> None:
    assert [ids(Wanted(state=state)) for state in STATES] == [[]] * 5
    assert counts(Wanted()) == dict.fromkeys(STATES, 0)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"medium": "mail"}, ["2"]),
        ({"tier": "Enterprise"}, ["1"]),
        ({"words": "締め"}, ["1"]),
        ({"words": "みなと"}, ["2"]),
        ({"words": "csv"}, ["2"]),
        ({"words": "100%"}, ["3"]),
        ({"words": "%"}, ["3"]),
        ({"words": "_"}, ["3"]),
        ({"words": "ＣＳＶ"}, ["2"]),
        ({"who": "nobody"}, ["3", "2", "1"]),
        ({"who": "7001"}, []),
        ({"tier": "Enterprise", "words": "みなと"}, []),
        ({"tier": "' OR 1=1 --"}, []),
    ],
)
def test_a_list_is_narrowed(busy: World, asked: dict[str, str], expected: list[str]) -> None:
    assert ids(Wanted(**asked)) == expected  # type: ignore[arg-type]


def test_mine_are_those_assigned_to_me_under_any_of_my_ids(busy: World) -> None:
    assert ids(Wanted(state="answering", who="mine", ids=("U0TANAKA", "7001"))) == ["4"]
    assert ids(Wanted(state="answering", who="mine", ids=("7002",))) == []
    assert ids(Wanted(state="answering", who="mine")) == []


def test_what_was_said_long_ago_is_left_out(busy: World) -> None:
    assert ids(Wanted(state="solved", since=now_ms() - 7 * 86_400_000)) == ["8"]
    assert ids(Wanted(since=now_ms() - 60 * MINUTE)) == ["1"]


def test_each_state_is_counted(busy: World) -> None:
    assert counts(Wanted()) == {"waiting": 3, "answering": 1, "customer": 1, "development": 1, "solved": 2}
    narrowed = {"waiting": 0, "answering": 1, "customer": 0, "development": 1}
    assert counts(Wanted(who="7001")) == narrowed, "solved ones may be a million"
    assert counts(Wanted(words="締め")) == {}, "each would have to be looked at"


def test_solved_ones_are_counted_to_a_bound(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enquiry_lists, "COUNTED", 1)
    assert counts(Wanted())["solved"] == 2
    enquiry("9", state="solved")
    assert counts(Wanted())["solved"] == 2


def test_who_and_what_can_be_chosen(busy: World) -> None:
    people = store.read(partial(enquiry_lists.assignees, most=9))
    assert people == [("7002", "佐藤 健"), ("7001", "田中 みなみ")]
    assert set(store.read(enquiry_lists.tiers)) >= {"Enterprise", "Pro"}


# -- what of them ----------------------------------------------------------------------------------


def test_a_row_says_who_asks_what_and_how_long_they_have_waited(busy: World) -> None:
    [_, late, near] = found(Wanted()).rows
    assert (near.company, near.tier, near.mrr, near.person) == (
        "あおば製作所",
        "Enterprise",
        480_000.0,
        "佐藤 恵",
    )
    assert near.clock is not None and late.clock is not None
    assert (near.clock.minutes, near.clock.target, near.clock.is_late, near.clock.is_near) == (3, 5, False, False)
    assert (late.clock.minutes, late.clock.target, late.clock.is_late) == (90, 5, True)
    assert near.waiting_since is not None and near.clock.next_at == near.waiting_since + 4 * MINUTE


def test_four_fifths_of_the_time_are_near(busy: World) -> None:
    enquiry("1", waited=4, answer_in=1)
    [row] = found(Wanted(words="締め")).rows
    assert row.clock is not None and row.clock.is_near and not row.clock.is_late


def test_who_waits_for_nothing_has_no_clock_and_no_target_is_none(busy: World) -> None:
    assert [row.clock for row in found(Wanted(state="customer")).rows] == [None]
    [row] = found(Wanted(words="有給")).rows
    assert row.clock is not None and (row.clock.target, row.clock.is_late, row.clock.is_near) == (0, False, False)


def test_a_conversation_of_which_nothing_else_is_known_is_on_the_list(busy: World) -> None:
    busy_rows = [row for row in found(Wanted(state="answering")).rows if row.id == "4"]
    assert [row.company for row in busy_rows] == ["あおば製作所"]
    store.write(lambda session: session.execute(sa.text("DELETE FROM conversation WHERE id = '4'")))
    [row] = found(Wanted(state="answering")).rows
    assert (row.id, row.company, row.opening, row.url) == ("4", "", "", "")


# -- in which order --------------------------------------------------------------------------------


def test_orders(busy: World) -> None:
    assert ids(Wanted()) == ["3", "2", "1"]
    assert ids(Wanted(sort="newest")) == ["1", "2", "3"]
    assert ids(Wanted(sort="worth")) == ["1", "2", "3"], "3 x 480,000 before 90 x 1,000 before 400 x 0"
    assert ids(Wanted(state="solved", sort="worth")) == ["8", "7"]


def walked(wanted: Wanted, most: int) -> list[str]:
    """All of a list, page by page."""
    page = found(wanted, most=most)
    seen = [row.id for row in page.rows]
    for _ in range(100):
        if not page.more:
            return seen
        page = found(wanted, most=most, after=page.more)
        seen += [row.id for row in page.rows]
    raise AssertionError("it never ends")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("most", [1, 3, 50])
def test_the_pages_together_are_the_list(world: World, sort: str, most: int) -> None:
    for number in range(4):
        firm(f"90{number}", f"会社{number}", mrr=number * 1000.5)
    for number in range(11):
        enquiry(str(number), company=f"90{number % 4}", waited=number // 2)
    whole = ids(Wanted(sort=sort))
    assert sorted(whole, key=int) == [str(number) for number in range(11)]
    assert walked(Wanted(sort=sort), most) == whole
    assert walked(Wanted(sort=sort, words="会社"), most) == whole


def test_who_was_answered_meanwhile_costs_nobody_their_place(world: World) -> None:
    firm("901", "あおば製作所", mrr=5.0)
    for number in range(6):
        enquiry(str(number), waited=10 - number)
    for sort in SORTS:
        page = found(Wanted(sort=sort), most=2)
        last = page.rows[-1].id
        store.write(partial(_moved, id=last, state="answering"))
        rest = [row for row in ids(Wanted(sort=sort)) if row not in {each.id for each in page.rows}]
        assert ids(Wanted(sort=sort), after=page.more) == rest
        store.write(partial(_moved, id=last, state="waiting"))


def _moved(session: Session, id: str, state: str) -> None:
    session.execute(
        sa.text("UPDATE enquiry SET state = :state WHERE conversation_id = :id"), {"state": state, "id": id}
    )


@pytest.mark.parametrize("state", ["waiting", "solved"])
def test_where_much_is_looked_at_for_little_the_list_says_where_to_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(enquiry_lists, "LOOKED", 4)
    firm("901", "あおば製作所")
    for number in range(10):
        enquiry(str(number), "探し物" if number in (3, 9) else "ほかのこと", state=state, waited=number)
    wanted = Wanted(state=state, words="探し物")
    first = found(wanted)
    assert first.more and len(first.rows) < 2
    assert sorted(walked(wanted, 50)) == ["3", "9"]


def test_the_board_has_the_first_of_each_state(busy: World) -> None:
    shown = store.read(partial(enquiry_lists.board, wanted=Wanted(), now=now_ms(), most=dict.fromkeys(STATES, 2)))
    assert {state: [row.id for row in page.rows] for state, page in shown.items()} == {
        "waiting": ["3", "2"],
        "answering": ["4"],
        "customer": ["5"],
        "development": ["6"],
        "solved": ["8", "7"],
    }
    assert shown["waiting"].more and not shown["solved"].more


# -- how fast --------------------------------------------------------------------------------------


def plan(wanted: Wanted) -> str:
    """How SQLite goes about the rows of a list."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    def explain(session: Session) -> str:
        engine = session.get_bind()
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            enquiry_lists.found(session, wanted, now_ms())
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        statement, parameters = asked[0]
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return " / ".join(row[-1] for row in rows)

    return store.read(explain)


def test_among_a_million_solved_ones_indexes_are_of_use(sqlite_url: str) -> None:
    world = World(sqlite_url)
    try:
        enquiry("1", waited=3)
        assert "COVERING INDEX ix_enquiry_open" in plan(Wanted(medium="chat", who="7001"))
        for wanted in (Wanted(sort="newest"), Wanted(state="solved")):
            assert "INDEX ix_enquiry_state_said_at" in plan(wanted)
            assert "TEMP B-TREE" not in plan(wanted), "they lie in order there"
    finally:
        world.close()
