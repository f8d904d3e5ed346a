"""Sentences in Japanese and English. English is the key; `locale/ja.po` holds the Japanese.

`locale/en.po` holds the few words that are kept under one name and said as another: a wish is a “Request” to readers.

wording.say("ja", "Filed as {feedback}.", feedback="FB-12")   # 「FB-12 として登録しました。」
wording.time("en", now_ms())                                    # Sat 21 Nov 14:05, on the company's clock
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from datetime import date as calendar_date
from datetime import tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from babel.dates import format_date, get_day_names, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from workflows.engine.store import DAY_MS, now_ms
from workflows.language.plurals import counted
from workflows.rules import rules

LOCALES = Path(__file__).with_name("locale")


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The words of a language; English has them for what is kept under another name."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


#: How every sentence is told that was said in a dry run (`engine.dry_run.marked`): nobody shall take it for done.
DRY = "Dry run, nothing was written: {what}"


def say(language: str, sentence: str, /, **facts: Any) -> str:
    """The sentence in a language, with its gaps filled. A sentence without a translation stays English."""
    if not sentence:
        return ""
    if facts.pop("dry", False):
        return say(language, DRY, what=say(language, sentence, **facts))
    words = catalogue(language)
    translated = words.gettext(sentence)
    if translated is sentence and not facts:
        sentence, facts = taken_apart(sentence)
        translated = words.gettext(sentence)
    if translated is sentence:
        translated = counted(language, sentence, facts)

    def fill(gap: re.Match[str]) -> str:
        name = gap.group(1)
        if name not in facts:
            return gap.group(0)
        if name in TRANSLATED:
            return say(language, str(facts[name]))
        return called(language, str(facts[name])) if name in COLLEAGUES else str(facts[name])

    return GAP.sub(fill, translated)


#: Only plain names are gaps: whatever else stands in braces came from a vendor and is no format.
GAP = re.compile(r"\{(\w+)\}")
#: Facts that are English words or sentences of ours, not names or texts of others.
TRANSLATED = ("kind", "former_kind", "why")
#: Facts that are names of colleagues.
COLLEAGUES = ("name", "agent", "who")
#: How whoever comes in by a one-time link is called: they have no other name, and it is kept in the company's language.
NAMELESS = "Admin"


def called(language: str, name: str) -> str:
    """A colleague's name as it is kept; of whoever has none, what they are called in this language."""
    return catalogue(language).gettext(NAMELESS) if name in _nameless() else name


@cache
def _nameless() -> frozenset[str]:
    return frozenset({NAMELESS, catalogue("ja").gettext(NAMELESS)})


#: The finished sentences of `integrations`, which know no catalogue: the first that fits is taken apart again.
TROUBLES = (
    "{vendor} answered {status}: it {why}",
    "{vendor} answered {status} to {call} with a broken body",
    "{vendor} answered {status} to {call}",
    "{vendor} cannot be reached ({error})",
    "{vendor} did not answer ({error})",
    "{vendor} has not answered lately",
    "{vendor} is slow: {calls} calls wait for its answer",
    "{vendor}'s address or token cannot be sent ({error})",
    "Productboard does not accept the access token ({error})",
    "Intercom cannot find what we asked for ({error})",
)
SHAPES = [(shape, re.compile(GAP.sub(r"(?P<\1>.+)", re.sub(r"([().])", r"\\\1", shape)))) for shape in TROUBLES]


def taken_apart(sentence: str) -> tuple[str, dict[str, Any]]:
    """A client's finished sentence as one with gaps, and the facts for them; itself where none fits."""
    for shape, pattern in SHAPES:
        if match := pattern.fullmatch(sentence):
            return shape, match.groupdict()
    return sentence, {}


def weekday(language: str, number: int) -> str:
    """水, or Wednesday; 0 is Monday."""
    return str(get_day_names("narrow" if language == "ja" else "wide", locale=language)[number])


def full_weekday(language: str, number: int) -> str:
    """水曜日, or Wednesday: where it stands by itself."""
    return str(get_day_names("wide", locale=language)[number])


#: How days are written where people read them, and in letters to customers: without a year and with it.
DAYS = {"ja": ("M/d(EEE)", "y/M/d(EEE)"), "en": ("EEE d MMM", "EEE d MMM y")}
LETTER_DAYS = {"ja": ("M月d日", "y年M月d日"), "en": ("d MMMM", "d MMMM y")}


def date(language: str, at_ms: int) -> str:
    """11/21(土), or Sat 21 Nov; with the year where it is not this one."""
    return _day(language, rules.calendar.local(at_ms).date(), DAYS)


