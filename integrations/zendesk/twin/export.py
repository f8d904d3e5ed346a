"""The twin's exports: what changed, in the order in which it did, without the newest minute.

https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api
"""

from __future__ import annotations

import base64
import bisect
from typing import Any
from urllib.parse import urlencode

from integrations.twin import Ask, Said, route
from integrations.zendesk.twin.account import Account

#: Seconds that the export keeps back.
WITHHELD = 60
SCOPES = {"agent": ("agent",), "ai_agent": ("ai_agent",), "all": ("agent", "ai_agent")}


class Exports(Account):
    """Answers `/api/v2/incremental/tickets`. With `ends_bare` an empty page has no cursor."""

    ends_bare = False

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._cursors: dict[str, str] = {}

    def forget_cursors(self) -> None:
        """From now on no cursor that was given out is accepted."""
        with self.lock:
            self._cursors.clear()

    @route("GET /api/v2/incremental/tickets/cursor")
    def _export(self, ask: Ask) -> Said:
        scope, size = ask.arg("support_type_scope", "agent") or "", ask.arg("per_page", "1000") or ""
        if scope not in SCOPES or not size.isdigit() or not 1 <= int(size) <= 1000:
            return _refused("InvalidParameter", "a parameter was invalid")
        begin = self._begin(ask, scope)
        if isinstance(begin, Said):
            return begin
        known = [entry for entry in self._known() if self.tickets[entry[1]].support_type in SCOPES[scope]]
        if ask.arg("exclude_deleted") == "true":
            known = [entry for entry in known if self.tickets[entry[1]].status != "deleted"]
        first = bisect.bisect_right(known, begin)
        shown, rest = known[first : first + int(size)], known[first + int(size) :]
        return self._page(ask, scope, shown, (shown or [begin])[-1], not rest)

    def _begin(self, ask: Ask, scope: str) -> tuple[int, int] | Said:
        """After which entry of the log the page begins."""
        if cursor := ask.arg("cursor"):
            if self._cursors.get(cursor) != scope:
                return _refused("InvalidCursor", "Cursor parameter was invalid")
            moment, _, id = base64.b64decode(cursor).decode().rstrip("|").partition("||")
            return int(float(moment)), int(id)
        start = ask.arg("start_time") or ""
        if not start.isdigit():
            return _refused("InvalidParameter", "start_time was invalid")
        if int(start) > self.clock.now() - WITHHELD:
            return _refused("StartTimeTooRecent", "start_time must be more than 60 seconds ago")
        return int(start), 0

    def _known(self) -> list[tuple[int, int]]:
        """The log but for its newest minute."""
        return self.log[: bisect.bisect_right(self.log, (int(self.clock.now()) - WITHHELD, 1 << 62))]

    def _page(self, ask: Ask, scope: str, shown: list[tuple[int, int]], last: tuple[int, int], at_end: bool) -> Said:
        cursor: str | None = base64.b64encode(f"{last[0]}.0||{last[1]}|".encode()).decode()
        self._cursors[str(cursor)] = scope
        base = f"http://{ask.host}"
        query = urlencode({"cursor": cursor, "support_type_scope": scope})
        url: str | None = f"{base}/api/v2/incremental/tickets/cursor.json?{query}"
        if self.ends_bare and not shown:
            cursor = url = None
        tickets = [self.tickets[id].shown(base, moment) for moment, id in shown]
        links = {"after_url": url, "after_cursor": cursor, "before_url": None, "before_cursor": None}
        return Said(200, {"tickets": tickets, **links, "end_of_stream": at_end})

    @route("GET /api/v2/incremental/tickets/sample")
    def _sample(self, ask: Ask) -> Said:
        start = self._begin(ask, "agent")
        if isinstance(start, Said):
            return start
        found = [entry for entry in self._known() if entry > start][:50]
        tickets = [self.tickets[id].shown(f"http://{ask.host}", moment) for moment, id in found]
        end = {"end_time": found[-1][0] if found else start[0], "end_of_stream": True, "next_page": None}
        return Said(200, {"tickets": tickets, "count": len(tickets), **end})


def _refused(code: str, title: str) -> Said:
    return Said(400, {"errors": [{"code": code, "status": "400", "title": title}]})
