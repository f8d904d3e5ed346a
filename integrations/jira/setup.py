"""Jira's variables, client and check. What an administrator's session can do is in `admin`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from integrations.jira import admin
from integrations.jira.client import JiraClient
from integrations.vendor import Finding, OwnSecret, VendorSettings, Wanted, WebAddress, parts_of

NAME, TITLE = "jira", "Jira"
SWITCH, SECRET, WORKSPACE = "jira_api_token", "jira_webhook_secret", ""
NEEDS = {SWITCH: ("jira_base_url", "jira_email", SECRET)}
PATH, PASTE = "/webhooks/jira", "Run “python -m app subscribe”, or paste it in Jira's settings, under WebHooks."
#: `reconcile.jira` looks for itself.
changes = None
#: What Jira has to tell us about, and what the account has to be allowed.
EVENTS, RIGHTS = admin.EVENTS, admin.CREATING


class Settings(VendorSettings):
    """`jira_site_url` is where people open issues; needed where `jira_base_url` is the gateway of scoped tokens."""

    jira_base_url: WebAddress = ""
    jira_site_url: WebAddress = ""
    jira_email: str = ""
    jira_api_token: SecretStr | None = None
    jira_webhook_secret: OwnSecret = None


def connect(settings: Settings) -> JiraClient:
    """A client for these settings."""
    return JiraClient(*_account(settings), site_url=settings.jira_site_url)


def check(client: JiraClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Does the token work, what may it do, and does a webhook tell us of every event?"""
    account = _account(settings)
    yield from admin.check(*account, wanted.project)
    yield from admin.check_webhook(*account, wanted.address)


def to_copy(url: str) -> Mapping[str, str]:
    """Nothing."""
    return {}


def subscribe(client: JiraClient, settings: Settings, address: str) -> str:
    """Have issues and comments told. The account has to be an administrator."""
    [secret, *_] = parts_of(settings.jira_webhook_secret)
    admin.register_webhook(*_account(settings), address, secret)
    return f"Jira tells {address} about issues and comments."


def _account(settings: Settings) -> tuple[str, str, str]:
    assert settings.jira_api_token is not None
    return settings.jira_base_url, settings.jira_email, settings.jira_api_token.get_secret_value()
