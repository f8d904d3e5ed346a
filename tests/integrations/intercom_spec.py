"""An Intercom twin on a real socket, every exchange with which is held against Intercom's own specification."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from integrations.intercom import IntercomClient
from integrations.intercom.twin import IntercomTwin
from integrations.pace import Pace
from integrations.twin import Ask, Said, Twin
from integrations.twin_server import Serving, serve
from tests.integrations.openapi import Spec
from tests.silence import impatient

SHARED = Path(__file__).parents[3] / "shared"
SPECIFICATION = SHARED / "specs" / "intercom-2.16.yaml"
SAMPLES = SHARED / "samples" / "intercom"

TOKEN, SECRET, APP = "dG9rOnlhbWFiaWtv", "intercom-client-secret", "yb12cd34"
US, TAMURA, MORI = "7001", "7002", "7003"
SATO, OKADA, AOBA = "66aa00000000000000000101", "66aa00000000000000000102", "66aa00000000000000000c01"
#: Sato's conversation, open; Okada's, closed; Sato's other one, snoozed.
WISH, CLOSED, SNOOZED = "215470000000101", "215470000000102", "215470000000103"

#: Statuses that any call can meet and that the specification does not list per operation.
ANYWHERE = frozenset({0, 400, 401, 429, 500, 503})
#: What Intercom answers although its specification does not say so: contacts vanish like all else, and a merged
#: one is merged wherever it is asked for; and a token may lack the permission that office hours need.
UNLISTED = frozenset(
    {
        ("GET /contacts/{contact_id}", 404),
        ("GET /contacts/{contact_id}/companies", 410),
        ("GET /office_hours_schedules", 403),
    }
)


@cache
def specification() -> Spec | None:
    """Intercom's OpenAPI description, None where it is not at hand."""
    return Spec(SPECIFICATION) if SPECIFICATION.exists() else None


class Patient(Pace):
    """A pace that never sleeps, and remembers for how long it was asked to."""

    def __init__(self) -> None:
        super().__init__(1_000_000, 1.0)
        self.asked: list[float] = []

    def wait(self) -> None:
        pass

    def close(self, seconds: float) -> None:
        self.asked.append(seconds)


class Server:
    """Serves one twin after the other on the same port."""

    def __init__(self) -> None:
        specification()  # reading it takes longer than the first call may
        self.twins: dict[str, Twin] = {}
        self.serving: Serving = serve(self.twins)


class World:
    """A small company at Intercom, served, and clients of it."""

    def __init__(self, server: Server, twin: IntercomTwin | None = None) -> None:
        self.twin = twin or IntercomTwin(secret=SECRET, token=TOKEN, app_id=APP, admin=US)
        self.url = server.serving.url
        server.twins["intercom"] = self.twin
        self.pace = Patient()
        self.operations: set[str] = set()
        self.violations: list[str] = []
        self._clients: list[IntercomClient] = []
        self.client = self.client_with()
        self.twin.watchers.append(self._watch)
        self._seed()

    def client_with(
        self,
        *,
        token: str = TOKEN,
        admin_id: str = US,
        path: str = "/intercom",
        pace: Pace | None = None,
    ) -> IntercomClient:
        client = IntercomClient(self.url + path, token, admin_id, APP, pace=pace or self.pace)
        impatient(client, self.twin)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close the clients; nothing that they did may have broken the specification."""
        for client in self._clients:
            client.close()
        assert self.violations == []

    def _seed(self) -> None:
        twin = self.twin
        twin.add_admin(TAMURA, "田村 あかり", "tamura@yamabiko.example")
        twin.add_admin(MORI, "森 大輔", "mori@yamabiko.example")
        twin.add_company(AOBA, "あおば製作所", "ビジネス", 48_000)
        twin.add_contact(SATO, "佐藤 健", "sato@aoba.example", AOBA)
        twin.add_contact(OKADA, "岡田 みのり", "")
        twin.add_conversation(WISH, SATO, "<p>請求書の一覧を<b>CSV</b>で出力したいです。</p>", admin_id=TAMURA)
        twin.add_conversation(CLOSED, OKADA, "<p>ログインできません。</p>", state="closed")
        twin.add_conversation(SNOOZED, SATO, "<p>来月また伺います。</p>", state="snoozed")

    def _watch(self, ask: Ask, said: Said) -> None:
        spec = specification()
        if spec is None:
            return
        try:
            operation = spec.operation(ask.method, ask.path)
            self.operations.add(operation)
            if said.status != 400:
                spec.check_request(ask.method, ask.path, ask.query, ask.body)
            if said.status not in ANYWHERE and (operation, said.status) not in UNLISTED:
                spec.check_response(ask.method, ask.path, said.status, said.content())
        except AssertionError as violation:
            self.violations.append(str(violation))
