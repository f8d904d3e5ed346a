"""Slack: where people are told, asked and answered. Setup, limits and traps: README.md."""

from integrations.slack.client import BASE_URL, SlackClient
from integrations.slack.events import MAX_BODY, NAME, handshake, parse, verify
from integrations.slack.models import Identity, Posted, User

__all__ = [
    "BASE_URL",
    "MAX_BODY",
    "NAME",
    "Identity",
    "Posted",
    "SlackClient",
    "User",
    "handshake",
    "parse",
    "verify",
]
