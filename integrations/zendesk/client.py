"""What we ask of Zendesk, as verbs. All of them read.

    client = ZendeskClient("https://kanade.zendesk.com", client_id, client_secret)
    page = client.tickets_since(start_time=ten_weeks_ago)
    while page and not page.at_end:
        page = client.tickets_since(page.cursor)

The export tells what changed, not what came: a ticket comes once for each of its changes, an old one as well. So
tickets are told apart by their ids and counted by `created_at`. https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from integrations.contract import Permanent
from integrations.http import Reply
from integrations.pace import Pace
from integrations.untrusted import Node
from integrations.zendesk import models
from integrations.zendesk.api import Api, code_of, reading
from integrations.zendesk.models import Me, Organization, Scope, Ticket, TicketPage, rows
from integrations.zendesk.moments import answered_at
from integrations.zendesk.urls import ticket_url

#: Seconds until a call is given up: an export may take its time.
DEADLINE = 30.0
#: Tickets of a page of the running poll, and the most that one may have.
USUAL, MOST = 250, 1000
#: The export keeps back the newest minute; what it told is complete up to so many seconds before it answered, which
#: leaves a minute for how long the answer took and for clocks of theirs that differ.
MARGIN = 120
#: Characters of a cursor that we are ready to keep; Zendesk's have some thirty.
LONGEST_CURSOR = 1000
#: Companies that can be asked for at once.
TOGETHER = 100


class ZendeskClient:
    """One account of Zendesk Support, read as its admin. Thread-safe.

    Every verb may raise Transient (RateLimited included, also before anything is asked: exports are few) and Permanent
    (Unwelcome where somebody has to look at the OAuth client). `subdomain` is the account's name in links for people,
    `deadline` is in seconds.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        subdomain: str = "",
        pace: Pace | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._subdomain = subdomain
        self._api = Api(base_url, client_id, client_secret, pace, deadline)

    def close(self) -> None:
        """Close all connections."""
        self._api.close()

    def url_of(self, ticket_id: str) -> str:
        """Where people read a ticket; asks nobody."""
        return ticket_url(self._subdomain, ticket_id)

    def tickets_since(
        self, cursor: str = "", *, start_time: int = 0, scope: Scope = "all", most: int = USUAL
    ) -> TicketPage | None:
        """The next page of what changed, after `cursor` or, without one, from `start_time` on (Unix seconds).

        None: the cursor is not accepted any more; begin again with a `start_time` an hour before what is known. A
        cursor is good for the `scope` that it came from alone. `most` tickets are on a page, 1 to 1,000.
        """
        begins = {"cursor": cursor} if cursor else {"start_time": _settled(start_time)}
        params = {**begins, "support_type_scope": scope, "per_page": max(1, min(most, MOST))}
        reply = self._api.get("/incremental/tickets/cursor", params, expect=(400, 422))
        if reply.status >= 400:
            if cursor:
                return None
            why = code_of(reply.json) or "no reason given"
            raise Permanent(f"Zendesk does not export from this time on ({why})")
        with reading():
            return _page(reply, cursor)

    def count(self, query: str) -> int:
        """How many match a search (`queries.created_between`). New tickets are found some minutes after they came."""
        with reading():
            return Node(self._api.get("/search/count", {"query": query}).json, "")["count"].number()

    def me(self) -> Me:
        """In whose name we ask."""
        with reading():
            return models.read_me(Node(self._api.get("/users/me").json, "")["user"])

    def sample(self, start_time: int) -> tuple[Ticket, ...]:
        """Up to 50 tickets that changed since then (Unix seconds): to see whether the export may be read. Ten times
        in twenty minutes.
        """
        found = self._api.get("/incremental/tickets/sample", {"start_time": _settled(start_time)})
        with reading():
            return models.read_tickets(Node(found.json, ""))[0]

    def agents(self) -> frozenset[str]:
        """The ids of all who answer: what they write in a customer's name is no enquiry. Once a day is enough."""
        with reading():
            found = self._api.pages("/users", "users", {"role[]": ["agent", "admin"]})
            return frozenset(me.id for me in map(models.read_me, found) if me.id)

    def organizations(self, ids: Iterable[str]) -> dict[str, Organization]:
        """Companies by their ids; one that is gone is left out."""
        wanted, found = sorted(set(ids)), dict[str, Organization]()
        for first in range(0, len(wanted), TOGETHER):
            params = {"ids": ",".join(wanted[first : first + TOGETHER])}
            with reading():
                listed = rows(Node(self._api.get("/organizations/show_many", params).json, ""), "organizations")
                found |= {company.id: company for company in map(models.read_organization, listed)}
        return found


def _settled(start_time: int) -> int:
    """A start that the export accepts: nothing of its newest minute."""
    return max(1, min(start_time, int(time.time()) - MARGIN))


def _page(reply: Reply, cursor: str) -> TicketPage:
    root = Node(reply.json, "")
    tickets, unreadable = models.read_tickets(root)
    at_end, after = bool(root["end_of_stream"]), root["after_cursor"].text(or_="") or cursor
    goes_on = at_end or after != cursor
    if not root["end_of_stream"].is_there or len(after) > LONGEST_CURSOR or not goes_on:
        raise Permanent("Zendesk's export does not say where it goes on")
    known_until = max(0, answered_at(reply.headers) - MARGIN) if at_end else 0
    return TicketPage(tickets, after, at_end, known_until, unreadable)
