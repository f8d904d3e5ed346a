"""`python -m app init`: the two files that a company begins with, and what comes next.

Nothing is asked and nothing is overwritten. Secrets that only have to be long are made here; what this machine knows
(its time zone, and by that the language) is taken over; the rest can be said as options, or later in the files.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from integrations.vendor import web_address
from workflows.rules import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent.parent
#: What both files are made of.
VARIABLES, RULES = ROOT / ".env.example", ROOT / "yamabiko.example.toml"
#: Secrets that nobody gives us: we make them, and tell them to others.
MADE = ("SESSION_SECRET", "METRICS_TOKEN", "PRODUCTBOARD_WEBHOOK_AUTHORIZATION", "JIRA_WEBHOOK_SECRET")
HOME = "Asia/Tokyo"
#: What the example says in Japanese, and a company that speaks English would say.
IN_ENGLISH = {"要望": "request", "不具合": "bug", "文言": "wording", "質問": "question", "ストーリー": "Story"}

WRITTEN, KEPT = "Written: {path}", "Kept as it is: {path}"
NEXT = """
Next:
  1. {env}: fill in PUBLIC_URL and the tools that you use (README, “Set it up for real”); the secrets are made.
  2. {rules}: fill in the Slack channels, the fallback and the admins; the rest can stay as it is.
  3. `make check` says what is still missing, `make run` starts the service, `python -m app login` signs you in."""


def add_to(commands: Any) -> None:
    """Tell the parser about `init`."""
    command = commands.add_parser("init", help="write .env and yamabiko.toml to begin with; overwrites nothing")
    command.set_defaults(command=init)
    command.add_argument("--url", type=_address, default="", help="the https address of the service")
    command.add_argument("--name", default="", help="by what name customers know the company")
    command.add_argument("--admin", default="", metavar="EMAIL", help="the first admin, and the fallback")
    command.add_argument("--zone", type=_zone, help="of the company's clock, for example Europe/London")
    command.add_argument("--language", choices=LANGUAGES, help="of what is written to Slack and the other tools")


def init(options: argparse.Namespace) -> int:
    """Write what is not there yet, and say what comes next."""
    env, company = Path(".env"), Path(os.environ.get("YAMABIKO_CONFIG") or "yamabiko.toml")
    zone = options.zone or zone_of_this_machine()
    language = options.language or ("ja" if zone == HOME else "en")
    _write(env, variables(options.url), 0o600)
    _write(company, rules(language, zone, options.name.strip(), options.admin.strip()), 0o644)
    print(NEXT.format(env=env, rules=company))
    return 0


def variables(public_url: str = "") -> str:
    """The text of `.env`: our address, fresh secrets, and an empty line for everything else."""
    values = {"PUBLIC_URL": public_url} | {name: secrets.token_hex(32) for name in MADE}
    text = VARIABLES.read_text(encoding="utf-8").replace("Copy to .env and fill in.", "Fill in.")
    return re.sub(r"^([A-Z_]+)=.*$", lambda line: f"{line[1]}={values.get(line[1], '')}", text, flags=re.MULTILINE)


def rules(language: str, zone: str, name: str = "", admin: str = "") -> str:
    """The text of `yamabiko.toml`: the example's without its company."""
    text = RULES.read_text(encoding="utf-8").replace("@kanade.example", "@example.com")
    people = [admin] if admin else []
    said = {"language": language, "name": name, "zone": zone, "fallback": admin, "operators": people, "agents": []}
    said |= dict.fromkeys(("support_channel", "escalation_channel", "project"), "") | {"mail": []}
    said |= {} if zone == HOME else {"country": "", "closed": []}
    text = _filled_in(text, said)
    if language == "en":
        text = re.sub(r'"(\w+)"', lambda word: f'"{IN_ENGLISH.get(word[1], word[1])}"', text)
    return text


def _filled_in(text: str, said: Mapping[str, Any]) -> str:
    for name, value in said.items():
        before, found, after = re.split(rf'(?m)^({name} = )["\[].*$', text, maxsplit=1)
        text = before + found + _toml(value) + after
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise argparse.ArgumentTypeError("must be a zone such as Europe/London")
    return text


def _toml(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)  # for strings and lists of them the same in both


def _write(path: Path, text: str, mode: int) -> None:
    try:
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    except FileExistsError:
        print(KEPT.format(path=path))
        return
    with open(file, "w", encoding="utf-8") as writing:
        writing.write(text)
    print(WRITTEN.format(path=path))


def zone_of_this_machine(localtime: Path = Path("/etc/localtime")) -> str:
    """Where this machine says that it is; servers that keep UTC say nothing of their company."""
    linked = str(localtime.resolve()).partition("zoneinfo/")[2]
    for zone in (os.environ.get("TZ", "").lstrip(":"), linked):
        if "/" in zone and not zone.startswith("Etc/") and zone in available_timezones():
            return zone
    return HOME


def _address(text: str) -> str:
    try:
        return web_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
