"""A stand-in for an account of Zendesk Support: its API as far as counting needs it, its webhooks, its people.

    twin = ZendeskTwin(client_id="yamabiko", client_secret="c", secret="s", clock=Clock(1_790_000_000))
    id = twin.write("ログインできません", tags=("ログイン",)); twin.clock.move(300); twin.delete(id)

As at the vendor, the export keeps its newest minute back and tells a ticket once for each of its changes, also those
that only Zendesk itself made; its default leaves out what a bot alone answers; and there are no more than ten exports a
minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.twin import Ask, Said, route
from integrations.zendesk.channels import RECOVERED
from integrations.zendesk.twin import search
from integrations.zendesk.twin.account import ADMIN, AGENT
from integrations.zendesk.twin.data import OrganizationRow, TicketRow, UserRow
from integrations.zendesk.twin.export import Exports

INVALID_CLIENT = {"error": "invalid_client", "error_description": "Client authentication failed due to unknown client."}
UNAVAILABLE = {"error": "RecordInvalid", "description": "Record validation errors"}


class ZendeskTwin(Exports):
    """See the module. `rate` and `exports` are calls a minute (None: any number), `lag` the seconds until a search
    finds what is new.
    """

    # -- the API ------------------------------------------------------------

    @route("POST /oauth/tokens")
    def _token(self, ask: Ask) -> Said:
        try:
            told = ask.json() or {}
        except ValueError:
            told = {}
        life = told.get("expires_in", 1800)
        if told.get("grant_type") != "client_credentials" or not 300 <= life <= 172_800:
            return Said(400, {"error": "invalid_request"})
        if (told.get("client_id"), told.get("client_secret")) != self._client:
            return Said(401, INVALID_CLIENT)
        token = f"{self._random.getrandbits(160):040x}"
        self.tokens[token] = self.clock.now() + life
        return Said(200, {"access_token": token, "token_type": "bearer", "scope": told["scope"], "expires_in": life})

    @route("GET /api/v2/search/count")
    def _count(self, ask: Ask) -> Said:
        query = ask.arg("query")
        if not query:
            return Said(422, UNAVAILABLE)
        return Said(200, {"count": search.counts(query, self.tickets.values(), self.clock.now())})

    @route("GET /api/v2/users/me")
    def _me(self, ask: Ask) -> Said:
        return Said(200, {"user": UserRow(ADMIN, "山びこ", self.role).shown()})

    @route("GET /api/v2/users")
    def _users(self, ask: Ask) -> Said:
        wanted = {value for key, value in ask.query if key in ("role", "role[]")}
        everybody = [UserRow(ADMIN, "山びこ", self.role), *self.users.values()]
        found = [user for user in everybody if not wanted or user.role in wanted]
        size, first = int(ask.arg("page[size]") or 100), int(ask.arg("page[after]") or 0)
        more = first + size < len(found)
        meta = {"has_more": more, "after_cursor": str(first + size) if more else None, "before_cursor": None}
        shown = [user.shown() for user in found[first : first + size]]
        return Said(200, {"users": shown, "meta": meta, "links": {"prev": None, "next": None}})

    @route("GET /api/v2/organizations/show_many")
    def _organizations(self, ask: Ask) -> Said:
        wanted = [int(id) for id in (ask.arg("ids") or "").split(",") if id.isdigit()][:100]
        found = [self.organizations[id].shown() for id in wanted if id in self.organizations]
        return Said(200, {"organizations": found, "count": len(found), "next_page": None, "previous_page": None})

    # -- people -------------------------------------------------------------

    def write(
        self,
        subject: str,
        text: str = "",
        *,
        channel: Any = "email",
        requester: int = 0,
        organization: int | None = None,
        tags: Sequence[str] = (),
        at: float | None = None,
        **more: Any,
    ) -> int:
        """A customer writes; `at` (Unix seconds, now by default) may be past. `more` as in `TicketRow`."""
        with self.lock:
            person = requester or next(self._people)
            told = {"requester_id": person, "submitter_id": person, "organization_id": organization} | more
            row = self._new(subject, text, channel, tags, at, told)
            self.announce("ticket.created", row)
            return row.id

    def chat_with_bot(self, subject: str, **more: Any) -> int:
        """A customer begins to talk with a bot. Nothing is announced."""
        return self.write(subject, channel="native_messaging", status="open", support_type="ai_agent", **more)

    def escalate(self, ticket: int) -> None:
        """The bot gives up: the same ticket is for people from now on. Whether that is announced, nobody says."""
        with self.lock:
            self._touched(ticket, status="new", support_type="agent")

    def agent_writes(self, subject: str, *, requester: int = 0, channel: str = "web", **more: Any) -> int:
        """An agent writes to a customer first."""
        return self.write(subject, channel=channel, requester=requester, submitter_id=AGENT, status="pending", **more)

    def recover(self, subject: str, text: str = "") -> int:
        """Somebody lets in a mail that was held back. It is a ticket from now on only."""
        return self.write(subject, text, channel=RECOVERED)

    def tag(self, ticket: int, *tags: str) -> None:
        """Somebody adds tags."""
        with self.lock:
            row = self._touched(ticket)
            row.tags += [tag for tag in tags if tag not in row.tags]
            self.announce("ticket.tags_changed", row, AGENT, tags_added=list(tags), tags_removed=[])

    def solve(self, ticket: int) -> None:
        """Somebody is done with it."""
        with self.lock:
            row = self._touched(ticket, status="solved")
            self.announce("ticket.status_changed", row, AGENT, current="SOLVED", previous="OPEN")

    def update_by_itself(self, ticket: int, **changes: Any) -> None:
        """Zendesk itself changes something: it is exported again, and `updated_at` stays."""
        with self.lock:
            row = self.tickets[ticket]
            vars(row).update(changes)
            self.changed(row)

    def delete(self, ticket: int) -> None:
        """Somebody deletes it."""
        with self.lock:
            self.announce("ticket.soft_deleted", self._touched(ticket, status="deleted"), AGENT)

    def mark_as_spam(self, ticket: int) -> None:
        """Somebody takes it for spam, which deletes it."""
        with self.lock:
            self.announce("ticket.marked_as_spam", self._touched(ticket, status="deleted"), AGENT)

    def scrub(self, ticket: int) -> None:
        """Weeks later nothing is left of what was deleted."""
        words = {"subject": "SCRUBBED", "description": "SCRUBBED", "requester_id": -1, "submitter_id": -1}
        self.update_by_itself(ticket, status="deleted", tags=[], organization_id=None, **words)

    def merge(self, ticket: int, into: int) -> None:
        """Somebody makes one ticket of two: this one is closed."""
        with self.lock:
            row = self._touched(ticket, status="closed")
            row.tags.append("closed_by_merge")
            self.announce("ticket.merged", row, AGENT, target_ticket_id=str(into))

    def add_agent(self, name: str, role: str = "agent") -> int:
        """Somebody is hired."""
        with self.lock:
            id = AGENT + len(self.users)
            self.users[id] = UserRow(id, name, role)
            return id

    def add_organization(self, id: int, name: str, *domains: str, external_id: str | None = None) -> None:
        """A company becomes known."""
        with self.lock:
            self.organizations[id] = OrganizationRow(id, name, external_id, list(domains))

    def _new(
        self, subject: str, text: str, channel: Any, tags: Sequence[str], at: float | None, more: dict[str, Any]
    ) -> TicketRow:
        moment = self.clock.now() if at is None else at
        second, found_from = int(moment), moment + self.lag
        about = {"subject": subject, "description": text, "channel": channel, "tags": list(tags), **more}
        row = TicketRow(next(self._ids), second, second, found_from, **about)
        self.tickets[row.id] = row
        self.changed(row, moment)
        return row

    def _touched(self, ticket: int, **changes: Any) -> TicketRow:
        row = self.tickets[ticket]
        vars(row).update(changes, updated_at=int(self.clock.now()))
        self.changed(row)
        return row
