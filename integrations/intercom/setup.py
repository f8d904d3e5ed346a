"""Intercom's variables, client and check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from integrations.intercom.client import IntercomClient
from integrations.vendor import Finding, VendorSettings, Wanted, WebAddress

NAME, TITLE = "intercom", "Intercom"
SWITCH, SECRET, WORKSPACE = "intercom_access_token", "intercom_client_secret", "intercom_app_id"
NEEDS = {SWITCH: (SECRET, "intercom_admin_id", WORKSPACE)}
PATH, PASTE = "/webhooks/intercom", "Paste it in Intercom's Developer Hub, under Webhooks."
#: `reconcile.intercom` looks for itself.
changes = None
#: What Intercom has to tell us about: the topics after which a story follows.
EVENTS = (
    "conversation_part.tag.created",
    "conversation_part.redacted",
    "conversation.user.created",
    "conversation.user.replied",
    "conversation.admin.replied",
    "conversation.admin.closed",
    "conversation.admin.noted",
    "conversation.admin.assigned",
    "conversation.admin.open.assigned",
    "conversation.admin.opened",
    "conversation.admin.snoozed",
    "conversation.admin.unsnoozed",
    "conversation.rating.added",
    "conversation.deleted",
    "contact.deleted",
    "admin.removed_from_workspace",
)
EXISTS = "The tag “{tag}” exists."
TOPICS = "Only Intercom's Developer Hub shows whether all topics are on. Check them under Webhooks: {topics}."


class Settings(VendorSettings):
    """`intercom_admin_id` is the teammate in whose name the service writes notes."""

    intercom_base_url: WebAddress = "https://api.intercom.io"
    intercom_access_token: SecretStr | None = None
    intercom_client_secret: SecretStr | None = None
    intercom_admin_id: str = ""
    intercom_app_id: str = ""


def connect(settings: Settings) -> IntercomClient:
    """A client for these settings."""
    assert settings.intercom_access_token is not None
    token = settings.intercom_access_token.get_secret_value()
    return IntercomClient(settings.intercom_base_url, token, settings.intercom_admin_id, settings.intercom_app_id)


def check(client: IntercomClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Is it our workspace, is our teammate there, and do the tags of the rules exist?"""
    me = client.me()
    yield Finding(
        me.app_id == settings.intercom_app_id,
        "The token belongs to workspace {workspace}; INTERCOM_APP_ID says {setting}.",
        {"workspace": me.app_id, "setting": settings.intercom_app_id},
    )
    known = settings.intercom_admin_id in {admin.id for admin in client.admins()}
    yield Finding(
        known,
        "INTERCOM_ADMIN_ID is a teammate." if known else "INTERCOM_ADMIN_ID matches no teammate: use a teammate's ID.",
    )
    existing = {tag.name.casefold() for tag in client.tags()}
    for tag in wanted.tags:
        there = tag.casefold() in existing
        yield Finding(True if there else None, EXISTS if there else "The tag “{tag}” does not exist yet.", {"tag": tag})
    yield Finding(None, TOPICS, {"topics": ", ".join(EVENTS)})


def to_copy(url: str) -> Mapping[str, str]:
    """The topics, as they are found in the Developer Hub."""
    return {"Topics": "\n".join(EVENTS)}


def subscribe(client: IntercomClient, settings: Settings, address: str) -> str:
    """Intercom has no API for it: topics are chosen by hand."""
    return ""
