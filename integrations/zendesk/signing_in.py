"""How we sign in: OAuth with the client's own credentials. API tokens, which some still have, end on 2027-04-30.

Zendesk hands out an access token for half an hour and nothing to renew it with, so another is asked for.
https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
"""

from __future__ import annotations

import time
from collections.abc import Callable

from integrations.contract import Malformed, Permanent, Unwelcome
from integrations.http import Http
from integrations.untrusted import Node

#: Nothing is written there, and a token that cannot write proves it.
SCOPE = "read"
#: For how long we want a token, in seconds, and how long before its end it is not used any more.
LIFE, EARLY = 1800, 120
REFUSED = "Zendesk does not accept ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET"


class SignIn:
    """The access token of one OAuth client. Thread-safe: where two threads ask at once, both tokens are good."""

    def __init__(
        self, http: Http, client_id: str, client_secret: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http, self._clock = http, clock
        self._asks = {
            "grant_type": "client_credentials",
            "client_id": client_id.strip(),
            "client_secret": client_secret.strip(),
            "scope": SCOPE,
            "expires_in": LIFE,
        }
        self._token, self._good_until = "", 0.0

    def token(self) -> str:
        """An access token that is good for some time. Raises Trouble."""
        token, good_until = self._token, self._good_until
        if token and self._clock() < good_until:
            return token
        asked_at = self._clock()
        token, seconds = self._ask()
        self._token, self._good_until = token, asked_at + seconds
        return token

    def forget(self, token: str) -> None:
        """This one was refused: the next time, ask for another."""
        if token == self._token:
            self._token = ""

    def _ask(self) -> tuple[str, float]:
        reply = self._http.call("POST", "/oauth/tokens", json=self._asks, expect=(400, 401, 403, 404), reads=True)
        if reply.status == 404:
            raise Permanent("No Zendesk account answers at this address. Check ZENDESK_SUBDOMAIN.")
        if reply.status >= 400:
            raise Unwelcome(REFUSED)
        return _read(Node(reply.json, ""))


def _read(said: Node) -> tuple[str, float]:
    """The token, and for how many seconds it may be used; for ever where it does not say: until it is refused."""
    try:
        token, life = said["access_token"].text(), said["expires_in"].number(or_=0)
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise Malformed("access_token", "is no token")
    except Malformed as error:
        raise Permanent(f"Zendesk's answer to our sign-in cannot be read ({error})") from None
    return token, float(max(life - EARLY, life // 2)) if life > 0 else float("inf")
