"""Signing in with Slack: whoever comes back is let in only if everything fits, and is told why not in plain words."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from app.slack_login import SlackLogin
from app.turnstile import Turnstile
from tests.clock import Hands
from tests.identity import (
    CALLBACK,
    CLIENT_ID,
    Browser,
    Claims,
    Identity,
    at_work,
    key,
    part,
    signed,
    signed_with_the_public_key,
    unsigned,
)
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.people import accounts
from workflows.tables.people import Account

HOUR = 3600


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """Served by the event loop of the test."""
    async with World(sqlite_url) as world:
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


async def refused(browser: Browser, answer: httpx.Response, words: str) -> None:
    """Nobody is signed in, and the page says why."""
    assert answer.status_code == 403 and words in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert browser.cookie() == "" and not await browser.is_in()
    assert store.read(accounts.present) == []


def now() -> int:
    return now_ms() // 1000


# -- tokens that do not fit -----------------------------------------------------------------------

UNSURE = "Slackでの確認ができませんでした"
WRONG: dict[str, Any] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "for another app": {"aud": "1.2"},
    "for nobody": {"aud": None},
    "for another app as well": {"aud": [CLIENT_ID, "1.2"]},
    "made for another party": {"azp": "1.2"},
    "from another issuer": {"iss": "https://slack.com.evil.example"},
    "from nobody": {"iss": None},
    "without an end": {"exp": None},
    "with an end in words": {"exp": "tomorrow"},
    "without a beginning": {"iat": None},
    "about nobody": {"sub": None},
    "about two people": {"https://slack.com/user_id": "U0MORI"},
    "about one of their ids only": {"https://slack.com/user_id": None},
    "about no Slack id": {"sub": "../U0LEAD", "https://slack.com/user_id": "../U0LEAD"},
    "about the one-time operator": {"sub": "operator", "https://slack.com/user_id": "operator"},
    "about a number": {"sub": 7, "https://slack.com/user_id": 7},
    "for another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.fault("F74")
@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
async def test_a_token_that_does_not_fit_lets_nobody_in(slack: Identity, browser: Browser, changes: Claims) -> None:
    slack.changes = changes
    await refused(browser, await browser.sign_in(slack), UNSURE)


@pytest.mark.parametrize(
    "ages", [{"exp": -HOUR}, {"nbf": HOUR, "exp": 2 * HOUR}, {"iat": HOUR, "exp": 2 * HOUR}], ids=["old", "nbf", "iat"]
)
async def test_a_token_of_another_time_lets_nobody_in(slack: Identity, browser: Browser, ages: dict[str, int]) -> None:
    slack.changes = {name: now() + seconds for name, seconds in ages.items()}
    await refused(browser, await browser.sign_in(slack), UNSURE)


@pytest.mark.fault("F74")
@pytest.mark.parametrize("team", ["T0OTHER", "", None, ["T0KANADE"], "t0kanade"])
async def test_people_of_other_workspaces_stay_outside(slack: Identity, browser: Browser, team: object) -> None:
    slack.changes = {"https://slack.com/team_id": team}
    await refused(browser, await browser.sign_in(slack), "別のSlackワークスペース")


MADE: dict[str, Any] = {
    "unsigned": unsigned,
    "signed with the public key": signed_with_the_public_key,
    "signed with another key under Slack's name": lambda claims: signed(claims, "evil", kid="slack"),
    "signed with a key that nobody published": lambda claims: signed(claims, "evil"),
    "signed with no key's name": lambda claims: signed(claims, kid=""),
    "signed as RS512": lambda claims: signed(claims, alg="RS512"),
    "with a key of its own": lambda claims: signed(claims, "evil", jku="https://evil.example/keys"),
    "changed afterwards": lambda claims: ".".join(
        [(parts := signed(claims).split("."))[0], part(claims | {"name": "x"}), parts[2]]
    ),
    "no token": lambda claims: "geheim",
    "empty": lambda claims: "",
    "without claims": lambda claims: ".".join([*signed(claims).split(".")[:1], part([]), signed(claims).split(".")[2]]),
}


@pytest.mark.fault("F74")
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
async def test_a_token_that_slack_did_not_make_lets_nobody_in(slack: Identity, browser: Browser, make: Any) -> None:
    key("evil")
    slack.make = make
    await refused(browser, await browser.sign_in(slack), UNSURE)


ANSWERS: dict[str, tuple[httpx.Response, str]] = {
    "a refusal": (httpx.Response(200, json={"ok": False, "error": "invalid_code"}), UNSURE),
    "no token": (httpx.Response(200, json={"ok": True}), UNSURE),
    "a list": (httpx.Response(200, json=[]), "Slackに接続できません"),
    "nothing": (httpx.Response(200, content=b""), "Slackに接続できません"),
    "trouble": (httpx.Response(503, content=b"{}"), "Slackに接続できません"),
    "another address": (httpx.Response(302, headers={"Location": "https://evil.example"}), "Slackに接続できません"),
}


@pytest.mark.parametrize(("answer", "words"), ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_that_is_none_lets_nobody_in(
    slack: Identity, browser: Browser, answer: httpx.Response, words: str
) -> None:
    slack.instead = answer
    await refused(browser, await browser.sign_in(slack), words)


# -- ways back that do not fit --------------------------------------------------------------------


@pytest.mark.fault("F74")
async def test_a_code_counts_once(slack: Identity, browser: Browser) -> None:
    query = slack.authorize(await browser.go())
    attempt = browser.cookie("__Host-yamabiko-attempt")
    assert (await browser.ask("GET", f"/sign-in/slack/callback?{query}")).status_code == 303
    other = Browser(browser.world)
    other.client.cookies.set("__Host-yamabiko-attempt", attempt, domain="yamabiko.example")
    assert (await other.ask("GET", f"/sign-in/slack/callback?{query}")).status_code == 403
    assert not await other.is_in()


async def test_slack_is_asked_about_a_way_back_once(slack: Identity, browser: Browser) -> None:
    """Once one cookie was enough to make us ask Slack as often as a stranger liked."""
    query, attempt = slack.authorize(await browser.go()), browser.cookie("__Host-yamabiko-attempt")
    headers = {"Cookie": f"__Host-yamabiko-attempt={attempt}"}
    for _ in range(8):
        await browser.ask("GET", f"/sign-in/slack/callback?{query}", headers=headers)
    assert slack.asked.count("/api/openid.connect.token") == 1


async def test_a_slack_that_is_slow_holds_up_neither_pages_nor_more_than_a_few(
    slack: Identity, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, answer = threading.Event(), slack.answer
    slow = httpx.MockTransport(lambda request: (released.wait(100), answer(request))[1])
    login = SlackLogin(browser.world.app.state.settings, slow)
    monkeypatch.setattr(browser.world.app.state, "slack_login", login)
    ways = []
    for _ in range(60):
        query = slack.authorize(await browser.go())
        headers = {"Cookie": f"__Host-yamabiko-attempt={browser.cookie('__Host-yamabiko-attempt')}"}
        ways.append(asyncio.create_task(browser.ask("GET", f"/sign-in/slack/callback?{query}", headers=headers)))
    done, waiting = set[asyncio.Task[httpx.Response]](), set(ways)
    while len(waiting) > 4:
        more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        done |= more
    assert {task.result().status_code for task in done} == {503} and len(waiting) == 4
    assert "混み合っています" in done.pop().result().text
    await asyncio.wait_for(browser.ask("GET", "/sign-in"), 60)
    released.set()
    await asyncio.wait(waiting)


async def test_only_so_many_ways_back_are_asked_about_within_a_while(slack: Identity, browser: Browser) -> None:
    browser.world.app.state.slack_login.turnstile = Turnstile(at_once=4, most=3, seconds=3600)
    answers = [await browser.sign_in(slack) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 503, 503]


@pytest.mark.fault("F74")
@pytest.mark.parametrize("state", ["&state=another", "&state=", ""])
async def test_another_state_lets_nobody_in(slack: Identity, browser: Browser, state: str) -> None:
    code = slack.authorize(await browser.go()).partition("&")[0]
    await refused(browser, await browser.ask("GET", f"/sign-in/slack/callback?{code}{state}"), UNSURE)
    assert slack.asked == []


async def test_the_way_back_of_another_browser_lets_nobody_in(slack: Identity, browser: Browser) -> None:
    """Who is led to somebody else's way back would work under a stranger's name."""
    other = Browser(browser.world)
    query = slack.authorize(await other.go())
    await refused(browser, await browser.ask("GET", f"/sign-in/slack/callback?{query}"), "別のブラウザー")
    await browser.go()
    await refused(browser, await browser.ask("GET", f"/sign-in/slack/callback?{query}"), UNSURE)


async def test_what_the_browser_brings_back_cannot_be_changed(slack: Identity, browser: Browser) -> None:
    query = slack.authorize(await browser.go())
    sealed = browser.cookie("__Host-yamabiko-attempt")
    for changed in (sealed[:-1] + "x", "x" + sealed, sealed.partition(".")[0], ".", "", "é"):
        browser.client.cookies.clear()
        headers = {"Cookie": f"__Host-yamabiko-attempt={changed}".encode()}
        answer = await browser.ask("GET", f"/sign-in/slack/callback?{query}", headers=headers)
        await refused(browser, answer, "別のブラウザー")


async def test_who_takes_too_long_begins_again(slack: Identity, browser: Browser) -> None:
    clock = Hands()
    try:
        clock.set("2026-05-01 10:00")
        query = slack.authorize(await browser.go())
        clock.set("2026-05-01 10:10")
        await refused(browser, await browser.ask("GET", f"/sign-in/slack/callback?{query}"), "時間がかかりすぎた")
    finally:
        clock.release()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("error=access_denied", "許可されませんでした"),
        ("error=server_error", UNSURE),
        ("code=", UNSURE),
        ("", UNSURE),
        ("code=x&error=access_denied", "許可されませんでした"),
    ],
)
async def test_an_answer_without_a_code_lets_nobody_in(
    slack: Identity, browser: Browser, query: str, words: str
) -> None:
    state = slack.authorize(await browser.go()).partition("&")[2]
    await refused(browser, await browser.ask("GET", f"/sign-in/slack/callback?{query}&{state}"), words)


async def test_slack_sends_people_back_to_one_address_only(slack: Identity, browser: Browser) -> None:
    address = httpx.URL(await browser.go())
    assert address.params["redirect_uri"] == CALLBACK and address.params["team"] == "T0KANADE"
    browser.client.headers["Host"] = "evil.example"
    assert httpx.URL(await browser.go()).params["redirect_uri"] == CALLBACK


async def test_each_attempt_is_another_one(browser: Browser) -> None:
    first, second = httpx.URL(await browser.go()).params, httpx.URL(await browser.go()).params
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name] and len(first[name]) >= 43


# -- who it is ------------------------------------------------------------------------------------


async def test_somebody_of_the_company_is_let_in(slack: Identity, browser: Browser) -> None:
    answer = await browser.sign_in(slack, "/escalations?urgency=now")
    assert (answer.status_code, answer.headers["location"]) == (303, "/escalations?urgency=now")
    assert await browser.is_in()
    account = store.read(lambda session: session.get_one(Account, "U0LEAD"))
    assert (account.name, account.email) == ("斎藤 真理", "lead@kanade.example")
    assert browser.cookie("__Host-yamabiko-attempt") == ""


@pytest.mark.fault("F74")
@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_address_that_is_not_verified_gives_no_role(
    slack: Identity, browser: Browser, verified: object
) -> None:
    slack.who, slack.changes = "U0EMMA", {"email": "lead@kanade.example", "email_verified": verified}
    await browser.sign_in(slack)
    assert "閲覧者" in (await browser.get("/account")).text
    assert store.read(lambda session: session.get_one(Account, "U0EMMA")).email == ""


async def test_a_name_is_only_a_name(slack: Identity, browser: Browser) -> None:
    slack.changes = {"name": "<b>\0\u202e" + "長" * 500}
    await browser.sign_in(slack)
    name = store.read(lambda session: session.get_one(Account, "U0LEAD")).name
    assert name == "<b>" + "長" * 97
    assert not (await browser.get("/account")).all("b")


@pytest.mark.parametrize("flags", [{"deleted": True}, {"is_guest": True}, {"is_single_channel_guest": True}])
async def test_who_is_no_full_member_stays_outside_although_slack_says_who_they_are(
    slack: Identity, browser: Browser, flags: dict[str, bool]
) -> None:
    browser.world.slack.estrange("U0LEAD", **flags)
    await refused(browser, await browser.sign_in(slack), "ワークスペースの正式なメンバーだけです")


async def test_who_has_no_role_stays_outside(slack: Identity, browser: Browser) -> None:
    from workflows.rules.access import Access

    with browser.world.rules(access=Access(everyone="")):
        await refused(browser, await browser.sign_in(slack), "権限がありません")


# -- Slack's keys ---------------------------------------------------------------------------------


async def test_keys_are_asked_for_once_and_again_when_slack_has_new_ones(slack: Identity, browser: Browser) -> None:
    clock = Hands()
    try:
        clock.set("2026-05-01 10:00")
        for _ in range(2):
            assert (await browser.sign_in(slack)).status_code == 303
        assert slack.asked.count("/openid/connect/keys") == 1
        clock.set("2026-05-01 10:02")
        slack.published, slack.make = ["slack", "new"], lambda claims: signed(claims, "new")
        assert (await browser.sign_in(slack)).status_code == 303
        assert slack.asked.count("/openid/connect/keys") == 2
        slack.make = lambda claims: signed(claims, "evil")
        for _ in range(3):
            assert (await browser.sign_in(slack)).status_code == 403
        assert slack.asked.count("/openid/connect/keys") == 2
    finally:
        clock.release()


async def test_where_it_is_not_set_up_there_is_no_way_to_slack(sqlite_url: str) -> None:
    async with World(sqlite_url) as world:
        world.app.state.settings = world.settings.model_copy(update={"demo": False})
        for path in ("/sign-in/slack", "/sign-in/slack/callback?code=x&state=y"):
            assert (await world.arequest("GET", path)).status_code == 404
        assert "python -m app login" in (await world.arequest("GET", "/sign-in")).text
