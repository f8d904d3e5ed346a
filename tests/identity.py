"""Slack as an identity provider, in this process; and a browser that is sent there and comes back.

It keeps to what it documents, and can be told everything that a wrong or hostile one would do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from app.demo.company import MEMBERS, TEAM_ID
from app.slack_login import SlackLogin
from tests.pages.reading import Element, read
from tests.world import World
from workflows.engine.store import now_ms

HOME, CLIENT_ID, CLIENT_SECRET = "https://yamabiko.example", "25259531569.1115258246291", "geheim-client"
CALLBACK = f"{HOME}/sign-in/slack/callback"
Claims = dict[str, Any]


@cache
def key(name: str) -> RSAKey:
    """A key of this name; Slack's own is "slack"."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


def part(said: object) -> str:
    """One part of a token."""
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def signed(claims: Claims, with_key: str = "slack", **header: str) -> str:
    """A token as Slack makes it."""
    return jwt.encode({"alg": "RS256", "kid": with_key} | header, claims, key(with_key), algorithms=["RS256", "RS512"])


def unsigned(claims: Claims) -> str:
    """A token that says that it needs no signature."""
    return f"{part({'alg': 'none', 'kid': 'slack'})}.{part(claims)}."


def signed_with_the_public_key(claims: Claims) -> str:
    """A token signed with what everybody knows, as if it were a shared secret."""
    text = f"{part({'alg': 'HS256', 'kid': 'slack'})}.{part(claims)}"
    seal = hmac.new(key("slack").as_pem(private=False), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


class Identity:
    """Slack. `who` is signed in there; `changes` are made to what it says of them, `make` makes the token of it."""

    def __init__(self) -> None:
        self.who, self.team = "U0LEAD", TEAM_ID
        self.changes: Claims = {}
        self.make: Callable[[Claims], str] = signed
        #: Stands in for what the token endpoint answers.
        self.instead: httpx.Response | None = None
        self.published = ["slack"]
        self.asked: list[str] = []
        self._codes: dict[str, Claims] = {}

    def authorize(self, address: str) -> str:
        """Somebody comes here and agrees: the query with which they are sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address)._replace(query="").geturl() == "https://slack.com/openid/connect/authorize"
        assert (asked["client_id"], asked["response_type"]) == (CLIENT_ID, "code")
        assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid profile email")
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the service asks, by itself."""
        self.asked.append(request.url.path)
        if request.url.path == "/openid/connect/keys":
            return httpx.Response(200, json={"keys": [key(name).as_dict(private=False) for name in self.published]})
        assert (request.method, str(request.url)) == ("POST", "https://slack.com/api/openid.connect.token")
        if self.instead is not None:
            return self.instead
        sent = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        problem = self._problem(sent)
        return httpx.Response(200, json=problem or self._token(self._codes.pop(sent["code"])))

    def _problem(self, sent: Claims) -> Claims | None:
        asked = self._codes.get(sent["code"])
        if (sent["client_id"], sent["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return {"ok": False, "error": "bad_client_secret"}
        if asked is None:
            return {"ok": False, "error": "invalid_code"}
        if sent["redirect_uri"] != asked["redirect_uri"]:
            return {"ok": False, "error": "bad_redirect_uri"}
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        fits = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        return None if fits else {"ok": False, "error": "invalid_grant"}

    def _token(self, asked: Claims) -> Claims:
        access, now = "xoxp-" + secrets.token_hex(8), now_ms() // 1000
        half = hashlib.sha256(access.encode()).digest()[:16]
        [member] = [each for each in MEMBERS if each.id == self.who]
        claims = {
            "iss": "https://slack.com",
            "sub": self.who,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "https://slack.com/team_id": self.team,
            "https://slack.com/user_id": self.who,
            "email": member.email,
            "email_verified": True,
            "name": member.name,
        }
        claims = {name: value for name, value in (claims | self.changes).items() if value is not None}
        return {"ok": True, "access_token": access, "token_type": "Bearer", "id_token": self.make(claims)}


class Browser:
    """A browser of somebody who reaches the service by https; the loop that serves the world is the test's."""

    def __init__(self, world: World, home: str = HOME) -> None:
        self.world, self.home = world, home
        transport = httpx.ASGITransport(app=world.app, client=("203.0.113.9", 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url=home)

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request."""
        return await self.client.request(method, path, **options)

    async def get(self, path: str, status: int = 200) -> Element:
        """A page."""
        answer = await self.ask("GET", path)
        assert answer.status_code == status, answer.text[:300]
        return read(answer.text)

    async def press(self, path: str, **form: str) -> httpx.Response:
        """A button, with no more than what is given."""
        return await self.ask("POST", path, data=form, headers={"Origin": self.home})

    async def token(self) -> str:
        """What the forms of this browser's pages bring along."""
        [meta] = (await self.get("/account")).all("meta", name="csrf")
        return meta.attributes["content"]

    def cookie(self, name: str = "__Host-yamabiko") -> str:
        """What is kept under this name; "" for nothing."""
        return self.client.cookies.get(name) or ""

    async def go(self, next: str = "/") -> str:
        """Choose to sign in with Slack: the address where one is sent."""
        answer = await self.ask("GET", "/sign-in/slack", params={"next": next})
        assert answer.status_code == 303
        return answer.headers["location"]

    async def sign_in(self, slack: Identity, next: str = "/") -> httpx.Response:
        """There and back again."""
        return await self.ask("GET", f"/sign-in/slack/callback?{slack.authorize(await self.go(next))}")

    async def is_in(self) -> bool:
        """Is a page shown?"""
        return (await self.ask("GET", "/setup")).status_code == 200

    async def close(self) -> None:
        """End."""
        await self.client.aclose()


@contextmanager
def at_work(world: World, **settings: object) -> Iterator[Identity]:
    """The service as a company runs it: no demo, at a public address, its people sign in with Slack."""
    real: dict[str, object] = {
        "demo": False,
        "public_url": HOME,
        "slack_login_client_id": CLIENT_ID,
        "slack_login_client_secret": SecretStr(CLIENT_SECRET),
        "session_secret": SecretStr("s" * 32),
    }
    slack = Identity()
    world.app.state.settings = world.settings.model_copy(update=real | settings)
    world.app.state.slack_login = SlackLogin(world.app.state.settings, httpx.MockTransport(slack.answer))
    yield slack
