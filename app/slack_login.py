"""Sign in with Slack: OpenID Connect, the code flow with PKCE. https://docs.slack.dev/authentication/sign-in-with-slack

    address, sealed = login.begin("/escalations")       # the browser goes there; `sealed` waits in a cookie
    back = login.returned(query, sealed)                # back again, for the first time, from where we sent them
    somebody, next = login.finish(back)                 # who Slack says it is, or Refused

What belongs together (state, nonce, verifier) is in the browser that began, sealed, and nowhere else. Of the people in
all the world's workspaces only those of our own are let in; they are known by their Slack id, never by their address.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import (
    parse_authorization_code_response,
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from app.auth import keyed
from app.settings import Settings
from app.turnstile import Turnstile
from integrations.contract import Trouble
from integrations.http import Wire
from integrations.slack import is_person
from integrations.waiting import Lock, waiting
from workflows.engine.store import now_ms
from workflows.people.person import Person

log = logging.getLogger("yamabiko")

ISSUER, SCOPE, ALGORITHM = "https://slack.com", "openid profile email", "RS256"
TEAM, USER_ID = "https://slack.com/team_id", "https://slack.com/user_id"
CALLBACK = "/sign-in/slack/callback"
#: How long somebody may take at Slack; by how many seconds clocks may differ.
PATIENCE_MS, LEEWAY = 10 * 60_000, 60
#: How long Slack's keys are remembered; and at least, however many tokens name keys that nobody knows.
KEYS_MS, KEYS_AT_LEAST_MS = 3600_000, 60_000
#: How long Slack may take for an answer, and how large it may be.
DEADLINE, LARGEST = 4.0, 256 * 1024

TRY_AGAIN = "Slack could not confirm who you are. Try again."
TOO_LATE = "This took too long, or was started in another browser. Try again."
OTHER_TEAM = "You are signed in to a different Slack workspace. Choose your company's."
UNREACHABLE = "Slack cannot be reached. Try again in a moment."
DECLINED = "You did not allow Slack to share who you are. Try again and allow it."
CROWDED = "Many people are signing in right now. Try again in a moment."
SENTENCES = (TRY_AGAIN, TOO_LATE, OTHER_TEAM, UNREACHABLE, DECLINED, CROWDED)


class Refused(Exception):
    """Nobody is signed in; the message is a sentence for whoever tried. Why exactly is in the log."""


@dataclass(frozen=True)
class Attempt:
    """Somebody went to Slack; what has to come back, and where they want to go then."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: int


@dataclass(frozen=True)
class Returned:
    """Somebody is back from Slack, with a code for which Slack will say who they are."""

    code: str
    attempt: Attempt


