"""Zendesk's variables, client and check."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from pydantic import SecretStr, field_validator

from integrations.vendor import Finding, VendorSettings, Wanted, WebAddress, parts_of
from integrations.zendesk.client import ZendeskClient
from integrations.zendesk.events import CHANGES, PREFIX, PUBLIC_SECRET
from integrations.zendesk.models import Me
from integrations.zendesk.urls import base_url_of, is_subdomain

NAME, TITLE = "zendesk", "Zendesk"
SWITCH, SECRET, WORKSPACE = "zendesk_subdomain", "zendesk_webhook_secret", ""
NEEDS: Mapping[str, tuple[str, ...]] = {
    SWITCH: ("zendesk_client_id", "zendesk_client_secret"),
    "zendesk_client_id": (SWITCH,),
    "zendesk_client_secret": (SWITCH,),
}
PATH = "/webhooks/zendesk"
PASTE = "Paste it in Zendesk's Admin Center, under Webhooks, connected to Zendesk events."
#: Whoever counts reads the export, which tells everything; webhooks only tell it sooner.
changes = None
#: What Zendesk has to tell us about.
EVENTS = tuple(CHANGES)
NO_ADMIN = "We sign in as {name}, whose role is {role}. Only admins can export: have one create the OAuth client."
#: How far back `check` looks for a ticket, in seconds.
LATELY = 24 * 3600


class Settings(VendorSettings):
    """`zendesk_subdomain` is what stands before `.zendesk.com`; `zendesk_base_url` is for a stand-in.

    The OAuth client is a confidential one, made by an admin: tokens act as whoever made it.
    """

    zendesk_subdomain: str = ""
    zendesk_base_url: WebAddress = ""
    zendesk_client_id: str = ""
    zendesk_client_secret: SecretStr | None = None
    zendesk_webhook_secret: SecretStr | None = None

    @field_validator("zendesk_subdomain")
    @classmethod
    def _only_the_subdomain(cls, text: str) -> str:
        if text and not is_subdomain(text):
            raise ValueError("must be what stands before .zendesk.com in your account's address")
        return text

    @field_validator("zendesk_webhook_secret")
    @classmethod
    def _a_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if PUBLIC_SECRET in parts_of(secret):
            raise ValueError("is the one that Zendesk shows everybody for tests: reveal that of your webhook")
        return secret


def connect(settings: Settings) -> ZendeskClient:
    """A client for these settings."""
    assert settings.zendesk_client_secret is not None
    base_url = settings.zendesk_base_url or base_url_of(settings.zendesk_subdomain)
    secret = settings.zendesk_client_secret.get_secret_value()
    return ZendeskClient(base_url, settings.zendesk_client_id, secret, subdomain=settings.zendesk_subdomain)


def check(client: ZendeskClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Does the account answer, may we export, and did anything come lately?"""
    yield (who := _who(client.me()))
    if who.ok:
        lately = client.sample(int(time.time()) - LATELY)
        yield Finding(True, "Tickets can be exported.")
        if not lately:
            yield Finding(None, "No ticket has changed for a day. Is this the right account?")
    if not parts_of(settings.zendesk_webhook_secret):
        yield Finding(None, "Without ZENDESK_WEBHOOK_SECRET, tickets are counted some minutes after they come.")


def _who(me: Me) -> Finding:
    if not me.id:
        return Finding(False, "Zendesk takes us for a stranger: check ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET.")
    facts = {"name": me.name, "role": me.role}
    if me.role != "admin":
        return Finding(False, NO_ADMIN, facts)
    return Finding(True, "We sign in as {name}, an admin.", facts)


def to_copy(url: str) -> Mapping[str, str]:
    """The events to choose there."""
    return {"Topics": "\n".join(PREFIX + event for event in EVENTS)}


def subscribe(client: ZendeskClient, settings: Settings, address: str) -> str:
    """By hand: our token can only read."""
    return ""
