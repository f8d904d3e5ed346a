"""Who is signed in, for how long, and what they may do: every page is shut until somebody opens it for themselves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.dependencies.models import Dependant

from app import __main__, auth
from app.demo import readers
from app.demo.company import MEMBERS
from app.main import create
from app.pages import access, view
from app.pages.sign_in import own_path
from app.settings import settings_of
from tests.clock import Hands
from tests.identity import HOME, Browser, Identity, at_work
from tests.pages.reading import SAME_ORIGIN, Element, flat, read
from tests.world import World
from workflows.engine.store import store
from workflows.language.wording import say
from workflows.people import accounts, may, membership
from workflows.rules.access import Access
from workflows.tables.people import Account, Deed, Login, OneTime

AGENT, VIEWER, OPERATOR = "U0TANAKA", "U0EMMA", "U0LEAD"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """Served by the event loop of the test."""
    async with World(database_url) as world:
        yield world


@pytest.fixture
def slack(world: World) -> Iterator[Identity]:
    with at_work(world) as slack:
        yield slack


@pytest.fixture
async def browser(world: World, slack: Identity) -> AsyncIterator[Browser]:
    browser = Browser(world)
    yield browser
    await browser.close()


@pytest.fixture
async def sqlite_slack(sqlite_url: str) -> AsyncIterator[tuple[World, Identity]]:
    async with World(sqlite_url) as world:
        with at_work(world) as slack:
            yield world, slack


@pytest.fixture
async def visitor(sqlite_slack: tuple[World, Identity]) -> AsyncIterator[Browser]:
    """Somebody's browser, where nobody is signed in yet; on SQLite alone."""
    browser = Browser(sqlite_slack[0])
    yield browser
    await browser.close()


@pytest.fixture
def clock() -> Iterator[Hands]:
    clock = Hands()
    clock.set("2026-05-01 09:00")
    yield clock
    clock.release()


def as_somebody(browser: Browser, id: str) -> Browser:
    """From now on this is their browser."""
    [member] = [each for each in MEMBERS if each.id == id]
    token = auth.begin(readers.person(member), before="")
    browser.client.cookies.set("__Host-yamabiko", token, domain="yamabiko.example")
    return browser


def done() -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    return [(deed.person, deed.sentence) for deed in reversed(store.read(accounts.deeds))]


# -- every route has its rule ---------------------------------------------------------------------

#: What is open to everybody, and why.
OPEN = {
    *("/livez", "/readyz", "/metrics"),  # the last one to the machine itself
    *("/webhooks/{source}", "/slack/events", "/intercom/canvas/{kind:path}"),  # which have their own signatures
    *("/static/{name}", "/sign-in", "/sign-in/once", "/sign-in/slack", "/sign-in/slack/callback"),
    "/unsubscribe/{secret}",  # whoever has the link out of a mail
    "/rate/{token}",  # whose secret is in the address
}
#: What each route is that does something; all else that changes something is the demo's, or one's own signing out.
DEEDS = {
    ("POST", "/wishes/new"): may.FILE,
    ("POST", "/triage/{name}/decide"): may.DECIDE,
    ("POST", "/triage/{name}/title"): may.CORRECT,
    ("POST", "/feedback/{name}/context"): may.DESCRIBE,
    ("POST", "/escalations/{name}/remind"): may.REMIND,  # or whoever answers for the company
    ("POST", "/deliveries/{id:path}"): may.REPLAY,
    ("POST", "/digests/choose"): may.SUBSCRIBE,
    ("POST", "/digests/stop"): may.SUBSCRIBE,
    ("POST", "/bodies/{id:path}"): may.READ_RAW,
    ("POST", "/chats/{id:path}"): may.ERASE,
    ("POST", "/imports/{kind}"): may.IMPORT,
    ("POST", "/imports/{kind}/keep"): may.IMPORT,
    ("GET", "/audit"): may.AUDIT,
    ("POST", "/audit/logins/{id}/end"): may.SESSIONS,
    ("GET", "/owners.csv"): may.EXPORT,
    ("GET", "/dry-run.csv"): may.EXPORT,
    ("GET", "/triage/agenda.csv"): may.EXPORT,
    ("GET", "/triage/agenda.md"): may.EXPORT,
    ("GET", "/triage/minutes.md"): may.EXPORT,
}
READERS = {("POST", "/sign-out"), ("POST", "/sign-out/everywhere")}


