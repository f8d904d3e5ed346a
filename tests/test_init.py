"""`python -m app init`: two files to begin with, written once, that are good as they are."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.operate import init
from app.operate.check import of_the_example
from app.settings import settings_of
from tests.test_settings import start
from workflows.rules import load

ROOT = Path(__file__).resolve().parent.parent


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`python -m app init` in this folder, with nobody at the keyboard."""
    arguments = [sys.executable, "-m", "app", "init", *options]
    environment = {"PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"}
    return subprocess.run(
        arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


def values(text: str) -> dict[str, str]:
    """The lines of a `.env` that say something."""
    return dict(re.findall(r"^([A-Z_]+)=(.+)$", text, re.MULTILINE))


# -- what is refused and kept ---------------------------------------------------------------------


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\n")
    (tmp_path / "yamabiko.toml").write_text("# ours\n")
    ended = run(tmp_path)
    assert ended.returncode == 0
    assert ended.stdout.startswith("Kept as it is: .env\nKept as it is: yamabiko.toml\n\nNext:\n")
    assert (tmp_path / ".env").read_text() == "PORT=9000\n"
    assert (tmp_path / "yamabiko.toml").read_text() == "# ours\n"


@pytest.mark.parametrize("option", [("--url", "yamabiko.example"), ("--zone", "Kyoto"), ("--language", "fr")])
def test_what_cannot_be_is_told_before_anything_is_written(option: tuple[str, str], tmp_path: Path) -> None:
    ended = run(tmp_path, *option)
    assert ended.returncode == 2 and f"argument {option[0]}: " in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_rules_the_service_names_the_command_that_writes_them(tmp_path: Path) -> None:
    ended = start("run", tmp_path)
    assert (ended.returncode, ended.stderr) == (
        2,
        "yamabiko.toml cannot be read: `python -m app init` writes one to begin with; or set YAMABIKO_CONFIG.\n",
    )


# -- what is written ------------------------------------------------------------------------------


def test_both_files_are_good_as_they_are_and_the_next_steps_are_three(tmp_path: Path) -> None:
    known = ("--url", "https://yamabiko.firma.co.jp/", "--admin", "mori@firma.co.jp", "--name", '株式会社"A"')
    ended = run(tmp_path, *known)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Written: .env\nWritten: yamabiko.toml\n\nNext:\n  1. ")
    assert len(re.findall(r"^  \d\. ", ended.stdout, re.MULTILINE)) == 3
    settings = settings_of(_env_file=str(tmp_path / ".env"))
    assert settings.public_url == "https://yamabiko.firma.co.jp" and settings.half_configured() == []
    rules = load(tmp_path / "yamabiko.toml")
    assert (rules.company_name, rules.fallback) == ('株式会社"A"', "mori@firma.co.jp")
    assert rules.access.operators == ("mori@firma.co.jp",)


def test_only_its_owner_reads_the_secrets(tmp_path: Path) -> None:
    run(tmp_path)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_every_secret_is_made_anew_and_printed_nowhere(tmp_path: Path) -> None:
    said = run(tmp_path).stdout
    one, other = values((tmp_path / ".env").read_text()), values(init.variables())
    assert set(one) == set(init.MADE)
    made = [*one.values(), *other.values()]
    assert len(set(made)) == len(made) and all(len(secret) == 64 for secret in made)
    assert not any(secret in said for secret in made)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/London"])
def test_nothing_of_the_examples_company_is_left(language: str, zone: str, tmp_path: Path) -> None:
    path = tmp_path / "yamabiko.toml"
    path.write_text(init.rules(language, zone), encoding="utf-8")
    rules = load(path)
    assert of_the_example(rules) == []
    assert not re.search(r"kanade|KNDE|C0[A-Z]{4}", path.read_text(encoding="utf-8"))
    assert (rules.language, str(rules.calendar.zone)) == (language, zone)
    assert rules.calendar.country == ("JP" if zone == "Asia/Tokyo" else "")
    assert ("要望" in rules.tags) is (language == "ja") and len(rules.tags) == 4


@pytest.mark.parametrize(
    ("told", "linked", "zone"),
    [
        ("", "Europe/London", "Europe/London"),
        ("Europe/Berlin", "Europe/London", "Europe/Berlin"),
        (":America/New_York", "", "America/New_York"),
        ("UTC", "Etc/UTC", "Asia/Tokyo"),
        ("No/Where", "", "Asia/Tokyo"),
        ("", "", "Asia/Tokyo"),
    ],
)
def test_the_machines_zone_is_taken_over(
    told: str, linked: str, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", told)
    localtime = tmp_path / "localtime"
    if linked:
        file = tmp_path / "zoneinfo" / linked
        file.parent.mkdir(parents=True)
        file.touch()
        localtime.symlink_to(file)
    assert init.zone_of_this_machine(localtime) == zone


# -- what is left of the example ------------------------------------------------------------------


def test_check_names_what_is_left_of_the_example() -> None:
    assert of_the_example(load(ROOT / "yamabiko.example.toml")) == [
        "[slack] support_channel",
        "[slack] escalation_channel",
        "[escalation] fallback",
        "[triage] mail",
        "[jira] project",
        "[access] operators",
        "[access] agents",
    ]
