"""What somebody may send, or be told, whom nobody knows: odd letters, odd addresses, and every answer's headers."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from app.main import create
from app.settings import settings_of
from tests.identity import HOME, Browser, at_work
from tests.test_sign_in import OPERATOR, as_somebody
from tests.world import World


@pytest.fixture
async def browser(sqlite_url: str) -> AsyncIterator[Browser]:
    """A browser of somebody unknown, who reaches the service by https."""
    async with World(sqlite_url) as world:
        with at_work(world):
            browser = Browser(world)
            yield browser
            await browser.close()


# -- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["punycode", "undefined", "unicode_escape", "utf-16", "no such", '"'])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
async def test_a_form_in_letters_that_no_browser_sends_is_refused_in_one_line(
    browser: Browser, kind: str, charset: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Once it was an error of ours, with a hundred lines in the log for each."""
    body = b'--x\r\nContent-Disposition: form-data; name="key\xff"\r\n\r\n\xff\\x\r\n--x--\r\n'
    headers = {"Origin": HOME, "Content-Type": f"{kind}; charset={charset}"}
    with caplog.at_level(logging.WARNING):
        answer = await browser.ask("POST", "/sign-in/once", content=body, headers=headers)
    assert (answer.status_code, answer.text.count("\n")) == (400, 0) and caplog.records == []
    as_somebody(browser, OPERATOR)
    for path in ("/sign-out", "/imports/owners", "/wishes/new"):
        assert (await browser.ask("POST", path, content=body, headers=headers)).status_code == 400


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.fault("F76")
@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example", "/%2Fevil.example", "/%5Cevil.example"])
async def test_no_page_links_to_another_site_that_its_address_names(browser: Browser, path: str) -> None:
    as_somebody(browser, OPERATOR)
    page = await browser.get(HOME + path, 404)
    switches = [link for each in page.all("a") if "theme=" in (link := each.attributes["href"])]
    assert switches and not [link for link in switches if urlsplit(link.replace("\\", "/")).netloc]


# -- what every answer says -----------------------------------------------------------------------

ANSWERS = {
    "a page": ("GET", "/sign-in", 200),
    "a file of ours": ("GET", "/static/page.css", 200),
    "nothing": ("GET", "/nowhere", 404),
    "to sign in": ("GET", "/", 303),
    "alive": ("GET", "/livez", 200),
    "a webhook that is refused": ("POST", "/webhooks/jira", 401),
    "the card, refused": ("POST", "/intercom/canvas/initialize", 401),
    "a method that is none": ("PUT", "/webhooks/jira", 405),
}


@pytest.mark.fault("F72")
@pytest.mark.parametrize(("method", "path", "status"), ANSWERS.values(), ids=ANSWERS)
async def test_every_answer_tells_browsers_to_be_careful(browser: Browser, method: str, path: str, status: int) -> None:
    answer = await browser.ask(method, path)
    assert answer.status_code == status
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "camera=()" in answer.headers["permissions-policy"]
    assert len(answer.headers.get_list("cache-control")) == 1


async def test_without_https_browsers_are_not_told_to_keep_to_it(sqlite_url: str) -> None:
    app = create(settings_of(_env_file=None, database_url=sqlite_url))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000")
    assert "strict-transport-security" not in (await client.get("/livez")).headers


async def test_an_error_of_ours_says_no_less(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.pages.sign_in.ways", lambda *_: 1 / 0)
    transport = httpx.ASGITransport(browser.world.app, raise_app_exceptions=False)
    answer = await httpx.AsyncClient(transport=transport, base_url=HOME).get("/sign-in")
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (500, "nosniff")


async def test_every_cookie_is_our_hosts_alone(browser: Browser) -> None:
    await browser.get("/sign-in?lang=en&theme=dark")
    assert {cookie.name for cookie in browser.client.cookies.jar} == {"__Host-lang", "__Host-theme"}
    answer = await browser.ask("GET", "/sign-in?lang=en")
    assert all(word in answer.headers["set-cookie"] for word in ("Secure", "HttpOnly", "SameSite=lax"))
    assert (await browser.ask("GET", "/sign-in")).text.count('lang="en"') >= 1
