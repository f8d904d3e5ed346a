"""The page of alerts: what goes on, what the past would have brought; and what is said there is said in Slack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from tests.clock import Hands
from tests.pages.reading import Element, flat, get, press
from tests.pages.signing_in import real
from tests.workflows.measure.alerting import LOGIN, NOON, TUESDAY, Desk, past, rows, said, switched_on
from tests.world import World
from workflows.customer import erasing
from workflows.customer.reach import Reach
from workflows.engine.store import now_ms, store
from workflows.measure import alert, limit
from workflows.rules.calendar import DAY_MS
from workflows.tables.customer import Conversation
from workflows.tables.measure import Alert, AlertLimit
from workflows.tables.people import Deed
from workflows.tables.runs import Run


@pytest.fixture
def hands() -> Iterator[Hands]:
    """A clock that stands still until it is set."""
    hands = Hands()
    hands.set(NOON)
    yield hands
    hands.release()


@pytest.fixture
def desk(sqlite_world: World, hands: Hands) -> Desk:
    """A company with four weeks behind it, whose alerts are on."""
    switched_on()
    past()
    return Desk(sqlite_world, hands)


@pytest.fixture(params=["demo", "real"])
def world(sqlite_world: World, request: pytest.FixtureRequest) -> World:
    """Pages are the same with the demo and without it."""
    if request.param == "real":
        real(sqlite_world)
        sqlite_world.sign_in()
    return sqlite_world


@pytest.mark.parametrize("number", ["0", "99", "9" * 30, "x", "-1"])
def test_what_is_no_alert_has_no_page(sqlite_world: World, number: str) -> None:
    for path in (f"/alerts/{number}", f"/alerts/{number}.svg"):
        assert sqlite_world.request("GET", path).status_code == 404


@pytest.mark.parametrize("query", ["before=x", "before=-1", "before=" + "9" * 40, "said=x"])
def test_a_wrong_address_is_the_list_nevertheless(sqlite_world: World, query: str) -> None:
    assert get(sqlite_world, f"/alerts?{query}").all("h1")


def test_while_alerts_are_off_it_says_how_to_switch_them_on(world: World) -> None:
    page = get(world, "/alerts")
    assert "[alerts]" in page.text and "過去の件数で試す" in page.text
    assert "まだ試していません" in page.text


def test_what_goes_on_stands_above_and_leads_to_its_page(world: World, desk: Desk) -> None:
    desk.quarter(20, LOGIN)
    [section] = get(world, "/alerts").all("section", class_="alert-now")
    assert "ふだんより増えています" in section.text
    page = get(world, "/alerts/1")
    assert "ログイン: 20件" in page.text
    assert any(link.attributes["href"].startswith("/volume/list?") for link in page.all("a"))


def test_the_chart_of_an_alert_is_drawn(world: World, desk: Desk) -> None:
    desk.quarter(20)
    drawn = world.request("GET", "/alerts/1.svg?theme=dark")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")


def test_a_verdict_on_the_page_stands_in_slack_and_can_be_undone(world: World, desk: Desk) -> None:
    desk.quarter(40)
    page = verdict(world, "fault")
    assert rows()[0].verdict == "fault"
    assert "障害" in page.text and "障害" in said(world)[0]
    verdict(world, "")
    assert rows()[0].verdict == ""
    deeds = store.read(lambda session: [row.sentence for row in session.exec(select(Deed))])
    assert [deeds.count(each) for each in (alert.SAID_OF, alert.UNSAID_OF)] == [1, 1]


def test_whoever_may_only_look_says_nothing(sqlite_world: World, desk: Desk) -> None:
    desk.quarter(40)
    real(sqlite_world)
    sqlite_world.sign_in("U0MORI")
    assert not get(sqlite_world, "/alerts/1").all("form", action="/alerts/1/verdict")
    for path in ("/alerts/1/verdict", "/alerts/backtest"):
        assert press(sqlite_world, path, csrf=sqlite_world.csrf, verdict="fault").status_code == 403
    assert rows()[0].verdict == ""


def test_what_is_no_verdict_is_refused(sqlite_world: World, desk: Desk) -> None:
    desk.quarter(40)
    assert press(sqlite_world, "/alerts/1/verdict", verdict="<b>").status_code == 400
    assert press(sqlite_world, "/alerts/9/verdict", verdict="fault").status_code == 404


def test_the_past_is_looked_through_before_alerts_are_on(world: World, hands: Hands) -> None:
    past(weeks=5)
    press(world, "/alerts/backtest", csrf=world.csrf)
    world.settle()
    page = get(world, "/alerts")
    assert "過去2週間" in page.text and "多すぎる" in page.text


def test_while_the_past_is_looked_through_the_page_says_so_and_nobody_begins_again(world: World, hands: Hands) -> None:
    past(weeks=5)
    assert "disabled" not in begin(get(world, "/alerts")).attributes
    for _ in range(2):
        assert press(world, "/alerts/backtest", csrf=world.csrf).headers["location"] == "/alerts"
        hands.set(f"{TUESDAY} 14:02")
    page = get(world, "/alerts")
    assert "過去の件数で試しています(2分前に開始)" in page.text and "まだ試していません" not in page.text
    assert "disabled" in begin(page).attributes and page.all("meta", **{"http-equiv": "refresh"})
    assert len(store.read(lambda session: session.exec(select(Run).where(Run.workflow == limit.FIND)).all())) == 1
    world.settle()
    page = get(world, "/alerts")
    assert "試した時刻" in page.text and "試しています" not in page.text
    assert "disabled" not in begin(page).attributes and not page.all("meta", **{"http-equiv": "refresh"})


def test_what_drifted_is_shown_among_what_the_past_would_have_brought(world: World, hands: Hands) -> None:
    past(weeks=5)
    press(world, "/alerts/backtest", csrf=world.csrf)
    world.settle()
    alarms = [[now_ms() - 9 * DAY_MS, now_ms() - 6 * DAY_MS, ""], [now_ms() - DAY_MS, now_ms() - DAY_MS + 900_000, ""]]

    def keep(session: Session) -> None:
        session.get_one(AlertLimit, "drift").alarms = alarms

    store.write(keep)
    page = get(world, "/alerts")
    assert "数日続く増加" in page.text
    there = [link.attributes["href"] for each in page.all("ul", class_="past-alarms") for link in each.all("a")]
    assert any(link.startswith("/volume?period=week") for link in there)
    assert any(link.startswith("/volume?period=day") for link in there)


def test_a_drift_has_its_page_with_what_is_said_of_days(world: World, desk: Desk) -> None:
    begins = now_ms() - 2 * DAY_MS
    row = {"kind": "drift", "since": begins, "began_at": now_ms(), "loud_at": now_ms(), "threshold": 2.5, "peak": 1.2}
    store.write(lambda session: session.add(Alert(**row, came=412, usual=330.2)))
    page = get(world, "/alerts/1")
    assert "お問い合わせがふだんより約25%増えています" in page.text
    assert "412件(ふだんは330件)" in page.text
    assert "2週間、同じ種類の増加を知らせません" in page.text
    assert world.request("GET", "/alerts/1.svg").status_code == 200


def begin(page: Element) -> Element:
    """The button that has the past looked through."""
    [button] = page.all("form", action="/alerts/backtest")[0].all("button")
    return button


def verdict(world: World, name: str) -> Element:
    """Somebody presses a button of the alert's page; the page as it is then."""
    answer = press(world, "/alerts/1/verdict", csrf=world.csrf, verdict=name)
    assert answer.status_code == 303
    world.settle()
    return get(world, answer.headers["location"])


def test_the_same_in_english(world: World, desk: Desk) -> None:
    desk.quarter(40)
    page = get(world, "/alerts?lang=en")
    assert "Enquiries are above normal" in page.text and "False alert" in page.text


def test_the_examples_are_shown_as_conversations_until_they_are_erased(world: World, desk: Desk) -> None:
    desk.quarter(20, LOGIN)
    chats = [
        Conversation(id=str(n), url="", opening=f"ログインできません {n}", company_id="101", created_at=n)
        for n in range(1, 20)
    ]
    store.write(lambda session: session.add_all(chats))
    [examples] = get(world, "/alerts/1").all("ul", id="examples")
    first, *others = examples.all("li")
    assert "Intercom 20" in first.text and not [link for link in first.all("a") if "/chats/" in link.attributes["href"]]
    assert [flat(link.all("a")[0]) for link in others] == ["ログインできません 19", "ログインできません 18"]
    assert all(row.all("time") for row in others)
    erasing.erase(Reach(openings=frozenset({"19"})))
    [examples] = get(world, "/alerts/1").all("ul", id="examples")
    assert "ログインできません 19" not in examples.text and "ログインできません 18" in examples.text
