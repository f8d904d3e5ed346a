"""The ground of the twin: what it keeps, the gate that every request passes, what it announces.

The API itself is in `export` and `lists`, its people in `stand_in`.
"""

from __future__ import annotations

import base64
import bisect
import hmac
import itertools
import time
import uuid
from dataclasses import replace
from typing import Any

from integrations.twin import Ask, Said, Twin
from integrations.zendesk.events import PREFIX, SIGNATURE, STAMP
from integrations.zendesk.twin import limits
from integrations.zendesk.twin.clock import Clock, iso
from integrations.zendesk.twin.data import OrganizationRow, TicketRow, UserRow

#: Who made the OAuth client, and an agent.
ADMIN, AGENT = 350000000900, 350000000901
ACCOUNT = 22129848
UNAUTHENTICATED = {"error": "Couldn't authenticate you"}
INVALID_TOKEN = {
    "error": "invalid_token",
    "error_description": "The access token provided is expired, revoked, malformed or invalid for other reasons.",
}
FORBIDDEN = {"error": {"title": "Forbidden", "message": "You do not have access to this page."}}
NO_ACCOUNT = "<!DOCTYPE html><html><head><title>Page not found - Zendesk</title></head><body></body></html>"


class Account(Twin):
    """An account of Zendesk before it has an API."""

    NAME = "zendesk"

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        secret: str,
        clock: Clock | None = None,
        seed: int = 0,
        rate: int | None = 400,
        exports: int | None = 10,
        lag: float = 0.0,
    ) -> None:
        super().__init__(seed=seed)
        self.clock, self.lag = clock or Clock(), lag
        self._client, self._secret = (client_id, client_secret), secret
        self._account, self._exports = limits.Counter(rate), limits.Counter(exports)
        #: Access tokens, and until when (Unix seconds, by the twin's clock) each is good.
        self.tokens: dict[str, float] = {}
        #: What may go wrong with the account itself: its admin loses that role; it is closed.
        self.role, self.is_closed = "admin", False
        self.tickets: dict[int, TicketRow] = {}
        #: What changed, in the order of the export: when (whole Unix seconds), and which ticket.
        self.log: list[tuple[int, int]] = []
        self.users = {id: UserRow(id, name, "agent") for id, name in ((AGENT, "田中"),)}
        self.organizations: dict[int, OrganizationRow] = {}
        self._ids, self._people = itertools.count(9001), itertools.count(420000000101)

    # -- the gate -----------------------------------------------------------

    def guard(self, ask: Ask) -> Said | None:
        """A closed account has a page for everybody; then the limits, the token, and what its owner may do."""
        if self.is_closed:
            return Said(404, NO_ACCOUNT, {"Content-Type": "text/html; charset=utf-8"})
        now = self.clock.now()
        if self._account.is_too_much(now):
            return limits.of_account(self._account.resets(now))
        if ask.path == "/oauth/tokens" or self._find(ask)[1] is None:
            return None
        if refused := self._refused(ask, now):
            return refused
        if "/incremental/" in ask.path:
            if self.role != "admin":
                return Said(403, FORBIDDEN)
            if self._exports.is_too_much(now):
                return limits.of_exports(self._exports.resets(now))
        return None

    def _refused(self, ask: Ask, now: float) -> Said | None:
        kind, _, token = ask.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            return Said(401, UNAUTHENTICATED)
        return None if self.tokens.get(token, 0) > now else Said(401, INVALID_TOKEN)

    def stamp(self, ask: Ask, said: Said) -> Said:
        """The account's limit is on every answer, and the time."""
        headers = {"Date": self.clock.date(), "X-Request-Id": f"{self._random.getrandbits(64):016x}"}
        if self._account.allowed is not None:
            now = self.clock.now()
            left, reset = self._account.left(now), self._account.resets(now)
            headers |= {"X-Rate-Limit": f"{self._account.allowed}", "X-Rate-Limit-Remaining": f"{left}"}
            headers |= {"ratelimit-limit": f"{self._account.allowed}", "ratelimit-remaining": f"{left}"}
            headers |= {"ratelimit-reset": f"{reset}"}
        return replace(said, headers={**headers, **said.headers})

    def unknown(self, ask: Ask) -> Said:
        return Said(404, {"error": "InvalidEndpoint", "description": "Not found"})

    def broken(self, status: str) -> Any:
        bodies: dict[str, Any] = {"401": INVALID_TOKEN, "403": FORBIDDEN, "429": limits.ACCOUNT}
        bodies["400"] = {
            "errors": [{"code": "InvalidCursor", "status": "400", "title": "Cursor parameter was invalid"}]
        }
        unavailable = "Sorry, we could not complete your search query. Please try again in a moment."
        return bodies.get(status, {"error": "unavailable", "description": unavailable})

    # -- what is announced --------------------------------------------------

    def signed(self, body: bytes) -> dict[str, str]:
        """By the time that it is, whatever the twin's clock says: a door looks at its own."""
        return self.signed_at(iso(time.time()), body)

    def signed_at(self, stamp: str, body: bytes) -> dict[str, str]:
        """The headers of a delivery."""
        digest = hmac.digest(self._secret.encode(), stamp.encode() + body, "sha256")
        return {
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(ACCOUNT),
            "X-Zendesk-Webhook-Id": "01F1KRFQ6BG29CNWFR60NK5FNY",
            "X-Zendesk-Webhook-Invocation-Id": str(self._random.getrandbits(33)),
            SIGNATURE: base64.b64encode(digest).decode(),
            STAMP: stamp,
        }

    def announce(self, topic: str, row: TicketRow, actor: int | None = None, **event: Any) -> None:
        """Send a webhook. What only a bot answers is not announced: whether it is at the vendor, nobody says."""
        if row.support_type == "ai_agent":
            return
        id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        told = {"type": f"{PREFIX}{topic}", "account_id": ACCOUNT, "id": id, "time": iso(self.clock.now())}
        about = {"zendesk_event_version": "2022-11-06", "subject": f"zen:ticket:{row.id}"}
        sequence = {"meta": {"sequence": {"id": id, "position": 1, "total": 1}}}
        self.send(told | about | {"detail": row.told(actor or row.requester_id), "event": event | sequence})

    # -- what is kept -------------------------------------------------------

    def changed(self, row: TicketRow, at: float | None = None) -> None:
        """A ticket changed, if only for Zendesk itself: the export tells of it (once more)."""
        bisect.insort(self.log, (int(self.clock.now() if at is None else at), row.id))