def calls(dependant: Dependant) -> set[object]:
    """Everything that is asked before a route answers."""
    return {dependant.call} | {call for each in dependant.dependencies for call in calls(each)}


def routes() -> list[tuple[str, str, set[object]]]:
    """(method, path, what is asked first) of every route."""
    app = create(settings_of(_env_file=None))
    found = []
    for entry in app.routes:
        within = entry.effective_route_contexts() if hasattr(entry, "effective_route_contexts") else [entry]
        for route in within:
            asked = calls(route.dependant) if getattr(route, "dependant", None) else set()
            found += [(method, route.path, asked) for method in sorted(route.methods) if method != "HEAD"]
    return found


@pytest.mark.fault("F83")
def test_no_route_is_open_but_those_that_are_listed() -> None:
    found = routes()
    assert len(found) > 30
    shut = {access.require_page, access.person_of}
    unruled = {(method, path) for method, path, asked in found if path not in OPEN and not asked & shut}
    assert unruled == set()
    assert {path for _, path, _ in found} >= OPEN, "take what is gone out of OPEN"


def test_what_changes_something_asks_for_a_role_and_for_a_page_of_ours() -> None:
    for method, path, asked in routes():
        if path in OPEN or method == "GET":
            continue
        assert asked & {access.require_same_origin, access.require_upload}, path
        is_anybodys = path.startswith("/demo/") or (method, path) in READERS
        assert is_anybodys or deeds_in(asked), f"what is {method} {path}? Name it in workflows/people/may.py"
        assert deeds_in(asked) <= may.RIGHTS.keys(), path


def test_who_may_do_what() -> None:
    found = {(method, path): asked for method, path, asked in routes()}
    for each, deed in DEEDS.items():
        assert deeds_in(found[each]) == {deed}, each


def deeds_in(asked: set[object]) -> set[str]:
    """The deeds that are asked for before a route answers."""
    return {each.deed for each in asked if isinstance(each, access.Asks)}


def test_pages_ask_for_deeds_that_are_in_the_table() -> None:
    loader = view.templates.loader
    assert loader is not None
    for name in view.templates.list_templates(["html"]):
        asked = set(re.findall(r'\.may\("([^"]+)"\)', loader.get_source(view.templates, name)[0]))
        assert asked <= may.RIGHTS.keys(), name


def test_every_form_says_that_it_is_ours() -> None:
    loader = view.templates.loader
    assert loader is not None
    sources = {name: loader.get_source(view.templates, name)[0] for name in view.templates.list_templates(["html"])}
    macros = re.findall(r"{% macro (\w+)\((.*?){%-? endmacro", "".join(sources.values()), re.DOTALL)
    bring = [
        "csrf()",
        'action="/sign-in/once"',
        'action="/unsubscribe/',
        'action="/rate/{{ token }}"',
        *(f"{name}(" for name, body in macros if "{{ csrf() }}" in body),
    ]
    for name, source in sources.items():
        for form in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>.*?</form>", source, re.DOTALL):
            assert any(each in form for each in bring), f"{name}: {form[:120]}"


PLACES = ("/", "/feedback/1", "/escalations", "/companies/101", "/owners", "/deliveries", "/setup", "/account")


@pytest.mark.parametrize("path", PLACES)
async def test_whoever_is_not_signed_in_is_led_to_where_they_can(visitor: Browser, path: str) -> None:
    answer = await visitor.ask("GET", f"{path}?lang=en")
    assert (answer.status_code, answer.text) == (303, "")
    target = urlsplit(answer.headers["location"])
    assert (target.path, parse_qs(target.query)) == ("/sign-in", {"next": [f"{path}?lang=en"]})


