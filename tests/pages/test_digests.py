"""Digests on their pages: chosen, stopped, looked at; and the link in a mail, which anybody's program may open."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session

from tests.enquired import enquiry, firm
from tests.meeting import decide, filed
from tests.pages.hostile import CORPUS, check
from tests.pages.reading import Element, fields, flat, get, press, read
from tests.pages.signing_in import real
from tests.pages.test_promises import promised
from tests.workflows.measure.digesting import rows, wants
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.language.text import speaking
from workflows.measure import digest_texts, digests, moments, subscriptions
from workflows.measure.digests import Digest
from workflows.measure.subscriptions import MAIL, SLACK, WAYS
from workflows.measure.week import MOST, Theme, Week
from workflows.rules import rules
from workflows.tables.measure import Subscription
from workflows.volume import arrivals, counts
from workflows.volume.periods import HOUR_MS

VIEWER, OTHER = "U0MORI", "U0TANAKA"
VIEWERS_MAIL = "mori@kanade.example"


def pressed(world: World, page: Element, action: str, way: str, kind: str) -> Element:
    """A button of the page, and where it leads."""
    for form in page.all("form"):
        said = fields(form)
        if form.attributes.get("action") == action and (said.get("way"), said.get("kind")) == (way, kind):
            answer = press(world, action, **said)
            return get(world, answer.headers["location"])
    raise AssertionError(f"no button for {action} {way} {kind}")


def now_daily() -> Digest:
    """What a digest would say at this moment."""
    day = rules.calendar.local(now_ms()).date().isoformat()
    return store.read(lambda session: digests.daily(session, day, now_ms()))


def test_whoever_may_look_chooses_for_themselves_and_stops_it(world: World) -> None:
    real(world)
    world.sign_in(VIEWER)
    page = pressed(world, get(world, "/digests"), "/digests/choose", SLACK, "daily")
    assert "受信を開始しました" in flat(page)
    page = pressed(world, page, "/digests/choose", MAIL, "weekly")
    assert [(row.kind, row.way, row.address, row.person) for row in rows()] == [
        ("daily", SLACK, VIEWER, VIEWER),
        ("weekly", MAIL, VIEWERS_MAIL, VIEWER),
    ]
    for _ in range(2):
        form = next(form for form in page.all("form") if form.attributes.get("action") == "/digests/stop")
        page = get(world, press(world, "/digests/stop", **fields(form)).headers["location"])
    assert all(row.stopped_at for row in rows()) and "受信を停止しました" in flat(page)


def test_nobody_chooses_for_others_nor_stops_theirs(world: World) -> None:
    real(world)
    world.sign_in(VIEWER)
    theirs = wants(MAIL, address="tanaka@kanade.example", person=OTHER)
    for form in ({"kind": "daily", "way": "chatwork"}, {"kind": "hourly", "way": SLACK}, {"way": SLACK}):
        assert press(world, "/digests/choose", csrf=world.csrf, **form).status_code == 404
    assert press(world, "/digests/stop", csrf=world.csrf, id=str(theirs)).status_code == 404
    assert [row.stopped_at for row in rows()] == [None]


@pytest.mark.parametrize(
    "path", ["daily/2026-6-1", "daily/x", "hourly/2026-06-01", "weekly/0001-01-01", "weekly/9999-12-31"]
)
def test_there_is_no_page_of_what_is_no_day(world: World, path: str) -> None:
    get(world, f"/digests/{path}", 404)


# -- the link in a mail ---------------------------------------------------------------------------


def secret_of(number: int) -> str:
    """What the link in this one's mails carries."""
    [row] = [row for row in rows() if row.id == number]
    return subscriptions.secret_of(row)


def test_opening_the_link_stops_nothing_and_its_button_does(world: World) -> None:
    real(world)
    number = wants(MAIL)
    secret = secret_of(number)
    for _ in range(2):
        page = get(world, f"/unsubscribe/{secret}")
        assert rows()[0].stopped_at is None
    [form] = [form for form in page.all("form") if "unsubscribe" in form.attributes.get("action", "")]
    answer = world.request("POST", form.attributes["action"], headers={"X-CSRF-Token": ""})
    assert answer.status_code == 200 and "停止しました" in flat(read(answer.text))
    assert rows()[0].stopped_at is not None


def test_a_mailbox_stops_it_at_one_click_without_anything_of_ours(world: World) -> None:
    real(world)
    number = wants(MAIL)
    body = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        address = f"/unsubscribe/{secret_of(number)}"
        assert world.request("POST", address, data=body, headers={"X-CSRF-Token": ""}).status_code == 200
    assert rows()[0].stopped_at is not None


def test_a_forged_link_changes_nothing_and_says_so(world: World) -> None:
    real(world)
    number = wants(MAIL)
    stored = store.read(lambda session: session.get_one(Subscription, number).token)
    for secret in ("x", stored, secret_of(number)[:-1], "0" * 40, "%00", "a" * 5000):
        for method in ("GET", "POST"):
            answer = world.request(method, f"/unsubscribe/{secret}")
            assert answer.status_code == 404 and "何も変更していません" in flat(read(answer.text))
    assert rows()[0].stopped_at is None


