"""What somebody fills in for a notice, understood; and what is wrong with it, by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session

from workflows.engine.store import now_ms
from workflows.language.wording import say
from workflows.notice import recipients, texts
from workflows.notice.recipients import AUDIENCES, TAG
from workflows.rules import rules
from workflows.rules.wording import gaps_in
from workflows.telling import audience, publish
from workflows.telling.publish import Wanted

LONGEST_TITLE, LONGEST_TEXT = 100, 2000
MOST_MONTHS, MOST_DAYS, MOST_REMINDERS = 60, 90, 5
#: A channel in Slack.
IS_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
#: A year and a half: later is a slip of the pen.
LATEST = timedelta(days=550)
NO_TITLE = "Enter what changes, in a few words."
NO_TEXT = "Enter what the customer is to read."
NO_DATE = "Choose the date on which it takes effect."
PAST = "Choose a date in the future."
FAR = "Choose a date within 18 months."
GAP = "“{gap}” is not a gap that can be filled in. Use {gaps}."
DAYS = "Enter days before the date, from 1 to {most}, such as 14, 3."
MONTHS = "Enter a number of months from 1 to {most}."
CHANNEL = "Enter the ID of a channel in Slack, such as C0123456789."


@dataclass(frozen=True)
class Filled:
    """A notice as it was typed; `wrong` says by field what is not right with it."""

    values: Mapping[str, object]
    wrong: Mapping[str, str] = field(default_factory=dict)


def read(
    session: Session, language: str, typed: Mapping[str, str], picked: Mapping[str, Sequence[str]], agent: str
) -> Filled:
    """A form as somebody sent it: `typed` by field, `picked` what is ticked of plans and tags."""
    said = {name: value.strip() for name, value in typed.items()}
    wrong = {name: why for name, check in CHECKS.items() if (why := check(language, said.get(name, "")))}
    if not wrong.get("takes_effect"):
        wrong |= _manners(language, said, agent)
    names, fault = _names(session, language, said, picked)
    wrong |= fault
    return Filled(_values(said, names) if not wrong else {}, wrong)


def _values(said: Mapping[str, str], names: Sequence[str]) -> dict[str, object]:
    return {
        "title": said["title"],
        "takes_effect": said["takes_effect"],
        "text_ja": said["text_ja"],
        "text_en": said.get("text_en", ""),
        "audience": said["audience"],
        "names": list(dict.fromkeys(names)),
        "months": int(said["months"]),
        "remind_days": days_in(said.get("remind_days", "")),
        "again": said.get("again") == "yes",
        "channel": said.get("channel", ""),
    }


def days_in(text: str) -> list[int]:
    """The days that "14, 3" names, the earliest reminder first; [] for none. Raises ValueError."""
    parts = [part.strip() for part in text.replace("、", ",").split(",") if part.strip()]
    return sorted({int(part) for part in parts}, reverse=True)


# -- field by field -------------------------------------------------------------------------------


def _title(language: str, text: str) -> str:
    if not text or "\n" in text:
        return say(language, NO_TITLE)
    return say(language, "Shorten this to {n} characters.", n=LONGEST_TITLE) if len(text) > LONGEST_TITLE else ""


def _day(language: str, text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return say(language, NO_DATE)
    today = rules.calendar.local(now_ms()).date()
    if day <= today:
        return say(language, PAST)
    return say(language, FAR) if day > today + LATEST else ""


def _needed(language: str, text: str) -> str:
    return _optional(language, text) if text else say(language, NO_TEXT)


def _optional(language: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        return say(language, "Shorten this to {n} characters.", n=LONGEST_TEXT)
    known = ", ".join(f"{{{gap}}}" for gap in texts.GAPS)
    unknown = sorted(gaps_in(text) - set(texts.GAPS))
    return say(language, GAP, gap=f"{{{unknown[0]}}}", gaps=known) if unknown else ""


def _months(language: str, text: str) -> str:
    is_right = text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST_MONTHS
    return "" if is_right else say(language, MONTHS, most=MOST_MONTHS)


def _days(language: str, text: str) -> str:
    try:
        days = days_in(text)
    except ValueError:
        days = [0]
    is_right = len(days) <= MOST_REMINDERS and all(1 <= day <= MOST_DAYS for day in days)
    return "" if is_right else say(language, DAYS, most=MOST_DAYS)


def _channel(language: str, text: str) -> str:
    return "" if not text or IS_CHANNEL.fullmatch(text) else say(language, CHANNEL)


CHECKS = {
    "title": _title,
    "takes_effect": _day,
    "text_ja": _needed,
    "text_en": _optional,
    "months": _months,
    "remind_days": _days,
    "channel": _channel,
}


def _manners(language: str, said: Mapping[str, str], agent: str) -> dict[str, str]:
    """What keeps a text from going out, said before anybody has a draft of it."""
    found = {}
    for name, spoken in (("text_ja", "ja"), ("text_en", "en")):
        text = said.get(name, "")
        if not text or _optional(language, text):
            continue
        read = texts.specimen(text, spoken, said["takes_effect"], agent)
        if blocking := next((each for each in texts.objections(read, spoken) if each.blocks), None):
            found[name] = say(language, blocking.sentence, **blocking.facts)
    return found


# -- the audience ---------------------------------------------------------------------------------


def _names(
    session: Session, language: str, said: Mapping[str, str], picked: Mapping[str, Sequence[str]]
) -> tuple[Sequence[str], dict[str, str]]:
    chosen = said.get("audience", "")
    if chosen not in AUDIENCES:
        return (), {"audience": say(language, "Choose one.")}
    if chosen == TAG:
        names = tuple(picked.get("tag", ()))
        return names, _tags(session, language, names)
    names, fault = audience.names_typed(session, language, chosen, said, picked)
    wrong = publish.problems(session, language, Wanted(chosen, names))
    return names, wrong | ({"names": fault} if fault else {})


def _tags(session: Session, language: str, names: Sequence[str]) -> dict[str, str]:
    if not names:
        return {"names": say(language, "Enter at least one.")}
    there = recipients.tags(session)
    for line, name in enumerate(names, 1):
        if name not in there:
            return {"names": say(language, "Line {n}: “{name}” is not known.", n=line, name=name)}
    return {}
