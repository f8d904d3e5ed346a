"""What every vendor folder offers to the rest of the service, and how trouble is named.

    Trouble
    ├── Transient       the vendor did not do it; try again later
    │   └── RateLimited     … and said when
    ├── Unsure          the vendor may have done it; look for the marker before trying again
    └── Permanent       a person has to change something before it can work
        └── Unwelcome       … our token, or what it may do: until somebody has, nothing is lost by waiting
    BadSignature        the request is not from the vendor
    Malformed           it is, but it does not say what it should; names the field

Expected refusals ("that conversation is gone") are return values, never exceptions.
Errors take positional arguments only, so that they survive being stored and rebuilt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Trouble(Exception):
    """A call to a vendor did not end well. The message is one sentence without customer text."""


class Transient(Trouble):
    """The vendor did not do it (refused connection, 5xx on a read): try again later.

    `retry_after` is in seconds, None when the vendor did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.args[0])


class RateLimited(Transient):
    """The vendor asked us to slow down (429)."""


class Unsure(Trouble):
    """A write got no clear answer (time-out, reset, 5xx, broken body): it may have been applied."""


class Permanent(Trouble):
    """The vendor will refuse this again until a person changes something (401, 403, 400, 422)."""


class Unwelcome(Permanent):
    """The vendor does not accept our token (401), or lets it do nothing that we need (the plan, the right to write):
    whatever is asked meanwhile can be asked once somebody has put that right.

    A refusal that is about one thing only, say a conversation or a channel, is Permanent and not this.
    """


class BadSignature(Exception):
    """The request does not prove that it comes from the vendor."""


class Malformed(Exception):
    """A correctly signed body does not hold what it should. `field` is the path of the culprit."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why

    def __str__(self) -> str:
        return f"{self.field}: {self.why}"


class Headers:
    """Request headers as they came over the wire; repeated and non-ASCII ones stay visible."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = [(name.lower(), value) for name, value in raw]

    def get(self, name: str) -> str | None:
        """The header's value, or None when it is absent.

        Raises BadSignature when it occurs twice or is not ASCII: nobody who signs sends that.
        """
        wanted = name.lower().encode()
        values = [value for key, value in self._raw if key == wanted]
        if not values:
            return None
        if len(values) > 1:
            raise BadSignature(f"{name} occurs {len(values)} times")
        try:
            return values[0].decode("ascii")
        except UnicodeDecodeError:
            raise BadSignature(f"{name} is not ASCII") from None


@dataclass(frozen=True)
class Event:
    """Something that happened at a vendor, in the past tense.

    The fields are the arguments of the workflow that `workflows/routes.py` starts for it: str, int,
    tuples of str and dict[str, str].
    """


@dataclass(frozen=True)
class Delivery:
    """One webhook request, parsed.

    `id` is the vendor's id of the delivery, equal on redelivery. `event` is None for a topic we do
    not act on. `workspace` is the vendor's name for the tenant it comes from, "" if it names none.
    """

    source: str
    id: str
    topic: str
    event: Event | None = None
    workspace: str = ""


@dataclass(frozen=True)
class Answer:
    """What to answer a vendor's handshake with: a status, a media type and a body."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Source(Protocol):
    """The module `integrations.<vendor>` as the door sees it. Everything here is pure."""

    NAME: str
    #: The largest body in bytes that this vendor may send.
    MAX_BODY: int
    #: Seconds after which an equal body is another delivery; None where it never is. A vendor whose bodies carry
    #: neither an id nor a time sends the same body for the same news on another day.
    REPEATS_AFTER: int | None

    def verify(self, headers: Headers, body: bytes, secrets: Sequence[str], now: float) -> None:
        """Raise BadSignature unless one of `secrets` (one or two: rotation) signed this request.

        `now` is Unix seconds; only vendors that sign a timestamp look at it.
        """

    def parse(self, headers: Headers, body: bytes) -> Delivery:
        """Say what a verified request means. Raises Malformed, naming the field."""

    def handshake(self, method: str, query: dict[str, str], body: bytes) -> Answer | None:
        """The answer to a request that only tests whether we are there, else None.

        Called for HEAD and GET before any signature, and for POST after the signature held.
        """