async def test_a_script_is_not_led_anywhere(visitor: Browser) -> None:
    answer = await visitor.ask("GET", "/loop", headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401 and "ログインしていません" in answer.text


async def test_the_machine_itself_gets_nobody_in(visitor: Browser) -> None:
    assert (await visitor.world.arequest("GET", "/")).headers["location"] == "/sign-in?next=%2F"
    pressed = await visitor.world.arequest("POST", "/deliveries/jira:1", headers=SAME_ORIGIN, data={"x": ""})
    assert pressed.status_code == 401


async def test_the_page_with_the_ways_in_shows_no_page_of_ours(visitor: Browser) -> None:
    page = await visitor.get("/sign-in?next=/owners")
    assert not page.all("nav") and not page.all("meta", name="csrf")
    [way] = page.all("a", class_="way")
    assert way.attributes["href"] == "/sign-in/slack?next=%2Fowners"


@pytest.mark.fault("F75")
async def test_a_role_decides_what_can_be_done(browser: Browser) -> None:
    world = browser.world
    await world.aside(world.wish, 0)
    allowed = {
        VIEWER: {"/escalations/1/remind": 403, "/deliveries/jira:1": 403, "/imports/owners": 403, "/owners.csv": 403},
        AGENT: {"/escalations/1/remind": 404, "/deliveries/jira:1": 403, "/imports/owners": 403, "/owners.csv": 403},
        OPERATOR: {"/escalations/1/remind": 404, "/deliveries/jira:1": 404, "/imports/owners": 400, "/owners.csv": 200},
    }
    for id, expected in allowed.items():
        as_somebody(browser, id)
        token = await browser.token()
        for path, status in expected.items():
            method = "GET" if path.endswith(".csv") else "POST"
            answer = await browser.ask(method, path, data={"csrf": token} if method == "POST" else None, headers=ORIGIN)
            assert answer.status_code == status, (id, path, answer.text[-300:])
            assert ("操作を行う権限がありません" in answer.text) == (status == 403)
        assert (await browser.ask("GET", "/feedback/1")).status_code == 200


ORIGIN = {"Origin": HOME}


async def test_roles_are_what_the_rules_say_now(visitor: Browser) -> None:
    as_somebody(visitor, OPERATOR)
    assert (await visitor.ask("GET", "/owners.csv")).status_code == 200
    with visitor.world.rules(access=Access(everyone="viewer")):
        assert (await visitor.ask("GET", "/owners.csv")).status_code == 403
    with visitor.world.rules(access=Access(everyone="")):
        answer = await visitor.ask("GET", "/setup")
        assert answer.status_code == 403 and "権限がありません" in answer.text
        [form] = read(answer.text).all("form", action="/sign-out")
        assert (await visitor.press("/sign-out", csrf=token_of(form))).status_code == 303


def token_of(form: Element) -> str:
    [field] = form.all("input", name="csrf")
    return field.attributes["value"]


@pytest.mark.parametrize(
    ("access", "id", "email", "role"),
    [
        (Access(), "U1", "a@x", ""),
        (Access(everyone=""), "U1", "a@x", ""),
        (Access(operators=("u1",)), "U1", "", "operator"),
        (Access(agents=("a@x",)), "U1", "a@x", "agent"),
        (Access(agents=("a@x",), operators=("u1",)), "U1", "a@x", "operator"),
        (Access(agents=("a@x",), everyone="operator"), "U1", "a@x", "operator"),
        (Access(operators=("b@x",)), "U2", "", "operator"),
        (Access(operators=("b@x",)), "U1", "", ""),
        (Access(operators=("",), everyone="viewer"), "U1", "", "viewer"),
    ],
)
def test_who_has_which_role(access: Access, id: str, email: str, role: str) -> None:
    assert access.role_of(id, email, {"b@x": "U2"}) == role


# -- how long it lasts ----------------------------------------------------------------------------


@pytest.mark.fault("F73")
async def test_a_login_ends_when_nobody_is_there(browser: Browser, clock: Hands) -> None:
    as_somebody(browser, AGENT)
    for moment in ("2026-05-01 16:59", "2026-05-02 00:58"):
        clock.set(moment)
        assert await browser.is_in(), moment
    clock.set("2026-05-02 08:58")
    assert not await browser.is_in()


@pytest.mark.fault("F73")
async def test_a_login_ends_after_a_day_whatever_happens(browser: Browser, clock: Hands) -> None:
    as_somebody(browser, AGENT)
    for moment in ("2026-05-01 15:00", "2026-05-01 21:00", "2026-05-02 03:00", "2026-05-02 08:59"):
        clock.set(moment)
        assert await browser.is_in(), moment
    clock.set("2026-05-02 09:00")
    assert not await browser.is_in()


async def test_being_there_is_written_down_once_a_minute_at_most(visitor: Browser, clock: Hands) -> None:
    as_somebody(visitor, AGENT)
    seen = [login.seen_at for login in logins()]
    clock.set("2026-05-01 09:00:59")
    assert await visitor.is_in() and [login.seen_at for login in logins()] == seen
    clock.set("2026-05-01 09:01:00")
    assert await visitor.is_in() and [login.seen_at - at for login, at in zip(logins(), seen, strict=True)] == [60_000]


def logins(id: str = AGENT) -> list[Login]:
    return store.read(lambda session: accounts.logins(session, id))


async def test_what_has_ended_is_forgotten_at_the_next_login(browser: Browser, slack: Identity, clock: Hands) -> None:
    as_somebody(browser, AGENT)
    clock.set("2026-05-03 09:00")
    assert (await browser.sign_in(slack)).status_code == 303
    assert logins() == [] and len(logins(OPERATOR)) == 1


# -- whose cookie it is ---------------------------------------------------------------------------


@pytest.mark.fault("F73")
async def test_only_a_hash_is_kept(browser: Browser, slack: Identity) -> None:
    await browser.sign_in(slack)
    token = browser.cookie()
    assert len(token) >= 43
    kept = store.read(lambda session: [session.get_one(Account, OPERATOR).model_dump(), *map(dict, logins(OPERATOR))])
    assert token not in str(kept) and auth.csrf_of(token) not in str(kept) and auth.hashed(token) in str(kept)


async def test_the_cookie_is_kept_from_scripts_other_sites_and_the_open_wire(visitor: Browser) -> None:
    with at_work(visitor.world) as slack:
        cookies = (await visitor.sign_in(slack)).headers.get_list("set-cookie")
    [cookie] = [each for each in cookies if each.startswith("__Host-yamabiko=")]
    attributes = {part.strip().lower().partition("=")[0]: part.partition("=")[2] for part in cookie.split(";")[1:]}
    assert attributes.keys() >= {"httponly", "secure", "samesite", "path"} and "domain" not in attributes
    assert (attributes["samesite"], attributes["path"]) == ("lax", "/")


@pytest.mark.fault("F73")
async def test_nobody_can_give_a_browser_its_token_beforehand(browser: Browser, slack: Identity) -> None:
    """Else whoever put it there would be signed in together with its owner (session fixation)."""
    for planted in ("planted", auth.begin(readers.person(MEMBERS[0]), before="")):
        browser.client.cookies.clear()
        browser.client.cookies.set("__Host-yamabiko", planted, domain="yamabiko.example")
        await browser.sign_in(slack)
        other = Browser(browser.world)
        other.client.cookies.set("__Host-yamabiko", planted, domain="yamabiko.example")
        assert await browser.is_in() and not await other.is_in()


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 5000, "'; DROP TABLE login; --", "\0"])
async def test_a_token_of_nobodys_is_nobody(visitor: Browser, token: str) -> None:
    answer = await visitor.ask("GET", "/setup", headers={"Cookie": f"__Host-yamabiko={token}".encode()})
    assert answer.status_code == 303


