"""Productboard's variables, client and check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from integrations.productboard.client import BASE_URL, ProductboardClient
from integrations.vendor import Finding, OwnSecret, VendorSettings, Wanted, WebAddress, parts_of

NAME, TITLE = "productboard", "Productboard"
SWITCH, SECRET, WORKSPACE = "productboard_token", "productboard_webhook_authorization", ""
NEEDS = {SWITCH: (SECRET,)}
PATH = "/webhooks/productboard"
PASTE = "Productboard has no page for this. Run “python -m app subscribe”."
#: `reconcile.productboard` looks for itself.
changes = None
#: What Productboard has to tell us about.
EVENTS = ("note.created", "note.updated", "insight.created", "insight.deleted", "feature.updated")


class Settings(VendorSettings):
    """`productboard_webhook_authorization` is a secret that we make up; its webhooks bring it along."""

    productboard_base_url: WebAddress = BASE_URL
    productboard_token: SecretStr | None = None
    productboard_webhook_authorization: OwnSecret = None


def connect(settings: Settings) -> ProductboardClient:
    """A client for these settings."""
    assert settings.productboard_token is not None
    return ProductboardClient(settings.productboard_base_url, settings.productboard_token.get_secret_value())


def check(client: ProductboardClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Does the token work, and does a webhook tell us of every event?"""
    client.check()
    yield Finding(True, "The token works.")
    missing = _untold(client, wanted.address)
    for event in missing:
        facts = {"address": wanted.address, "event": event}
        yield Finding(False, "No webhook sends {event} to {address}: run “python -m app subscribe”.", facts)
    if not missing:
        yield Finding(True, "A webhook sends every event to {address}.", {"address": wanted.address})


def to_copy(url: str) -> Mapping[str, str]:
    """Nothing."""
    return {}


def subscribe(client: ProductboardClient, settings: Settings, address: str) -> str:
    """Have notes, links and features told, each once: a second subscription would tell everything twice, for ever."""
    [authorization, *_] = parts_of(settings.productboard_webhook_authorization) or [""]
    if not authorization:
        return ""
    if missing := _untold(client, address):
        client.subscribe("Yamabiko", address, authorization, missing)
    return f"Productboard tells {address} about notes, links and features."


def _untold(client: ProductboardClient, address: str) -> list[str]:
    """What Productboard does not tell this address about yet."""
    told = {event for hook in client.webhooks() if hook.url == address for event in hook.events}
    return [event for event in EVENTS if event not in told]
