"""What every answer tells a browser, whoever makes it: pages, the door, and one line for a stranger."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Where browsers reach us by https, they never try anything else again. Other names of the domain are not ours.
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class Headers:
    """Adds the headers `to_all` to an answer, but for those that it has already."""

    def __init__(self, app: ASGIApp, to_all: Mapping[str, str]) -> None:
        self._app = app
        self._plain, self._https = _raw(to_all), _raw({**to_all, **ONLY_HTTPS})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                is_https = scope["app"].state.settings.public_url.startswith("https:")
                to_all = self._https if is_https else self._plain
                message["headers"] = [*message["headers"], *(each for each in to_all if each[0] not in said)]
            await send(message)

        await self._app(scope, receive, say)


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
