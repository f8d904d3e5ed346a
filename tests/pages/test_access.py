"""Who gets a page, who may press a button, and what a page may do in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.pages.reading import SAME_ORIGIN, aget, apress, read
from tests.pages.signing_in import real
from tests.world import World

PAGES = (
    *("/", "/board", "/loop", "/feedback/1", "/deliveries", "/deliveries?kind=runs", "/setup"),
    *("/escalations", "/companies", "/companies?q=a", "/companies/101", "/owners", "/owners/churn", "/owners/flags"),
    *("/enquiries", "/enquiries?state=solved", "/enquiries/live", "/enquiries/channels", "/enquiries/cost"),
    *("/enquiries/learning", "/chats/1000000", "/hand-over", "/satisfaction", "/satisfaction?show=not-asked"),
    *("/digests", "/digests/daily/2026-06-01", "/digests/weekly/2026-06-01"),
    *("/measures", "/find?q=a", "/rules", "/audit"),
    *(
        "/glance",
        "/wall",
        "/wall/live",
        "/kpis",
        "/kpis?period=week&view=all",
        "/kpis?view=health",
        "/kpis?view=queue&queue=planned",
        "/kpis/first_response/list",
        "/kpis/load/list",
        "/kpis/load/open",
    ),
    *("/triage", "/triage/wish/FB-1", "/triage/decided", "/wishes", "/wishes/new", "/promises", "/wishes/1/similar"),
    *("/releases", "/notices", "/drafts", "/drafts/together", "/tellings", "/waits", "/waits?leg=whole"),
    *("/know-how", "/know-how?due=mine&language=ja", "/know-how/new"),
    *("/volume", "/volume?period=year&about=tag:a", "/volume/list", "/volume/occasions", "/volume/causes"),
    "/alerts",
)
FILES = (
    *(
        "/owners.csv",
        "/escalations.csv",
        "/companies.csv",
        "/measures/acknowledgement.svg",
        "/measures/calibration.svg",
        "/waits/curve.svg",
        "/satisfaction/weeks.svg",
        "/volume/counts.svg",
        "/kpis/resolution.svg",
        "/kpis/load.svg",
        "/kpis/queue.svg",
        "/volume/themes.svg",
        "/enquiries/learning/curve.svg",
    ),
    *("/triage/agenda.md", "/triage/agenda.csv", "/triage/minutes.md", "/wishes/companies", "/tellings.csv"),
)
BUTTONS = (
    *("/demo/tag", "/demo/reconcile", "/deliveries/jira:1", "/escalations/1/remind"),
    *("/triage/FB-1/decide", "/triage/FB-1/undo", "/triage/FB-1/merge", "/triage/FB-1/unmerge", "/triage/FB-1/issue"),
    *("/triage/FB-1/not-same", "/triage/FB-1/same-again", "/triage/minutes", "/wishes/similar"),
    *("/wishes/new", "/feedback/1/context", "/feedback/1/split", "/feedback/1/not-told", "/promises/FB-1/report"),
    *("/releases/1/publish", "/releases/1/call-off", "/releases/1/undo", "/drafts/together"),
    *("/notices/new", "/notices/1/edit", "/notices/1/open", "/notices/1/undo", "/notices/1/call-off"),
    *("/notices/1/told", "/notices/1/untold"),
    *("/know-how/new", "/know-how/1/edit", "/know-how/1/retire", "/know-how/1/bring-back"),
    *("/volume/occasions/new", "/volume/occasions/1/remove", "/volume/occasions/1/back", "/volume/causes"),
    *("/alerts/1/verdict", "/alerts/backtest"),
    *("/drafts/approve/1:1/1", "/drafts/aside/1:1/1", "/drafts/undo/1:1/1", "/drafts/now/1:1/1"),
    *("/imports/owners", "/imports/owners/keep", "/imports/churn", "/imports/churn/keep"),
    *("/digests/choose", "/digests/stop"),
    *("/imports/flag", "/imports/flag/keep", "/hand-over", "/hand-over/1/back"),
)


@pytest.fixture
async def sqlite_world(sqlite_url: str) -> AsyncIterator[World]:
    """Served by the event loop of the test."""
    async with World(sqlite_url) as world:
        yield world


async def ask_from(world: World, address: str, method: str, path: str, **headers: str) -> httpx.Response:
    """A request from another machine."""
    transport = httpx.ASGITransport(app=world.app, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
        return await browser.request(method, path, headers=headers)


@pytest.mark.parametrize("address", ["203.0.113.9", "127.0.0.1", "::1"])
@pytest.mark.parametrize("path", (*PAGES, *FILES))
async def test_strangers_get_nothing(sqlite_world: World, path: str, address: str) -> None:
    real(sqlite_world)
    answer = await ask_from(sqlite_world, address, "GET", path)
    assert (answer.status_code, answer.text) == (303, "")
    assert answer.headers["location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize("path", BUTTONS)
async def test_strangers_press_nothing(sqlite_world: World, path: str) -> None:
    real(sqlite_world)
    assert (await ask_from(sqlite_world, "127.0.0.1", "POST", path, **SAME_ORIGIN)).status_code == 401


@pytest.mark.parametrize(
    ("button", "page"),
    [
        ("/triage/FB-1/decide", "/triage?at=FB-1"),
        ("/feedback/1/context", "/feedback/1"),
        ("/wishes/new", "/wishes/new"),
        ("/escalations/1/remind", "/escalations/1"),
        ("/escalations/1/hand-on", "/escalations/1"),
        ("/promises/FB-1/report", "/promises"),
        ("/imports/owners/keep", "/owners"),
    ],
)
async def test_whose_login_has_ended_is_led_back_to_where_the_button_was(
    sqlite_world: World, button: str, page: str
) -> None:
    real(sqlite_world)
    answer = await apress(sqlite_world, button, reason="入力していた理由")
    assert answer.status_code == 401
    [way] = read(answer.text).all("a", class_="way")
    assert way.attributes["href"] == f"/sign-in?{urlencode({'next': page})}" and way.text == "ログイン"


async def test_pages_know_when_the_login_ends_and_it_may_begin_again_before(sqlite_world: World) -> None:
    real(sqlite_world)
    sqlite_world.sign_in()
    [ending] = (await aget(sqlite_world, "/triage")).all("p", id="ending")
    assert "hidden" in ending.attributes and ending.attributes["data-lasts"] == str(8 * 3600_000 - 60_000)
    assert (await sqlite_world.arequest("GET", "/sign-in?next=/wishes")).status_code == 303
    assert (await sqlite_world.arequest("GET", "/sign-in?next=/wishes&again=yes")).status_code == 200


async def test_strangers_are_not_told_what_there_is(sqlite_world: World) -> None:
    real(sqlite_world)
    answer = await ask_from(sqlite_world, "203.0.113.9", "GET", "/nowhere")
    assert (answer.status_code, answer.text) == (404, "There is nothing at this address.")


@pytest.mark.fault("F77")
async def test_a_web_site_cannot_read_what_is_the_machines_own_through_a_name_of_its_own(sqlite_world: World) -> None:
    assert (await ask_from(sqlite_world, "127.0.0.1", "GET", "/metrics")).status_code == 200
    assert (await ask_from(sqlite_world, "127.0.0.1", "GET", "/metrics", Host="rebound.example")).status_code == 404


@pytest.mark.parametrize("path", (*PAGES, *FILES))
async def test_whoever_is_signed_in_gets_pages(sqlite_world: World, path: str) -> None:
    await sqlite_world.aside(sqlite_world.wish, 0)
    real(sqlite_world)
    sqlite_world.sign_in()
    assert (await sqlite_world.arequest("GET", path)).status_code == 200


async def test_the_setting_alone_shows_no_real_customers(sqlite_world: World) -> None:
    sqlite_world.app.state.demo = None
    assert (await ask_from(sqlite_world, "203.0.113.9", "GET", "/")).status_code == 303


@pytest.mark.fault("F72")
@pytest.mark.parametrize("path", BUTTONS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        SAME_ORIGIN | {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_other_sites_press_no_buttons(sqlite_world: World, path: str, headers: dict[str, str]) -> None:
    await sqlite_world.aside(sqlite_world.deliver)
    answer = await sqlite_world.arequest(
        "POST", path, headers=headers, data={"chat": sqlite_world.chats[0], "part": "", "tag": "要望"}
    )
    assert answer.status_code == 403
    assert not await sqlite_world.aside(sqlite_world.deliver)


@pytest.mark.parametrize(
    "headers", [SAME_ORIGIN, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-origin"}]
)
async def test_our_own_pages_do(sqlite_world: World, headers: dict[str, str]) -> None:
    form = {"chat": sqlite_world.chats[0], "part": "", "tag": "要望"}
    assert (await sqlite_world.arequest("POST", "/demo/tag", headers=headers, data=form)).status_code == 303


async def test_a_form_is_bounded(sqlite_world: World) -> None:
    answer = await apress(sqlite_world, "/demo/write", chat=sqlite_world.chats[0], text="長" * 30_000)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/demo/tag", "/demo/fail", "/demo/reconcile"])
async def test_outside_the_demo_nobody_is_played(sqlite_world: World, path: str) -> None:
    real(sqlite_world)
    sqlite_world.sign_in()
    assert (await apress(sqlite_world, path, chat=sqlite_world.chats[0])).status_code == 404
    assert (await sqlite_world.arequest("GET", "/demo/desk")).status_code == 404
    page = await aget(sqlite_world, "/")
    assert not page.all("main")[0].all("form", method="post") and not page.all("details", id="desks")


@pytest.mark.fault("F71")
@pytest.mark.parametrize(
    "path", [*PAGES[:2], "/deliveries", "/setup", "/escalations", "/owners", "/measures", *FILES, "/nowhere"]
)
async def test_a_page_can_only_do_what_our_own_files_do(sqlite_world: World, path: str) -> None:
    await sqlite_world.aside(sqlite_world.wish, 0)
    answer = await sqlite_world.arequest("GET", path)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_scripts_or_styles_within(sqlite_world: World, path: str) -> None:
    await sqlite_world.aside(sqlite_world.wish, 0)
    for element in (await aget(sqlite_world, path)).walk():
        assert element.name != "style"
        assert element.name != "script" or (element.attributes["src"].startswith("/static/") and not element.text)
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]


@pytest.mark.fault("F80")
@pytest.mark.parametrize("path", PAGES)
async def test_no_page_shows_a_secret(sqlite_world: World, path: str) -> None:
    await sqlite_world.aside(sqlite_world.wish, 0)
    assert sqlite_world.stage.secret not in (await sqlite_world.arequest("GET", path)).text


@pytest.mark.parametrize("name", ["..%2fview.py", "view.py", "%2e%2e/view.py", "nothing.css", ".hidden"])
async def test_only_our_own_files_are_given_out(sqlite_world: World, name: str) -> None:
    assert (await sqlite_world.arequest("GET", f"/static/{name}")).status_code == 404
