"""Slack: where people are told, asked and answered. Setup, limits and traps: README.md."""

from integrations.slack import setup
from integrations.slack.client import BASE_URL, SlackClient
from integrations.slack.events import (
    MAX_BODY,
    NAME,
    REPEATS_AFTER,
    ButtonPressed,
    FormSubmitted,
    StepStarted,
    handshake,
    parse,
    verify,
)
from integrations.slack.files import PictureRefused
from integrations.slack.models import Channel, Identity, Posted, User, View, is_person

__all__ = [
    "BASE_URL",
    "MAX_BODY",
    "NAME",
    "REPEATS_AFTER",
    "ButtonPressed",
    "Channel",
    "FormSubmitted",
    "Identity",
    "PictureRefused",
    "Posted",
    "SlackClient",
    "StepStarted",
    "User",
    "View",
    "handshake",
    "is_person",
    "parse",
    "setup",
    "verify",
]
