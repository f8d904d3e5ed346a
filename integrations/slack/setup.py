"""Slack's variables, client and check. Signing in with Slack is a matter of its own (`app.slack_login`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import SecretStr

from integrations.slack.client import BASE_URL, SlackClient
from integrations.vendor import Finding, VendorSettings, Wanted, WebAddress

NAME, TITLE = "slack", "Slack"
SWITCH, SECRET, WORKSPACE = "slack_bot_token", "slack_signing_secret", "slack_team_id"
NEEDS = {SWITCH: (SECRET, WORKSPACE)}
PATH = "/slack/events"
PASTE = "Paste it in the app's settings, under Event Subscriptions and Interactivity."
#: Nothing of Slack's has to be found again: people press once more.
changes = None
#: What the bot needs: to post words and pictures, to find its own messages, to open direct messages, to know who people
#: are; and the events that it has to hear, beside what people press and fill in.
SCOPES = {
    *("chat:write", "files:write", "commands", "channels:history", "channels:read", "groups:history", "groups:read"),
    *("im:history", "im:write", "users:read", "users:read.email"),
}
EVENTS = ("function_executed",)
NO_LACK = "The app has all the scopes it needs."
NOT_HERE = "The fallback person {person} is not in Slack: set [escalation] fallback."
NOT_THERE = "{person} is not in Slack: correct {setting}."
#: Where the manifest leaves a gap for our address.
HOST = "https://YOUR-HOST"
NOBODY = "[escalation] fallback is empty: escalations without an account owner reach only the channel."


class Settings(VendorSettings):
    """`slack_team_id` is the workspace, T…; requests from others are refused."""

    slack_base_url: WebAddress = BASE_URL
    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_team_id: str = ""


def connect(settings: Settings) -> SlackClient:
    """A client for these settings."""
    assert settings.slack_bot_token is not None
    token = settings.slack_bot_token.get_secret_value()
    return SlackClient(settings.slack_base_url, token, team_id=settings.slack_team_id)


def check(client: SlackClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Is it our workspace, may the bot do what it has to, and are the channels and the fallback of the rules there?"""
    identity = client.whoami()
    yield Finding(
        identity.team_id == settings.slack_team_id,
        "The token belongs to workspace {workspace}; SLACK_TEAM_ID says {setting}.",
        {"workspace": identity.team_id, "setting": settings.slack_team_id},
    )
    missing = ", ".join(sorted(SCOPES - set(identity.scopes)))
    yield Finding(not missing, "The app is missing the scopes {scopes}." if missing else NO_LACK, {"scopes": missing})
    for setting, id in wanted.channels.items():
        yield _channel(client, setting, id)
    yield _stand_in(client, wanted.fallback)
    for person, setting in wanted.people.items():
        here = _is_here(client, person)
        facts = {"person": person, "setting": setting}
        yield Finding(here, "{person} ({setting}) is in Slack." if here else NOT_THERE, facts)


def _channel(client: SlackClient, setting: str, id: str) -> Finding:
    """Can we post there? A bot that was not invited sees a public channel, and is refused when it posts."""
    channel = client.channel(id) if id else None
    facts = {"setting": setting, "channel": id}
    if channel is None:
        return Finding(False, "{setting} is not a channel the bot can see: set its ID, and invite the bot.", facts)
    if not channel.is_member:
        return Finding(False, "The bot is not in {setting} ({channel}): type “/invite @yamabiko” there.", facts)
    return Finding(True, "The bot is in {setting}.", facts)


def _stand_in(client: SlackClient, person: str) -> Finding:
    """Who answers for a customer whose owner nobody knows?"""
    if not person:
        return Finding(None, NOBODY)
    here = _is_here(client, person)
    return Finding(here, "The fallback person {person} is in Slack." if here else NOT_HERE, {"person": person})


def _is_here(client: SlackClient, person: str) -> bool:
    """Is this address, or this id, that of a member of the workspace?"""
    id = client.lookup(person) if "@" in person else person
    user = client.user(id) if id else None
    return user is not None and user.is_member(client.team_id)


def to_copy(url: str) -> Mapping[str, str]:
    """The app's manifest, with our host in it."""
    manifest = (Path(__file__).parent / "slack-manifest.yaml").read_text(encoding="utf-8")
    return {"App manifest": manifest.replace(HOST, url)}


def subscribe(client: SlackClient, settings: Settings, address: str) -> str:
    """The app's manifest says where events go."""
    return ""
