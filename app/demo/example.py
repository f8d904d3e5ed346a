"""The demo's rules: those of the example file and, besides, that chats are threads, who knows what, how many accounts
there are, that each customer is asked how it went as soon as their conversation is closed, and where alerts are told.

Whoever knows something is on shift at any hour, so that colleagues can be asked whenever somebody plays.
"""

from __future__ import annotations

import json
from pathlib import Path

from app.demo.company import CHANNEL, ENQUIRIES, SKILLS
from app.demo.stage import ROOT

EXAMPLE = ROOT / "yamabiko.example.toml"
SURVEY = "[survey]\non = false\nafter_minutes = 10\ngood_days = 14\nper_person_days = 30"
ASKED = "[survey]\non = true\nafter_minutes = 0\ngood_days = 14\nper_person_days = 0"
THEMES = '"ログイン" = ["ログイン", "サインイン", "パスワード"]'
#: At any hour of any day, holidays included.
ALWAYS = """
[calendar.people.{person}]
open = ["01-01..12-31"]
hours = {{ {hours} }}
"""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def written(folder: Path) -> Path:
    """The file, in this folder: whichever process works, reads it."""
    path = folder / "yamabiko.toml"
    path.write_text(_rules(EXAMPLE.read_text("utf-8")), "utf-8")
    return path


def _rules(text: str) -> str:
    skills = "\n".join(f"{json.dumps(skill, ensure_ascii=False)} = {json.dumps(who)}" for skill, who in SKILLS.items())
    text = _with(text, '[enquiry]\nchannel = ""', f'[enquiry]\nchannel = "{ENQUIRIES}"')
    text = _with(text, SURVEY, ASKED)
    text = _with(text, '[alerts]\nchannel = ""', f'[alerts]\nchannel = "{CHANNEL}"')
    text = _with(text, "[themes]\n", f"[themes]\n{THEMES}\n")
    text = _with(text, "actives = 0", "actives = 1200")
    return _with(text, "[skills]\n", f"[skills]\n{skills}\n") + "".join(map(_always, _skilled()))


def _with(text: str, before: str, after: str) -> str:
    if text.count(before) != 1:
        raise ValueError(f"the example file does not say {before!r} once")
    return text.replace(before, after)


def _skilled() -> list[str]:
    return sorted({person for people in SKILLS.values() for person in people})


def _always(person: str) -> str:
    hours = ", ".join(f'{day} = ["0:00-24:00"]' for day in WEEKDAYS)
    return ALWAYS.format(person=person, hours=hours)