async def test_a_cookie_for_the_open_wire_does_not_count_on_https(visitor: Browser) -> None:
    token = auth.begin(readers.person(MEMBERS[0]), before="")
    answer = await visitor.ask("GET", "/setup", headers={"Cookie": f"yamabiko={token}"})
    assert answer.status_code == 303


# -- signing out ----------------------------------------------------------------------------------


async def test_signing_out_ends_this_browsers_login(browser: Browser) -> None:
    other = as_somebody(Browser(browser.world), AGENT)
    token = as_somebody(browser, AGENT).cookie()
    answer = await browser.press("/sign-out", csrf=await browser.token())
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.cookie() == "" and auth.find(token) is None
    assert await other.is_in()


async def test_signing_out_everywhere_ends_them_all(browser: Browser) -> None:
    mine = [as_somebody(Browser(browser.world), AGENT) for _ in range(2)]
    others = as_somebody(browser, OPERATOR)
    page = await mine[0].get("/account")
    assert page.text.count("このブラウザー") == 1 and len(page.all("ul", class_="things")[0].all("li")) == 2
    assert (await mine[0].press("/sign-out/everywhere", csrf=await mine[0].token())).status_code == 303
    assert not await mine[0].is_in() and not await mine[1].is_in() and await others.is_in()


@pytest.mark.fault("F73")
async def test_who_leaves_the_workspace_is_signed_out(browser: Browser) -> None:
    gone, here = as_somebody(browser, AGENT), as_somebody(Browser(browser.world), OPERATOR)
    membership.sign_out_the_gone()
    assert await gone.is_in() and await here.is_in()
    browser.world.slack.deactivate(AGENT)
    membership.sign_out_the_gone()
    assert not await gone.is_in() and await here.is_in()


