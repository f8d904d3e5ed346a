"""Productboard: notes (customers' wishes), features and their Jira issues, over the REST API v2."""

from integrations.productboard import setup
from integrations.productboard.client import BASE_URL, ProductboardClient
from integrations.productboard.events import (
    MAX_BODY,
    NAME,
    REPEATS_AFTER,
    FeatureChanged,
    NoteChanged,
    NoteLinked,
    NoteUnlinked,
    handshake,
    parse,
    verify,
)
from integrations.productboard.models import (
    SOURCE_SYSTEM,
    Appended,
    Feature,
    IssueRef,
    NoCustomer,
    Note,
    NoteState,
    WebhookInfo,
)

__all__ = [
    "BASE_URL",
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "SOURCE_SYSTEM",
    "Appended",
    "Feature",
    "FeatureChanged",
    "IssueRef",
    "NoCustomer",
    "Note",
    "NoteChanged",
    "NoteLinked",
    "NoteState",
    "NoteUnlinked",
    "ProductboardClient",
    "WebhookInfo",
    "handshake",
    "parse",
    "setup",
    "verify",
]
