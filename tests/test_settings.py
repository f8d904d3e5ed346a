"""The environment: what is missing or wrong is told in one sentence that names the variable, before anything starts."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from app import migrations
from app.settings import BadSettings, Settings, load
from integrations import SOURCES
from integrations.http import proxy_for
from tests.door import ROOT

#: A complete configuration of each vendor.
COMPLETE = {
    "INTERCOM_ACCESS_TOKEN": "geheim-1",
    "INTERCOM_CLIENT_SECRET": "geheim-2",
    "INTERCOM_ADMIN_ID": "7000",
    "INTERCOM_APP_ID": "kanade01",
    "PRODUCTBOARD_TOKEN": "geheim-3",
    "PRODUCTBOARD_WEBHOOK_AUTHORIZATION": "geheim-4",
    "JIRA_BASE_URL": "https://kanade.atlassian.net",
    "JIRA_EMAIL": "yamabiko@kanade.example",
    "JIRA_API_TOKEN": "geheim-5",
    "JIRA_WEBHOOK_SECRET": "geheim-6",
    "SLACK_BOT_TOKEN": "geheim-7",
    "SLACK_SIGNING_SECRET": "geheim-8",
    "SLACK_TEAM_ID": "T0KANADE",
    "SLACK_LOGIN_CLIENT_ID": "1.2",
    "SLACK_LOGIN_CLIENT_SECRET": "geheim-12",
    "SESSION_SECRET": "geheim-13 and so on and so forth",
    "PUBLIC_URL": "https://yamabiko.example",
    "CHATWORK_API_TOKEN": "geheim-14",
    "CHATWORK_WEBHOOK_TOKENS": "Z2VoZWltLTE1LCBhbmQgc28gb24gYW5kIHNvIGZvcnQ=",
    "SMTP_URL": "smtps://yamabiko:geheim-10@smtp.example",
    "MAIL_FROM": "山びこ <yamabiko@kanade.example>",
    "DATABASE_URL": "postgresql://yamabiko:geheim-9@db.example/yamabiko",
}

HTTPS = "must be an address that starts with https://."
SMTP = "must look like smtp://user:password@host:587 or smtps://…, with / ? # @ in it as %2F %3F %23 %40."
WRONG = {
    "DEPLOY_WEBHOOK_SECRET": dict.fromkeys(
        ("a-good-secret-of-another-kind", "whsec_c2hvcnQ="),
        "DEPLOY_WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base64: "
        'echo "whsec_$(openssl rand -base64 32)" makes one.',
    ),
    "CHATWORK_WEBHOOK_TOKENS": dict.fromkeys(
        ("geheim-16", "Z2VoZWltLTE1,not base64"),
        "CHATWORK_WEBHOOK_TOKENS must be the webhook's token as Chatwork shows it, in base64.",
    ),
    "PORT": {
        "0": "PORT should be greater than or equal to 1.",
        "99999": "PORT should be less than or equal to 65535.",
        "eight": "PORT should be a valid integer, unable to parse string as an integer.",
    },
    "DATABASE_URL": {
        "mysql://x": "DATABASE_URL must start with sqlite:/// or postgresql://.",
        "yamabiko.sqlite": "DATABASE_URL must start with sqlite:/// or postgresql://.",
        "sqlite:///": "DATABASE_URL must name a file: a database in memory ends with the process.",
        "sqlite:///:memory:": "DATABASE_URL must name a file: a database in memory ends with the process.",
        "postgresql://yama:geheim@PW#x@db.example/y": "DATABASE_URL must have @ in its user name or password as %40.",
        "postgresql://yamabiko:geheim@db.example:abc/y": (
            "DATABASE_URL must look like postgresql://user:password@host:5432/database."
        ),
        "postgresql://yamabiko:geheim@db.example:54 32/y": (
            "DATABASE_URL must look like postgresql://user:password@host:5432/database."
        ),
        "sqlite:////nowhere/at/all.sqlite": "DATABASE_URL names a file in /nowhere/at, which is not a folder.",
    },
    "DATABASE_CONNECTIONS": {"3": "DATABASE_CONNECTIONS should be greater than or equal to 4."},
    "HTTPS_PROXY": {"proxy.example:3128": "HTTPS_PROXY must be an address that starts with http://."},
    "SSL_CERT_FILE": {"none.pem": "SSL_CERT_FILE must name a file with certificates, as PEM."},
    "SESSION_SECRET": {
        "short": "SESSION_SECRET must have at least 32 characters: openssl rand -hex 32 makes one.",
        f"{'long' * 8},short": "SESSION_SECRET must have at least 32 characters: openssl rand -hex 32 makes one.",
    },
    "PRODUCTBOARD_WEBHOOK_AUTHORIZATION": {
        "a": "PRODUCTBOARD_WEBHOOK_AUTHORIZATION must have at least 8 characters: openssl rand -hex 32 makes one."
    },
    "JIRA_WEBHOOK_SECRET": {
        "geheim-6,short": "JIRA_WEBHOOK_SECRET must have at least 8 characters: openssl rand -hex 32 makes one."
    },
    "PUBLIC_URL": {"http://yamabiko.example": f"PUBLIC_URL {HTTPS}", "yamabiko.example": f"PUBLIC_URL {HTTPS}"},
    "INTERCOM_BASE_URL": {"http://api.intercom.io": f"INTERCOM_BASE_URL {HTTPS}"},
    "PRODUCTBOARD_BASE_URL": {"http://127.0.0.1.evil.example": f"PRODUCTBOARD_BASE_URL {HTTPS}"},
    "JIRA_BASE_URL": {"http://localhost.evil.example/": f"JIRA_BASE_URL {HTTPS}", "https://": f"JIRA_BASE_URL {HTTPS}"},
    "JIRA_SITE_URL": {"javascript:alert(1)": f"JIRA_SITE_URL {HTTPS}"},
    "SLACK_BASE_URL": {"http://user@127.0.0.1@evil.example/api/": f"SLACK_BASE_URL {HTTPS}"},
    "SMTP_URL": {
        "smtp.example": f"SMTP_URL {SMTP}",
        "smtp://": f"SMTP_URL {SMTP}",
        "smtp://yamabiko:geheim/11@smtp.example": f"SMTP_URL {SMTP}",
    },
    "MAIL_FROM": {"山びこ": "MAIL_FROM must be an e-mail address, or a name and <an e-mail address>."},
    "QUIET_SECONDS": {"-1": "QUIET_SECONDS should be greater than or equal to 0."},
    "DEMO": {"perhaps": "DEMO should be a valid boolean, unable to interpret input."},
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that says nothing, in a folder without a `.env` file."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def told() -> str:
    """What is said about an environment that cannot be used."""
    with pytest.raises(BadSettings) as mistake:
        load()
    return str(mistake.value)


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_told_with_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert told() == WRONG[name][value]


def test_the_way_out_may_stand_in_the_file_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Libraries read it from the environment, and what starts them reads `.env`."""
    (tmp_path / ".env").write_text("HTTPS_PROXY=http://proxy.example:3128\nNO_PROXY=inside.example\n")
    for name in ("HTTPS_PROXY", "NO_PROXY", "https_proxy", "no_proxy"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    load()
    assert proxy_for("https://api.vendor.example") == "http://proxy.example:3128"
    assert proxy_for("https://api.inside.example") is None


OTHERS = [
    ("INTERCOM_ACCESS_TOKEN", "INTERCOM_CLIENT_SECRET"),
    ("INTERCOM_ACCESS_TOKEN", "INTERCOM_ADMIN_ID"),
    ("INTERCOM_ACCESS_TOKEN", "INTERCOM_APP_ID"),
    ("PRODUCTBOARD_TOKEN", "PRODUCTBOARD_WEBHOOK_AUTHORIZATION"),
    ("JIRA_API_TOKEN", "JIRA_BASE_URL"),
    ("JIRA_API_TOKEN", "JIRA_EMAIL"),
    ("JIRA_API_TOKEN", "JIRA_WEBHOOK_SECRET"),
    ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
    ("SLACK_BOT_TOKEN", "SLACK_TEAM_ID"),
    ("SLACK_LOGIN_CLIENT_ID", "SLACK_LOGIN_CLIENT_SECRET"),
    ("SLACK_LOGIN_CLIENT_ID", "SESSION_SECRET"),
    ("SLACK_LOGIN_CLIENT_ID", "PUBLIC_URL"),
    ("SLACK_LOGIN_CLIENT_SECRET", "SLACK_LOGIN_CLIENT_ID"),
    ("CHATWORK_WEBHOOK_TOKENS", "CHATWORK_API_TOKEN"),
    ("SMTP_URL", "MAIL_FROM"),
    ("MAIL_FROM", "SMTP_URL"),
]


@pytest.mark.parametrize(("token", "missing"), OTHERS)
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_half_a_vendor_is_told_with_what_is_missing(
    token: str, missing: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = token.partition("_")[0]
    shared = ("SESSION_SECRET", "PUBLIC_URL") if vendor == "SLACK" else ()
    for name, value in COMPLETE.items():
        if (name.startswith(vendor) or name in shared) and name != missing:
            monkeypatch.setenv(name, value)
    if how == "empty":
        monkeypatch.setenv(missing, "")
    assert told() == f"{missing} is missing: set it too, or leave all of this vendor's variables out."


# -- what is right --------------------------------------------------------------------------------


def test_nothing_has_to_be_set() -> None:
    settings = load()
    assert (settings.port, settings.host, settings.is_sqlite, settings.demo) == (8000, "127.0.0.1", True, False)
    assert [settings.secrets(source) for source in SOURCES] == [[]] * len(SOURCES)


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    settings = load()
    for name, value in COMPLETE.items():
        read = getattr(settings, name.lower())
        assert (read.get_secret_value() if isinstance(read, SecretStr) else read) == value
    assert not settings.is_sqlite


@pytest.mark.fault("F66")
def test_a_secret_may_be_a_pair_while_it_is_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_WEBHOOK_SECRET", " newer-one ,older-one,, ")
    assert load().secrets("jira") == ["newer-one", "older-one"]


def test_twins_on_this_machine_may_be_called_without_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCOM_BASE_URL", "http://127.0.0.1:9000/intercom/")
    monkeypatch.setenv("SLACK_BASE_URL", "http://localhost:9000/slack/api/")
    settings = load()
    assert settings.intercom_base_url == "http://127.0.0.1:9000/intercom"
    assert settings.slack_base_url == "http://localhost:9000/slack/api/"


@pytest.mark.fault("F44")
def test_settings_do_not_change_under_us() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1  # type: ignore[misc]


# -- secrets --------------------------------------------------------------------------------------


def test_no_secret_shows_when_settings_are_printed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    settings = load()
    with caplog.at_level(logging.INFO):
        logging.getLogger("yamabiko").info("%s %r", settings, settings)
    assert "geheim" not in f"{settings} {settings!r} {settings.__rich_repr__()} {caplog.text}"
    assert "kanade01" in caplog.text


def test_no_secret_shows_in_what_is_said_about_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("DATABASE_URL", "mysql://yamabiko:geheim@db.example")
    assert "geheim" not in told()


# -- the process ----------------------------------------------------------------------------------

FATAL = {
    "a wrong value": ({"PORT": "0"}, "PORT should be greater than or equal to 1."),
    "half a vendor": (
        {"SLACK_BOT_TOKEN": "geheim"},
        "SLACK_SIGNING_SECRET is missing: set it too, or leave all of this vendor's variables out.",
    ),
    "no rules": (
        {"YAMABIKO_CONFIG": "none.toml"},
        "none.toml cannot be read: `python -m app init` writes one to begin with; or set YAMABIKO_CONFIG.",
    ),
    "wrong rules": ({"YAMABIKO_CONFIG": "wrong.toml"}, "wrong.toml, line 2: [tags] a must be one of: wish, fault,"),
}


def start(command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m app <command>` in a folder of its own, with these variables and no others."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}
    arguments = [sys.executable, "-m", "app", command]
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


RULES = str(ROOT / "yamabiko.example.toml")
NOBODY = "postgresql://yamabiko:geheim@127.0.0.1:1/none"


@pytest.mark.fault("F18")
@pytest.mark.parametrize(("what", "command"), [*((what, "run") for what in FATAL), ("wrong rules", "worker")])
def test_the_process_says_it_in_one_sentence_and_ends(what: str, command: str, tmp_path: Path) -> None:
    variables, sentence = FATAL[what]
    (tmp_path / "wrong.toml").write_text('[tags]\na = "b"\n')
    ended = start(command, tmp_path, **variables)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(sentence)
    assert ended.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*.sqlite*")), "nothing was created"


@pytest.mark.fault("F18")
@pytest.mark.parametrize("command", ["worker", "migrate"])
def test_a_database_that_nobody_answers_for_is_told(command: str, tmp_path: Path) -> None:
    ended = start(command, tmp_path, DATABASE_URL=NOBODY, YAMABIKO_CONFIG=RULES)
    assert ended.returncode == 2
    assert ended.stderr.startswith("The database cannot be used (connection failed: ")
    assert "check DATABASE_URL, and run `python -m app migrate` once." in ended.stderr
    assert "geheim" not in ended.stderr and ended.stderr.count("\n") == 1


@pytest.mark.fault("F25")
def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ours.sqlite"
    file.write_bytes(b"Dear customer, " * 1000)
    file.chmod(0o600)
    ended = start("run", tmp_path, DATABASE_URL=f"sqlite:///{file}", YAMABIKO_CONFIG=RULES)
    assert ended.returncode == 2
    assert ended.stderr.startswith("The database file is damaged (file is not a database): restore a backup")
    assert ended.stderr.count("\n") == 1


@pytest.mark.fault("F24")
def test_a_file_that_vanished_is_not_begun_anew(tmp_path: Path) -> None:
    """A wrong mount, a mistaken `rm`: an empty database would take everything that comes, and nobody would notice."""
    file = tmp_path / "ours.sqlite"
    (tmp_path / "ours.sqlite.lock").touch()
    ended = start("run", tmp_path, DATABASE_URL=f"sqlite:///{file}", YAMABIKO_CONFIG=RULES)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"There was a database at {file}, and it is gone")
    assert not file.exists()


def test_a_database_of_a_newer_version_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ours.sqlite"
    migrations.upgrade(f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in ("run", "migrate"):
        ended = start(command, tmp_path, DATABASE_URL=f"sqlite:///{file}", YAMABIKO_CONFIG=RULES)
        assert ended.returncode == 2
        assert ended.stderr.startswith("The database was changed by a newer version of Yamabiko (9999)")
        assert ended.stderr.count("\n") == 1


def test_a_database_without_tables_is_told(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE executor RENAME TO elsewhere")
        ended = start("worker", tmp_path, DATABASE_URL=postgres_url, YAMABIKO_CONFIG=RULES)
        connection.execute("ALTER TABLE elsewhere RENAME TO executor")
    assert ended.returncode == 2
    assert ended.stderr.startswith("The database has no executor.heartbeat_at, executor.id, although it says")
    assert ended.stderr.count("\n") == 1