async def test_while_slack_is_down_nobody_is_signed_out(visitor: Browser) -> None:
    as_somebody(visitor, AGENT)
    with visitor.world.without("slack"):
        membership.sign_out_the_gone()
    assert await visitor.is_in()


# -- other sites ----------------------------------------------------------------------------------


@pytest.mark.fault("F72")
async def test_a_button_needs_the_token_of_this_login(browser: Browser) -> None:
    other = await as_somebody(Browser(browser.world), OPERATOR).token()
    as_somebody(browser, OPERATOR)
    mine = await browser.token()
    assert mine != other
    for wrong in ({}, {"csrf": ""}, {"csrf": other}, {"csrf": mine[:-1]}, {"csrf": "é"}, {"csrf": browser.cookie()}):
        answer = await browser.press("/sign-out", **wrong)
        assert answer.status_code == 403 and "このページからの操作ではありません" in answer.text
        header = {"X-CSRF-Token": wrong.get("csrf", "").encode()}
        assert (await browser.ask("POST", "/sign-out", headers=ORIGIN | header, data={"x": ""})).status_code == 403
    assert await browser.is_in()
    answer = await browser.ask("POST", "/sign-out", headers=ORIGIN | {"X-CSRF-Token": mine}, data={"x": ""})
    assert answer.status_code == 303


@pytest.mark.fault("F72")
@pytest.mark.parametrize("origin", ["https://evil.example", "http://yamabiko.example", "null", ""])
async def test_a_token_does_not_help_another_site(visitor: Browser, origin: str) -> None:
    as_somebody(visitor, OPERATOR)
    headers = {"Origin": origin} if origin else {}
    form = {"csrf": await visitor.token()}
    assert (await visitor.ask("POST", "/sign-out", headers=headers, data=form)).status_code == 403
    assert await visitor.is_in()


