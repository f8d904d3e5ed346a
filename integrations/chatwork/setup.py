"""Chatwork's variables, client and check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr, field_validator

from integrations.chatwork.client import BASE_URL, ChatworkClient
from integrations.chatwork.events import key_of
from integrations.chatwork.models import Me, Room
from integrations.contract import Permanent
from integrations.vendor import Finding, VendorSettings, Wanted, WebAddress, parts_of

NAME, TITLE = "chatwork", "Chatwork"
SWITCH, SECRET, WORKSPACE = "chatwork_api_token", "chatwork_webhook_tokens", ""
#: We only write there: without webhooks nothing is missing.
NEEDS: Mapping[str, tuple[str, ...]] = {SWITCH: (), SECRET: (SWITCH,)}
PATH = "/webhooks/chatwork"
PASTE = "Optional: paste it where that account creates webhooks. Nothing depends on them yet."
#: We act on nothing that is said there.
changes = None

WHO = "Messages are posted as {name}."
NO_ROOMS = "Nothing is posted to Chatwork: [chatwork.rooms] in yamabiko.toml is empty."
NOT_THERE = "The account is not in the room {room} ({number}): correct [chatwork.rooms], or invite it there."
READ_ONLY = "The account can only read the room {room}: let it post there."
WRITABLE = "The account can post in the room {room}."
OUTSIDERS = "The room {room} has members from other organizations ({n}). They can read what customers write."


class Settings(VendorSettings):
    """`chatwork_api_token` is that of the account that posts; `chatwork_webhook_tokens` one for each webhook."""

    chatwork_base_url: WebAddress = BASE_URL
    chatwork_api_token: SecretStr | None = None
    chatwork_webhook_tokens: SecretStr | None = None

    @field_validator("chatwork_webhook_tokens")
    @classmethod
    def _in_base64(cls, tokens: SecretStr | None) -> SecretStr | None:
        for token in parts_of(tokens):
            key_of(token)  # raises ValueError, which says how it must look
        return tokens


def connect(settings: Settings) -> ChatworkClient:
    """A client for these settings."""
    assert settings.chatwork_api_token is not None
    return ChatworkClient(settings.chatwork_base_url, settings.chatwork_api_token.get_secret_value())


def check(client: ChatworkClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Whose token is it, and can we post in the rooms of the rules? Nothing is posted."""
    me = client.whoami()
    yield Finding(True, WHO, {"name": me.name or me.account})
    rooms = {room.id: room for room in client.rooms()}
    if not wanted.rooms:
        yield Finding(None, NO_ROOMS)
    for name, number in wanted.rooms.items():
        yield from _room(client, me, name, number, rooms.get(number))


def _room(client: ChatworkClient, me: Me, name: str, number: str, room: Room | None) -> Iterator[Finding]:
    facts = {"room": name, "number": number}
    if room is None or not room.is_writable:
        yield Finding(False, READ_ONLY if room else NOT_THERE, facts)
        return
    yield Finding(True, WRITABLE, facts)
    try:
        others = [each for each in client.members(number) if each.organization != me.organization]
    except Permanent:  # who may post need not be shown who reads
        return
    if others:
        yield Finding(None, OUTSIDERS, facts | {"n": str(len(others))})


def to_copy(url: str) -> Mapping[str, str]:
    """Nothing."""
    return {}


def subscribe(client: ChatworkClient, settings: Settings, address: str) -> str:
    """Chatwork has no API for it: a webhook is made by hand."""
    return ""
