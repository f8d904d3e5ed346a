"""The vendors: twins in the soak's own process, which nothing kills, and which fail a share of all calls."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping

from integrations.twin import Fault, Twin
from integrations.twin_server import Receive, Scope, Send, TwinApp

#: Refused, failed before and after it was applied, applied without an answer, dropped after and before, cut, late.
KINDS = ("429", "500", "late-500", "hang", "reset", "lost", "truncated", "slow")
#: Longer than the service waits for an answer.
HANG = 25.0


class Unreliable(TwinApp):
    """Serves the twins. `share`: how many of the calls fail; `slow` ones are applied up to `latest` seconds late."""

    def __init__(self, twins: Mapping[str, Twin], dice: random.Random, share: float, latest: float) -> None:
        super().__init__(twins)
        self.share, self._dice, self._latest = share, dice, latest
        self.faults: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        twin = self.twins.get(scope.get("path", "").lstrip("/").partition("/")[0])
        if twin is not None and self._dice.random() < self.share:
            receive = await self._trouble(twin, receive)
        await super().__call__(scope, receive, send)

    async def _trouble(self, twin: Twin, receive: Receive) -> Receive:
        kind = self._dice.choice(KINDS)
        self.faults[kind] += 1
        if kind != "slow":
            headers = {"Retry-After": "1"} if kind == "429" else {}
            twin.fail("*", Fault(kind, headers=headers, seconds=HANG))
            return receive
        body = await _whole(receive)  # on its way inside the vendor: it is applied whoever dies meanwhile
        await asyncio.sleep(self._dice.uniform(1, self._latest))
        return _again(body)


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes) -> Receive:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    return receive
