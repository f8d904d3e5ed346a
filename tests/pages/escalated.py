"""An escalation put on record as it stands, for pages to show."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from tests.escalating import OWNER, Escalating
from tests.world import World
from workflows.engine.store import now_ms, store
from workflows.rules.calendar import Calendar
from workflows.tables.escalation import Escalation
from workflows.tables.people import Colleague

MINUTE = 60_000


ALWAYS = Calendar.of(
    zone="UTC", hours={day: ["0:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
)


def put(world: World, **others: Any) -> int:
    """An escalation as it may lie in the database; its id."""
    number = len(Escalating(world).all()) + 1
    values = {
        "origin": f"o{number}",
        "via": "shortcut",
        "raised_by_name": "田中 みなみ",
        "company_id": "101",
        "company": "株式会社あおば製作所",
        "request": "action",
        "urgency": "now",
        "temperature": "high",
        "gist": "請求額が二重に引き落とされた",
        "state": "open",
        "chain": [{"role": "owner", "person": OWNER}],
        "person": OWNER,
        "role": "owner",
        "next_person": OWNER,
        "due_at": now_ms() + 60 * MINUTE,
        "raised_at": now_ms(),
    } | others

    def work(session: Session) -> int:
        row = Escalation(**values)
        session.add(row)
        session.merge(Colleague(id=OWNER, name="森 拓也", seen_at=now_ms()))
        session.flush()
        return row.id or 0

    return store.write(work)
