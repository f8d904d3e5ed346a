"""The ground of the twin: what it keeps, the gate every request passes, what it announces.

The API itself is in `notes` and `board`, its people in `stand_in`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from integrations.productboard.twin import rules
from integrations.productboard.twin.data import EntityRow, JiraRow, NoteRow, WebhookRow
from integrations.productboard.twin.rules import API, Refused
from integrations.twin import Ask, Handler, Said, Twin, route


def answers(pattern: str) -> Callable[[Handler], Handler]:
    """Like `route`, for handlers that raise Refused."""

    def mark(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(*args: Any, **names: str) -> Said:
            try:
                return handler(*args, **names)
            except Refused as refused:
                return refused.said

        return route(pattern)(answer)

    return mark


class Workspace(Twin):
    """A Productboard workspace before it has an API."""

    NAME = "productboard"

    def __init__(
        self,
        *,
        token: str,
        authorization: str,
        jira_site: str = "",
        seed: int = 0,
        rate: int | None = 50,
        lag: float = 0.0,
        page_size: int = 100,
        bare: bool = False,
    ) -> None:
        super().__init__(seed=seed)
        self.rate, self.lag, self.page_size, self.bare = rate, lag, page_size, bare
        self._token, self._authorization = token, authorization
        self._window, self._used = 0, 0
        self._latest = datetime.now(UTC)
        self.notes: dict[str, NoteRow] = {}
        self.entities: dict[str, EntityRow] = {}
        self.jira: dict[str, JiraRow] = {}
        self.subscriptions: dict[str, WebhookRow] = {}
        self._add_jira(jira_site or "Jira", "enabled")

    # -- the gate -----------------------------------------------------------

    def guard(self, ask: Ask) -> Said | None:
        """Unknown paths come first, then the gateway's check of the token, then the rate limit."""
        if self._find(ask)[1] is None:
            return self.unknown(ask)
        token = ask.headers.get("authorization", "").removeprefix("Bearer").strip()
        if token != self._token:
            return Said(401, {"message": _gateway_says(token)})
        if self.rate is not None and self._count() > self.rate:
            limited = rules.refusal("rate.limitExceeded", "Too many requests in this second.")
            return replace(limited, headers={"Retry-After": "1"})
        return None

    def stamp(self, ask: Ask, said: Said) -> Said:
        """https://developer.productboard.com/reference/rate-limits"""
        if self.rate is None:
            return said
        limit = {"X-RateLimit-Limit": f"{self.rate}", "X-RateLimit-Remaining": f"{max(0, self.rate - self._used)}"}
        return replace(said, headers={**limit, **said.headers})

    def unknown(self, ask: Ask) -> Said:
        return rules.refusal("route.notFound", "There is no such route.")

    def broken(self, status: str) -> Any:
        code = rules.CODES.get(int(status) if status.isdigit() else 0)
        return rules.refusal(code, "An injected error.").body if code else {"message": "An unexpected error occurred"}

    def signed(self, body: bytes) -> dict[str, str]:
        return {"Authorization": self._authorization}

    def _count(self) -> int:
        second = int(time.time())
        self._used = self._used + 1 if second == self._window else 1
        self._window = second
        return self._used

    # -- what is kept -------------------------------------------------------

    def _new_note(self, name: str, kind: str = "textNote") -> NoteRow:
        now = self._now()
        return NoteRow(self._new_id(), len(self.notes) + 42, kind, name, now, now, time.time() + self.lag)

    def _user(self, email: str) -> EntityRow | None:
        users = (entity for entity in self.entities.values() if entity.type == "user")
        return next((user for user in users if user.fields.get("email", "").casefold() == email.casefold()), None)

    def _new_entity(self, kind: str, id: str = "", **fields: str) -> EntityRow:
        now = self._now()
        entity = EntityRow(str(uuid.UUID(id)) if id else self._new_id(), kind, fields, now, now)
        self.entities[entity.id] = entity
        return entity

    def _add_jira(self, name: str, status: str) -> JiraRow:
        row = JiraRow(self._new_id(), name, status, self._now())
        self.jira[row.id] = row
        return row

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _now(self) -> datetime:
        """The time, but never the same twice."""
        self._latest = max(datetime.now(UTC), self._latest + timedelta(microseconds=1))
        return self._latest

    # -- what is announced --------------------------------------------------

    def _touch(self, note: NoteRow, *changed: str) -> None:
        note.updated_at = self._now()
        self._announce("note.updated", note.id, changed)

    def _announce(self, topic: str, id: str, changed: tuple[str, ...] = (), **links: str) -> None:
        """Send a webhook; links are URLs of v1, as in the original."""
        kind, _, verb = topic.partition(".")
        urls = {name: f"{API}/{name}s/{value}" for name, value in links.items()} or {"target": f"{API}/{kind}s/{id}"}
        data: dict[str, Any] = {"id": id, "eventType": topic, "links": urls}
        self.send({"data": data | ({"updatedAttributes": list(changed)} if verb == "updated" else {})})


def _gateway_says(token: str) -> str:
    """The gateway refuses before the API is asked, and in words of its own."""
    if not token:
        return "Unauthorized"
    return "No credentials found for given 'iss'" if token.count(".") == 2 else "Bad token; invalid JSON"
