"""A vendor that keeps silent, and nobody who waits for it: callers give up at once, as if their deadline had passed.

    impatient(client, twin)

Otherwise a deadline would have to be so short that a test can wait for it, and so long that every other answer comes
in time: on a machine that does much else there is no such number. That deadlines hold is tested in
tests/integrations/test_http.py.
"""

from __future__ import annotations

from typing import Any

import httpx

from integrations.chatwork import ChatworkClient
from integrations.http import Wire
from integrations.intercom import IntercomClient
from integrations.jira import JiraClient
from integrations.productboard import ProductboardClient
from integrations.slack import SlackClient
from integrations.twin import Ask, Fault, Said, Twin
from integrations.vendor import Silence
from integrations.zendesk import ZendeskClient

#: Seconds after which something is wrong with the test itself.
PATIENCE = 60.0
SILENCE = "x-keeps-silent"

Client = IntercomClient | ProductboardClient | JiraClient | SlackClient | ZendeskClient | ChatworkClient


def impatient(client: Client | Silence, twin: Twin) -> None:
    """Let this client wait for whatever the twin answers, and not at all for what it does not answer in time."""
    for wire in _wires(client):
        wire._deadline, wire._client.timeout = PATIENCE, httpx.Timeout(PATIENCE)
        if not isinstance(wire._client._transport, _Network):
            wire._client._transport = _Network(wire._client._transport)
    if "answer" not in vars(twin):
        twin.answer = _told(twin)  # type: ignore[method-assign]


def _told(twin: Twin) -> Any:
    """The twin's answers; where it would keep silent, it says so."""
    answer = twin.answer

    def answer_at_once(ask: Ask) -> tuple[Said, Fault | None]:
        said, fault = answer(ask)
        if fault and fault.kind in ("hang", "late"):
            return Said(200, headers={SILENCE: fault.kind}), None
        return said, fault

    return answer_at_once


class _Network(httpx.BaseTransport):
    """The network, on which who is told of silence has waited for it."""

    def __init__(self, network: httpx.BaseTransport) -> None:
        self._network = network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return what comes back."""
        response = self._network.handle_request(request)
        if SILENCE in response.headers:
            response.read()
            response.close()
            raise httpx.ReadTimeout("as if the deadline had passed", request=request)
        return response

    def close(self) -> None:
        """Close all connections."""
        self._network.close()


def _wires(client: Client | Silence) -> list[Wire]:
    """The sockets of a client; one that calls nobody has none."""
    if isinstance(client, Silence):
        return []
    if isinstance(client, SlackClient):
        return [client._api._wire, client._prompt._wire, client._files._wire, client._hooks._wire]
    if isinstance(client, ChatworkClient):
        return [client._api._wire]
    if isinstance(client, IntercomClient):
        return [client._http._wire]
    return [client._jira._http._wire if isinstance(client, JiraClient) else client._api._http._wire]