class SlackLogin:
    """The way to Slack and back, for one set of settings. `transport` stands in for the network."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        base_url = settings.slack_login_base_url
        self._wire = Wire("Slack", base_url, {}, deadline=DEADLINE, largest=LARGEST, transport=transport)
        #: What strangers' ways back make us ask Slack: a company of a thousand gets through at nine in the morning.
        self.turnstile = Turnstile(at_once=4, most=60, seconds=20.0)
        #: The attempts that came back, until they are too old to come back again.
        self._back: dict[str, int] = {}
        self._lock = Lock("who came back from Slack")
        self._keys, self._fetched_at = KeySet([]), 0

    @property
    def callback(self) -> str:
        """Where Slack sends people back to; the app at Slack has to name it, letter for letter."""
        return f"{self._settings.public_url}{CALLBACK}"

    def begin(self, next: str) -> tuple[str, str]:
        """The address at Slack, and what the browser has to bring along when it comes back."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, next, now_ms() + PATIENCE_MS)
        address = prepare_grant_uri(
            self._at("/openid/connect/authorize"),
            self._settings.slack_login_client_id,
            "code",
            redirect_uri=self.callback,
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            team=self._settings.workspace("slack"),
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return str(address), self._seal(attempt)

    def returned(self, query: str, sealed: str) -> Returned:
        """Whoever came back with what we sealed, for the first time. Asks nobody. Raises Refused."""
        attempt = self._unseal(sealed)
        if attempt is None or not self._is_first(attempt):
            raise Refused(TOO_LATE)  # not worth a line in the log: everybody can send that, as often as they like
        if "error" in (said := dict(parse_qsl(query))):
            raise _refused(DECLINED if said["error"] == "access_denied" else TRY_AGAIN, f"Slack said {said['error']!r}")
        try:
            answer = parse_authorization_code_response(f"{self.callback}?{query}", attempt.state)
        except AuthlibBaseError as error:
            raise _refused(TRY_AGAIN, error) from None
        return Returned(str(answer["code"]), attempt)

    def _is_first(self, attempt: Attempt) -> bool:
        with self._lock:
            now = now_ms()
            while self._back and next(iter(self._back.values())) <= now:
                del self._back[next(iter(self._back))]
            if attempt.state in self._back:
                return False
            self._back[attempt.state] = now + PATIENCE_MS
            return True

    def finish(self, back: Returned) -> tuple[Person, str]:
        """Who it is, and where they wanted to go. Raises Refused."""
        token = self._exchange(back.code, back.attempt)
        return self._person(self._claims(token, back.attempt)), back.attempt.next

    # -- the code, against a token --------------------------------------------------------------------

    def _exchange(self, code: str, attempt: Attempt) -> dict[str, Any]:
        secret = self._settings.slack_login_client_secret
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=self.callback,
            code=code,
            code_verifier=attempt.verifier,
            client_id=self._settings.slack_login_client_id,
            client_secret=secret.get_secret_value() if secret else "",
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        said = self._ask("POST", "/api/openid.connect.token", content=body, headers=headers)
        if said.get("ok") is not True or not isinstance(said.get("id_token"), str):
            raise _refused(TRY_AGAIN, f"Slack's token endpoint said {str(said.get('error', 'nothing'))[:100]!r}")
        return said

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            with waiting():
                answer = self._wire.ask(method, path, safe=True, **options)
            said = json.loads(answer.content) if answer.status == 200 else None
        except (Trouble, ValueError, RecursionError) as error:
            raise _refused(UNREACHABLE, type(error).__name__) from None
        if not isinstance(said, dict):
            raise _refused(UNREACHABLE, f"Slack answered {answer.status} to {path}")
        return said

    # -- the token ------------------------------------------------------------------------------------

    def _claims(self, token: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        """What the ID token says, once everything about it has been checked."""
        ours = {"essential": True, "value": self._settings.slack_login_client_id}
        expected = {"nonce": attempt.nonce, "access_token": token.get("access_token"), "client_id": ours["value"]}
        options = {"iss": {"essential": True, "value": ISSUER}, "aud": ours}
        try:
            read = jwt.decode(token["id_token"], self._key, algorithms=[ALGORITHM])
            claims = CodeIDToken(read.claims, read.header, options, expected)
            claims.validate(now=now_ms() // 1000, leeway=LEEWAY)
        except Refused:
            raise
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _refused(TRY_AGAIN, f"{type(error).__name__}: {error}") from None
        return dict(claims)

    def _key(self, token: Any) -> RSAKey:
        """The key that a token names, asking Slack for its keys if we do not know it."""
        id = token.headers().get("kid")
        key = self._known(id) if now_ms() - self._fetched_at < KEYS_MS else None
        if key is None:
            self._fetch_keys()
            key = self._known(id)
        if key is None:
            raise ValueError("it names a key that is none of Slack's")
        return key

    def _known(self, id: Any) -> RSAKey | None:
        found = [key for key in self._keys.keys if isinstance(key, RSAKey) and id and key.kid == id]
        return found[0] if found else None

    def _fetch_keys(self) -> None:
        if now_ms() - self._fetched_at >= KEYS_AT_LEAST_MS:
            said = self._ask("GET", "/openid/connect/keys")
            self._keys = KeySet.import_key_set({"keys": [key for key in said["keys"] if key.get("kty") == "RSA"]})
            self._fetched_at = now_ms()

    def _person(self, claims: dict[str, Any]) -> Person:
        """Somebody of our own workspace."""
        if claims.get(TEAM) != self._settings.workspace("slack"):
            raise _refused(OTHER_TEAM, f"the team is {str(claims.get(TEAM))[:40]!r}")
        id, name, email = claims["sub"], claims.get("name"), claims.get("email")
        if not isinstance(id, str) or not is_person(id) or claims.get(USER_ID) != id:
            raise _refused(TRY_AGAIN, "the user's ids are none, or differ")
        shown = "".join(letter for letter in str(name or id) if letter.isprintable()).strip()[:100]
        verified = email if isinstance(email, str) and claims.get("email_verified") is True else ""
        return Person(id, shown or id, verified.strip().casefold()[:200], id)

    # -- what the browser keeps meanwhile -------------------------------------------------------------

    def _seal(self, attempt: Attempt) -> str:
        text = base64.urlsafe_b64encode(json.dumps(vars(attempt)).encode()).decode()
        return f"{text}.{keyed(self._settings.seals()[0], text)}"

    def _unseal(self, sealed: str) -> Attempt | None:
        text, _, seal = sealed.partition(".")
        if not any(hmac.compare_digest(keyed(key, text).encode(), seal.encode()) for key in self._settings.seals()):
            return None
        attempt = Attempt(**json.loads(base64.urlsafe_b64decode(text)))
        return attempt if attempt.until > now_ms() else None

    def _at(self, path: str) -> str:
        return self._settings.slack_login_base_url + path


def _refused(sentence: str, why: object) -> Refused:
    log.warning("nobody was signed in by Slack: %s", " ".join(str(why).split())[:200])
    return Refused(sentence)