async def test_a_site_that_lends_us_its_name_presses_no_button(visitor: Browser) -> None:
    """DNS rebinding: what says that it comes from the host that it names does not come from us."""
    as_somebody(visitor, OPERATOR)
    headers = {
        "Host": "evil.example",
        "Origin": "https://evil.example",
        "Cookie": f"__Host-yamabiko={visitor.cookie()}",
    }
    form = {"csrf": await visitor.token()}
    assert (await visitor.ask("POST", "/sign-out", headers=headers, data=form)).status_code == 403


# -- where one goes on ----------------------------------------------------------------------------

ELSEWHERE = (
    *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil"),
    *("/\t/evil.example", "/\n/evil.example", " //evil.example", "evil.example", "", "javascript:alert(1)", "/\0"),
    *("//evil.example/%2e%2e", "http:/\\evil.example", "/sign-in?next=//evil.example", "/sign-out", "/" * 3000),
)


@pytest.mark.fault("F76")
@pytest.mark.parametrize("next", ELSEWHERE)
async def test_nobody_is_led_to_another_site(visitor: Browser, next: str) -> None:
    assert own_path(next) == "/"
    as_somebody(visitor, VIEWER)
    answer = await visitor.ask("GET", "/sign-in", params={"next": next})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "next", ["/", "/feedback/1", "/?station=chat&part=2", "/companies?q=%E3%81%82", "/a//b", "/%2f"]
)
def test_everybody_is_led_back_to_where_they_wanted(next: str) -> None:
    assert own_path(next) == next


@pytest.mark.fault("F76")
async def test_nobody_is_led_away_by_slack_either(browser: Browser, slack: Identity) -> None:
    assert (await browser.sign_in(slack, "//evil.example")).headers["location"] == "/"


# -- one-time addresses ---------------------------------------------------------------------------


@pytest.fixture
def key(browser: Browser) -> str:
    """What stands behind the # of an address that `python -m app login` prints."""
    return auth.offer()


async def enter(browser: Browser, key: str) -> int:
    """Open the address, type the key as its script does, and press its button: the status."""
    page = await browser.get("/sign-in/once")
    [form] = page.all("main")[0].all("form")
    assert [field.attributes["name"] for field in form.all("input")] == ["key"]
    return (await browser.press(form.attributes["action"], key=key)).status_code


async def test_an_address_signs_in_an_operator(browser: Browser, key: str) -> None:
    assert await enter(browser, key) == 303
    page = await browser.get("/account")
    assert "管理者" in page.text and (await browser.ask("GET", "/owners.csv")).status_code == 200
    kept = store.read(lambda session: session.get(OneTime, auth.hashed(key)))
    assert kept is not None and kept.used_at is not None and key not in str(kept)


async def test_who_signed_in_by_an_address_is_called_in_the_readers_language(browser: Browser, key: str) -> None:
    assert await enter(browser, key) == 303
    for path in ("/account", "/audit", "/"):
        english, japanese = [(await browser.get(f"{path}?lang={language}")).text for language in ("en", "ja")]
        assert "Admin" in english and "管理者" not in english, path
        assert "管理者" in japanese and "Admin" not in japanese, path
    assert say("en", "Decided by {name}", name="管理者") == "Decided by Admin"
    assert say("ja", "Decided by {name}", name="Admin") == "決定: 管理者さん"


async def test_an_address_counts_once(browser: Browser, key: str) -> None:
    assert await enter(browser, key) == 303
    other = Browser(browser.world)
    answer = await other.press("/sign-in/once", key=key)
    assert answer.status_code == 403 and "すでに使われたか" in answer.text
    assert not await other.is_in()


async def test_opening_an_address_uses_nothing_up(browser: Browser, key: str) -> None:
    """Programs that look at addresses before people do would sign themselves in."""
    for _ in range(2):
        assert (await browser.ask("GET", "/sign-in/once")).status_code == 200
        assert not await browser.is_in()
    assert await enter(browser, key) == 303


async def test_an_address_is_good_for_ten_minutes(browser: Browser, clock: Hands) -> None:
    first, second = auth.offer(), auth.offer()
    clock.set("2026-05-01 09:09:59")
    assert await enter(browser, first) == 303
    clock.set("2026-05-01 09:10")
    assert (await Browser(browser.world).press("/sign-in/once", key=second)).status_code == 403


