"""The workspace's office hours in the Intercom twin: what its settings page holds, and what the API says of it.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/office-hours
"""

from __future__ import annotations

from datetime import date

from integrations.intercom.twin.as_json import listed
from integrations.intercom.twin.asks import Refusal, api
from integrations.intercom.twin.canvas import Cards
from integrations.intercom.twin.data import Json
from integrations.twin import Ask

DAY = 24 * 60
WHOLE_WEEK = (0, 7 * DAY - 1)


class Hours(Cards):
    """Office hours, kept by hand (`add_office_hours`, `add_other_day`), read over the API."""

    def add_office_hours(self, id: str, name: str, zone: str, *spans: tuple[int, int]) -> None:
        """Office hours in minutes after Monday, 0:00; without any it is open all the time."""
        self.books.office_hours[id] = {
            "type": "office_hours_schedule",
            "id": id,
            "name": name,
            "time_zone_name": zone,
            "time_intervals": [_interval(start, end, start // DAY) for start, end in spans or (WHOLE_WEEK,)],
            "twenty_four_seven": not spans,
            "created_at": 1717200000,
            "updated_at": 1717200000,
        }
        self.books.other_days[id] = []

    def add_other_day(
        self, id: str, day: str, *spans: tuple[int, int], name: str | None = None, yearly: bool = False
    ) -> None:
        """A day that differs: with these hours, in minutes after midnight, or closed where there are none."""
        others = self.books.other_days[id]
        weekday = date.fromisoformat(day).weekday()
        others.append(
            {
                "type": "office_hours_exception",
                "id": str(len(others) + 1),
                "office_hours_schedule_id": id,
                "exception_date": day,
                "exception_type": "custom_hours" if spans else "closed",
                "name": name,
                "time_intervals": [_interval(start, end, weekday) for start, end in spans] or None,
                "recurring_annually": yearly,
                "created_at": 1717200000,
                "updated_at": 1717200000,
            }
        )

    @api("GET /office_hours_schedules")
    def get_office_hours(self, ask: Ask) -> Json:
        return listed("office_hours_schedule.list", "data", list(self.books.office_hours.values()))

    @api("GET /office_hours_schedules/{id}/office_hours_exceptions")
    def get_other_days(self, ask: Ask, id: str) -> Json:
        if id not in self.books.office_hours:
            raise Refusal(404, "not_found", "Resource Not Found")
        return listed("office_hours_exception.list", "data", self.books.other_days[id])


def _interval(start: int, end: int, weekday: int) -> Json:
    return {"start_minute": start, "end_minute": end, "day_of_week": weekday}
