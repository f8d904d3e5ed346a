"""The mail server's variables, client and check. It sends us nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr, field_validator

from integrations.mail.client import MailClient
from integrations.vendor import Finding, VendorSettings, Wanted

NAME, TITLE = "mail", "SMTP"
SWITCH, SECRET, WORKSPACE = "smtp_url", "", ""
NEEDS = {SWITCH: ("mail_from",), "mail_from": (SWITCH,)}
PATH, PASTE = "", ""
#: There is nothing to find again.
changes = None


class Settings(VendorSettings):
    """`smtp_url` is smtp:// or smtps://, with user and password; `mail_from` is who writes."""

    smtp_url: SecretStr | None = None
    mail_from: str = ""

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            MailClient(url.get_secret_value(), "a@b.example")  # raises ValueError, which says how it must look
        return url

    @field_validator("mail_from")
    @classmethod
    def _mail_address(cls, address: str) -> str:
        if address:
            MailClient("smtp://127.0.0.1", address)
        return address


def connect(settings: Settings) -> MailClient:
    """A client for these settings."""
    assert settings.smtp_url is not None
    return MailClient(settings.smtp_url.get_secret_value(), settings.mail_from)


def check(client: MailClient, settings: Settings, wanted: Wanted) -> Iterator[Finding]:
    """Does the server take our mails, and is anybody written to?"""
    yield Finding(True, "{server} accepts our email.", {"server": client.check()})
    if not wanted.mail_to:
        yield Finding(None, "No one gets decisions by email: [triage] mail in yamabiko.toml is empty.")


def to_copy(url: str) -> Mapping[str, str]:
    """Nothing."""
    return {}


def subscribe(client: MailClient, settings: Settings, address: str) -> str:
    """There is nothing to have sent to us."""
    return ""
