"""Secrets and addresses, from the environment (or a `.env` file). Rules are in `yamabiko.toml`.

A vendor whose secrets are absent is off. A secret may hold two values separated by a comma: both are
accepted for incoming requests, so that one can be rotated. Which variables a vendor has is said in its
folder (`integrations.<vendor>.setup`); here are those that are nobody's.
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import Field, SecretStr, ValidationError, create_model, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from integrations import VENDORS
from integrations.vendor import VendorSettings, WebAddress, parts_of

Kind = TypeVar("Kind", bound=VendorSettings)


#: How this machine reaches others, as libraries read it.
WAY_OUT = ("https_proxy", "no_proxy", "ssl_cert_file")


class BadSettings(Exception):
    """The environment cannot be used; the message names the variable and says what to do."""


class Settings(BaseSettings):
    """Every environment variable that the service reads; the variable is the field in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    port: int = Field(8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    #: Not shown in `repr`: it may hold a password.
    database_url: str = Field("sqlite:///yamabiko.sqlite", repr=False)
    #: Of one process, for its rows; more than these would only wait for each other.
    database_connections: int = Field(16, ge=4, le=1000)
    public_url: WebAddress = ""
    #: Who scrapes /metrics has to bring it; without one, only the machine itself may.
    metrics_token: SecretStr | None = None
    #: Where a worker, which has no pages, says how it is; 0: nowhere.
    health_port: int = Field(0, ge=0, le=65535)
    yamabiko_config: Path = Path("yamabiko.toml")
    #: Pages without sign-in, for the demo; otherwise they are served to loopback only.
    demo: bool = False
    #: Seconds that a write without an answer is given before its marker is looked for.
    quiet_seconds: float = Field(60.0, ge=0)

    #: Not SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: with these in the environment Bolt forgets the bot's token.
    slack_login_base_url: WebAddress = "https://slack.com"
    slack_login_client_id: str = ""
    slack_login_client_secret: SecretStr | None = None
    session_secret: SecretStr | None = None

    #: For all vendors alike. Libraries read them from the environment; `load` puts there what stands in `.env`.
    https_proxy: str = Field("", repr=False)
    no_proxy: str = ""
    ssl_cert_file: str = ""

    @field_validator("https_proxy")
    @classmethod
    def _known_proxy(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("must be an address that starts with http://")
        return url

    @field_validator("ssl_cert_file")
    @classmethod
    def _readable(cls, path: str) -> str:
        if not path:  # the machine's own are not looked through here: that takes longer than all other settings
            return path
        try:
            ssl.create_default_context(cafile=path)
        except (OSError, ssl.SSLError):
            raise ValueError("must name a file with certificates, as PEM") from None
        return path

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        if url.startswith("sqlite:"):
            _check_file(url.removeprefix("sqlite:///").partition("?")[0])
        elif "@" in _host_of(url):
            raise ValueError("must have @ in its user name or password as %40")
        return url

    @field_validator("session_secret", "metrics_token")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if any(len(part) < 32 for part in parts_of(secret)):
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
        return parts_of(self.session_secret)

    # -- what vendors' folders ask for --------------------------------------

    def of(self, kind: type[Kind]) -> Kind:
        """The variables of one vendor: `settings.of(jira.setup.Settings).jira_base_url`."""
        return kind(**{name: getattr(self, name) for name in kind.model_fields})

    def is_on(self, vendor: str) -> bool:
        """Are this vendor's variables set?"""
        return bool(getattr(self, VENDORS[vendor].SWITCH))

    def secrets(self, source: str) -> list[str]:
        """The live secrets by which a source's requests are verified; none: its door is shut."""
        return parts_of(getattr(self, VENDORS[source].SECRET))

    def workspace(self, source: str) -> str:
        """The workspace whose requests we accept; "" accepts any that is signed."""
        name = VENDORS[source].WORKSPACE
        return str(getattr(self, name)) if name else ""

    def half_configured(self) -> list[str]:
        """Variables that are missing although others of the same vendor are set."""
        sign_in = {
            "slack_login_client_id": ("slack_login_client_secret", "session_secret", "slack_team_id", "public_url"),
            "slack_login_client_secret": ("slack_login_client_id",),
        }
        return [
            name.upper()
            for needs in (*(vendor.NEEDS for vendor in VENDORS.values()), sign_in)
            for given, others in needs.items()
            if getattr(self, given)
            for name in others
            if not getattr(self, name)
        ]


def _host_of(url: str) -> str:
    """Never quoted: where the address cannot be taken apart as it was meant, a part of the password is in it."""
    try:
        return sa.make_url(url).host or ""
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("must look like postgresql://user:password@host:5432/database") from None


def _check_file(path: str) -> None:
    if path in ("", ":memory:"):
        raise ValueError("must name a file: a database in memory ends with the process")
    if not (folder := Path(path).parent).is_dir():
        raise ValueError(f"names a file in {folder}, which is not a folder")


def settings_of(*, _env_file: str | None = ".env", **given: Any) -> Settings:
    """Our own variables and every vendor's, as they are `given`; what is not, from the environment and the file.

    Raises ValidationError.
    """
    whole = _with(*(vendor.Settings for vendor in VENDORS.values()))
    return whole(_env_file=_env_file, **given)


@lru_cache(maxsize=8)
def _with(*vendors: type[VendorSettings]) -> type[Settings]:
    return create_model("Settings", __base__=(Settings, *vendors))  # type: ignore[arg-type]


def load() -> Settings:
    """Read and check the environment. Raises BadSettings."""
    try:
        settings = settings_of()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise BadSettings(f"{name} {first['msg'].removeprefix('Value error, ').removeprefix('Input ')}.") from None
    if missing := settings.half_configured():
        raise BadSettings(f"{missing[0]} is missing: set it too, or leave all of this vendor's variables out.")
    for name in WAY_OUT:
        if value := getattr(settings, name):
            os.environ.setdefault(name.upper(), value)
    return settings
