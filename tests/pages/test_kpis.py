"""The pages of figures: each has its definition, every number opens its list, and a list is as long as its number."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree as xml

import pytest

from tests.enquired import message, step
from tests.pages.reading import Element, flat, get
from tests.pages.signing_in import real
from tests.releasing import released, soon
from tests.world import World
from workflows.engine.store import DAY_MS, now_ms, store
from workflows.enquiry import course, history
from workflows.measure.kpis.meanings import FIGURES, SUBJECTS
from workflows.rules import rules
from workflows.tables.customer import Conversation
from workflows.tables.enquiry import Enquiry

MINUTE = 60_000
#: Where a subject's page of March 2026 leads: to each kind of period, to itself, to the month before and the one after.
NEIGHBOURS = [
    *(("week", "2026-03-30"), ("month", "2026-03-01"), ("quarter", "2026-01-01"), ("month", "2026-03-01")),
    *(("month", "2026-02-01"), ("month", "2026-04-01")),
]


def chat(id: str, *, at: int, answered: int | None = None, closed: int | None = None, medium: str = "chat") -> None:
    """A conversation: asked, answered and closed after so many minutes."""
    opening = Conversation(id=id, url="", opening="締めができません", created_at=at)
    row = Enquiry(conversation_id=id, medium=medium, state="solved" if closed else "waiting", said_at=at)
    store.write(lambda session: [session.merge(each) for each in (opening, row)] and None)
    message(id, "1", "締めができません", at)
    if answered is not None:
        message(id, "2", "はい", at + answered * MINUTE, is_customer=False, author="agent", author_id="7001")
    if closed is not None:
        step(id, "3", "closed", at + closed * MINUTE, "田中")
    said, done = store.read(lambda session: (history.said(session, id), history.done(session, id)))
    store.write(lambda session: course.keep(session, [course.of(id, medium, said, done)]))


@pytest.fixture
def counted(world: World) -> World:
    """Four conversations of this week, a request that was told of, and one that was not."""
    now = now_ms()
    released(world, 0, 2)
    world.intercom.agent_says(world.chats[0], "7001", "ご利用いただけます。", at=soon())
    world.settle()
    world.wish(3)
    chat("901", at=now - 3 * MINUTE, answered=1, closed=2)
    chat("902", at=now - 3 * MINUTE, answered=2, medium="mail")
    chat("903", at=now - 2 * MINUTE)
    chat("904", at=now - 2 * MINUTE, closed=1)
    return world


def numbers(page: Element) -> list[Element]:
    return [link for link in page.all("a") if "data-figure" in link.attributes]


def listed(page: Element) -> list[str]:
    return [row.attributes["data-name"] for row in page.all("tr") if "data-name" in row.attributes]


# -- what an address may say -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["period=x", "period=year", "on=x", "on=0001-01-01", "on=9999-12-31", "on=%00", "period=week&on=2026-13-01"],
)
def test_what_the_address_says_wrongly_is_left_out(sqlite_world: World, query: str) -> None:
    for path in ("/kpis", "/glance", "/kpis/reopened/list"):
        assert sqlite_world.request("GET", f"{path}?{query}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/kpis/x/list", "/kpis/health/list", "/kpis/first_response/x", "/kpis/first_response"]
)
def test_what_is_no_figure_has_no_list(sqlite_world: World, path: str) -> None:
    assert sqlite_world.request("GET", path).status_code == 404


@pytest.mark.parametrize("query", ["part=x", "group=<script>", "start=x", "start=999999", "part=hits&group=chat"])
def test_a_list_takes_what_it_knows(sqlite_world: World, query: str) -> None:
    page = sqlite_world.request("GET", f"/kpis/first_response/list?{query}")
    assert page.status_code == 200 and "<script>" not in page.text.split("</head>")[1]


# -- figures and their lists -----------------------------------------------------------------------


def test_every_figure_is_there_with_its_definition(sqlite_world: World) -> None:
    pages = {subject: get(sqlite_world, f"/kpis?view={subject}&lang=en") for subject in SUBJECTS}
    for name, figure in FIGURES.items():
        [row] = pages[figure.subject].all("tr", id=name)
        [definition] = row.all("details")
        assert figure.title in flat(row) and re.sub(r"\s+", " ", figure.meaning) in flat(definition), name


def test_one_subject_is_shown_at_a_time_and_the_others_are_a_click_away(sqlite_world: World) -> None:
    for subject in (*SUBJECTS, "queue", "health"):
        page = get(sqlite_world, f"/kpis?period=week&on=2026-03-15&view={subject}")
        shown = {row.attributes["id"] for row in page.all("tr") if row.attributes.get("id") in FIGURES}
        assert shown == {name for name, figure in FIGURES.items() if figure.subject == subject}
        for now in ("queue", "health"):
            assert len(page.all("section", id=now) + page.all("h2", id=now)) == (subject == now)
        [views] = [nav for nav in page.all("nav") if nav.attributes.get("class") == "filters views"]
        addresses = [link.attributes["href"] for link in views.all("a")]
        assert addresses[1] == "/kpis?period=week&on=2026-03-09&view=resolution" and len(addresses) == 8
        [here] = [link for link in views.all("a") if "aria-current" in link.attributes]
        assert here.attributes["href"].endswith("" if subject == "support" else f"&view={subject}")


def test_the_page_of_all_says_where_the_figures_of_each_are(sqlite_world: World) -> None:
    page = get(sqlite_world, "/kpis?period=week&on=2026-03-15&view=all&lang=en")
    parts = {part.attributes["data-from"] for part in page.all("section") if "data-from" in part.attributes}
    subjects = ("", *(f"&view={subject}" for subject in SUBJECTS if subject != "support"))
    assert parts == {f"/kpis?period=week&on=2026-03-09{view}" for view in subjects}
    assert len([link for link in page.all("a") if flat(link) == "Show these figures"]) == len(SUBJECTS)


def test_another_period_is_of_the_same_subject(sqlite_world: World) -> None:
    page = get(sqlite_world, "/kpis?period=month&on=2026-03-15&view=told")
    links = [link.attributes["href"] for link in page.all("a") if link.attributes.get("href", "").startswith("/kpis?")]
    assert [address for address in links if address.endswith("&view=told")] == [
        *(f"/kpis?period={kind}&on={day}&view=told" for kind, day in NEIGHBOURS)
    ]


def test_a_list_leads_back_to_its_figure(sqlite_world: World) -> None:
    page = get(sqlite_world, "/kpis/inflow/list?period=week&on=2026-03-15")
    back = {link.attributes["href"] for link in page.all("a") if link.attributes.get("href", "").endswith("#inflow")}
    assert back == {"/kpis?period=week&on=2026-03-09&view=product#inflow"}


def test_each_number_leads_to_exactly_as_many_as_it_says(counted: World) -> None:
    pages = [get(counted, f"/kpis?period=week&view={subject}") for subject in SUBJECTS]
    links = [link for page in pages for link in numbers(page)]
    found = {link.attributes["href"]: int(flat(link)) for link in links}
    assert {link.attributes["data-figure"] for link in links} > {"first_response", "inflow", "notified"}
    agenda = [address for address in found if address.startswith(("/kpis/undecided/", "/kpis/carried/"))]
    assert agenda
    for address, n in found.items():
        if address in agenda:
            continue  # it is of now, and time goes on while this looks
        there = get(counted, address)
        assert (len(listed(there)), flat(there.all("span", id="total")[0])) == (n, str(n)), address


def test_first_responses_by_hand(counted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"901", "902", "903", "904"}
    everybody = get(counted, "/kpis/first_response/list?period=week")
    assert ours <= set(listed(everybody))
    assert "903" in listed(get(counted, "/kpis/first_response/list?period=week&part=open"))
    assert "902" in listed(get(counted, "/kpis/first_response/list?period=week&group=mail"))
    closed = set(listed(get(counted, "/kpis/one_touch/list?period=week"))) & ours
    once = set(listed(get(counted, "/kpis/one_touch/list?period=week&part=hits"))) & ours
    assert (closed, once) == ({"901", "904"}, {"901"})


def test_a_list_goes_on_page_by_page(sqlite_world: World) -> None:
    for number in range(60):
        chat(f"9{number:03d}", at=now_ms() - 60 * MINUTE + number * 1000)
    week = "/kpis/first_response/list?period=week"
    first = get(sqlite_world, week)
    [more] = [link.attributes["href"] for link in first.all("a") if "start=" in link.attributes.get("href", "")]
    both = [*listed(first), *listed(get(sqlite_world, more))]
    assert len(listed(first)) == 50 and len(both) == len(set(both)) == int(flat(first.all("span", id="total")[0]))


def test_a_period_leads_to_the_one_before_and_no_further_than_today(sqlite_world: World) -> None:
    page = get(sqlite_world, "/kpis?period=month&on=2026-03-15")
    links = {link.attributes["rel"]: link.attributes["href"] for link in page.all("a") if "rel" in link.attributes}
    assert links["prev"] == "/kpis?period=month&on=2026-02-01" and links["next"] == "/kpis?period=month&on=2026-04-01"
    assert [link for link in get(sqlite_world, "/kpis").all("a") if link.attributes.get("rel") == "next"] == []


@pytest.mark.parametrize("where", ["/kpis", "/glance"])
def test_from_a_running_quarter_a_week_is_the_one_of_today(sqlite_world: World, where: str) -> None:
    today = rules.calendar.local(now_ms()).date()
    monday = today - timedelta(days=today.weekday())
    page = get(sqlite_world, f"{where}?period=quarter&on={today}")
    [week] = [link.attributes["href"] for link in page.all("a") if f"{where}?period=week" in link.attributes["href"]]
    shown = get(sqlite_world, week)
    assert f"{monday.month}/{monday.day}(月)" in flat(shown) and "この期間はまだ終わっていません" in shown.text


def test_the_curves_of_both_sides_are_drawn(counted: World) -> None:
    page = get(counted, "/kpis?period=quarter&view=resolution")
    [picture] = [each for each in page.all("img") if "resolution.svg" in each.attributes["src"]]
    drawn = counted.request("GET", picture.attributes["src"])
    assert drawn.status_code == 200 and xml.fromstring(drawn.text) is not None


def test_a_customers_words_are_words(sqlite_world: World) -> None:
    chat("901", at=now_ms() - MINUTE)
    store.write(
        lambda session: session.merge(Conversation(id="901", url="", opening="<b>太字</b>", created_at=1)) and None
    )
    page = sqlite_world.request("GET", "/kpis/first_response/list?period=week").text
    assert "&lt;b&gt;太字" in page and "<b>太字" not in page


# -- at a glance, and on the wall ------------------------------------------------------------------


def test_at_a_glance_says_how_it_compares_in_words(sqlite_world: World) -> None:
    monday = rules.calendar.local(now_ms()).date()
    monday -= timedelta(days=monday.weekday() + 7)
    at = rules.calendar.moment(monday) + 12 * 60 * MINUTE
    chat("901", at=at, answered=10)
    chat("902", at=at - 7 * DAY_MS, answered=4)
    page = get(sqlite_world, f"/glance?lang=en&on={monday.isoformat()}")
    [first] = page.all("li", id="first_response")
    assert "Half of the customers had an answer" in flat(first) and "the week before" in flat(first)
    for link in first.all("a"):
        assert listed(get(sqlite_world, link.attributes["href"])) == ["901"]


def test_of_a_period_that_is_not_over_nothing_is_compared(sqlite_world: World) -> None:
    today = rules.calendar.local(now_ms()).date()
    page = get(sqlite_world, f"/glance?lang=en&on={today.isoformat()}")
    assert "This period is not over yet." in page.text and "than the week before" not in page.text


def test_the_wall_says_how_it_is_and_as_of_when(sqlite_world: World) -> None:
    chat("901", at=now_ms() - 5 * MINUTE)
    waiting = Enquiry(conversation_id="901", state="waiting", said_at=1, waiting_since=now_ms() - 5 * MINUTE)
    store.write(lambda session: session.merge(waiting) and None)
    tiles = {
        tile.attributes["data-key"]: flat(tile)
        for tile in get(sqlite_world, "/wall?lang=en").all("li")
        if "data-key" in tile.attributes
    }
    assert tiles.keys() == {"waiting", "longest", "soon", "enquiries", "escalations", "untold"}
    piece = sqlite_world.request("GET", "/wall/live")
    assert "as-of" in piece.text and "<html" not in piece.text


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_wall_has_the_other_look_at_hand(sqlite_world: World, theme: str) -> None:
    page = get(sqlite_world, f"/wall?theme={theme}&lang=en")
    other = {"dark": "light", "light": "dark"}[theme]
    assert [link for link in page.all("a") if f"theme={other}" in link.attributes.get("href", "")]


@pytest.mark.parametrize("path", ["/kpis", "/glance", "/wall", "/wall/live", "/kpis/reopened/list"])
def test_without_the_demo_it_is_for_readers(sqlite_world: World, path: str) -> None:
    real(sqlite_world)
    assert sqlite_world.request("GET", path).status_code == 303
    sqlite_world.sign_in()
    assert sqlite_world.request("GET", path).status_code == 200


def test_today_is_a_period_of_lists_alone(sqlite_world: World) -> None:
    today = date.fromisoformat(rules.calendar.local(now_ms()).date().isoformat())
    chat("901", at=max(rules.calendar.moment(today), now_ms() - MINUTE))
    chat("902", at=rules.calendar.moment(today) - MINUTE)
    assert listed(get(sqlite_world, "/kpis/first_response/list?period=day")) == ["901"]
