"""Slack's stand-in. `stand_in` is the Web API and says what the other modules are: the workspace, what people do there
with the app, and what Slack refuses."""

from integrations.slack.twin.door import Screen
from integrations.slack.twin.people import Unanswered
from integrations.slack.twin.stand_in import SlackTwin
from integrations.slack.twin.workspace import APP, BOT, BOT_USER, EVENTS, SCOPES

__all__ = ["APP", "BOT", "BOT_USER", "EVENTS", "SCOPES", "Screen", "SlackTwin", "Unanswered"]
