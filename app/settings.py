"""Secrets and addresses, from the environment (or a `.env` file). Rules are in `yamabiko.toml`.

A vendor whose secrets are absent is off. A secret may hold two values separated by a comma: both are
accepted for incoming requests, so that one can be rotated.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from integrations.mail import MailClient


class BadSettings(Exception):
    """The environment cannot be used; the message names the variable and says what to do."""


class Settings(BaseSettings):
    """Every environment variable that the service reads; the variable is the field in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    port: int = Field(8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    #: Not shown in `repr`: it may hold a password.
    database_url: str = Field("sqlite:///yamabiko.sqlite", repr=False)
    public_url: str = ""
    yamabiko_config: Path = Path("yamabiko.toml")
    #: Pages without sign-in, for the demo; otherwise they are served to loopback only.
    demo: bool = False
    #: Seconds that a write without an answer is given before its marker is looked for.
    quiet_seconds: float = Field(60.0, ge=0)

    intercom_base_url: str = "https://api.intercom.io"
    intercom_access_token: SecretStr | None = None
    intercom_client_secret: SecretStr | None = None
    intercom_admin_id: str = ""
    intercom_app_id: str = ""

    productboard_base_url: str = "https://api.productboard.com"
    productboard_token: SecretStr | None = None
    productboard_webhook_authorization: SecretStr | None = None

    jira_base_url: str = ""
    jira_site_url: str = ""
    jira_email: str = ""
    jira_api_token: SecretStr | None = None
    jira_webhook_secret: SecretStr | None = None

    slack_base_url: str = "https://slack.com/api/"
    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_team_id: str = ""
    #: Not SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: with these in the environment Bolt forgets the bot's token.
    slack_login_base_url: str = "https://slack.com"
    slack_login_client_id: str = ""
    slack_login_client_secret: SecretStr | None = None
    session_secret: SecretStr | None = None

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

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        if url.startswith("sqlite:"):
            _check_file(url.removeprefix("sqlite:///").partition("?")[0])
        return url

    @field_validator(
        "public_url",
        "intercom_base_url",
        "productboard_base_url",
        "jira_base_url",
        "jira_site_url",
        "slack_base_url",
        "slack_login_base_url",
    )
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
        if url and not local and (parts.scheme != "https" or not parts.hostname):
            raise ValueError("must be an address that starts with https://")
        return url if url.endswith("/api/") else url.rstrip("/")

    @field_validator("session_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if any(len(part) < 32 for part in _parts(secret)):
            raise ValueError("must have at least 32 characters: openssl rand -hex 32 makes one")
        return secret

    @property
    def is_sqlite(self) -> bool:
        """Is the database a file?"""
        return self.database_url.startswith("sqlite")

    @property
    def signs_in_by_slack(self) -> bool:
        """Can people sign in with Slack?"""
        return bool(self.slack_login_client_id)

    def seals(self) -> list[str]:
        """What a browser is given to bring back is sealed with the first of these; all of them open it."""
        return _parts(self.session_secret)

    def secrets(self, source: str) -> list[str]:
        """The live secrets by which a source's requests are verified; none: its door is shut."""
        field = {
            "intercom": self.intercom_client_secret,
            "productboard": self.productboard_webhook_authorization,
            "jira": self.jira_webhook_secret,
            "slack": self.slack_signing_secret,
        }[source]
        return _parts(field)

    def workspace(self, source: str) -> str:
        """The workspace whose requests we accept; "" accepts any that is signed."""
        return {"intercom": self.intercom_app_id, "slack": self.slack_team_id}.get(source, "")

    def half_configured(self) -> list[str]:
        """Variables that are missing although others of the same vendor are set."""
        groups = {
            "INTERCOM_ACCESS_TOKEN": ("INTERCOM_CLIENT_SECRET", "INTERCOM_ADMIN_ID", "INTERCOM_APP_ID"),
            "PRODUCTBOARD_TOKEN": ("PRODUCTBOARD_WEBHOOK_AUTHORIZATION",),
            "JIRA_API_TOKEN": ("JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_WEBHOOK_SECRET"),
            "SLACK_BOT_TOKEN": ("SLACK_SIGNING_SECRET", "SLACK_TEAM_ID"),
            "SMTP_URL": ("MAIL_FROM",),
            "MAIL_FROM": ("SMTP_URL",),
            "SLACK_LOGIN_CLIENT_ID": ("SLACK_LOGIN_CLIENT_SECRET", "SESSION_SECRET", "SLACK_TEAM_ID", "PUBLIC_URL"),
            "SLACK_LOGIN_CLIENT_SECRET": ("SLACK_LOGIN_CLIENT_ID",),
        }
        return [
            name
            for token, others in groups.items()
            if getattr(self, token.lower())
            for name in others
            if not getattr(self, name.lower())
        ]


def _parts(field: SecretStr | None) -> list[str]:
    return [part.strip() for part in field.get_secret_value().split(",") if part.strip()] if field else []


def _check_file(path: str) -> None:
    if path in ("", ":memory:"):
        raise ValueError("must name a file: a database in memory ends with the process")
    if not (folder := Path(path).parent).is_dir():
        raise ValueError(f"names a file in {folder}, which is not a folder")


def load() -> Settings:
    """Read and check the environment. Raises BadSettings."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise BadSettings(f"{name} {first['msg'].removeprefix('Value error, ').removeprefix('Input ')}.") from None
    if missing := settings.half_configured():
        raise BadSettings(f"{missing[0]} is missing: set it too, or leave all of this vendor's variables out.")
    return settings
