"""What a vendor's folder says of itself for what goes out: its variables, its client, its check, where webhooks go.

The module `integrations.<vendor>.setup` is a `Vendor`; the composition root walks `integrations.VENDORS` and knows
none of them by name. What comes in is `contract.Source`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, SecretStr

from integrations.contract import Event


def web_address(url: str) -> str:
    """An address that starts with https://, or is on this machine; without the slash at its end."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if url and not local and (parts.scheme != "https" or not parts.hostname):
        raise ValueError("must be an address that starts with https://")
    return url if url.endswith("/api/") else url.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]


class VendorSettings(BaseModel):
    """A vendor's environment variables; the variable is the field in capitals."""


def parts_of(secret: SecretStr | None) -> list[str]:
    """The values of a secret: one, or two while it is being rotated; none where it is not set."""
    return [part.strip() for part in secret.get_secret_value().split(",") if part.strip()] if secret else []


#: A secret that we make up is at least so long. It is a floor under slips: the READMEs say how to make a good one.
LEAST = 8


def _long_enough(secret: SecretStr | None) -> SecretStr | None:
    if any(len(part) < LEAST for part in parts_of(secret)):
        raise ValueError(f"must have at least {LEAST} characters: openssl rand -hex 32 makes one")
    return secret


#: What we and a vendor have agreed upon, and neither of them gave us.
OwnSecret = Annotated[SecretStr | None, AfterValidator(_long_enough)]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `ok` None: worth a look, not wrong. The sentence says what to do if it is not.

    It is written in English with `facts` for its {gaps}, so that whoever shows it can say it in another language; a
    fact called `why` is a sentence itself.
    """

    ok: bool | None
    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format_map(self.facts) if self.facts else self.sentence


@dataclass(frozen=True)
class Wanted:
    """What the company's rules count on at the vendors.

    `address` is where this vendor's webhooks go; `channels` maps a setting (`[slack] support_channel`) to a
    channel's id ("" for none), `project` is the key of the project in which issues are created, `fallback` is a
    person's e-mail address or Slack id; `people` are others, each with the setting that names them;
    `rooms` are numbers of rooms by what the rules call them.
    """

    address: str = ""
    tags: tuple[str, ...] = ()
    channels: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    fallback: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    mail_to: tuple[str, ...] = ()
    rooms: Mapping[str, str] = field(default_factory=dict)


class Client(Protocol):
    """What stories call. Its verbs are the vendor's own; this is all that the composition root asks of it."""

    def close(self) -> None:
        """Close all connections."""


class Silence:
    """In the place of a client: a tool that only tells, and answers nothing."""

    def close(self) -> None:
        """Nothing is open."""


class Vendor(Protocol):
    """The module `integrations.<vendor>.setup`."""

    NAME: str
    #: How the vendor is written in sentences.
    TITLE: str
    #: Its variables; the vendor is on once `SWITCH` is set, and then every one of `NEEDS` has to be.
    Settings: type[VendorSettings]
    SWITCH: str
    NEEDS: Mapping[str, tuple[str, ...]]
    #: The variables with the secrets by which its webhooks are verified, and with the workspace that they come from.
    SECRET: str
    WORKSPACE: str
    #: The path to which its webhooks go, and a sentence that says where that address is put; "" where it sends none.
    PATH: str
    PASTE: str
    #: What webhooks may have missed: given a client and since when (Unix seconds), the events that they would have
    #: told, each under a name of its own. None where a story of `workflows.reconcile` looks, or nobody has to.
    changes: Callable[[Any, int], Iterable[tuple[str, Event]]] | None

    def connect(self, settings: Any) -> Client:
        """A client for these settings, of the type `Settings`."""

    def check(self, client: Any, settings: Any, wanted: Wanted) -> Iterator[Finding]:
        """Look at the account, its permissions and what the rules count on. Raises Trouble."""

    def to_copy(self, url: str) -> Mapping[str, str]:
        """Texts to paste at the vendor, each by what it is called; `url` is where we are reached. {} for none."""

    def subscribe(self, client: Any, settings: Any, address: str) -> str:
        """Have webhooks sent to `address`; says of what. "" where that is done by hand. Raises Trouble."""
