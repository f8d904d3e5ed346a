"""[triage], [weight], [context], [promises] and [jira]: how wishes are filed, weighed and decided.

`amount` of money is in whatever unit Intercom keeps a company's monthly spend in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from workflows.rules.calendar_words import WEEKDAYS
from workflows.rules.choices import LEVELS, PROMISES
from workflows.rules.file import CHANNEL, CHANNEL_IS, EMAIL, EMAIL_IS, Section

#: What a wording of a promise may be filled in with.
PROMISE_GAPS = ("by", "name", "weekday")
KNOWN = {
    "triage": {"weekday", "time", "agenda_weekday", "agenda_time", "undo_seconds", "channel", "mail", "mail_minutes"},
    "weight": {"company", "money", "week", "weeks"},
    "weight.tier": None,
    "weight.importance": set(LEVELS),
    "weight.temperature": set(LEVELS),
    "context": {"remind_minutes"},
    "jira": {"project", "issue_type"},
}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_GAP = re.compile(rf"\{{(?:{'|'.join(PROMISE_GAPS)})\}}")
#: What is left of braces where the known gaps are taken out.
_BRACES = re.compile(r"\{[^{}\n]*\}?|\}")
TIME_IS = "a time such as 15:00"


@dataclass(frozen=True)
class Triage:
    """When the meeting is (0 is Monday, the calendar's zone), and who hears what comes of it."""

    weekday: int = 2
    meets_at: time = time(15)
    agenda_weekday: int = 2
    agenda_at: time = time(9, 30)
    #: A conclusion can be taken back for so long, before anybody hears of it.
    undo_seconds: int = 60
    #: Where conclusions and the agenda are posted; "" for the support channel.
    channel: str = ""
    mail: tuple[str, ...] = ()
    #: One mail says everything that was decided, so long after the last decision; 0 for a mail for each at once.
    mail_minutes: int = 30


@dataclass(frozen=True)
class Weight:
    """Points: each company once, its tier, its money, then the highest importance and temperature, and the age."""

    company: int = 10
    #: One point for so much monthly spend of all companies together; 0 leaves money out.
    money: int = 10_000
    tier: Mapping[str, int] = field(default_factory=dict)
    importance: Mapping[str, int] = field(default_factory=lambda: {"high": 12, "medium": 6, "low": 0})
    temperature: Mapping[str, int] = field(default_factory=lambda: {"high": 8, "medium": 4, "low": 0})
    #: For each whole week since it was said, and for so many weeks at most.
    week: int = 1
    weeks: int = 12


@dataclass(frozen=True)
class Promise:
    """An approved sentence with which an agent takes a wish: what it promises, and its words by language."""

    name: str
    level: str
    words: Mapping[str, str]


USUAL_PROMISES = (
    Promise(
        "report",
        "report",
        {
            "ja": "{name}様、ご要望をお聞かせいただきありがとうございます。ご事情とあわせて、社内の検討会"
            "(毎週{weekday}曜日)で検討いたします。実現をお約束することはできかねますが、結論が出ましたら{by}ご報告いたします。",
            "en": "Thank you for telling us, {name}. We will look at this, and at what you need it for, in our product "
            "meeting (every {weekday}). We cannot promise to build it, but we will tell you {by} what we decide.",
        },
    ),
    Promise(
        "listen",
        "listen",
        {
            "ja": "{name}様、貴重なご意見をありがとうございます。今後の参考とさせていただきます。",
            "en": "Thank you for telling us, {name}. We keep this in mind when we plan what comes next.",
        },
    ),
)


def triage(file: Section) -> dict[str, Any]:
    """What these sections say, as fields of the rules."""
    jira = file.section("jira")
    return {
        "triage": _meeting(file.section("triage")),
        "weight": _weight(file.section("weight")),
        "promises": _promises(file.section("promises")),
        "context_remind_minutes": file.section("context").number("remind_minutes", 480, 0, 100_000),
        "jira_project": jira.written("project", "").strip(),
        "jira_issue_type": jira.written("issue_type", "Story").strip(),
    }


def _meeting(section: Section) -> Triage:
    usual = Triage()
    mail = tuple(each.strip() for each in section.texts("mail", usual.mail))
    for address in mail:
        if not EMAIL.fullmatch(address):
            section.wrong("mail", f"has {address!r}; each must be {EMAIL_IS}")
    return Triage(
        weekday=weekday_of(section, "weekday", usual.weekday),
        meets_at=time_of(section, "time", usual.meets_at),
        agenda_weekday=weekday_of(section, "agenda_weekday", usual.agenda_weekday),
        agenda_at=time_of(section, "agenda_time", usual.agenda_at),
        undo_seconds=section.number("undo_seconds", usual.undo_seconds, 0, 3600),
        channel=section.matching("channel", usual.channel, CHANNEL, CHANNEL_IS),
        mail=mail,
        mail_minutes=section.number("mail_minutes", usual.mail_minutes, 0, 1440),
    )


def weekday_of(section: Section, name: str, usual: int) -> int:
    """The day of the week under this name, mon … sun; 0 is Monday."""
    return WEEKDAYS.index(section.choice(name, WEEKDAYS[usual], WEEKDAYS))


def time_of(section: Section, name: str, usual: time) -> time:
    """The time of day under this name, on the clock of whoever it is for."""
    written = section.matching(name, f"{usual:%H:%M}", _TIME, TIME_IS)
    match = _TIME.fullmatch(written)
    if match is None:
        section.wrong(name, f"must be {TIME_IS}")
    return time(int(match[1]), int(match[2]))


def _weight(section: Section) -> Weight:
    usual = Weight()
    tiers = section.section("tier")
    return Weight(
        company=section.number("company", usual.company, 0, 1000),
        money=section.number("money", usual.money, 0, 10**9),
        tier={name: tiers.number(name, 0, 0, 1000) for name in tiers.table},
        importance=_three(section.section("importance"), usual.importance),
        temperature=_three(section.section("temperature"), usual.temperature),
        week=section.number("week", usual.week, 0, 1000),
        weeks=section.number("weeks", usual.weeks, 0, 1000),
    )


def _three(section: Section, usual: Mapping[str, int]) -> dict[str, int]:
    return {name: section.number(name, usual[name], 0, 1000) for name in LEVELS}


def _promises(section: Section) -> tuple[Promise, ...]:
    return tuple(_promise(section.section(name), name) for name in section.table) or USUAL_PROMISES


def _promise(section: Section, name: str) -> Promise:
    section.only({"level", "ja", "en"})
    words = {language: section.written(language, "").strip() for language in ("ja", "en")}
    for language, text in words.items():
        if not text:
            section.wrong(language, "needs the sentence that agents may use")
        if unknown := _BRACES.search(_GAP.sub("", text)):
            section.wrong(
                language, f"has an unknown gap {unknown[0]}; it may use {', '.join(PROMISE_GAPS)}", unknown[0]
            )
    return Promise(name, section.choice("level", "", PROMISES), words)
