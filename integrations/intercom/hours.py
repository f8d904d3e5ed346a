"""Office hours as Intercom keeps them: the hours of a week, and the days that differ from it.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/office-hours
They are the workspace's (a schedule has a name, and no teammate). The token needs `read_write_office_hours`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from integrations.contract import Malformed
from integrations.untrusted import Node

DAY, WEEK = 24 * 60, 7 * 24 * 60
#: How Intercom writes the end of a week that is open all the time.
LAST_MINUTE = WEEK - 1
#: Intervals of one day, in minutes after midnight; the end is no part of one.
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class OtherDay:
    """A day with hours of its own, or without any (`spans` is empty); `yearly`: on this date in every year."""

    day: date
    spans: Spans
    yearly: bool
    name: str = ""


@dataclass(frozen=True)
class Schedule:
    """Office hours: seven days of the clock in `zone` (an IANA name), Monday first, and the days that differ."""

    id: str
    name: str
    zone: str
    week: tuple[Spans, ...]
    days: tuple[OtherDay, ...] = ()


def schedules(node: Node) -> tuple[Schedule, ...]:
    """All of a workspace, without the days that differ. Raises Malformed."""
    return tuple(_schedule(one) for one in node["data"].items())


def days(node: Node) -> tuple[OtherDay, ...]:
    """The days that differ, in order. Raises Malformed."""
    return tuple(sorted((_day(one) for one in node["data"].items()), key=lambda one: one.day))


def _schedule(node: Node) -> Schedule:
    always = [(0, WEEK)] if node["twenty_four_seven"] else []
    week = _joined(always or [_interval(one, WEEK) for one in node["time_intervals"].items()])
    return Schedule(
        node["id"].text(),
        node["name"].text(or_=""),
        node["time_zone_name"].text(),
        tuple(_part(week, number * DAY) for number in range(7)),
    )


def _day(node: Node) -> OtherDay:
    written = node["exception_date"]
    try:
        day = date.fromisoformat(written.text())
    except ValueError:
        raise Malformed(written.path, "is no date") from None
    if not 2000 <= day.year < 2200:
        raise Malformed(written.path, "is a date of another age")
    is_closed = node["exception_type"].text() == "closed"
    spans = () if is_closed else _joined(_interval(one, DAY) for one in node["time_intervals"].items())
    return OtherDay(day, spans, bool(node["recurring_annually"]), node["name"].text(or_=""))


def _interval(node: Node, most: int) -> tuple[int, int]:
    start, end = node["start_minute"].number(), node["end_minute"].number()
    end = WEEK if end == LAST_MINUTE else end
    if not 0 <= start < end <= most:
        raise Malformed(node.path, f"is no interval within {most} minutes")
    return start, end


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same time in order, those that touch or overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _part(week: Spans, midnight: int) -> Spans:
    """What of a week lies within the day that begins at a minute of it, in minutes of that day."""
    cut = ((max(start - midnight, 0), min(end - midnight, DAY)) for start, end in week)
    return tuple((start, end) for start, end in cut if start < end)
