"""An account to test against: a twin whose clock stands until it is moved, served, and clients of it.

account = Account()
first = account.twin.write("ログインできません"); account.pass_by(300)
assert [ticket.id for ticket in account.all().values()] == [str(first)]
"""

from __future__ import annotations

import time
from typing import Any

from integrations.pace import Pace
from integrations.twin import Ask, Said
from integrations.zendesk import Ticket, ZendeskClient
from integrations.zendesk.twin import Clock, ZendeskTwin
from tests.silence import impatient
from tests.twin_server import served

CLIENT, SECRET, HOOK = "yamabiko", "the-secret-of-the-client", "c2VjcmV0IG9mIGEgd2ViaG9vaw=="


class Patient(Pace):
    """A pace that never sleeps, and remembers for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__(1_000_000, 1.0)
        self.asked: list[float] = []

    def wait(self) -> None:
        pass

    def close(self, seconds: float) -> None:
        self.asked.append(seconds)


class Account:
    """The twin, its clock, and a client. `pace` None: the one of the service."""

    def __init__(self, *, pace: Pace | None = None, **twin: Any) -> None:
        self.begin = int(time.time()) - 86_400
        self.clock = Clock(self.begin)
        limits = {"rate": None, "exports": None} | twin
        self.twin = ZendeskTwin(client_id=CLIENT, client_secret=SECRET, secret=HOOK, clock=self.clock, **limits)
        self.twin.held = []
        self.server = served(zendesk=self.twin)
        self.pace = pace or Patient()
        self._clients: list[ZendeskClient] = []
        self.client = self.client_with()

    def client_with(self, secret: str = SECRET, path: str = "/zendesk") -> ZendeskClient:
        """Another client of the same account."""
        client = ZendeskClient(self.server.url + path, CLIENT, secret, subdomain="kanade", pace=self.pace)
        impatient(client, self.twin)
        self._clients.append(client)
        return client

    def pass_by(self, seconds: float) -> None:
        """Let time go by there."""
        self.clock.move(seconds)

    def all(self, **how: Any) -> dict[str, Ticket]:
        """All that the export tells from the beginning, by id."""
        found, cursor, at_end = dict[str, Ticket](), "", False
        while not at_end:
            page = self.client.tickets_since(cursor, start_time=self.begin - 3600, **how)
            assert page is not None
            found |= {ticket.id: ticket for ticket in page.tickets}
            cursor, at_end = page.cursor, page.at_end
        return found

    def say(self, route: str, body: Any, status: int = 200, **headers: str) -> None:
        """Let a route of the twin answer something else from now on."""

        def answer(ask: Ask, **names: str) -> Said:
            return Said(status, body, headers)

        self.twin._routes = [
            (pattern, compiled, answer if pattern == route else handler)
            for pattern, compiled, handler in self.twin._routes
        ]

    def called(self, route: str) -> int:
        """How often a route was called."""
        return sum(pattern == route for pattern, _ in self.twin.calls)

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()