# -- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", CORPUS, ids=range(len(CORPUS)))
def test_whatever_a_customer_writes_is_text(world: World, words: str) -> None:
    firm("901", words)
    enquiry("7", words, waited=20)
    check(get(world, "/digests"))
    check(get(world, "/digests/daily/2026-06-01"))


def shown_on(world: World, address: str) -> int:
    """How many the page at this address shows, counted on the page itself."""
    page = get(world, address)
    path = urlsplit(address).path
    if path == "/enquiries":
        return len({row.attributes["data-key"] for row in page.all("tr") if "data-key" in row.attributes})
    if path == "/promises":
        return len(page.all("li", class_="debt"))
    if path.startswith("/digests/weekly/"):
        [part] = page.all("section", id=urlsplit(address).fragment)
        return int(flat(part.all("span", class_="count")[0]))
    raise AssertionError(address)


@pytest.mark.parametrize("seed", range(4))
def test_each_number_is_that_of_its_list(world: World, seed: int) -> None:
    dice = Random(seed)
    firm("901", "青葉製作所")
    for number in range(dice.randrange(1, 20)):
        enquiry(str(number), state=dice.choice(["waiting", "answering", "customer"]), waited=dice.randrange(500))
    for number in range(dice.randrange(1, 4)):
        promised(f"要望その{number}", dice.choice(["decline", "consider"]))
    told = {line.kind: line for line in now_daily().lines}
    assert shown_on(world, told[digests.WAITING].address) == told[digests.WAITING].n
    assert shown_on(world, told[digests.REPORTS].address) == told[digests.REPORTS].n
    page = flat(get(world, told[digests.UNTOLD].address))
    assert re.search(rf"連絡待ち\s*{told[digests.UNTOLD].n}\b", page)


def test_a_weekly_one_counts_what_its_page_lists(world: World) -> None:
    for number in range(3):
        decide(filed(f"要望その{number}"), "decline")
    calendar = rules.calendar
    tomorrow = calendar.local(now_ms() + 86_400_000).date().isoformat()
    digest = store.read(lambda session: digests.weekly(session, tomorrow))
    told = {line.kind: line for line in digest.lines}
    assert told[digests.DECIDED].n == 3
    for line in digest.lines:
        assert shown_on(world, line.address) == line.n
    with speaking("ja"):
        assert "決定 3" in digest_texts.headline(digest)


@pytest.mark.parametrize("weekday", [0, 2])
def test_a_theme_leads_to_exactly_its_enquiries_of_that_week(world: World, weekday: int) -> None:
    today = rules.calendar.local(now_ms()).date()
    end = today - timedelta(days=(today.weekday() - weekday) % 7)
    moments_of_days = [rules.calendar.moment(end - timedelta(days=ago)) + HOUR_MS for ago in (0, 1, 7, 7, 8)]
    themed = [
        arrivals.row("intercom", str(at) + str(number), at, medium="chat", themes=["tag:請求 & 支払"])
        for number, at in enumerate(moments_of_days)
    ]

    def work(session: Session) -> None:
        counts.cover(session, "intercom", now_ms(), since=moments_of_days[-1] - HOUR_MS)
        arrivals.keep(session, themed)

    store.write(work)
    told = {line.kind: line for line in store.read(lambda session: digests.weekly(session, end.isoformat())).lines}
    [item] = told[digests.THEMES].items
    assert item.facts["n"] == 3
    page = get(world, item.address)
    shown = flat(page.all("a", id="total")[0]) if weekday == 0 else str(len(rows_named(page)))
    assert shown == "3" and "請求 & 支払" in page.text
    links = [each.attributes.get("href") for each in get(world, told[digests.THEMES].address).all("a")]
    assert item.address in links


def rows_named(page: Element) -> list[Element]:
    """What a list names."""
    return [row for row in page.all("tr") if "data-name" in row.attributes]


def test_a_theme_with_an_endless_name_leads_to_the_weeks_table() -> None:
    names = [f"tag:{number}" + "長" * 90 for number in range(MOST)]
    week = Week("2026-06-01", [], [], [], 0, True, None, [], [Theme(name, 2, 0) for name in names])
    digest = digests.of_week(week)
    items = [item for line in digest.lines if line.kind == digests.THEMES for item in line.items]
    assert {item.address for item in items} == {"/digests/weekly/2026-06-01#themes"}
    _, blocks = digest_texts.message(digest, "C0SUPPORT")
    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert len(items) == MOST and all(len(text) < 3000 for text in texts)
    assert texts[-1].count("\n• <") == MOST


def test_every_way_has_a_name_and_every_kind_a_title() -> None:
    assert set(WAYS) == {"slack", "mail", "chatwork"} and set(digest_texts.TITLES) == set(moments.KINDS)
