"""Business time: when people work, on the clock of their own wall, without holidays.

    calendar.is_open(now)          is anybody there?
    calendar.next_open(now)        the first moment at which somebody is; `now` itself, if it is one
    calendar.add(now, 15)          the first such moment with 15 minutes of business time between now and then
    calendar.minutes(start, end)   business time between two moments, in whole minutes
    calendar.start_of(day)         the first opening on a day, or on the first open day after it
    calendar.between(start, end)   when somebody works between two moments, from when until when each time
    calendar.end_of_day(now)       when this business day ends: today's, or the next one's once today's is over
    calendar.local(now)            what the clock on the wall shows
    calendar.moment(day)           when a day begins, or when the wall shows a time on it

Moments are milliseconds since 1970. Several intervals a day; the end of one is no part of it. Hours are what the wall
clock shows, so that a night without its third hour, or with two of them, has what people there live through.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.rules.calendar_words import WEEKDAYS, Exempt, Hours, country_of, exempt, holidays_of, hours_of, zone_of

#: Intervals of one day, as moments.
Spans = tuple[tuple[int, int], ...]

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MIDNIGHT = time()
EPOCH, EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC), date(1970, 1, 1).toordinal()
#: The days that a calendar knows about. What lies beyond is a typing error.
FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)
#: After so many years without an opening there will be none: weekdays and dates have met in every way.
CYCLE_YEARS = 28


@dataclass(frozen=True)
class Calendar:
    """When people work. Of the exceptions the first that knows a day decides; then holidays do, then the weekday.

    Raises ValueError where nobody would ever work.
    """

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    country: str = ""
    exceptions: tuple[Exempt, ...] = ()
    _known: dict[int, Spans] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not any(self.hours) or not any(self.hours_on(day) for day in self._ordinary_days()):
            raise ValueError("never opens")

    @classmethod
    def of(
        cls,
        zone: str = "Asia/Tokyo",
        country: str = "",
        hours: Mapping[str, Sequence[str]] | None = None,
        closed: Iterable[str] = (),
        opened: Iterable[str] = (),
    ) -> Calendar:
        """In the words of the rules: `Calendar.of(hours={"mon": ["9:00-12:00"]}, closed=["12-29..01-03"])`."""
        given = dict.fromkeys(WEEKDAYS, ()) | {day: hours_of(texts) for day, texts in (hours or {}).items()}
        return cls(zone_of(zone), tuple(given.values()), country_of(country), exempt(closed, opened))

    # -- questions ----------------------------------------------------------------------------

    def is_open(self, at: int) -> bool:
        """Does somebody work at this moment?"""
        return any(start <= at < end for start, end in self._spans(self._day_of(at)))

    def is_closed(self, day: date) -> bool:
        """Does nobody work on this day?"""
        return not self._spans(day.toordinal())

    def next_open(self, at: int) -> int:
        """The first moment from this one on at which somebody works."""
        return self.add(at, 0)

    def add(self, at: int, minutes: int) -> int:
        """The first moment at which somebody works and so many minutes of business time have passed since this one."""
        if minutes < 0:
            raise ValueError("business time does not run backwards")
        left = minutes * MINUTE_MS
        for day in range(self._day_of(at), LAST.toordinal() + 1):
            for start, end in self._spans(day):
                start = max(start, at)
                if left < end - start:
                    return start + left
                left -= max(end - start, 0)
        raise _beyond()

    def minutes(self, start: int, end: int) -> int:
        """Whole minutes of business time between two moments; 0 where the end lies before the start."""
        if end <= start:
            return 0
        first, last = self._day_of(start), self._day_of(end)
        if first == last:
            return _length(self._spans(first), start, end) // MINUTE_MS
        total = _length(self._spans(first), start, end) + _length(self._spans(last), start, end)
        for day in range(first + 1, last):
            for opens, closes in self._spans(day):
                total += closes - opens
        return total // MINUTE_MS

    def between(self, start: int, end: int) -> list[tuple[int, int]]:
        """From when until when somebody works between two moments, in order."""
        days = range(self._day_of(start), self._day_of(end) + 1)
        cut = ((max(opens, start), min(closes, end)) for day in days for opens, closes in self._spans(day))
        return [(opens, closes) for opens, closes in cut if opens < closes]

    def start_of(self, day: date) -> int:
        """When somebody first works on a day; where nobody does, on the first day after it."""
        for later in range(day.toordinal(), LAST.toordinal() + 1):
            if spans := self._spans(later):
                return spans[0][0]
        raise _beyond()

    def end_of_day(self, at: int) -> int:
        """When the business day ends that is now, or else that comes next."""
        return self._spans(self._day_of(self.next_open(at)))[-1][1]

    @property
    def day_minutes(self) -> int:
        """How long an ordinary business day is: the longest of the week."""
        return max(sum(end - start for start, end in hours) for hours in self.hours)

    # -- the clock on the wall ----------------------------------------------------------------

    def local(self, at: int) -> datetime:
        """The day and the time that the wall shows at a moment."""
        return datetime.fromtimestamp(at / 1000, self.zone)

    def moment(self, day: date, clock: time = MIDNIGHT) -> int:
        """When the wall shows a time on a day: the first time of two, and the hour after where it is left out."""
        return int(datetime.combine(day, clock, self.zone).timestamp() * 1000)

    def days(self, since: int, until: int) -> int:
        """How many days later it is by the calendar: 1 from any time of yesterday to any of today; never below 0."""
        return max(0, self._day_of(until) - self._day_of(since))

    # -- days ---------------------------------------------------------------------------------

    def hours_on(self, day: date) -> Hours:
        """The hours of a day. An extra day has those of its weekday or, where that has none, of the week's first."""
        of_weekday = self.hours[day.weekday()]
        for exception in self.exceptions:
            if day in exception.days:
                return (of_weekday or next(filter(None, self.hours))) if exception.is_open else ()
        return () if day in holidays_of(self.country, day.year) else of_weekday

    def _ordinary_days(self) -> Iterable[date]:
        """A cycle of days after all exceptions that have a year: what this calendar comes to in the end."""
        after = max((exception.days.last[0] for exception in self.exceptions), default=0) or 2025  # any year will do
        start = date(after + 1, 1, 1)
        return (start + timedelta(days=number) for number in range(CYCLE_YEARS * 366))

    def _spans(self, day: int) -> Spans:
        """When somebody works on a day (its ordinal); worked out once."""
        spans = self._known.get(day)
        if spans is None:
            if not FIRST.toordinal() <= day <= LAST.toordinal():
                raise _beyond()
            spans = self._known[day] = self._moments(day, self.hours_on(date.fromordinal(day)))
        return spans

    def _moments(self, day: int, hours: Hours) -> Spans:
        """A day's intervals as moments. Where the clocks change nearby, each side of the change has its own offset."""
        if not hours:
            return ()
        midnight = (day - EPOCH_DAY) * DAY_MS  # were this UTC; offsets reach from -12 to +14 hours
        early, late = midnight - 15 * HOUR_MS, midnight + 37 * HOUR_MS
        sides = [(early, late, self._offset(early))]
        if self._offset(late) != self._offset(early):
            change = self._change(early, late)
            sides = [(early, change, self._offset(early)), (change, late, self._offset(late))]
        return tuple(
            sorted(
                (start, end)
                for since, until, offset in sides
                for opens, closes in hours
                if (start := max(since, midnight + opens * MINUTE_MS - offset))
                < (end := min(until, midnight + closes * MINUTE_MS - offset))
            )
        )

    def _change(self, early: int, late: int) -> int:
        """The first moment at which the clocks have changed; they do so once, within two days and four hours."""
        before = self._offset(early)
        return early + bisect_left(range(early, late), True, key=lambda at: self._offset(at) != before)

    def _day_of(self, at: int) -> int:
        """The day (its ordinal) that the wall clock shows at a moment."""
        try:
            return (EPOCH + timedelta(milliseconds=at)).astimezone(self.zone).toordinal()
        except OverflowError:
            raise _beyond() from None

    def _offset(self, at: int) -> int:
        """How far the wall clock is ahead of UTC at a moment."""
        offset = (EPOCH + timedelta(milliseconds=at)).astimezone(self.zone).utcoffset()
        return (offset or timedelta()) // timedelta(milliseconds=1)


def _length(spans: Spans, since: int, until: int) -> int:
    """How much of these spans lies between two moments."""
    return sum(max(0, min(end, until) - max(start, since)) for start, end in spans)


def _beyond() -> ValueError:
    return ValueError(f"is outside of the calendar, which reaches from {FIRST} to {LAST}")
