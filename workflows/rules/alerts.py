"""[alerts]: where it is told that unusually many write, or nobody, and how often that may happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workflows.rules.calendar_words import Days, days_of
from workflows.rules.chatwork import room_of
from workflows.rules.file import CHANNEL, CHANNEL_IS, Section

KNOWN: dict[str, set[str] | None] = {
    "alerts": {"channel", "room", "per_week", "ceiling", "silence", "themes", "drift"},
    "alerts.seasons": None,
}
#: Alerts a week that may be wished for; more are read by nobody.
MOST = 20
#: What a season may be of the usual, in percent; and the length of its name.
LEAST_PERCENT, MOST_PERCENT, LONGEST_NAME = 10, 1000, 60


@dataclass(frozen=True)
class Season:
    """Days of every year in which more come than else, or fewer. `percent`: of the usual; 0 where it is not given."""

    name: str
    days: Days
    percent: int = 0


@dataclass(frozen=True)
class Alerts:
    """`channel` in Slack and `room`, the name of one in `[chatwork.rooms]`, hear of it; without both they are off.

    `per_week`: how often the past would have alarmed: of too many and drifts, of too few, and by themes. `ceiling`: so
    many in half an hour alarm whatever is usual; 0 for none. `silence`: is it told that unusually few write? `themes`:
    are themes watched by themselves? `drift`: is it told that for days a little more than usual come? `seasons`: of the
    year, which are expected.
    """

    channel: str = ""
    room: str = ""
    per_week: int = 1
    ceiling: int = 0
    silence: bool = True
    themes: bool = True
    drift: bool = True
    seasons: tuple[Season, ...] = ()

    @property
    def on(self) -> bool:
        """Is there anybody to tell?"""
        return bool(self.channel or self.room)


def alerts(file: Section) -> dict[str, Any]:
    """What of the rules this section says."""
    section, usual = file.section("alerts"), Alerts()
    return {
        "alerts": Alerts(
            section.matching("channel", usual.channel, CHANNEL, CHANNEL_IS),
            room_of(section, file),
            section.number("per_week", usual.per_week, 1, MOST),
            section.number("ceiling", usual.ceiling, 0, 1_000_000),
            section.switch("silence", default=usual.silence),
            section.switch("themes", default=usual.themes),
            section.switch("drift", default=usual.drift),
            _seasons(section.section("seasons")),
        )
    }


def _seasons(section: Section) -> tuple[Season, ...]:
    found = tuple(_season(section, name) for name in section.table)
    whose: dict[date, str] = {}
    for season in found:
        for day in (date(2000, 1, 1) + timedelta(days=number) for number in range(366)):  # 2000 had a 29 February
            if day in season.days and whose.setdefault(day, season.name) != season.name:
                section.wrong(
                    season.name, f'overlaps "{whose[day]}" on {day.isoformat()[5:]}; let each day be of one season'
                )
    return found


def _season(section: Section, name: str) -> Season:
    if not name.strip() or len(name) > LONGEST_NAME:
        section.wrong(name, f"must be a name of 1 to {LONGEST_NAME} characters")
    of = section.section(name)
    of.only({"days", "percent"})
    return Season(name, _days(of), of.number("percent", 0, LEAST_PERCENT, MOST_PERCENT) if "percent" in of.table else 0)


def _days(section: Section) -> Days:
    text = section.written("days", "")
    try:
        days = days_of(text)
    except ValueError as error:
        section.wrong("days", str(error))
    if days.first[0]:
        section.wrong("days", f'has "{text}"; a season comes every year, so write it without a year (11-01..01-31)')
    return days