def promised_day(language: str, day: str) -> str:
    """The same of a day as it is kept, YYYY-MM-DD."""
    return _day(language, calendar_date.fromisoformat(day), DAYS)


def month(language: str, of: str) -> str:
    """2026/11, or Nov 2026; of a month as 2026-11."""
    return calendar_date.fromisoformat(f"{of}-01").strftime("%Y/%m" if language == "ja" else "%b %Y")


def full_date(language: str, at_ms: int) -> str:
    """2026/11/21(土), or Sat 21 Nov 2026: in what stays elsewhere, and is read in another year."""
    return format_date(rules.calendar.local(at_ms).date(), DAYS[language][1], locale=language)


def full_time(language: str, at_ms: int) -> str:
    """The date with its year and 14:05."""
    return f"{full_date(language, at_ms)} {hour(at_ms)}"


def letter_day(language: str, at_ms: int) -> str:
    """9月27日, or 27 September: as a letter says it."""
    return _day(language, rules.calendar.local(at_ms).date(), LETTER_DAYS)


def _day(language: str, day: calendar_date, patterns: Mapping[str, tuple[str, str]]) -> str:
    is_other_year = day.year != rules.calendar.local(now_ms()).year
    return _formatted(language, day, patterns[language][is_other_year])


@lru_cache(maxsize=4096)
def _formatted(language: str, day: calendar_date, pattern: str) -> str:
    """A day, written once: a long list names the same few days hundreds of times."""
    return format_date(day, pattern, locale=language)


def time(language: str, at_ms: int) -> str:
    """The date and 14:05."""
    return f"{date(language, at_ms)} {hour(at_ms)}"


def brief(language: str, now: int, at_ms: int) -> str:
    """A moment where there is little room: the time, with the day unless it is today's."""
    return hour(at_ms) if _is_today(now, at_ms) else time(language, at_ms)


def hour(at_ms: int) -> str:
    """A time of day, where the day stands above it."""
    return f"{rules.calendar.local(at_ms):%H:%M}"


def exactly(at_ms: int) -> str:
    """A time of day to the second."""
    return f"{rules.calendar.local(at_ms):%H:%M:%S}"


def to_the_second(language: str, now: int, at_ms: int) -> str:
    """A moment to the second, with the day unless it is today's: events of one second follow one another."""
    return exactly(at_ms) if _is_today(now, at_ms) else f"{date(language, at_ms)} {exactly(at_ms)}"


def _is_today(now: int, at_ms: int) -> bool:
    return rules.calendar.local(at_ms).date() == rules.calendar.local(now).date()


def length(language: str, milliseconds: int) -> str:
    """How long something took or takes: 5 min, 3 h, 12 days."""
    minutes = max(0, milliseconds) // 60_000
    if minutes < 1:
        return say(language, "under a minute")
    if minutes < 60:
        return say(language, "{n} min", n=minutes)
    if minutes < 24 * 60:
        return say(language, "{n} h", n=minutes // 60)
    return say(language, "{n} days", n=minutes // (24 * 60))


def age(language: str, now: int, at_ms: int) -> str:
    """How old something is: 5 min, 3 h; from a day on in days of the calendar, so that all of one day are as old."""
    days = rules.calendar.days(at_ms, now)
    if now - at_ms < DAY_MS or not days:
        return length(language, now - at_ms)
    return say(language, "{n} days", n=days)


def ago(language: str, now: int, at_ms: int) -> str:
    """How long ago something was: just now, 5 min ago, 12 days ago."""
    if now - at_ms < 60_000:
        return say(language, "just now")
    return say(language, "{length} ago", length=age(language, now, at_ms))


@lru_cache(4096)
def money(language: str, amount: float) -> str:
    """An amount of yen: 480,000円, or ¥480,000."""
    number = format_decimal(round(amount), locale=language)
    return f"{number}円" if language == "ja" else f"¥{number}"


def zoned(language: str, at_ms: int) -> str:
    """The date and 14:05, and whose: 日本標準時, British Summer Time."""
    is_summer = bool(rules.calendar.local(at_ms).dst())
    return f"{time(language, at_ms)} {_zone(language, rules.calendar.zone, is_summer)}"


@cache
def _zone(language: str, zone: tzinfo, is_summer: bool) -> str:
    variant: Literal["daylight", "standard"] = "daylight" if is_summer else "standard"
    return get_timezone_name(zone, zone_variant=variant, locale=language)