@pytest.mark.parametrize("key", ["", "x", "é" * 100])
async def test_no_other_address_signs_in(visitor: Browser, key: str) -> None:
    auth.offer()
    assert (await visitor.press("/sign-in/once", key=key)).status_code == 403
    assert not await visitor.is_in()


async def test_another_site_signs_nobody_in(browser: Browser, key: str) -> None:
    form = {"key": key}
    answer = await browser.ask("POST", "/sign-in/once", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert await enter(browser, key) == 303


async def test_the_command_prints_one(
    world: World, slack: Identity, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.operate.operators.load", lambda: world.app.state.settings)
    monkeypatch.setattr("app.operate.operators.Runtime", lambda *_, **__: _Nothing())
    assert __main__.main(["login"]) == 0
    printed = capsys.readouterr().out.strip()
    address, _, key = printed.partition("#key=")
    assert address == f"{HOME}/sign-in/once", "what stands behind the # is in no log on the way"
    browser = Browser(world)
    assert await enter(browser, key) == 303
    await browser.close()


class _Nothing:
    """Stands in for a runtime where there is one already."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


# -- the demo -------------------------------------------------------------------------------------


async def test_in_the_demo_everybody_is_somebody_at_once(sqlite_url: str) -> None:
    async with World(sqlite_url) as world:
        page = read((await world.arequest("GET", "/")).text)
        [switch] = page.all("form", class_="persons")
        assert "斎藤 真理 管理" in chosen(switch)
        assert len(switch.all("button")) == len(MEMBERS)
        form = {"person": "U0TANAKA", "next": "/owners", "csrf": token_of(switch)}
        answer = await world.arequest("POST", "/demo/me", data=form, headers=SAME_ORIGIN | {"X-CSRF-Token": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, "/owners")
        page = read((await world.arequest("GET", "/owners")).text)
        assert "田中 みなみ メンバー" in chosen(page.all("form", class_="persons")[0])
        assert (await world.arequest("GET", "/owners.csv")).status_code == 403
        assert (await world.arequest("GET", "/sign-in")).headers["location"] == "/"


def chosen(switch: Element) -> str:
    """Who one is, as the menu marks it."""
    [marked] = [each for each in switch.all("button") if each.attributes.get("aria-current") == "true"]
    return flat(marked)


async def test_outside_of_the_demo_nobody_becomes_somebody_else(visitor: Browser) -> None:
    assert (await visitor.press("/demo/me", person=OPERATOR)).status_code == 401
    as_somebody(visitor, VIEWER)
    visitor.client.cookies.set("me", OPERATOR, domain="yamabiko.example")
    assert (await visitor.press("/demo/me", person=OPERATOR, csrf=await visitor.token())).status_code == 404
    assert (await visitor.ask("GET", "/owners.csv")).status_code == 403


# -- who did what ---------------------------------------------------------------------------------


async def test_operators_see_who_did_what(browser: Browser, slack: Identity) -> None:
    await browser.sign_in(slack)
    form = {"csrf": await browser.token(), "text": "company_id,owner\n101,mori@x.example"}
    await browser.world.aside(browser.world.wish, 0)
    assert (await browser.ask("POST", "/imports/owners/keep", data=form, headers=ORIGIN)).status_code == 303
    assert done() == [(OPERATOR, auth.SIGNED_IN), (OPERATOR, "Imported {file}: {n} rows.")]
    [row] = [each for each in (await browser.get("/audit")).all("tr") if "owners.csv" in each.text]
    assert "斎藤 真理" in row.text and "owners.csvを取り込みました(1行)。" in row.text
    as_somebody(browser, AGENT)
    assert (await browser.ask("GET", "/audit")).status_code == 403
    assert store.read(lambda session: session.get_one(Deed, 1)).person_name == "斎藤 真理"
